"""FM of given operator levels: by the kernel, and by the engine that plays DX7 voices."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.harmonic import aligned, interval_position, interval_start
from plugin_core.audio.jit import entry_point
from plugin_core.audio.operators import OPERATOR_SCRATCH, add_operators, turn_operators
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.engine.loops import LOOP_SIZE, run_loops
from plugin_core.engine.patch import feedback_units
from plugin_core.engine.records import CHUNK, SCRATCH, SEGMENT, VOICE, VOICES
from plugin_core.engine.voices import render_segment
from plugin_core.types import FRAME_RATE

FULL_CYCLES = 2.0
"""Facts sheet of the reference renders, section 3: an operator at level 99 swings by two cycles."""


@dataclass
class Phrase:
    """Frames of f0 and operator levels, and what stays."""

    f0_hz: NDArray[np.float32]
    levels: NDArray[np.float32]
    ratios: tuple[float, ...]
    algorithm: int
    feedback: float = 0.0


def moving_levels(
    algorithm: int,
    *,
    frames: int = 21,
    index: float = 2 * math.pi,
    carrier: float = 0.6,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Levels that wander, shape (frames, 6): carriers up to `carrier`, modulators up to `index`."""
    way = np.linspace(0, 1, frames)[:, None]
    speed = np.random.default_rng(seed).uniform(0.5, 3, 6)
    most = np.array(
        [carrier if op in ALGORITHMS[algorithm - 1].carriers else index for op in range(1, 7)]
    )
    return (most * (0.5 - 0.5 * np.cos(2 * np.pi * (way * speed + speed)))).astype(np.float32)


def error_db(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    return 10 * math.log10(np.sum((found - expected) ** 2) / np.sum(expected**2) + 1e-30)


def by_kernel(phrase: Phrase, sample_rate: int) -> NDArray[np.float32]:
    """The phrase up to its last frame, interval by interval."""
    out = np.zeros(interval_start(len(phrase.f0_hz) - 1, sample_rate), np.float32)
    run_kernel(
        out,
        aligned(OPERATOR_SCRATCH),
        phrase.f0_hz.astype(np.float64),
        phrase.levels.astype(np.float64),
        np.array(phrase.ratios, np.float64),
        phrase.algorithm,
        float(phrase.feedback),
        sample_rate,
    )
    return out


@entry_point
def run_kernel(out, scratch, f0_hz, levels, ratios, algorithm, feedback, sample_rate):
    cycles, memory, fixed = np.zeros(6), np.zeros(2), np.zeros(6)
    for frame in range(len(f0_hz) - 1):
        add_operators(
            out[interval_start(frame, sample_rate) : interval_start(frame + 1, sample_rate)],
            scratch, cycles, f0_hz[frame], f0_hz[frame + 1], levels[frame], levels[frame + 1],
            ratios, ratios, fixed, algorithm, feedback, memory,
            interval_position(frame, sample_rate), FRAME_RATE / sample_rate,
        )  # fmt: skip
        turn_operators(cycles, f0_hz[frame], f0_hz[frame + 1], ratios, ratios, fixed, 1.0)


def render_interval(
    start,
    end,
    algorithm,
    feedback,
    memory=None,
    *,
    f0_hz=440.0,
    ratios=None,
    fixed_hz=None,
):
    """The 192 samples between two frames at 48 kHz, and the feedback's memory after them."""
    out = np.zeros(192, np.float32)
    memory = np.zeros(2) if memory is None else memory.copy()
    fixed_hz = np.zeros(6) if fixed_hz is None else fixed_hz
    ratios = (np.ones(6), np.ones(6)) if ratios is None else ratios
    scratch = aligned(OPERATOR_SCRATCH)
    ends = start.astype(np.float64), end.astype(np.float64)
    run_interval(out, scratch, f0_hz, *ends, *ratios, fixed_hz, algorithm, feedback, memory)
    return out, memory


@entry_point
def run_interval(out, scratch, f0, start, end, before, after, fixed, algorithm, feedback, memory):
    add_operators(
        out, scratch, np.zeros(6), f0, f0, start, end, before, after, fixed, algorithm, feedback,
        memory, 0.0, 1 / 192,
    )  # fmt: skip


def by_engine(phrase: Phrase, sample_rate: int) -> NDArray[np.float32]:
    """The phrase with the FM of the DX7 voices; its f0 must not move, its intervals be whole."""
    carriers = ALGORITHMS[phrase.algorithm - 1].carriers
    scale = np.array([FULL_CYCLES if op in carriers else 0.5 / np.pi for op in range(1, 7)])
    samples = sample_rate // FRAME_RATE
    voices, scratch = np.zeros(VOICES, VOICE), np.zeros(1, SCRATCH)
    segments = np.zeros((VOICES, 1), SEGMENT)
    voices["algorithm"][0] = phrase.algorithm - 1
    scratch["segments"][0, 0] = 1
    segment = segments[0]
    segment["strength"] = feedback_units(phrase.feedback, phrase.algorithm - 1)
    segment["edge"] = 1
    speed = np.array(phrase.ratios) * float(phrase.f0_hz[0]) / sample_rate
    segment["increment"][0] = np.round(speed * 2**32)
    out = []
    for frame in range(len(phrase.f0_hz) - 1):
        start, end = (scale * phrase.levels[at] for at in (frame, frame + 1))
        for first in range(0, samples, CHUNK):
            segment["stop"] = min(CHUNK, samples - first)
            segment["offset"] = first
            segment["gain"][0] = start
            segment["slope"][0] = (end - start) / samples
            turned = speed * (frame * samples + first)
            segment["phase"][0] = (
                ((turned - np.floor(turned)) * 2**32).astype(np.uint64).astype(np.uint32)
            )
            run_engine(voices, segments, scratch)
            out.append(scratch["voice"][0, : segment["stop"][0]] / np.float32(FULL_CYCLES))
    return np.concatenate(out)


@entry_point
def run_engine(voices, segments, scratch):
    segment = segments[0][0]
    if segment.strength > 0.0:
        run_loops(voices, segments, scratch[0], LOOP_SIZE[voices[0].algorithm], segment.stop)
    render_segment(voices[0], segment, scratch[0], scratch[0].loop[0])
