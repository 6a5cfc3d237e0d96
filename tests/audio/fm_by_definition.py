"""FM of given operator levels written out in double precision, sample by sample.

Beside the sound comes how much its feedback loop amplifies what is not quite right: the product of
the Jacobians of (y[n-1], y[n-2]) -> (y[n], y[n-1]) along the very way that the loop takes. Its
logarithm per sample is the largest Lyapunov exponent; above 0 the loop is chaotic, and two ways of
rounding the same numbers part by that factor with every sample.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.harmonic import interval_position, interval_start
from plugin_core.audio.operators import FULL_CYCLES, loop_strength
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.types import FRAME_RATE
from tests.audio.fm_of_levels import Phrase


class Written(NamedTuple):
    """A sound and its loop's growth."""

    sound: NDArray[np.float64]
    growth: float
    """Natural logarithm of how much a small error is amplified at most between two samples."""
    per_sample: float
    """The Lyapunov exponent of the whole phrase, nepers a sample."""


def by_definition(phrase: Phrase, sample_rate: int, *, nudged: float = 0.0) -> Written:
    """The phrase; `nudged` moves every output of the loop by so much of its level, up or down."""
    algorithm = ALGORITHMS[phrase.algorithm - 1]
    turns, levels = _lines(phrase, sample_rate)
    scale = [
        2 * math.pi * FULL_CYCLES if op in algorithm.carriers else 1.0 for op in algorithm.loop
    ]
    strength = loop_strength(phrase.feedback, phrase.algorithm)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], len(turns))
    y1 = y2 = 0.0
    tangent = np.array([1.0, 0.0])
    logs = np.zeros(len(turns))
    outputs = np.zeros((len(turns), 6))
    for n in range(len(turns)):
        moved, slope = strength * (y1 + y2), strength
        for place, op in enumerate(algorithm.loop):
            gain = levels[n, op - 1] * scale[place]
            phase = turns[n, op - 1] + moved
            moved, slope = gain * math.sin(phase), slope * gain * math.cos(phase)
            outputs[n, op - 1] = moved / scale[place]
        moved += nudged * signs[n] * levels[n, algorithm.loop[-1] - 1] * scale[-1]
        tangent = np.array([slope * tangent.sum(), tangent[0]])
        size = float(np.hypot(*tangent))
        logs[n] = math.log(max(size, 1e-30))
        tangent = tangent / size if size > 1e-30 else np.array([1.0, 0.0])
        y1, y2 = moved, y1
    for op in range(6, 0, -1):
        if op not in algorithm.loop:
            sources = [source - 1 for source in algorithm.modulators_of(op)]
            phase = turns[:, op - 1] + outputs[:, sources].sum(axis=1)
            outputs[:, op - 1] = levels[:, op - 1] * np.sin(phase)
    summed = np.cumsum(logs)
    growth = float((summed - np.minimum.accumulate(summed)).max())
    sound = outputs[:, [op - 1 for op in algorithm.carriers]].sum(axis=1)
    return Written(sound, growth, float(summed[-1] / len(turns)))


def _lines(phrase: Phrase, rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Own phases in radians and levels, both (samples, 6)."""
    turns, levels = [], []
    begun = 0.0
    for frame in range(len(phrase.f0_hz) - 1):
        count = interval_start(frame + 1, rate) - interval_start(frame, rate)
        way = interval_position(frame, rate) + np.arange(count) * FRAME_RATE / rate
        f0, f1 = (float(phrase.f0_hz[at]) for at in (frame, frame + 1))
        cycles = begun + way * (f0 + way * 0.5 * (f1 - f0)) / FRAME_RATE
        begun += 0.5 * (f0 + f1) / FRAME_RATE
        turns.append(2 * np.pi * cycles[:, None] * np.array(phrase.ratios))
        start, end = (phrase.levels[at].astype(np.float64) for at in (frame, frame + 1))
        levels.append(start + way[:, None] * (end - start))
    return np.concatenate(turns), np.concatenate(levels)
