"""How notes are played on a DDX7 model, measured on the takes that it was trained on.

Loudness of attacks and releases, of usual notes over pitch, vibrato and drift that players have:
what the engine needs to make pitch and loudness of notes (`engine.ddx7_layout.Playing`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.ddx7_layout import ATTACK_FRAMES, RELEASE_FRAMES, Playing
from plugin_core.expression.extraction import vibrato, vibrato_rate_hz
from plugin_core.synthesis.ddx7_export import PlayingTables
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.live_tables import (
    USUAL_VIBRATO_HZ,
    held_wander_cents,
    usual_drift_cents,
)
from plugin_core.types import CONTROLS

VELOCITY_DB = 15.0
"""A key at velocity 127 is so much louder than at 64: the bundled live violin, flute and trumpet
measure 14.3 to 15.6 dB, and the same keys are to do the same on both."""

_NEUTRAL = 0.5
_VOICED = 0.8
_SOUNDING_DB, _SILENT_DB = -30.0, -40.0
"""Against the reference: what is a note, and what is a pause before one."""
_HELD_DB = -15.0
"""Against a single note's loud frames: it rings below that."""
_ONSET_DB = 25.0
"""A note begins where it comes within so much of its own level: its attack is what follows."""
_FALL_DB = 3.0
_PAUSE_FRAMES = 12
_NOTE_FRAMES = 100
_TAIL_FRAMES = 50
_LOWEST_DB = -60.0
_FEWEST = 3
_STILL_SEMITONES = 1.0
_SHIFT_FRAMES = 50
_MOST_SLOPE_DB = 6.0
_LEAST_REACH = 0.5
_RATES_HZ = (4.0, 7.5)
_MOST_VIBRATO = 0.6
_USUAL_REACH = (48.0, 84.0)
_FALLEN_DB = -15.0


def measure_tables(takes: Sequence[Take]) -> PlayingTables:
    """Return the tables of an instrument; usual values where too little was recorded."""
    voiced = [each.confidence > _VOICED for each in takes]
    performed = [
        (take, where) for take, where in zip(takes, voiced, strict=True) if not take.is_note
    ] or list(zip(takes, voiced, strict=True))
    pitch = np.concatenate([pitch_of(take)[where] for take, where in performed])
    loudness = np.concatenate([take.loudness_db[where] for take, where in performed])
    sounding = loudness > REFERENCE_DB + _SOUNDING_DB
    if sounding.any():
        pitch, loudness = pitch[sounding], loudness[sounding]
    else:
        pitch, loudness = np.array([69.0]), np.array([REFERENCE_DB])
    middle = float(np.median(pitch))
    octaves = (pitch - middle) / 12
    slope = slope_db(takes)
    lowest, highest = _reach(takes)
    strength, rate_hz = _vibrato(takes)
    return PlayingTables(
        typical=tuple(
            {"volume_fluctuation": 0.0, "vibrato": strength}.get(name, _NEUTRAL)
            for name in CONTROLS
        ),
        vibrato_hz=rate_hz,
        drift_cents=drift_cents(takes),
        attack_db=attack_contour(takes),
        release_db=release_contour(takes),
        numbers={
            Playing.REFERENCE_DB: REFERENCE_DB,
            Playing.NOTE_DB: float(np.median(loudness - slope * octaves)) - REFERENCE_DB,
            Playing.MIDDLE_PITCH: middle,
            Playing.SLOPE_DB: slope,
            Playing.VELOCITY_DB: VELOCITY_DB,
            Playing.QUIETEST_DB: min(float(np.quantile(loudness, 0.02)) - REFERENCE_DB, -1.0),
            Playing.LOUDEST_DB: max(float(np.quantile(loudness, 0.995)) - REFERENCE_DB, 1.0),
            Playing.LOWEST_PITCH: float(np.floor(lowest)),
            Playing.HIGHEST_PITCH: float(np.ceil(highest)),
        },
    )


