"""`hexachord train live`: a causal model that plays in the plug-in, of one instrument or many."""

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bridge.cli.train_progress import State, TrainingBar, training_bar
from bridge.whole_file import whole_file


def train_live_model(
    corpora: Sequence[Path],
    out: Path,
    folder: Path,
    *,
    instruments: Sequence[str],
    contours: Path | None,
    steps: int | None,
    without: tuple[str, ...],
    seed: int,
    jobs: int,
    device: str,
) -> None:
    """Train a live model, measure it on held-out phrases, write it with its card.

    The file is `live.ts`, of one instrument alone NAME.ts. Without `steps` there are as many as the
    corpus is worth. Raises InputError for what cannot be read or trained.
    """
    from plugin_core.synthesis.streaming import save_streaming_model
    from plugin_core.training.live_building import build_live, run_folder, usual_steps
    from plugin_core.training.live_corpus import read_live_corpus
    from plugin_core.training.live_training import LiveSettings
    from plugin_core.training.performing_cards import performing_card_text

    console = Console(stderr=True)
    folder.mkdir(parents=True, exist_ok=True)
    with training_bar(console) as bar:
        corpus = read_live_corpus(
            corpora,
            cache=folder,
            instruments=instruments,
            contours=contours,
            without_sources=without,
            jobs=jobs,
            progress=bar.stage("Analysing"),
        )
        settings = LiveSettings(steps=steps or usual_steps(corpus), seed=seed)
        built = build_live(
            corpus,
            settings,
            run_folder(folder, corpus, settings),
            device=device,
            progress=bar.training(folder / "live.csv"),
            performer_progress=_stage(bar, "Performer"),
        )
    name = built.instruments[0] if len(built.instruments) == 1 else "live"
    card = {
        "name": name,
        "made_by": "hexachord " + shlex.join(sys.argv[1:]),
        "steps": settings.steps,
        "seed": seed,
        **built.description,
    }
    path = out / f"{name}.ts"
    save_streaming_model(path, built.model, built.instruments, card)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(performing_card_text(card).encode())
    console.print(f"{path}: {', '.join(built.instruments)}")


def _stage(bar: TrainingBar, name: str) -> Callable[[State], None]:
    """Return what shows a stage of steps, from its first on."""
    shown: list[Callable[[int, int], None]] = []

    def show(state: State) -> None:
        if not shown:
            shown.append(bar.stage(name))
        shown[0](state.step, state.steps)

    return show
