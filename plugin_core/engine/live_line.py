"""The line that neural voices play: which note came before, how long ago it ended.

A note that is joined to the one before begins without a pause; every other one after one, however
short. The notes of a chord all follow what was before the chord.
"""

from plugin_core.audio.jit import kernel
from plugin_core.engine.live_features import NEVER_S
from plugin_core.engine.live_phrases import begin_note, end_note
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import UNSET

CHORD_S = 0.05
"""Notes within this of the first one are of its chord."""

ATTACK_GAP_S = 0.02
"""The least pause before a note that is not joined: below that the model hears a slur."""

_STYLE = PARAMETER_INDEX["style"]
_STYLE_STEPS = 127.0
_DOWN = -1


@kernel
def style_of(instrument: Record) -> float:
    """Return the style as models know it, 0..1."""
    return instrument.current[_STYLE] / _STYLE_STEPS


@kernel
def is_chord(instrument: Record) -> bool:
    """Tell whether a note that begins now is of the chord that was begun last."""
    if instrument.line_key < 0.0:
        return False
    return instrument.sample - instrument.chord_on <= CHORD_S * instrument.sample_rate


@kernel
def begin_in_line(instrument: Record, voice: Record, joined: bool, alone: bool) -> None:
    """Tell a voice whose note begins what was before it, and remember the note.

    `joined` says that it goes on from the note before without a new attack, `alone` that others
    may sound beside it, so that a note that still sounds is none that it comes from.
    """
    sample = instrument.sample
    now_s = sample / instrument.sample_rate
    if is_chord(instrument) and not joined:
        voice.previous, voice.gap_s = UNSET, NEVER_S
    else:
        voice.previous = instrument.line_key
        voice.gap_s = NEVER_S
        is_down = instrument.line_off == _DOWN
        if joined:
            voice.gap_s = 0.0
        elif instrument.line_key >= 0.0 and not is_down:
            pause_s = (sample - instrument.line_off) / instrument.sample_rate
            voice.gap_s = max(ATTACK_GAP_S, pause_s)
        elif instrument.line_key >= 0.0 and not alone:
            voice.gap_s = ATTACK_GAP_S
        else:
            voice.previous = UNSET
        instrument.chord_on = sample
    velocity = float(voice.velocity)
    key = float(voice.key)
    begin_note(instrument.past, key, velocity, now_s, style_of(instrument), voice.question)
    instrument.line_key = key
    instrument.line_off = _DOWN


@kernel
def end_in_line(instrument: Record, key: int, sample: int) -> None:
    """A note ends at `sample`: if it is the last one, the pause before the next one begins."""
    end_note(instrument.past, float(key), sample / instrument.sample_rate)
    if instrument.line_key == key and instrument.line_off == _DOWN:
        instrument.line_off = sample
