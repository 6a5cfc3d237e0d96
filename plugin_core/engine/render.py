"""Rendering a block: chunks between events, and in a chunk three passes over the FM voices.

First every voice runs its control ticks and leaves segments. Then the feedback loops of all voices
run side by side. Then each voice's remaining operators run along time and its carriers are summed
into the output. Neural voices follow, each by itself. All that a sample needs is counted from its
own tick or frame, so that neither blocks nor chunks show.
"""

import math

import numpy as np

from plugin_core.audio.jit import entry_point, kernel
from plugin_core.engine.live_player import render_live_voice
from plugin_core.engine.loops import run_loops
from plugin_core.engine.messages import handle
from plugin_core.engine.patch import ALGORITHM, Record
from plugin_core.engine.records import CHUNK, SEGMENTS, VOICES, Kind, Status
from plugin_core.engine.segments import run_ticks, tick_boundary
from plugin_core.engine.settings import smooth_parameters
from plugin_core.engine.voices import render_voice

_IDLE = int(Status.IDLE)
_FM, _NEURAL = int(Kind.FM), int(Kind.NEURAL)
_LOOP_SIZES = 3


@kernel
def smooth_when_due(instrument: Record, voices: Record) -> None:
    """Move gliding parameters if a tick of the instrument's own clock begins here."""
    due = math.ceil((instrument.sample - 0.5) / instrument.tick_samples)
    instrument.smoothing_tick = due
    if tick_boundary(instrument, due) == instrument.sample:
        smooth_parameters(instrument, voices)
        instrument.smoothing_tick = due + 1


@kernel
def chunk_end(instrument: Record, voices: Record, at: int, stop: int) -> int:
    """Return where the chunk that begins at `at` ends: next smoothing step or new algorithm."""
    # At rates below 22050 Hz a chunk of CHUNK samples would touch more ticks than SEGMENTS.
    end = min(stop, at + min(CHUNK, int(instrument.tick_samples) * (SEGMENTS - 2)))
    if instrument.moving:
        step = tick_boundary(instrument, instrument.smoothing_tick) - instrument.sample
        end = min(end, at + step)
    for index in range(VOICES):
        voice = voices[index]
        if voice.kind != _FM or voice.status == _IDLE or not voice.dirty:
            continue
        if int(voice.patch[ALGORITHM]) != voice.algorithm:
            left = voice.tick_length - voice.tick_position
            if left > 0:
                end = min(end, at + left)
    return end


@kernel
def render_chunk(
    instrument: Record, voices: Record, segments: Record, scratch: Record, out: Record
) -> None:
    """Add all FM voices' next len(out) samples to `out`."""
    samples = len(out)
    anything = False
    for number in range(VOICES):
        scratch.segments[number] = 0
        voice = voices[number]
        if voice.kind == _FM and voice.status != _IDLE:
            scratch.segments[number] = run_ticks(instrument, voice, segments[number], samples)
            anything = True
    if not anything:
        return
    for size in range(1, _LOOP_SIZES + 1):
        run_loops(voices, segments, scratch, size, samples)
    for number in range(VOICES):
        count = scratch.segments[number]
        if count > 0:
            loop = scratch.loop[number]
            render_voice(instrument, voices[number], segments[number], count, scratch, loop, out)


@kernel
def render_live(
    instrument: Record,
    voices: Record,
    players: Record,
    live: Record,
    models: Record,
    weights: Record,
    out: Record,
) -> None:
    """Add all neural voices' next len(out) samples to `out`."""
    for number in range(VOICES):
        voice = voices[number]
        if voice.kind == _NEURAL and voice.status != _IDLE:
            render_live_voice(
                instrument,
                voice,
                players[voice.player],
                live,
                weights[voice.model],
                models[voice.model].layout,
                models[voice.model].silence,
                out,
            )


@entry_point
def render_block(
    instruments: Record,
    voices: Record,
    players: Record,
    segments: Record,
    scratches: Record,
    lives: Record,
    sounds: Record,
    models: Record,
    weights: Record,
    events: Record,
    transports: Record,
    out: Record,
) -> None:
    """Render one block.

    `instruments`, `scratches`, `lives` and `transports` hold one record each, `voices` VOICES,
    `players` PLAYERS, `segments` is (VOICES, SEGMENTS). `sounds` is (sounds, PATCH_SIZE) stored
    patches. `models` are MODEL_SLOTS records that `check_model` has seen, `weights` is
    (MODEL_SLOTS, WEIGHTS_CAPACITY); a slot may change between blocks if nothing refers to it: no
    sounding voice, not the present sound, no event. `events` are sorted by offset; those at or
    after the block's end act after its last sample. `out` is mono float32 and is overwritten.
    Allocates nothing.
    """
    instrument = instruments[0]
    scratch = scratches[0]
    if transports[0].tempo_bpm > 0.0:
        instrument.tempo_bpm = transports[0].tempo_bpm
    samples = len(out)
    for i in range(samples):
        out[i] = np.float32(0.0)
    at = 0
    event = 0
    while at < samples:
        while event < len(events) and events[event].offset <= at:
            handle(instrument, voices, sounds, models, weights, events[event])
            event += 1
        stop = samples
        if event < len(events):
            stop = min(stop, events[event].offset)
        if instrument.moving:
            smooth_when_due(instrument, voices)
        end = chunk_end(instrument, voices, at, stop)
        render_chunk(instrument, voices, segments, scratch, out[at:end])
        render_live(instrument, voices, players, lives[0], models, weights, out[at:end])
        instrument.sample += end - at
        at = end
    while event < len(events):
        handle(instrument, voices, sounds, models, weights, events[event])
        event += 1
