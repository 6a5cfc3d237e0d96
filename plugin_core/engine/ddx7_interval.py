"""The stretch between two frames of a DDX7 voice, rendered whole into its player.

Levels, gain and frequencies move in straight lines from frame to frame (Caspe et al. 2022, section
4.2), the noise by the crossfade of its filters. Where the routing changes, the interval is rendered
by both, from one to the other.

While a ratio moves, its operator's phase goes on from where it is. Once the ratio rests, the phase
comes back to where it would be had the ratio been the same from the note's onset: what a note
sounds like then does not depend on when, and how finely, its ratios were moved before.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.audio.operators import add_operators, turn_operators
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.control import CARRIERS
from plugin_core.engine.ddx7_network import Numbers
from plugin_core.engine.live_interval import (
    add_noise,
    boundary,
    hold_frame,
    keep_what_sounds,
    way_heard,
)
from plugin_core.engine.patch import Record
from plugin_core.types import FRAME_RATE

RETURN_CYCLES = 0.01
"""How far a phase comes back in a frame at most: 2.5 Hz for 0.2 s at most."""

_AT_HOME_CYCLES = 1e-7


@kernel
def hold_ddx7_frame(player: Record) -> None:
    """Make the later frame the earlier one."""
    hold_frame(player)
    for operator in range(OPERATORS):
        player.shares[0, operator] = player.shares[1, operator]
        player.ratios[0, operator] = player.ratios[1, operator]
    player.edge[0] = player.edge[1]
    player.gain[0] = player.gain[1]
    player.algorithm[0] = player.algorithm[1]


@kernel
def turn_player(player: Record, way: float) -> None:
    """Move the operators' phases so far on between the two frames, 0..1."""
    start, end = player.f0_hz[0], player.f0_hz[1]
    turn_operators(
        player.operator_cycles,
        start,
        end,
        player.turning[0],
        player.turning[1],
        player.fixed_hz,
        way,
    )
    player.fundamental += way * (start + way * 0.5 * (end - start)) / FRAME_RATE


@kernel
def set_turning(player: Record) -> None:
    """Set the ratios that the operators turn by until the later frame."""
    cycles = 0.5 * (player.f0_hz[0] + player.f0_hz[1]) / FRAME_RATE
    for operator in range(OPERATORS):
        earlier, later = player.ratios[0, operator], player.ratios[1, operator]
        back = 0.0
        if earlier == later and cycles > 0.0:
            astray = earlier * player.fundamental - player.operator_cycles[operator]
            astray -= math.floor(astray + 0.5)
            if abs(astray) > _AT_HOME_CYCLES:
                back = min(RETURN_CYCLES, max(-RETURN_CYCLES, astray)) / cycles
        player.turning[0, operator] = earlier + back
        player.turning[1, operator] = later + back


@kernel
def move_ddx7_on(player: Record) -> None:
    """Go on to the next frame: the later one becomes the earlier one."""
    turn_player(player, 1.0)
    player.heard += player.length
    hold_ddx7_frame(player)
    player.frame += 1


@kernel
def keep_ddx7(player: Record, live: Record) -> None:
    """Make what sounds where the player is the earlier frame."""
    way = way_heard(player, live)
    turn_player(player, way)
    keep_what_sounds(player, live)
    for operator in range(OPERATORS):
        here = player.shares[0, operator]
        player.shares[0, operator] = here + np.float32(way) * (player.shares[1, operator] - here)
        times = player.ratios[0, operator]
        player.ratios[0, operator] = times + way * (player.ratios[1, operator] - times)
    player.edge[0] += way * (player.edge[1] - player.edge[0])
    player.gain[0] += way * (player.gain[1] - player.gain[0])
    player.algorithm[0] = player.algorithm[1]


@kernel
def set_levels(player: Record, live: Record, algorithm: int, i_max: float) -> None:
    """Write the operators' levels at both frames, as an algorithm (from 1) routes them."""
    carriers = CARRIERS[algorithm - 1]
    for end in range(2):
        for operator in range(OPERATORS):
            most = 1.0 if carriers & (1 << operator) else i_max * player.edge[end]
            live.levels[end, operator] = most * player.shares[end, operator]


@kernel
def add_routing(
    player: Record,
    live: Record,
    out: Numbers,
    algorithm: int,
    i_max: float,
    position: float,
    step: float,
) -> None:
    """Add the operators between two frames, as an algorithm (from 1) routes them."""
    set_levels(player, live, algorithm, i_max)
    add_operators(
        out,
        live.operators,
        player.operator_cycles,
        player.f0_hz[0],
        player.f0_hz[1],
        live.levels[0],
        live.levels[1],
        player.turning[0],
        player.turning[1],
        player.fixed_hz,
        algorithm,
        player.feedback,
        player.memory,
        position,
        step,
    )


@kernel
def render_ddx7_interval(player: Record, live: Record, i_max: float) -> None:
    """Render the samples from the earlier frame to the later one; `i_max` is the model's."""
    before = player.frame - 1
    first = boundary(live, before)
    length = boundary(live, player.frame) - first
    player.length = np.int32(length)
    player.position = np.int32(0)
    out = player.sound[:length]
    out[:] = np.float32(0.0)
    step = 1.0 / live.frame_samples
    position = (first - before * live.frame_samples) * step
    set_turning(player)
    earlier, later = player.algorithm[0], player.algorithm[1]
    if earlier != later:
        other = live.other[:length]
        other[:] = np.float32(0.0)
        m0, m1 = player.memory[0], player.memory[1]
        add_routing(player, live, other, earlier, i_max, position, step)
        player.memory[0], player.memory[1] = m0, m1
        add_routing(player, live, out, later, i_max, position, step)
        cross(other, out, position, step)
    else:
        add_routing(player, live, out, later, i_max, position, step)
    start, rise = player.gain[0], player.gain[1] - player.gain[0]
    for i in range(length):
        out[i] *= np.float32(start + rise * (position + step * i))
    add_noise(player, live, out, position, step)
    silence_what_is_not_finite(player, out)


@kernel
def cross(earlier: Numbers, later: Numbers, position: float, step: float) -> None:
    """Let `later` begin as the earlier sound and become itself."""
    for i in range(len(later)):
        way = np.float32(position + step * i)
        later[i] = earlier[i] + way * (later[i] - earlier[i])


@kernel
def silence_what_is_not_finite(player: Record, out: Numbers) -> None:
    """Silence an interval that is not finite throughout, and what would go on from it."""
    total = np.float32(0.0)
    for i in range(len(out)):
        total += out[i] * np.float32(0.0)
    if total == np.float32(0.0):
        return
    out[:] = np.float32(0.0)
    player.memory[:] = 0.0
    player.noisy[:] = 0
    player.taps[:] = np.float32(0.0)
    player.shares[:] = np.float32(0.0)
