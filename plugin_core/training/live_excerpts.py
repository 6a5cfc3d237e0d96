"""Excerpts of performed phrases: what a player would have known, and what the recording holds.

In: pieces of phrases one after the other. Out: one batch of tensors. What is known of the notes is
traced by the engine's own kernel, from the excerpt's first note on, as if nothing had been before.
Levels are natural logarithms on the normalised scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.audio.jit import entry_point
from plugin_core.engine.live_features import NEVER_S, octaves_from, write_features
from plugin_core.engine.live_layout import FEATURES
from plugin_core.expression.extraction import note_frames
from plugin_core.synthesis.levels import log_levels
from plugin_core.training.hearing_cache import FRAME_SAMPLES
from plugin_core.training.live_player import LEGATO_GAP_S
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, FRAME_RATE, HARMONICS, NOISE_BANDS

_NOISE_STEP_HZ = 375.0
_WRONG_LENGTHS = 0.25
_WRONG_BY = 3.0
_OTHER_VELOCITIES = 0.5

Table = NDArray[np.float32]
Columns = dict[str, Table]


@entry_point
def trace_features(
    notes: NDArray[np.float64],
    controls: NDArray[np.float64],
    style: NDArray[np.float64],
    first: int,
    features: Table,
    joins: Table,
    index: NDArray[np.int32],
) -> None:
    """Write what a player knows at the frames from `first` on.

    `notes` (N, 5): onset, offset, pitch, velocity, expected length; sorted, times in seconds;
    `controls` (N, 6), `style` (N,). Into `features` (T, FEATURES), `joins` (T, 2) (octaves from the
    note before, pause before the note) and `index` (T,), the note that governs, -1 before the
    first.
    """
    count = len(notes)
    now = -1
    for frame in range(len(features)):
        time_s = (first + frame) / FRAME_RATE
        while now + 1 < count and notes[now + 1, 0] <= time_s + 1e-9:
            now += 1
        index[frame] = now
        if now < 0:
            features[frame, :] = np.float32(0.0)
            joins[frame, 0] = np.float32(0.0)
            joins[frame, 1] = NEVER_S
            continue
        previous, gap_s = -1.0, NEVER_S
        if now > 0:
            previous = notes[now - 1, 2]
            gap_s = notes[now, 0] - notes[now - 1, 1]
            if gap_s < LEGATO_GAP_S:
                gap_s = 0.0
        since_off_s = time_s - notes[now, 1]
        write_features(
            features[frame],
            notes[now, 2],
            previous,
            notes[now, 3],
            time_s - notes[now, 0],
            since_off_s if since_off_s > 0.0 else -1.0,
            notes[now, 4],
            gap_s,
            controls[now],
            style[now],
        )
        joins[frame, 0] = octaves_from(notes[now, 2], previous)
        joins[frame, 1] = gap_s


@dataclass(frozen=True, slots=True)
class Batch:
    """B excerpts of F frames, N notes that lie within one of them as a whole."""

    features: Tensor
    """Shape (B, F, FEATURES)."""
    joins: Tensor
    """Octaves from the note before and the pause between, shape (B, F, 2)."""
    controls: Tensor
    """Of the note that governs, 0..1, shape (B, F, 6)."""
    deviation: Tensor
    """Semitones from the note's pitch, and the pitch's step from the frame before, (B, F, 2)."""
    governed: Tensor
    """1 from the first note on, shape (B, F)."""
    instrument: Tensor
    """Row of the model, shape (B,)."""
    f0_hz: Tensor
    amplitude: Tensor
    """f0 as recorded, log amplitude, shape (B, F)."""
    harmonics: Tensor
    """Log amplitude of every harmonic, shape (B, F, 100)."""
    noise: Tensor
    """Log noise magnitudes, shape (B, F, 65)."""
    harmonics_known: Tensor
    noise_known: Tensor
    """Whether the recording's bandwidth holds them, 1 or 0."""
    audio: Tensor | None
    """The recordings at 16 kHz, normalised, (B, 64 F); None if one of them has none."""
    note_starts: Tensor
    note_lengths: Tensor
    """First frame, counted through all excerpts, and number of frames of every note, (N,)."""
    asked: Tensor
    """The six controls of those notes, raw scale, shape (N, 6)."""
    length_known: Tensor
    """1 where the player knew how long the note would be, shape (N,)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames `first` up to `last` of a phrase, which begin at frame `at` of the excerpt."""

    phrase: Performed
    first: int
    last: int
    at: int
    style: float


