"""A voice's sound from its segments: operators along time, carriers summed, level and noise."""

import math

import numpy as np

from plugin_core.audio.fm import add, modulated_operator, operator, ramp
from plugin_core.audio.jit import kernel
from plugin_core.audio.layout import VECTOR
from plugin_core.audio.noise import white
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.control import CARRIERS
from plugin_core.engine.loops import LOOP_SIZE, loop_place
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record

_CARRIER_SCALE = np.float32(1 / 16)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_SEED = PARAMETER_INDEX["seed"]
_NOISE_S = 0.04
_NOISE_DECAY = 3.0 * math.log(10.0) / _NOISE_S
_NOISE_LOW_HZ = 1000.0
_NOISE_HIGH_HZ = 6000.0

MODULATOR_MASK = np.array(
    [
        [
            sum(1 << (source - 1) for source in algorithm.modulators_of(target))
            for target in range(1, OPERATORS + 1)
        ]
        for algorithm in ALGORITHMS
    ],
    dtype=np.int64,
)
"""[algorithm - 1, operator - 1] -> bit mask of its modulators."""


@kernel
def gather_bus(scratch: Record, mask: int, start: int, stop: int) -> None:
    """Sum the operators in a bit mask into the bus."""
    bus = scratch.bus[start:stop]
    first = True
    for op in range(OPERATORS - 1, -1, -1):
        if not mask & (1 << op):
            continue
        source = scratch.rows[op][start:stop]
        if first:
            for i in range(len(bus)):
                bus[i] = source[i]
        else:
            add(bus, source)
        first = False


@kernel
def take_loop_operator(row: Record, source: Record, segment: Record, scaled: bool) -> None:
    """Take an operator's output from its loop; brightness is applied outside the feedback."""
    for i in range(len(row)):
        row[i] = source[i]
    if scaled and not (segment.edge == _ONE and segment.edge_slope == _ZERO):
        for i in range(len(row)):
            step = np.float32(np.int32(segment.offset + i))
            row[i] *= segment.edge + segment.edge_slope * step


@kernel
def render_operator(
    voice: Record, segment: Record, scratch: Record, loop: Record, op: int, heard: int, stop: int
) -> None:
    """Write one operator's row; `heard` is the bit mask of the operators written before."""
    start = segment.start
    algorithm = voice.algorithm
    row = scratch.rows[op][start:stop]
    place = loop_place(algorithm, op) if segment.strength > 0.0 else -1
    modulators = MODULATOR_MASK[algorithm, op] & heard
    if place >= 0:
        scaled = LOOP_SIZE[algorithm] == 1
        take_loop_operator(row, loop[place][start:stop], segment, scaled)
    elif modulators == 0:
        operator(
            row,
            segment.phase[op],
            segment.increment[op],
            segment.gain[op],
            segment.slope[op],
            segment.offset,
        )
    else:
        gather_bus(scratch, modulators, start, stop)
        modulated_operator(
            row,
            segment.phase[op],
            segment.increment[op],
            segment.gain[op],
            segment.slope[op],
            segment.offset,
            scratch.bus[start:stop],
        )


@kernel
def render_segment(voice: Record, segment: Record, scratch: Record, loop: Record) -> None:
    """Run a segment's operators from 6 down to 1 and sum the carriers into the voice's row."""
    start = segment.start
    stop = start + (segment.stop - start + VECTOR - 1) // VECTOR * VECTOR
    carriers = CARRIERS[voice.algorithm]
    total = scratch.voice[start:stop]
    for i in range(len(total)):
        total[i] = _ZERO
    heard = 0
    for op in range(OPERATORS - 1, -1, -1):
        if segment.silent & (1 << op):
            continue
        render_operator(voice, segment, scratch, loop, op, heard, stop)
        heard |= 1 << op
        if carriers & (1 << op):
            add(total, scratch.rows[op][start:stop])


@kernel
def add_attack_noise(instrument: Record, voice: Record, scratch: Record, stop: int) -> None:
    """Add the onset noise of a voice: white noise between 1 and 6 kHz, gone after 40 ms."""
    rate = instrument.sample_rate
    low = 1.0 - math.exp(-2.0 * math.pi * _NOISE_LOW_HZ / rate)
    high = 1.0 - math.exp(-2.0 * math.pi * min(_NOISE_HIGH_HZ, 0.45 * rate) / rate)
    # Variance of the difference of two one-pole filters driven by uniform white noise.
    variance = low / (2.0 - low) + high / (2.0 - high)
    variance -= 2.0 * low * high / (low + high - low * high)
    scale = voice.noise_gain / math.sqrt(variance / 3.0)
    seed = np.uint64(instrument.target[_SEED])
    first = instrument.sample - voice.start
    length = math.ceil(_NOISE_S * rate)
    for i in range(min(stop, length - first)):
        at = first + i
        noise = white(seed, np.uint64(voice.number), np.uint64(at))
        voice.noise_low += low * (noise - voice.noise_low)
        voice.noise_high += high * (noise - voice.noise_high)
        envelope = math.exp(-_NOISE_DECAY * at / rate) * (1.0 - at / length)
        band = scale * envelope * (voice.noise_high - voice.noise_low)
        scratch.voice[i] += np.float32(band / _CARRIER_SCALE)
    if first + stop >= length:
        voice.noise_gain = 0.0


@kernel
def render_voice(
    instrument: Record,
    voice: Record,
    segments: Record,
    count: int,
    scratch: Record,
    loop: Record,
    out: Record,
) -> None:
    """Add a voice's chunk to the output."""
    for index in range(count):
        render_segment(voice, segments[index], scratch, loop)
    if voice.noise_gain > 0.0:
        add_attack_noise(instrument, voice, scratch, segments[count - 1].stop)
    for index in range(count):
        segment = segments[index]
        ramp(
            out[segment.start : segment.stop],
            scratch.voice[segment.start : segment.stop],
            segment.level * _CARRIER_SCALE,
            segment.level_slope * _CARRIER_SCALE,
            segment.offset,
        )
