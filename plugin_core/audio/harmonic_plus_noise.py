"""The harmonic-plus-noise synthesizer: frames of synthesis parameters in, audio out.

What MIDI-DDSP plays (Wu et al. 2022, section 3.1; Engel et al. 2020): `harmonic` and
`filtered_noise` added. A voice's state is one record; it takes a frame every 4 ms and renders the
whole interval since the frame before, at any sample rate from 8 to 192 kHz. So a division of the
frames into blocks never shows, not in one bit, and the kernels serve files and real-time voices.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plugin_core.audio.filtered_noise import (
    MOST_TAPS,
    add_filtered_noise,
    density_scale,
    filter_table,
    set_filter,
    write_white,
)
from plugin_core.audio.harmonic import (
    HIGHEST_RATE,
    ROW,
    SCRATCH,
    add_harmonics,
    aligned,
    cycles_after,
    interval_position,
    interval_start,
    set_partials,
)
from plugin_core.audio.jit import entry_point, kernel
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Mono

LOWEST_RATE = 8_000

STATE = np.dtype(
    [
        ("white", np.float32, ROW + 2 * MOST_TAPS),
        ("partials", np.float32, (2, HARMONICS)),
        ("taps", np.float32, (2, MOST_TAPS)),
        ("f0_hz", np.float64, 2),
        ("cycles", np.float64),
        ("seed", np.uint64),
        ("note", np.uint64),
        ("frame", np.int64),
        ("whites", np.int64),
        ("noisy", np.int64, 2),
    ],
    align=True,
)
"""A voice between two frames: `frame` is the later one's number, -1 before the first.

