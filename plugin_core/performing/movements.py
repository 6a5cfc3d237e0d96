"""What moves inside notes: lanes and controllers that change while a note sounds, and pitch bends.

A note's controls are one value each (`interpretation`); how a lane strays from that value within
the note is laid over the finished frames: volume as a gain in dB, vibrato as its depth, brightness
as a tilt of the spectrum. So is everything that no model knows of: pitch bend, master tune, CC7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.vibrato_edits import vibrato_movement
from plugin_core.performing.control_lanes import ControlLanes
from plugin_core.performing.interpretation import lane_mean
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote, Frames, Lane, Note, Part

Curve = NDArray[np.float64]

_MOVING = ("volume", "vibrato", "brightness")
_SMOOTH = 13
"""Frames over which steps are smoothed."""
_LEAST = 1e-6
_LEAST_VIBRATO = 0.02
_DEEPEST = 4.0
_STEEPEST = 6.0
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Movements:
    """What is laid over a player's frames; None where nothing moves. Curves: shape (frames,)."""

    gain_db: Curve | None = field(default=None, repr=False)
    """Gain of harmonics and noise."""
    vibrato: Curve | None = field(default=None, repr=False)
    """Times as deep."""
    brightness: Curve | None = field(default=None, repr=False)
    """Added to the brightness."""
    semitones: Curve | None = field(default=None, repr=False)
    """Added to the pitch."""

    def at(self, first: int, last: int) -> "Movements":
        """Return the movements of the frames `first` .. `last`; after the end the last stays."""

        def of(curve: Curve | None) -> Curve | None:
            if curve is None:
                return None
            return curve[np.minimum(np.arange(first, last), len(curve) - 1)]

        return Movements(
            of(self.gain_db), of(self.vibrato), of(self.brightness), of(self.semitones)
        )


STILL = Movements()
"""Nothing moves."""


def movements(
    part: Part,
    notes: Sequence[ExpressiveNote],
    lanes: Mapping[str, Lane],
    *,
    typical: Expression,
    frames: int,
) -> Movements:
    """Return what moves inside the notes of a monophonic part, in its first `frames` frames.

    `notes` are those of the part with their effective controls, `typical` is the instrument's;
    there is at least one frame.
    """
    if not notes:
        return STILL
    driven = ControlLanes(part, lanes)
    starts = [max(round(each.note.onset_s * FRAME_RATE), 0) for each in notes]
    edges = [0, *starts[1:], max(frames, starts[-1] + 1)]
    strays = {name: np.zeros(edges[-1]) for name in _MOVING}
    gain_db, semitones = np.zeros(edges[-1]), np.zeros(edges[-1])
    depth = np.ones(edges[-1])
    for each, (first, last) in zip(notes, pairwise(edges), strict=True):
        if last <= first:
            continue
        times_s = np.arange(first, last) / FRAME_RATE
        for name in _MOVING:
            strays[name][first:last] = _stray(driven, name, each, typical, times_s)
        effective = each.expression.vibrato
        if effective >= _LEAST_VIBRATO:
            stray = strays["vibrato"][first:last]
            depth[first:last] = np.clip(1.0 + stray / effective, 0.0, _DEEPEST)
        gain_db[first:last] = driven.gain_db(times_s, channel=each.note.channel)
        semitones[first:last] = driven.bend_semitones(times_s, channel=each.note.channel)
    gain_db += scales.VOLUME_SPAN_DB * strays["volume"]
    return Movements(
        gain_db=_smoothed(gain_db[:frames], 0.0),
        vibrato=_smoothed(depth[:frames], 1.0),
        brightness=_smoothed(strays["brightness"][:frames], 0.0),
        semitones=_smoothed(semitones[:frames], 0.0),
    )


def moved(frames: Frames, notes: Sequence[Note], first: int, moving: Movements) -> Frames:
    """Return frames with what moves in them; `first` is the number of the first frame.

    `notes` are those that sound in the frames, by onset; `moving` is of these frames alone.
    """
    f0_hz, harmonics = frames.f0_hz, frames.harmonics
    amplitude, noise, loudness_db = frames.amplitude, frames.noise, frames.loudness_db
    if moving.vibrato is not None:
        f0_hz = _with_depth(f0_hz, notes, first, moving.vibrato)
    if moving.semitones is not None:
        f0_hz = (f0_hz * 2.0 ** (moving.semitones / 12)).astype(np.float32)
    if moving.brightness is not None:
        harmonics = _brightened(harmonics, moving.brightness)
    if moving.gain_db is not None:
        gain = (10.0 ** (moving.gain_db / 20)).astype(np.float32)
        amplitude, noise = amplitude * gain, noise * gain[:, None]
        loudness_db = (loudness_db + moving.gain_db).astype(np.float32)
    return replace(
        frames,
        f0_hz=f0_hz,
        harmonics=harmonics,
        amplitude=amplitude,
        noise=noise,
        loudness_db=loudness_db,
    )


