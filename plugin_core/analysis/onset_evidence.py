"""What speaks for an onset at every frame, and where onsets might be.

In: f0, its confidence and `OnsetCurves`. Out: the frames where the flux peaks, the level climbs or
the key changes, and a row of features for each of them, which `onsets` weighs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, percentile_filter, uniform_filter1d

from plugin_core.analysis.onset_curves import OnsetCurves, spectral_flux
from plugin_core.analysis.pitch_steps import REST, midi_of, sounding_keys, tuning_semitones
from plugin_core.analysis.trills import without_trills

Curve = NDArray[np.float32]

_QUIET_DB = -75.0
"""Levels below this, relative to the loud passages, count as this: it is noise."""
_INAUDIBLE_DB = -50.0
"""What is quieter than this, likewise, is no note, whatever its pitch."""
_TUNING_DB = -30.0
_SURE = 0.7
_SLOPE_FRAMES = 3
_LEAST_FLUX_DB = 1.0
_LEAST_CLIMB_DB = 2.0
_PULSES_HZ = 45.0
"""Below this the period is longer than what the curves see at a time."""
_PULSE_FRAMES = 9
_USUAL_FRAMES = 125
_USUAL_PERCENTILE = 96
_NEIGHBOURHOOD = 8
"""Frames within which two signs are of one onset."""


class Evidence(NamedTuple):
    """One value a frame, shapes (frames,)."""

    semitones: Curve
    """f0 as a MIDI pitch, 0 where there is none."""
    confidence: Curve
    keys: NDArray[np.int16]
    """The key that sounds, or REST."""
    level_db: Curve
    """Relative to the loud passages, at least -75."""
    high_db: Curve
    """The same of what is above 2.5 kHz, relative to the loud passages as a whole."""
    flux_db: Curve
    in_trill: NDArray[np.bool_]
    """Whether a trill goes on: it has no onsets, its key is its lower one."""


def gather_evidence(f0_hz: Curve, confidence: Curve, curves: OnsetCurves) -> Evidence:
    """Return the evidence of a recording, all arrays of shape (frames,).

    Loud passages are the 95th percentile of the level where f0 is more sure than not. Raises
    ValueError for curves of different lengths.
    """
    if not len(f0_hz) == len(confidence) == len(curves.level_db):
        lengths = len(f0_hz), len(confidence), len(curves.level_db)
        raise ValueError(f"f0, confidence and onset curves must be of one length, found {lengths}")
    voiced = curves.level_db[confidence > 0.5]
    reference_db = np.percentile(voiced if len(voiced) else curves.level_db, 95)
    pulses = _pulses(f0_hz, confidence)
    level_db = _smoothed(np.maximum(curves.level_db - reference_db, _QUIET_DB), pulses)
    sure = np.where((confidence > _SURE) & (level_db > _TUNING_DB), confidence, 0.0)
    tuning = tuning_semitones(f0_hz, sure)
    audible = np.where(level_db > _INAUDIBLE_DB, confidence, 0.0)
    keys, in_trill = without_trills(sounding_keys(f0_hz, audible, tuning))
    known = f0_hz > 0
    return Evidence(
        semitones=np.where(known, midi_of(np.where(known, f0_hz, 440.0)), 0.0).astype(np.float32),
        confidence=confidence,
        keys=keys,
        level_db=level_db,
        high_db=_smoothed(np.maximum(curves.high_db - reference_db, _QUIET_DB), pulses),
        flux_db=_above_usual(spectral_flux(curves, float(reference_db)), pulses),
        in_trill=in_trill,
    )


def _pulses(f0_hz: Curve, confidence: Curve) -> NDArray[np.bool_]:
    """Tell of every frame whether single periods are heard around it: they are no onsets."""
    low = (f0_hz > 0) & (f0_hz < _PULSES_HZ) & (confidence > 0.5)
    return np.asarray(maximum_filter1d(low, _PULSE_FRAMES))


def _smoothed(level_db: Curve, pulses: NDArray[np.bool_]) -> Curve:
    """Return the level, the mean over a period and more where there are pulses."""
    mean = uniform_filter1d(10 ** (level_db.astype(np.float64) / 10), _PULSE_FRAMES, mode="nearest")
    return np.where(pulses, 10 * np.log10(mean), level_db).astype(np.float32)


def _above_usual(flux_db: Curve, pulses: NDArray[np.bool_]) -> Curve:
    """Return the flux, where there are pulses what is above that of half a second around."""
    usual = percentile_filter(flux_db, _USUAL_PERCENTILE, _USUAL_FRAMES, mode="nearest")
    return np.where(pulses, np.maximum(flux_db - usual, 0), flux_db).astype(np.float32)


def candidates(evidence: Evidence) -> NDArray[np.int64]:
    """Return the frames, ascending, where an onset might be; none nearer than 36 ms to another.

    A peak of the flux knows best when, then a climb of the level, then a new key.
    """
    level, keys = evidence.level_db, evidence.keys
    climb = np.zeros_like(level)
    climb[_SLOPE_FRAMES:-_SLOPE_FRAMES] = level[2 * _SLOPE_FRAMES :] - level[: -2 * _SLOPE_FRAMES]
    before = np.concatenate([[REST], keys[:-1]])
    signs = (
        _peaks(evidence.flux_db, _LEAST_FLUX_DB),
        _peaks(climb, _LEAST_CLIMB_DB),
        np.flatnonzero((keys != before) & (keys != REST)),
    )
    taken = np.zeros(len(level), dtype=bool)
    for frames in signs:
        for frame in frames:
            first = max(frame - _NEIGHBOURHOOD, 0)
            if not taken[first : frame + _NEIGHBOURHOOD + 1].any():
                taken[frame] = True
    return np.flatnonzero(taken & ~evidence.in_trill)


def _peaks(curve: Curve, least: float) -> NDArray[np.int64]:
    return np.flatnonzero((curve >= maximum_filter1d(curve, 13, mode="nearest")) & (curve > least))


def features(evidence: Evidence, frames: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return what tells at each of `frames` of an onset there, by name, shapes (len(frames),).

    Levels in tens of dB, pitches in semitones, times in frames of 4 ms from the candidate. Before
    the recording and after it there is silence.
    """

    def level(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.level_db, frames, first, last, _QUIET_DB)

    def high(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.high_db, frames, first, last, _QUIET_DB)

    def flux(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.flux_db, frames, first, last, 0.0)

    def confidence(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.confidence, frames, first, last, 0.0)

    def keys(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.keys, frames, first, last, REST)

    def pitch(first: int, last: int) -> NDArray[np.float64]:
        return _around(evidence.semitones, frames, first, last, 0.0)

    bottom, top = level(-12, 4).min(1), level(0, 20).max(1)
    rise = np.minimum(top - bottom, 40.0)
    dip = np.minimum(level(-60, -2).max(1) - level(-12, 6).min(1), 40.0)
    now, ago = keys(-8, 8), keys(-9, 7)
    starts, was = keys(-10, 25), keys(-11, 24)
    flux_peak = flux(-3, 3).max(1)
    steepest = (level(-3, 7) - level(-7, 3)).max(1)
    pitch_before, pitch_after = np.median(pitch(-15, -5), 1), np.median(pitch(5, 15), 1)
    wobble = np.abs(pitch(-5, 5) - np.median(pitch(-15, 15), 1, keepdims=True)).max(1)
    return {
        "key changes": ((now != ago) & (now != REST) & (ago != REST)).any(1) * 1.0,
        "key starts": ((starts != REST) & (was == REST)).any(1) * 1.0,
        "key after": (keys(4, 24) != REST).mean(1),
        "rest before": (keys(-15, -2) == REST).mean(1),
        "rise": rise / 10,
        "slow rise": np.minimum(level(0, 50).max(1) - level(-25, 4).min(1), 40.0) / 10,
        "dip": dip / 10,
        "dip and rise": np.minimum(dip, rise) / 10,
        "high rise": np.minimum(high(0, 12).max(1) - high(-12, 4).min(1), 40.0) / 10,
        "high burst": np.clip(high(-2, 6).max(1) - high(15, 40).mean(1), -20.0, 20.0) / 10,
        "least confidence": confidence(-6, 6).min(1),
        "confidence after": confidence(4, 20).mean(1),
        "confidence before": confidence(-20, -4).mean(1),
        "flux": flux_peak / 10,
        "flux over mean": np.minimum(flux_peak / (flux(-60, 60).mean(1) + 0.5), 10.0) / 10,
        "flux, bounded": flux_peak / (flux_peak + 4.0),
        "steepness": np.minimum(steepest, 30.0) / 10,
        "loudness": np.clip(level(0, 25).max(1), -50.0, 5.0) / 10,
        "pitch step": np.minimum(np.abs(pitch_after - pitch_before), 1.5),
        "pitch wobble": np.minimum(wobble, 2.0),
    }


def _around(
    curve: NDArray[np.float32] | NDArray[np.int16],
    frames: NDArray[np.int64],
    first: int,
    last: int,
    outside: float,
) -> NDArray[np.float64]:
    at = frames[:, None] + np.arange(first, last + 1)
    inside = (at >= 0) & (at < len(curve))
    return np.where(inside, curve[np.clip(at, 0, len(curve) - 1)], outside).astype(np.float64)
