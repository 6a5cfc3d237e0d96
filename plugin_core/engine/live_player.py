"""A neural voice along time: its frames' clock, and its end.

The clock counts from the note's start. A note that begins in a player that sounds sets the clock
anew at its own sample: what sounds there becomes frame 0, so that nothing jumps and nothing waits.
An interval between two frames is rendered whole, from these alone, and heard in pieces, so that no
way of cutting time into blocks shows.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.control import FADE_TICKS
from plugin_core.engine.ddx7_check import is_ddx7
from plugin_core.engine.ddx7_interval import move_ddx7_on
from plugin_core.engine.ddx7_player import begin_ddx7, loudest_ddx7, next_ddx7_frame
from plugin_core.engine.live_frames import FADE_TO_S, longest_s, make_frame, phrase_note
from plugin_core.engine.live_interval import (
    hold_frame,
    keep_what_sounds,
    move_on,
    render_interval,
)
from plugin_core.engine.live_line import end_in_line
from plugin_core.engine.live_network import Layout, Numbers
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.notes import forget_key
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import TICK_S, UNSET, Onset, Status

FADE_S = FADE_TICKS * TICK_S
"""How long a stolen voice fades out."""

_IDLE, _HELD, _RELEASED, _FADING = (int(status) for status in Status)
_NONE, _FRESH = int(Onset.NONE), int(Onset.FRESH)
_SEED = PARAMETER_INDEX["seed"]
_SILENT = 3e-6
"""Below this sum of amplitudes, -110 dB, a voice that was let go is over."""
_TENTH = 0.1


@kernel
def since_off(instrument: Record, voice: Record, time: float) -> float:
    """Return the seconds from the release to a time in samples, below 0 if there was none yet."""
    if voice.let_go_at < 0 or time <= voice.let_go_at:
        return -1.0
    return (time - voice.let_go_at) / instrument.sample_rate


@kernel
def frame_since_off(instrument: Record, voice: Record, player: Record, live: Record) -> float:
    """Return the seconds from the release to the player's frame, below 0 if there was none yet."""
    time = player.start + player.frame * live.frame_samples * live.hold
    return since_off(instrument, voice, time)


@kernel
def next_frame(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    is_heard: bool,
) -> None:
    """Make the frame with the player's present number."""
    since_on_s = player.frame * FRAME_S
    since_off_s = frame_since_off(instrument, voice, player, live)
    make_frame(instrument, voice, player, live, weights, layout, since_on_s, since_off_s, is_heard)


@kernel
def reset_player(instrument: Record, voice: Record, player: Record) -> None:
    """Make a player one that has not played yet."""
    player.hidden[:] = np.float32(0.0)
    player.cycles = 0.0
    player.seed = np.uint64(instrument.target[_SEED])
    player.note = np.uint64(voice.number)
    player.whites = np.int32(0)
    player.heard = 0
    player.faded = np.int32(0)
    player.pitch = UNSET
    player.vibrato_cycles = 0.0
    player.own_s = 0.0
    player.length = np.int32(0)
    player.position = np.int32(0)


@kernel
def begin_player(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    silence: Numbers,
    sample: int,
) -> None:
    """Begin the voice's note at `sample`, in a player that is silent or sounds."""
    onset = voice.onset
    is_fresh = onset == _FRESH
    if is_fresh:
        reset_player(instrument, voice, player)
    voice.onset = np.int32(_NONE)
    if is_ddx7(layout):
        begin_ddx7(instrument, voice, player, live, weights, layout, silence, onset, sample)
        return
    if not is_fresh:
        keep_what_sounds(player, live)
    player.start = sample
    player.frame = 0
    phrase_note(voice, player, live, weights, layout)
    next_frame(instrument, voice, player, live, weights, layout, is_fresh)
    if is_fresh:
        hold_frame(player)
    player.frame = 1
    next_frame(instrument, voice, player, live, weights, layout, True)
    render_interval(player, live)


