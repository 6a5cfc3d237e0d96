"""A voice in words: values as the panel of the instrument shows them, frequencies, the LFO.

In go stored values of `plugin_core.dx7.fields`, out comes text for tables and pictures.
"""

from plugin_core.dx7.fields import FIELD_INDEX, FIELDS, Field
from plugin_core.dx7.tables import LFO_SPEED_HZ
from plugin_core.dx7.voice import Voice

_KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_KEYS_FROM_C_TO_BREAK_POINT_0 = 9
_OCTAVE_OF_BREAK_POINT_0 = -1


def shown_text(voice: Voice, field: Field) -> str:
    """Return the value of a field as people read it: a label, a key, a signed or a plain number."""
    if field.labels:
        return field.labels[voice.stored(field.id)]
    if field.id.endswith("break_point"):
        return break_point_text(voice.stored(field.id))
    shown = voice.shown(field.id)
    return f"{shown:+d}" if field.low < 0 and shown else str(shown)


def break_point_text(break_point: int) -> str:
    """Return the key of a break point 0..99, in Yamaha's octaves: 0 is A-1, 39 is C3."""
    keys = break_point + _KEYS_FROM_C_TO_BREAK_POINT_0
    return f"{_KEYS[keys % 12]}{keys // 12 + _OCTAVE_OF_BREAK_POINT_0}"


def frequency_ratio(voice: Voice, operator: int) -> float:
    """Return how many times the key's frequency an operator in ratio mode has, detune aside."""
    coarse = voice.stored(f"op{operator}_coarse")
    return (coarse or 0.5) * (1 + voice.stored(f"op{operator}_fine") / 100)


def fixed_frequency_hz(voice: Voice, operator: int) -> float:
    """Return the frequency of an operator in fixed mode, 1..9772 Hz, detune aside."""
    coarse = voice.stored(f"op{operator}_coarse")
    return float(10 ** (coarse % 4 + voice.stored(f"op{operator}_fine") / 100))


def frequency_text(voice: Voice, operator: int) -> str:
    """Return `× 1.00` for an operator in ratio mode, `440.0 Hz` for one of fixed frequency."""
    if voice.stored(f"op{operator}_mode"):
        return f"{fixed_frequency_hz(voice, operator):.4g} Hz"
    return f"× {frequency_ratio(voice, operator):.2f}"


def lfo_text(voice: Voice) -> str:
    """Return wave and speed of the LFO, such as `triangle 6.1 Hz`."""
    wave = shown_text(voice, FIELDS[FIELD_INDEX["lfo_wave"]])
    return f"{wave} {lfo_rate_text(voice)}"


def lfo_rate_text(voice: Voice) -> str:
    """Return the speed of the LFO in Hz, such as `6.1 Hz`."""
    return f"{LFO_SPEED_HZ[voice.stored('lfo_speed')]:.2g} Hz"
