"""What a live model is told of its instruments besides what it learns: usual controls and life.

Measured on training performances and single notes: the mean of each control, how fast a vibrato
is, how far the pitch of a held tone wanders, how much harmonics move by themselves.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from plugin_core.expression.extraction import note_frames, vibrato
from plugin_core.synthesis.flicker import SHARES_DB, SLOW_FRAMES
from plugin_core.synthesis.streaming import StreamingModel
from plugin_core.training.flicker_measurement import measure_flicker
from plugin_core.training.performed import Performed
from plugin_core.training.realism import vibrato_rates_hz
from plugin_core.types import CONTROLS, FRAME_RATE

USUAL_VIBRATO_HZ = 5.5
"""Of an instrument of which no vibrato was recorded."""

_USUAL_CONTROLS = (0.78, 0.25, 0.4, 0.1, 0.4, 0.4)
_FEWEST = 5
_EDGE_FRAMES, _LEAST_FRAMES = 30, 100
_STILL = 0.1
_SMOOTH_FRAMES = 62
_MOST_DRIFT_CENTS = 8.0
# All harmonics move alike: as one of middling strength does, and slowly. What is fast puts skirts
# of noise around strong partials, which recordings do not have.
_FLICKER_SHARE_DB = -15.0
_MOST_FLICKER_DB = 1.0
_VIBRATO = CONTROLS.index("vibrato")
_MOST_VIBRATO = 1.5


def fill_tables(
    model: StreamingModel,
    instruments: Sequence[str],
    phrases: Sequence[Performed],
    shortest_s: Mapping[str, float],
) -> None:
    """Write the tables of a model, whose rows are `instruments`.

    `shortest_s` is how long notes of style 0 are, of the instruments for which style does
    something.
    """
    flicker = measure_flicker(phrases)
    depth = SHARES_DB.index(_FLICKER_SHARE_DB)
    for row, instrument in enumerate(instruments):
        own = [
            phrase
            for phrase in phrases
            if phrase.instrument == instrument
            and phrase.origin in ("performance", "note")
            and not phrase.is_held_out
        ]
        flicker_db = 0.0
        if instrument in flicker:
            flicker_db = min(_MOST_FLICKER_DB, float(flicker[instrument]["slow_db"][depth]))
        life = (
            vibrato_hz(own),
            drift_cents(own),
            flicker_db,
            SLOW_FRAMES / FRAME_RATE,
        )
        style = (1.0, shortest_s[instrument]) if instrument in shortest_s else (0.0, 0.0)
        for name, values in (("typical", typical(own)), ("style", style), ("life", life)):
            model.get_buffer(name)[row] = torch.tensor(values)


def typical(phrases: Sequence[Performed]) -> tuple[float, ...]:
    """Return the mean of each of the six controls over the notes, vibrato's slips bounded.

    Brought into 0..1, since lanes and parameters begin there: some tones have less noise than 0.
    """
    controls = np.array([row.expression for phrase in phrases for row in phrase.notes])
    controls = controls.reshape(-1, len(CONTROLS))
    controls = controls[np.isfinite(controls).all(axis=1)]
    if not len(controls):
        return _USUAL_CONTROLS
    controls[:, _VIBRATO] = np.minimum(controls[:, _VIBRATO], _MOST_VIBRATO)
    return tuple(float(mean) for mean in controls.mean(axis=0).clip(0.0, 1.0))


def vibrato_hz(phrases: Sequence[Performed]) -> float:
    """Return the median rate of the vibratos that there are."""
    rates = [rate for each in phrases for rate in vibrato_rates_hz(each.frames.f0_hz, each.notes)]
    rates = [rate for rate in rates if 4.0 <= rate <= 7.5]
    return float(np.median(rates)) if len(rates) >= _FEWEST else USUAL_VIBRATO_HZ


def drift_cents(phrases: Sequence[Performed]) -> float:
    """Return how far the pitch of held tones without vibrato wanders: a standard deviation."""
    found = [
        held_wander_cents(phrase.frames.f0_hz[note_frames(row.note, len(phrase.frames))])
        for phrase in phrases
        for row in phrase.notes
    ]
    return usual_drift_cents([each for each in found if each is not None])


def usual_drift_cents(found: Sequence[float]) -> float:
    """Return the drift of an instrument from those of its tones; 0 of too few."""
    return min(_MOST_DRIFT_CENTS, float(np.median(found))) if len(found) >= _FEWEST else 0.0


def held_wander_cents(f0_hz: NDArray[np.float32]) -> float | None:
    """Return the deviation of the slow part of a tone's pitch; None if it is short or moves."""
    inner = f0_hz[_EDGE_FRAMES:-_EDGE_FRAMES]
    if len(inner) < _LEAST_FRAMES or (inner <= 0).any() or vibrato(f0_hz) > _STILL:
        return None
    cents = 1200.0 * np.log2(inner.astype(np.float64) / 440.0)
    taper = np.hanning(_SMOOTH_FRAMES)
    return float(np.convolve(cents, taper / taper.sum(), mode="valid").std())
