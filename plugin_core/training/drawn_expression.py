"""Expression drawn at random for the notes of an assembled phrase, and put into their frames.

The six controls are drawn so that their whole range occurs; what comes out is measured afterwards,
as it is of recordings. Vibratos are like those of the performances of the corpus: 4..7.5 Hz, no two
alike, begun late or at once.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression import scales
from plugin_core.expression.extraction import level_db, vibrato
from plugin_core.expression.timbre_edits import tilt_for, tilted, with_attack_noise
from plugin_core.expression.vibrato_edits import vibrato_movement
from plugin_core.types import CONTROLS, FRAME_RATE, Frames

SLOWEST_HZ, FASTEST_HZ = 4.0, 7.5
_RANGES = {
    "volume": (0.0, 1.0),
    "volume_fluctuation": (0.0, 1.0),
    "volume_peak_position": (0.0, 1.0),
    "vibrato": (0.0, 1.1),
    "brightness": (0.0, 1.1),
    "attack_noise": (-0.1, 1.0),
}
_KIND_SHARES = (0.35, 0.35, 0.3)
_MEAN_RATE_HZ, _RATE_SPREAD_HZ = 5.6, 0.8
_DEEPEST = 1.5
"""Semitones: no vibrato is deeper."""
_STEEPEST = 5.0
"""Of a drawn spectral tilt, times 6 dB per octave."""
_OF_EVERY = 6
"""One in so many frames tells the tilt that a note needs."""
_NOISE_FOLLOWS = 0.7
"""Of a change of level in dB, how much the noise goes along."""
_SHORTEST_VIBRATO_FRAMES = 63


class Drawn(NamedTuple):
    """What one note shall be like, on the raw scale; None leaves it as its source is."""

    volume: float
    volume_fluctuation: float | None
    volume_peak_position: float
    vibrato: float
    brightness: float | None
    attack_noise: float | None
    rate_hz: float
    """Of the vibrato."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a phrase is played."""

    kind: str
    """natural: as a player would; wide: every note anywhere in the range of the controls; swept:
    even, with one control anywhere in its range, the same for all notes."""
    natural: Drawn
    """Around which the notes are, unless it is wide."""
    brightness_shift: float
    swept: str
    swept_value: float


def draw_manner(random: np.random.Generator) -> Manner:
    """Return how a phrase is played."""
    swept = str(random.choice(CONTROLS))
    return Manner(
        kind=str(random.choice(("natural", "wide", "swept"), p=_KIND_SHARES)),
        natural=Drawn(
            volume=float(random.uniform(0.6, 0.88)),
            volume_fluctuation=None if random.random() < 0.3 else 0.1,
            volume_peak_position=float(random.beta(1.5, 1.5)),
            vibrato=float(max(random.normal(0.3, 0.3), 0.0)),
            brightness=None,
            attack_noise=None,
            rate_hz=float(np.clip(random.normal(_MEAN_RATE_HZ, _RATE_SPREAD_HZ), 4.2, 7.3)),
        ),
        brightness_shift=float(random.normal(0.0, 0.05)),
        swept=swept,
        swept_value=float(random.uniform(*_RANGES[swept])),
    )


def draw_expression(
    random: np.random.Generator, manner: Manner, natural_brightness: float
) -> Drawn:
    """Return what a note of the phrase is like; its source has `natural_brightness`."""
    natural = manner.natural
    rate_hz = float(np.clip(natural.rate_hz + random.normal(0, 0.3), SLOWEST_HZ, FASTEST_HZ))
    if manner.kind == "wide":
        values = {name: float(random.uniform(*_RANGES[name])) for name in CONTROLS}
        if random.random() < 0.4:
            values["volume_fluctuation"] *= 0.3
        if random.random() < 0.15:
            values["vibrato"] = 0.0
        values["volume_peak_position"] = float(random.beta(0.6, 0.6))
        return Drawn(**values, rate_hz=rate_hz)
    spread = 1.0 if manner.kind == "natural" else 0.3
    played = Drawn(
        volume=natural.volume + spread * float(random.normal(0, 0.04)),
        volume_fluctuation=None
        if natural.volume_fluctuation is None
        else natural.volume_fluctuation + spread * float(abs(random.normal(0.0, 0.12))),
        volume_peak_position=float(random.beta(1.5, 1.5))
        if manner.kind == "natural"
        else natural.volume_peak_position,
        vibrato=float(max(natural.vibrato + spread * random.normal(0, 0.12), 0.0)),
        brightness=natural_brightness
        + manner.brightness_shift
        + spread * float(random.normal(0, 0.02)),
        attack_noise=None,
        rate_hz=rate_hz,
    )
    if manner.kind == "swept":
        played = played._replace(**{manner.swept: manner.swept_value})
        if manner.swept == "volume_peak_position":
            # A peak that can be told needs some fluctuation.
            played = played._replace(volume_fluctuation=float(random.uniform(0.1, 0.3)))
    return played


def expressed(random: np.random.Generator, frames: Frames, drawn: Drawn) -> Frames:
    """Return a note's frames, levels and colours as drawn; its pitch is `drawn_pitch`."""
    harmonics, noise = frames.harmonics, frames.noise
    if drawn.brightness is not None:
        exponent = tilt_for(harmonics[::_OF_EVERY], drawn.brightness)
        harmonics = tilted(harmonics, float(np.clip(exponent, -_STEEPEST, _STEEPEST)))
    before = level_db(frames.amplitude)
    levels = _levels(random, before, drawn)
    silent = before <= scales.FLOOR_DB
    change = np.where(silent, 0.0, levels - before)
    steady = np.full(len(change), change.mean())
    noise = noise * 10 ** (_NOISE_FOLLOWS * (steady + 0.5 * (change - steady)) / 20)[:, None]
    if drawn.attack_noise is not None:
        noise = with_attack_noise(noise.astype(np.float32), drawn.attack_noise, 0.0)
    return replace(
        frames,
        amplitude=(10 ** (levels / 20)).astype(np.float32),
        harmonics=harmonics,
        noise=noise.astype(np.float32),
    )


