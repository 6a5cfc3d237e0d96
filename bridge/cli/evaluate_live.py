"""`hexachord evaluate live`: what live instruments do with controls, and how they sound.

Controls are swept through the built plug-in by automation, with the note lengths automated too and
once more without, and in the engine here, which plays everything else as well.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from bridge.cli.evaluate_live_plugin import PluginMaker
from bridge.cli.evaluate_live_tables import (
    control_figures,
    control_table,
    latency_figures,
    latency_table,
    performer_figures,
    performer_table,
    style_figures,
    style_table,
    timbre_figures,
    timbre_table,
)
from bridge.plugin_bundle import plugin_path
from plugin_core.audio.jit import cache_folder
from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.training.control_evaluation import SHORTEST_S, NoteSequence, Sweep
from plugin_core.training.expression_evaluation import Row
from plugin_core.training.live_evaluation import (
    Latency,
    Timbre,
    compare_timbre,
    latencies,
    timbre_tasks,
)
from plugin_core.training.live_performer_evaluation import evaluate_performer
from plugin_core.training.live_player import EngineMaker, PlayerMaker
from plugin_core.training.live_sweeps import live_sequences, sweep, sweep_tasks
from plugin_core.training.performed import Performed, read_performed
from plugin_core.training.plucked import read_plucked
from plugin_core.training.style_evaluation import StyleResult, evaluate_styles
from plugin_core.training.styles import read_articulations, styles_of
from plugin_core.types import InputError

PLUGIN = "through the plug-in"
PLUGIN_UNTOLD = "through the plug-in, which takes every note to last 1 s"
ENGINE = "in the engine"

_TABLE_WIDTH = 110

Tell = Callable[[int, int], None]
Stage = Callable[[str], Tell]
"""Begins what is named, and returns who is told how much of it is done, and all."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is measured of a live model."""

    sweeps: Sequence[Sweep]
    timbres: Sequence[Timbre]
    performer: Sequence[Row]
    styles: Sequence[StyleResult]
    latencies: Mapping[str, Sequence[Latency]]


def evaluate_live(
    corpus: Path, models: Path, *, cache: Path | None, jobs: int, as_json: bool
) -> None:
    """Print how a live model obeys, how near it is to held-out recordings, and how soon it sounds.

    `models` is the folder of `live.ts`, or the archive itself; `cache` keeps what is heard in the
    corpus between runs. Without a built plug-in the engine is measured alone. Raises InputError for
    a model or a corpus that cannot be read.
    """
    path = models if models.is_file() else models / "live.ts"
    model = read_live_model(path)
    plugin = _built_plugin()
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def stage(name: str) -> Tell:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        cache = cache or cache_folder().parents[1] / "training"
        performed = read_performed(
            corpus, cache=cache, jobs=jobs, progress=stage("Hearing the corpus")
        )
        performed = (*performed, *read_plucked(corpus, performed, cache=cache))
        found = measure(
            model, path, plugin, performed, read_articulations(corpus), jobs=jobs, stage=stage
        )
    if as_json:
        print(json.dumps(figures(found), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    for source in dict.fromkeys(each.source for each in found.sweeps):
        console.print(control_table(found.sweeps, source))
    console.print(timbre_table(found.timbres))
    if found.performer:
        console.print(performer_table(found.performer))
    if found.styles:
        console.print(style_table(found.styles))
    console.print(latency_table(found.latencies))


def _built_plugin() -> Path | None:
    try:
        return plugin_path()
    except InputError as error:
        print(f"{error}: only the engine is measured", file=sys.stderr)
        return None


def measure(
    model: LiveModel,
    path: Path,
    plugin: Path | None,
    performed: Sequence[Performed],
    articulations: Mapping[str, str],
    *,
    jobs: int,
    stage: Stage,
) -> Measured:
    """Return all that is measured of the model in the archive `path` on what was held out.

    `performed` are all phrases, of which the training side tells the styles; `articulations` are
    by the recordings' names. Raises InputError if that has no notes that can be read.
    """
    held_out = [
        each for each in performed if each.is_held_out and each.instrument in model.instruments
    ]
    sequences = live_sequences(held_out)
    if not sequences:
        raise InputError("corpus", "", f"held-out notes of {SHORTEST_S:g} s or more", "none")
    makers: dict[str, PlayerMaker] = {}
    if plugin is not None:
        makers[PLUGIN] = makers[PLUGIN_UNTOLD] = PluginMaker(plugin, path)
    makers[ENGINE] = EngineMaker(path)
    sweeps = []
    for source, maker in makers.items():
        tasks = sweep_tasks(
            sequences,
            model.typical,
            source,
            are_lengths_told=source != PLUGIN_UNTOLD,
            most_phrases=None if source == PLUGIN else 1,
        )
        sweeps += sweep(tasks, maker, jobs=jobs, progress=stage(f"Control {source}"))
    styles = styles_of(performed, articulations)
    timbres = compare_timbre(
        timbre_tasks(held_out, model.typical, styles),
        makers[ENGINE],
        jobs=jobs,
        progress=stage("Timbre"),
    )
    keys = _middle_keys(sequences)
    return Measured(
        sweeps,
        timbres,
        evaluate_performer(model.weights, model.layout, model.instruments, held_out, styles),
        evaluate_styles(
            performed,
            articulations,
            makers[ENGINE],
            instruments=model.instruments,
            jobs=jobs,
            progress=stage("Style"),
        ),
        {who: latencies(makers[who](), keys) for who in (PLUGIN, ENGINE) if who in makers},
    )


def _middle_keys(sequences: Sequence[NoteSequence]) -> dict[str, int]:
    keys: dict[str, list[int]] = {}
    for each in sequences:
        keys.setdefault(each.instrument, []).extend(note.midi_pitch for note in each.notes)
    return {instrument: int(np.median(own)) for instrument, own in keys.items()}


def figures(found: Measured) -> dict[str, Any]:
    """Return all figures as JSON holds them; None: not measured."""
    return {
        "control": control_figures(found.sweeps),
        "timbre": timbre_figures(found.timbres),
        "performer": performer_figures(found.performer),
        "style": style_figures(found.styles),
        "latency_s": latency_figures(found.latencies),
    }
