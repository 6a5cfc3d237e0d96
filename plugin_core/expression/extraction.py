"""The six controls of every note, measured from synthesis parameters.

In: `Frames` (250 a second) and notes. Out: `ExpressiveNote`s on the raw scale. The definitions are
those of DESIGN.md, section 5, after MIDI-DDSP (Wu et al. 2022, section 3.2 and appendix B.3).
`differentiable_extraction` is the same in PyTorch.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote, Frames, Note

Curve = NDArray[np.float32] | NDArray[np.float64]
"""One value a frame, shape (frames,)."""


class Vibrato(NamedTuple):
    """The strongest periodic movement of a pitch contour."""

    rate_hz: float
    depth_semitones: float
    """Peak deviation, semitones: of a sinusoid its amplitude."""


def note_frames(note: Note, frame_count: int) -> slice:
    """Return the frames of a note: from round(onset * 250) to round(offset * 250), exclusive.

    At least one frame, and none outside 0..frame_count. Raises ValueError for `frame_count` < 1.
    """
    if frame_count < 1:
        raise ValueError(f"a note needs at least one frame to be in, found {frame_count}")
    first = min(max(round(note.onset_s * FRAME_RATE), 0), frame_count - 1)
    end = min(max(round(note.offset_s * FRAME_RATE), first + 1), frame_count)
    return slice(first, end)


def level_db(magnitudes: Curve, gain_db: float = 0.0) -> NDArray[np.float64]:
    """Return linear magnitudes in dB plus `gain_db`, at least FLOOR_DB, shape as given."""
    linear = np.asarray(magnitudes, dtype=np.float64)
    return np.maximum(20.0 * np.log10(np.maximum(linear, 1e-12)) + gain_db, scales.FLOOR_DB)


def reference_gain_db(frames: Frames) -> float:
    """Return the gain that makes loud passages read volume 0.9, in dB; 0 if nothing is voiced.

    It puts the 95th percentile of the amplitude over voiced frames (confidence > 0.5) at -36 dB.
    """
    voiced = (frames.confidence > scales.VOICED_CONFIDENCE) & (frames.amplitude > 0)
    if not voiced.any():
        return 0.0
    levels = 20.0 * np.log10(frames.amplitude[voiced].astype(np.float64))
    return float(scales.REFERENCE_LEVEL_DB - np.percentile(levels, scales.REFERENCE_PERCENTILE))


def extract(frames: Frames, notes: Iterable[Note], gain_db: float) -> tuple[ExpressiveNote, ...]:
    """Return every note with its six controls, in the order given, on the raw scale.

    `gain_db` is added to amplitude and noise first (see `reference_gain_db`). Raises ValueError if
    there are notes but no frames.
    """
    return tuple(
        ExpressiveNote(note, expression(frames, note_frames(note, len(frames)), gain_db))
        for note in notes
    )


def expression(frames: Frames, where: slice, gain_db: float) -> Expression:
    """Return the six controls over the frames `where`, at least one, on the raw scale."""
    levels = level_db(frames.amplitude[where], gain_db)
    return Expression(
        volume=volume(levels),
        volume_fluctuation=volume_fluctuation(levels),
        volume_peak_position=volume_peak_position(levels),
        vibrato=vibrato(frames.f0_hz[where]),
        brightness=brightness(frames.harmonics[where]),
        attack_noise=attack_noise(frames.noise[where], gain_db),
    )


def volume(levels_db: Curve) -> float:
    """Return the mean level of a note; 0..1 is -90..-30 dB. `levels_db`: shape (frames,)."""
    return (float(np.mean(levels_db)) - scales.VOLUME_ZERO_DB) / scales.VOLUME_SPAN_DB


def volume_fluctuation(levels_db: Curve) -> float:
    """Return the standard deviation (over all frames) of a note's level; 1 is 24 dB."""
    return float(np.std(levels_db)) / scales.FLUCTUATION_SPAN_DB


def volume_peak_position(levels_db: Curve) -> float:
    """Return where the first of the largest levels is: 0 first frame, 1 last; 0 of one frame.

    A steady note (standard deviation below 0.1 dB) peaks at its onset: 0.
    """
    if np.std(levels_db) < scales.STEADY_DB:
        return 0.0
    return int(np.argmax(levels_db)) / max(len(levels_db) - 1, 1)