@kernel
def is_over(voice: Record, player: Record, layout: Layout, since_off_s: float) -> bool:
    """Tell whether a voice that was let go has fallen silent."""
    if voice.status != _RELEASED or since_off_s < _TENTH:
        return False
    if since_off_s > FADE_TO_S:
        return True
    if is_ddx7(layout):
        return loudest_ddx7(player) < _SILENT
    total = 0.0
    for k in range(player.partials.shape[1]):
        total += player.partials[1, k]
    for tap in range(player.taps.shape[1]):
        total += abs(player.taps[1, tap])
    return total < _SILENT


@kernel
def end_by_style(
    instrument: Record, voice: Record, weights: Numbers, layout: Layout, sample: int
) -> None:
    """Let a note go whose style wants it short, though its key is down."""
    limit_s = longest_s(instrument, voice, weights, layout)
    if voice.status != _HELD or limit_s <= 0.0:
        return
    if sample - voice.start >= limit_s * instrument.sample_rate:
        voice.status = np.int32(_RELEASED)
        voice.released = instrument.releases
        voice.let_go_at = sample
        end_in_line(instrument, voice.key, sample)
        # Its key no longer counts: the line does not come back to it.
        forget_key(instrument, voice.channel, voice.key)


@kernel
def next_interval(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    sample: int,
) -> bool:
    """Go on to the next interval, which begins at `sample`; return False if the voice is over."""
    ddx7 = is_ddx7(layout)
    if not ddx7:
        end_by_style(instrument, voice, weights, layout, sample)
    if is_over(voice, player, layout, since_off(instrument, voice, float(sample))):
        return False
    if ddx7:
        move_ddx7_on(player)
        since_off_s = frame_since_off(instrument, voice, player, live)
        next_ddx7_frame(instrument, voice, player, live, weights, layout, since_off_s)
        return True
    move_on(player)
    next_frame(instrument, voice, player, live, weights, layout, True)
    render_interval(player, live)
    return True


@kernel
def hear(voice: Record, player: Record, live: Record, rate: float, out: Numbers) -> None:
    """Add the next len(out) samples of the interval to `out`, faded out if the voice is stolen."""
    hold = live.hold
    first = player.position
    if voice.status != _FADING and hold == 1:
        row = player.sound[first : first + len(out)]
        for i in range(len(out)):
            out[i] += row[i]
    else:
        slope = 1.0 / (FADE_S * rate) if voice.status == _FADING else 0.0
        for i in range(len(out)):
            left = max(0.0, 1.0 - (player.faded + i + 1) * slope)
            out[i] += np.float32(left * player.sound[(first + i) // hold])
        if voice.status == _FADING:
            player.faded += np.int32(len(out))
            left = max(0.0, 1.0 - player.faded * slope)
            voice.fade = np.int32(math.ceil(FADE_TICKS * left))
    player.position += np.int32(len(out))


@kernel
def render_live_voice(
    instrument: Record,
    voice: Record,
    player: Record,
    live: Record,
    weights: Numbers,
    layout: Layout,
    silence: Numbers,
    out: Numbers,
) -> None:
    """Add a neural voice's next len(out) samples to `out`.

    `weights`, `layout` and `silence` are those of its model.
    """
    at = 0
    if voice.onset != _NONE:
        sample = instrument.sample
        begin_player(instrument, voice, player, live, weights, layout, silence, sample)
    while at < len(out):
        left = player.length * live.hold - player.position
        if left == 0:
            sample = instrument.sample + at
            if not next_interval(instrument, voice, player, live, weights, layout, sample):
                stop_voice(voice)
                return
            continue
        stop = min(len(out), at + left)
        hear(voice, player, live, instrument.sample_rate, out[at:stop])
        if voice.status == _FADING and voice.fade <= 0:
            stop_voice(voice)
            return
        at = stop


@kernel
def stop_voice(voice: Record) -> None:
    """Make a voice's record free."""
    voice.status = np.int32(_IDLE)
    voice.pressed = np.int32(0)
