"""The sound of six operators that follow curves, edited on the way, piece by piece.

In: curves (`operator_curves`), edits (`operator_edits`), noise. Out: audio at any sample rate, as
`audio.operator_synthesis` makes it, in the room that the model has learnt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.operator_synthesis import OperatorSynthesizer
from plugin_core.audio.reverb import Room, response_at_rate
from plugin_core.dx7.fields import OPERATORS
from plugin_core.hearing.operator_curves import OperatorCurves
from plugin_core.hearing.operator_edits import (
    OperatorEdits,
    edited_shares,
    frame_times,
    highest_levels,
)
from plugin_core.hearing.operator_model import (
    ROOM_RATE,
    NoiseFile,
    OperatorModel,
    lead_in_places,
)
from plugin_core.hearing.retiming_of_levels import retimed
from plugin_core.types import FRAME_RATE, Mono

_BLOCK = 2500
_BOTH = 0.5
"""The share of the room at which dry sound and room are equally loud."""

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PlayedFrames:
    """What sounds in some frames."""

    f0_hz: Numbers = field(repr=False)
    """Shape (frames,)."""
    levels: Numbers = field(repr=False)
    """Shape (frames, 6), in the scale of `algorithm`."""
    ratios: NDArray[np.float64] = field(repr=False)
    """Shape (frames, 6)."""
    algorithm: NDArray[np.int64] = field(repr=False)
    """1..32, shape (frames,)."""
    feedback: NDArray[np.float64] = field(repr=False)
    """0..7, shape (frames,)."""
    noise: Numbers | None = field(repr=False)
    """Shape (frames, 65), None for none."""
    gain_db: Numbers = field(repr=False)
    """Shape (frames,)."""


@dataclass(frozen=True, slots=True)
class OperatorPlay:
    """Curves that a model plays with edits; `noise` None leaves the noise out."""

    model: OperatorModel
    curves: OperatorCurves
    edits: OperatorEdits
    noise: NoiseFile | None = None

    def frames(self, first: int, last: int) -> PlayedFrames:
        """Return what sounds in frames `first` .. `last` - 1; re-timing is done already."""
        places = np.arange(first, min(last, len(self.curves)))
        return self._at(places, frame_times(first, len(places)))

    def lead_in(self) -> PlayedFrames:
        """Return what sounds before frame 0 if that is in the middle of sound (`hearing.lead_in`).

        Lanes are as at time 0.
        """
        places = lead_in_places(self.curves.loudness_db)
        return self._at(places, np.zeros(len(places)))

    def _at(self, inside: NDArray[np.int64], times_s: NDArray[np.float64]) -> PlayedFrames:
        model, curves, edits = self.model, self.curves, self.edits
        trained = highest_levels(np.full(len(inside), model.algorithm), model.i_max)
        algorithm = edits.at("algorithm", times_s, model.algorithm).astype(np.int64)
        shares = edited_shares(curves.levels[inside] / trained, edits, times_s)
        noise = None
        if self.noise is not None and len(inside):
            factor = curves.noise[inside] * edits.at("noise", times_s, 1.0)
            first = int(inside.min())
            magnitudes = self.noise.read(first, int(inside.max()) + 1)[inside - first]
            noise = (magnitudes * factor[:, None]).astype(np.float32)
        usual = model.ratios
        return PlayedFrames(
            f0_hz=curves.f0_hz[inside],
            levels=shares * highest_levels(algorithm, model.i_max),
            ratios=np.stack(
                [
                    edits.at(f"op{op}_ratio", times_s, usual[op - 1])
                    for op in range(1, OPERATORS + 1)
                ],
                axis=1,
            ),
            algorithm=algorithm,
            feedback=edits.at("feedback", times_s, model.feedback),
            noise=noise,
            gain_db=curves.gain_db[inside],
        )


def operator_play(
    model: OperatorModel, curves: OperatorCurves, edits: OperatorEdits, noise: NoiseFile | None
) -> OperatorPlay:
    """Return curves ready to be played, their envelopes re-timed."""
    spans = curves.note_spans()
    onsets_s = spans[:, 0] / FRAME_RATE
    levels = curves.levels
    for op in range(1, OPERATORS + 1):
        factors = edits.at(f"op{op}_retime", onsets_s, 1.0)
        if (factors != 1.0).any():
            levels = levels.copy() if levels is curves.levels else levels
            levels[:, op - 1] = retimed(levels[:, op - 1], spans, factors)
    return OperatorPlay(model, replace(curves, levels=levels), edits, noise)


def room_of(model: OperatorModel, sample_rate: int) -> Room | None:
    """Return the room that a model has learnt, at a sample rate; None if it has none.

    Its sound is the dry one plus what the room answers, which has half the loudness that `Room`
    gives of both: `operator_sound` doubles it.
    """
    if not model.model.room.any():
        return None
    late = np.concatenate(
        ([0.0], model.model.room)
    )  # one sample of its own rate after the direct sound
    response = response_at_rate(late, ROOM_RATE, sample_rate)[1:]
    return Room(response, _BOTH)


def operator_sound(
    play: OperatorPlay,
    sample_rate: int,
    samples: int,
    *,
    room: Room | None = None,
    seed: int = 0,
) -> Iterator[Mono]:
    """Yield what sounds, `samples` samples in all, at least one frame long.

    After the last frame everything stays as it was there. `room` is one of `room_of` that has heard
    nothing yet; `seed` is the noise's. What is led in is heard by the room alone.
    """
    synthesizer = OperatorSynthesizer(sample_rate, seed=seed)
    lead_in = play.lead_in()
    before = round(len(lead_in.f0_hz) * sample_rate / FRAME_RATE)
    made, wanted = 0, before + samples
    left = len(lead_in.f0_hz) + len(play.curves)
    blocks = (play.frames(first, first + _BLOCK) for first in range(0, len(play.curves), _BLOCK))
    for now in chain((lead_in,) if before else (), blocks):
        audio = synthesizer.process(
            now.f0_hz,
            now.levels,
            now.noise,
            ratios=now.ratios,
            algorithm=now.algorithm,
            feedback=now.feedback,
        )
        left -= len(now.f0_hz)
        if left == 0:
            audio = np.concatenate([audio, synthesizer.finish(max(wanted, made + len(audio)))])
        audio = audio[: wanted - made]
        wet = audio if room is None else room.process(audio) / np.float32(_BOTH)
        own = wet[max(0, before - made) :]
        if len(own):
            yield own * _gain(play.curves.gain_db, max(0, made - before), len(own), sample_rate)
        made += len(audio)


def _gain(gain_db: Numbers, first: int, samples: int, sample_rate: int) -> Numbers | np.float32:
    """Return the linear gain of samples from `first` on, between frames on a straight line."""
    if (gain_db == gain_db[0]).all():
        return np.float32(10 ** (gain_db[0] / 20))
    places = (first + np.arange(samples)) * (FRAME_RATE / sample_rate)
    begin = int(places[0])
    gains = 10 ** (gain_db[begin : int(places[-1]) + 2].astype(np.float64) / 20)
    moving: Numbers = np.interp(places, begin + np.arange(len(gains)), gains).astype(np.float32)
    return moving
