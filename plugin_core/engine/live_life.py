"""What moves in a neural voice by itself: vibrato, drift of the pitch, flicker of the harmonics.

All chance is white noise from a counter, seeded with the render's seed and the player's note, drawn
at knots that lie apart in time and joined between them.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.audio.noise import white
from plugin_core.engine.live_layout import Layer, LayoutColumn
from plugin_core.engine.live_network import NEPERS, Layout, Numbers
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.patch import Record
from plugin_core.types import HARMONICS

MOVING_HARMONICS = 40
"""The others stand still: they are weak, and move with the sum of these."""

EXTRACTED_PER_SEMITONE = 3.75
"""What the control `vibrato` reads of a sine with an amplitude of one semitone (DESIGN.md, 5): the
DFT over the frames gives half of that, the window's mean three quarters, and the scale is 10."""

_FADE_S = 0.2
_FADE_SHARE = 0.25
_WANDER = 0.03
_WANDER_S = 0.5
_DRIFT_S = 0.35
_USUAL_HZ = 5.5
_SLOWEST_HZ, _FASTEST_HZ = 3.0, 9.0
_MOST_CENTS = 50.0
_MOST_FLICKER_DB = 12.0
_SHORTEST_FLICKER_S = 0.004
_WANDERING, _DRIFTING, _FLICKERING = 1, 2, 3
_KINDS = 4
_KNOTS = 1 << 24

# A uniform draw in +-1 has the deviation sqrt(1/3); in the mean over the way between two knots,
# straight lines leave sqrt(2/3) of it, smooth ones sqrt(26/35).
_EVENED = math.sqrt(3.0 * 3.0 / 2.0)
_SMOOTHED = math.sqrt(3.0 * 35.0 / 26.0)

_RATE, _CENTS, _FLICKER_DB, _FLICKER_S = range(4)
_LIFE = int(Layer.LIFE)
_OFFSET, _COLUMNS = int(LayoutColumn.OFFSET), int(LayoutColumn.OUTPUTS)


@kernel
def life(weights: Numbers, layout: Layout, instrument: int, column: int) -> float:
    """Return a number of an instrument's life."""
    row = layout[_LIFE]
    return float(weights[row[_OFFSET] + instrument * row[_COLUMNS] + column])


@kernel
def drawn(player: Record, kind: int, knot: int, line: int) -> float:
    """Return the draw at a knot of one of a kind's lines, -1..1."""
    place = (np.uint64(kind) * np.uint64(_KNOTS) + np.uint64(knot)) * np.uint64(128)
    seed = np.uint64(player.seed) ^ np.uint64(0x5DEECE66D)
    return white(seed, np.uint64(player.note), place + np.uint64(line))


@kernel
def wandering(player: Record, kind: int, apart_s: float) -> float:
    """Return a smooth curve through draws so far apart, of deviation 1."""
    place = player.own_s / apart_s
    knot = int(place)
    way = place - knot
    share = way * way * (3.0 - 2.0 * way)
    here = drawn(player, kind, knot, 0)
    there = drawn(player, kind, knot + 1, 0)
    return _SMOOTHED * (here + share * (there - here))


@kernel
def vibrato_semitones(player: Record, rate_hz: float, vibrato: float, fade: float) -> float:
    """Move the vibrato on by a frame and return its pitch shift."""
    if not rate_hz > 0.0:
        rate_hz = _USUAL_HZ
    rate_hz = min(_FASTEST_HZ, max(_SLOWEST_HZ, rate_hz))
    rate_hz *= 1.0 + _WANDER * wandering(player, _WANDERING, _WANDER_S)
    player.vibrato_cycles += rate_hz * FRAME_S
    if vibrato <= 0.0:
        return 0.0
    return vibrato * fade / EXTRACTED_PER_SEMITONE * math.sin(2.0 * math.pi * player.vibrato_cycles)


@kernel
def vibrato_fade(since_on_s: float, length_s: float) -> float:
    """Return how far a note's vibrato has come in, 0..1: over 200 ms, or a quarter of the note."""
    return min(1.0, max(0.0, since_on_s) / min(_FADE_S, max(FRAME_S, _FADE_SHARE * length_s)))


@kernel
def drift_semitones(player: Record, cents: float) -> float:
    """Return how far the pitch has drifted."""
    cents = min(_MOST_CENTS, max(0.0, cents))
    return cents / 100.0 * wandering(player, _DRIFTING, _DRIFT_S)


@kernel
def write_flicker(player: Record, depth_db: float, apart_s: float, flicker: Numbers) -> None:
    """Write how every harmonic flickers, in nepers, into `flicker`, shape (HARMONICS,)."""
    for k in range(HARMONICS):
        flicker[k] = np.float32(0.0)
    depth = min(_MOST_FLICKER_DB, max(0.0, depth_db)) * NEPERS * _EVENED
    if depth <= 0.0:
        return
    place = player.own_s / max(_SHORTEST_FLICKER_S, apart_s)
    knot = int(place)
    way = place - knot
    for k in range(MOVING_HARMONICS):
        here = drawn(player, _FLICKERING, knot, k)
        there = drawn(player, _FLICKERING, knot + 1, k)
        flicker[k] = np.float32(depth * (here + way * (there - here)))


@kernel
def live_pitch(
    player: Record,
    weights: Numbers,
    layout: Layout,
    instrument: int,
    vibrato: float,
    fade: float,
) -> float:
    """Return vibrato and drift of the next frame in semitones."""
    rate_hz = life(weights, layout, instrument, _RATE)
    cents = life(weights, layout, instrument, _CENTS)
    return vibrato_semitones(player, rate_hz, vibrato, fade) + drift_semitones(player, cents)


@kernel
def live_flicker(
    player: Record, weights: Numbers, layout: Layout, instrument: int, flicker: Numbers
) -> None:
    """Write the flicker of the next frame."""
    depth_db = life(weights, layout, instrument, _FLICKER_DB)
    apart_s = life(weights, layout, instrument, _FLICKER_S)
    write_flicker(player, depth_db, apart_s, flicker)
