"""`hexachord train`: models from a corpus of recordings.

Training is long: it shows how far it is, writes a checkpoint every minute or two, and the same
command goes on from there after an interruption.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.index_range import IndexRange
from bridge.cli.train_progress import require_device, require_folder
from plugin_core.audio.jit import cache_folder
from plugin_core.types import InputError


class What(StrEnum):
    """What can be trained."""

    INFERENCE = "inference"
    AUTOENCODER = "autoencoder"
    EXPRESSION = "expression"
    SYNTHESIS = "synthesis"
    MIDI2PARAMS = "midi2params"
    LIVE = "live"
    DDX7 = "ddx7"
    COMPOSER = "composer"
    CHORALE = "chorale"


_HEARING = (What.INFERENCE, What.AUTOENCODER)
_WITHOUT = {
    True: "fcaspe_web,urmp",
    False: "fcaspe_web",
}
"""Sources left out of the models of hearing, and of those of performing."""


def train(
    what: Annotated[What, typer.Argument(help="Which model.")],
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the model and its card are written.")
    ],
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder with manifest.csv and its recordings; for models of performing also your "
            "own recordings or URMP as distributed, and several.",
        ),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option(metavar="DIR", help="ddx7: a folder of your own recordings.")
    ] = None,
    patch: Annotated[
        str | None,
        typer.Option(
            metavar="BANK.syx#N",
            help="ddx7: the DX7 voice that is played; else the paper's for violin, flute, trumpet.",
        ),
    ] = None,
    i_max: Annotated[
        IndexRange | None,
        typer.Option("--i-max", help="ddx7: the greatest modulation index, radians; else 2pi."),
    ] = None,
    noise: Annotated[
        bool, typer.Option("--noise/--no-noise", help="ddx7: filtered noise beside the operators.")
    ] = True,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="ddx7: with the voice's feedback, else without.")
    ] = False,
    operators: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="ddx7: some operators of a voice (1,2,5), or of the paper's (6, 4, 4x1, 2x2, 2).",
        ),
    ] = None,
    baseline: Annotated[
        bool,
        typer.Option("--baseline", help="ddx7: harmonics and noise, for the study, not a voice."),
    ] = False,
    study: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="ddx7: NAME.study for the study, not an instrument."),
    ] = None,
    contours: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of performance contours, for performing."),
    ] = None,
    instrument: Annotated[
        str | None,
        typer.Option(help="Who plays your own recordings, where folders' names do not say it."),
    ] = None,
    instruments: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="live: which instruments, separated by commas; else all. One alone names your "
            "own recordings, too, else their folder does.",
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where data and checkpoints are kept between runs."),
    ] = None,
    dropout: Annotated[
        float,
        typer.Option(min=0.0, max=0.9, help="ddx7: share of what is hidden that a step forgets."),
    ] = 0.0,
    room: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0.0, max=1.0, help="ddx7: how much is kept of the learnt room."
        ),
    ] = 1.0,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Training steps; else as many as were found good.")
    ] = None,
    copies: Annotated[
        int, typer.Option(min=0, help="Varied copies of every recording, for hearing.")
    ] = 1,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCES",
            help="Sources left out, separated by commas; else fcaspe_web, for hearing also urmp.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another model.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that analyse recordings.")] = 2,
    device: Annotated[str, typer.Option(help="cpu, or cuda where there is one.")] = "cpu",
) -> None:
    """Train a model of hearing or performing, measure it, write it with its card."""
    import torch

    from bridge.cli.train_ddx7 import Wishes, train_ddx7_model
    from bridge.cli.train_hearing import train_hearing
    from bridge.cli.train_live import train_live_model
    from bridge.cli.train_performing import train_performing

    require_device(device)
    require_folder(out)
    if contours is not None and not contours.is_dir():
        raise InputError(contours, "", "a folder of contours", "none")
    torch.set_num_threads(1)
    folder = work or cache_folder().parents[1] / "training"
    is_hearing = what in _HEARING
    names = _WITHOUT[is_hearing] if without is None else without
    left_out = tuple(name.strip() for name in names.split(",") if name.strip())
    if what is What.DDX7:
        if device != "cpu":
            raise InputError("--device", "", "cpu, on which all of DDX7's kernels run", device)
        wishes = Wishes(
            patch=patch,
            recordings=recordings,
            corpora=corpus or (),
            instrument=instrument,
            i_max=i_max,
            noise=noise,
            feedback=feedback,
            operators=operators,
            dropout=dropout,
            room_s=room,
            steps=steps,
            seed=seed,
            without=left_out,
            baseline=baseline,
            study=study,
        )
        train_ddx7_model(wishes, out, folder, jobs=jobs)
        return
    if not corpus:
        raise InputError("--corpus", "", "a folder of recordings", "none")
    if what in (What.COMPOSER, What.CHORALE):
        from bridge.cli.train_composer import train_chorale_model, train_solo_model

        if len(corpus) != 1:
            raise InputError("--corpus", "", f"one folder for {what.value}", len(corpus))
        train_notes = train_chorale_model if what is What.CHORALE else train_solo_model
        train_notes(corpus[0], out, folder, steps=steps, seed=seed)
        return
    if what is What.LIVE:
        told = instruments or instrument or ""
        train_live_model(
            corpus,
            out,
            folder,
            instruments=tuple(each.strip() for each in told.split(",") if each.strip()),
            contours=contours,
            steps=steps,
            without=left_out,
            seed=seed,
            jobs=jobs,
            device=device,
        )
        return
    if not is_hearing:
        train_performing(
            what.value,
            corpus,
            out,
            folder,
            contours=contours,
            instrument=instrument,
            steps=steps,
            without=left_out,
            seed=seed,
            jobs=jobs,
            device=device,
        )
        return
    if len(corpus) != 1:
        raise InputError("--corpus", "", f"one folder for {what.value}", len(corpus))
    train_hearing(
        what.value,
        corpus[0],
        out,
        folder,
        steps=steps,
        copies=copies,
        without=left_out,
        seed=seed,
        jobs=jobs,
        device=device,
    )
