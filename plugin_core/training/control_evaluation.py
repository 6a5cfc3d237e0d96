"""Tables 2 and 7 of MIDI-DDSP: what is read of a control that is swept, by its own value.

Every held-out sequence of notes is performed with the instrument's typical controls (`performer` is
0), one of them replaced by 0, 0.1 .. 1. Read are the notes of 0.5 s or more: of the synthesis
parameters, as the paper does, and of the rendered audio, in its room, through the analysis.

Sequences are the held-out performances that have such notes, and held-out single notes strung
together in phrases of 6. From audio, to save time, an instrument's first phrase of these is read.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.audio.reverb import Room
from plugin_core.expression.extraction import extract
from plugin_core.synthesis.synthesis_model import SynthesisModel, load_synthesis_model
from plugin_core.training.known_notes import hear_notes
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, FRAME_RATE, Expression, ExpressiveNote, Frames, Note

PARAMETERS, AUDIO = "parameters", "audio"

STEPS = np.round(np.arange(11) / 10, 1)
SHORTEST_S = 0.5
LEAST_FLUCTUATION = 0.1
"""The peak position of a note that fluctuates less is chance."""

_FLUCTUATION = CONTROLS.index("volume_fluctuation")
_PEAK = CONTROLS.index("volume_peak_position")
_STRUNG, _LONGEST_STRUNG_S, _GAP_S = 6, 1.5, 0.08
_MOST_STRUNG = 12
_LEAD_S, _TAIL_S = 0.1, 0.4
_RATE = 48_000
_PLAYING_GAIN_DB = 24.0


@dataclass(frozen=True, slots=True)
class NoteSequence:
    """The notes of one player, by onset."""

    name: str
    instrument: str
    notes: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        """How long it is performed."""
        return self.notes[-1].offset_s + _TAIL_S


class Sweep(NamedTuple):
    """One control of one instrument, swept."""

    instrument: str
    control: int
    """Index into CONTROLS."""
    source: str
    """PARAMETERS or AUDIO."""
    read: NDArray[np.float64]
    """All controls of every note at steps evenly from 0 to 1, shape (steps, notes, 6)."""


def held_out_sequences(performed: Sequence[Performed]) -> list[NoteSequence]:
    """Return what is swept: performances, and single notes strung together, of the held-out side.

    Of these, at most 12 an instrument, through all its pitches. Whatever is returned has a note of
    0.5 s or more.
    """
    held_out = [each for each in performed if each.is_held_out and any(map(_is_long, _plain(each)))]
    sequences = []
    for instrument in dict.fromkeys(each.instrument for each in held_out):
        own = [each for each in held_out if each.instrument == instrument]
        singles = [_plain(each)[0] for each in own if each.origin == "note"]
        singles.sort(key=lambda note: (note.midi_pitch, note.offset_s - note.onset_s))
        chosen = np.unique(np.linspace(0, len(singles) - 1, _MOST_STRUNG).round().astype(int))
        notes = [singles[index] for index in chosen] if singles else []
        # Every phrase goes through the whole range.
        count = -(-len(notes) // _STRUNG)
        sequences += [
            NoteSequence(f"single notes {part + 1}", instrument, _strung(notes[part::count]))
            for part in range(count)
        ]
        sequences += [
            NoteSequence(each.name, instrument, _plain(each))
            for each in own
            if each.origin == "performance"
        ]
    return sequences


def _plain(phrase: Performed) -> tuple[Note, ...]:
    return tuple(row.note for row in phrase.notes)


def _is_long(note: Note) -> bool:
    return note.offset_s - note.onset_s >= SHORTEST_S


def _strung(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes one behind the other, every other one legato."""
    strung, time_s = [], _LEAD_S
    for index, note in enumerate(notes):
        end_s = time_s + min(note.offset_s - note.onset_s, _LONGEST_STRUNG_S)
        strung.append(replace(note, onset_s=time_s, offset_s=end_s))
        time_s = end_s + (_GAP_S if index % 2 else 0.0)
    return tuple(strung)


def evaluate(
    sequences: Sequence[NoteSequence],
    model: Path,
    typical: Mapping[str, Expression],
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Sweep]:
    """Return all sweeps of all instruments that have sequences and typical controls.

    Raises InputError for a model that cannot be read.
    """
    tasks = [
        _Task(instrument, control, typical[instrument], own)
        for instrument in dict.fromkeys(each.instrument for each in sequences)
        if instrument in typical
        and (own := tuple(each for each in sequences if each.instrument == instrument))
        for control in range(len(CONTROLS))
    ]
    load_synthesis_model(model)
    sweeps: list[Sweep] = []
    with multiprocessing.get_context("spawn").Pool(jobs, _prepare, (model,)) as pool:
        for done, made in enumerate(pool.imap(_sweep, tasks), start=1):
            sweeps.extend(made)
            progress(done, len(tasks))
    return sweeps


