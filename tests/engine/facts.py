"""The facts sheet of the reference renders written out plainly: control values tick by tick.

One note at 44.1 kHz on a resting instrument, in float64 and plain Python, nothing shared with the
engine but the tables (which tests/dx7 holds to the sheet). Section numbers are those of FACTS.md.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7 import tables
from plugin_core.dx7.voice import Voice

BLOCK_S = 64 / 44100
PITCH_STEP = round(BLOCK_S / 21.3 * 2**24) / 2**24
"""Octaves per block of pitch EG speed 1, in the engine's whole counts of 2^-24 octave."""


def note_of(voice: Voice, key: int) -> int:
    return key + voice.stored("transpose") - 24


@dataclass
class Operator:
    """What sections 2, 3, 6, 7 and 8 say of one operator of a note."""

    voice: Voice
    number: int
    key: int
    velocity: int
    level: float = 0.0
    stage: int = 0
    hold: float = 0.0
    target: float = 0.0
    step: float = 0.0
    rising: bool = False
    output_level: float = field(init=False)

    def __post_init__(self):
        self.note = note_of(self.voice, self.key)
        scaled = int(tables.LEVEL[self.get("level")]) + self.keyboard_scaling()
        sensitivity = self.get("velocity_sensitivity")
        curve = int(tables.VELOCITY[self.velocity // 2])
        velocity = 16 * math.floor((sensitivity * curve + 7) / 8)
        self.output_level = max(0, 32 * min(127, scaled) + velocity)
        self.enter(0)

    def get(self, name: str) -> int:
        return self.voice.stored(f"op{self.number}_{name}")

    def keyboard_scaling(self) -> int:
        d = self.note - (self.get("break_point") + 17)
        side = "right" if d >= 0 else "left"
        group = math.floor((d + 1) / 3) if d >= 0 else math.floor((1 - d) / 3)
        depth, curve = self.get(f"{side}_depth"), self.get(f"{side}_curve")
        if curve in (0, 3):
            steps = math.floor(329 * group * depth / 4096)
        else:
            exponential = int(tables.EXPONENTIAL_SCALING[min(group, 32)])
            steps = math.floor(329 * exponential * depth / 32768)
        return -steps if curve in (0, 1) else steps

    def enter(self, stage: int) -> None:
        self.stage, self.hold = stage, 0
        if stage > 3:
            return
        rate, eg_level = self.get(f"eg_rate{stage + 1}"), self.get(f"eg_level{stage + 1}")
        zone = min(31, max(0, math.floor(self.note / 3) - 7))
        scaling = math.floor(self.get("rate_scaling") * zone / 8)
        q = min(63, math.floor(41 * rate / 64) + scaling)
        self.step = (4 + q % 4) * 2.0 ** (q // 4 - 8)
        self.target = max(16, 64 * (int(tables.LEVEL[eg_level]) // 2) + self.output_level - 4256)
        self.rising = self.target > self.level
        first_silent = stage == 0 and eg_level == 0
        if self.target == self.level or first_silent:
            r = min(99, rate + scaling)
            self.hold = 20 * (99 - r) if r >= 77 else int(tables.HOLD_SAMPLES[r])
            if first_silent and r < 77:
                self.hold //= 20

    def advance(self, *, is_down: bool) -> float:
        """Move by one block and return the level in units (section 8)."""
        if self.hold > 0:
            self.hold -= 64
            if self.hold > 0:
                return self.level
            self.enter(self.stage + 1)
            if self.hold > 0:
                return self.level
        if self.stage > 3 or (self.stage == 3 and is_down):
            return self.level
        if self.rising:
            self.level = max(self.level, 1716)
            self.level += self.step * math.floor(17 - self.level / 256)
            self.level = min(self.level, self.target)
        else:
            self.level = max(self.target, self.level - self.step)
        if self.level == self.target:
            self.enter(self.stage + 1)
        return self.level

    @property
    def octaves(self) -> float:
        """log2 of the frequency in Hz without bend and modulation (section 2)."""
        coarse, fine = self.get("coarse"), self.get("fine")
        detune = self.get("detune") - 7
        if self.get("mode") == 1:
            return math.log2(10) * (coarse % 4 + fine / 100) + 0.000802 * max(0, detune)
        x = math.log2(440) + (self.note - 69) / 12
        octaves = x + detune * (0.0209 / 7) * x * math.exp(-0.396 * x)
        return octaves + (math.log2(coarse) if coarse else -1) + math.log2(1 + fine / 100)


class PitchEnvelope:
    """Section 10."""

    def __init__(self, voice: Voice):
        self.levels = [
            float(tables.PITCH_EG_LEVEL[voice.stored(f"pitch_eg_level{n}")]) / 32
            for n in (1, 2, 3, 4)
        ]
        self.steps = [
            float(tables.PITCH_EG_RATE[voice.stored(f"pitch_eg_rate{n}")]) * PITCH_STEP
            for n in (1, 2, 3, 4)
        ]
        self.octaves, self.stage = self.levels[3], 0

    def advance(self, *, is_down: bool) -> float:
        if self.stage > 3 or (self.stage == 3 and is_down):
            return self.octaves
        target, step = self.levels[self.stage], self.steps[self.stage]
        if target > self.octaves:
            self.octaves = min(target, self.octaves + step)
        else:
            self.octaves = max(target, self.octaves - step)
        if self.octaves == target:
            self.stage += 1
        return self.octaves


def lfo_value(wave: int, phase: float, random_state: int) -> float:
    """Section 9, the table of waves."""
    return (
        2 * phase if phase < 0.5 else 2 - 2 * phase,
        (1.5 - phase) % 1,
        (phase + 0.5) % 1,
        1.0 if phase < 0.5 else 0.0,
        0.5 + 0.5 * math.sin(2 * math.pi * phase),
        (1 + (random_state ^ 128)) / 256,
    )[wave]


def lfo(voice: Voice, blocks: int) -> tuple[list[float], list[float]]:
    """Return value and depth of every block from the first note of a resting instrument on."""
    speed = float(tables.LFO_SPEED_HZ[voice.stored("lfo_speed")])
    phase = 0.5 - 1e-9 if voice.stored("lfo_sync") else 0.0
    values, depths, random_state = [], [], 0
    delay = voice.stored("lfo_delay")
    a = 99 - delay
    b = (16 + a % 16) * 2 ** (1 + a // 16)
    c = max(128, b // 128 * 128)
    share = 0.0
    for _ in range(blocks):
        phase += speed * BLOCK_S
        if phase >= 1:
            phase -= 1
            random_state = (179 * random_state + 17) % 256
        values.append(lfo_value(voice.stored("lfo_wave"), phase, random_state))
        # Counted block by block: silent up to 1, then rising to 2.
        share += (b if share < 1 else c) * BLOCK_S / 85.25
        depths.append(1.0 if delay == 0 else min(1.0, max(0.0, share - 1)))
    return values, depths


@dataclass
class Control:
    """Gains and frequencies of every block: shape (blocks, 6), operator 1 first."""

    gains: NDArray[np.float64]
    frequencies_hz: NDArray[np.float64]


def control(voice: Voice, key: int, velocity: int, *, down: int, blocks: int) -> Control:
    """Return a note's control values; the key comes up before block `down`."""
    operators = [Operator(voice, number, key, velocity) for number in range(1, 7)]
    pitch_envelope = PitchEnvelope(voice)
    values, depths = lfo(voice, blocks)
    pitch_depth = math.floor(165 * voice.stored("lfo_pitch_depth") / 64)
    sensitivity = int(tables.PITCH_MOD_SENSITIVITY[voice.stored("pitch_mod_sensitivity")])
    amp_depth = math.floor(165 * voice.stored("lfo_amp_depth") / 64)
    gains, frequencies = np.zeros((blocks, 6)), np.zeros((blocks, 6))
    for block in range(blocks):
        if block == down:
            pitch_envelope.stage = 3
            for operator in operators:
                operator.enter(3)
        value, depth = values[block], depths[block]
        octaves = pitch_depth * sensitivity * (value - 0.5) * depth / 32768
        octaves += pitch_envelope.advance(is_down=block < down)
        m = amp_depth * depth * (1 - value) / 256
        for index, operator in enumerate(operators):
            level = operator.advance(is_down=block < down)
            amp_sensitivity = operator.get("amp_mod_sensitivity")
            if amp_sensitivity > 0:
                x = m * float(tables.AMP_MOD_SENSITIVITY[amp_sensitivity])
                level *= max(0.0, 1 - math.exp(12.2 + 4.48 * x) / 2**24)
            gains[block, index] = 2 ** (level / 256 - 14)
            moved = operator.octaves + (octaves if operator.get("mode") == 0 else 0)
            frequencies[block, index] = 2**moved
    return Control(gains, frequencies)
