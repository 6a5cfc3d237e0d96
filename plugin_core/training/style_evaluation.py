"""Whether style moves a live instrument between the articulations that its players recorded.

The notes of held-out recordings are played twice with the keys down until the next one, at style 0
and at style 1. Attack time, decay slope and centroid of each, measured from the audio, must fall on
the right side of the plane that parts the recordings of the instrument's two ends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.resampling import resample
from plugin_core.engine.parameters import VOICE_MODES
from plugin_core.training.live_player import (
    RATE,
    LivePart,
    Player,
    PlayerMaker,
    Progress,
    measured,
    slurred,
)
from plugin_core.training.performed import Performed
from plugin_core.training.realism import SPECTRUM_RATE
from plugin_core.training.style_features import FEATURES, Discriminant, discriminant, note_features
from plugin_core.training.styles import StyleRange, articulation_of, style_ranges
from plugin_core.types import Lane, Note, Part

ENDS = (0.0, 1.0)
_STYLE_TOP = 127.0
_LEAD_S, _TAIL_S = 0.2, 0.5
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class StyleTask:
    """Notes of one instrument, to be played at one style."""

    instrument: str
    notes: tuple[Note, ...]
    style: float
    """0..1."""


@dataclass(frozen=True, slots=True)
class StyleResult:
    """How many notes of an instrument are like the recordings of its two ends."""

    instrument: str
    low: str
    high: str
    """The articulations of the two ends."""
    recorded: tuple[int, int]
    """How many recorded notes tell the ends, low and high."""
    recorded_right: tuple[float, float]
    """Share of those on their own side, each judged by all others."""
    played: int
    """Notes played at each style."""
    right: tuple[float, float]
    """Share of the notes on the right side, at style 0 and at style 1."""
    recorded_features: tuple[NDArray[np.float64], NDArray[np.float64]] = field(repr=False)
    played_features: tuple[NDArray[np.float64], NDArray[np.float64]] = field(repr=False)
    """Shape (notes, 3): low and high; at style 0 and 1. Columns: `style_features.FEATURES`."""

    @property
    def share(self) -> float:
        """Share of all notes played on the right side."""
        return float(np.mean(self.right))


def evaluate_styles(
    performed: Sequence[Performed],
    articulations: Mapping[str, str],
    maker: PlayerMaker,
    *,
    instruments: Collection[str] | None = None,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[StyleResult]:
    """Return what style does on each instrument that has both ends, of `instruments` (None: all).

    `performed` are all phrases, those for training too: of them the two ends are known.
    `articulations` are those of `styles.read_articulations`.
    """
    ranges = {
        name: own
        for name, own in style_ranges(performed, articulations).items()
        if instruments is None or name in instruments
    }
    recorded = {
        name: recorded_ends(performed, articulations, name, ranges[name]) for name in ranges
    }
    tasks = style_tasks(performed, {name: _pace_s(performed, name) for name in recorded})
    features = measured(measure_style, tasks, maker, jobs=jobs, progress=progress)
    results = []
    for name, (low, high) in recorded.items():
        played = tuple(
            np.concatenate(
                [np.zeros((0, len(FEATURES)))]
                + [
                    row
                    for task, row in zip(tasks, features, strict=True)
                    if (task.instrument, task.style) == (name, end)
                ]
            )
            for end in ENDS
        )
        results.append(_judged(name, ranges[name], (low, high), (played[0], played[1])))
    return results


def recorded_ends(
    performed: Sequence[Performed],
    articulations: Mapping[str, str],
    instrument: str,
    ends: StyleRange,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the features of training notes of the two ends, shape (notes, 3) each."""
    found: dict[str, list[NDArray[np.float64]]] = {ends.low: [], ends.high: []}
    for phrase in performed:
        word = articulation_of(phrase, articulations)
        if phrase.instrument == instrument and not phrase.is_held_out and word in found:
            assert phrase.audio is not None
            found[word].append(_features(phrase.audio, [row.note for row in phrase.notes]))
    low, high = (np.concatenate(found[word]) for word in (ends.low, ends.high))
    return low, high


