"""Operator levels in, audio out, block by block: six-operator FM and filtered noise added.

What a DDX7 model plays (Caspe, McPherson and Sandler 2022, section 3) and what a musician makes of
it: levels, ratios, algorithm and feedback may change from frame to frame. It is always the whole
interval between two frames that is rendered, so how the frames are divided into blocks never shows,
not in one bit.

Between two frames f0, levels and every operator's frequency move in straight lines; feedback is the
earlier frame's. Where the algorithm changes, both routings are rendered and the later one fades in;
in each, an operator that is a carrier here and a modulator there, whose two levels are of different
kinds, keeps the level that it has on its side.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plugin_core.audio.harmonic import ROW, aligned, interval_position, interval_start
from plugin_core.audio.harmonic_plus_noise import Synthesizer
from plugin_core.audio.jit import entry_point, kernel
from plugin_core.audio.operators import (
    OPERATOR_SCRATCH,
    OPERATORS,
    add_operators,
    turn_operators,
)
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.types import FRAME_RATE, NOISE_BANDS, Mono

_IS_CARRIER = np.array(
    [[op in algorithm.carriers for op in range(1, OPERATORS + 1)] for algorithm in ALGORITHMS]
)

FRAME = np.dtype(
    [
        ("f0_hz", np.float64),
        ("levels", np.float64, OPERATORS),
        ("ratios", np.float64, OPERATORS),
        ("feedback", np.float64),
        ("algorithm", np.int64),
    ],
    align=True,
)
"""What the operators know of a frame, as `audio.operators` takes it."""

VOICE = np.dtype(
    [
        ("cycles", np.float64, OPERATORS),
        ("memory", np.float64, 2),
        ("fixed_hz", np.float64, OPERATORS),
        ("start", np.float64, OPERATORS),
        ("end", np.float64, OPERATORS),
    ],
    align=True,
)
"""A voice at a frame: phases and the feedback's memory; the rest is of an interval."""

Record = Any
Frames = NDArray[np.void]
Samples = NDArray[np.float32]


@kernel
def set_ends(voice: Record, earlier: Record, later: Record, routed: Record, other: Record) -> None:
    """Write the levels at both frames for the routing of `routed`; `other` is the other frame."""
    for op in range(OPERATORS):
        carrier = _IS_CARRIER[routed.algorithm - 1, op]
        if carrier == _IS_CARRIER[other.algorithm - 1, op]:
            voice.start[op] = earlier.levels[op]
            voice.end[op] = later.levels[op]
        else:
            voice.start[op] = routed.levels[op]
            voice.end[op] = routed.levels[op]
        # Without f0 there is no sound, whatever the levels say.
        if carrier and not earlier.f0_hz > 0.0:
            voice.start[op] = 0.0
        if carrier and not later.f0_hz > 0.0:
            voice.end[op] = 0.0


@kernel
def add_routing(
    out: Samples,
    scratch: Samples,
    voice: Record,
    earlier: Record,
    later: Record,
    routed: Record,
    other: Record,
    position: float,
    step: float,
) -> None:
    """Add what sounds between two frames as one of them, `routed`, connects the operators."""
    set_ends(voice, earlier, later, routed, other)
    add_operators(
        out,
        scratch,
        voice.cycles,
        earlier.f0_hz,
        later.f0_hz,
        voice.start,
        voice.end,
        earlier.ratios,
        later.ratios,
        voice.fixed_hz,
        routed.algorithm,
        earlier.feedback,
        voice.memory,
        position,
        step,
    )


@entry_point
def render_operators(
    out: Samples,
    scratch: Samples,
    faded: Samples,
    voices: Frames,
    frames: Frames,
    first: int,
    sample_rate: int,
) -> None:
    """Add everything between frames to `out`, as long as their intervals together.

    `frames` begin with number `first`, at which `voices`, shape (1,), stands; it is moved on to the
    last. `scratch` has OPERATOR_SCRATCH elements, `faded` harmonic.ROW.
    """
    voice = voices[0]
    begin = interval_start(first, sample_rate)
    step = FRAME_RATE / sample_rate
    for i in range(len(frames) - 1):
        earlier, later = frames[i], frames[i + 1]
        here = interval_start(first + i, sample_rate)
        samples = interval_start(first + i + 1, sample_rate) - here
        position = interval_position(first + i, sample_rate)
        row = out[here - begin : here - begin + samples]
        if later.algorithm == earlier.algorithm:
            add_routing(row, scratch, voice, earlier, later, earlier, later, position, step)
        else:
            old = faded[:samples]
            old[:] = np.float32(0.0)
            last, before = voice.memory[0], voice.memory[1]
            add_routing(old, scratch, voice, earlier, later, earlier, later, position, step)
            voice.memory[0], voice.memory[1] = last, before
            add_routing(row, scratch, voice, earlier, later, later, earlier, position, step)
            for k in range(samples):
                way = np.float32(position + step * np.float64(k))
                row[k] = old[k] + way * (row[k] - old[k])
        turn_operators(
            voice.cycles,
            earlier.f0_hz,
            later.f0_hz,
            earlier.ratios,
            later.ratios,
            voice.fixed_hz,
            1.0,
        )


