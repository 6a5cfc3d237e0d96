"""A frame of a neural voice: from what is known now to what the synthesizer plays.

Effective controls are clip(lane + performer * (predicted - typical), 0, 1): DESIGN.md, section 5.
Frames are at the note's start and every 1/250 s after; each is made when the one before it begins
to sound, so that what happens is heard within two frames, and a note at once.
"""

import math

import numpy as np

from plugin_core.audio.filtered_noise import set_filter
from plugin_core.audio.harmonic import set_partials
from plugin_core.audio.jit import kernel
from plugin_core.engine.control import bend_octaves, glide_octaves
from plugin_core.engine.expression import BRIGHTNESS, VIBRATO, VOLUME, control, note_length_s
from plugin_core.engine.live_features import NEVER_S, octaves_from, write_features
from plugin_core.engine.live_layout import Layer, LayoutColumn
from plugin_core.engine.live_life import live_flicker, live_pitch, vibrato_fade
from plugin_core.engine.live_line import style_of
from plugin_core.engine.live_network import (
    Layout,
    Numbers,
    finish_levels,
    predict_controls,
    predict_levels,
    predict_pitch,
)
from plugin_core.engine.live_phrases import tell_style
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import UNSET
from plugin_core.types import CONTROLS, HARMONICS, NOISE_BANDS

PLAYING_GAIN_DB = 24.0
"""From the level at which controls are measured to the one at which instruments are heard."""

FADE_FROM_S, FADE_TO_S = 0.6, 1.4
"""After its release: a voice that still sounds then fades out."""

TAIL_S = 0.1
"""This long after its release a voice is a tail, which never gets louder again."""

MIDDLE_STYLE = 0.5
"""What an instrument hears on which style does nothing."""

LOUDEST = 4.0
"""No frame's amplitude is above this, and no noise magnitude above an eighth of it."""

_GAIN = 10.0 ** (PLAYING_GAIN_DB / 20.0)
_FADE_BELOW = 0.02
_LOUDEST_NOISE = LOUDEST / 8.0
_LOWEST_HZ, _HIGHEST_HZ = 4.0, 30_000.0
_HAS_STYLE, _SHORTEST = 0, 1
_SHORTEST_S = 0.02
_CONTROLS = len(CONTROLS)
_TYPICAL, _STYLE = int(Layer.TYPICAL), int(Layer.STYLE)
_OFFSET, _COLUMNS = int(LayoutColumn.OFFSET), int(LayoutColumn.OUTPUTS)
_PERFORMER = PARAMETER_INDEX["performer"]
_OUTPUT_GAIN = PARAMETER_INDEX["output_gain"]
_PORTAMENTO = PARAMETER_INDEX["portamento"]


@kernel
def phrase_note(
    voice: Record, player: Record, live: Record, weights: Numbers, layout: Layout
) -> None:
    """Ask the performer how the note that begins is played; keep what it adds to the lanes."""
    row = voice.model_instrument
    if not has_style(voice, weights, layout):
        tell_style(voice.question, MIDDLE_STYLE)
    predict_controls(weights, layout, row, voice.question, live.network, live.controls)
    first = layout[_TYPICAL, _OFFSET] + row * _CONTROLS
    for index in range(_CONTROLS):
        added = live.controls[index] - weights[first + index]
        player.phrased[index] = added if math.isfinite(added) else 0.0


@kernel
def has_style(voice: Record, weights: Numbers, layout: Layout) -> bool:
    """Tell whether style does something on the voice's instrument."""
    first = layout[_STYLE, _OFFSET] + voice.model_instrument * layout[_STYLE, _COLUMNS]
    return weights[first + _HAS_STYLE] >= 0.5


@kernel
def longest_s(instrument: Record, voice: Record, weights: Numbers, layout: Layout) -> float:
    """Return after how many seconds style ends the note, 0 if it leaves that to the key."""
    style = style_of(instrument)
    if style >= MIDDLE_STYLE or not has_style(voice, weights, layout):
        return 0.0
    first = layout[_STYLE, _OFFSET] + voice.model_instrument * layout[_STYLE, _COLUMNS]
    return max(_SHORTEST_S, float(weights[first + _SHORTEST])) / (1.0 - 2.0 * style)


@kernel
def effective_controls(instrument: Record, voice: Record, player: Record) -> None:
    """Write the six effective controls of a voice."""
    performer = instrument.current[_PERFORMER]
    for index in range(_CONTROLS):
        wanted = control(instrument, voice, index) + performer * player.phrased[index]
        player.controls[index] = min(1.0, max(0.0, wanted))


@kernel
def frame_gain(instrument: Record, voice: Record, volume: float, since_off_s: float) -> float:
    """Return the gain of a frame: playing level, channel, output, and the end of all tails."""
    gain = _GAIN * instrument.channel_gain[voice.channel]
    gain *= 10.0 ** (instrument.current[_OUTPUT_GAIN] / 20.0)
    gain *= min(1.0, volume / _FADE_BELOW)
    left = (FADE_TO_S - since_off_s) / (FADE_TO_S - FADE_FROM_S)
    return gain * min(1.0, max(0.0, left))


