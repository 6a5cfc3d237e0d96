"""The tables of `hexachord evaluate live`, and the same figures as JSON holds them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from rich.table import Table

from plugin_core.training.control_evaluation import SHORTEST_S, Sweep, correlation, error
from plugin_core.training.expression_evaluation import (
    EXPRESSION,
    MEAN,
    VELOCITY,
    Row,
    better_by,
    rmse,
)
from plugin_core.training.live_evaluation import (
    Latency,
    Timbre,
    distance_db,
    median_cents,
    pooled_distance_db,
)
from plugin_core.training.style_evaluation import StyleResult
from plugin_core.types import CONTROLS

LEAST_R, LEAST_R_OF_EACH = 0.90, 0.80
LARGEST_DISTANCE_DB = 4.5
LEAST_RIGHT = 0.90
LONGEST_LATENCY_S = 0.004
ALL = "all"

PERFORMER_TITLES = {MEAN: "means", EXPRESSION: "performer", VELOCITY: "told velocity"}

Each = TypeVar("Each", Sweep, Timbre, Row)


def by_instrument(all_of_it: Sequence[Each]) -> dict[str, list[Each]]:
    """Return all, then those of each instrument, by its name."""
    present = dict.fromkeys(each.instrument for each in all_of_it)
    of_each = {name: [one for one in all_of_it if one.instrument == name] for name in present}
    return {ALL: list(all_of_it), **of_each}


def control_table(sweeps: Sequence[Sweep], source: str) -> Table:
    """Return r of every control asked and read, of all instruments and of each."""
    own = [each for each in sweeps if each.source == source]
    notes = sum(each.read.shape[1] for each in own if each.control == 0)
    table = Table(
        title=f"Control, {source}: r of controls asked and read from the audio, {notes} notes of "
        "held-out phrases",
        title_justify="left",
    )
    table.add_column("")
    for control in (*CONTROLS, "RMSE"):
        table.add_column(control.replace("_", " "), justify="right")
    for instrument, of_it in by_instrument(own).items():
        least = LEAST_R if instrument == ALL else LEAST_R_OF_EACH
        found = _each(correlation, of_it, source)
        errors = np.array(_each(error, of_it, source))
        cells = (_marked(r, r >= least, ".3f") for r in found)
        table.add_row(instrument, *cells, f"{np.sqrt(np.nanmean(errors**2)):.3f}")
        if instrument == ALL:
            table.add_row("  asked", *[f"{least:.2f}"] * len(CONTROLS), "", style="dim")
            table.add_section()
    table.caption = (
        f"asked of each instrument: {LEAST_R_OF_EACH:.2f}; ! is less. Notes of {SHORTEST_S:g} s or "
        "more; performer = 0, all other controls at their typical values. A volume of 0 is silence "
        "and reads -0.5, which is most of volume's error."
    )
    return table


def _each(
    measure: Callable[[Sequence[Sweep], int, str], float], sweeps: Sequence[Sweep], source: str
) -> list[float]:
    return [measure(sweeps, control, source) for control in range(len(CONTROLS))]


def _marked(value: float, is_enough: bool, form: str) -> str:
    return format(value, form) if is_enough else f"[bold]! {value:{form}}[/bold]"


def timbre_table(timbres: Sequence[Timbre]) -> Table:
    """Return how far each instrument's long-term spectra and pitches are from the recordings'."""
    table = Table(title="Timbre and pitch of held-out recordings, played", title_justify="left")
    columns = ("", "notes", "phrases", "LSD, dB", "each", "of notes", "of phrases", "cents")
    for column in columns:
        table.add_column(column, justify="left" if not column else "right")
    of_each = by_instrument(timbres)
    everything = of_each.pop(ALL)
    for instrument, of_it in of_each.items():
        table.add_row(instrument, *_timbre_cells(of_it))
    table.add_section()
    notes, phrases, *distances, of_notes, of_phrases, cents = _timbre_cells(everything)
    marked = [
        cell if float(cell) <= LARGEST_DISTANCE_DB else f"[bold]! {cell}[/bold]"
        for cell in distances
    ]
    table.add_row(ALL, notes, phrases, *marked, of_notes, of_phrases, cents)
    asked = [f"<= {LARGEST_DISTANCE_DB:g}"] * len(marked)
    table.add_row("asked", "", "", *asked, "", "", "", style="dim")
    table.caption = (
        "LSD: distance of long-term average spectra in third octaves, over all of an instrument's "
        "recordings, below that the mean of instruments; each: of every recording by itself, the "
        "mean. Cents: median |f0 - note| outside vibrato and transitions, played / recorded."
    )
    return table


def _timbre_cells(timbres: Sequence[Timbre]) -> list[str]:
    notes = [each for each in timbres if each.is_note]
    phrases = [each for each in timbres if not each.is_note]
    cents = (median_cents(timbres), median_cents(timbres, of_recordings=True))
    return [
        str(len(notes)),
        str(len(phrases)),
        _number(pooled_distance_db(timbres), ".2f"),
        _number(distance_db(timbres), ".2f"),
        _number(distance_db(notes), ".2f"),
        _number(distance_db(phrases), ".2f"),
        " / ".join(_number(each, ".1f") for each in cents),
    ]


def _number(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def performer_table(rows: Sequence[Row]) -> Table:
    """Return how far the causal performer's controls are from those of held-out performances."""
    predictors = _predictors(rows)
    table = Table(title="Causal performer: RMSE of held-out performances", title_justify="left")
    table.add_column("")
    for column in ("notes", *(PERFORMER_TITLES[name] for name in predictors)):
        table.add_column(column, justify="right")
    for instrument, of_it in by_instrument(rows).items():
        cells = [
            f"{rmse(of_it, name):.3f}"
            + ("" if name == MEAN else f" ({better_by(of_it, name):.0%} better)")
            for name in predictors
        ]
        table.add_row(instrument, str(sum(row.notes for row in of_it)), *cells)
    table.caption = "All controls, 0..1; means: the instrument's typical values, whatever the note."
    return table


