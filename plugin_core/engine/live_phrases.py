"""What the performer knows of a note that begins: the notes before it.

Nobody knows the next note. In: every note-on and note-off of a player, as they come, in seconds of
one clock. Out: the features of the note that begins, the same in the engine and in training. What
is remembered is a row of float64; all zeros are a history in which nothing was played.
"""

import math

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.engine.live_features import Numbers, write_pitch
from plugin_core.engine.live_layout import NOTE_FEATURES

History = NDArray[np.float64]
"""Shape (HISTORY,)."""

HISTORY = 17
"""Numbers of a history: what the notes before were like, and the one that was begun last."""

CHORD_S = 0.04
"""Notes that begin within this of another one belong to its chord and know what it knew."""
REST_S = 0.35
"""A silence longer than this ends a phrase."""
LEGATO_S = 0.02
"""Notes nearer than this are played in one breath or bow."""
MIDDLE_VELOCITY = 64.0
"""What keys without velocities send: until another one is heard it says nothing."""

_COUNT, _VARIED = 0, 1
_PITCH, _BEFORE, _ONSET_S, _OFFSET_S, _PHRASE_S = 2, 3, 4, 5, 6
_KEYS, _LENGTHS, _BETWEEN, _LEGATO, _VELOCITIES = 7, 8, 9, 10, 11
_IS_NEW, _NEW_PITCH, _NEW_VELOCITY, _NEW_ONSET_S, _NEW_OFFSET_S = 12, 13, 14, 15, 16

_DECAYS_S = np.array((0.06, 0.2, 0.7))
_SHORTEST_S, _LONGEST_S, _USUAL_S = 0.02, 8.0, 0.3
_VELOCITY_SPAN = 50.0
_SLOWEST = 0.1
"""Share of a new note in the running means, at least."""
_MANY = 8.0
_STILL_DOWN = -1.0


@kernel
def begin_note(
    history: History, pitch: float, velocity: float, at_s: float, style: float, q: Numbers
) -> None:
    """Write what is known of a note that begins into `q`, and remember the note.

    `q` has shape (NOTE_FEATURES,), `pitch` is a MIDI pitch, `velocity` 1..127, `style` 0..1. Of a
    chord the highest note is the one that was played before the next. `at_s` never goes back.
    """
    is_chord = history[_IS_NEW] > 0.0 and at_s - history[_NEW_ONSET_S] < CHORD_S
    if not is_chord:
        _remember(history, at_s)
    if velocity != MIDDLE_VELOCITY:
        history[_VARIED] = 1.0
    _write(history, pitch, velocity, at_s, style, q)
    if is_chord and pitch < history[_NEW_PITCH]:
        return
    if not is_chord:
        history[_NEW_ONSET_S] = at_s
    history[_IS_NEW] = 1.0
    history[_NEW_PITCH] = pitch
    history[_NEW_VELOCITY] = velocity
    history[_NEW_OFFSET_S] = _STILL_DOWN


@kernel
def end_note(history: History, pitch: float, at_s: float) -> None:
    """The key of a note comes up. What is not the note begun last changes nothing."""
    is_it = history[_IS_NEW] > 0.0 and history[_NEW_PITCH] == pitch
    if is_it and history[_NEW_OFFSET_S] == _STILL_DOWN:
        history[_NEW_OFFSET_S] = at_s


@kernel
def _scaled(seconds: float) -> float:
    """Return a length of time for networks: 0 is usual, 1 four times as long."""
    return 0.5 * math.log2(min(_LONGEST_S, max(_SHORTEST_S, seconds)) / _USUAL_S)


