"""Phrases assembled in the parameter domain, of analysed single notes.

In: `Performed` single notes and performances. Out: `Performed` phrases whose notes have drawn
lengths, pitches and expression (`drawn_expression`) and are joined as players join them
(`note_joins`). Their controls are measured in the result, as those of recordings are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.loudness import a_weighting
from plugin_core.expression.excerpts import excerpt
from plugin_core.expression.extraction import brightness, extract, level_db
from plugin_core.expression.scales import FLOOR_DB
from plugin_core.training.drawn_expression import (
    Manner,
    draw_expression,
    draw_manner,
    drawn_pitch,
    expressed,
)
from plugin_core.training.note_joins import Join, Joins
from plugin_core.training.note_material import Cutter, Source, choose, cut_note
from plugin_core.training.performed_cache import Performed
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Frames, Note

SHORTEST_S, LONGEST_S = 0.1, 3.0

_TEMPI = ((0.1, 0.35), (0.2, 0.8), (0.45, 1.6), (0.8, 3.0))
"""Of a phrase: the shortest and the longest of most of its notes, seconds."""
_TEMPO_SHARES = (0.15, 0.3, 0.35, 0.2)
_LEGATO_SHARES, _REPEAT_SHARE = (0.1, 0.5, 0.9), 0.1
_INTONATION = 0.03
_FADE_FRAMES, _FADE_DB = 20, 40.0
_LEAD_FRAMES, _TAIL_FRAMES = (30, 100), (100, 250)
_LOUDNESS_OFFSET_DB = 2.8
"""Measured loudness above the A-weighted power of the parameters, the same on the whole corpus."""


@dataclass(frozen=True, slots=True)
class _Planned:
    first: int
    end: int
    midi_pitch: int
    join: Join | None
    """From the note before."""


def assemble_phrase(
    sources: Sequence[Source],
    joins: Joins,
    *,
    name: str,
    instrument: str,
    licence: str,
    seconds: float,
    is_held_out: bool,
    seed: int,
    manner: Callable[[np.random.Generator], Manner] = draw_manner,
    cut: Cutter = cut_note,
) -> Performed:
    """Return a phrase of about `seconds`; the same for the same seed and sources.

    `manner` draws how it is played, `cut` makes its notes. Raises ValueError for no sources.
    """
    if not sources:
        raise ValueError("a phrase needs analysed notes, found none")
    random = np.random.default_rng(seed)
    played = manner(random)
    plan = _plan(random, sources, joins, seconds)
    canvas = _Canvas.empty(plan[-1].end + int(random.integers(*_TAIL_FRAMES)))
    sample_rate = 1 << 30
    for index, planned in enumerate(plan):
        following = plan[index + 1] if index + 1 < len(plan) else None
        is_led_on = following is not None and _is_legato(following)
        count = planned.end - planned.first
        source = choose(random, sources, planned.midi_pitch, count)
        made = cut(
            source,
            planned.midi_pitch,
            count,
            has_attack=not _is_legato(planned),
            has_release=not is_led_on,
        )
        sample_rate = min(sample_rate, made.sample_rate)
        drawn = draw_expression(random, played, brightness(made.frames.harmonics))
        note = expressed(random, made.frames, drawn)
        key = planned.midi_pitch + random.normal(0, _INTONATION)
        keys = key + drawn_pitch(random, made.deviation, drawn)
        gain = float(level_db(note.amplitude[-1:])[0] - level_db(made.frames.amplitude[-1:])[0])
        until = following.first if following else len(canvas.keys)
        canvas.add(planned.first, note, keys, made.tail, gain, until)
        if planned.join is not None:
            _join(canvas, planned, plan[index - 1])
    frames = canvas.frames(sample_rate)
    notes = [Note(row.first / FRAME_RATE, row.end / FRAME_RATE, row.midi_pitch, 64) for row in plan]
    return Performed(
        name=name,
        instrument=instrument,
        source="assembled",
        licence=licence,
        origin="assembled",
        is_held_out=is_held_out,
        frames=frames,
        notes=extract(frames, notes, gain_db=0.0),
        tuning_semitones=0.0,
        audio=None,
        gain_db=0.0,
        sample_rate=sample_rate,
    )


def _is_legato(planned: _Planned) -> bool:
    return planned.join is not None and planned.join.is_legato


def _plan(
    random: np.random.Generator, sources: Sequence[Source], joins: Joins, seconds: float
) -> list[_Planned]:
    pitches = sorted({source.midi_pitch for source in sources})
    keys = list(range(pitches[0], pitches[-1] + 1))
    shortest, longest = _TEMPI[random.choice(len(_TEMPI), p=_TEMPO_SHARES)]
    legato_share = random.choice(_LEGATO_SHARES)
    pitch, first = int(random.choice(keys)), int(random.integers(*_LEAD_FRAMES))
    plan: list[_Planned] = []
    while not plan or plan[-1].end < seconds * FRAME_RATE:
        length_s = float(np.exp(random.uniform(np.log(shortest), np.log(longest))))
        if random.random() < 0.1:
            length_s = float(random.uniform(SHORTEST_S, LONGEST_S))
        join = None
        if plan:
            kind = joins.legato if random.random() < legato_share else joins.detached
            join = kind[int(random.integers(len(kind)))]
            pitch = _next_pitch(random, keys, plan[-1].midi_pitch, join)
            if pitch == plan[-1].midi_pitch and join.is_legato:
                join = joins.detached[int(random.integers(len(joins.detached)))]
            first = plan[-1].end + (0 if join.is_legato else join.gap_frames)
            if not join.is_legato and random.random() < 0.1:
                first += int(random.integers(25, 150))
        plan.append(_Planned(first, first + round(length_s * FRAME_RATE), pitch, join))
    return plan


def _next_pitch(random: np.random.Generator, keys: list[int], pitch: int, join: Join) -> int:
    """Return a pitch as far away as the join's, or a step of its own; within `keys`."""
    if not join.is_legato and random.random() < _REPEAT_SHARE:
        return pitch
    steps = [join.semitones, -join.semitones, int(random.integers(-5, 6))]
    for step in steps if random.random() < 0.7 else steps[::-1]:
        if step and keys[0] <= pitch + step <= keys[-1]:
            return pitch + step
    return int(random.choice(keys))


