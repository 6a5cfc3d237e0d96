"""How notes are played on a DDX7 model: the loudness and the pitch that its network is asked for.

Loudness follows the key, its velocity and the volume control; attack and release have the contours
that recorded notes have. A note that is joined to the one before goes on from its loudness and
glides from its pitch; one that is struck while another rings begins where that one has fallen to.
Loudness is in dB over the model's REFERENCE_DB.
"""

import math

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.engine.control import glide_octaves
from plugin_core.engine.ddx7_layout import (
    ATTACK_FRAMES,
    RELEASE_FRAMES,
    Ddx7Layer,
    Life,
    Playing,
)
from plugin_core.engine.ddx7_network import Layout, Numbers, playing
from plugin_core.engine.expression import (
    FLUCTUATION,
    PEAK_POSITION,
    VIBRATO,
    VOLUME,
    level_curve_db,
    note_length_s,
)
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.live_life import drift_semitones, vibrato_fade, vibrato_semitones
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.types import FRAME_RATE

VOLUME_DB = 60.0
"""From volume 0 to 1, as extraction measures it (DESIGN.md, section 5)."""

SLUR_S = 0.02
"""How long a joined note glides."""

NOTHING_DB = -1000.0
"""The loudness of a player that is silent."""

_SLUR_LOUDNESS_S = 0.04
_DAMPED_DB_PER_FRAME = 2.0
"""How fast what rings falls under a new attack."""
_SLOWEST_FALL_DB = 30.0 / FRAME_RATE
_MOST_DB = 150.0
_MOST_OCTAVES = 4.0
_MIDDLE_VELOCITY, _VELOCITIES = 64.0, 63.0
_NO_TRANSPOSE = 24.0
_MOST_MODULATION = 1.0
_OFFSET = int(LayoutColumn.OFFSET)
_TYPICAL, _LIFE = int(Ddx7Layer.TYPICAL), int(Ddx7Layer.LIFE)
_ATTACK, _RELEASE = int(Ddx7Layer.ATTACK), int(Ddx7Layer.RELEASE)
_VIBRATO_HZ, _DRIFT_CENTS = int(Life.VIBRATO_HZ), int(Life.DRIFT_CENTS)
_MODULATION = int(Life.MODULATION)
_NOTE_DB, _MIDDLE_PITCH = int(Playing.NOTE_DB), int(Playing.MIDDLE_PITCH)
_SLOPE_DB, _VELOCITY_DB = int(Playing.SLOPE_DB), int(Playing.VELOCITY_DB)
_PORTAMENTO = PARAMETER_INDEX["portamento"]
_TRANSPOSE = FIELD_INDEX["transpose"]


@kernel
def entry(weights: Numbers, layout: Layout, layer: int, column: int) -> float:
    """Return a number of a table."""
    return float(weights[layout[layer, _OFFSET] + column])


@kernel
def typical(weights: Numbers, layout: Layout, index: int) -> float:
    """Return the usual value of a control."""
    return min(1.0, max(0.0, entry(weights, layout, _TYPICAL, index)))


@kernel
def note_pitch(voice: Record) -> float:
    """Return the MIDI pitch of a voice's key."""
    return voice.key + voice.patch[_TRANSPOSE] - _NO_TRANSPOSE


@kernel
def attack_db(weights: Numbers, layout: Layout, age: int) -> float:
    """Return the contour so many frames after an attack."""
    value = entry(weights, layout, _ATTACK, min(age, ATTACK_FRAMES - 1))
    return min(_MOST_DB, max(-_MOST_DB, value))


@kernel
def release_db(weights: Numbers, layout: Layout, since_off_s: float) -> float:
    """Return the contour so long after a note's end, 0 dB there; it falls for ever."""
    last = RELEASE_FRAMES - 1
    place = since_off_s * FRAME_RATE
    frame = min(int(place), last - 1)
    here = entry(weights, layout, _RELEASE, frame)
    if place <= last:
        there = entry(weights, layout, _RELEASE, frame + 1)
        return min(0.0, max(-_MOST_DB, here + (place - frame) * (there - here)))
    end = entry(weights, layout, _RELEASE, last)
    third = RELEASE_FRAMES // 3
    slope = (entry(weights, layout, _RELEASE, last - third) - end) / third
    fallen = end - max(_SLOWEST_FALL_DB, slope) * (place - last)
    return min(0.0, max(-_MOST_DB, fallen))


