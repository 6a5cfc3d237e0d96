"""Generated frames made to have the controls that were asked for, note by note.

In: the frames that a network made for a sequence of notes. Out: frames of which `extraction` reads
what every note asks, with musical smoothness: no steps at the boundaries of notes, tails that
follow their notes, noise that follows the level except in the attack. This is the last word on the
controls of MIDI-DDSP (Wu et al. 2022, section 3.2): its networks obey some of them loosely
(Table 2), here a user's lane is what sounds. What reads right already is left alone, to the bit.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.extraction import level_db, note_frames
from plugin_core.expression.level_fitting import (
    HIGHEST_DB,
    LEAD_FRAMES,
    AskedLevel,
    fitted_gains,
)
from plugin_core.expression.noise_fitting import AskedNoise, fitted_noise
from plugin_core.expression.timbre_fitting import AskedBrightness, fitted_harmonics
from plugin_core.expression.vibrato_fitting import fitted_f0
from plugin_core.types import ExpressiveNote, Frames

Curve = NDArray[np.float64]

_RELAX_FRAMES = 25
_AHEAD_DB = 6.0
_LEAD_IN_DB = (-2.5, -9.0, -22.0)
"""The rise of 12 ms to a note that begins at its full level out of a rest."""


def fit_controls(
    frames: Frames,
    notes: Sequence[ExpressiveNote],
    gain_db: float,
    *,
    start_s: float = 0.0,
    seed: int = 0,
) -> Frames:
    """Return the frames with every note's controls as asked, on the raw scale.

    `gain_db` is that of the extraction: 0 for frames on the normalised scale. A control that is NaN
    is not asked for; one that reads within 0.005 of what is asked stays as it is. Notes asked to be
    softer than players play lose noise that would drown them (`noise_fitting`). Of notes that
    overlap, the earlier one ends where the next begins, and of two that begin in one frame only the
    last counts. Vibrato up to 0.05 is every player's unsteadiness, and stays. What cannot be is
    approached: vibrato in 50 frames or fewer, a level that leads over to a neighbour's within 16 ms
    and yet does not move.

    How a vibrato that is added wanders hangs on the note alone: its pitch, its onset in the piece,
    in which the frames begin at `start_s`, and the player's `seed`.
    """
    if not len(frames) or not notes:
        return frames
    rows, places = _own_frames(notes, len(frames))
    f0_hz = frames.f0_hz.copy()
    for row, where in zip(rows, places, strict=True):
        f0_hz[where] = fitted_f0(
            f0_hz[where], row.expression.vibrato, _chance_of(row, start_s, seed)
        )

    asked = [(where, row.expression) for row, where in zip(rows, places, strict=True)]
    harmonics = fitted_harmonics(
        frames.harmonics,
        frames.f0_hz,
        [AskedBrightness(where, controls.brightness) for where, controls in asked],
    )
    levels = level_db(frames.amplitude, gain_db)
    gains_db = fitted_gains(levels, [AskedLevel(where, *controls[:3]) for where, controls in asked])
    gains_db = _with_tails(levels, places, gains_db)
    amplitude = _scaled(frames.amplitude, levels, gains_db, gain_db)
    power = np.square(amplitude, dtype=np.float64) * np.square(harmonics).sum(axis=1) / 2.0
    noise = fitted_noise(
        frames.noise,
        [AskedNoise(where, controls.attack_noise, controls.volume) for where, controls in asked],
        gains_db,
        power,
        gain_db,
    )
    loudness_db = np.maximum(frames.loudness_db + gains_db, scales.FLOOR_DB).astype(np.float32)
    return replace(
        frames,
        f0_hz=f0_hz,
        harmonics=harmonics,
        amplitude=amplitude,
        noise=noise,
        loudness_db=np.where(gains_db == 0.0, frames.loudness_db, loudness_db),
    )


def _chance_of(row: ExpressiveNote, start_s: float, seed: int) -> int:
    milliseconds = round((row.note.onset_s + start_s) * 1000)
    return seed << 48 ^ milliseconds << 8 ^ row.note.midi_pitch


def _own_frames(
    notes: Sequence[ExpressiveNote], count: int
) -> tuple[list[ExpressiveNote], list[slice]]:
    """Return the notes that have frames of their own, by onset, and these."""
    ordered = sorted(notes, key=lambda row: row.note.onset_s)
    spans = [note_frames(row.note, count) for row in ordered]
    rows, places = [], []
    for row, span, following in zip(ordered, spans, [*spans[1:], None], strict=True):
        end = span.stop if following is None else min(span.stop, following.start)
        if end > span.start:
            rows.append(row)
            places.append(slice(span.start, end))
    return rows, places


def _with_tails(levels_db: Curve, places: Sequence[slice], gains_db: Curve) -> Curve:
    """Return the gains with those of the frames between the notes."""
    means = [float(gains_db[where].mean()) for where in places]
    ahead = [
        min(float(gains_db[where.start]), mean + _AHEAD_DB)
        for where, mean in zip(places, means, strict=True)
    ]
    filled = gains_db.copy()
    filled[: places[0].start] = ahead[0]
    ends = [where.start for where in places[1:]] + [len(gains_db)]
    for index, (where, end) in enumerate(zip(places, ends, strict=True)):
        rest = np.arange(end - where.stop)
        last_db = float(gains_db[where.stop - 1])
        # A crescendo's last gain is not that of the room after it; a decrescendo's is.
        too_much_db = max(last_db - means[index], 0.0)
        held = 0.5 + 0.5 * np.cos(np.pi * np.clip((rest + 1) / _RELAX_FRAMES, 0.0, 1.0))
        filled[where.stop : end] = last_db - too_much_db * (1.0 - held)
        if index + 1 < len(places) and len(rest):
            lead = min(2 * LEAD_FRAMES, (len(rest) + 1) // 2)
            share = 0.5 - 0.5 * np.cos(np.pi * (np.arange(lead) + 1) / (lead + 1))
            filled[end - lead : end] += share * (ahead[index + 1] - filled[end - lead : end])
    for before, where in zip([slice(0, 0), *places], places, strict=False):
        if gains_db[where.start] == 0.0:
            continue
        top_db = levels_db[where.start] + gains_db[where.start]
        for back, fall_db in enumerate(_LEAD_IN_DB, start=1):
            frame = where.start - back
            if frame >= before.stop:
                filled[frame] = max(filled[frame], top_db + fall_db - levels_db[frame])
    return filled


def _scaled(
    amplitude: NDArray[np.float32], levels_db: Curve, gains_db: Curve, gain_db: float
) -> NDArray[np.float32]:
    scaled = amplitude * 10 ** (gains_db / 20)
    # Silence has no level that a gain could raise.
    was_silent = (levels_db <= scales.FLOOR_DB) & (gains_db > 0)
    scaled[was_silent] = 10 ** ((levels_db + gains_db - gain_db)[was_silent] / 20)
    raised = np.minimum(scaled, 10 ** ((HIGHEST_DB - gain_db) / 20))
    scaled = np.where(gains_db > 0, raised, scaled)
    return np.where(gains_db == 0.0, amplitude, scaled).astype(np.float32)
