"""`hexachord train ddx7`: recordings that play a DX7 voice, of one instrument."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bridge.cli.index_range import IndexRange
from bridge.cli.train_progress import TrainingBar, training_bar
from bridge.whole_file import whole_file
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.dx7.sysex import read_voices
from plugin_core.sounds import find_voice_file, select_voice
from plugin_core.synthesis.ddx7_model import Configuration
from plugin_core.synthesis.ddx7_voices import ALL, PAPER_VOICES, Patch, voice_ratios
from plugin_core.synthesis.instruments import NO_NOISE
from plugin_core.synthesis.study_archive import SUFFIX as STUDY_SUFFIX
from plugin_core.synthesis.study_archive import StudyModel, write_study_model
from plugin_core.training.ddx7_data import Material, corpus_material, folder_material
from plugin_core.types import InputError

_SHAPES = {"4": '"Y"', "4x1": "4x1", "2x2": "2x2"}
"""The paper's names for how four operators are routed."""

_OPERATOR_BITS, _BASELINE_BITS = 8, 4
"""Of the weights in a file of the study: a baseline of four measures no worse than one of eight."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for."""

    patch: str | None
    recordings: Path | None
    corpora: Sequence[Path]
    instrument: str | None
    i_max: IndexRange | None
    noise: bool
    feedback: bool
    operators: str | None
    dropout: float
    room_s: float
    steps: int | None
    seed: int
    without: tuple[str, ...]
    baseline: bool = False
    study: str | None = None
    """The name of a file of the study that is written instead of an instrument."""


def train_ddx7_model(wishes: Wishes, out: Path, folder: Path, *, jobs: int) -> None:
    """Train a DDX7 model, measure it on held-out recordings, write it with its card.

    The file is `ddx7-NAME.ts`, without noise `ddx7-NAME-no-noise.ts`, or a `.study`. Raises
    InputError for what cannot be read or trained.
    """
    from plugin_core.synthesis.ddx7_export import ddx7_study_model, save_ddx7_model
    from plugin_core.training.ddx7_building import build_ddx7, settings_for
    from plugin_core.training.ddx7_cards import ddx7_card_text
    from plugin_core.training.ddx7_training import run_folder

    player = _player(wishes)
    if wishes.baseline:
        _train_baseline(wishes, player, out, folder, jobs)
        return
    voice_name, patch, operators = _voice(wishes, player)
    configuration = _configuration(wishes, patch, operators)
    name = wishes.study or f"ddx7-{player}" + ("" if wishes.noise else NO_NOISE)
    folder.mkdir(parents=True, exist_ok=True)
    with training_bar(Console(stderr=True)) as bar:
        material = _material(wishes, player, folder, jobs, bar)
        settings = settings_for(
            configuration,
            material,
            steps=wishes.steps,
            seed=wishes.seed,
            dropout=wishes.dropout,
        )
        run = run_folder(folder, material, settings)
        built = build_ddx7(
            material,
            settings,
            run,
            room_s=wishes.room_s,
            progress=bar.training(run.with_suffix(".csv")),
        )
    card = {**_told(name, player), "voice": voice_name, **built.description}
    if wishes.study is not None:
        card["shape"] = _SHAPES.get(wishes.operators or "", "")
        model = ddx7_study_model(built.model, patch, built.tables, card)
        _write_study(out / f"{name}{STUDY_SUFFIX}", model, bits=_OPERATOR_BITS)
        return
    path = out / f"{name}.ts"
    save_ddx7_model(path, built.model, patch, built.tables, card)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(ddx7_card_text(card, configuration).encode())
    print(f"{path}: {voice_name}", file=sys.stderr)


def _train_baseline(wishes: Wishes, player: str, out: Path, folder: Path, jobs: int) -> None:
    """Train the study's baseline of harmonics and noise, write it."""
    from plugin_core.training.ddx7_training import run_folder
    from plugin_core.training.hpn_building import build_hpn, hpn_settings

    meaningless = {
        "--patch": wishes.patch, "--operators": wishes.operators, "--feedback": wishes.feedback,
        "--no-noise": not wishes.noise, "--dropout": wishes.dropout, "--i-max": wishes.i_max,
    }  # fmt: skip
    for option, value in meaningless.items():
        if value:
            raise InputError(option, "", "no such option with --baseline", "one")
    name = wishes.study or f"{player}-hpn"
    folder.mkdir(parents=True, exist_ok=True)
    with training_bar(Console(stderr=True)) as bar:
        material = _material(wishes, player, folder, jobs, bar)
        settings = hpn_settings(steps=wishes.steps, seed=wishes.seed)
        run = run_folder(folder, material, settings)
        model = build_hpn(
            material,
            settings,
            run,
            _told(name, player),
            room_s=wishes.room_s,
            progress=bar.training(run.with_suffix(".csv")),
        )
    _write_study(out / f"{name}{STUDY_SUFFIX}", model, bits=_BASELINE_BITS)