def style_tasks(performed: Sequence[Performed], pace_s: Mapping[str, float]) -> list[StyleTask]:
    """Return held-out notes at both styles: performances as timed, single notes in one line.

    `pace_s` is the time from note to note of an instrument's line, seconds; others are left out.
    """
    tasks = []
    for name, apart_s in pace_s.items():
        own = [each for each in performed if each.instrument == name and each.is_held_out]
        lines = [
            _from(_LEAD_S, [row.note for row in each.notes], apart_s)
            for each in own
            if each.origin == "performance" and each.notes
        ]
        pitches = {each.notes[0].note.midi_pitch for each in own if each.origin == "note"}
        if pitches:
            notes = [
                Note(apart_s * place, apart_s * (place + 1), pitch, 64)
                for place, pitch in enumerate(sorted(pitches))
            ]
            lines.append(_from(_LEAD_S, notes, apart_s))
        tasks += [StyleTask(name, line, end) for line in lines for end in ENDS]
    return tasks


def measure_style(player: Player, task: StyleTask) -> NDArray[np.float64]:
    """Play the notes of a task and return their features, shape (notes, 3).

    A note that is not heard has features of nothing: NaN, on no side.
    """
    lanes = {
        "style": Lane.constant(_STYLE_TOP * task.style),
        "voice_mode": Lane.constant(float(VOICE_MODES.index("legato"))),
    }
    samples = round((task.notes[-1].offset_s + _TAIL_S) * RATE)
    part = Part("", slurred(task.notes))
    audio = player(LivePart(task.instrument, part, lanes, samples))
    return _features(resample(audio, RATE, SPECTRUM_RATE), task.notes, keep_unheard=True)


def _features(
    audio: NDArray[np.float32], notes: Sequence[Note], *, keep_unheard: bool = False
) -> NDArray[np.float64]:
    rows = note_features(audio, notes)
    nothing = (np.nan,) * len(FEATURES)
    kept = [row or nothing for row in rows if row is not None or keep_unheard]
    return np.array(kept, np.float64).reshape(-1, len(FEATURES))


def _pace_s(performed: Sequence[Performed], instrument: str) -> float:
    """Return the median time from one note of its performances to the next, seconds."""
    apart = [
        after.note.onset_s - row.note.onset_s
        for each in performed
        if each.instrument == instrument and each.origin == "performance"
        for row, after in pairwise(each.notes)
    ]
    return float(np.median(apart))


def _from(start_s: float, notes: Sequence[Note], last_s: float) -> tuple[Note, ...]:
    """Return notes that begin at `start_s`, each key down until the next one, the last `last_s`."""
    earlier = notes[0].onset_s - start_s
    onsets = [note.onset_s - earlier for note in notes]
    ends = [*onsets[1:], onsets[-1] + last_s]
    return tuple(
        replace(note, onset_s=onset, offset_s=end)
        for note, onset, end in zip(notes, onsets, ends, strict=True)
    )


def _judged(
    name: str,
    ends: StyleRange,
    recorded: tuple[NDArray[np.float64], NDArray[np.float64]],
    played: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> StyleResult:
    judge = discriminant(*recorded)
    return StyleResult(
        name,
        ends.low,
        ends.high,
        (len(recorded[0]), len(recorded[1])),
        (_left_out_right(*recorded), _left_out_right(*recorded[::-1])),
        len(played[0]),
        (_share(judge, played[0], is_high=False), _share(judge, played[1], is_high=True)),
        recorded,
        played,
    )


def _share(judge: Discriminant, features: NDArray[np.float64], *, is_high: bool) -> float:
    if not len(features):
        return float("nan")
    is_heard = np.isfinite(features).all(axis=1)
    return float(np.mean(is_heard & (judge.is_high(features) == is_high)))


def _left_out_right(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the share of `own` on its side of the planes that each is not part of."""
    if len(own) <= _FEWEST:
        return float("nan")
    right = [
        not discriminant(np.delete(own, row, axis=0), other).is_high(own[row : row + 1])[0]
        for row in range(len(own))
    ]
    return float(np.mean(right))