@dataclass(slots=True)
class _Canvas:
    """The columns of a phrase being painted: pitch in keys, levels in dB."""

    keys: NDArray[np.float64]
    levels_db: NDArray[np.float64]
    confidence: NDArray[np.float64]
    harmonics: NDArray[np.float32]
    noise_db: NDArray[np.float64]

    @classmethod
    def empty(cls, count: int) -> "_Canvas":
        harmonics = np.zeros((count, HARMONICS), np.float32)
        harmonics[:, 0] = 1.0
        return cls(
            np.full(count, np.nan),
            np.full(count, FLOOR_DB),
            np.zeros(count),
            harmonics,
            np.full((count, NOISE_BANDS), FLOOR_DB),
        )

    def add(
        self,
        first: int,
        note: Frames,
        keys: NDArray[np.float64],
        tail: Frames,
        tail_gain_db: float,
        until: int,
    ) -> None:
        """Paint a note and its release, which is over at the frame `until` at the latest."""
        end = first + len(note)
        self.keys[first:end] = keys
        self._paint(first, note, np.zeros(len(note)))
        room = min(until - end, len(tail))
        if room > 0:
            after = np.arange(room)
            # A gain soon wears off, and what the source cuts short dies away.
            gains_db = tail_gain_db - max(tail_gain_db, 0.0) * np.minimum(after / 40, 1.0)
            gains_db -= _FADE_DB * np.clip((after + _FADE_FRAMES - room) / _FADE_FRAMES, 0.0, 1.0)
            self._paint(end, excerpt(tail, slice(0, room)), gains_db)
            tail_keys = 69 + 12 * np.log2(np.maximum(tail.f0_hz[:room], 8.0) / 440)
            drift = np.clip(tail_keys - tail_keys[0], -0.5, 0.5)
            self.keys[end : end + room] = keys[-1] + drift
        # Rests: the noise of the room goes on, a little softer than it was.
        rest = slice(end + max(room, 0), until)
        floor = self.noise_db[max(rest.start - 1, 0)]
        self.noise_db[rest] = np.minimum(floor, -100.0)
        self.harmonics[rest] = self.harmonics[max(rest.start - 1, 0)]

    def _paint(self, first: int, frames: Frames, gains_db: NDArray[np.float64]) -> None:
        where = slice(first, first + len(frames))
        levels = level_db(frames.amplitude) + gains_db
        self.levels_db[where] = np.maximum(levels, FLOOR_DB)
        self.confidence[where] = frames.confidence * (levels > FLOOR_DB + 20)
        self.harmonics[where] = frames.harmonics
        noise = np.maximum(frames.noise, 1e-7).astype(np.float64)
        self.noise_db[where] = 20 * np.log10(noise) + np.minimum(gains_db, 0.0)[:, None]

    def frames(self, sample_rate: int) -> Frames:
        """Return what was painted; pitch holds between notes, loudness is that of the sum."""
        known = np.flatnonzero(np.isfinite(self.keys))
        before = np.maximum(np.searchsorted(known, np.arange(len(self.keys)), side="right") - 1, 0)
        f0_hz = 440 * 2 ** ((self.keys[known[before]] - 69) / 12)
        harmonics = self.harmonics.astype(np.float64)
        hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1)
        harmonics[hz >= sample_rate / 2] = 0.0
        total = harmonics.sum(axis=1, keepdims=True)
        harmonics = np.where(total > 0, harmonics / np.where(total > 0, total, 1.0), harmonics)
        amplitude = np.where(self.levels_db > FLOOR_DB, 10 ** (self.levels_db / 20), 0.0)
        noise = np.where(self.noise_db > FLOOR_DB, 10 ** (self.noise_db / 20), 0.0)
        return Frames(
            f0_hz.astype(np.float32),
            np.clip(self.confidence, 0, 1).astype(np.float32),
            loudness_of(f0_hz, amplitude, harmonics, noise),
            amplitude.astype(np.float32),
            harmonics.astype(np.float32),
            noise.astype(np.float32),
        )


