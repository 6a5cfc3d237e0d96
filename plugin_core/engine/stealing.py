"""Room for a note: voices that make way fade out within a few milliseconds, in spare records."""

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.control import FADE_TICKS
from plugin_core.engine.patch import Record
from plugin_core.engine.records import VOICES, Status

_IDLE, _HELD, _RELEASED, _FADING = (int(status) for status in Status)
_NOBODY = -1


@kernel
def fade_out(voice: Record) -> None:
    """Let a voice fall silent within a few ticks, whatever its envelopes say."""
    if voice.status == _HELD or voice.status == _RELEASED:
        voice.status = np.int32(_FADING)
        voice.fade = np.int32(FADE_TICKS)


@kernel
def steal(voices: Record) -> None:
    """Fade out the voice released longest ago, or the oldest one if every key is down."""
    chosen = _NOBODY
    for index in range(VOICES):
        voice = voices[index]
        if voice.status == _RELEASED and (
            chosen == _NOBODY or voice.released < voices[chosen].released
        ):
            chosen = index
    if chosen == _NOBODY:
        for index in range(VOICES):
            voice = voices[index]
            if voice.status == _HELD and (
                chosen == _NOBODY or voice.number < voices[chosen].number
            ):
                chosen = index
    if chosen != _NOBODY:
        fade_out(voices[chosen])


@kernel
def free_record(voices: Record, polyphony: int) -> int:
    """Return the index of a record for a new note, making room within the polyphony.

    An idle record that has not sounded for longest comes first; when even the spare ones fade, the
    one nearest to silence is cut.
    """
    sounding = 0
    for index in range(VOICES):
        status = voices[index].status
        if status in (_HELD, _RELEASED):
            sounding += 1
    while sounding >= polyphony:
        steal(voices)
        sounding -= 1
    chosen = _NOBODY
    for index in range(VOICES):
        if voices[index].status == _IDLE and (
            chosen == _NOBODY or voices[index].number < voices[chosen].number
        ):
            chosen = index
    if chosen != _NOBODY:
        return chosen
    for index in range(VOICES):
        if voices[index].status == _FADING and (
            chosen == _NOBODY or voices[index].fade < voices[chosen].fade
        ):
            chosen = index
    return chosen
