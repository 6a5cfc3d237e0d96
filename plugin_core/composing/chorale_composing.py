"""A chorale around what is given: voices, bars, a key, or nothing at all.

Of a given voice, bars in which it has no note are composed, and so are bars that are not to be
kept; all other notes stay as they are.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from plugin_core.composing.chorale import (
    BEATS_PER_BAR,
    REST,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    VOICES,
    Grid,
    grid_of,
    require_in_range,
)
from plugin_core.composing.chorale_network import ChoraleModel
from plugin_core.composing.chorale_parts import Line, written_voice
from plugin_core.composing.chorale_sampling import USUAL, Sampling, Task, sample
from plugin_core.composing.keys import KEYS, key_of
from plugin_core.composing.solo import Written
from plugin_core.types import InputError

DEFAULT_BARS = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a chorale is to be: given lines by voice (0 is the soprano), and where they are from."""

    lines: Mapping[int, Line] = field(default_factory=dict)
    sources: Mapping[int, str] = field(default_factory=dict)
    bars: int | None = None
    key: int | None = None
    keep_bars: Collection[int] | None = None
    """Bars, counted from 1, in which given voices are kept; None keeps all."""


@dataclass(frozen=True, slots=True)
class Chorale:
    """A chorale: its grid, its key, its voices as written."""

    grid: Grid
    key: int
    voices: tuple[tuple[Written, ...], ...]


def compose_chorale(
    model: ChoraleModel,
    wanted: Wanted,
    seed: int,
    sampling: Sampling = USUAL,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Chorale:
    """Return a chorale. Raises InputError for given voices that leave nothing to compose, that
    leave their range, or that are longer than the bars wanted.
    """
    for voice, line in wanted.lines.items():
        require_in_range(line.tones, voice, wanted.sources.get(voice, VOICES[voice]))
    grid, free = _given(wanted)
    if not free.any():
        raise InputError("compose chorale", "", "a voice or a bar left to compose", "all given")
    key = wanted.key
    if key is None:
        sung = grid[(grid != REST) & ~_by_step(free)]
        key = key_of(sung) if len(sung) else _drawn_key(model, seed)
    composed = sample(model.network, Task(grid, free, key), seed, sampling, progress=progress)
    voices = tuple(
        tuple(_voice(composed, free, voice, wanted.lines.get(voice)))
        for voice in range(len(VOICES))
    )
    return Chorale(composed, key, voices)


def _given(wanted: Wanted) -> tuple[Grid, np.ndarray]:
    """Return the grid of what is given, and what is free, (beats, 4)."""
    longest = max((line.steps for line in wanted.lines.values()), default=0) // STEPS_PER_BAR
    bars = wanted.bars or longest or DEFAULT_BARS
    if bars < longest:
        voice = max(wanted.lines, key=lambda each: wanted.lines[each].steps)
        expected = f"at most {bars} bars (--bars)"
        raise InputError(wanted.sources.get(voice, VOICES[voice]), "", expected, longest)
    for bar in wanted.keep_bars or ():
        if not 1 <= bar <= bars:
            raise InputError("--keep-bars", "", f"bars in 1..{bars}", bar)
    steps = bars * STEPS_PER_BAR
    grid = np.full((steps, len(VOICES)), REST, np.int16)
    free = np.ones((bars, len(VOICES)), bool)
    for voice, line in wanted.lines.items():
        grid[:, voice] = grid_of(line.tones, steps)
        sings = (grid[:, voice] != REST).reshape(bars, STEPS_PER_BAR).any(axis=1)
        kept = np.array(
            [wanted.keep_bars is None or bar in wanted.keep_bars for bar in range(1, bars + 1)]
        )
        free[:, voice] = ~(sings & kept)
    return grid, free.repeat(BEATS_PER_BAR, axis=0)


def _by_step(free: np.ndarray) -> np.ndarray:
    return free.repeat(STEPS_PER_BEAT, axis=0)


def _drawn_key(model: ChoraleModel, seed: int) -> int:
    """Return a key as often as the corpus has it."""
    counts = np.array(model.description.get("keys", [1] * KEYS), np.float64)
    return int(np.random.default_rng((seed, 3)).choice(KEYS, p=counts / counts.sum()))


def _voice(grid: Grid, free: np.ndarray, voice: int, line: Line | None) -> list[Written]:
    """Return a voice as written: what is kept as it was given, the rest from the grid."""
    if line is None:
        return written_voice(grid, voice)
    drawn = grid.copy()
    drawn[~_by_step(free)[:, voice], voice] = REST
    kept = [
        note
        for note, tone in zip(line.written, line.tones, strict=True)
        if not free[tone.onset // STEPS_PER_BEAT, voice]
    ]
    # A kept note that would sound on into a bar that is composed ends there.
    own = written_voice(drawn, voice)
    starts = np.array([note.onset for note in own])
    shortened = []
    for note in kept:
        later = starts[starts > note.onset]
        longest = float(later.min()) - note.onset if len(later) else note.value
        shortened.append(Written(note.onset, min(note.value, longest), note.pitch))
    return sorted([*shortened, *own], key=lambda note: note.onset)
