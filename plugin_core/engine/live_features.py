"""What the networks of a live model see: of a frame inside a note, and of a note that begins.

One place for the engine and for training, so that neither ever sees anything else than the other
(Grechin and Groves: notes and temporal channels straight into the decoder; here the times fall off
exponentially, and the six controls and the style stand beside them).
"""

import math

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.engine.live_layout import (
    GAP_DECAYS_S,
    OFF_DECAYS_S,
    ON_DECAYS_S,
    PEAK_WIDTHS,
    PITCH_BELLS,
)
from plugin_core.types import CONTROLS

NEVER_S = 1e6
"""As a gap: there was no note before."""

_LOWEST, _HIGHEST = 24.0, 104.0
_BELL_STEP = (_HIGHEST - _LOWEST) / (PITCH_BELLS - 1)
_BELL_WIDTH = 5.0
_ON_DECAYS = np.array(ON_DECAYS_S)
_OFF_DECAYS = np.array(OFF_DECAYS_S)
_GAP_DECAYS = np.array(GAP_DECAYS_S)
_PEAK_WIDTHS = np.array(PEAK_WIDTHS)
_CONTROLS = len(CONTROLS)
_PEAK_POSITION = CONTROLS.index("volume_peak_position")

Numbers = NDArray[np.float32]


@kernel
def write_pitch(x: Numbers, at: int, pitch: float) -> int:
    """Write a pitch as bells over the keys 24 to 104 and its height; return the next place."""
    for bell in range(PITCH_BELLS):
        away = (pitch - (_LOWEST + bell * _BELL_STEP)) / _BELL_WIDTH
        x[at + bell] = math.exp(-0.5 * away * away)
    x[at + PITCH_BELLS] = (pitch - 63.0) / 24.0
    return at + PITCH_BELLS + 1


@kernel
def octaves_from(pitch: float, previous: float) -> float:
    """Return the interval from the note before in octaves, within 2; 0 if there was none."""
    if previous < 0.0:
        return 0.0
    return min(2.0, max(-2.0, (pitch - previous) / 12.0))


@kernel
def write_features(
    x: Numbers,
    pitch: float,
    previous: float,
    velocity: float,
    since_on_s: float,
    since_off_s: float,
    length_s: float,
    gap_s: float,
    controls: NDArray[np.float64],
    style: float,
) -> None:
    """Write what a frame knows into `x`, shape (FEATURES,).

    `pitch` and `previous` are MIDI pitches (previous below 0: none), `velocity` 1..127,
    `since_off_s` below 0 while the key is down, `length_s` what the note is expected to last,
    `gap_s` from the end of the note before to this one's onset: 0 if legato, NEVER_S if there was
    none. `controls` are the six effective ones, `style` 0..1.
    """
    at = write_pitch(x, 0, pitch)
    is_on = since_off_s < 0.0
    for decay in _ON_DECAYS:
        x[at] = math.exp(-max(0.0, since_on_s) / decay)
        at += 1
    end_s = since_on_s if is_on else since_on_s - since_off_s
    position = min(1.0, max(0.0, end_s / max(1e-3, length_s)))
    x[at] = 1.0 if is_on else 0.0
    x[at + 1] = position
    x[at + 2] = math.log(min(20.0, max(0.01, length_s)) / 0.2)
    at += 3
    for decay in _OFF_DECAYS:
        x[at] = 0.0 if is_on else math.exp(-since_off_s / decay)
        at += 1
    # A legato note has no end before it, a first note none that counts.
    is_legato = gap_s <= 0.0
    x[at] = 1.0 if is_legato else 0.0
    at += 1
    for decay in _GAP_DECAYS:
        x[at] = math.exp(-max(0.0, gap_s) / decay)
        at += 1
    interval = octaves_from(pitch, previous)
    x[at] = interval
    x[at + 1] = abs(interval)
    x[at + 2] = 1.0 if previous >= 0.0 and interval == 0.0 else 0.0
    at += 3
    for index in range(_CONTROLS):
        x[at + index] = 2.0 * min(1.5, max(-0.5, controls[index])) - 1.0
    at += _CONTROLS
    peak = min(1.0, max(0.0, controls[_PEAK_POSITION]))
    away = position - peak
    x[at] = away
    x[at + 1] = abs(away)
    x[at + 2] = tent(position, peak)
    at += 3
    for width in _PEAK_WIDTHS:
        x[at] = math.exp(-0.5 * (away / width) ** 2)
        at += 1
    x[at] = (velocity - 64.0) / 64.0
    x[at + 1] = 2.0 * min(1.0, max(0.0, style)) - 1.0


@kernel
def tent(position: float, peak: float) -> float:
    """Return a rise to the peak and a fall from it, of mean 0 and standard deviation 1."""
    if position < peak:
        height = position / peak
    elif position > peak:
        height = (1.0 - position) / (1.0 - peak)
    else:
        height = 1.0
    return math.sqrt(12.0) * (height - 0.5)