def _levels(
    random: np.random.Generator, levels: NDArray[np.float64], drawn: Drawn
) -> NDArray[np.float64]:
    """Return the levels of a note with a drawn swell, volume as drawn."""
    shape = levels - levels.mean()
    if drawn.volume_fluctuation is not None:
        wanted = drawn.volume_fluctuation * scales.FLUCTUATION_SPAN_DB
        own = float(shape.std())
        if own > 0.8 * wanted:
            shape = shape * (0.8 * wanted / max(own, 1e-9))
        swell = _swell(random, len(levels), drawn.volume_peak_position)
        # Of |shape + k swell|: the k at which it deviates as much as wanted.
        along, rest = float((shape * swell).mean()), float(shape.var()) - wanted**2
        shape = shape + (-along + np.sqrt(max(along**2 - rest, 0.0))) * swell
    volume_db = scales.VOLUME_ZERO_DB + drawn.volume * scales.VOLUME_SPAN_DB
    return np.asarray(np.maximum(volume_db + shape, scales.FLOOR_DB))


def _swell(random: np.random.Generator, count: int, peak: float) -> NDArray[np.float64]:
    """Return a rise to `peak` (0..1) and a fall from it, mean 0, standard deviation 1."""
    position = np.linspace(0.0, 1.0, count)
    bend = np.exp(random.uniform(np.log(0.7), np.log(2.0), 2))
    rise = (np.clip((peak - position) / max(peak, 0.02), 0.0, 1.0)) ** bend[0]
    fall = (np.clip((position - peak) / max(1 - peak, 0.02), 0.0, 1.0)) ** bend[1]
    sides = np.array([max(peak, 0.15), max(1 - peak, 0.15)]) ** 0.5
    swell = -(sides[0] * rise + sides[1] * fall)
    wander = gaussian_filter1d(random.normal(0, 1, count), 20.0, mode="nearest")
    swell = swell + 0.1 * wander / max(float(wander.std()), 1e-9) * float(swell.std())
    swell -= swell.mean()
    return np.asarray(swell / max(float(swell.std()), 1e-9))


def drawn_pitch(
    random: np.random.Generator, deviation: NDArray[np.float64], drawn: Drawn
) -> NDArray[np.float64]:
    """Return a note's pitch relative to its key, semitones, with the drawn vibrato.

    `deviation` is the source's; its drift and jitter stay. A vibrato of its own stays for every
    second note, as deep as drawn.
    """
    count = len(deviation)
    own = vibrato_movement(deviation) if count > 4 else np.zeros(count)
    still = deviation - own
    if count <= _SHORTEST_VIBRATO_FRAMES or drawn.vibrato <= 0:
        return still if drawn.vibrato <= 0 else deviation
    has_own = vibrato(_hz(deviation)) > 0.15
    movement = own if has_own and random.random() < 0.5 else _movement(random, count, drawn.rate_hz)
    depth = drawn.vibrato / max(vibrato(_hz(movement)), 1e-3) if vibrato(_hz(movement)) else 0.0
    deepest = _DEEPEST / max(float(np.abs(movement).max()), 1e-6)
    for _ in range(3):
        depth = min(depth, deepest)
        found = vibrato(_hz(still + depth * movement))
        if found <= 0:
            break
        depth *= float(np.clip(drawn.vibrato / found, 0.5, 2.0))
    return np.asarray(still + min(depth, deepest) * movement)


def _movement(random: np.random.Generator, count: int, rate_hz: float) -> NDArray[np.float64]:
    """Return a vibrato of depth about 1: it sets in late or at once, and is never quite even."""
    seconds = np.arange(count) / FRAME_RATE
    length_s = count / FRAME_RATE

    def wander(spread: float, width_s: float) -> NDArray[np.float64]:
        noise = gaussian_filter1d(random.normal(0, 1, count), width_s * FRAME_RATE, mode="reflect")
        noise -= noise.mean()
        return np.asarray(spread * noise / max(float(noise.std()), 1e-9))

    rate = np.clip(rate_hz + wander(0.25, 0.15), SLOWEST_HZ - 0.3, FASTEST_HZ + 0.3)
    phase = random.uniform(0, 2 * np.pi) + 2 * np.pi * np.cumsum(rate) / FRAME_RATE
    begin_s = random.uniform(0.0, min(0.35, length_s / 4)) if random.random() < 0.7 else 0.0
    rise_s = random.uniform(0.05, min(0.5, length_s / 2))
    fade = np.clip((seconds - begin_s) / rise_s, 0.0, 1.0)
    ends = np.clip((length_s - seconds) / 0.06, 0.3, 1.0)
    growth = np.exp(random.normal(0, 0.3) * (seconds / length_s - 0.5) + wander(0.12, 0.12))
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * fade)) * ends * growth * np.sin(phase))


def _hz(semitones: NDArray[np.float64]) -> NDArray[np.float32]:
    return (440 * 2 ** (semitones / 12)).astype(np.float32)
