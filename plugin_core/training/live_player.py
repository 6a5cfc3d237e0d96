"""Who plays what a live model is measured on: the engine here, or whoever is given instead.

In: notes and lanes of one instrument. Out: dry audio at 48 kHz, as it would be heard. A maker of
players can be pickled, so that several processes measure side by side.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from plugin_core.engine.parameters import VOICE_MODES
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.types import InputError, Lane, Mono, Note, Part

RATE = 48_000
READING_GAIN_DB = -24.0
"""From the level that is played (`performing.playing.PLAYING_GAIN_DB`) to that of the controls."""

LEGATO_GAP_S = 0.02
"""Notes of a recording that are nearer than this are legato, as in training."""

_OVERLAP_S = 0.008


@dataclass(frozen=True, slots=True)
class LivePart:
    """What is to be played: lanes by parameter id, values as people see them."""

    instrument: str
    part: Part
    lanes: Mapping[str, Lane]
    samples: int


Player = Callable[[LivePart], Mono]
"""Returns audio of shape (samples,) at 48 kHz."""

PlayerMaker = Callable[[], Player]

Progress = Callable[[int, int], None]

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class EngineMaker:
    """Makes players that are the engine of this process with the live model of an archive."""

    model: Path

    def __call__(self) -> Player:
        """Return a player; it raises InputError for an archive that is none."""
        from plugin_core.performance import perform

        def play(live: LivePart) -> Mono:
            sound = live_sound(self.model, live.instrument)
            return perform(
                sound, live.part, lanes=live.lanes, sample_rate=RATE, samples=live.samples
            )

        return play


def live_sound(model: Path, instrument: str) -> LiveSound:
    """Return an instrument of a live model; raises InputError for a file that is none."""
    sound = load_sound(f"{model.absolute()}#{instrument}", model="live")
    if not isinstance(sound, LiveSound):
        raise InputError(model, "", LiveSound.kind, sound.kind)
    return sound


def slurred(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes, by onset, in which those that follow each other at once overlap.

    That is how a keyboard says legato: the key of a note less than 20 ms before another one stays
    down until 8 ms after its onset. A repeated key cannot overlap.
    """
    joined = list(notes)
    for index, (note, following) in enumerate(pairwise(notes)):
        is_near = following.onset_s - note.offset_s < LEGATO_GAP_S
        if is_near and note.midi_pitch != following.midi_pitch:
            end_s = max(note.offset_s, following.onset_s + _OVERLAP_S)
            joined[index] = replace(note, offset_s=end_s)
    return tuple(joined)


def obeying_lanes() -> dict[str, Lane]:
    """Return the lanes of who obeys the controls alone, one note at a time."""
    return {
        "performer": Lane.constant(0.0),
        "voice_mode": Lane.constant(float(VOICE_MODES.index("legato"))),
    }


def stepped(times_s: Sequence[float], values: Sequence[float]) -> Lane:
    """Return the lane that has each value from its time on, within 0..1; one value stands still."""
    kept = np.clip(values, 0.0, 1.0).tolist()
    if len(set(kept)) == 1:
        return Lane.constant(kept[0])
    points = [(0.0, kept[0])]
    for time_s, before, value in zip(times_s[1:], kept, kept[1:], strict=False):
        points += [(time_s, before), (time_s, value)]
    return Lane.of(points)


def measured(
    measure: Callable[[Player, Task], Result],
    tasks: Sequence[Task],
    maker: PlayerMaker,
    *,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Result]:
    """Return what `measure`, a function of a module, finds of each task, in their order.

    Up to `jobs` processes share the tasks; each makes a player of its own. Raises what they raise.
    """
    results = []
    if jobs == 1:
        player = maker()
        for task in tasks:
            results.append(measure(player, task))
            progress(len(results), len(tasks))
        return results
    spawned = multiprocessing.get_context("spawn").Pool(jobs, _prepare, (maker,))
    with spawned as pool:
        for result in pool.imap(partial(_measure, measure), tasks):
            results.append(result)
            progress(len(results), len(tasks))
    return results


_players: list[Player] = []


def _prepare(maker: PlayerMaker) -> None:
    _players[:] = [maker()]


def _measure(measure: Callable[[Player, Task], Result], task: Task) -> Result:
    return measure(_players[0], task)