class Heard(NamedTuple):
    """Sounding frames of takes of one level: pitch in semitones, loudness, which take and frame."""

    take: Take
    where: NDArray[np.bool_]


def sounding_together(takes: Sequence[Take]) -> list[list[Heard]]:
    """Return the takes in groups that were recorded at one level, and where they sound.

    A performance is a group by itself, the single notes of a source are one.
    """
    groups: dict[str, list[Heard]] = {}
    for take in takes:
        floor = REFERENCE_DB + _SOUNDING_DB
        if take.is_note:
            floor = float(np.quantile(take.loudness_db, 0.9)) + _HELD_DB
        where = (take.confidence > _VOICED) & (take.loudness_db > floor)
        if where.any():
            name = take.source if take.is_note else f"{take.source}: {take.name}"
            groups.setdefault(name, []).append(Heard(take, where))
    return list(groups.values())


def slope_db(takes: Sequence[Take]) -> float:
    """Return by how many dB notes are louder an octave higher, at most 6.

    Within recordings of one level that reach over half an octave or more: between them levels say
    nothing. Together, those count most that reach far.
    """
    apart = squares = 0.0
    for group in sounding_together(takes):
        octaves = np.concatenate([pitch_of(each.take)[each.where] for each in group]) / 12
        if np.ptp(np.quantile(octaves, (0.02, 0.98))) < _LEAST_REACH:
            continue
        loudness = np.concatenate([each.take.loudness_db[each.where] for each in group])
        octaves -= octaves.mean()
        apart += float(octaves @ (loudness - loudness.mean()))
        squares += float(octaves @ octaves)
    slope = apart / squares if squares > 0.0 else 0.0
    return float(np.clip(slope, -_MOST_SLOPE_DB, _MOST_SLOPE_DB))


def drift_cents(takes: Sequence[Take]) -> float:
    """Return how far the pitch of held tones without vibrato wanders: a standard deviation."""
    found = [
        held_wander_cents(take.f0_hz[begin:end])
        for take in takes
        for begin, end in _held(take)
        if np.ptp(pitch_of(take)[begin:end]) < _STILL_SEMITONES
    ]
    return usual_drift_cents([each for each in found if each is not None])


def _held(take: Take) -> list[tuple[int, int]]:
    """Return (begin, end) of stretches of one pitch that are long enough to tell."""
    pitch = pitch_of(take)
    leap = np.abs(np.diff(pitch, prepend=pitch[0])) > _STILL_SEMITONES / 2
    held = (take.confidence > _VOICED) & ~leap
    edges = np.flatnonzero(np.diff(np.concatenate(([0], held.astype(np.int8), [0]))))
    return [
        (int(begin), int(end))
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
        if end - begin >= _NOTE_FRAMES
    ]


def _reach(takes: Sequence[Take]) -> tuple[float, float]:
    """Return the lowest and the highest pitch that sounds, apart from slips of the tracker."""
    pitches = [
        pitch_of(take)[
            (take.confidence > _VOICED)
            & (take.loudness_db > np.quantile(take.loudness_db, 0.5) + _SOUNDING_DB / 3)
        ]
        for take in takes
    ]
    together = np.concatenate(pitches)
    if not len(together):
        return _USUAL_REACH
    lowest, highest = np.quantile(together, (0.01, 0.995))
    return float(lowest), float(highest)


