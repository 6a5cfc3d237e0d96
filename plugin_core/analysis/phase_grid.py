"""Audio on the grid of its own phase: so many points a period, whatever the pitch does.

There a tone with vibrato or glide is exactly periodic, and its harmonics fall on bins of a DFT over
whole periods. The instantaneous frequency is linear between frames, hence time is a square root of
phase. Audio is read between its samples by a Kaiser-windowed sinc; for low pitches from a copy at a
lower rate, since beyond the harmonics in question nothing is wanted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, upfirdn

from plugin_core.audio.jit import entry_point
from plugin_core.types import FRAME_RATE, Mono

TAPS = 32
_STEPS = 512
_BETA = 9.0
_HALF_BAND = 31
_SIZES = np.array(
    sorted(
        n
        for n in (2**a * 3**b * 5**c for a in range(1, 10) for b in range(5) for c in range(3))
        if 16 <= n <= 512
    )
)
"""Points per period: products of 2, 3 and 5, whose DFT is fast."""


def _sinc_table() -> NDArray[np.float32]:
    """Return the interpolator for offsets 0, 1/512 .. 1 of a sample, and its slope."""
    offset = np.arange(_STEPS + 1)[:, None] / _STEPS
    distance = np.arange(TAPS) - (TAPS // 2 - 1) - offset
    window = np.i0(_BETA * np.sqrt(np.maximum(1 - (distance / (TAPS / 2)) ** 2, 0))) / np.i0(_BETA)
    values = np.sinc(distance) * window
    slopes = np.diff(values, axis=0, append=values[-1:])
    return np.stack([values, slopes], axis=1).astype(np.float32)


_TABLE = _sinc_table()


def _sinc_response() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies (in sample rates) and the interpolator's gain there."""
    kernel = np.concatenate([_TABLE[:_STEPS, 0, tap] for tap in range(TAPS - 1, -1, -1)])
    size = 16 * len(kernel)
    gain: NDArray[np.float64] = np.abs(np.fft.rfft(kernel.astype(np.float64), size)) / _STEPS
    frequency = np.arange(len(gain), dtype=np.float64) * (_STEPS / size)
    inside = frequency <= 0.5
    return frequency[inside], gain[inside]


_RESPONSE = _sinc_response()

FLAT_BELOW = 0.39
"""Up to here, in sample rates, the interpolator's gain is 1 within 0.001."""


