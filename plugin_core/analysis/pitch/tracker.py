"""The fundamental frequency of monophonic audio, every 4 ms, and how sure it is.

Candidates from autocorrelations of three lengths, a neural second opinion on octave and voicing,
one Viterbi over all frames, then refinement by the phase of the lower harmonics. The work is done
in blocks at fixed places of the recording, so how it is divided on input never shows, and an hour
needs little memory.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import (
    CANDIDATES,
    HIGHEST_HZ,
    HOP,
    LOWEST_HZ,
    autocorrelation_candidates,
)
from plugin_core.analysis.pitch.carrying import Carrying
from plugin_core.analysis.pitch.confidence import confidence
from plugin_core.analysis.pitch.path import Path
from plugin_core.analysis.pitch.refinement import CONTEXT, refine
from plugin_core.analysis.pitch.scores import score_candidates
from plugin_core.analysis.pitch.second_opinion import LOOKAHEAD, SecondOpinion
from plugin_core.analysis.pitch.tracked_audio import TrackedAudio
from plugin_core.types import Mono

_BLOCK = 1000
"""Frames that are worked on at once: 4 s."""


class PitchTrack(NamedTuple):
    """f0 of every frame; frame i is at i / 250 s."""

    f0_hz: NDArray[np.float32]
    """Hz, shape (frames,); carried on where unvoiced, 0 if nothing is voiced."""
    confidence: NDArray[np.float32]
    """How sure it is that one pitch sounds, and this one, 0..1, shape (frames,)."""


def track_pitch(
    audio: Mono,
    sample_rate: int,
    *,
    lowest_hz: float = LOWEST_HZ,
    highest_hz: float = HIGHEST_HZ,
) -> PitchTrack:
    """Return f0 and confidence of the int(samples * 250 / sample_rate) + 1 frames of `audio`.

    `audio`, shape (samples,), is finite and at any rate; only pitches from `lowest_hz` to
    `highest_hz` are looked for, within 30 to 3000 Hz. Unvoiced frames carry f0 on, straight in
    log f0 from one voiced frame to the next and constant at the ends.
    Raises ValueError for audio of another shape, an empty range or a rate that is not positive.
    """
    tracker = PitchTracker(sample_rate, lowest_hz=lowest_hz, highest_hz=highest_hz)
    return _joined([tracker.add(audio), tracker.finish()])


class PitchTracker:
    """`track_pitch` for audio that comes in blocks: the same frames, whatever the blocks."""

    def __init__(
        self, sample_rate: int, *, lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ
    ) -> None:
        if sample_rate <= 0:
            raise ValueError(f"the sample rate must be positive, found {sample_rate}")
        self._range = max(lowest_hz, LOWEST_HZ), min(highest_hz, HIGHEST_HZ)
        if not self._range[0] < self._range[1]:
            raise ValueError(f"no pitch lies between {lowest_hz:g} and {highest_hz:g} Hz")
        self._audio = TrackedAudio(sample_rate)
        self._opinion = SecondOpinion(*self._range)
        self._path = Path(CANDIDATES)
        self._carrying = Carrying()
        self._scored = 0
        # (f0_hz, strength, opinion) of every candidate of the frames whose path is open.
        self._open = np.zeros((3, 0, CANDIDATES), np.float32)
        # (f0_hz, strength, opinion) of the chosen ones, from CONTEXT frames before the first that
        # is not refined yet.
        self._rough = np.zeros((3, 0))
        self._rough_start = 0
        self._refined = 0

    def add(self, audio: Mono) -> PitchTrack:
        """Take the next samples; return the frames that are now finished, in order."""
        if audio.ndim != 1:
            raise ValueError(f"the audio of a pitch is (samples,), found shape {audio.shape}")
        self._audio.add(audio)
        parts = []
        while self._audio.end >= (self._scored + _BLOCK) * HOP + LOOKAHEAD:
            parts.append(self._advance(_BLOCK))
        return _joined(parts)

    def finish(self) -> PitchTrack:
        """Return the frames that remain."""
        frames = self._audio.finish()
        parts = []
        while self._scored < frames:
            parts.append(self._advance(min(_BLOCK, frames - self._scored), last=frames))
        self._choose(self._path.finish())
        parts.append(self._refine(frames))
        parts.append(PitchTrack(*self._carrying.finish()))
        return _joined(parts)

    def _advance(self, frames: int, *, last: int | None = None) -> PitchTrack:
        """Score the next frames; return those that this finishes. `last`: there are no more."""
        first = self._scored
        heard = first * HOP + LOOKAHEAD if first else 0
        is_last = first + frames == last
        until = self._audio.end if is_last else (first + frames) * HOP + LOOKAHEAD
        self._opinion.add(self._audio.samples(heard, until), last=is_last)
        opinion = self._opinion.on(first, frames)
        around = self._audio.around(first, frames)
        f0_hz, strength, fit = autocorrelation_candidates(around, frames, opinion[0], *self._range)
        score, unvoiced = score_candidates(f0_hz, strength, fit, *opinion)
        opinions = np.broadcast_to(opinion[1][:, None], f0_hz.shape)
        self._open = np.concatenate([self._open, np.stack([f0_hz, strength, opinions])], axis=1)
        self._scored += frames
        self._choose(self._path.add(f0_hz, score, unvoiced))
        return self._refine(self._rough_start + self._rough.shape[1] - CONTEXT)

    def _choose(self, choices: NDArray[np.int16]) -> None:
        """Move the frames for which a choice is made from the open ones to the rough ones."""
        table = np.concatenate(
            [self._open[:, : len(choices)], np.zeros((3, len(choices), 1), np.float32)], axis=2
        )
        self._open = self._open[:, len(choices) :]
        chosen = table[:, np.arange(len(choices)), choices].astype(np.float64)
        self._rough = np.concatenate([self._rough, chosen], axis=1)

    def _refine(self, end: int) -> PitchTrack:
        """Refine the rough frames before `end`."""
        if end <= self._refined:
            return _joined([])
        f0_hz, strength, opinion = self._rough
        audio = self._audio.around(self._rough_start, len(f0_hz))
        refined, harmonics = refine(audio, f0_hz)
        done = slice(self._refined - self._rough_start, end - self._rough_start)
        sure = confidence(refined, strength, opinion, harmonics)
        track = PitchTrack(*self._carrying.add(refined[done], sure[done]))
        self._refined = end
        keep = max(end - CONTEXT, self._rough_start)
        self._rough = self._rough[:, keep - self._rough_start :]
        self._rough_start = keep
        self._audio.forget(keep)
        return track


def _joined(parts: list[PitchTrack]) -> PitchTrack:
    nothing = np.zeros(0, np.float32)
    return PitchTrack(
        np.concatenate([nothing, *(part.f0_hz for part in parts)]),
        np.concatenate([nothing, *(part.confidence for part in parts)]),
    )