def _stray(
    driven: ControlLanes, name: str, each: ExpressiveNote, typical: Expression, times_s: Curve
) -> Curve:
    """Return how far a control is from the note's value, inside 0..1 where that is inside."""
    note, value = each.note, float(getattr(each.expression, name))
    if not driven.is_driven(name, note.channel):
        return np.zeros(times_s.shape)
    usual = float(getattr(typical, name))
    lane = driven.at(name, times_s, channel=note.channel, default=usual)
    wanted = value + lane - lane_mean(driven, name, note, usual)
    return np.clip(wanted, min(value, 0.0), max(value, 1.0)) - value


def _smoothed(curve: Curve, still: float) -> Curve | None:
    """Return a curve without steps, None if it is `still` all the time."""
    if np.abs(curve - still).max(initial=0.0) < _LEAST:
        return None
    window = np.hanning(_SMOOTH + 2)[1:-1]
    padded = np.pad(curve, _SMOOTH // 2, mode="edge")
    smooth: Curve = np.convolve(padded, window / window.sum(), mode="valid")
    return smooth


def _with_depth(
    f0_hz: NDArray[np.float32], notes: Sequence[Note], first: int, depth: Curve
) -> NDArray[np.float32]:
    """Return f0 with the vibrato of every note as many times as deep as `depth` says."""
    semitones = 12 * np.log2(np.maximum(f0_hz.astype(np.float64), 1e-3))
    for note in notes:
        start = max(round(note.onset_s * FRAME_RATE) - first, 0)
        end = min(round(note.offset_s * FRAME_RATE) - first, len(f0_hz))
        if end - start > scales.VIBRATO_MINIMUM_FRAMES and (f0_hz[start:end] > 0).all():
            movement = vibrato_movement(semitones[start:end])
            semitones[start:end] += (depth[start:end] - 1.0) * movement
    bent: NDArray[np.float32] = (2.0 ** (semitones / 12)).astype(np.float32)
    return np.where(f0_hz > 0, bent, f0_hz)


def _brightened(harmonics: NDArray[np.float32], more: Curve) -> NDArray[np.float32]:
    """Return the distribution tilted so that the brightness grows by `more`, frame by frame."""
    numbers = np.arange(1, harmonics.shape[1] + 1, dtype=np.float64)
    logs = np.log(numbers)
    heard = numbers <= scales.BRIGHTNESS_HARMONICS
    moving = np.flatnonzero(np.abs(more) > _LEAST)
    plain = np.log(np.maximum(harmonics[moving].astype(np.float64), 1e-30))
    exponent = np.zeros((len(moving), 1))
    goal = np.zeros((len(moving), 1))
    for step in range(_ROUNDS + 1):
        leaning = plain + exponent * logs
        shares = np.exp(leaning - leaning.max(axis=1, keepdims=True))
        shares *= harmonics[moving] > 0
        weights = shares[:, heard] / np.maximum(shares[:, heard].sum(axis=1, keepdims=True), 1e-30)
        centroid = weights @ numbers[heard, None]
        if step == 0:
            goal = np.maximum(centroid + scales.BRIGHTNESS_SPAN * more[moving, None], 1.0)
        if step == _ROUNDS:
            break
        # Newton's step: the centroid grows by the covariance of number and logarithm.
        slope = weights @ (numbers * logs)[heard, None] - centroid * (weights @ logs[heard, None])
        exponent += np.clip((goal - centroid) / np.maximum(slope, 1e-3), -1.0, 1.0)
        exponent = np.clip(exponent, -_STEEPEST, _STEEPEST)
    out = harmonics.copy()
    sums = harmonics[moving].sum(axis=1, keepdims=True)
    total = np.maximum(shares.sum(axis=1, keepdims=True), 1e-30)
    out[moving] = (shares / total * sums).astype(np.float32)
    return out