def vibrato(f0_hz: Curve) -> float:
    """Return the strength of a note's vibrato; 1 is about +-27 cents. `f0_hz`: shape (frames,).

    Ten times the peak magnitude of the DFT of the pitch deviation (semitones, mean removed, Tukey
    window with alpha 0.5, divided by the number of frames). 0 unless the note is longer than 50
    frames, the peak is in 3..9 Hz and at least one of its cycles fits the note. The DFT is
    zero-padded and its peak interpolated, so that the reading does not depend on how the note's
    length falls on the bins; from three cycles on a sinusoid's reading is right to 2 %.
    """
    found = strongest_movement(f0_hz)
    is_vibrato = (
        len(f0_hz) > scales.VIBRATO_MINIMUM_FRAMES
        and scales.VIBRATO_LOWEST_HZ <= found.rate_hz <= scales.VIBRATO_HIGHEST_HZ
        and found.rate_hz * len(f0_hz) >= FRAME_RATE
    )
    return _reading(found.depth_semitones) if is_vibrato else 0.0


def vibrato_rate_hz(f0_hz: Curve) -> float:
    """Return the rate of a note's vibrato in Hz, 0 if `vibrato` counts none."""
    return strongest_movement(f0_hz).rate_hz if vibrato(f0_hz) > 0 else 0.0


def vibrato_depth_semitones(vibrato_reading: float) -> float:
    """Return the amplitude of the sinusoidal vibrato that reads so, in semitones."""
    return vibrato_reading / _reading(1.0)


def _reading(depth_semitones: float) -> float:
    # A sinusoid's DFT peak is half its amplitude times the mean of the window, 1 - alpha / 2.
    return scales.VIBRATO_SCALE * depth_semitones / 2.0 * (1.0 - scales.VIBRATO_TAPER / 2.0)


def strongest_movement(f0_hz: Curve) -> Vibrato:
    """Return the highest peak of the pitch deviation's DFT at any rate; zeros if f0 is not there.

    `f0_hz`: shape (frames,), frames without f0 are 0.
    """
    count = len(f0_hz)
    frequencies = np.asarray(f0_hz, dtype=np.float64)
    if count < 3 or not (frequencies > 0).all():
        return Vibrato(0.0, 0.0)
    semitones = 12.0 * np.log2(frequencies)
    deviation = (semitones - semitones.mean()) * tukey(count)
    points = 1 << (scales.VIBRATO_OVERSAMPLING * count - 1).bit_length()
    magnitudes = np.abs(np.fft.rfft(deviation, points)) / count
    peak = int(np.argmax(magnitudes[1:-1])) + 1
    before, at, after = magnitudes[peak - 1 : peak + 2]
    bend = before - 2.0 * at + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    height = at - 0.25 * (before - after) * shift
    gain = (1.0 - scales.VIBRATO_TAPER / 2.0) / 2.0
    return Vibrato(float((peak + shift) * FRAME_RATE / points), float(height / gain))


def tukey(count: int) -> NDArray[np.float64]:
    """Return the Tukey window, alpha 0.5, of `count` frames: mean exactly 0.75, shape (count,).

    It is sampled at the middles of the frames, so that its mean does not depend on `count`.
    """
    flank = scales.VIBRATO_TAPER / 2.0
    position = (np.arange(count) + 0.5) / count
    to_edge = np.minimum(position, 1.0 - position)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(to_edge / flank, 1.0))


def brightness(harmonics: NDArray[np.float32] | NDArray[np.float64]) -> float:
    """Return the mean centroid of a note's first 60 harmonics, in harmonic numbers; 12 is 1.

    `harmonics`: shape (frames, K). Frames that have none of them are left out; 0 if none is left.
    """
    centroids, has_some = harmonic_centroids(harmonics)
    if not has_some.any():
        return 0.0
    return float(np.mean(centroids[has_some])) / scales.BRIGHTNESS_SPAN


def harmonic_centroids(
    harmonics: NDArray[np.float32] | NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the centroid of every frame, and whether it has one, shapes (frames,)."""
    shares = np.asarray(harmonics[:, : scales.BRIGHTNESS_HARMONICS], dtype=np.float64)
    total = shares.sum(axis=1)
    has_some = total > 0
    numbers = np.arange(1, shares.shape[1] + 1)
    return (shares @ numbers) / np.where(has_some, total, 1.0), has_some


def attack_noise(noise: NDArray[np.float32] | NDArray[np.float64], gain_db: float = 0.0) -> float:
    """Return the mean noise level of a note's first 10 frames; 0..1 is -105..-65 dB.

    `noise`: linear magnitudes, shape (frames, 65). The mean of the dB is over frames and bands.
    """
    levels = level_db(noise[: scales.ATTACK_FRAMES], gain_db)
    return (float(levels.mean()) - scales.ATTACK_NOISE_ZERO_DB) / scales.ATTACK_NOISE_SPAN_DB
