"""Notes and pedals: which voice record plays a note, when it is let go, what is stolen.

Polyphony takes an idle record; beyond it, the voice released longest ago is stolen, else the oldest
one, and fades out in a spare record while the new note already sounds. Mono plays the last of the
held keys and returns to the one before; legato does so without a new attack while keys overlap.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.engine.envelopes import release_envelopes, start_envelopes
from plugin_core.engine.lfo import LFO_SPEED, LFO_SYNC, SYNC_PHASE, lfo_phase
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_BASE
from plugin_core.engine.patch import Record, derive
from plugin_core.engine.records import (
    HELD_KEYS,
    PATCH_SIZE,
    SHOWN_FROM,
    UNSET,
    VOICES,
    Kind,
    Status,
)
from plugin_core.engine.stealing import fade_out, free_record

_IDLE, _HELD, _RELEASED = int(Status.IDLE), int(Status.HELD), int(Status.RELEASED)
_FM = int(Kind.FM)
_OSCILLATOR_SYNC = FIELD_INDEX["oscillator_sync"]
_POLYPHONY = PARAMETER_INDEX["polyphony"]
_VOICE_MODE = PARAMETER_INDEX["voice_mode"]
_PORTAMENTO = PARAMETER_INDEX["portamento"]
_POLY, _MONO, _LEGATO = range(3)
_NOBODY = -1


@kernel
def take_patch(instrument: Record, voice: Record) -> None:
    """Copy the instrument's present patch into a voice, as stored values."""
    for index in range(PATCH_SIZE):
        voice.patch[index] = instrument.current[VOICE_BASE + index] - SHOWN_FROM[index]


@kernel
def release(instrument: Record, voice: Record) -> None:
    """Send a voice to its release."""
    voice.status = np.int32(_RELEASED)
    instrument.releases += 1
    voice.released = instrument.releases
    voice.let_go_at = instrument.sample
    if voice.kind == _FM:
        release_envelopes(voice)


@kernel
def let_go(instrument: Record, voice: Record) -> None:
    """The key comes up: release the voice unless a pedal holds it."""
    voice.pressed = np.int32(0)
    held = instrument.sustain[voice.channel] != 0 or voice.sostenuto != 0
    if voice.status == _HELD and not held:
        release(instrument, voice)


@kernel
def restart_lfo(instrument: Record, voices: Record, sample: int) -> None:
    """Restart the LFO's delay, and its phase if key sync is on, unless a key is down already.

    Whole cycles stay: sample and hold goes on with its sequence.
    """
    if instrument.held > 1:
        return
    for index in range(VOICES):
        if voices[index].pressed:
            return
    instrument.lfo_start = sample
    if instrument.current[VOICE_BASE + LFO_SYNC] >= 0.5:
        cycles = lfo_phase(instrument, instrument.current[VOICE_BASE + LFO_SPEED], sample)
        instrument.lfo_phase = math.floor(cycles) + SYNC_PHASE
        instrument.lfo_anchor = sample


@kernel
def copy_phases(voices: Record, key: int, voice: Record) -> None:
    """Carry phases over from a sounding voice of the same key, as free-running oscillators do."""
    for index in range(VOICES):
        other = voices[index]
        if other.kind != _FM or other.status == _IDLE:
            continue
        if other.key == key and other.number != voice.number:
            for operator in range(OPERATORS):
                voice.phase[operator] = other.phase[operator]