@kernel
def silence(player: Record) -> None:
    """Make the later frame silent and forget what led to it."""
    player.f0_hz[1] = 0.0
    player.partials[1, :] = np.float32(0.0)
    player.taps[1, :] = np.float32(0.0)
    player.noisy[1] = 0
    player.hidden[:] = np.float32(0.0)
    player.pitch = UNSET


@kernel
def is_sound(amplitude: float, f0_hz: float, harmonics: Numbers, noise: Numbers) -> bool:
    """Tell whether all of a frame is finite."""
    total = amplitude + f0_hz
    for k in range(HARMONICS):
        total += harmonics[k]
    for band in range(NOISE_BANDS):
        total += noise[band]
    return math.isfinite(total)


@kernel
def make_frame(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
    since_off_s: float,
    is_heard: bool,
) -> None:
    """Make a frame and set it as the player's later one; if not `is_heard`, only remember it.

    `since_off_s` is below 0 before the release.
    """
    row = voice.model_instrument
    effective_controls(instrument, voice, player)
    length_s = note_length_s(instrument, voice)
    shortened_s = longest_s(instrument, voice, weights, layout)
    if shortened_s > 0.0:
        length_s = min(length_s, shortened_s)
    bend = bend_octaves(instrument, voice)
    glide = glide_octaves(instrument, voice, FRAME_S)
    moved = 12.0 * (bend + glide)
    pitch = voice.key + moved
    previous = voice.previous + moved if voice.previous >= 0.0 else UNSET
    write_features(
        live.features,
        pitch,
        previous,
        float(voice.velocity),
        since_on_s,
        since_off_s,
        length_s,
        voice.gap_s,
        player.controls,
        style_of(instrument) if has_style(voice, weights, layout) else MIDDLE_STYLE,
    )
    pause_s = NEVER_S if instrument.current[_PORTAMENTO] >= 0.5 else voice.gap_s
    octaves = octaves_from(float(voice.key), voice.previous)
    network = live.network
    deviation = predict_pitch(weights, layout, row, live.features, octaves, pause_s, network)
    fade = vibrato_fade(since_on_s, length_s)
    vibrato = player.controls[VIBRATO]
    deviation += live_pitch(player, weights, layout, row, vibrato, fade)
    now = voice.key + deviation
    step = now - player.pitch if player.pitch > UNSET else 0.0
    player.pitch = now
    predict_levels(
        weights, layout, row, live.features, deviation, step, player.hidden, network, live.raw
    )
    player.own_s += FRAME_S
    if not is_heard:
        return
    live_flicker(player, weights, layout, row, live.flicker)
    volume = player.controls[VOLUME]
    brightness = player.controls[BRIGHTNESS]
    amplitude = finish_levels(
        live.raw, volume, brightness, live.flicker, live.harmonics, live.noise
    )
    f0_hz = 440.0 * 2.0 ** ((pitch + deviation - 69.0) / 12.0)
    if not is_sound(amplitude, f0_hz, live.harmonics, live.noise):
        silence(player)
        return
    gain = frame_gain(instrument, voice, volume, since_off_s)
    set_frame(player, live, f0_hz, amplitude, gain)
    if since_off_s > TAIL_S:
        bound(player.partials[0], player.partials[1])
        bound(player.taps[0], player.taps[1])


@kernel
def set_frame(player: Record, live: Record, f0_hz: float, amplitude: float, gain: float) -> None:
    """Set the later frame from f0, levels and gain."""
    f0_hz = min(_HIGHEST_HZ, max(_LOWEST_HZ, f0_hz))
    player.f0_hz[1] = f0_hz
    amplitude = min(LOUDEST, amplitude * gain)
    set_partials(player.partials[1], f0_hz, amplitude, live.harmonics, live.sample_rate)
    player.noisy[1] = 0
    for band in range(NOISE_BANDS):
        live.noise[band] = np.float32(min(_LOUDEST_NOISE, live.noise[band] * gain))
        if live.noise[band] > 0.0:
            player.noisy[1] = 1
    if player.noisy[1]:
        taps = player.taps[1, : live.taps]
        set_filter(taps, live.noise, live.table[: NOISE_BANDS * live.taps])
    else:
        player.taps[1, :] = np.float32(0.0)


@kernel
def bound(earlier: Numbers, later: Numbers) -> None:
    """Scale what is at the later frame to be no more, all in all, than at the earlier one."""
    before, now = 0.0, 0.0
    for i in range(len(later)):
        before += abs(earlier[i])
        now += abs(later[i])
    if now > before:
        scale = np.float32(before / now)
        for i in range(len(later)):
            later[i] *= scale
