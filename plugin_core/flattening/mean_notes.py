"""The level curves of a DDX7 model's notes: what its operators do when a key is played.

Loudness over a note is as the model's tables have measured it (`engine.ddx7_layout`: NOTE_DB and
its slopes, ATTACK, RELEASE), pitch is the key's; the network makes operator levels of them. Levels
are in dB below the full level of a DX7 operator: of a modulator an index of 4 pi, of a carrier
whatever the loudest carrier of the mean note reaches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.envelopes import EnvelopeSpan
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import Ddx7Layer, Playing
from plugin_core.engine.ddx7_network import Ddx7Run
from plugin_core.engine.live_model import table
from plugin_core.types import FRAME_RATE

FULL_INDEX = 4 * np.pi
"""Radians that a modulator of full level swings its target by (facts sheet, section 3)."""

SILENT_DB = -110.0
"""Lower levels are this."""

MIDDLE_VELOCITY = 64
VELOCITIES = (24, 44, 64, 84, 104, 124)
"""Over which notes are averaged."""

_VELOCITIES_ABOVE = 63
_SLOWEST_FALL_DB_PER_S = 30.0

Curves = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeanNote:
    """What the operators do at a key, on the mean of all velocities."""

    times_s: Curves = field(repr=False)
    """Shape (frames,)."""
    levels_db: Curves = field(repr=False)
    """The mean in dB below full level, shape (frames, 6), operator 1 first."""
    by_velocity_db: Curves = field(repr=False)
    """How much more the held note has at each of VELOCITIES, shape (velocities, 6)."""
    levels: NDArray[np.float32] = field(repr=False)
    """The mean as the model has it: linear carriers, modulators in radians, shape (frames, 6)."""
    carriers_db: float
    """What was added to the carriers, so that the loudest reaches full level."""


def asked_loudness_db(
    model: Ddx7Model, pitch: float, velocity: float, span: EnvelopeSpan
) -> NDArray[np.float64]:
    """Return the loudness that the model is asked for over a note, in its scale, shape (frames,).

    The key goes down at frame 0. `pitch` is MIDI, `velocity` 1..127.
    """
    attack = table(model.layout, model.weights, Ddx7Layer.ATTACK)[0].astype(np.float64)
    release = table(model.layout, model.weights, Ddx7Layer.RELEASE)[0].astype(np.float64)
    octaves = (pitch - model.playing(Playing.MIDDLE_PITCH)) / 12
    velocities = (velocity - MIDDLE_VELOCITY) / _VELOCITIES_ABOVE
    base = model.playing(Playing.NOTE_DB) + model.playing(Playing.SLOPE_DB) * octaves
    base += model.playing(Playing.VELOCITY_DB) * velocities
    frames = np.arange(round(span.total_s * FRAME_RATE) + 1)
    contour = attack[np.minimum(frames, len(attack) - 1)]
    off = round(span.on_s * FRAME_RATE)
    since = np.maximum(frames - off, 0)
    ending = release[np.minimum(since, len(release) - 1)]
    beyond_s = np.maximum(since - (len(release) - 1), 0) / FRAME_RATE
    ending = np.minimum(ending - _SLOWEST_FALL_DB_PER_S * beyond_s, 0.0)
    asked: NDArray[np.float64] = (
        base + contour[np.minimum(frames, off)] + np.where(frames > off, ending, 0.0)
    )
    return model.playing(Playing.REFERENCE_DB) + asked


def note_levels(
    model: Ddx7Model, pitch: float, velocity: float, span: EnvelopeSpan
) -> NDArray[np.float32]:
    """Return the operator levels of a note, shape (frames, 6): linear carriers, radians."""
    loudness_db = asked_loudness_db(model, pitch, velocity, span)
    told = np.clip(pitch, model.playing(Playing.LOWEST_PITCH), model.playing(Playing.HIGHEST_PITCH))
    run = Ddx7Run(model.weights, model.layout)
    levels, _ = run.process(loudness_db, np.full(len(loudness_db), told))
    return levels


def mean_note(model: Ddx7Model, pitch: float, span: EnvelopeSpan) -> MeanNote:
    """Return the mean note at a key over all velocities."""
    notes = np.stack([note_levels(model, pitch, velocity, span) for velocity in VELOCITIES])
    carriers = _carriers(model)
    full = np.where(carriers, 1.0, FULL_INDEX)
    decibels = np.maximum(20 * np.log10(np.maximum(notes / full, 1e-12)), SILENT_DB)
    mean = decibels.mean(axis=0)
    frames = mean.shape[0]
    held = held_frames(span, frames)
    by_velocity = decibels[:, held].mean(axis=1)
    by_velocity -= by_velocity.mean(axis=0)
    loudest = float(mean[:, carriers].max(initial=SILENT_DB))
    levels = np.where(mean > SILENT_DB, full * 10 ** (mean / 20), 0.0)
    return MeanNote(
        times_s=np.arange(frames) / FRAME_RATE,
        levels_db=mean - np.where(carriers, loudest, 0.0),
        by_velocity_db=by_velocity,
        levels=levels.astype(np.float32),
        carriers_db=-loudest,
    )


def by_key_db(
    model: Ddx7Model, pitch: int, keys: Sequence[int], span: EnvelopeSpan
) -> NDArray[np.float64]:
    """Return how much more a held note of middle velocity has at each of `keys` than at `pitch`.

    In dB, shape (keys, 6).
    """
    full = np.where(_carriers(model), 1.0, FULL_INDEX)
    held = []
    for key in (pitch, *keys):
        levels = note_levels(model, key, MIDDLE_VELOCITY, span)
        decibels = np.maximum(20 * np.log10(np.maximum(levels / full, 1e-12)), SILENT_DB)
        held.append(decibels[held_frames(span, len(levels))].mean(axis=0))
    return np.stack(held[1:]) - held[0] if len(keys) else np.zeros((0, OPERATORS))


def held_frames(span: EnvelopeSpan, frames: int) -> slice:
    """Return the frames in which the note neither begins nor ends."""
    last = min(round(span.on_s * FRAME_RATE), frames)
    return slice(last // 3, max(last, last // 3 + 1))


def _carriers(model: Ddx7Model) -> NDArray[np.bool_]:
    carriers = ALGORITHMS[int(model.playing(Playing.ALGORITHM)) - 1].carriers
    return np.array([op in carriers for op in range(1, OPERATORS + 1)])