class OperatorSynthesizer:
    """A sound made block by block: frames in, the samples that they complete out."""

    def __init__(self, sample_rate: int, *, seed: int = 0, note: int = 0) -> None:
        """Start at time 0 with the noise of `seed` and `note`, each 0 .. 2^63 - 1.

        Raises ValueError for a sample rate that is not a whole number from 8000 to 192000.
        """
        self._noise = Synthesizer(sample_rate, seed=seed, note=note)
        self.sample_rate = self._noise.sample_rate
        self._scratch, self._faded = aligned(OPERATOR_SCRATCH), aligned(ROW)
        self._voices = np.zeros(1, VOICE)
        self._last = np.zeros(0, FRAME)
        self._next = 0

    @property
    def samples(self) -> int:
        """How many samples have been given: all before the time of the last frame."""
        return self._noise.samples

    def process(
        self,
        f0_hz: ArrayLike,
        levels: ArrayLike,
        noise: ArrayLike | None = None,
        *,
        ratios: ArrayLike,
        algorithm: ArrayLike,
        feedback: ArrayLike = 0.0,
    ) -> Mono:
        """Return the samples from the last frame before these to the last of these.

        Frame i of all is at i / 250 s. `f0_hz` has shape (frames,), 0 where nothing sounds (the f0
        of a neighbour holds until there). `levels` has shape (frames, 6): carriers in linear
        amplitude, modulators in radians, operator 1 first. `noise` has shape (frames, 65) or is
        None: none. `ratios` has shape (6,) or (frames, 6), `algorithm` (1..32) and `feedback` (the
        DX7's setting, 0..7) are one value or (frames,).

        Raises ValueError for other shapes, values that are not finite, another algorithm or
        feedback, and ratios below 0.
        """
        frames = _frames(f0_hz, levels, ratios, algorithm, feedback)
        nothing = np.zeros((len(frames), NOISE_BANDS), np.float32)
        still = nothing[:, 0]
        heard = nothing if noise is None else noise
        sound = self._noise.process(still, still, nothing[:, :0], heard)
        self._render(frames, sound)
        return sound

    def finish(self, samples: int) -> Mono:
        """Return what is missing to `samples` samples in all: the last frame stays.

        Raises ValueError if more have been given already, or if there was no frame.
        """
        sound = self._noise.finish(samples)
        until = -(-samples * FRAME_RATE // self.sample_rate)
        whole = np.zeros(
            interval_start(until, self.sample_rate) - (samples - len(sound)), np.float32
        )
        whole[: len(sound)] = sound
        self._render(self._last.repeat(until + 1 - self._next), whole)
        return whole[: len(sound)]

    def _render(self, frames: Frames, out: Samples) -> None:
        """Add what these frames, the next ones, complete to `out`."""
        if not len(frames):
            return
        known = np.concatenate((self._last, frames))
        first = self._next - len(self._last)
        memory = self._scratch, self._faded, self._voices
        render_operators(out, *memory, known, first, self.sample_rate)
        self._last = known[-1:]
        self._next += len(frames)


def synthesize_operators(
    f0_hz: ArrayLike,
    levels: ArrayLike,
    noise: ArrayLike | None,
    ratios: ArrayLike,
    algorithm: ArrayLike,
    sample_rate: int,
    samples: int | None = None,
    *,
    feedback: ArrayLike = 0.0,
    seed: int = 0,
    note: int = 0,
) -> Mono:
    """Return the sound of operator levels, shape (samples,).

    Frame i is at i / 250 s; after the last one everything stays as it was there. By default the
    sound ends at the last frame: ceil((frames - 1) * sample_rate / 250) samples. Shapes, units and
    errors as for `OperatorSynthesizer`.
    """
    synthesizer = OperatorSynthesizer(sample_rate, seed=seed, note=note)
    audio = synthesizer.process(
        f0_hz, levels, noise, ratios=ratios, algorithm=algorithm, feedback=feedback
    )
    if samples is None or samples <= len(audio):
        return audio[:samples]
    return np.concatenate((audio, synthesizer.finish(samples)))


def _frames(
    f0_hz: ArrayLike,
    levels: ArrayLike,
    ratios: ArrayLike,
    algorithm: ArrayLike,
    feedback: ArrayLike,
) -> Frames:
    """Return the frames as one table, checked."""
    f0 = np.asarray(f0_hz, np.float64)
    given = {"f0_hz": f0, "levels": levels, "ratios": ratios}
    given |= {"algorithm": algorithm, "feedback": feedback}
    columns = {name: np.asarray(values, np.float64) for name, values in given.items()}
    shapes = {name: column.shape for name, column in columns.items()}
    count, wide = f0.shape, (*f0.shape, OPERATORS)
    if (
        f0.ndim != 1
        or shapes["levels"] != wide
        or shapes["ratios"] not in (wide, wide[1:])
        or {shapes["algorithm"], shapes["feedback"]} - {count, ()}
    ):
        raise ValueError(
            "expected f0 (frames,), levels (frames, 6), ratios (6,) or (frames, 6), algorithm and "
            f"feedback () or (frames,), found {shapes}"
        )
    frames = np.zeros(len(f0), FRAME)
    for name, column in columns.items():
        if not np.isfinite(column).all():
            raise ValueError(f"expected finite {name}, found NaN or infinity")
        frames[name] = column
    numbers = np.unique(columns["algorithm"])
    if not np.isin(numbers, range(1, len(ALGORITHMS) + 1)).all():
        raise ValueError(f"expected algorithms of 1..{len(ALGORITHMS)}, found {numbers}")
    for name, most in (("feedback", 7.0), ("ratios", np.inf)):
        if not ((columns[name] >= 0) & (columns[name] <= most)).all():
            raise ValueError(f"expected {name} of 0..{most:g}, found {np.unique(columns[name])}")
    return frames
