"""Voices, events and audio for the engine's tests, and its memory for those that look inside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EVENT, EventType

RATE = 44100
TICK = 64
CARRIER_PEAK = 0.125
"""What one carrier at full level peaks at (reference README, section 2)."""

SINE = Voice.initial("SINE")
"""Operator 1 alone at full level: a steady sine that ends within 8 ms of its key."""


def on(sample: int, key: int = 69, velocity: float = 100, *, channel: int = 0, note_id: int = -1):
    return (sample, EventType.NOTE_ON, channel, key, note_id, 0, velocity)


def off(sample: int, key: int = 69, *, channel: int = 0, note_id: int = -1):
    return (sample, EventType.NOTE_OFF, channel, key, note_id, 0, 0)


def parameter(sample: int, parameter_id: str, value: float):
    return (sample, EventType.PARAMETER, 0, 0, -1, PARAMETER_INDEX[parameter_id], value)


def controller(sample: int, number: int, value: float, *, channel: int = 0):
    return (sample, EventType.CONTROLLER, channel, 0, -1, number, value)


def bend(sample: int, value: float, *, channel: int = 0):
    return (sample, EventType.PITCH_BEND, channel, 0, -1, 0, value)


def pressure(sample: int, value: float, *, channel: int = 0):
    return (sample, EventType.PRESSURE, channel, 0, -1, 0, value)


def events(*table: tuple) -> NDArray:
    """Return events sorted by sample, those of one sample in the order given."""
    return np.array(sorted(table, key=lambda event: event[0]), dtype=EVENT)


def engine(*voices: Voice, rate: float = RATE) -> Engine:
    return Engine(rate, [voice.patch() for voice in voices or (SINE,)])


def play(
    voice: Voice, *table: tuple, samples: int, rate: float = RATE, block: int = 4096
) -> NDArray[np.float32]:
    """Return what a voice makes of some events, shape (samples,)."""
    return engine(voice, rate=rate).play(events(*table), samples, block=block)


def voice_records(instrument: Engine) -> NDArray:
    """The engine's voice records that are not idle, oldest note first."""
    records = instrument._memory.voices
    sounding = records[records["status"] != 0]
    return sounding[np.argsort(sounding["number"])]


def keys(instrument: Engine) -> list[int]:
    """The keys of the voices that sound and do not fade, oldest note first."""
    return [int(v["key"]) for v in voice_records(instrument) if v["status"] != 3]


def rms(audio: NDArray) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


def db(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-12)))


def levels_db(audio: NDArray, rate: float = RATE, window_s: float = 0.01) -> NDArray[np.float64]:
    """Return the RMS level of every window in dB relative to full scale."""
    length = round(window_s * rate)
    frames = audio[: len(audio) // length * length].reshape(-1, length).astype(np.float64)
    return 20 * np.log10(np.maximum(np.sqrt((frames**2).mean(axis=1)), 1e-12))


def frequency_hz(audio: NDArray, near_hz: float, rate: float = RATE) -> float:
    """Return the frequency of a steady sine near `near_hz`, by the slope of its phase."""
    times = np.arange(len(audio)) / rate
    baseband = audio.astype(np.float64) * np.exp(-2j * np.pi * near_hz * times)
    # Whole frames of the unwanted image at twice the frequency average out under the window.
    length = max(16, round(8 * rate / near_hz))
    window = np.hanning(length)
    frames = baseband[: len(baseband) // length * length].reshape(-1, length) @ window
    phases = np.unwrap(np.angle(frames))
    slope = np.polyfit(np.arange(len(phases)) * length / rate, phases, 1, w=np.abs(frames))[0]
    return float(near_hz + slope / (2 * np.pi))


def cents(measured_hz: float, expected_hz: float) -> float:
    return float(1200 * np.log2(measured_hz / expected_hz))


def together(*tables: Sequence[tuple]) -> list[tuple]:
    return [event for table in tables for event in table]
