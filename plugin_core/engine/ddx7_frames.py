"""A frame of a DDX7 voice: from what is known now to what its operators and its noise play.

Caspe et al. 2022, section 3: the network maps loudness and pitch to operator levels; here both come
from the note and the controls (`ddx7_playing`), and the DX7 voice (`ddx7_voice`) bends the levels.
"""

import math

import numpy as np

from plugin_core.audio.filtered_noise import set_filter
from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.control import CARRIERS, bend_octaves
from plugin_core.engine.ddx7_layout import INPUTS, Playing
from plugin_core.engine.ddx7_network import Layout, Numbers, ddx7_inputs, ddx7_step, playing
from plugin_core.engine.ddx7_playing import modulation_db, move_loudness, move_pitch, typical
from plugin_core.engine.ddx7_voice import set_frequencies, set_routing, set_shares
from plugin_core.engine.expression import (
    ATTACK_NOISE,
    BRIGHTNESS,
    MAX_BOOST_DB,
    MAX_CUT_DB,
    VOLUME,
    around_half_db,
    control,
    gain_of_db,
    tilt_gain,
)
from plugin_core.engine.live_frames import FADE_FROM_S, FADE_TO_S, LOUDEST, TAIL_S, bound
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.types import CONTROLS, NOISE_BANDS

ATTACK_NOISE_DB = 40.0
"""From attack noise 0 to 1, as extraction measures it (DESIGN.md, section 5)."""

_LOUDEST_NOISE = LOUDEST / 8.0
_FADE_BELOW = 0.02
_LOWEST_HZ, _HIGHEST_HZ = 4.0, 30_000.0
_MOST_GAIN_DB = 60.0
_HALF = 0.5
_NO_MODULATORS = 32
_CONTROLS = len(CONTROLS)
_OUTPUT_GAIN = PARAMETER_INDEX["output_gain"]
_REFERENCE_DB, _GAIN_DB = int(Playing.REFERENCE_DB), int(Playing.GAIN_DB)
_QUIETEST_DB, _LOUDEST_DB = int(Playing.QUIETEST_DB), int(Playing.LOUDEST_DB)
_LOWEST_PITCH, _HIGHEST_PITCH = int(Playing.LOWEST_PITCH), int(Playing.HIGHEST_PITCH)


@kernel
def read_controls(instrument: Record, voice: Record, player: Record) -> None:
    """Write the six controls of a voice; nobody performs, so they are the lanes."""
    for index in range(_CONTROLS):
        player.controls[index] = control(instrument, voice, index)


@kernel
def carriers_sum(player: Record, end: int) -> float:
    """Return the amplitude that a frame's carriers reach together, its gain aside."""
    carriers = CARRIERS[player.algorithm[end] - 1]
    total = 0.0
    for operator in range(OPERATORS):
        if carriers & (1 << operator):
            total += player.shares[end, operator]
    return total


@kernel
def run_network(
    player: Record, live: Record, weights: Numbers, layout: Layout, pitch: float
) -> float:
    """Ask the network for a frame; return by how many dB what it plays is to be turned up.

    Its shares go to `live.raw`, its noise to `live.noise`.
    """
    quietest = playing(weights, layout, _QUIETEST_DB)
    loudest = playing(weights, layout, _LOUDEST_DB)
    asked_db = min(loudest, max(quietest, player.loudness_db))
    lowest = playing(weights, layout, _LOWEST_PITCH)
    highest = playing(weights, layout, _HIGHEST_PITCH)
    told = min(highest, max(lowest, pitch))
    x = live.features[:INPUTS]
    ddx7_inputs(asked_db + playing(weights, layout, _REFERENCE_DB), told, x)
    shares = live.raw[:OPERATORS]
    noise = live.noise[:NOISE_BANDS]
    ddx7_step(weights, layout, player.history, player.steps, x, live.network, shares, noise)
    player.steps += 1
    gain_db = player.loudness_db - asked_db + playing(weights, layout, _GAIN_DB)
    return min(_MOST_GAIN_DB, gain_db)


@kernel
def end_gain(instrument: Record, voice: Record, volume: float, since_off_s: float) -> float:
    """Return the gain of channel, output and volume 0, and of the end of all tails."""
    gain = instrument.channel_gain[voice.channel] * gain_of_db(instrument.current[_OUTPUT_GAIN])
    left = (FADE_TO_S - since_off_s) / (FADE_TO_S - FADE_FROM_S)
    return gain * min(1.0, volume / _FADE_BELOW) * min(1.0, max(0.0, left))


