"""What an ear would notice of one note, as numbers: level, brightness, tuning, aliasing."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from plugin_core.dx7.voice import Voice
from plugin_core.engine.single_note import play_note

RATE = 44100
_FINE_RATE = 192000

Signal = NDArray[np.float64]


def note(
    voice: Voice, key: int, velocity: int = 100, *, held_s: float = 1.0, total_s: float = 0.0
) -> Signal:
    """One note at 44.1 kHz, `total_s` long, or as long as it is held."""
    return _note(voice, key, velocity, held_s, max(held_s, total_s), RATE)


def _note(
    voice: Voice, key: int, velocity: int, held_s: float, total_s: float, rate: int
) -> Signal:
    return play_note(
        voice,
        pitch=key,
        velocity=velocity,
        on_samples=round(held_s * rate),
        total_samples=round(total_s * rate),
        sample_rate=rate,
    ).astype(np.float64)


def frequency_hz(key: float) -> float:
    return float(440 * 2 ** ((key - 69) / 12))


def level_db(audio: Signal, start_s: float = 0.0, end_s: float | None = None) -> float:
    """Mean power between two times in dB."""
    end = None if end_s is None else round(end_s * RATE)
    return float(10 * np.log10(np.mean(audio[round(start_s * RATE) : end] ** 2) + 1e-15))


def loudest_db(audio: Signal, window_s: float = 0.4) -> float:
    """Power in the loudest 0.4 s (the window of momentary loudness), in dB."""
    size = round(window_s * RATE)
    energy = np.concatenate([[0.0], np.cumsum(audio**2)])
    return float(10 * np.log10(np.max(energy[size:] - energy[:-size]) / size + 1e-15))


def power_spectrum(audio: Signal, rate: int = RATE) -> tuple[Signal, Signal]:
    """Frequencies in Hz and power, windowed so that sidelobes do not show."""
    size = 1 << (4 * len(audio) - 1).bit_length()
    spectrum = np.fft.rfft(audio * np.blackman(len(audio)), size)
    return np.fft.rfftfreq(size, 1 / rate), np.abs(spectrum) ** 2


def centroid_hz(audio: Signal) -> float:
    frequencies, power = power_spectrum(audio)
    return float(np.sum(frequencies * power) / np.sum(power))


def off_tune_cents(audio: Signal, key: int, harmonics: int = 8) -> float:
    """How far the middle of the power around each of the first harmonics lies, on average."""
    frequencies, power = power_spectrum(audio)
    cents = 1200 * np.log2(np.maximum(frequencies, 1.0) / frequency_hz(key))
    weight = total = 0.0
    for harmonic in range(1, harmonics + 1):
        away = cents - 1200 * np.log2(harmonic)
        near = np.abs(away) < 50
        weight += float(np.sum(power[near]))
        total += float(np.sum(power[near] * away[near]))
    return total / weight


def harmonic_db(audio: Signal, key: int, harmonic: int) -> float:
    """The power around a harmonic relative to all, in dB."""
    frequencies, power = power_spectrum(audio)
    near = np.abs(frequencies / frequency_hz(key) - harmonic) < 0.1
    return float(10 * np.log10(np.sum(power[near]) / np.sum(power) + 1e-15))


def inharmonic_share(audio: Signal, key: int) -> float:
    """The share of power that lies more than a tenth of f0 away from every harmonic."""
    frequencies, power = power_spectrum(audio)
    position = frequencies / frequency_hz(key)
    away = np.abs(position - np.maximum(np.round(position), 1)) > 0.1
    return float(np.sum(power[away]) / np.sum(power))


def flatness(audio: Signal) -> float:
    """Spectral flatness: near 0 for tones, 0.56 for white noise."""
    power = power_spectrum(audio)[1][1:]
    return float(np.exp(np.mean(np.log(power + 1e-30))) / np.mean(power))


def aliasing_db(voice: Voice, key: int, held_s: float = 0.5) -> float:
    """What 44.1 kHz adds, below 18 kHz, to the spectrum of the same note made at 192 kHz."""
    plain = note(voice, key, held_s=held_s)
    fine = signal.resample_poly(_note(voice, key, 100, held_s, held_s, _FINE_RATE), 147, 640)
    inside = slice(RATE // 20, min(len(plain), len(fine)) - RATE // 20)
    frequencies, power = power_spectrum(plain[inside])
    expected = ndimage.maximum_filter1d(power_spectrum(fine[inside])[1], 61)
    added = np.maximum(power - 2 * expected, 0.0)[frequencies < 18000]
    return float(10 * np.log10(np.sum(added) / np.sum(power) + 1e-15))