@kernel
def begin_voice(
    instrument: Record, voice: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Give a voice of either kind a new note."""
    instrument.notes += 1
    voice.number = instrument.notes
    voice.status = np.int32(_HELD)
    voice.pressed = np.int32(1)
    voice.sostenuto = np.int32(0)
    voice.channel = np.int32(channel)
    voice.key = np.int32(key)
    voice.velocity = np.int32(velocity)
    voice.note_id = np.int32(note_id)
    voice.released = 0
    voice.start = instrument.sample
    voice.tick = 0
    voice.tick_length = np.int32(0)
    voice.tick_position = np.int32(0)
    voice.dirty = np.int32(0)
    voice.key_pressure = 0.0
    voice.length_s = instrument.next_length_s[channel, key]
    instrument.next_length_s[channel, key] = 0.0
    for index in range(len(voice.control)):
        voice.control[index] = UNSET
        voice.shift[index] = 0.0


@kernel
def start_voice(
    instrument: Record, voices: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Start a new voice on a key."""
    restart_lfo(instrument, voices, instrument.sample)
    voice = voices[free_record(voices, int(instrument.target[_POLYPHONY]))]
    begin_voice(instrument, voice, channel, key, velocity, note_id)
    voice.kind = np.int32(_FM)
    voice.sound = instrument.sound
    take_patch(instrument, voice)
    derive(voice)
    start_envelopes(voice)
    sync = voice.patch[_OSCILLATOR_SYNC] >= 0.5
    for operator in range(OPERATORS):
        if sync:
            voice.phase[operator] = 0
        voice.gain[operator] = 0.0
        voice.raw_gain[operator] = 0.0
    if not sync:
        copy_phases(voices, key, voice)
    start_glide(instrument, voice, instrument.last_note)
    voice.vibrato_cycles = 0.0
    voice.noise_low = 0.0
    voice.noise_high = 0.0


@kernel
def start_glide(instrument: Record, voice: Record, from_note: float) -> None:
    """Set off a portamento from the pitch played before, if it is on."""
    pitch = float(voice.key)
    voice.glide = 0.0
    if instrument.target[_PORTAMENTO] >= 0.5 and from_note >= 0.0:
        voice.glide = from_note - pitch
    instrument.last_note = pitch


@kernel
def change_key(instrument: Record, voice: Record, channel: int, key: int) -> None:
    """Move a sounding mono voice to another key without a new attack."""
    here = voice.key + voice.glide
    voice.note_id = np.int32(_NOBODY)
    voice.channel = np.int32(channel)
    voice.key = np.int32(key)
    voice.dirty = np.int32(1)
    start_glide(instrument, voice, here)


@kernel
def forget_key(instrument: Record, channel: int, key: int) -> None:
    """Take a key out of the list of held keys, or all keys of the channel if `key` is negative."""
    kept = 0
    for index in range(instrument.held):
        is_other_key = key >= 0 and instrument.held_key[index] != key
        if is_other_key or instrument.held_channel[index] != channel:
            instrument.held_key[kept] = instrument.held_key[index]
            instrument.held_channel[kept] = instrument.held_channel[index]
            kept += 1
    instrument.held = np.int32(kept)


@kernel
def remember_key(instrument: Record, channel: int, key: int) -> None:
    """Put a key on top of the list of held keys."""
    forget_key(instrument, channel, key)
    if instrument.held == HELD_KEYS:
        forget_key(instrument, instrument.held_channel[0], instrument.held_key[0])
    instrument.held_key[instrument.held] = np.int32(key)
    instrument.held_channel[instrument.held] = np.int32(channel)
    instrument.held += 1


@kernel
def sounding_mono_voice(voices: Record) -> int:
    """Return the record of the held FM voice started last, -1 if none."""
    chosen = _NOBODY
    for index in range(VOICES):
        if voices[index].kind != _FM or voices[index].status != _HELD:
            continue
        if chosen == _NOBODY or voices[index].number > voices[chosen].number:
            chosen = index
    return chosen


@kernel
def note_on(
    instrument: Record, voices: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Play a key on the FM sound according to the voice mode.

    Without a note id, a key played again while down lets its first note go, so that one note-off
    is enough for both. A mono voice belongs to the keys, not to a note.
    """
    mode = int(instrument.target[_VOICE_MODE])
    if mode == _POLY:
        if note_id < 0:
            for index in range(VOICES):
                voice = voices[index]
                if voice.pressed and voice.key == key and voice.channel == channel:
                    let_go(instrument, voice)
        start_voice(instrument, voices, channel, key, velocity, note_id)
        return
    remember_key(instrument, channel, key)
    current = sounding_mono_voice(voices)
    if current != _NOBODY and mode == _LEGATO and voices[current].pressed:
        change_key(instrument, voices[current], channel, key)
        return
    for index in range(VOICES):
        fade_out(voices[index])
        voices[index].pressed = np.int32(0)
    start_voice(instrument, voices, channel, key, velocity, _NOBODY)


@kernel
def note_off(instrument: Record, voices: Record, channel: int, key: int, note_id: int) -> None:
    """Let the FM voices of a key go; a mono voice returns to the key held before it.

    That is without a new attack. `forget_key` comes first.
    """
    if int(instrument.target[_VOICE_MODE]) != _POLY and instrument.held > 0:
        current = sounding_mono_voice(voices)
        if current != _NOBODY and voices[current].pressed:
            top = instrument.held - 1
            top_channel, top_key = instrument.held_channel[top], instrument.held_key[top]
            if voices[current].key != top_key or voices[current].channel != top_channel:
                change_key(instrument, voices[current], top_channel, top_key)
    for index in range(VOICES):
        voice = voices[index]
        if voice.kind != _FM or not voice.pressed:
            continue
        if voice.key != key or voice.channel != channel:
            continue
        if note_id < 0 or voice.note_id < 0 or voice.note_id == note_id:
            let_go(instrument, voice)