def interpolator_gain(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what reading between samples does to `frequency`, given in sample rates, 0..0.5."""
    return np.interp(frequency, *_RESPONSE)


@dataclass(frozen=True, slots=True)
class Grids:
    """A piece of audio, its rates from full to lower octaves, and its phase."""

    levels: tuple[Mono, ...]
    """The audio at its rate, at half of it, and so on, between TAPS zeros; begins at `begin_s`."""
    rates: tuple[float, ...]
    begin_s: float
    f0_hz: NDArray[np.float64]
    """At the frames `first_frame` .., all positive."""
    cycles: NDArray[np.float64]
    """Phase at the frames, in periods."""
    first_frame: int

    def choose(
        self, f0_hz: NDArray[np.float64], harmonics: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the level and the points per period that keep `harmonics` free of aliases.

        Both of the shape of `f0_hz`. A level holds what lies below 0.4 of its rate; the points
        are enough that what lies above folds to above the harmonics.
        """
        octaves = np.floor(np.log2(self.rates[0] / (2.5 * harmonics * f0_hz)))
        level = np.clip(octaves, 0, len(self.levels) - 1).astype(np.int64)
        ratio = np.asarray(self.rates)[level] / f0_hz
        least = 1.04 * (0.6 * ratio + np.minimum(harmonics, 0.5 * ratio))
        return level, _SIZES[np.minimum(np.searchsorted(_SIZES, least), len(_SIZES) - 1)]

    def read(self, level: int, points: int, first: int, count: int) -> Mono:
        """Return `count` points of the grid with `points` per period, from point `first` on."""
        out = np.empty(count, np.float32)
        _read(
            self.levels[level],
            self.rates[level],
            self.first_frame / FRAME_RATE - self.begin_s,
            self.f0_hz,
            self.cycles,
            points,
            first,
            _TABLE,
            out,
        )
        return out


def phase_grids(
    audio: Mono,
    sample_rate: float,
    begin_s: float,
    f0_hz: NDArray[np.float64],
    first_frame: int,
    harmonics: int,
) -> Grids:
    """Return the grids of `audio`, shape (samples,), whose sample 0 is at `begin_s`.

    `f0_hz`, shape (frames,), all positive, is at the frames `first_frame` ..; before and after them
    it is constant, and around the audio is silence.
    """
    f0 = np.asarray(f0_hz, np.float64)
    steps = (f0[1:] + f0[:-1]) / (2 * FRAME_RATE)
    levels, rates = [np.asarray(audio, np.float32)], [float(sample_rate)]
    while rates[-1] / 2 >= 2.5 * harmonics * f0.min():
        levels.append(_half(levels[-1]))
        rates.append(rates[-1] / 2)
    cycles = np.concatenate([[0.0], np.cumsum(steps)])
    padded = tuple(np.pad(level, TAPS) for level in levels)
    return Grids(padded, tuple(rates), begin_s, f0, cycles, first_frame)


_DECIMATOR = firwin(2 * _HALF_BAND + 1, 0.5, window=("kaiser", _BETA)).astype(np.float32)


def _half(audio: Mono) -> Mono:
    filtered: Mono = upfirdn(_DECIMATOR, np.pad(audio, (0, _HALF_BAND)), 1, 1)[_HALF_BAND:]
    return np.ascontiguousarray(filtered[: len(audio) : 2])


@entry_point
def _read(signal, rate, frame_s, f0_hz, cycles, points, first, table, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the signal at grid points `first` ..; `frame_s` is when frame 0 is."""
    last = len(f0_hz) - 1
    frame = 0
    for index in range(len(out)):
        cycle = (first + index) / points
        while frame < last and cycle >= cycles[frame + 1]:
            frame += 1
        ahead = cycle - cycles[frame]
        f0 = f0_hz[frame]
        slope = 0.0
        if frame < last and ahead > 0:
            slope = (f0_hz[frame + 1] - f0) * FRAME_RATE
        elapsed = 2 * ahead / (f0 + np.sqrt(max(f0 * f0 + 2 * slope * ahead, 0.0)))
        position = (frame_s + frame / FRAME_RATE + elapsed) * rate
        below = int(np.floor(position))
        # The signal has TAPS zeros before and after, so beyond its ends this reads zeros.
        start = min(max(below + TAPS // 2 + 1, 0), len(signal) - TAPS)
        row = (position - below) * _STEPS
        step = int(row)
        part = np.float32(row - step)
        values = table[step, 0]
        slopes = table[step, 1]
        # Eight sums, so that the processor may form them side by side.
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = np.float32(0)
        for tap in range(0, TAPS, 8):
            at = start + tap
            a0 += signal[at] * (values[tap] + part * slopes[tap])
            a1 += signal[at + 1] * (values[tap + 1] + part * slopes[tap + 1])
            a2 += signal[at + 2] * (values[tap + 2] + part * slopes[tap + 2])
            a3 += signal[at + 3] * (values[tap + 3] + part * slopes[tap + 3])
            a4 += signal[at + 4] * (values[tap + 4] + part * slopes[tap + 4])
            a5 += signal[at + 5] * (values[tap + 5] + part * slopes[tap + 5])
            a6 += signal[at + 6] * (values[tap + 6] + part * slopes[tap + 6])
            a7 += signal[at + 7] * (values[tap + 7] + part * slopes[tap + 7])
        out[index] = ((a0 + a4) + (a1 + a5)) + ((a2 + a6) + (a3 + a7))
