"""How a live model sounds beside recordings that it has not heard, and how soon.

Held-out single notes and performances are played with their own controls (`performer` is 0) and
their own style, and compared with the recordings: long-term spectra, pitch. Latency is the time
from a note-on to the first sample that is heard.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.resampling import resample
from plugin_core.training import realism
from plugin_core.training.known_notes import hear_pitch
from plugin_core.training.live_player import (
    RATE,
    LivePart,
    Player,
    PlayerMaker,
    Progress,
    measured,
    obeying_lanes,
    slurred,
    stepped,
)
from plugin_core.training.performed import Performed
from plugin_core.training.synthesis_evaluation import held_out_notes
from plugin_core.types import CONTROLS, FRAME_RATE, Expression, Lane, Note, Part

AUDIBLE = 1e-5
"""Magnitudes from -100 dB on are heard."""

_AHEAD_S = 0.003
_MOST_TUNE = 100.0
_STYLE_TOP = 127.0
_MIDDLE_STYLE = 64.0
_LATENCY_AT_S = 0.1
_LATENCY_NOTE_S = 0.4


@dataclass(frozen=True, slots=True)
class TimbreTask:
    """A held-out recording, and what to ask for where its own is not known."""

    performed: Performed
    typical: Expression
    style: float | None
    """0..1."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """A held-out recording beside what is played of its notes."""

    name: str
    instrument: str
    is_note: bool
    distance_db: float
    """Between the long-term spectra."""
    lowest_hz: float
    played: NDArray[np.float64] = field(repr=False)
    """Long-term spectrum, of power 1; see `realism.long_term_spectrum`."""
    recorded: NDArray[np.float64] = field(repr=False)
    cents: NDArray[np.float64] = field(repr=False)
    """|f0 - note| of frames outside vibrato and transitions."""
    recorded_cents: NDArray[np.float64] = field(repr=False)


def timbre_tasks(
    performed: Sequence[Performed],
    typical: Mapping[str, Expression],
    styles: Mapping[str, float | None] = MappingProxyType({}),
) -> list[TimbreTask]:
    """Return the held-out notes and performances of instruments that have typical controls.

    `styles` are by the recordings' names, see `styles.styles_of`.
    """
    held_out = [
        *held_out_notes(performed),
        *(each for each in performed if each.is_held_out and each.origin == "performance"),
    ]
    return [
        TimbreTask(each, typical[each.instrument], styles.get(each.name))
        for each in held_out
        if each.instrument in typical and each.notes and each.audio is not None
    ]


def compare_timbre(
    tasks: Sequence[TimbreTask],
    maker: PlayerMaker,
    *,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Timbre]:
    """Return how each recording's notes sound when they are played."""
    return measured(measure_timbre, tasks, maker, jobs=jobs, progress=progress)


def measure_timbre(player: Player, task: TimbreTask) -> Timbre:
    """Play the notes of a recording and compare the two while they sound."""
    performed = task.performed
    assert performed.audio is not None
    audio = player(as_recorded(task))
    notes = [row.note for row in performed.notes]
    rate = realism.SPECTRUM_RATE
    sounding = slice(round(notes[0].onset_s * rate), round(notes[-1].offset_s * rate))
    spectra = [
        realism.long_term_spectrum(each[sounding])
        for each in (resample(audio, RATE, rate), performed.audio)
    ]
    played, recorded = (each / max(each.sum(), 1e-30) for each in spectra)
    lowest_hz = _hz(min(note.midi_pitch for note in notes))
    f0_hz = hear_pitch(audio, RATE, notes)
    return Timbre(
        performed.name,
        performed.instrument,
        performed.origin == "note",
        realism.log_spectral_distance_db(played, recorded, lowest_hz),
        lowest_hz,
        played,
        recorded,
        realism.pitch_errors_cents(
            f0_hz, performed.notes, tuning_semitones=_tuning_semitones(performed)
        ),
        realism.pitch_errors_cents(
            performed.frames.f0_hz, performed.notes, tuning_semitones=performed.tuning_semitones
        ),
    )