def _join(canvas: _Canvas, planned: _Planned, before: _Planned) -> None:
    """Lead from the note before to this one, whose first frame is the joint."""
    at, join = planned.first, planned.join
    if join is None:
        return
    if not join.is_legato:
        # A release that is cut by the next attack falls to it within a few frames.
        width = min(8, max(at - before.end, 2))
        share = np.linspace(0.0, 1.0, width + 1)[1:]
        where = slice(at - width, at)
        meet = min(canvas.levels_db[at], canvas.levels_db[at - width])
        canvas.levels_db[where] += share * np.minimum(meet - canvas.levels_db[where], 0.0)
        noise = canvas.noise_db
        noise[where] += share[:, None] * (noise[at] - noise[where]) * 0.5
        return
    reach = min(25, (before.end - before.first) // 2, (planned.end - planned.first) // 2)
    if reach < 2:
        return
    near = np.arange(at - reach, at + reach)
    away = (near - at + 0.5) / reach
    step = canvas.levels_db[at] - canvas.levels_db[at - 1]
    toward = 0.5 * (1 - np.abs(away)) ** 2 * np.where(near < at, 1.0, -1.0)
    dip = join.dip_db * np.where(
        np.abs(near - at + 0.5) < 12, 0.5 + 0.5 * np.cos(np.pi * (near - at + 0.5) / 12), 0.0
    )
    canvas.levels_db[near] = np.maximum(canvas.levels_db[near] + step * toward - dip, FLOOR_DB)
    blend = np.arange(at - 4, at + 4)
    share = ((np.arange(8) + 0.5) / 8)[:, None]
    for table in (canvas.harmonics, canvas.noise_db):
        first, last = table[at - 4].copy(), table[at + 3].copy()
        table[blend] = first + share * (last - first)
    _glide(canvas.keys, at, join.glide_frames, reach)


def _glide(keys: NDArray[np.float64], at: int, glide_frames: float, reach: int) -> None:
    half = min(max(round(glide_frames / 2), 1), reach)
    near = np.arange(at - half, at + half)
    share = 0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / (2 * half))
    one = np.where(near < at, keys[near], keys[at - 1])
    two = np.where(near >= at, keys[near], keys[at])
    keys[near] = (1 - share) * one + share * two


def loudness_of(
    f0_hz: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    harmonics: NDArray[np.float64],
    noise: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return the A-weighted loudness that frames would measure, dB, shape (frames,).

    Harmonics have half their squared amplitude as power, noise bands a third of the squared
    magnitude times their share of 24 kHz.
    """
    hz = f0_hz[:, None] * np.arange(1, harmonics.shape[1] + 1)
    tones = ((amplitude[:, None] * harmonics) ** 2 / 2 * a_weighting(hz)).sum(axis=1)
    weights = a_weighting(np.linspace(0.0, 24000.0, NOISE_BANDS)) / (NOISE_BANDS - 1)
    power = tones + (noise**2 / 3) @ weights
    return np.asarray(
        np.maximum(10 * np.log10(power + 1e-12) + _LOUDNESS_OFFSET_DB, FLOOR_DB), np.float32
    )
