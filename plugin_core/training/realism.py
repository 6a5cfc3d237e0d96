"""How real a performance is: pitch, vibrato, clicks and long-term spectra, beside a recording.

In: frames with their notes, and audio at 16 kHz. Out: plain numbers for `evaluate synthesis`; what
each of them means is said here, once.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.extraction import (
    Curve,
    note_frames,
    vibrato,
    vibrato_rate_hz,
)
from plugin_core.types import ExpressiveNote, Mono, Note

STILL = 0.1
"""A note that reads less vibrato than this has none."""
SHAKING = 0.3
"""A note that reads more vibrato than this should have a player's rate."""
RATES_HZ = (4.0, 7.5)

_BEGINNING_FRAMES, _END_FRAMES = 20, 10
"""What counts as transition at the beginning and at the end of a note: 80 and 40 ms."""
_STEADY_FRAMES = 25
_BOUNDARY_S = 0.01
_STEP_PERCENTILE = 99.99
_INSIDE_PARTS = (0.35, 0.65)

_WINDOW, _HOP = 4096, 1024
_LOWEST_BAND, _HIGHEST_BAND = -15, 8
"""Third octaves from 31 Hz to 6.3 kHz, counted from 1 kHz."""
SPECTRUM_RATE = 16000
_DEEPEST_DB = 60.0


def pitch_errors_cents(
    f0_hz: Curve, notes: Sequence[ExpressiveNote], *, tuning_semitones: float = 0.0
) -> NDArray[np.float64]:
    """Return |f0 - note| of all frames outside vibrato and transitions, cents, shape (frames,).

    These are the frames from 80 ms after the beginning to 40 ms before the end of the notes that
    read less than 0.1 of vibrato and have at least 100 ms left. `f0_hz` has shape (frames,).
    """
    errors = [np.zeros(0)]
    for row in notes:
        where = note_frames(row.note, len(f0_hz))
        inner = np.asarray(
            f0_hz[where.start + _BEGINNING_FRAMES : max(where.stop - _END_FRAMES, 0)], np.float64
        )
        if len(inner) < _STEADY_FRAMES or (inner <= 0).any() or vibrato(f0_hz[where]) >= STILL:
            continue
        semitones = 69.0 + 12.0 * np.log2(inner / 440.0)
        errors.append(100.0 * np.abs(semitones - tuning_semitones - row.note.midi_pitch))
    return np.concatenate(errors)


def vibrato_rates_hz(f0_hz: Curve, notes: Sequence[ExpressiveNote]) -> list[float]:
    """Return the vibrato's rate in each note that reads more than 0.3 of it."""
    spans = [f0_hz[note_frames(row.note, len(f0_hz))] for row in notes]
    return [vibrato_rate_hz(span) for span in spans if vibrato(span) > SHAKING]


def share_in_range(rates_hz: Sequence[float]) -> float:
    """Return how many of the rates lie within 4 and 7.5 Hz, 0..1; NaN of none."""
    low, high = RATES_HZ
    return float(np.mean([low <= rate <= high for rate in rates_hz])) if rates_hz else np.nan


def boundaries_s(notes: Sequence[Note]) -> list[float]:
    """Return where notes begin and end, seconds."""
    return [seconds for note in notes for seconds in (note.onset_s, note.offset_s)]


def middles_s(notes: Sequence[Note]) -> list[float]:
    """Return as many places inside the notes: at 35 and 65 % of each, seconds."""
    return [
        note.onset_s + part * (note.offset_s - note.onset_s)
        for note in notes
        for part in _INSIDE_PARTS
    ]


def clicks(audio: Mono, recording: Mono, at_s: Sequence[float], sample_rate: int) -> int:
    """Return at how many of the places `at_s` there is a click in `audio`.

    A click is a step from one sample to the next, within 10 ms of the place, greater than the
    99.99th percentile of all steps of the recording of the same notes, both at one RMS level.
    A bright tone has such steps too: inside a note that is all they tell. Shapes (samples,).
    """
    if not len(audio) or not len(recording):
        return 0
    level = _rms(recording) / max(_rms(audio), 1e-12)
    steps = np.abs(np.diff(audio)) * level
    largest = float(np.percentile(np.abs(np.diff(recording)), _STEP_PERCENTILE))
    near = round(_BOUNDARY_S * sample_rate)
    middles = [round(seconds * sample_rate) for seconds in at_s]
    around = [steps[max(middle - near, 0) : middle + near] for middle in middles]
    return sum(bool((each > largest).any()) for each in around)


def _rms(audio: Mono) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


def long_term_spectrum(audio: Mono) -> NDArray[np.float64]:
    """Return the mean power in each third octave from 31 Hz to 6.3 kHz, shape (24,).

    `audio` at 16 kHz, shape (samples,); Hann windows of 256 ms, a quarter apart.
    """
    padded = np.pad(audio.astype(np.float64), (0, max(0, _WINDOW - len(audio))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    power = np.square(np.abs(np.fft.rfft(windows * taper))).mean(axis=0)
    hz = np.fft.rfftfreq(_WINDOW, 1 / SPECTRUM_RATE)
    edges = 1000.0 * 2.0 ** ((np.arange(_LOWEST_BAND, _HIGHEST_BAND + 2) - 0.5) / 3)
    band = np.searchsorted(edges, hz, side="right") - 1
    inside = (band >= 0) & (band < len(edges) - 1)
    spectrum = np.zeros(len(edges) - 1)
    np.add.at(spectrum, band[inside], power[inside])
    return spectrum


def log_spectral_distance_db(
    rendered: NDArray[np.float64], recorded: NDArray[np.float64], lowest_hz: float
) -> float:
    """Return the root mean square difference of two long-term spectra, dB.

    Counted are the bands from that of `lowest_hz`, the note's fundamental, upwards in which the
    recording is at most 60 dB under its strongest; both have the same power in these bands.
    """
    centres = 1000.0 * 2.0 ** (np.arange(_LOWEST_BAND, _HIGHEST_BAND + 1) / 3)
    counted = (centres * 2 ** (1 / 6) > lowest_hz) & (
        recorded > recorded.max() * 10 ** (-_DEEPEST_DB / 10)
    )
    pair = np.stack((rendered[counted], recorded[counted]))
    pair /= np.maximum(pair.sum(axis=1, keepdims=True), 1e-30)
    levels = 10.0 * np.log10(np.maximum(pair, 1e-12))
    return float(np.sqrt(np.mean(np.square(levels[0] - levels[1]))))
