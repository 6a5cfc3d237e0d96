"""`hexachord train expression|synthesis|midi2params`: the models of performing.

They learn from performed phrases: recordings, and the notes that are written down for them or heard
in them. A checkpoint belongs to its data: with other recordings a training begins anew.
"""

import hashlib
import importlib
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bridge.cli.train_progress import TrainingBar, training_bar
from bridge.whole_file import whole_file
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.training.performed import Performed

TRAININGS = {
    "expression": "plugin_core.training.expression_training",
    "synthesis": "plugin_core.training.synthesis_training",
    "midi2params": "plugin_core.training.midi2params_training",
}
"""Where a model's `Settings`, `train`, `measure`, `save` and, if not all, `ORIGINS` are."""
ORIGINS = ("performance", "note", "contour", "assembled")
"""What a model learns from, unless its training says."""


def train_performing(
    kind: str,
    corpora: Sequence[Path],
    out: Path,
    folder: Path,
    *,
    contours: Path | None,
    instrument: str | None,
    steps: int | None,
    without: tuple[str, ...],
    seed: int,
    jobs: int,
    device: str,
) -> None:
    """Train a model of performing, measure it on held-out phrases, write it with its card."""
    from plugin_core.training.performing_cards import performing_card, performing_card_text

    training: Any = importlib.import_module(TRAININGS[kind])
    options = {} if steps is None else {"steps": steps}
    settings = training.Settings(seed=seed, **options)
    console = Console(stderr=True)
    folder.mkdir(parents=True, exist_ok=True)
    with training_bar(console) as bar:
        performed = _read(
            corpora,
            folder,
            bar,
            contours=contours,
            instrument=instrument,
            without=without,
            jobs=jobs,
        )
        if not any(phrase.origin == "performance" for phrase in performed):
            raise InputError(corpora[0], "", "performances of several notes", "none")
        origins = getattr(training, "ORIGINS", ORIGINS)
        performed = [phrase for phrase in performed if phrase.origin in origins]
        model = training.train(
            performed,
            settings,
            folder / f"{kind}-{_digest(performed, settings)}",
            device=device,
            progress=bar.training(folder / f"{kind}.csv"),
        )
        bar.stage("Measuring")
        figures = training.measure(model, performed)
    card = {
        "name": kind,
        "made_by": "hexachord " + shlex.join(sys.argv[1:]),
        "steps": settings.steps,
        "seed": seed,
        **performing_card(performed, figures),
    }
    path = out / f"{kind}.ts"
    training.save(path, model, card)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(performing_card_text(card).encode())
    console.print(f"{path}: trained")


def _read(
    corpora: Sequence[Path],
    folder: Path,
    bar: TrainingBar,
    *,
    contours: Path | None,
    instrument: str | None,
    without: tuple[str, ...],
    jobs: int,
) -> Sequence["Performed"]:
    from plugin_core.training.performed import read_performed

    phrases: list[Performed] = []
    for number, corpus in enumerate(corpora):
        phrases += read_performed(
            corpus,
            cache=folder,
            jobs=jobs,
            progress=bar.stage("Analysing"),
            without_sources=without,
            instrument=instrument,
            contours=contours if number == 0 else None,
        )
    return phrases


def _digest(performed: Sequence["Performed"], settings: object) -> str:
    """Return a name for all that decides a training."""
    digest = hashlib.sha256(str(settings).encode())
    for phrase in performed:
        digest.update(f"{phrase.name} {phrase.is_held_out} {len(phrase.frames)}".encode())
        digest.update(str(phrase.notes).encode())
    return digest.hexdigest()[:12]