def _told(name: str, player: str) -> dict[str, Any]:
    """Return what a file says of who it is and how it was made."""
    made_by = "hexachord " + shlex.join(sys.argv[1:])
    return {"name": name, "instruments": [name], "instrument": player, "made_by": made_by}


def _write_study(path: Path, model: StudyModel, *, bits: int) -> None:
    """Write a model of the study, and anew the card of all that lie there."""
    from plugin_core.training.study_cards import CARD, study_card_text

    write_study_model(path, model, bits=bits)
    with whole_file(path.with_name(CARD)) as file:
        file.write(study_card_text(path.parent).encode())
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


def _player(wishes: Wishes) -> str:
    """Return what the instrument is called."""
    if wishes.recordings is not None and wishes.corpora:
        raise InputError("--recordings", "", "either --recordings or --corpus", "both")
    if wishes.recordings is None and len(wishes.corpora) != 1:
        found = f"{len(wishes.corpora)} corpora" if wishes.corpora else "neither"
        raise InputError("train ddx7", "", "--recordings DIR or one --corpus DIR", found)
    told = wishes.instrument
    if told is None and wishes.recordings is not None:
        told = wishes.recordings.resolve().name
    if told is None:
        raise InputError("--instrument", "", "an instrument of the corpus", "none")
    name = "_".join(told.strip().lower().split())
    for option, text in (("--instrument", name), ("--study", wishes.study or "x")):
        if not text or any(each in text for each in "/\\#\0"):
            raise InputError(option, "", "a name that a file can have", text)
    return name.removeprefix("ddx7-")


def _voice(wishes: Wishes, player: str) -> tuple[str, Patch, tuple[int, ...]]:
    """Return the DX7 voice: its name, what is stored of it, the operators that can follow pitch."""
    if wishes.patch is None:
        paper = PAPER_VOICES.get(player)
        if paper is None:
            known = ", ".join(PAPER_VOICES)
            raise InputError("--patch", "", f"a DX7 voice (known without: {known})", "none")
        which = wishes.operators or "6"
        if which not in paper:
            raise InputError("--operators", "", f"one of {', '.join(paper)}", which)
        return paper[which].name, paper[which].patch, paper[which].operators
    path, selector = find_voice_file(wishes.patch)
    file = read_voices(path)
    if selector is None and len(file.voices) != 1:
        raise InputError(path, "", "which voice (FILE.syx#3)", f"{len(file.voices)} voices")
    voice = file.voices[(select_voice(file, selector) if selector else 1) - 1]
    patch = voice.patch()
    fixed = [op for op in ALL if patch[FIELD_INDEX[f"op{op}_mode"]]]
    if fixed:
        told = ", ".join(map(str, fixed))
        print(f"{path}: operators of a fixed frequency are left out: {told}", file=sys.stderr)
    return voice.name, patch, tuple(op for op in _asked(wishes.operators) if op not in fixed)


def _asked(operators: str | None) -> tuple[int, ...]:
    if operators is None:
        return ALL
    try:
        numbers = tuple(sorted({int(each) for each in operators.split(",")}))
    except ValueError as error:
        raise InputError("--operators", "", "numbers 1..6 such as 1,2,5", operators) from error
    if not set(numbers) <= set(range(1, OPERATORS + 1)):
        raise InputError("--operators", "", "numbers 1..6 such as 1,2,5", operators)
    return numbers


def _configuration(wishes: Wishes, patch: Patch, operators: tuple[int, ...]) -> Configuration:
    try:
        return Configuration(
            algorithm=int(patch[FIELD_INDEX["algorithm"]]) + 1,
            ratios=voice_ratios(patch),
            operators=operators,
            i_max=(wishes.i_max or IndexRange.TWO_PI).radians,
            feedback=float(patch[FIELD_INDEX["feedback"]]) if wishes.feedback else 0.0,
            noise=wishes.noise,
        )
    except ValueError as error:
        raise InputError("--operators", "", "a carrier among the operators", operators) from error


def _material(wishes: Wishes, player: str, folder: Path, jobs: int, bar: TrainingBar) -> Material:
    progress = bar.stage("Analysing")
    if wishes.recordings is not None:
        material = folder_material(wishes.recordings, cache=folder, jobs=jobs, progress=progress)
        for name in material.unpitched:
            print(f"{wishes.recordings / name}: left out: no pitch is heard", file=sys.stderr)
        return material
    return corpus_material(
        wishes.corpora[0],
        player,
        cache=folder,
        without_sources=wishes.without,
        jobs=jobs,
        progress=progress,
    )
