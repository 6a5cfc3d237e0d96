"""What a model of the DDX7 study costs live: 48 kHz, blocks of 64 samples, one core.

The kernels take a frame every 4 ms, which is every third block, and render the whole interval up to
it: that block bears the cost of three. Told are the mean, and the block that bears it. Times are
CPU seconds of the one thread.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plugin_core.audio.filtered_noise import filter_table
from plugin_core.audio.harmonic import ROW, SCRATCH, aligned
from plugin_core.audio.harmonic_plus_noise import STATE, add_interval, take_frame
from plugin_core.audio.jit import entry_point
from plugin_core.audio.operator_synthesis import FRAME, VOICE, render_operators
from plugin_core.audio.operators import OPERATOR_SCRATCH
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_file import KIND as DDX7
from plugin_core.engine.ddx7_layout import INPUTS
from plugin_core.engine.ddx7_network import DDX7_HISTORY, DDX7_SCRATCH, ddx7_inputs, ddx7_step
from plugin_core.synthesis.hpn_kernels import HIDDEN, HPN_SCRATCH, hpn_step
from plugin_core.training.study import Candidate
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS

SAMPLE_RATE = 48_000
BLOCK = 64
_INTERVAL = SAMPLE_RATE // FRAME_RATE
_FRAMES, _SETTLED = 1500, 100
_SLOW_PERCENTILE = 99.0
_MIDI_PITCH = 69.0
_HZ = 440.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Shares of the time that sounds: below 1 is faster than real time."""

    mean: float
    """The real-time factor."""
    slowest: float
    """Of the blocks that take a frame, the 99th percentile."""


def cost(candidate: Candidate) -> Cost:
    """Return what a voice of the model costs while its loudness moves."""
    play = _operators(candidate) if candidate.kind == DDX7 else _baseline(candidate)
    play(-1)  # loads the kernels
    taken = np.zeros(_FRAMES)
    for frame in range(_FRAMES):
        began = time.thread_time_ns()
        play(frame)
        taken[frame] = (time.thread_time_ns() - began) * 1e-9
    settled = taken[_SETTLED:]
    slowest = float(np.percentile(settled, _SLOW_PERCENTILE))
    return Cost(float(settled.mean()) * FRAME_RATE, slowest * SAMPLE_RATE / BLOCK)


def _loudness_db(frame: int) -> float:
    return -30.0 + 10.0 * float(np.sin(0.05 * frame))


def _operators(candidate: Candidate) -> Callable[[int], None]:
    model = candidate.operator_model()
    own = model.model
    frames, voices = np.zeros(2, FRAME), np.zeros(1, VOICE)
    frames["f0_hz"], frames["ratios"] = _HZ, model.ratios
    frames["algorithm"], frames["feedback"] = model.algorithm, model.feedback
    history = np.zeros(DDX7_HISTORY, np.float32)
    work = (np.zeros(DDX7_SCRATCH, np.float32), np.zeros(INPUTS, np.float32))
    told = (np.zeros(OPERATORS, np.float32), np.zeros(NOISE_BANDS, np.float32))
    rows = (aligned(OPERATOR_SCRATCH), aligned(ROW), aligned(SCRATCH))
    states, table = np.zeros(1, STATE), filter_table(SAMPLE_RATE)
    states["frame"] = -1
    highest = np.array([1.0 if model.i_max == 0 else model.i_max] * OPERATORS)
    out = np.zeros(_INTERVAL, np.float32)
    noisy = int(model.has_noise)

    def play(frame: int) -> None:
        out[:] = 0.0
        _play_operators(
            own.weights,
            own.layout,
            history,
            frame,
            _loudness_db(frame),
            work,
            told,
            highest,
            frames,
            voices,
            rows,
            states,
            table,
            noisy,
            out,
        )

    return play


@entry_point
def _play_operators(  # type: ignore[no-untyped-def]
    weights,
    layout,
    history,
    frame,
    loudness_db,
    work,
    told,
    highest,
    frames,
    voices,
    rows,
    states,
    table,
    noisy,
    out,
):
    """Take a frame's steps of the network and render the interval up to it."""
    network_scratch, x = work
    shares, noise = told
    scratch, faded, noise_scratch = rows
    ddx7_inputs(loudness_db, _MIDI_PITCH, x)
    ddx7_step(weights, layout, history, frame, x, network_scratch, shares, noise)
    for op in range(len(shares)):
        frames[0].levels[op] = frames[1].levels[op]
        frames[1].levels[op] = shares[op] * highest[op]
    render_operators(out, scratch, faded, voices, frames, max(0, frame), SAMPLE_RATE)
    if noisy:
        state = states[0]
        take_frame(state, table, _HZ, 0.0, shares[:0], noise, SAMPLE_RATE)
        if state.frame > 0:
            add_interval(state, noise_scratch, table, out, SAMPLE_RATE)


def _baseline(candidate: Candidate) -> Callable[[int], None]:
    own = candidate.model
    states, table = np.zeros(1, STATE), filter_table(SAMPLE_RATE)
    states["frame"] = -1
    memory = np.zeros(HIDDEN, np.float32)
    work = (np.zeros(HPN_SCRATCH, np.float32), np.zeros(INPUTS, np.float32))
    told = (np.zeros(HARMONICS, np.float32), np.zeros(NOISE_BANDS, np.float32))
    scratch = aligned(SCRATCH)
    out = np.zeros(_INTERVAL, np.float32)

    def play(frame: int) -> None:
        out[:] = 0.0
        loudness_db = _loudness_db(frame)
        _play_baseline(
            own.weights, own.layout, memory, loudness_db, work, told, scratch, states, table, out
        )

    return play


@entry_point
def _play_baseline(  # type: ignore[no-untyped-def]
    weights, layout, memory, loudness_db, work, told, scratch, states, table, out
):
    """Take a frame's step of the decoder and render the interval up to it."""
    network_scratch, x = work
    shares, noise = told
    ddx7_inputs(loudness_db, _MIDI_PITCH, x)
    amplitude = hpn_step(weights, layout, memory, x, network_scratch, shares, noise)
    state = states[0]
    take_frame(state, table, _HZ, amplitude, shares, noise, SAMPLE_RATE)
    if state.frame > 0:
        add_interval(state, scratch, table, out, SAMPLE_RATE)
