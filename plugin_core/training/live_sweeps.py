"""Control of a live model: what is read of a control that is automated, by its own value.

A held-out phrase is played once for each step of a sweep, in one go, while automation moves one
control from phrase to phrase; `performer` is 0 and all other controls stay at the instrument's
typical values. Read are the notes of 0.5 s or more, from the audio, through the analysis, which
knows the notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.expression.extraction import extract
from plugin_core.training.control_evaluation import (
    SHORTEST_S,
    NoteSequence,
    Sweep,
    held_out_sequences,
    swept,
)
from plugin_core.training.known_notes import hear_notes
from plugin_core.training.live_player import (
    RATE,
    READING_GAIN_DB,
    LivePart,
    Player,
    PlayerMaker,
    Progress,
    measured,
    obeying_lanes,
    slurred,
    stepped,
)
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, Lane, Mono, Note, Part

STEPS = 6
"""Values of the swept control: 0, 0.2 .. 1."""

LEAST_LONG_NOTES = 3
"""A phrase with fewer notes that can be read is not worth playing."""

USUAL_LENGTH_S = PARAMETERS[PARAMETER_INDEX["note_length"]].default

_REST_S = 2.2
"""Until the last note of a phrase has died away: a new one begins from silence."""
_GRID_S = 0.1


@dataclass(frozen=True, slots=True)
class SweepTask:
    """One control of one instrument, to be swept over phrases."""

    source: str
    """Who plays, and what of it."""
    sequences: tuple[NoteSequence, ...]
    typical: Expression
    control: int
    """Index into CONTROLS."""
    are_lengths_told: bool
    """Whether the player may know how long each note will be; if not, all last 1 s for it."""

    @property
    def instrument(self) -> str:
        """Whose control it is."""
        return self.sequences[0].instrument


def live_sequences(performed: Sequence[Performed]) -> list[NoteSequence]:
    """Return the held-out phrases that are swept: those with three notes of 0.5 s or more.

    Of each instrument these are a phrase of single notes through its range, and performances.
    """
    strung, played = (
        held_out_sequences([each for each in performed if each.origin == origin])
        for origin in ("note", "performance")
    )
    first = {each.instrument: each for each in reversed(strung)}
    return [
        sequence
        for sequence in (*first.values(), *played)
        if len(_long_notes(sequence)) >= LEAST_LONG_NOTES
    ]


def sweep_tasks(
    sequences: Sequence[NoteSequence],
    typical: Mapping[str, Expression],
    source: str,
    *,
    are_lengths_told: bool = True,
    most_phrases: int | None = None,
) -> list[SweepTask]:
    """Return the sweeps of all instruments that have phrases and typical controls.

    `most_phrases` bounds the phrases of each instrument.
    """
    tasks = []
    for instrument in dict.fromkeys(each.instrument for each in sequences):
        if instrument not in typical:
            continue
        own = tuple(each for each in sequences if each.instrument == instrument)[:most_phrases]
        tasks += [
            SweepTask(source, own, typical[instrument], control, are_lengths_told)
            for control in range(len(CONTROLS))
        ]
    return tasks


def sweep(
    tasks: Sequence[SweepTask],
    maker: PlayerMaker,
    *,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Sweep]:
    """Return what is read of each sweep, see `control_evaluation` for its figures."""
    return measured(measure_sweep, tasks, maker, jobs=jobs, progress=progress)


def measure_sweep(player: Player, task: SweepTask) -> Sweep:
    """Play one control's sweep and read all controls of its notes."""
    read = []
    for sequence in task.sequences:
        played = player(staircase(sequence, task))
        read.append(read_steps(played, sequence))
    return Sweep(task.instrument, task.control, task.source, np.concatenate(read, axis=1))


def staircase(sequence: NoteSequence, task: SweepTask) -> LivePart:
    """Return a phrase once for each step, one after the other, and the automation of a sweep."""
    period_s = _period_s(sequence)
    notes = slurred(sequence.notes)
    starts_s = [step * period_s for step in range(STEPS)]
    repeated = tuple(
        replace(note, onset_s=note.onset_s + start_s, offset_s=note.offset_s + start_s)
        for start_s in starts_s
        for note in notes
    )
    controls = [
        swept(task.typical, task.control, float(value)) for value in np.linspace(0.0, 1.0, STEPS)
    ]
    lanes = obeying_lanes()
    for column, name in enumerate(CONTROLS):
        lanes[name] = stepped(starts_s, [each[column] for each in controls])
    if not task.are_lengths_told:
        lanes["note_length"] = Lane.constant(USUAL_LENGTH_S)
    return LivePart(sequence.instrument, Part("", repeated), lanes, STEPS * round(period_s * RATE))


def read_steps(audio: Mono, sequence: NoteSequence) -> NDArray[np.float64]:
    """Return the controls that the analysis reads of a staircase, shape (steps, notes, 6).

    Notes are those of 0.5 s or more.
    """
    period, length = (round(seconds * RATE) for seconds in (_period_s(sequence), sequence.seconds))
    long_notes = _long_notes(sequence)
    read = []
    for start in range(0, STEPS * period, period):
        heard = hear_notes(audio[start : start + length], RATE, sequence.notes)
        read.append([row.expression for row in extract(heard, long_notes, READING_GAIN_DB)])
    return np.array(read, np.float64)


def _period_s(sequence: NoteSequence) -> float:
    """Return how far the repetitions of a phrase are apart: whole blocks and frames."""
    return float(np.ceil((sequence.seconds + _REST_S) / _GRID_S) * _GRID_S)


def _long_notes(sequence: NoteSequence) -> list[Note]:
    return [note for note in sequence.notes if note.offset_s - note.onset_s >= SHORTEST_S]
