"""The stretch between two frames of a neural voice, rendered whole into its player.

Everything moves from frame to frame as in `audio.harmonic_plus_noise`: f0 and amplitudes in
straight lines, the noise by the crossfade of its filters. Frame k is at the sample nearest to
k / 250 s, so an interval may begin a little before or after its frame.
"""

import math

import numpy as np

from plugin_core.audio.filtered_noise import add_filtered_noise, density_scale, write_white
from plugin_core.audio.harmonic import add_harmonics, cycles_after
from plugin_core.audio.jit import kernel
from plugin_core.engine.live_frames import silence
from plugin_core.engine.live_network import Numbers
from plugin_core.engine.patch import Record
from plugin_core.types import FRAME_RATE


@kernel
def boundary(live: Record, frame: int) -> int:
    """Return the sample of a frame, counted from frame 0, at the rate of neural voices."""
    return math.floor(frame * live.frame_samples + 0.5)


@kernel
def hold_frame(player: Record) -> None:
    """Make the later frame the earlier one."""
    player.f0_hz[0] = player.f0_hz[1]
    player.noisy[0] = player.noisy[1]
    # No slice assignments, which may allocate.
    for k in range(player.partials.shape[1]):
        player.partials[0, k] = player.partials[1, k]
    for tap in range(player.taps.shape[1]):
        player.taps[0, tap] = player.taps[1, tap]


@kernel
def move_on(player: Record) -> None:
    """Go on to the next frame: the later one becomes the earlier one."""
    player.cycles = cycles_after(player.cycles, player.f0_hz[0], player.f0_hz[1])
    player.heard += player.length
    hold_frame(player)
    player.frame += 1


@kernel
def way_heard(player: Record, live: Record) -> float:
    """Return how far between its frames the player is, 0..1."""
    at = player.position // live.hold
    first = boundary(live, player.frame - 1) - (player.frame - 1) * live.frame_samples
    return min(1.0, max(0.0, (first + at) / live.frame_samples))


@kernel
def keep_what_sounds(player: Record, live: Record) -> None:
    """Make what sounds where the player is the earlier frame: pitch, phase, partials, noise."""
    way = way_heard(player, live)
    start_hz, end_hz = player.f0_hz[0], player.f0_hz[1]
    if not start_hz > 0.0:
        start_hz = end_hz
    if not end_hz > 0.0:
        end_hz = start_hz
    turn = player.cycles + way * (start_hz + way * 0.5 * (end_hz - start_hz)) / FRAME_RATE
    player.cycles = turn - math.floor(turn)
    player.f0_hz[0] = start_hz + way * (end_hz - start_hz)
    share = np.float32(way)
    for k in range(player.partials.shape[1]):
        here = player.partials[0, k]
        player.partials[0, k] = here + share * (player.partials[1, k] - here)
    if player.noisy[0] or player.noisy[1]:
        player.noisy[0] = 1
        fade = np.float32(math.sin(0.5 * math.pi * way) ** 2)
        for tap in range(live.taps):
            here = player.taps[0, tap]
            player.taps[0, tap] = here + fade * (player.taps[1, tap] - here)
    player.heard += player.position // live.hold
    player.whites = np.int32(0)


@kernel
def render_interval(player: Record, live: Record) -> None:
    """Render the samples from the earlier frame to the later one."""
    before = player.frame - 1
    first = boundary(live, before)
    length = boundary(live, player.frame) - first
    player.length = np.int32(length)
    player.position = np.int32(0)
    out = player.sound[:length]
    out[:] = np.float32(0.0)
    step = 1.0 / live.frame_samples
    position = (first - before * live.frame_samples) * step
    scratch = live.synthesis
    partials = player.partials
    add_harmonics(
        out,
        scratch,
        player.cycles,
        player.f0_hz[0],
        player.f0_hz[1],
        partials[0],
        partials[1],
        position,
        step,
    )
    add_noise(player, live, out, position, step)
    keep_finite(player, out)


@kernel
def add_noise(player: Record, live: Record, out: Numbers, position: float, step: float) -> None:
    """Add the noise between two frames."""
    if not (player.noisy[0] or player.noisy[1]):
        player.whites = np.int32(0)
        return
    length = len(out)
    taps = live.taps
    needed = length + 2 * taps
    fill_white(player, live, needed)
    starts, ends = player.taps[0, :taps], player.taps[1, :taps]
    white = player.white[:needed]
    add_filtered_noise(out, live.synthesis, white, starts, ends, position, step)
    for i in range(2 * taps):
        player.white[i] = player.white[i + length]
    player.whites = np.int32(2 * taps)


@kernel
def fill_white(player: Record, live: Record, needed: int) -> None:
    """Complete the white noise of an interval, from half a filter before it to as much after."""
    first = player.heard - live.taps + player.whites
    fresh = player.white[player.whites : needed]
    write_white(fresh, player.seed, player.note, first, density_scale(live.sample_rate))


@kernel
def keep_finite(player: Record, out: Numbers) -> None:
    """Silence an interval that is not finite throughout."""
    total = np.float32(0.0)
    for i in range(len(out)):
        total += out[i] * np.float32(0.0)
    if total != np.float32(0.0):
        out[:] = np.float32(0.0)
        silence(player)
