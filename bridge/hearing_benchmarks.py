"""How fast recordings are heard and sounded again, measured beside NumPy in the same run.

Cost is CPU seconds of all threads per second of sound, so times real time are those of one core.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import onset_curves
from plugin_core.analysis.pitch import track_pitch
from plugin_core.hearing.frames_file import FrameStore
from plugin_core.hearing.hear import hear
from plugin_core.hearing.models import choose_model
from plugin_core.hearing.recording import recording_of
from plugin_core.hearing.resynthesis import synthesize
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Frames, Mono

SAMPLE_RATE = 48000
_SECONDS = 20
_RUNS = 3
_WINDOW = 2048
_KEYS = (55, 62, 69, 74, 76, 81, 67, 60)


@dataclass(frozen=True, slots=True)
class HearingCost:
    """What a step costs, as a share of real time on one core."""

    name: str
    share: float
    is_baseline: bool = False


def synthesis_costs() -> list[HearingCost]:
    """Measure the synthesizer, 100 harmonics of 110 Hz and 65 noise bands, against sines alone."""
    frames = _phrase(keys=(45,))
    return [
        _cost("harmonics and noise", lambda: synthesize(frames, SAMPLE_RATE)),
        sines_of_harmonics(),
    ]


def sines_of_harmonics() -> HearingCost:
    """Measure NumPy evaluating 100 sines and nothing else."""
    phases = np.random.default_rng(0).random((HARMONICS, SAMPLE_RATE // 10), np.float32)
    out = np.empty_like(phases)

    def sines() -> None:
        for _ in range(10 * _SECONDS):
            np.sin(phases, out=out)

    cost = _cost("NumPy, 100 sines (baseline)", sines)
    return HearingCost(cost.name, cost.share, is_baseline=True)


def analysis_costs() -> list[HearingCost]:
    """Measure all of `analyze` and its steps, on a phrase of eight notes with vibrato."""
    audio = _performance()
    pitch = track_pitch(audio, SAMPLE_RATE)
    curves = onset_curves(audio, SAMPLE_RATE)
    return [
        _cost("analyze, all of it", lambda: _hear(audio)),
        _cost("  pitch", lambda: track_pitch(audio, SAMPLE_RATE)),
        _cost("  harmonics and noise", lambda: measure_frames(audio, SAMPLE_RATE, pitch)),
        _cost("  curves of onsets", lambda: onset_curves(audio, SAMPLE_RATE)),
        _cost("  notes", lambda: detect_notes(pitch, curves)),
        _baseline(audio),
    ]


def inference_costs() -> list[HearingCost]:
    """Measure the bundled inference model on frames that are measured already.

    Raises InputError if there is none, or no torch.
    """
    audio = _performance()
    recording = recording_of(audio, SAMPLE_RATE)
    inferrer = choose_model("inference", "violin")
    assert inferrer is not None
    with tempfile.TemporaryDirectory() as folder:
        store = FrameStore(Path(folder), HARMONICS)
        hear(recording, store)

        def run() -> None:
            for _ in inferrer.blocks(recording, store):
                pass

        return [_cost("DDSP Inference", run), _baseline(audio)]


def _hear(audio: Mono) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hear(recording_of(audio, SAMPLE_RATE), FrameStore(Path(folder), HARMONICS))


def _baseline(audio: Mono) -> HearingCost:
    """Measure NumPy's spectrum of every frame and nothing else."""
    hop = SAMPLE_RATE // FRAME_RATE
    window = np.hanning(_WINDOW).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(audio, _WINDOW)[::hop]

    def spectra() -> None:
        for first in range(0, len(views), 256):
            np.fft.rfft(views[first : first + 256] * window)

    cost = _cost("NumPy, a spectrum of 2048 every 4 ms (baseline)", spectra)
    return HearingCost(cost.name, cost.share, is_baseline=True)


def _cost(name: str, run: Callable[[], object]) -> HearingCost:
    return measured_cost(name, run, _SECONDS)


def measured_cost(name: str, run: Callable[[], object], seconds: float) -> HearingCost:
    """Return what `run` costs, which is of so many seconds of sound: the best of some runs."""
    run()  # loads the kernels
    spent = []
    for _ in range(_RUNS):
        begin = time.process_time()
        run()
        spent.append(time.process_time() - begin)
    return HearingCost(name, min(spent) / seconds)


def _performance() -> Mono:
    return synthesize(_phrase(_KEYS), SAMPLE_RATE)


def _phrase(keys: tuple[int, ...]) -> Frames:
    """Return notes of equal length with vibrato, harmonics at -6 dB an octave and some noise."""
    count = _SECONDS * FRAME_RATE + 1
    time_s = np.arange(count) / FRAME_RATE
    length_s = _SECONDS / len(keys)
    number = np.minimum((time_s / length_s).astype(int), len(keys) - 1)
    key = np.array(keys)[number] + 0.2 * np.sin(2 * np.pi * 5.5 * time_s)
    swell = np.sin(np.pi * np.minimum((time_s % length_s) / length_s, 1.0)) ** 0.5
    shares = np.tile(1 / np.arange(1, HARMONICS + 1), (count, 1))
    level = np.ones(count, np.float32)
    return Frames(
        f0_hz=(440 * 2 ** ((key - 69) / 12)).astype(np.float32),
        confidence=level,
        loudness_db=-20 * level,
        amplitude=(0.4 * swell).astype(np.float32),
        harmonics=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32),
        noise=np.full((count, NOISE_BANDS), 1e-3, np.float32),
    )
