"""The network of MIDI2Params and what it sees: notes in, distributions of pitch and loudness out.

After Castellon et al. 2020, the baseline of MIDI-DDSP (sections 2 and 4.2): a recurrent network
steps through time; every step sees the note that is down, whether it begins or ends now, and which
pitch and loudness came before, and gives the probabilities of the next ones as classes. It does not
know how long a note will be, nor what comes after it. A step is 16 ms, four frames; one network
plays all instruments.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.expression.extraction import note_frames
from plugin_core.synthesis.note_conditioning import PITCHES, pitch_features
from plugin_core.types import FRAME_RATE, Note

STEP_FRAMES = 4
"""Frames of a step; its values are those of the middle, 1.5 frames after its first."""

PITCH_BINS = 121
LOUDNESS_BINS = 121
_FARTHEST = 12.0
"""Semitones that a pitch may be away from its note: glides."""
_FINE = 0.3
"""Up to about here, in semitones, the pitch classes are 2 to 3 cents wide."""
_SOFTEST_DB, _LOUDEST_DB = -115.0, -15.0

_DECAYS = np.array([1.0, 3.0, 9.0, 27.0, 80.0])
"""Steps in which the memory of a note's beginning or end falls to 1/e."""
_WIDEST_INTERVAL = 24.0
WIDTH = PITCHES + 1 + 3 + 2 * len(_DECAYS) + 3
"""Features of a step."""

_EMBEDDING = 16
_BEFORE = 16
_ENTERED = 128
_HIDDEN = 192


def pitch_values() -> NDArray[np.float64]:
    """Return the pitch deviation of every class in semitones, ascending, shape (PITCH_BINS,)."""
    reach = np.arcsinh(_FARTHEST / _FINE)
    return np.asarray(_FINE * np.sinh(np.linspace(-reach, reach, PITCH_BINS)))


