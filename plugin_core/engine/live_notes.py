"""Which neural voice plays which key: solo lines with slurs, chords, and a player for every note.

In legato mode keys that overlap are joined in one voice, others begin anew in the voice that still
rings, so that no tail is cut; keys struck together get voices of their own. In mono mode every note
begins anew in the one voice. In poly mode every note has its own.
"""

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.live_line import begin_in_line, end_in_line, is_chord
from plugin_core.engine.live_records import LIVE_VOICES, PLAYERS
from plugin_core.engine.notes import (
    begin_voice,
    let_go,
    remember_key,
    start_glide,
    take_patch,
)
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import UNSET, VOICES, Kind, Onset, Status
from plugin_core.engine.stealing import fade_out, free_record

_IDLE, _HELD, _RELEASED, _FADING = (int(status) for status in Status)
_NEURAL = int(Kind.NEURAL)
_FRESH, _REATTACK, _LEGATO_ONSET = int(Onset.FRESH), int(Onset.REATTACK), int(Onset.LEGATO)
_POLYPHONY = PARAMETER_INDEX["polyphony"]
_VOICE_MODE = PARAMETER_INDEX["voice_mode"]
_POLY, _MONO, _LEGATO = range(3)
_NOBODY = -1
_STILL_DOWN = -1
_NO_SOUND = -1


@kernel
def sounds_live(voice: Record) -> bool:
    """Tell whether a neural voice plays a note, let go or not."""
    return voice.kind == _NEURAL and (voice.status == _HELD or voice.status == _RELEASED)


@kernel
def steal_live(voices: Record) -> None:
    """Fade out the neural voice released longest ago, or the oldest one if every key is down."""
    chosen = _NOBODY
    for index in range(VOICES):
        voice = voices[index]
        if voice.kind != _NEURAL or voice.status != _RELEASED:
            continue
        if chosen == _NOBODY or (voice.let_go_at, voice.number) < (
            voices[chosen].let_go_at,
            voices[chosen].number,
        ):
            chosen = index
    if chosen == _NOBODY:
        for index in range(VOICES):
            voice = voices[index]
            if sounds_live(voice) and (chosen == _NOBODY or voice.number < voices[chosen].number):
                chosen = index
    if chosen != _NOBODY:
        fade_out(voices[chosen])


@kernel
def free_player(voices: Record) -> int:
    """Return a player that nobody plays; if all are taken, cut the voice nearest to silence."""
    for player in range(PLAYERS):
        is_taken = False
        for index in range(VOICES):
            voice = voices[index]
            if voice.kind == _NEURAL and voice.status != _IDLE and voice.player == player:
                is_taken = True
        if not is_taken:
            return player
    chosen = _NOBODY
    for index in range(VOICES):
        voice = voices[index]
        if voice.kind != _NEURAL or voice.status != _FADING:
            continue
        if chosen == _NOBODY or (voice.fade, voice.number) < (
            voices[chosen].fade,
            voices[chosen].number,
        ):
            chosen = index
    # At most LIVE_VOICES of the players play what does not fade.
    voices[chosen].status = np.int32(_IDLE)
    voices[chosen].pressed = np.int32(0)
    return voices[chosen].player


@kernel
def take_voice(instrument: Record, voice: Record) -> None:
    """Let a neural voice follow the present patch, if its sound has one."""
    voice.sound = np.int32(_NO_SOUND)
    if instrument.has_voice:
        voice.sound = instrument.sound
        take_patch(instrument, voice)