@kernel
def emphasis_db(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
) -> float:
    """Return how much louder than usual a note is asked for: by its velocity and the controls."""
    velocity = (voice.velocity - _MIDDLE_VELOCITY) / _VELOCITIES
    volume = player.controls[VOLUME] - typical(weights, layout, VOLUME)
    db = VOLUME_DB * volume + playing(weights, layout, _VELOCITY_DB) * velocity
    fluctuation = player.controls[FLUCTUATION] - typical(weights, layout, FLUCTUATION)
    if fluctuation > 0.0:
        position = min(1.0, since_on_s / note_length_s(instrument, voice))
        db += level_curve_db(fluctuation, player.controls[PEAK_POSITION], position)
    return db


@kernel
def note_db(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
) -> float:
    """Return the loudness that a note is played at, its attack and release aside."""
    octaves = (note_pitch(voice) - playing(weights, layout, _MIDDLE_PITCH)) / 12.0
    octaves = min(_MOST_OCTAVES, max(-_MOST_OCTAVES, octaves))
    db = playing(weights, layout, _NOTE_DB) + playing(weights, layout, _SLOPE_DB) * octaves
    db += emphasis_db(instrument, voice, player, weights, layout, since_on_s)
    return min(_MOST_DB, max(-_MOST_DB, db))


@kernel
def modulation_db(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
) -> float:
    """Return how much modulators are turned up because the note is louder than usual."""
    share = entry(weights, layout, _LIFE, _MODULATION)
    share = min(_MOST_MODULATION, max(0.0, share))
    return share * emphasis_db(instrument, voice, player, weights, layout, since_on_s)


@kernel
def held_contour_db(player: Record, weights: Numbers, layout: Layout, since_on_s: float) -> float:
    """Return the contour of a note whose key is down."""
    attack = attack_db(weights, layout, player.age)
    damped = player.carried_db - _DAMPED_DB_PER_FRAME * player.age
    left = max(0.0, 1.0 - since_on_s / _SLUR_LOUDNESS_S)
    return max(attack, damped) + player.slurred_db * left


@kernel
def carry_on(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    joined: bool,
) -> None:
    """Take over loudness and pitch for a note that begins while another one sounds."""
    base = note_db(instrument, voice, player, weights, layout, 0.0)
    above = player.loudness_db - base
    if joined:
        player.slurred_db = 0.0
        player.slurred_db = above - held_contour_db(player, weights, layout, 0.0)
        player.carried_pitch = player.pitch - note_pitch(voice)
    else:
        player.age = 0
        player.carried_db = above
        player.slurred_db = 0.0
        player.carried_pitch = 0.0


@kernel
def move_loudness(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
    since_off_s: float,
) -> None:
    """Move the loudness to the next frame; `since_off_s` is below 0 before the release."""
    contour = player.contour_db
    if since_off_s < 0.0:
        contour = held_contour_db(player, weights, layout, since_on_s)
        player.contour_db = contour
    else:
        contour += release_db(weights, layout, since_off_s)
    base = note_db(instrument, voice, player, weights, layout, since_on_s)
    player.loudness_db = base + contour
    player.age += 1


@kernel
def move_pitch(
    instrument: Record,
    voice: Record,
    player: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
) -> None:
    """Move the pitch to the next frame, bend aside."""
    rate_hz = entry(weights, layout, _LIFE, _VIBRATO_HZ)
    cents = entry(weights, layout, _LIFE, _DRIFT_CENTS)
    fade = vibrato_fade(since_on_s, note_length_s(instrument, voice))
    pitch = note_pitch(voice) + 12.0 * glide_octaves(instrument, voice, FRAME_S)
    pitch += vibrato_semitones(player, rate_hz, player.controls[VIBRATO], fade)
    pitch += drift_semitones(player, cents)
    if player.carried_pitch != 0.0 and instrument.target[_PORTAMENTO] < 0.5:
        way = min(1.0, since_on_s / SLUR_S)
        pitch += player.carried_pitch * 0.5 * (1.0 + math.cos(math.pi * way))
    player.pitch = pitch
    player.own_s += FRAME_S
