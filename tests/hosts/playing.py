"""One way to play the plug-in in either host, with automation drawn in the host."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bridge.hosting import render_hosted
from bridge.plugin_node import PluginNode
from bridge.plugin_performance import TimedMessage, plugin_performance
from plugin_core.dx7.voice import Voice
from plugin_core.types import Lane, Part

RATE = 44100
HOSTS = ("pedalboard", "dawdreamer")


class Players:
    """The plug-in in both hosts."""

    def __init__(self, plugin: Path, instrument: Any) -> None:
        self._plugin = plugin
        self._instrument = instrument

    def play(
        self,
        host: str,
        voice: Voice,
        part: Part,
        *,
        lanes: Mapping[str, Lane] | None = None,
        messages: Sequence[tuple[float, Sequence[int]]] = (),
        seconds: float = 1.0,
        buffer: int = 64,
        rate: int = RATE,
        state: bytes | None = None,
    ) -> np.ndarray:
        """Return what a host hears, left and right, with further MIDI `messages` by time."""
        given = plugin_performance(voice, part, lanes=lanes or {}, sample_rate=rate)
        timed = [TimedMessage(round(at * rate), bytes(data)) for at, data in messages]
        given = replace(
            given,
            state=state or given.state,
            messages=tuple(sorted([*given.messages, *timed], key=lambda each: each.sample)),
        )
        samples = round(seconds * rate)
        if host == "dawdreamer":
            node = PluginNode(self._plugin, sample_rate=rate, buffer=buffer)
            return node.render(given, samples)
        return render_hosted(
            given,
            instrument=self._instrument,
            sample_rate=rate,
            samples=samples,
            buffer=buffer,
        )


def moving_to(value: float, *, start: float) -> Lane:
    """Return automation that jumps from `start` to `value` before anything sounds."""
    return Lane.of([(0.0, start), (0.01, start), (0.01, value)])


def level_db(audio: np.ndarray) -> float:
    """Return the RMS level in dB."""
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-30))


def f0_hz(audio: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Return a sine's instantaneous frequency, shape (samples - 1,), by its analytic signal."""
    from scipy.signal import hilbert

    return np.diff(np.unwrap(np.angle(hilbert(audio.astype(np.float64))))) * rate / (2 * np.pi)


def centroid_hz(audio: np.ndarray, rate: int = RATE) -> float:
    """Return the centre of the power spectrum."""
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    return float((power * np.fft.rfftfreq(len(audio), 1 / rate)).sum() / power.sum())
