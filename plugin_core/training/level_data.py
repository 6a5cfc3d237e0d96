"""Batches of excerpts from performed phrases: conditioning, pitch and the levels to come out.

An excerpt is a stretch of one phrase, or single notes of one instrument played one after the other.
Levels are natural logarithms on the normalised scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.expression.extraction import note_frames
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.level_generator import CHANCE
from plugin_core.synthesis.levels import log_levels
from plugin_core.synthesis.note_conditioning import Conditioning, condition
from plugin_core.training.hearing_cache import FRAME_SAMPLES
from plugin_core.training.performed import Performed
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, ExpressiveNote, Note

ORIGIN_SHARES = {"performance": 0.3, "note": 0.25, "assembled": 0.45}
"""How often an excerpt is of each origin, where an instrument has it."""

_NOISE_STEP_HZ = 375.0
_LONGEST_COUNTED = 2500
_FADE_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """B excerpts of F frames, N notes that lie within one of them as a whole."""

    features: Tensor
    pitch: Tensor
    controls: Tensor
    """Conditioning, shapes (B, F, WIDTH), (B, F), (B, F, 6)."""
    instrument: Tensor
    """Shape (B,)."""
    chance: Tensor
    """Standard normal, shape (B, F, CHANCE)."""
    f0_hz: Tensor
    """As recorded, shape (B, F)."""
    tuned_hz: Tensor
    """Without the recording's tuning, shape (B, F)."""
    amplitude: Tensor
    """Log amplitude, shape (B, F)."""
    harmonics: Tensor
    """Log amplitude of every harmonic, shape (B, F, 100)."""
    noise: Tensor
    """Log noise magnitudes, shape (B, F, 65)."""
    harmonics_known: Tensor
    noise_known: Tensor
    """Whether the recording's bandwidth holds them, 1 or 0."""
    audio: Tensor | None
    """The recordings at 16 kHz, normalised, (B, 64 F); None if one of them has none."""
    fade: Tensor
    """Gain at the joints, already applied to `audio`, shape (B, 64 F)."""
    note_starts: Tensor
    note_lengths: Tensor
    """First frame, counted through all excerpts, and number of frames of every note, (N,)."""
    asked: Tensor
    """The six controls of those notes, raw scale, shape (N, 6)."""


class _Excerpt:
    """The rows of one excerpt, piece by piece."""

    def __init__(self) -> None:
        self.columns: dict[str, list[NDArray[np.float32]]] = {}
        self.audio: list[NDArray[np.float32]] | None = []
        self.notes: list[tuple[int, int, ExpressiveNote]] = []
        self.frames = 0

    def add(self, phrase: Performed, first: int, take: int, known: Conditioning) -> None:
        """Add `take` frames of a phrase, from `first`, with their conditioning."""
        where = slice(first, first + take)
        frames = phrase.frames
        f0_hz = frames.f0_hz[where].astype(np.float32)
        nyquist_hz = phrase.sample_rate / 2
        hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
        bands = np.arange(NOISE_BANDS) * _NOISE_STEP_HZ
        amplitude = frames.amplitude[where].astype(np.float32)
        rows = {
            "features": known.features,
            "pitch": known.pitch,
            "controls": known.controls,
            "f0_hz": f0_hz,
            "tuned_hz": f0_hz * np.float32(2 ** (-phrase.tuning_semitones / 12)),
            "amplitude": log_levels(amplitude),
            "harmonics": log_levels(amplitude[:, None] * frames.harmonics[where]),
            "noise": log_levels(frames.noise[where]),
            "harmonics_known": (hz < nyquist_hz).astype(np.float32),
            "noise_known": np.broadcast_to(bands < nyquist_hz, (take, NOISE_BANDS)).astype(
                np.float32
            ),
        }
        for name, values in rows.items():
            self.columns.setdefault(name, []).append(np.asarray(values, np.float32))
        if phrase.audio is None or self.audio is None:
            self.audio = None
        else:
            samples = phrase.audio[first * FRAME_SAMPLES : (first + take) * FRAME_SAMPLES]
            self.audio.append(np.pad(samples, (0, take * FRAME_SAMPLES - len(samples))))
        for each in phrase.notes:
            span = note_frames(each.note, len(frames))
            if first <= span.start and span.stop <= first + take:
                start = self.frames + span.start - first
                self.notes.append((start, span.stop - span.start, each))
        self.frames += take

    def column(self, name: str) -> NDArray[np.float32]:
        """Return a column end to end."""
        return np.concatenate(self.columns[name])