@dataclass(frozen=True, slots=True)
class _Task:
    instrument: str
    control: int
    typical: Expression
    sequences: tuple[NoteSequence, ...]


_models: list[SynthesisModel] = []


def _prepare(path: Path) -> None:
    torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
    _models[:] = [load_synthesis_model(path)]


def swept(typical: Expression, control: int, value: float) -> Expression:
    """Return the typical controls with one replaced; a peak is swept where there is one."""
    controls = typical._replace(**{CONTROLS[control]: value})
    if control == _PEAK:
        least = max(typical.volume_fluctuation, LEAST_FLUCTUATION)
        controls = controls._replace(volume_fluctuation=least)
    return controls


def _sweep(task: _Task) -> list[Sweep]:
    of_parameters, of_audio = [], []
    for value in STEPS:
        controls = swept(task.typical, task.control, float(value))
        read = []
        for sequence in task.sequences:
            frames = _models[0].perform(
                [ExpressiveNote(note, controls) for note in sequence.notes],
                task.instrument,
                frames=round(sequence.seconds * FRAME_RATE),
            )
            read.append(_read(frames, sequence.notes, 0.0))
            if sequence is task.sequences[0]:
                room = _models[0].room(task.instrument, _RATE)
                heard = heard_again(frames, sequence.notes, room)
                of_audio.append(_read(heard, sequence.notes, -_PLAYING_GAIN_DB))
        of_parameters.append(np.concatenate(read))
    return [
        Sweep(task.instrument, task.control, PARAMETERS, np.stack(of_parameters)),
        Sweep(task.instrument, task.control, AUDIO, np.stack(of_audio)),
    ]


def _read(frames: Frames, notes: Sequence[Note], gain_db: float) -> NDArray[np.float64]:
    found = extract(frames, filter(_is_long, notes), gain_db)
    return np.array([row.expression for row in found], dtype=np.float64)


def heard_again(frames: Frames, notes: Sequence[Note], room: Room | None = None) -> Frames:
    """Return what the analysis hears of frames, rendered at 48 kHz and 24 dB louder, as played.

    `room` is one of 48 kHz that has heard nothing yet; the notes are known.
    """
    gain = np.float32(10 ** (_PLAYING_GAIN_DB / 20))
    audio = synthesize(
        frames.f0_hz, frames.amplitude * gain, frames.harmonics, frames.noise * gain, _RATE
    )
    if room is not None:
        audio = room.process(audio)
    return hear_notes(audio, _RATE, notes)


def correlation(sweeps: Sequence[Sweep], control: int, source: str) -> float:
    """Return Pearson's r of a control asked and read, over all these instruments' notes and steps.

    NaN if there are no notes or nothing moves.
    """
    asked, read = pairs(sweeps, control, source)
    if len(asked) < 2 or asked.std() == 0 or read.std() == 0:
        return float("nan")
    return float(np.corrcoef(asked, read)[0, 1])


def error(sweeps: Sequence[Sweep], control: int, source: str) -> float:
    """Return the root mean square of a control's error over all these instruments' sweeps of it."""
    asked, read = pairs(sweeps, control, source)
    return float(np.sqrt(np.mean((read - asked) ** 2))) if len(asked) else float("nan")


def pairs(
    sweeps: Sequence[Sweep], control: int, source: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a control as asked and as read, of every note at every step, shapes (points,)."""
    of_it = [each.read[..., control] for each in sweeps if _is(each, control, source)]
    read = np.concatenate([each.ravel() for each in of_it]) if of_it else np.zeros(0)
    asked = [np.repeat(np.linspace(0.0, 1.0, len(each)), each.shape[1]) for each in of_it]
    return np.concatenate(asked) if asked else np.zeros(0), read


def _is(sweep: Sweep, control: int, source: str) -> bool:
    return sweep.control == control and sweep.source == source


def independence(sweeps: Sequence[Sweep], source: str) -> NDArray[np.float64]:
    """Return how far every control's mean moves in a sweep of each, by the swept one's own range.

    Shape (6 swept, 6 read), 1 on the diagonal. Peak positions count where the note fluctuates by
    0.1 or more; NaN where there is nothing to read.
    """
    matrix = np.full((len(CONTROLS), len(CONTROLS)), np.nan)
    for control in range(len(CONTROLS)):
        of_it = [each.read for each in sweeps if _is(each, control, source)]
        if not of_it:
            continue
        read = np.concatenate(of_it, axis=1)
        has_peak = read[..., _FLUCTUATION] >= LEAST_FLUCTUATION
        read = read.copy()
        read[..., _PEAK][~has_peak] = np.nan
        means = _means(read)
        moves = np.nanmax(means, axis=0) - np.nanmin(means, axis=0)
        matrix[control] = moves / moves[control]
    return matrix


def _means(read: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the notes, without those that are NaN, shape (steps, 6)."""
    known = np.isfinite(read)
    count = known.sum(axis=1)
    total = np.where(known, read, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
