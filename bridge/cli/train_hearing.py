"""`hexachord train inference|autoencoder`: the models of hearing."""

import shlex
import sys
from pathlib import Path

from rich.console import Console

from bridge.cli.train_progress import training_bar
from bridge.whole_file import whole_file

_STEPS = 4000
_MEASURED_STEPS = {"inference": 0, "autoencoder": 600}
_VARIED_SHARE = {"inference": 0.5, "autoencoder": 0.2}
"""How much of what is drawn is from varied copies: the autoencoder cannot hear what was varied."""


def train_hearing(
    kind: str,
    corpus: Path,
    out: Path,
    folder: Path,
    *,
    steps: int | None,
    copies: int,
    without: tuple[str, ...],
    seed: int,
    jobs: int,
    device: str,
) -> None:
    """Train a model of hearing, measure it on held-out recordings, write it with its card."""
    from plugin_core.synthesis.hearing_model import save_model
    from plugin_core.training.cards import card_text, sources_of
    from plugin_core.training.corpus import read_corpus
    from plugin_core.training.hearing_cache import Plan, fill
    from plugin_core.training.hearing_data import HearingData
    from plugin_core.training.inference_training import Settings, held_out_distances, train

    steps = _STEPS if steps is None else steps
    recordings = read_corpus(corpus, without_sources=without)
    settings = Settings(
        kind=kind, steps=steps, measured_steps=min(steps, _MEASURED_STEPS[kind]), seed=seed
    )
    console = Console(stderr=True)
    with training_bar(console) as bar:
        shards = fill(
            Plan(folder / "heard", recordings, copies), jobs=jobs, progress=bar.stage("Analysing")
        )
        data = HearingData(shards, varied_share=_VARIED_SHARE[kind])
        model = train(
            data,
            settings,
            folder / f"seed-{seed}",
            device=device,
            progress=bar.training(folder / f"{kind}.csv"),
        ).cpu()
        bar.stage("Measuring")
        distances = held_out_distances(model, data)
    card = {
        "name": kind,
        "made_by": "hexachord " + shlex.join(sys.argv[1:]),
        "steps": steps,
        "batch_s": settings.batch * settings.frames / 250,
        "varied_copies": copies,
        "varied_share": _VARIED_SHARE[kind] if copies else 0.0,
        "seed": seed,
        "parameters": sum(each.numel() for each in model.network.parameters()),
        "held_out_distance": {name: round(each, 3) for name, each in distances.items()},
        "sources": sources_of(recordings),
    }
    path = out / f"{kind}.ts"
    save_model(path, model, card)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(card_text(card).encode())
    console.print(f"{path}: trained; hexachord evaluate inference --corpus {corpus} measures it")
