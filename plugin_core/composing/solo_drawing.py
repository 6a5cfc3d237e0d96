"""The networks of the solo composer drawing note by note: pitches ahead, durations after them."""

from copy import copy, deepcopy
from dataclasses import replace

import numpy as np

from plugin_core.composing.solo import PITCHES, Sequences
from plugin_core.composing.solo_features import (
    CHORDS,
    MELODY,
    SOONEST_END,
    TABLES,
    offsets,
    position_class,
    surroundings,
)
from plugin_core.composing.solo_inference import SoloModel, Vector
from plugin_core.composing.solo_pitches import PitchesHeard

WRITTEN_AND_PLAYED = ("step", "value", "timing", "articulation")


def draw(odds: Vector, temperature: float, random: np.random.Generator) -> int:
    """Return a class drawn from log odds."""
    luck = -np.log(-np.log(random.uniform(1e-12, 1.0, len(odds))))
    return int(np.argmax(odds.astype(np.float64) / temperature + luck))


class PitchPlayer:
    """Pitch tokens, drawn as far ahead as they are needed."""

    def __init__(
        self, model: SoloModel, prime: Sequences, seed: int, texture: int, temperature: float
    ) -> None:
        self._model, self._texture, self._temperature = model, texture, temperature
        self._random = np.random.default_rng((seed, 0))
        self._state = model.pitch.start
        self._given = (prime.pitch + PITCHES * prime.together).tolist()
        self._offsets = offsets("pitch")
        self._heard = PitchesHeard()
        self.tokens: list[int] = []

    def copied(self) -> "PitchPlayer":
        """Return a player that goes on from here by itself, with the same luck."""
        other = copy(self)
        other._random, other._heard = deepcopy(self._random), self._heard.copied()
        other.tokens = list(self.tokens)
        return other

    def reach(self, total: int, count: int | None) -> None:
        """Draw pitches until there are `total`, of a piece of `count` notes if that is known."""
        while len(self.tokens) < total:
            index = len(self.tokens)
            known = [*self._heard.features(), to_last(index, count), self._texture]
            self._state = self._model.pitch.step(self._state, np.array(known) + self._offsets)
            odds = self._model.pitch_out(self._state.hidden).copy()
            odds[self._lowest_barred() :] = -np.inf
            drawn = draw(odds, self._temperature, self._random)
            token = self._given[index] if index < len(self._given) else drawn
            self._heard.add(token)
            self.tokens.append(token)

    def _lowest_barred(self) -> int:
        """Return the token from which on none can follow: no chords in a melody, and in chords no
        notes above the one before.
        """
        if self._texture != CHORDS or not self.tokens:
            return PITCHES
        return PITCHES + self.tokens[-1] % PITCHES

    def together(self, index: int) -> bool:
        """Return whether a note begins with the one before."""
        return index < len(self.tokens) and self.tokens[index] >= PITCHES

    def surroundings(
        self, index: int, texture: int, onset: float, count: int | None
    ) -> dict[str, int]:
        """Return what the duration network is to know of a note, by feature."""
        near = self.notes_between(max(index - 1, 0), min(index + 2, len(self.tokens)))
        known = surroundings(near, texture)
        place = 1 if index else 0
        found = {name: int(column[place]) for name, column in known.items()}
        return found | {"position": position_class(onset), "to_end": to_last(index, count)}

    def notes_between(self, first: int, last: int) -> Sequences:
        """Return the pitches of some notes; their other classes are 0."""
        tokens = np.array(self.tokens[first:last])
        zeros = np.zeros(len(tokens), np.int64)
        return Sequences(tokens % PITCHES, tokens // PITCHES, *[zeros] * 5)

    def notes(self, count: int, columns: dict[str, list[int]]) -> Sequences:
        """Return the first notes, with the classes of their durations."""
        known = {name: np.array(column, np.int64) for name, column in columns.items()}
        return replace(self.notes_between(0, count), **known)


def to_last(index: int, count: int | None) -> int:
    """Return how many notes follow one, as a class; all that is known without a `count` is many."""
    return SOONEST_END if count is None else min(count - 1 - index, SOONEST_END)


class DurationPlayer:
    """The duration network, note by note."""

    def __init__(self, model: SoloModel, seed: int, temperature: float) -> None:
        self._model, self._temperature = model, temperature
        self._random = np.random.default_rng((seed, 1))
        self._state = model.duration.start
        self._offsets = offsets("duration")
        self._sizes = TABLES["duration"]
        self.columns: dict[str, list[int]] = {name: [] for name in WRITTEN_AND_PLAYED}

    def copied(self) -> "DurationPlayer":
        """Return a player that goes on from here by itself, with the same luck."""
        other = copy(self)
        other._random = deepcopy(self._random)
        other.columns = {name: list(column) for name, column in self.columns.items()}
        return other

    def add(
        self, known: dict[str, int], given: Sequences | None, *, only_written: bool = False
    ) -> None:
        """Add a note; of a `given` one all classes are known, or only what is written of it."""
        for name, column in self.columns.items():
            feature = f"{name}_before"
            known[feature] = column[-1] if column else self._sizes[feature] - 1
        row = np.array([known[name] for name in self._sizes]) + self._offsets
        self._state = self._model.duration.step(self._state, row)
        memory, out = self._state.hidden, self._model.duration_out
        together = bool(known["together"]) and bool(self.columns["step"])
        step = self._draw(out.step(memory))
        step = self.columns["step"][-1] if together else step
        step = step if given is None else int(given.step[0])
        values = out.value(memory, step)
        if known["texture"] == MELODY:
            # One note at a time: none lasts beyond the next onset.
            values = values.copy()
            values[step + 1 :] = -np.inf
        value = self._draw(values)
        value = value if given is None else int(given.value[0])
        played = out.played(memory, step, value)
        timing = self._draw(out.timing(played))
        timing = self.columns["timing"][-1] if together else timing
        is_played = given is not None and not only_written
        timing = int(given.timing[0]) if given is not None and is_played else timing
        articulation = self._draw(out.articulation(played, timing))
        if given is not None and is_played:
            articulation = int(given.articulation[0])
        for name, drawn in zip(self.columns, (step, value, timing, articulation), strict=True):
            self.columns[name].append(drawn)

    def _draw(self, odds: Vector) -> int:
        return draw(odds, self._temperature, self._random)
