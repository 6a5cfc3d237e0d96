"""A DDX7 voice along time: how its notes begin, go on and end; the clock is `live_player`'s."""

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.ddx7_frames import carriers_sum, make_ddx7_frame, read_controls
from plugin_core.engine.ddx7_interval import (
    hold_ddx7_frame,
    keep_ddx7,
    render_ddx7_interval,
)
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.engine.ddx7_network import Layout, Numbers, playing
from plugin_core.engine.ddx7_playing import NOTHING_DB, carry_on
from plugin_core.engine.ddx7_voice import SILENT_DB
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.patch import Record
from plugin_core.engine.records import Onset

_FRESH, _LEGATO = int(Onset.FRESH), int(Onset.LEGATO)
_I_MAX = int(Playing.I_MAX)


@kernel
def silence_ddx7(player: Record, silence: Numbers) -> None:
    """Make a player one whose network has heard endless silence, which is the model's `silence`."""
    for index in range(len(silence)):
        player.history[index] = silence[index]
    player.steps = 0
    # Its first frame comes 4 ms after the onset.
    player.age = 1
    player.hidden[:] = np.float32(0.0)
    player.partials[:] = np.float32(0.0)
    player.taps[:] = np.float32(0.0)
    player.noisy[:] = 0
    player.operator_cycles[:] = 0.0
    player.fundamental = 0.0
    player.memory[:] = 0.0
    player.limited_db[:] = SILENT_DB
    player.gain[:] = 0.0
    player.shares[:] = np.float32(0.0)
    player.carried_db = NOTHING_DB
    player.slurred_db = 0.0
    player.carried_pitch = 0.0


@kernel
def begin_ddx7(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    silence: Numbers,
    onset: int,
    sample: int,
) -> None:
    """Begin the voice's note at `sample`: from silence, or from what sounds in its player."""
    is_fresh = onset == _FRESH
    if is_fresh:
        silence_ddx7(player, silence)
    else:
        keep_ddx7(player, live)
        read_controls(instrument, voice, player)
        carry_on(instrument, voice, player, weights, layout, onset == _LEGATO)
    player.start = sample
    player.frame = 1
    make_ddx7_frame(instrument, voice, player, live, weights, layout, FRAME_S, -1.0)
    if is_fresh:
        rise_from_nothing(player)
    render_ddx7_interval(player, live, playing(weights, layout, _I_MAX))


@kernel
def rise_from_nothing(player: Record) -> None:
    """Let the earlier frame be the later one, but silent: not even the first sample jumps."""
    hold_ddx7_frame(player)
    player.gain[0] = 0.0
    player.noisy[0] = 0
    player.taps[0, :] = np.float32(0.0)


@kernel
def next_ddx7_frame(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    since_off_s: float,
) -> None:
    """Make the frame with the player's present number and render what leads to it."""
    since_on_s = player.frame * FRAME_S
    make_ddx7_frame(instrument, voice, player, live, weights, layout, since_on_s, since_off_s)
    render_ddx7_interval(player, live, playing(weights, layout, _I_MAX))


@kernel
def loudest_ddx7(player: Record) -> float:
    """Return what the later frame's carriers and noise reach at most."""
    total = carriers_sum(player, 1) * player.gain[1]
    for tap in range(player.taps.shape[1]):
        total += abs(player.taps[1, tap])
    return total