def pitch_classes(semitones: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest class of pitch deviations, shape as given; far ones are the last."""
    reach = np.arcsinh(_FARTHEST / _FINE)
    place = (np.arcsinh(semitones / _FINE) + reach) * (PITCH_BINS - 1) / (2 * reach)
    return np.asarray(np.clip(np.rint(place), 0, PITCH_BINS - 1), np.int64)


def loudness_values() -> NDArray[np.float64]:
    """Return the loudness of every class in dB, ascending, shape (LOUDNESS_BINS,)."""
    return np.linspace(_SOFTEST_DB, _LOUDEST_DB, LOUDNESS_BINS)


def loudness_classes(loudness_db: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest class of loudnesses, shape as given."""
    place = (loudness_db - _SOFTEST_DB) * (LOUDNESS_BINS - 1) / (_LOUDEST_DB - _SOFTEST_DB)
    return np.asarray(np.clip(np.rint(place), 0, LOUDNESS_BINS - 1), np.int64)


def note_steps(notes: Sequence[Note]) -> NDArray[np.int64]:
    """Return the first step of every note and the step after its last, shape (notes, 2).

    `notes` are sorted by onset; where they overlap, the later one takes over.
    """
    count = max(round(max(note.offset_s for note in notes) * FRAME_RATE), 1) + 1
    spans = [note_frames(note, count) for note in notes]
    steps = np.array([(span.start, span.stop) for span in spans], np.int64)
    steps = np.rint(steps / STEP_FRAMES).astype(np.int64)
    steps[:-1, 1] = np.minimum(steps[:-1, 1], np.maximum(steps[1:, 0], steps[:-1, 0]))
    return np.asarray(steps)


def note_features(
    notes: Sequence[Note], steps: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return what each step sees of the notes, (steps, WIDTH), and the pitch it is at, (steps,).

    A step between two notes belongs to the one before, one before all to the first, which it
    does not see yet. Raises ValueError for no notes and for notes that are not sorted by onset.
    """
    if not notes:
        raise ValueError("MIDI2Params needs at least one note, found none")
    if any(later.onset_s < note.onset_s for note, later in itertools.pairwise(notes)):
        raise ValueError("notes must be sorted by onset")
    spans = note_steps(notes)
    at = np.arange(steps)
    index = np.maximum(np.searchsorted(spans[:, 0], at, side="right") - 1, 0)
    start, end = spans[index].T
    pitches = np.array([note.midi_pitch for note in notes], np.float64)
    has_begun, is_over = at >= start, at >= end
    intervals = np.diff(pitches, prepend=pitches[0]).clip(-_WIDEST_INTERVAL, _WIDEST_INTERVAL)
    gaps = np.concatenate(([1e6], spans[1:, 0] - spans[:-1, 1])).astype(np.float64)
    before = np.stack((intervals / 12.0, np.exp(-gaps / 2.0), np.exp(-gaps / 15.0)), axis=1)
    features = np.concatenate(
        (
            pitch_features(pitches)[index],
            np.stack((has_begun & ~is_over, at == start, at == end), axis=1),
            _since(at - start, has_begun),
            _since(at - end, is_over),
            before[index],
        ),
        axis=1,
    )
    features[~has_begun] = 0.0
    return features.astype(np.float32), pitches[index]


def _since(steps: NDArray[np.int64], counts: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-np.maximum(steps, 0)[:, None] / _DECAYS) * counts[:, None])


class Midi2ParamsNetwork(nn.Module):
    """Probabilities of pitch and loudness, step by step, given those of the steps before."""

    pitches: Tensor
    loudnesses: Tensor

    def __init__(self, instruments: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("pitches", torch.from_numpy(pitch_values()).float())
        self.register_buffer("loudnesses", torch.from_numpy(loudness_values()).float())
        self.hidden = _HIDDEN
        self.instrument = nn.Embedding(instruments, _EMBEDDING)
        self.pitch_before = nn.Embedding(PITCH_BINS, _BEFORE)
        self.loudness_before = nn.Embedding(LOUDNESS_BINS, _BEFORE)
        width = WIDTH + _EMBEDDING + 2 * (_BEFORE + 1)
        self.enter = nn.Sequential(nn.Linear(width, _ENTERED), nn.GELU(), nn.Dropout(dropout))
        self.recurrent = nn.GRU(_ENTERED, _HIDDEN, batch_first=True)
        self.leave = nn.Sequential(
            nn.Linear(_HIDDEN + _ENTERED, _ENTERED), nn.GELU(), nn.Dropout(dropout)
        )
        self.pitch = nn.Linear(_ENTERED, PITCH_BINS)
        self.loudness = nn.Linear(_ENTERED, LOUDNESS_BINS)

    def forward(
        self,
        notes: Tensor,
        instrument: Tensor,
        pitch_before: Tensor,
        loudness_before: Tensor,
        state: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of pitch, (B, T, PITCH_BINS), of loudness, and the states, (B, T, H).

        `notes`: `note_features` of B excerpts, (B, T, WIDTH); `instrument`: (B,); `pitch_before`,
        `loudness_before`: classes of the step before each, (B, T); `state`: that before the first
        step, (B, H).
        """
        features = torch.cat(
            (
                notes,
                self.instrument(instrument).unsqueeze(1).expand(-1, notes.shape[1], -1),
                self.pitch_before(pitch_before),
                self.pitches[pitch_before].clamp(-2.0, 2.0).unsqueeze(-1),
                self.loudness_before(loudness_before),
                self.loudnesses[loudness_before].unsqueeze(-1) / 20.0 + 3.0,
            ),
            dim=-1,
        )
        entered = self.enter(features)
        states, _ = self.recurrent(entered, state.unsqueeze(0))
        left = self.leave(torch.cat((states, entered), dim=-1))
        return self.pitch(left), self.loudness(left), states

    @torch.jit.export
    def silence(self, batch: int) -> Tensor:
        """Return the state before anything sounds, (batch, H)."""
        return torch.zeros(batch, self.hidden, device=self.pitches.device)