def as_recorded(task: TimbreTask) -> LivePart:
    """Return the notes of a recording with lanes that ask for each note's own controls.

    At the recording's tuning: a partial at the border of two bands would else change sides.
    """
    performed = task.performed
    times_s = [max(0.0, row.note.onset_s - _AHEAD_S) for row in performed.notes]
    lanes = obeying_lanes()
    for column, name in enumerate(CONTROLS):
        known = [row.expression[column] for row in performed.notes]
        values = [task.typical[column] if np.isnan(value) else value for value in known]
        lanes[name] = stepped(times_s, values)
    lanes["master_tune"] = Lane.constant(100.0 * _tuning_semitones(performed))
    style = _MIDDLE_STYLE if task.style is None else _STYLE_TOP * task.style
    lanes["style"] = Lane.constant(style)
    notes = slurred([row.note for row in performed.notes])
    samples = len(performed.frames) * RATE // FRAME_RATE
    return LivePart(performed.instrument, Part("", notes), lanes, samples)


def _tuning_semitones(performed: Performed) -> float:
    """Return how much sharper than A = 440 Hz a recording is, as far as `master_tune` goes."""
    return float(np.clip(performed.tuning_semitones, -_MOST_TUNE / 100, _MOST_TUNE / 100))


def distance_db(timbres: Sequence[Timbre]) -> float:
    """Return the mean distance: of recordings in each instrument, then of the instruments."""
    return _mean_of_instruments(timbres, _mean_distance_db)


def pooled_distance_db(timbres: Sequence[Timbre]) -> float:
    """Return the distance of instruments' long-term spectra over all recordings, their mean."""
    return _mean_of_instruments(timbres, _distance_of_means_db)


def _mean_of_instruments(
    timbres: Sequence[Timbre], measure: Callable[[Sequence[Timbre]], float]
) -> float:
    of_each = [
        measure([each for each in timbres if each.instrument == instrument])
        for instrument in dict.fromkeys(each.instrument for each in timbres)
    ]
    return float(np.mean(of_each)) if of_each else np.nan


def _mean_distance_db(timbres: Sequence[Timbre]) -> float:
    return float(np.mean([each.distance_db for each in timbres]))


def _distance_of_means_db(timbres: Sequence[Timbre]) -> float:
    return realism.log_spectral_distance_db(
        np.mean([each.played for each in timbres], axis=0),
        np.mean([each.recorded for each in timbres], axis=0),
        min(each.lowest_hz for each in timbres),
    )


def median_cents(timbres: Sequence[Timbre], *, of_recordings: bool = False) -> float:
    """Return the median |f0 - note| in cents of all frames that count; NaN of none."""
    cents = [each.recorded_cents if of_recordings else each.cents for each in timbres]
    together = np.concatenate([np.zeros(0), *cents])
    return float(np.median(together)) if len(together) else np.nan


class Latency(NamedTuple):
    """How long after its note-on a note is heard."""

    instrument: str
    seconds: float
    """NaN if it is never heard."""


def latencies(player: Player, keys: Mapping[str, int]) -> list[Latency]:
    """Return the latency of each instrument on its key, with typical controls."""
    found = []
    for instrument, key in keys.items():
        note = Note(_LATENCY_AT_S, _LATENCY_AT_S + _LATENCY_NOTE_S, key, 100)
        part = LivePart(instrument, Part("", (note,)), {}, RATE // 2)
        heard = np.flatnonzero(np.abs(player(part)) >= AUDIBLE)
        seconds = heard[0] / RATE - _LATENCY_AT_S if len(heard) else np.nan
        found.append(Latency(instrument, float(seconds)))
    return found


def _hz(key: float) -> float:
    return float(440.0 * 2.0 ** ((key - 69) / 12))