@kernel
def _remember(history: History, at_s: float) -> None:
    """Count the note begun last among those before, now that another one begins."""
    if history[_IS_NEW] == 0.0:
        return
    onset_s = history[_NEW_ONSET_S]
    offset_s = history[_NEW_OFFSET_S]
    if offset_s == _STILL_DOWN:
        offset_s = at_s
    count = history[_COUNT]
    key = history[_NEW_PITCH]
    share = max(_SLOWEST, 1.0 / (count + 1.0))
    if count == 0.0:
        history[_KEYS] = key
        history[_LEGATO] = 0.5
        history[_PHRASE_S] = onset_s
    else:
        gap_s = max(0.0, onset_s - history[_OFFSET_S])
        if gap_s <= REST_S:
            between = _scaled(onset_s - history[_ONSET_S])
            history[_BETWEEN] += share * (between - history[_BETWEEN])
            is_legato = 1.0 if gap_s <= LEGATO_S else 0.0
            history[_LEGATO] += share * (is_legato - history[_LEGATO])
        else:
            history[_PHRASE_S] = onset_s
        history[_KEYS] += share * (key - history[_KEYS])
    history[_LENGTHS] += share * (_scaled(offset_s - onset_s) - history[_LENGTHS])
    velocity = (history[_NEW_VELOCITY] - MIDDLE_VELOCITY) / _VELOCITY_SPAN
    history[_VELOCITIES] += share * (velocity - history[_VELOCITIES])
    history[_BEFORE] = history[_PITCH] if count > 0.0 else key
    history[_PITCH] = key
    history[_ONSET_S] = onset_s
    history[_OFFSET_S] = offset_s
    history[_COUNT] = count + 1.0
    history[_IS_NEW] = 0.0


@kernel
def tell_style(q: Numbers, style: float) -> None:
    """Write the style, 0..1, into what the performer is asked: the last of the features."""
    q[NOTE_FEATURES - 1] = 2.0 * min(1.0, max(0.0, style)) - 1.0


@kernel
def _write(
    history: History, pitch: float, velocity: float, at_s: float, style: float, q: Numbers
) -> None:
    at = write_pitch(q, 0, pitch)
    count = history[_COUNT]
    gap_s, between_s, length_s, phrase_s = _LONGEST_S, _LONGEST_S, _USUAL_S, 0.0
    around, interval, last_interval, legato = pitch, 0.0, 0.0, 0.5
    if count > 0.0:
        gap_s = max(0.0, at_s - history[_OFFSET_S])
        between_s = at_s - history[_ONSET_S]
        length_s = history[_OFFSET_S] - history[_ONSET_S]
        around = history[_KEYS]
        legato = history[_LEGATO]
        if gap_s <= REST_S:
            interval = min(2.0, max(-2.0, (pitch - history[_PITCH]) / 12.0))
            last_interval = min(2.0, max(-2.0, (history[_PITCH] - history[_BEFORE]) / 12.0))
            phrase_s = at_s - history[_PHRASE_S]
    is_near = 1.0 if gap_s <= REST_S else 0.0
    q[at] = min(2.0, max(-2.0, (pitch - around) / 12.0))
    q[at + 1] = is_near
    q[at + 2] = 1.0 if gap_s <= LEGATO_S else 0.0
    for index in range(3):
        q[at + 3 + index] = math.exp(-gap_s / _DECAYS_S[index])
    q[at + 6] = interval
    q[at + 7] = abs(interval)
    q[at + 8] = is_near if interval == 0.0 else 0.0
    q[at + 9] = last_interval
    q[at + 10] = _scaled(between_s)
    q[at + 11] = _scaled(length_s)
    q[at + 12] = _scaled(phrase_s)
    q[at + 13] = min(1.5, length_s / max(_SHORTEST_S, between_s))
    q[at + 14] = history[_LENGTHS]
    q[at + 15] = history[_BETWEEN]
    q[at + 16] = legato
    q[at + 17] = min(_MANY, count) / _MANY
    told = (velocity - MIDDLE_VELOCITY) / _VELOCITY_SPAN
    q[at + 18] = history[_VARIED]
    q[at + 19] = told
    q[at + 20] = history[_VELOCITIES]
    q[at + 21] = told - history[_VELOCITIES]
    tell_style(q, style)