def attack_contour(takes: Sequence[Take]) -> NDArray[np.float32]:
    """Return the mean loudness of notes after a pause, dB over the notes' own, shape (50,).

    The note's own is its median from frame 50 on. Of the attacks the faster half counts: what is
    played softly can be asked for. A rise of 40 ms where too few were recorded.
    """
    found = []
    for take in takes:
        loudness = take.loudness_db
        for begin, end in _notes(take):
            own = float(np.median(loudness[begin + ATTACK_FRAMES : end]))
            within = np.nonzero(loudness[begin:end] > own - _ONSET_DB)[0]
            if len(within) and begin + within[0] + ATTACK_FRAMES <= end:
                onset = begin + within[0]
                found.append(loudness[onset : onset + ATTACK_FRAMES] - own)
    if len(found) < _FEWEST:
        rise = np.linspace(-_ONSET_DB, 0.0, 10)
        return np.concatenate((rise, np.zeros(ATTACK_FRAMES - len(rise)))).astype(np.float32)
    found.sort(key=lambda curve: float(curve[: ATTACK_FRAMES // 2].mean()), reverse=True)
    contour: NDArray[np.float64] = np.mean(found[: -(-len(found) // 2)], axis=0)
    # The last entry holds on: what is left of the mean fades, so that a note ends at its own level.
    fade = np.clip((np.arange(ATTACK_FRAMES) - 25) / 24, 0.0, 1.0)
    return (contour * (1 - fade)).astype(np.float32)


def release_contour(takes: Sequence[Take]) -> NDArray[np.float32]:
    """Return the mean loudness after notes that end in a pause, dB over how they ended, (75,)."""
    found = []
    for take in takes:
        loudness = take.loudness_db
        for begin, end in _notes(take):
            own = float(np.median(loudness[begin + ATTACK_FRAMES : end]))
            loud = np.nonzero(loudness[begin:end] > own - _FALL_DB)[0]
            if not len(loud):
                continue
            last = begin + int(loud[-1])
            tail = loudness[last : last + RELEASE_FRAMES] - loudness[last]
            if len(tail) < RELEASE_FRAMES:
                tail = np.pad(tail, (0, RELEASE_FRAMES - len(tail)), constant_values=_LOWEST_DB)
            if tail[-1] < _FALLEN_DB:
                found.append(np.minimum.accumulate(np.maximum(tail, _LOWEST_DB)))
    if len(found) < _FEWEST:
        return np.linspace(0.0, _LOWEST_DB, RELEASE_FRAMES).astype(np.float32)
    return np.median(found, axis=0).astype(np.float32)


def _notes(take: Take) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of what sounds between pauses: end and attack of notes are heard there."""
    own_db = np.quantile(take.loudness_db, 0.9) if take.is_note else REFERENCE_DB
    sounds = take.loudness_db > own_db + _SOUNDING_DB
    edges = np.flatnonzero(np.diff(np.concatenate(([0], sounds.astype(np.int8), [0]))))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin < _NOTE_FRAMES:
            continue
        before = take.loudness_db[max(0, begin - _PAUSE_FRAMES) : begin]
        after = take.loudness_db[end : end + _TAIL_FRAMES]
        if (before.min(initial=0.0) < own_db + _SILENT_DB) or take.is_note or len(after):
            yield int(begin), int(end)


def pitch_of(take: Take) -> NDArray[np.float64]:
    """Return the pitch of every frame of a take in semitones, MIDI."""
    f0_hz = np.maximum(take.f0_hz.astype(np.float64), 1.0)
    pitch: NDArray[np.float64] = 69 + 12 * np.log2(f0_hz / 440)
    return pitch


def _vibrato(takes: Sequence[Take]) -> tuple[float, float]:
    """Return the mean strength of vibrato in held tones of performances, and its median rate."""
    strengths, rates = [], []
    for take in takes:
        pitch = pitch_of(take)
        for begin, end in _held(take):
            for since in range(begin, end - _NOTE_FRAMES + 1, _SHIFT_FRAMES):
                inner = take.f0_hz[since : since + _NOTE_FRAMES]
                if np.ptp(pitch[since : since + _NOTE_FRAMES]) > _STILL_SEMITONES:
                    continue
                if not take.is_note:
                    strengths.append(vibrato(inner))
                rates.append(vibrato_rate_hz(inner))
    rates = [each for each in rates if _RATES_HZ[0] <= each <= _RATES_HZ[1]]
    rate_hz = float(np.median(rates)) if len(rates) >= _FEWEST else USUAL_VIBRATO_HZ
    return float(np.clip(np.mean(strengths or [0.0]), 0.0, _MOST_VIBRATO)), rate_hz