@kernel
def make_ddx7_frame(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    since_on_s: float,
    since_off_s: float,
) -> None:
    """Make a frame and set it as the player's later one; `since_off_s` < 0 before the release."""
    read_controls(instrument, voice, player)
    move_loudness(instrument, voice, player, weights, layout, since_on_s, since_off_s)
    move_pitch(instrument, voice, player, weights, layout, since_on_s)
    pitch = player.pitch + 12.0 * bend_octaves(instrument, voice)
    gain_db = run_network(player, live, weights, layout, pitch)
    gain = gain_of_db(gain_db)
    gain *= end_gain(instrument, voice, player.controls[VOLUME], since_off_s)
    hertz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    player.f0_hz[1] = min(_HIGHEST_HZ, max(_LOWEST_HZ, hertz))
    set_routing(voice, player)
    set_frequencies(voice, player, weights, layout)
    set_shares(voice, player, weights, layout, live.raw)
    louder_db = modulation_db(instrument, voice, player, weights, layout, since_on_s)
    brighten(voice, player, typical(weights, layout, BRIGHTNESS), louder_db)
    set_gain(player, gain, since_off_s)
    set_noise(player, live, weights, layout, gain)
    if since_off_s > TAIL_S:
        bound(player.taps[0], player.taps[1])


@kernel
def brighten(voice: Record, player: Record, usual: float, louder_db: float) -> None:
    """Set what brightness does at the later frame: to modulators, or a tilt if there are none.

    `louder_db` is what comes to it because the note is louder than usual.
    """
    value = player.controls[BRIGHTNESS] - usual + _HALF
    brightness_db = around_half_db(min(1.0, max(0.0, value))) + louder_db
    brightness_db = min(MAX_BOOST_DB, max(-MAX_CUT_DB, brightness_db))
    player.edge[1] = gain_of_db(brightness_db)
    if player.algorithm[1] != _NO_MODULATORS or brightness_db == 0.0:
        return
    for operator in range(OPERATORS):
        hertz = player.fixed_hz[operator]
        if not hertz > 0.0:
            hertz = player.f0_hz[1] * player.ratios[1, operator]
        player.shares[1, operator] *= np.float32(tilt_gain(brightness_db, hertz, voice.key))


@kernel
def set_gain(player: Record, gain: float, since_off_s: float) -> None:
    """Set the later frame's gain, within what may sound at all and what a tail may.

    Gain and carriers move each by itself between two frames, so that neither frame's gain may be
    too much for the other's carriers: they may have been off under a gain of +60 dB.
    """
    earlier, total = carriers_sum(player, 0), carriers_sum(player, 1)
    larger = max(earlier, total)
    if larger * player.gain[0] > LOUDEST:
        player.gain[0] = LOUDEST / larger
    if larger * gain > LOUDEST:
        gain = LOUDEST / larger
    if since_off_s > TAIL_S and total * gain > player.gain[0] * earlier:
        gain = player.gain[0] * earlier / total
    player.gain[1] = gain
    if not math.isfinite(total * gain * player.f0_hz[1]):
        for operator in range(OPERATORS):
            player.shares[1, operator] = 0.0
        player.f0_hz[1] = _LOWEST_HZ
        player.gain[1] = 0.0


@kernel
def set_noise(player: Record, live: Record, weights: Numbers, layout: Layout, gain: float) -> None:
    """Set the later frame's noise filter from the network's magnitudes."""
    value = player.controls[ATTACK_NOISE]
    gain *= gain_of_db(ATTACK_NOISE_DB * (value - typical(weights, layout, ATTACK_NOISE)))
    gain *= min(1.0, value / _FADE_BELOW)
    player.noisy[1] = 0
    for band in range(NOISE_BANDS):
        magnitude = live.noise[band] * gain
        live.noise[band] = min(_LOUDEST_NOISE, magnitude) if math.isfinite(magnitude) else 0.0
        if live.noise[band] > 0.0:
            player.noisy[1] = 1
    if player.noisy[1]:
        set_filter(player.taps[1, : live.taps], live.noise, live.table[: NOISE_BANDS * live.taps])
    else:
        player.taps[1, :] = 0.0
