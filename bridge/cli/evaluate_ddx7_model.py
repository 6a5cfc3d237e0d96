"""`hexachord evaluate ddx7-model`: the tables of the DDX7 study, from committed models.

Per instrument: how far I_max may go, how many operators it takes, what noise adds, against a
baseline of harmonics and noise (Caspe et al. 2022, tables 1 and 2). On recordings that no model
heard: the ends of the URMP performances, or any folder of yours.
"""

import itertools
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bridge.cli.evaluate_ddx7_tables import (
    LEGEND,
    Measured,
    figures,
    main_ones,
    main_table,
    other_table,
)
from plugin_core.audio.jit import cache_folder
from plugin_core.training.corpus import Recording
from plugin_core.training.ddx7_data import Take, corpus_material, heard_takes, read_folder
from plugin_core.training.study import HPN, Candidate, Row, compare, read_candidate
from plugin_core.training.study_costs import cost
from plugin_core.training.study_pieces import pieces
from plugin_core.types import InputError

INSTRUMENTS = ("flute", "violin", "trumpet")
STUDY = "ddx7-study"
"""Folder of the study's models beside the bundled ones."""

_WORDS = {
    "flute": ("flute", "fl"),
    "violin": ("violin", "vn", "vln"),
    "trumpet": ("trumpet", "tpt"),
}
_TABLE_WIDTH = 136


def evaluate_ddx7_model(
    corpus: Path,
    models: Path,
    *,
    recordings: Path | None,
    instrument: str | None,
    cache: Path | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Print the tables of every instrument that there are models and recordings of.

    `models` is the folder of the bundled models, the study's in a folder below. `recordings` is a
    folder of takes, of `instrument` or of what their names tell, instead of the corpus' held-out
    ones. Raises InputError for what cannot be read, and where nothing can be compared.
    """
    if instrument is not None and instrument not in INSTRUMENTS:
        raise InputError("--instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
    found = study_models(models)
    cache = cache or cache_folder().parents[1] / "training"
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def stage(name: str) -> Callable[[int, int], None]:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        hearing = stage("Hearing the recordings")
        if recordings is None:
            takes = {
                each: corpus_material(
                    corpus, each, cache=cache, jobs=jobs, progress=hearing
                ).held_out
                for each in found
                if instrument in (None, each)
            }
        else:
            takes = told_takes(recordings, instrument, cache=cache, jobs=jobs, progress=hearing)
        takes = {each: own for each, own in takes.items() if own and each in found}
        if not takes:
            raise InputError(recordings or corpus, "", f"recordings of {', '.join(found)}", "none")
        everything = [
            measure(each, found[each], own, stage(each.capitalize())) for each, own in takes.items()
        ]
    if as_json:
        print(json.dumps({each.instrument: figures(each) for each in everything}, indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    for each in everything:
        console.print(main_table(each))
    if recordings is None:
        console.print(other_table(everything))
    console.print(LEGEND)


def study_models(folder: Path) -> dict[str, list[Candidate]]:
    """Return the models of every instrument, bundled ones and the study's, in the tables' order.

    Of models of one shape the one that was trained longest counts. Raises InputError where there
    are none.
    """
    paths = [*sorted(folder.glob("ddx7-*.ts")), *sorted((folder / STUDY).glob("*.study"))]
    longest: dict[tuple[object, ...], Candidate] = {}
    for one in map(read_candidate, paths):
        known = longest.get((one.instrument, one.shape))
        if known is None or one.steps > known.steps:
            longest[one.instrument, one.shape] = one
    found = {
        each: sorted((one for one in longest.values() if one.instrument == each), key=_place)
        for each in INSTRUMENTS
        if any(one.instrument == each for one in longest.values())
    }
    if not found:
        raise InputError(folder, "", "models of DDX7 (ddx7-*.ts)", "none")
    return found


def _place(candidate: Candidate) -> tuple[bool, bool, int, float]:
    count = -len(candidate.operators)
    return candidate.kind == HPN, candidate.has_noise, count, candidate.i_max


def told_takes(
    folder: Path,
    instrument: str | None,
    *,
    cache: Path,
    jobs: int,
    progress: Callable[[int, int], None],
) -> dict[str, tuple[Take, ...]]:
    """Return a folder's recordings by instrument: the given one, or what their names tell.

    A name tells by a word of its path inside the folder (violin, vn ..), or the folder's own name
    does. Recordings of nobody known are left out, which is told. Raises InputError where no name
    tells anything.
    """
    by_name: dict[str, list[Recording]] = {}
    untold = []
    for each in read_folder(folder):
        player = instrument or player_of(each.name) or player_of(folder.resolve().name)
        if player is None:
            untold.append(each.name)
        else:
            by_name.setdefault(player, []).append(each)
    if not by_name:
        expected = f"names that tell the instrument ({', '.join(INSTRUMENTS)}), or --instrument"
        raise InputError(folder, "", expected, untold[0])
    if untold:
        others = f" and {len(untold) - 1} others" if len(untold) > 1 else ""
        print(f"{folder}: left out, of no known instrument: {untold[0]}{others}", file=sys.stderr)
    return {
        player: tuple(heard_takes(own, cache=cache, jobs=jobs, progress=progress))
        for player, own in by_name.items()
    }


def player_of(name: str) -> str | None:
    """Return the instrument that a path's words tell, None if they tell none or several."""
    words = set(re.split(r"[^a-z]+", name.lower()))
    told = [player for player, own in _WORDS.items() if words & set(own)]
    return told[0] if len(told) == 1 else None


def measure(
    instrument: str,
    candidates: Sequence[Candidate],
    takes: Sequence[Take],
    progress: Callable[[int, int], None],
) -> Measured:
    """Return what all models make of all recordings, and what they cost."""
    cut = [piece for take in main_ones(takes) for piece in pieces(take)]
    whole = (len(candidates) + 1) * (len(takes) + len(cut))
    done = itertools.count(1)

    def compared(own: Sequence[Take]) -> list[Row]:
        rows = []
        for candidate in (*candidates, None):
            for take in own:
                rows.append(compare(candidate, take))
                progress(next(done), whole)
        return rows

    costs = {each.name: cost(each) for each in candidates}
    return Measured(instrument, candidates, compared(takes), compared(cut), costs)
