"""Pitch candidates of audio at 16 kHz: the peaks of its autocorrelation, every 4 ms.

Boersma 1993, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise
ratio of a sampled sound": the autocorrelation of a Hann-windowed frame divided by that of the
window. Three window lengths look at three ranges of pitch, so that low notes find their three
periods and fast passages on high ones are not smeared.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from plugin_core.analysis.pitch.comb import fit_combs
from plugin_core.audio.jit import entry_point, kernel

TRACKING_RATE = 16000
"""Samples per second of the audio that is tracked."""

HOP = 64
"""Samples between frames at that rate: 4 ms."""

REACH = 1024
"""No window or lag reaches further than this many samples from a frame's centre."""

LOWEST_HZ = 30.0
HIGHEST_HZ = 3000.0
"""The pitches that can be found: MIDI 24 to 101, with a semitone to spare."""

_HIGHEST_HARMONIC_HZ = 7400.0
_ROWS = 256  # Frames transformed at once: their spectra stay in the cache.
_SILENCE = 1e-10  # Power at which the strength of a candidate has halved: -100 dB.


@dataclass(frozen=True, slots=True)
class Range:
    """A window and the pitches which it is to find."""

    lowest_hz: float
    highest_hz: float
    heard_from_hz: float
    """What is below is faded out, gone at 0.6 of it; near there peaks would be bent."""
    window: int
    """Samples, even."""
    oversampling: int
    """Values of the autocorrelation per sample."""
    hop: int
    """Frames from one that is measured to the next; those between repeat it."""
    candidates: int
    doubt: float
    """Factor on the aperiodicity of its candidates: noise has less of it in a shorter window."""


RANGES = (
    Range(LOWEST_HZ, 130.0, 30.0, 1600, 1, 2, 5, 1.0),
    Range(75.0, 1300.0, 68.0, 640, 2, 1, 6, 1.2),
    Range(290.0, HIGHEST_HZ, 230.0, 240, 4, 1, 6, 1.6),
)

CANDIDATES = sum(part.candidates for part in RANGES)
"""Candidates of a frame, at most."""


