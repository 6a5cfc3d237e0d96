"""Control ticks into segments: the stretches of a chunk in which a voice's ramps are straight."""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.control import begin_tick, end_tick, finished
from plugin_core.engine.patch import Record
from plugin_core.engine.records import Status

_IDLE = int(Status.IDLE)


@kernel
def tick_boundary(instrument: Record, tick: int) -> int:
    """Return the sample, counted from a note-on or a reset, at which a tick begins."""
    return math.floor(tick * instrument.tick_samples + 0.5)


@kernel
def write_segment(voice: Record, segment: Record, start: int, stop: int) -> None:
    """Describe the part start..stop of the chunk from where the voice is in its tick."""
    length = np.float32(voice.tick_length)
    segment.start = np.int32(start)
    segment.stop = np.int32(stop)
    # A ramp has reached its first step at the first sample of the tick.
    segment.offset = np.int32(voice.tick_position + 1)
    segment.silent = voice.silent
    segment.strength = voice.strength
    segment.edge = voice.edge
    segment.edge_slope = (voice.next_edge - voice.edge) / length
    segment.level = voice.level
    segment.level_slope = (voice.next_level - voice.level) / length
    for op in range(OPERATORS):
        segment.phase[op] = voice.phase[op]
        segment.increment[op] = voice.increment[op]
        segment.gain[op] = voice.gain[op]
        segment.slope[op] = (voice.next_gain[op] - voice.gain[op]) / length
        voice.phase[op] = np.uint32(
            voice.phase[op] + np.uint32(np.uint32(stop - start) * voice.increment[op])
        )


@kernel
def run_ticks(instrument: Record, voice: Record, segments: Record, samples: int) -> int:
    """Take a voice through the chunk's control ticks; return how many segments that made."""
    count = 0
    at = 0
    while at < samples:
        if voice.tick_position == voice.tick_length:
            if voice.tick > 0:
                end_tick(voice)
                if finished(voice):
                    voice.status = np.int32(_IDLE)
                    voice.pressed = np.int32(0)
                    break
            begin = tick_boundary(instrument, voice.tick)
            end = tick_boundary(instrument, voice.tick + 1)
            voice.tick_length = np.int32(end - begin)
            voice.tick_position = np.int32(0)
            begin_tick(instrument, voice, voice.start + begin)
            voice.tick += 1
        stop = min(samples, at + voice.tick_length - voice.tick_position)
        write_segment(voice, segments[count], at, stop)
        voice.tick_position += np.int32(stop - at)
        count += 1
        at = stop
    return count
