"""The envelopes of a voice as curves over time, for people to look at.

Each follows the rule of the instrument control tick by control tick (64 samples at 44.1 kHz; facts
sheet of the reference renders, sections 3, 8 and 10). An operator's curve is its envelope at its
output level, with neither the key nor the velocity at work; the pitch curve is in octaves.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.tables import HOLD_SAMPLES, LEVEL, PITCH_EG_LEVEL, PITCH_EG_RATE
from plugin_core.dx7.voice import Voice

TICK_S = 64 / 44100
DB_PER_UNIT = 20 * math.log10(2) / 256
FULL_LEVEL = 3840
"""Units of an operator at output level 99 and EG level 99; drawn as 0 dB."""

_RELEASE = 3
_ATTACK_FLOOR = 1716
_LOWEST_TARGET = 16
_PITCH_RATE_PER_S = 21.3


@dataclass(frozen=True, slots=True)
class EnvelopeSpan:
    """How long a key is held and how long the picture goes on, both in seconds."""

    on_s: float
    total_s: float


def tick_times_s(span: EnvelopeSpan) -> NDArray[np.float64]:
    """Return the times of the points of a curve, shape (ticks,)."""
    return np.arange(1.0, _ticks(span.total_s) + 1) * TICK_S


def operator_envelope_db(voice: Voice, operator: int, span: EnvelopeSpan) -> NDArray[np.float64]:
    """Return the level of an operator, 1..6, in dB below full, shape (ticks,)."""
    envelope = _OperatorEnvelope(voice, operator)
    units = envelope.run(_ticks(span.on_s), _ticks(span.total_s))
    return (units - FULL_LEVEL) * DB_PER_UNIT


def pitch_envelope_octaves(voice: Voice, span: EnvelopeSpan) -> NDArray[np.float64]:
    """Return the pitch envelope in octaves around the key, shape (ticks,)."""
    levels = [PITCH_EG_LEVEL[voice.stored(f"pitch_eg_level{n}")] / 32 for n in (1, 2, 3, 4)]
    rates = [PITCH_EG_RATE[voice.stored(f"pitch_eg_rate{n}")] for n in (1, 2, 3, 4)]
    steps = [rate / _PITCH_RATE_PER_S * TICK_S for rate in rates]
    curve = np.empty(_ticks(span.total_s))
    octaves, stage = levels[_RELEASE], 0
    for tick in range(len(curve)):
        is_down = tick < _ticks(span.on_s)
        stage = stage if is_down else max(stage, _RELEASE)
        if stage < _RELEASE or (stage == _RELEASE and not is_down):
            way = levels[stage] - octaves
            octaves += max(-steps[stage], min(steps[stage], way))
            stage += abs(way) <= steps[stage]
        curve[tick] = octaves
    return curve


def telling_span(voice: Voice, *, longest_s: float = 6.0) -> EnvelopeSpan:
    """Return a span that shows the envelopes settle under a held key, and the carriers end."""
    held = EnvelopeSpan(longest_s, longest_s)
    on_s = max(_settled_s(operator_envelope_db(voice, op, held)) for op in _sounding(voice))
    on_s = float(np.clip(1.2 * on_s, 0.4, longest_s))
    released = EnvelopeSpan(on_s, on_s + longest_s / 2)
    carriers = ALGORITHMS[voice.stored("algorithm")].carriers
    end_s = max(_settled_s(operator_envelope_db(voice, op, released)) for op in carriers)
    return EnvelopeSpan(on_s, float(np.clip(end_s, 1.2 * on_s, released.total_s)))


class _OperatorEnvelope:
    """Level and stage (0..3, then 4 for the end) of one operator, in units of 1/256 octave."""

    def __init__(self, voice: Voice, operator: int) -> None:
        eg = [f"op{operator}_eg_{{}}{number}" for number in (1, 2, 3, 4)]
        self.rates = [voice.stored(field.format("rate")) for field in eg]
        self.levels = [voice.stored(field.format("level")) for field in eg]
        self.base = 32 * int(LEVEL[voice.stored(f"op{operator}_level")])
        self.level = 0.0
        self.enter(0)

    def run(self, on_ticks: int, ticks: int) -> NDArray[np.float64]:
        curve = np.empty(ticks)
        for tick in range(ticks):
            if tick == on_ticks:
                self.enter(_RELEASE)
            self.advance(is_down=tick < on_ticks)
            curve[tick] = self.level
        return curve

    def enter(self, stage: int) -> None:
        self.stage, self.hold_samples = stage, 0
        if stage > _RELEASE:
            return
        rate, level = self.rates[stage], self.levels[stage]
        self.target = max(_LOWEST_TARGET, 64 * (int(LEVEL[level]) // 2) + self.base - 4256)
        quick = 41 * rate // 64
        self.step = (4 + quick % 4) * 2.0 ** (quick // 4 - 8)
        is_silent_start = stage == 0 and level == 0
        if self.target == self.level or is_silent_start:
            is_listed = rate < len(HOLD_SAMPLES)
            self.hold_samples = int(HOLD_SAMPLES[rate]) if is_listed else 20 * (99 - rate)
            if is_silent_start and is_listed:
                self.hold_samples //= 20

    def advance(self, *, is_down: bool) -> None:
        if self.stage > _RELEASE or (self.stage == _RELEASE and is_down):
            return
        if self.hold_samples > 0:
            self.hold_samples -= 64
            if self.hold_samples > 0:
                return
            self.enter(self.stage + 1)
            if self.hold_samples == 0:
                self.advance(is_down=is_down)
            return
        self.move()

    def move(self) -> None:
        if self.level < self.target:
            raised = max(self.level, _ATTACK_FLOOR)
            raised += self.step * math.floor(17 - raised / 256)
            self.level = min(raised, self.target)
        else:
            self.level = max(self.level - self.step, self.target)
        if self.level == self.target:
            self.enter(self.stage + 1)


def _ticks(seconds: float) -> int:
    return round(seconds / TICK_S)


def _sounding(voice: Voice) -> list[int]:
    """Return the operators that are not turned off by their output level; all, if none is left."""
    operators = range(1, 7)
    return [op for op in operators if voice.stored(f"op{op}_level")] or list(operators)


def _settled_s(curve_db: NDArray[np.float64], *, tolerance_db: float = 1.0) -> float:
    """Return when a curve comes within the tolerance of its end for good, below -72 dB at once."""
    audible = np.maximum(curve_db, -72.0)
    moving = np.flatnonzero(np.abs(audible - audible[-1]) > tolerance_db)
    return (int(moving[-1]) + 1) * TICK_S if len(moving) else 0.0