def autocorrelation_candidates(
    audio: NDArray[np.float32],
    frames: int,
    wanted_hz: NDArray[np.float32],
    lowest_hz: float,
    highest_hz: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return candidates of `frames` frames: (f0_hz, strength, fit), each (frames, CANDIDATES).

    Frame i is centred at sample REACH + HOP i of `audio`, which is at TRACKING_RATE and has
    (frames - 1) HOP + 2 REACH samples. A strength is the autocorrelation at the candidate's
    period, 0..1, 1 for a periodic sound; the fit is that of `fit_combs` in the same window. Where
    there are fewer candidates f0_hz is 0. A peak at `wanted_hz`, (frames,), is kept although others
    be stronger. The first frame must have an even number in its recording.
    """
    f0_hz = np.zeros((frames, CANDIDATES), np.float32)
    strength = np.zeros((frames, CANDIDATES), np.float32)
    fit = np.zeros((frames, CANDIDATES), np.float32)
    column = 0
    for part in RANGES:
        columns = slice(column, column + part.candidates)
        column += part.candidates
        lowest = max(lowest_hz, part.lowest_hz)
        highest = min(highest_hz, part.highest_hz)
        if lowest < highest:
            tables = f0_hz[:, columns], strength[:, columns], fit[:, columns]
            _measure(audio, part, wanted_hz, lowest, highest, *tables)
    return f0_hz, strength, fit


def _measure(
    audio: NDArray[np.float32],
    part: Range,
    wanted_hz: NDArray[np.float32],
    lowest_hz: float,
    highest_hz: float,
    f0_hz: NDArray[np.float32],
    strength: NDArray[np.float32],
    fit: NDArray[np.float32],
) -> None:
    rate = TRACKING_RATE * part.oversampling
    longest = int(1.05 * rate / lowest_hz) + 2
    size = scipy.fft.next_fast_len(part.window + longest // part.oversampling + 1, real=True)
    window = np.hanning(part.window + 1)[:-1].astype(np.float32)
    # What is below the range is rumble, or harmonics that a longer window has seen; what is near
    # the Nyquist frequency has aliases.
    hz = np.arange(size // 2 + 1) * (TRACKING_RATE / size)
    band = np.minimum((hz / part.heard_from_hz - 0.6) / 0.4, (_HIGHEST_HARMONIC_HZ - hz) / 400)
    weight = np.clip(band, 0, 1).astype(np.float32)
    padded = np.zeros((_ROWS, size), np.float32)
    padded[0, : part.window] = window
    power_of_window = _power(padded[:1], np.ones_like(weight))
    of_window = _autocorrelation(power_of_window, size, part.oversampling)
    scale = of_window[0, 0] / of_window[0, : longest + 1]
    silence = float(_SILENCE * (window @ window)) / part.oversampling
    windows = np.lib.stride_tricks.sliding_window_view(audio, part.window)
    frames = windows[REACH - part.window // 2 :: HOP * part.hop][: -(-len(f0_hz) // part.hop)]
    for start in range(0, len(frames), _ROWS):
        rows = frames[start : start + _ROWS]
        here = padded[: len(rows)]
        np.subtract(rows, rows.mean(axis=1, keepdims=True), out=here[:, : part.window])
        here[:, : part.window] *= window
        power = _power(here, weight)
        first = start * part.hop
        _peaks(
            _autocorrelation(power, size, part.oversampling),
            scale,
            silence,
            rate,
            wanted_hz[first :: part.hop],
            lowest_hz,
            highest_hz,
            part.hop,
            f0_hz[first:],
            strength[first:],
        )
        fit_combs(power, TRACKING_RATE / size, part.hop, f0_hz[first:], fit[first:])


def _power(rows: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    spectrum = scipy.fft.rfft(rows)
    power: NDArray[np.float32] = (spectrum.real**2 + spectrum.imag**2) * weight
    return power


def _autocorrelation(
    power: NDArray[np.float32], size: int, oversampling: int
) -> NDArray[np.float32]:
    padded = np.zeros((len(power), size * oversampling // 2 + 1), np.float32)
    padded[:, : power.shape[1]] = power
    correlation: NDArray[np.float32] = scipy.fft.irfft(
        padded, size * oversampling, overwrite_x=True
    )
    return correlation


@kernel
def _is_flank(
    correlation: NDArray[np.float32], scale: NDArray[np.float32], lag: int, height: float
) -> bool:
    """Tell whether it is higher 2 or 4 % from a peak: a ripple beside the summit is no pitch."""
    for part in (50, 25):
        near = max(1, lag // part)
        for other in (lag - near, min(lag + near, len(scale) - 1)):
            if correlation[other] * scale[other] > height:
                return True
    return False


@entry_point
def _peaks(
    correlation: NDArray[np.float32],
    scale: NDArray[np.float32],
    silence: float,
    rate: float,
    wanted_hz: NDArray[np.float32],
    lowest_hz: float,
    highest_hz: float,
    hop: int,
    f0_hz: NDArray[np.float32],
    strength: NDArray[np.float32],
) -> None:
    """Write the strongest peaks of every row into `hop` rows of `f0_hz` and `strength`.

    Among equally strong ones the shorter period is preferred, by 0.01 an octave.
    """
    kept = f0_hz.shape[1]
    longest = len(scale) - 1
    shortest = max(2, int(rate / highest_hz))
    rank = np.empty(kept, np.float32)
    for row in range(len(correlation)):
        frame = row * hop
        for index in range(kept):
            f0_hz[frame, index] = 0.0
            strength[frame, index] = 0.0
            rank[index] = -1.0
        over_power = 1.0 / (correlation[row, 0] + silence)
        before = correlation[row, shortest - 1] * scale[shortest - 1]
        here = correlation[row, shortest] * scale[shortest]
        for lag in range(shortest, longest):
            after = correlation[row, lag + 1] * scale[lag + 1]
            if here > before and here >= after and here > 0:
                curve = before - 2.0 * here + after
                shift = 0.5 * (before - after) / curve if curve < 0 else 0.0
                hz = rate / (lag + shift)
                height = (here - 0.25 * (before - after) * shift) * over_power
                height = min(height, 1.0)
                value = height + 0.01 * np.log2(hz / lowest_hz)
                if _is_flank(correlation[row], scale, lag, here):
                    value = -1.0
                elif abs(hz - wanted_hz[row]) < 0.03 * hz:
                    value += 1.0
                if lowest_hz <= hz <= highest_hz and value > rank[kept - 1]:
                    place = kept - 1
                    while place > 0 and value > rank[place - 1]:
                        rank[place] = rank[place - 1]
                        f0_hz[frame, place] = f0_hz[frame, place - 1]
                        strength[frame, place] = strength[frame, place - 1]
                        place -= 1
                    rank[place] = value
                    f0_hz[frame, place] = hz
                    strength[frame, place] = height
            before = here
            here = after
        for copy in range(frame + 1, min(frame + hop, len(f0_hz))):
            f0_hz[copy] = f0_hz[frame]
            strength[copy] = strength[frame]
