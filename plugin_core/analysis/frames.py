"""From a recording and its pitch to synthesis parameters, 250 frames a second.

The harmonics are read on the phase grid, the noise from between them, or, where nothing is voiced
and beyond the last harmonic, from everything. Blocks of fixed length are measured one after the
other, so an hour needs no more memory than a minute, and gives the same frames.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.abrupt_changes import SILENCE_DB, highest_within, steadier_frames
from plugin_core.analysis.harmonic_analysis import HARMONIC_WINDOW, HarmonicPower
from plugin_core.analysis.loudness import frame_count, loudness_db
from plugin_core.analysis.noise_analysis import (
    GAP_WINDOW,
    SPACING_HZ,
    noise_from_all,
    noise_from_gaps,
    reach_beyond,
    sharpened,
)
from plugin_core.analysis.phase_grid import phase_grids
from plugin_core.analysis.phase_spectra import Window, phase_spectra
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Frames, Mono

_BLOCK = 2000
_MARGIN = 50
"""Frames around a block that its own may look at and borrow from: twice 4 periods of 40 Hz."""
_CONTEXT = 50
"""Frames around those whose audio they may see: half of 8 periods at 20 Hz."""
_LOWEST_HZ = 20.0
_SLACK = 1.2
"""The lesser of two measures that scatter is too little by about so much."""
_LEAP_SEMITONES = 4.0
_GAP_CHANGE_DB = 20.0
_LINE_CHANGE_DB = 40.0
"""Abrupt changes: one splashes into the gaps long before it blurs the harmonics."""
_DOUBT = 3.0
"""Where nothing seems voiced, a harmonic must stand out of so much more noise to be one: the peaks
of noise alone, at bins where a pitch from elsewhere puts harmonics, are then mostly noise."""


class Pitch(Protocol):
    """What is needed of a pitch track."""

    @property
    def f0_hz(self) -> NDArray[np.float32]:
        """Fundamental frequency per frame, shape (frames,); carried on where unvoiced."""

    @property
    def confidence(self) -> NDArray[np.float32]:
        """How sure it is that a frame is voiced, 0..1, shape (frames,)."""


def measure_frames(audio: Mono, sample_rate: int, pitch: Pitch) -> Frames:
    """Return the synthesis parameters of `audio`, shape (samples,), full scale +-1.

    `pitch` has one value per frame: int(samples * 250 / sample_rate) + 1. Harmonics above Nyquist
    and noise bands above it are 0. Raises ValueError for a pitch track of another length.
    """
    blocks = list(measure_frame_blocks([audio], sample_rate, pitch))
    return Frames(
        *(
            np.concatenate([getattr(block, name) for block in blocks])
            for name in Frames.__dataclass_fields__
        )
    )


def measure_frame_blocks(
    pieces: Iterable[Mono], sample_rate: int, pitch: Pitch
) -> Iterator[Frames]:
    """Yield the frames of a recording that comes in pieces, shape (samples,) each, of any lengths.

    Together they are what `measure_frames` gives for the whole, in blocks of 8 s. Raises ValueError
    if `pitch` turns out to have another length than the recording.
    """
    frames = len(pitch.f0_hz)
    source = iter(pieces)
    held, begin, ended = np.zeros(0, np.float32), 0, False
    for first in range(0, frames, _BLOCK):
        count = min(_BLOCK, frames - first)
        since = _sample(first - _MARGIN - _CONTEXT, sample_rate)
        until = _sample(first + count + _MARGIN + _CONTEXT, sample_rate)
        parts = [held]
        have = begin + len(held)
        while have < until and not ended:
            piece = next(source, None)
            if piece is None:
                ended = True
            else:
                parts.append(np.asarray(piece, np.float32))
                have += len(piece)
        held = np.concatenate(parts)
        drop = min(max(since - begin, 0), len(held))
        held, begin = held[drop:], begin + drop
        if ended:
            _require_length(frames, have, sample_rate)
        yield _measure(held[: until - begin], begin, sample_rate, pitch, first, count)
    if not ended:
        rest = sum(len(piece) for piece in source)
        _require_length(frames, begin + len(held) + rest, sample_rate)


def _sample(frame: int, sample_rate: int) -> int:
    return max(0, frame * sample_rate // FRAME_RATE)


def _require_length(frames: int, samples: int, sample_rate: int) -> None:
    if frames != frame_count(samples, sample_rate):
        raise ValueError(
            f"the pitch of {samples} samples at {sample_rate} Hz has "
            f"{frame_count(samples, sample_rate)} frames, found {frames}"
        )


def _measure(
    audio: Mono, begin: int, sample_rate: int, pitch: Pitch, first: int, count: int
) -> Frames:
    """Measure `count` frames from `first` on; `audio` begins at sample `begin`."""
    low = max(0, first - _MARGIN)
    wide = min(first + count + _MARGIN, len(pitch.f0_hz)) - low
    since = max(0, low - _CONTEXT)
    f0 = np.asarray(pitch.f0_hz[since : low + wide + _CONTEXT], np.float64)
    audible = np.maximum(f0, _LOWEST_HZ)
    grids = phase_grids(audio, sample_rate, begin / sample_rate, audible, since, HARMONICS)
    audible = audible[low - since : low - since + wide]

    everything = noise_from_all(audio, sample_rate, begin, low, wide)
    gaps = np.full_like(everything, np.inf)
    lines = HarmonicPower.unmeasured(wide, HARMONICS)
    top = reach_beyond(HARMONICS, audible.min())
    for line_spectra, gap_spectra in phase_spectra(
        grids, low, wide, top, (HARMONIC_WINDOW, GAP_WINDOW)
    ):
        lines.measure(line_spectra)
        noise_from_gaps(gap_spectra, audible, sample_rate, HARMONICS, gaps)

    core = slice(first - low, first - low + count)
    level_db = 10 * np.log10(everything.sum(axis=1) + 10 ** (SILENCE_DB / 10))
    gap_reach = _reach(GAP_WINDOW, audible)
    of_level = steadier_frames(level_db, gap_reach, _GAP_CHANGE_DB)[core]
    # A window over a leap sees the sound of the one pitch as the noise of the other.
    semitones = 12 * np.log2(audible)
    of_pitch = steadier_frames(semitones, gap_reach, _LEAP_SEMITONES, outside=None)[core]
    gap_frames = np.where(of_pitch == np.arange(core.start, core.stop), of_level, of_pitch)
    line_frames = steadier_frames(level_db, _reach(HARMONIC_WINDOW, audible), _LINE_CHANGE_DB)[core]
    # Everything is seen through a shorter window: it tells when the noise begins and ends.
    between, everything = gaps[gap_frames], everything[core]
    has_gaps = np.isfinite(between)
    noise = np.where(has_gaps, np.minimum(between, _SLACK * everything), everything)

    f0 = f0[core.start + low - since :][:count]
    confidence = np.asarray(pitch.confidence[first : first + count], np.float32)
    at_lines = _between_points(noise, f0[:, None] * np.arange(1, HARMONICS + 1) / SPACING_HZ)
    doubt = 1 + _DOUBT * (1 - confidence)
    in_lines = at_lines * (lines.noise_gain[line_frames] * doubt)[:, None]
    # What is borrowed was perhaps still rising; at the very edge half of it is in sight: 6 dB less.
    half_periods = np.ceil(FRAME_RATE / (2 * audible)).astype(np.int64)
    peak_db = highest_within(level_db, half_periods)
    rise = 4 * 10 ** ((peak_db[core] - peak_db[line_frames]) / 10)
    power = np.maximum(lines.power[line_frames] * np.minimum(rise, 1)[:, None] - in_lines, 0)
    amplitudes = np.sqrt(power * (f0 > 0)[:, None])
    amplitude = amplitudes.sum(axis=1)
    shares = np.zeros_like(amplitudes)
    shares[:, 0] = 1
    np.divide(amplitudes, amplitude[:, None], out=shares, where=amplitude[:, None] > 0)
    return Frames(
        f0_hz=f0.astype(np.float32),
        confidence=confidence,
        loudness_db=loudness_db(
            audio, sample_rate, first_frame=first, frames=count, first_sample=begin
        ),
        amplitude=amplitude.astype(np.float32),
        harmonics=shares.astype(np.float32),
        noise=sharpened(np.sqrt(noise), sample_rate),
    )


def _reach(window: Window, f0_hz: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many frames of its half a window extends to each side."""
    seconds = np.asarray(window.periods)[window.choose(f0_hz)] / (2 * f0_hz)
    return np.clip(np.ceil(seconds * FRAME_RATE), 1, _MARGIN // 2).astype(np.int64)


def _between_points(power: NDArray[Any], position: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return `power`, shape (frames, 65), at fractional points, shape (frames, harmonics)."""
    position = np.clip(position, 0, NOISE_BANDS - 1)
    below = np.minimum(position.astype(np.int64), NOISE_BANDS - 2)
    part = (position - below).astype(np.float32)
    left = np.take_along_axis(power, below, axis=1)
    right = np.take_along_axis(power, below + 1, axis=1)
    between: NDArray[np.float32] = left + part * (right - left)
    return between