@dataclass(frozen=True, slots=True)
class _NoteRow:
    """A note that lies in an excerpt as a whole."""

    start: int
    frames: int
    controls: tuple[float, ...]
    length_known: float


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Frames of one instrument, piece by piece."""

    columns: Columns
    notes: list[_NoteRow]
    audio: Table | None


def excerpt(pieces: Sequence[Piece], random: np.random.Generator | None) -> Excerpt:
    """Return pieces as one excerpt.

    With `random`, some lengths are told wrong, as live playing does not know them, and some
    velocities say nothing, since it is the controls that shall be obeyed.
    """
    rows: list[tuple[float, ...]] = []
    styles: list[float] = []
    whole: list[_NoteRow] = []
    for piece in pieces:
        shift_s = (piece.at - piece.first) / FRAME_RATE
        for each in piece.phrase.notes:
            span = note_frames(each.note, len(piece.phrase.frames))
            if each.note.onset_s * FRAME_RATE < piece.first - 1 or span.start >= piece.last:
                continue
            length_s, velocity = each.note.offset_s - each.note.onset_s, float(each.note.velocity)
            is_wrong = random is not None and random.random() < _WRONG_LENGTHS
            if random is not None and is_wrong:
                length_s *= float(_WRONG_BY ** random.uniform(-1.0, 1.0))
            if random is not None and random.random() < _OTHER_VELOCITIES:
                velocity = float(random.uniform(1.0, 127.0))
            times = (each.note.onset_s + shift_s, each.note.offset_s + shift_s)
            pitch = float(each.note.midi_pitch)
            rows.append((*times, pitch, velocity, length_s, *each.expression))
            styles.append(piece.style)
            if piece.first <= span.start and span.stop <= piece.last:
                start = span.start - piece.first + piece.at
                controls = tuple(each.expression)
                whole.append(_NoteRow(start, span.stop - span.start, controls, 1.0 - is_wrong))
    table = np.array(rows, np.float64).reshape(-1, 5 + len(CONTROLS))
    order = np.argsort(table[:, 0], kind="stable")
    columns = _traced(table[order], np.array(styles, np.float64)[order], pieces)
    return Excerpt(columns, whole, _audio(pieces))


def _traced(
    table: NDArray[np.float64], style: NDArray[np.float64], pieces: Sequence[Piece]
) -> Columns:
    frames = pieces[-1].at + pieces[-1].last - pieces[-1].first
    features, joins = np.zeros((frames, FEATURES), np.float32), np.zeros((frames, 2), np.float32)
    index = np.zeros(frames, np.int32)
    notes = np.ascontiguousarray(table[:, :5])
    # A lane or a parameter asks for no more than this, whatever was recorded.
    controls = np.ascontiguousarray(table[:, 5:]).clip(0.0, 1.0)
    trace_features(notes, controls, style, 0, features, joins, index)
    columns = {"features": features, "joins": joins, "governed": (index >= 0).astype(np.float32)}
    pitch = np.full(frames, 60.0)
    columns["controls"] = np.full((frames, len(CONTROLS)), 0.5, np.float32)
    if len(table):
        pitch = table[np.maximum(index, 0), 2]
        columns["controls"] = controls[np.maximum(index, 0)].astype(np.float32)
    recorded = [_recorded(piece) for piece in pieces]
    for name in recorded[0]:
        columns[name] = np.concatenate([part[name] for part in recorded])
    keys = columns.pop("keys").astype(np.float64)
    steps = np.diff(keys, prepend=keys[:1])
    columns["deviation"] = np.stack((keys - pitch, steps), axis=1).astype(np.float32)
    return columns


def _recorded(piece: Piece) -> Columns:
    """Return what the recording holds of a piece."""
    frames, where = piece.phrase.frames, slice(piece.first, piece.last)
    take = piece.last - piece.first
    f0_hz = frames.f0_hz[where].astype(np.float32)
    nyquist_hz = piece.phrase.sample_rate / 2
    hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
    bands = np.arange(NOISE_BANDS) * _NOISE_STEP_HZ < nyquist_hz
    amplitude = frames.amplitude[where].astype(np.float32)
    keys = 69.0 + 12.0 * np.log2(f0_hz / 440.0) - piece.phrase.tuning_semitones
    return {
        "keys": keys.astype(np.float32),
        "f0_hz": f0_hz,
        "amplitude": log_levels(amplitude),
        "harmonics": log_levels(amplitude[:, None] * frames.harmonics[where]),
        "noise": log_levels(frames.noise[where]),
        "harmonics_known": (hz < nyquist_hz).astype(np.float32),
        "noise_known": np.broadcast_to(bands, (take, NOISE_BANDS)).astype(np.float32),
    }


def _audio(pieces: Sequence[Piece]) -> Table | None:
    found = []
    for piece in pieces:
        audio, take = piece.phrase.audio, (piece.last - piece.first) * FRAME_SAMPLES
        if audio is None:
            return None
        samples = audio[piece.first * FRAME_SAMPLES :][:take]
        found.append(np.pad(samples, (0, take - len(samples))))
    return np.concatenate(found)


def batch_of(excerpts: Sequence[Excerpt], instruments: Sequence[int]) -> Batch:
    """Return excerpts of the same length as one batch; `instruments` are their rows."""
    columns = [each.columns for each in excerpts]
    frames = len(columns[0]["governed"])
    recordings = [each.audio for each in excerpts if each.audio is not None]
    is_heard = len(recordings) == len(excerpts)
    notes = [(number * frames, row) for number, each in enumerate(excerpts) for row in each.notes]

    def stack(name: str) -> Tensor:
        return torch.from_numpy(np.stack([each[name] for each in columns]))

    return Batch(
        **{name: stack(name) for name in columns[0]},
        instrument=torch.tensor(list(instruments)),
        audio=torch.from_numpy(np.stack(recordings)) if is_heard else None,
        note_starts=torch.tensor([first + row.start for first, row in notes], dtype=torch.long),
        note_lengths=torch.tensor([row.frames for _, row in notes], dtype=torch.long),
        asked=torch.tensor([row.controls for _, row in notes]).reshape(-1, len(CONTROLS)).float(),
        length_known=torch.tensor([row.length_known for _, row in notes], dtype=torch.float32),
    )
