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
"""Where a model's `Settings`, `train`, `measure` and `save` are."""


def train_performing(
    kind: str,
    corpora: Sequence[Path],
    out: Path,
    folder: Path,
    *,
    contours: Path | None,
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
        performed = _read(corpora, folder, bar, contours=contours, without=without, jobs=jobs)
        if not any(phrase.origin == "performance" for phrase in performed):
            raise InputError(corpora[0], "", "performances of several notes", "none")
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
    without: tuple[str, ...],
    jobs: int,
) -> tuple["Performed", ...]:
    from plugin_core.training.performed import read_performed

    phrases: list[Performed] = []
    for number, corpus in enumerate(corpora):
        phrases += read_performed(
            corpus,
            cache=corpus_cache(corpus, folder),
            jobs=jobs,
            progress=bar.stage("Analysing"),
            without_sources=without,
            contours=contours if number == 0 else None,
        )
    return tuple(phrases)


def corpus_cache(corpus: Path, folder: Path) -> Path:
    """Return where what is heard in a corpus is kept.

    The recordings of a folder without a manifest may be named like those of another.
    """
    if (corpus / "manifest.csv").is_file():
        return folder
    name = hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:12]
    return folder / f"corpus-{name}"


def _digest(performed: Sequence["Performed"], settings: object) -> str:
    """Return a name for all that decides a training."""
    digest = hashlib.sha256(str(settings).encode())
    for phrase in performed:
        digest.update(f"{phrase.name} {phrase.is_held_out} {len(phrase.frames)}".encode())
        digest.update(str(phrase.notes).encode())
    return digest.hexdigest()[:12]
