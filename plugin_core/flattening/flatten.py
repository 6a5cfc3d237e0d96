"""A DDX7 model flattened to an ordinary DX7 voice, for owners of a DX7 to start from.

Routing and frequencies are the model's own voice; every operator gets the envelope nearest to its
mean level curve (`envelope_fitting`), the velocity sensitivity and the keyboard level scaling
nearest to what the network does at other velocities and keys, and the LFO plays the instrument's
usual vibrato. What a voice has no place for stays behind: noise, room, everything that moves within
a note beside the envelope.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.envelopes import DB_PER_UNIT, EnvelopeSpan
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS, STORED_FIELDS
from plugin_core.dx7.tables import EXPONENTIAL_SCALING, LFO_SPEED_HZ, VELOCITY
from plugin_core.dx7.voice import Voice
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import Ddx7Layer, Life, Playing
from plugin_core.engine.live_model import table
from plugin_core.flattening.envelope_fitting import FittedEnvelope, fit_envelope
from plugin_core.flattening.mean_notes import SILENT_DB, VELOCITIES, MeanNote, by_key_db, mean_note
from plugin_core.hearing.operator_model import OperatorModel
from plugin_core.types import CONTROLS

SPAN = EnvelopeSpan(on_s=2.0, total_s=3.0)
"""The note that envelopes are fitted to."""

BREAK_POINT_KEY = 17
"""The MIDI key of break point 0."""

_STEP_DB = 32 * DB_PER_UNIT
_REACH = (-24, -18, -12, -6, 6, 12, 18, 24)
"""Semitones from the key at which levels are looked at."""
_NEGATIVE_LINEAR, _NEGATIVE_EXPONENTIAL, _POSITIVE_EXPONENTIAL, _POSITIVE_LINEAR = range(4)
_VIBRATO_CENTS = 27.0
"""Of a vibrato control of 1 (DESIGN.md, section 5)."""
_CENTS_AT_FULL_DEPTH = 47.0
"""At pitch modulation sensitivity 1 (facts sheet, section 9)."""
_LEAST_WEIGHT, _LEAST_WEIGHT_OF_A_CARRIER = 0.02, 0.2
"""What a moment counts in which the carriers are silent: 1 at their loudest, else by the root of
their amplitude. A network may do with modulators there what it likes."""
_SINE, _VIBRATO_DELAY = 4, 40
_LAST_BREAK_POINT = 99


@dataclass(frozen=True, slots=True)
class Flattened:
    """A voice, and what it was made of."""

    voice: Voice
    note: MeanNote = field(repr=False)
    envelopes: tuple[FittedEnvelope, ...] = field(repr=False)
    """Of operators 1 to 6."""
    present: tuple[int, ...]


def flatten(model: Ddx7Model, pitch: int, *, name: str) -> Flattened:
    """Return the voice that is nearest to a model around a key, MIDI 0..127."""
    note = mean_note(model, pitch, SPAN)
    low, high = model.playing(Playing.LOWEST_PITCH), model.playing(Playing.HIGHEST_PITCH)
    keys = [pitch + step for step in _REACH if low <= pitch + step <= high]
    others_db = by_key_db(model, pitch, keys, EnvelopeSpan(1.0, 1.0))
    played = OperatorModel(name, model)
    present, carriers = played.present, ALGORITHMS[played.algorithm - 1].carriers
    heard = 10 ** (note.levels_db[:, np.array(carriers) - 1].max(axis=1) / 40)
    fields: dict[str, int] = {}
    envelopes = []
    for op in range(1, OPERATORS + 1):
        sensitivity, accent_db = _velocity(note.by_velocity_db[:, op - 1])
        target = note.levels_db[:, op - 1] - accent_db
        if op not in present:
            target = np.full_like(target, SILENT_DB)
        weights = np.maximum(heard, _LEAST_WEIGHT_OF_A_CARRIER if op in carriers else _LEAST_WEIGHT)
        fitted = fit_envelope(note.times_s, target, SPAN, weights=weights)
        envelopes.append(fitted)
        own = {**fitted.fields, "velocity_sensitivity": sensitivity}
        own |= _scaling(pitch, np.array(keys, np.int64) - pitch, others_db[:, op - 1])
        fields |= {f"op{op}_{name}": value for name, value in own.items()}
    voice = _routing(model).edited(name=name, **fields, **_vibrato(model))
    return Flattened(voice, note, tuple(envelopes), present)


def _routing(model: Ddx7Model) -> Voice:
    """Return the initial voice with the model's algorithm, frequencies and feedback."""
    data = bytearray(Voice.initial().data)
    kept = ["algorithm", "feedback"]
    kept += [
        f"op{op}_{name}" for op in range(1, OPERATORS + 1) for name in ("mode", "coarse", "fine")
    ]
    for field_id in kept:
        place = FIELD_INDEX[field_id]
        data[place] = min(round(float(model.voice[place])), STORED_FIELDS[place].maximum)
    return Voice(bytes(data))