class LevelData:
    """The phrases of a training, drawn by instrument, origin and length."""

    def __init__(self, phrases: Sequence[Performed]) -> None:
        """Take the phrases that are for training and have levels."""
        self._phrases = [
            phrase
            for phrase in phrases
            if not phrase.is_held_out
            and phrase.origin in ORIGIN_SHARES
            and phrase.notes
            and len(phrase.frames) > 1
            and (phrase.frames.f0_hz > 0).all()
        ]
        lengths = np.array([len(phrase.frames) for phrase in self._phrases])
        self.frames = int(lengths.sum())
        self._rows: dict[tuple[int, str], NDArray[np.intp]] = {}
        self._shares: dict[tuple[int, str], NDArray[np.float64]] = {}
        totals = np.zeros(len(INSTRUMENTS))
        for index, name in enumerate(INSTRUMENTS):
            for origin in ORIGIN_SHARES:
                rows = np.array(
                    [
                        row
                        for row, phrase in enumerate(self._phrases)
                        if (phrase.instrument, phrase.origin) == (name, origin)
                    ],
                    np.intp,
                )
                if len(rows):
                    weights = lengths[rows].astype(np.float64)
                    if origin == "note":
                        weights = np.minimum(weights, _LONGEST_COUNTED)
                    self._rows[index, origin] = rows
                    self._shares[index, origin] = weights / weights.sum()
                    totals[index] += weights.sum()
        # Between "every instrument alike" and "every second alike".
        self._instrument_shares = np.sqrt(totals) / np.sqrt(totals).sum()

    def draw(
        self, random: np.random.Generator, batch: int, frames: int, *, with_audio: bool = False
    ) -> Batch:
        """Return random excerpts; `with_audio` only such as have their recording."""
        excerpts, instruments = [], []
        for _ in range(batch):
            index = int(random.choice(len(INSTRUMENTS), p=self._instrument_shares))
            excerpts.append(self._excerpt(random, index, frames, with_audio=with_audio))
            instruments.append(index)
        return _batch(random, excerpts, instruments, frames)

    def _excerpt(
        self, random: np.random.Generator, instrument: int, frames: int, *, with_audio: bool
    ) -> _Excerpt:
        origins = [
            origin
            for origin in ORIGIN_SHARES
            if (instrument, origin) in self._rows and not (with_audio and origin == "assembled")
        ]
        shares = np.array([ORIGIN_SHARES[origin] for origin in origins])
        origin = str(random.choice(origins, p=shares / shares.sum()))
        if origin == "note":
            return self._notes_in_a_row(random, instrument, frames)
        excerpt = _Excerpt()
        while excerpt.frames < frames:
            phrase = self._any(random, instrument, origin)
            count = len(phrase.frames)
            missing = frames - excerpt.frames
            first = int(random.integers(0, max(1, count - missing + 1)))
            take = min(missing, count - first)
            known = condition(phrase.notes, phrase.instrument, take, first=first)
            excerpt.add(phrase, first, take, known)
        return excerpt

    def _notes_in_a_row(
        self, random: np.random.Generator, instrument: int, frames: int
    ) -> _Excerpt:
        """Return single notes one after the other, each of which knows its neighbours."""
        pieces: list[tuple[Performed, int, int]] = []
        notes: list[ExpressiveNote] = []
        filled = 0
        while filled < frames:
            phrase = self._any(random, instrument, "note")
            take = min(frames - filled, len(phrase.frames))
            pieces.append((phrase, filled, take))
            notes += [_shifted(each, filled / FRAME_RATE) for each in phrase.notes]
            filled += len(phrase.frames)
        excerpt = _Excerpt()
        notes.sort(key=lambda each: each.note.onset_s)
        name = INSTRUMENTS[instrument]
        for phrase, first, take in pieces:
            excerpt.add(phrase, 0, take, condition(notes, name, take, first=first))
        return excerpt

    def _any(self, random: np.random.Generator, instrument: int, origin: str) -> Performed:
        rows = self._rows[instrument, origin]
        return self._phrases[int(random.choice(rows, p=self._shares[instrument, origin]))]


def whole_phrase(phrase: Performed) -> Batch:
    """Return a whole phrase as a batch of one, cut to an even number of frames."""
    frames = len(phrase.frames) // 2 * 2
    excerpt = _Excerpt()
    excerpt.add(phrase, 0, frames, condition(phrase.notes, phrase.instrument, frames))
    instrument = INSTRUMENTS.index(phrase.instrument)
    return _batch(np.random.default_rng(0), [excerpt], [instrument], frames)


def _shifted(each: ExpressiveNote, seconds: float) -> ExpressiveNote:
    note: Note = each.note
    moved = replace(note, onset_s=note.onset_s + seconds, offset_s=note.offset_s + seconds)
    return ExpressiveNote(moved, each.expression)


def _batch(
    random: np.random.Generator, excerpts: list[_Excerpt], instruments: list[int], frames: int
) -> Batch:
    def stack(name: str) -> Tensor:
        return torch.from_numpy(np.stack([excerpt.column(name) for excerpt in excerpts]))

    recordings = [np.concatenate(each.audio) for each in excerpts if each.audio is not None]
    fades = np.stack([_fade(excerpt) for excerpt in excerpts])
    audio = np.stack(recordings) * fades if len(recordings) == len(excerpts) else None
    drawn = random.standard_normal((len(excerpts), frames, CHANCE), np.float32)
    notes = [
        (index * frames + start, length, each.expression)
        for index, excerpt in enumerate(excerpts)
        for start, length, each in excerpt.notes
        if np.isfinite(each.expression).all()
    ]
    return Batch(
        **{name: stack(name) for name in excerpts[0].columns},
        instrument=torch.tensor(instruments),
        chance=torch.from_numpy(drawn),
        audio=None if audio is None else torch.from_numpy(audio),
        fade=torch.from_numpy(fades),
        note_starts=torch.tensor([start for start, _, _ in notes], dtype=torch.long),
        note_lengths=torch.tensor([length for _, length, _ in notes], dtype=torch.long),
        asked=torch.tensor([each for _, _, each in notes], dtype=torch.float32).reshape(-1, 6),
    )


def _fade(excerpt: _Excerpt) -> NDArray[np.float32]:
    """Return the gain of an excerpt: a short dip at every joint."""
    gain = np.ones(excerpt.frames * FRAME_SAMPLES, np.float32)
    ramp = np.linspace(0, 1, _FADE_SAMPLES, dtype=np.float32)
    joint = 0
    for piece in excerpt.columns["pitch"][:-1]:
        joint += len(piece) * FRAME_SAMPLES
        gain[joint - _FADE_SAMPLES : joint] *= ramp[::-1]
        gain[joint : joint + _FADE_SAMPLES] *= ramp[: len(gain) - joint]
    return gain