def _predictors(rows: Sequence[Row]) -> list[str]:
    return [name for name in PERFORMER_TITLES if name in rows[0].squares]


def style_table(styles: Sequence[StyleResult]) -> Table:
    """Return how many notes at both ends of style are like the recordings of that articulation."""
    table = Table(title="Style: notes on the side of the recordings' class", title_justify="left")
    columns = ("", "style 0 .. 1", "recorded", "right", "played", "at 0", "at 1", "right")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < 2 else "right")
    for each in styles:
        table.add_row(
            each.instrument,
            f"{each.low} .. {each.high}",
            " / ".join(map(str, each.recorded)),
            " / ".join(_number(share, ".0%") for share in each.recorded_right),
            f"2 x {each.played}",
            *(f"{share:.0%}" for share in each.right),
            _marked(each.share, each.share >= LEAST_RIGHT, ".1%"),
        )
    share = _share_right(styles)
    table.add_section()
    table.add_row(ALL, *[""] * 6, _marked(share, share >= LEAST_RIGHT, ".1%"))
    table.add_row("asked", *[""] * 6, f"{LEAST_RIGHT:.0%}", style="dim")
    table.caption = (
        "By attack time, decay slope and centroid, through the plane between the training "
        "recordings of the two articulations; recorded, right: of these, each judged by the others."
    )
    return table


def _share_right(styles: Sequence[StyleResult]) -> float:
    notes = [each.played for each in styles]
    return float(np.average([each.share for each in styles], weights=notes))


def style_figures(styles: Sequence[StyleResult]) -> dict[str, Any]:
    """Return the shares of notes on the right side, of all and of each instrument."""
    if not styles:
        return {}
    of_each = {
        each.instrument: {
            "ends": [each.low, each.high],
            "recorded": list(each.recorded),
            "recorded_right": [_known(share) for share in each.recorded_right],
            "played": each.played,
            "right": list(each.right),
        }
        for each in styles
    }
    return {ALL: {"right": _share_right(styles)}, **of_each}


def latency_table(of_players: Mapping[str, Sequence[Latency]]) -> Table:
    """Return how long after their note-on notes are heard, by who plays."""
    table = Table(title="Latency: from the note-on to the first sample heard", title_justify="left")
    for column in ("", "at most, ms", "of"):
        table.add_column(column, justify="left" if not column else "right")
    for who, found in of_players.items():
        slowest = max(found, key=lambda each: (np.isnan(each.seconds), each.seconds))
        is_soon = slowest.seconds <= LONGEST_LATENCY_S
        table.add_row(who, _marked(1000 * slowest.seconds, is_soon, ".2f"), slowest.instrument)
    table.add_row("asked", f"<= {1000 * LONGEST_LATENCY_S:g}", "", style="dim")
    return table


def control_figures(sweeps: Sequence[Sweep]) -> dict[str, Any]:
    """Return r and RMSE of every control by source, then by instrument."""
    return {
        source: {
            instrument: {
                "r": _by_control(_each(correlation, of_it, source)),
                "rmse": _by_control(_each(error, of_it, source)),
            }
            for instrument, of_it in by_instrument(
                [each for each in sweeps if each.source == source]
            ).items()
        }
        for source in dict.fromkeys(each.source for each in sweeps)
    }


def _by_control(values: Sequence[float]) -> dict[str, float | None]:
    return dict(zip(CONTROLS, map(_known, values), strict=True))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def timbre_figures(timbres: Sequence[Timbre]) -> dict[str, Any]:
    """Return distances and pitch errors of all instruments and of each."""
    return {
        instrument: {
            "recordings": len(of_it),
            "distance_db": _known(distance_db(of_it)),
            "distance_of_notes_db": _known(distance_db([each for each in of_it if each.is_note])),
            "distance_of_phrases_db": _known(
                distance_db([each for each in of_it if not each.is_note])
            ),
            "pooled_distance_db": _known(pooled_distance_db(of_it)),
            "median_cents": _known(median_cents(of_it)),
            "median_cents_recorded": _known(median_cents(of_it, of_recordings=True)),
        }
        for instrument, of_it in by_instrument(timbres).items()
    }


def performer_figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the errors of the causal performer and of the means, of all and of each."""
    if not rows:
        return {}
    return {
        instrument: {
            name: rmse(of_it, name) for name in PERFORMER_TITLES if name in rows[0].squares
        }
        for instrument, of_it in by_instrument(rows).items()
    }


def latency_figures(of_players: Mapping[str, Sequence[Latency]]) -> dict[str, Any]:
    """Return seconds of latency by who plays, then by instrument."""
    return {
        who: {each.instrument: _known(each.seconds) for each in found}
        for who, found in of_players.items()
    }