def velocity_db(sensitivity: int, velocity: int) -> float:
    """Return what velocity adds to a level, dB (facts sheet, section 6)."""
    return float(16 * ((sensitivity * int(VELOCITY[velocity // 2]) + 7) // 8) * DB_PER_UNIT)


def _velocity(more_db: NDArray[np.float64]) -> tuple[int, float]:
    """Return the sensitivity nearest to the levels at VELOCITIES, and what it adds on the mean."""
    curves = [[velocity_db(each, velocity) for velocity in VELOCITIES] for each in range(8)]
    added = np.array(curves)
    away = added - added.mean(axis=1, keepdims=True) - more_db
    best = int(np.argmin(np.square(away).sum(axis=1)))
    return best, float(added[best].mean())


def scaling_steps(curve: int, depth: int, away: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what level scaling adds in output level steps at keys `away` from the break point.

    `curve` is 0..3 for -LIN, -EXP, +EXP, +LIN (facts sheet, section 7); `away` are semitones, of
    one side, shape (keys,).
    """
    groups = (np.abs(away) + 1) // 3
    if curve in (_NEGATIVE_LINEAR, _POSITIVE_LINEAR):
        steps = 329 * groups * depth // 4096
    else:
        last = len(EXPONENTIAL_SCALING) - 1
        steps = 329 * EXPONENTIAL_SCALING[np.minimum(groups, last)] * depth // 32768
    return steps if curve >= _POSITIVE_EXPONENTIAL else -steps


def _scaling(pitch: int, away: NDArray[np.int64], more_db: NDArray[np.float64]) -> dict[str, int]:
    """Return the keyboard level scaling around `pitch` nearest to the levels at other keys."""
    point = pitch - BREAK_POINT_KEY
    if not 0 <= point <= _LAST_BREAK_POINT:
        return {}
    fields = {"break_point": point}
    for side, inside in (("left", away < 0), ("right", away > 0)):
        best = (0.0, _NEGATIVE_LINEAR, 0)
        if inside.any():
            asked = more_db[inside] / _STEP_DB
            tried = (
                (
                    float(np.square(scaling_steps(curve, depth, away[inside]) - asked).sum()),
                    curve,
                    depth,
                )
                for curve in range(4)
                for depth in range(100)
            )
            best = min(tried)
        fields |= {f"{side}_curve": best[1], f"{side}_depth": best[2]}
    return fields


def _vibrato(model: Ddx7Model) -> dict[str, int]:
    """Return the LFO that plays the instrument's usual vibrato, if it has one."""
    rate_hz = float(table(model.layout, model.weights, Ddx7Layer.LIFE)[0, Life.VIBRATO_HZ])
    usual = float(
        table(model.layout, model.weights, Ddx7Layer.TYPICAL)[0, CONTROLS.index("vibrato")]
    )
    depth = round(99 * min(1.0, usual * _VIBRATO_CENTS / _CENTS_AT_FULL_DEPTH))
    if depth <= 0 or rate_hz <= 0:
        return {}
    return {
        "lfo_wave": _SINE,
        "lfo_speed": int(np.argmin(np.abs(LFO_SPEED_HZ - rate_hz))),
        "lfo_delay": _VIBRATO_DELAY,
        "lfo_pitch_depth": depth,
        "pitch_mod_sensitivity": 1,
    }
