"""How far a render is from a reference: spectra, envelopes, samples.

The measures that come with the DX7 reference renders (their README, section 4). Both signals are
mono at 44.1 kHz and start at the note-on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.floating]
Decibels = NDArray[np.float64]

_WINDOW = 2048
_HOP = 512
_LOWEST_HZ = 30.0
_HIGHEST_HZ = 16000.0
_FLOOR_DB = -80.0
_ENVELOPE_S = 0.01
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Distance:
    """Distances of a candidate from its reference in dB; of `snr_db` more is better."""

    lsd_active_db: float
    lsd_all_db: float
    envelope_db: float
    snr_db: float
    level_db: float


def distance(reference: Signal, candidate: Signal, sample_rate: float) -> Distance:
    """Return all distances between two signals of shape (samples,).

    Raises ValueError if the shapes differ or the signals are shorter than one window of 2048.
    """
    if reference.shape != candidate.shape or reference.ndim != 1 or len(reference) < _WINDOW:
        raise ValueError(
            f"two signals of one shape (samples,) from {_WINDOW} samples up, found "
            f"{reference.shape} and {candidate.shape}"
        )
    x, y = reference.astype(np.float64), candidate.astype(np.float64)
    spectra = relative_spectra_db(x, y, sample_rate)
    power, error = float(x @ x), float((x - y) @ (x - y))
    return Distance(
        lsd_active_db=_mean_difference(*spectra, active_only=True),
        lsd_all_db=_mean_difference(*spectra, active_only=False),
        envelope_db=_mean_difference(*relative_envelopes_db(x, y, sample_rate), active_only=True),
        snr_db=10 * float(np.log10(max(power, _TINY) / max(error, _TINY**2))),
        level_db=10 * float(np.log10(max(float(y @ y), _TINY) / max(power, _TINY))),
    )


def relative_spectra_db(x: Signal, y: Signal, sample_rate: float) -> tuple[Decibels, Decibels]:
    """Return both spectrograms, 30 Hz to 16 kHz, in dB under the reference's largest bin.

    Shape (frames, bins), floored at -80 dB; 2048 samples, Hann, hop 512, no padding.
    """
    frequencies_hz = np.fft.rfftfreq(_WINDOW, 1 / sample_rate)
    band = (frequencies_hz >= _LOWEST_HZ) & (frequencies_hz <= _HIGHEST_HZ)
    return _relative_db(_magnitudes(x)[:, band], _magnitudes(y)[:, band])


def relative_envelopes_db(x: Signal, y: Signal, sample_rate: float) -> tuple[Decibels, Decibels]:
    """Return the RMS of every 10 ms in dB under the reference's largest, floored at -80 dB."""
    length = round(_ENVELOPE_S * sample_rate)
    return _relative_db(_rms(x, length), _rms(y, length))


def average_spectra_db(x: Signal, y: Signal, sample_rate: float) -> tuple[Decibels, Decibels]:
    """Return both long-term average spectra in third-octave bands, in dB relative to x's largest.

    For sounds that are chaotic: their waveforms cannot agree, their average spectra do.
    """
    frequencies_hz = np.fft.rfftfreq(_WINDOW, 1 / sample_rate)
    edges_hz = 1000 * 2.0 ** (np.arange(-13, 13) / 3)
    bands = np.digitize(frequencies_hz, edges_hz)

    def by_band(signal: Signal) -> Decibels:
        power = (_magnitudes(signal) ** 2).mean(axis=0)
        rms: Decibels = np.sqrt(np.bincount(bands, power, minlength=len(edges_hz) + 1)[1:-1])
        return rms

    return _relative_db(by_band(x), by_band(y))


def _magnitudes(signal: Signal) -> Decibels:
    window = np.hanning(_WINDOW + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(signal, _WINDOW)[::_HOP]
    magnitudes: Decibels = np.abs(np.fft.rfft(frames * window))
    return magnitudes


def _rms(signal: Signal, length: int) -> Decibels:
    frames = signal[: len(signal) // length * length].reshape(-1, length)
    rms: Decibels = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    return rms


def _relative_db(x: Decibels, y: Decibels) -> tuple[Decibels, Decibels]:
    largest = max(float(x.max()), _TINY)

    def decibels(values: Decibels) -> Decibels:
        levels: Decibels = 20 * np.log10(np.maximum(values, _TINY) / largest)
        return np.maximum(levels, _FLOOR_DB)

    return decibels(x), decibels(y)


def _mean_difference(x: Decibels, y: Decibels, *, active_only: bool) -> float:
    differences = np.abs(x - y)
    if active_only:
        differences = differences[(x > _FLOOR_DB) | (y > _FLOOR_DB)]
    return float(differences.mean()) if differences.size else 0.0