@kernel
def start_live_voice(
    instrument: Record, voices: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Start a neural voice on a key, in a player that was silent."""
    polyphony = int(instrument.target[_POLYPHONY])
    sounding = 0
    for index in range(VOICES):
        sounding += sounds_live(voices[index])
    while sounding >= min(LIVE_VOICES, polyphony):
        steal_live(voices)
        sounding -= 1
    voice = voices[free_record(voices, polyphony)]
    voice.status = np.int32(_IDLE)
    player = free_player(voices)
    begin_voice(instrument, voice, channel, key, velocity, note_id)
    voice.kind = np.int32(_NEURAL)
    voice.player = np.int32(player)
    voice.model = instrument.model
    voice.model_instrument = instrument.model_instrument
    take_voice(instrument, voice)
    voice.onset = np.int32(_FRESH)
    voice.let_go_at = _STILL_DOWN
    for operator in range(len(voice.raw_gain)):
        voice.raw_gain[operator] = 0.0
    start_glide(instrument, voice, instrument.last_note)
    begin_in_line(instrument, voice, False, int(instrument.target[_VOICE_MODE]) == _POLY)


@kernel
def move_live_voice(
    instrument: Record, voice: Record, channel: int, key: int, velocity: int, onset: int
) -> None:
    """Let a neural voice that sounds play another note."""
    here = voice.key + voice.glide
    voice.status = np.int32(_HELD)
    voice.pressed = np.int32(1)
    voice.note_id = np.int32(_NOBODY)
    voice.channel = np.int32(channel)
    voice.key = np.int32(key)
    voice.velocity = np.int32(velocity)
    instrument.notes += 1
    voice.number = instrument.notes
    voice.start = instrument.sample
    voice.let_go_at = _STILL_DOWN
    voice.length_s = instrument.next_length_s[channel, key]
    instrument.next_length_s[channel, key] = 0.0
    for index in range(len(voice.control)):
        voice.control[index] = UNSET
    for index in range(len(voice.shift)):
        voice.shift[index] = 0.0
    take_voice(instrument, voice)
    is_joined = onset == _LEGATO_ONSET
    if voice.onset != _FRESH:
        voice.onset = np.int32(onset)
    start_glide(instrument, voice, here if is_joined else instrument.last_note)
    begin_in_line(instrument, voice, is_joined, False)


@kernel
def line_voice(instrument: Record, voices: Record) -> int:
    """Return the record of the neural voice that plays the line: of the present sound, the last
    begun of those whose keys are down, or else of those that ring; -1 if there is none."""
    chosen = _NOBODY
    for index in range(VOICES):
        voice = voices[index]
        is_other = voice.model != instrument.model
        if not sounds_live(voice) or is_other:
            continue
        if voice.model_instrument != instrument.model_instrument:
            continue
        if chosen == _NOBODY or (voice.pressed, voice.number) > (
            voices[chosen].pressed,
            voices[chosen].number,
        ):
            chosen = index
    return chosen


@kernel
def live_note_on(
    instrument: Record, voices: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Play a key on the neural sound according to the voice mode.

    As for FM voices: without a note id a key played again while down lets its first note go, and
    voices of the other modes belong to the keys, not to a note.
    """
    mode = int(instrument.target[_VOICE_MODE])
    if mode == _POLY:
        if note_id < 0:
            for index in range(VOICES):
                voice = voices[index]
                if voice.pressed and voice.key == key and voice.channel == channel:
                    let_go(instrument, voice)
        start_live_voice(instrument, voices, channel, key, velocity, note_id)
        return
    remember_key(instrument, channel, key)
    current = line_voice(instrument, voices)
    if current == _NOBODY:
        start_live_voice(instrument, voices, channel, key, velocity, _NOBODY)
        return
    voice = voices[current]
    is_down = voice.pressed and voice.status == _HELD
    is_same = voice.key == key and voice.channel == channel
    if mode == _LEGATO and is_down and not is_same and is_chord(instrument):
        start_live_voice(instrument, voices, channel, key, velocity, _NOBODY)
        return
    joined = mode == _LEGATO and is_down and not is_same
    onset = _LEGATO_ONSET if joined else _REATTACK
    move_live_voice(instrument, voice, channel, key, velocity, onset)


@kernel
def free_held_key(instrument: Record, voices: Record) -> int:
    """Return the place of the held key struck last that no neural voice plays, -1 if none."""
    for place in range(instrument.held - 1, -1, -1):
        is_played = False
        for index in range(VOICES):
            voice = voices[index]
            if (
                voice.pressed
                and voice.key == instrument.held_key[place]
                and voice.channel == instrument.held_channel[place]
            ):
                is_played = True
        if not is_played:
            return place
    return _NOBODY


@kernel
def live_note_off(instrument: Record, voices: Record, channel: int, key: int, note_id: int) -> None:
    """Let the neural voices of a key go; in a line the voice goes back to a key that is held."""
    end_in_line(instrument, key, instrument.sample)
    is_line = int(instrument.target[_VOICE_MODE]) != _POLY
    for index in range(VOICES):
        voice = voices[index]
        if voice.kind != _NEURAL or not voice.pressed:
            continue
        if voice.key != key or voice.channel != channel:
            continue
        if note_id >= 0 and voice.note_id >= 0 and voice.note_id != note_id:
            continue
        place = _NOBODY
        if is_line and voice.status == _HELD:
            place = free_held_key(instrument, voices)
        if place == _NOBODY:
            let_go(instrument, voice)
        else:
            to_channel, to_key = instrument.held_channel[place], instrument.held_key[place]
            move_live_voice(instrument, voice, to_channel, to_key, voice.velocity, _LEGATO_ONSET)