Pairs are (at the earlier frame, at the later one), `taps` are half a filter. `white` begins half a
filter before the next sample and holds `whites` samples.
"""

Record = Any
Samples = NDArray[np.float32]


@kernel
def take_frame(
    state: Record,
    table: Samples,
    f0_hz: float,
    amplitude: float,
    harmonics: Samples,
    noise: Samples,
    sample_rate: int,
) -> None:
    """Move the voice on to a new frame: what was the later frame becomes the earlier one."""
    hold_frame(state)
    state.f0_hz[1] = f0_hz
    set_partials(state.partials[1], f0_hz, amplitude, harmonics, sample_rate)
    state.noisy[1] = 0
    for band in range(NOISE_BANDS):
        if noise[band] != 0.0:
            state.noisy[1] = 1
    if state.noisy[1]:
        set_filter(state.taps[1, : len(table) // NOISE_BANDS], noise, table)
    else:
        state.taps[1, :] = np.float32(0.0)


@kernel
def hold_frame(state: Record) -> None:
    """Move the voice on to a frame that is like the last."""
    state.frame += 1
    state.f0_hz[0] = state.f0_hz[1]
    state.noisy[0] = state.noisy[1]
    for k in range(HARMONICS):
        state.partials[0, k] = state.partials[1, k]
    for tap in range(MOST_TAPS):
        state.taps[0, tap] = state.taps[1, tap]


@kernel
def interval_length(frame: int, sample_rate: int) -> int:
    """Return how many samples there are from a frame to the next."""
    return interval_start(frame + 1, sample_rate) - interval_start(frame, sample_rate)


@kernel
def add_interval(
    state: Record, scratch: Samples, table: Samples, out: Samples, sample_rate: int
) -> None:
    """Add what sounds between the two frames, the whole interval's samples, to `out`.

    `table` is the rate's `filter_table`, `scratch` has SCRATCH elements.
    """
    earlier = state.frame - 1
    position = interval_position(earlier, sample_rate)
    step = FRAME_RATE / sample_rate
    add_harmonics(
        out,
        scratch,
        state.cycles,
        state.f0_hz[0],
        state.f0_hz[1],
        state.partials[0],
        state.partials[1],
        position,
        step,
    )
    state.cycles = cycles_after(state.cycles, state.f0_hz[0], state.f0_hz[1])
    if not (state.noisy[0] or state.noisy[1]):
        state.whites = 0
        return
    samples = len(out)
    taps = len(table) // NOISE_BANDS
    needed = samples + 2 * taps
    first = interval_start(earlier, sample_rate) - taps + state.whites
    scale = density_scale(sample_rate)
    write_white(state.white[state.whites : needed], state.seed, state.note, first, scale)
    add_filtered_noise(
        out,
        scratch,
        state.white[:needed],
        state.taps[0, :taps],
        state.taps[1, :taps],
        position,
        step,
    )
    for i in range(2 * taps):
        state.white[i] = state.white[i + samples]
    state.whites = 2 * taps


@entry_point
def render_frames(
    states: NDArray[np.void],
    scratch: Samples,
    table: Samples,
    f0_hz: Samples,
    amplitude: Samples,
    harmonics: Samples,
    noise: Samples,
    sample_rate: int,
    out: Samples,
) -> None:
    """Give frames to a voice and add all that they complete to `out`.

    Shapes: states (1,), frames (frames,), (frames,), (frames, K), (frames, 65). `out` is as long
    as all the intervals that end at these frames.
    """
    state = states[0]
    first = 0
    for i in range(len(f0_hz)):
        take_frame(state, table, f0_hz[i], amplitude[i], harmonics[i], noise[i], sample_rate)
        if state.frame > 0:
            last = first + interval_length(state.frame - 1, sample_rate)
            add_interval(state, scratch, table, out[first:last], sample_rate)
            first = last


@entry_point
def render_held(
    states: NDArray[np.void], scratch: Samples, table: Samples, sample_rate: int, out: Samples
) -> None:
    """Let a voice go on as it was at its last frame; `out` is some intervals long."""
    state = states[0]
    first = 0
    while first < len(out):
        hold_frame(state)
        last = first + interval_length(state.frame - 1, sample_rate)
        add_interval(state, scratch, table, out[first:last], sample_rate)
        first = last


class Synthesizer:
    """A sound made block by block: frames in, the samples that they complete out.

    How the frames are divided into blocks makes no difference, not in one bit.
    """

    def __init__(self, sample_rate: int, *, seed: int = 0, note: int = 0) -> None:
        """Start at time 0 with the noise of `seed` and `note`, each 0 .. 2^63 - 1.

        Raises ValueError for a sample rate that is not a whole number from 8000 to 192000.
        """
        if sample_rate != int(sample_rate) or not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
            raise ValueError(
                f"expected a sample rate of {LOWEST_RATE} to {HIGHEST_RATE}, found {sample_rate}"
            )
        self.sample_rate = int(sample_rate)
        self._table = filter_table(self.sample_rate)
        self._scratch = aligned(SCRATCH)
        self._state = np.zeros(1, STATE)
        self._state["frame"] = -1
        self._state["seed"], self._state["note"] = seed, note

    @property
    def samples(self) -> int:
        """How many samples have been given: all before the time of the last frame."""
        return interval_start(max(0, int(self._state["frame"][0])), self.sample_rate)

    def process(
        self, f0_hz: ArrayLike, amplitude: ArrayLike, harmonics: ArrayLike, noise: ArrayLike
    ) -> Mono:
        """Return the samples from the last frame before these to the last of these.

        Frame i of all is at i / 250 s. Shapes (frames,), (frames,), (frames, K) with K up to 100,
        (frames, 65); units as in `types.Frames`. Raises ValueError for other shapes and for
        values that are not finite.
        """
        frames = _checked(f0_hz, amplitude, harmonics, noise)
        now = int(self._state["frame"][0])
        last = max(0, now + len(frames[0]))
        out = np.zeros(interval_start(last, self.sample_rate) - self.samples, np.float32)
        render_frames(self._state, self._scratch, self._table, *frames, self.sample_rate, out)
        return out

    def finish(self, samples: int) -> Mono:
        """Return what is missing to `samples` samples in all: the last frame stays.

        Raises ValueError if more have been given already, or if there was no frame.
        """
        missing = samples - self.samples
        now = int(self._state["frame"][0])
        if missing < 0 or now < 0:
            raise ValueError(
                f"expected a frame and at least {self.samples} samples in all, "
                f"found {now + 1} frames and {samples} samples"
            )
        last = -(-samples * FRAME_RATE // self.sample_rate)
        out = np.zeros(interval_start(last, self.sample_rate) - self.samples, np.float32)
        render_held(self._state, self._scratch, self._table, self.sample_rate, out)
        return out[:missing]


def synthesize(
    f0_hz: ArrayLike,
    amplitude: ArrayLike,
    harmonics: ArrayLike,
    noise: ArrayLike,
    sample_rate: int,
    samples: int | None = None,
    *,
    seed: int = 0,
    note: int = 0,
) -> Mono:
    """Return the sound of synthesis parameters, shape (samples,).

    Frame i is at i / 250 s; after the last one everything stays as it was there. By default the
    sound ends at the last frame: ceil((frames - 1) * sample_rate / 250) samples. Shapes, units and
    errors as for `Synthesizer`.
    """
    synthesizer = Synthesizer(sample_rate, seed=seed, note=note)
    audio = synthesizer.process(f0_hz, amplitude, harmonics, noise)
    if samples is None or samples <= len(audio):
        return audio[:samples]
    return np.concatenate((audio, synthesizer.finish(samples)))


def _checked(
    f0_hz: ArrayLike, amplitude: ArrayLike, harmonics: ArrayLike, noise: ArrayLike
) -> tuple[Samples, Samples, Samples, Samples]:
    frames = tuple(
        np.ascontiguousarray(values, dtype=np.float32)
        for values in (f0_hz, amplitude, harmonics, noise)
    )
    f0, gains, distribution, magnitudes = frames
    count = f0.shape[:1]
    if not (
        f0.ndim == 1
        and gains.shape == count
        and distribution.ndim == 2
        and distribution.shape[:1] == count
        and distribution.shape[1] <= HARMONICS
        and magnitudes.shape == (*count, NOISE_BANDS)
    ):
        raise ValueError(
            f"expected f0 (frames,), amplitude (frames,), harmonics (frames, up to {HARMONICS}) "
            f"and noise (frames, {NOISE_BANDS}), found shapes {[values.shape for values in frames]}"
        )
    if not all(np.isfinite(values).all() for values in frames):
        raise ValueError("expected finite synthesis parameters, found NaN or infinity")
    return f0, gains, distribution, magnitudes
