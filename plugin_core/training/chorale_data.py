"""Chorales to learn from: a folder's pieces as grids, and excerpts of them with holes.

A folder holds `jsb-chorales-16th.json` (JSB-Chorales-dataset, after Boulanger-Lewandowski 2012), or
MIDI files of four parts each. Pieces are moved to every key in which the voices can sing them.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.composing.chorale import RANGES, REST, STEPS_PER_BEAT, VOICES, Grid
from plugin_core.composing.chorale_network import FURTHEST, LOWEST, NO_KEY, OUTSIDE
from plugin_core.composing.chorale_parts import grid_of_score
from plugin_core.composing.keys import key_of, transposed
from plugin_core.score import read_midi
from plugin_core.types import InputError

FILE = "jsb-chorales-16th.json"
HELD_OUT_EVERY = 5
"""Of MIDI files by name, every fifth is held out."""

_WITHOUT_KEY = 0.15
_FURTHEST_MOVE = 6
_AT_THE_ENDS = 0.35


@dataclass(frozen=True, slots=True)
class Corpus:
    """Chorales: those to learn from, those to watch the training by, those held out."""

    train: tuple[Grid, ...]
    valid: tuple[Grid, ...]
    test: tuple[Grid, ...]
    source: str
    licence: str


class Excerpts(NamedTuple):
    """A batch as the network sees it: see `ChoraleNetwork.context`."""

    symbols: Tensor
    holes: Tensor
    key: Tensor
    from_start: Tensor
    to_end: Tensor


def read_chorales(folder: Path) -> Corpus:
    """Return the chorales in a folder. Raises InputError where there are none."""
    if not folder.is_dir():
        raise InputError(folder, "", "a folder of chorales", "none")
    known = sorted(folder.rglob(FILE))
    if known:
        return _jsb(known[0])
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    if not files:
        raise InputError(folder, "", f"{FILE} or MIDI files of four parts", "neither")
    pieces = [grid_of_score(read_midi(path)) for path in files]
    held = tuple(pieces[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
    train = [each for i, each in enumerate(pieces) if (i + 1) % HELD_OUT_EVERY]
    if not held:
        raise InputError(folder, "", f"at least {HELD_OUT_EVERY} MIDI files", len(files))
    return Corpus(tuple(train), held, held, f"{len(files)} MIDI files", "as the files")


def _jsb(path: Path) -> Corpus:
    try:
        pieces = json.loads(path.read_text())
        parts = {
            name: tuple(_grid(piece) for piece in pieces[name])
            for name in ("train", "valid", "test")
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        expected = "chorales by train, valid, test"
        raise InputError(path, "", expected, type(error).__name__) from error
    return Corpus(
        parts["train"],
        parts["valid"],
        parts["test"],
        "JSB-Chorales-dataset (czhuang, after Boulanger-Lewandowski 2012)",
        "works in the public domain",
    )


def _grid(piece: Sequence[Sequence[int]]) -> Grid:
    """Return a piece; where fewer than four sing, each pitch goes to who was nearest to it."""
    grid = np.full((len(piece), len(VOICES)), REST, np.int16)
    last = [(low + high) / 2 for low, high in RANGES]
    for step, sung in enumerate(piece):
        pitches = sorted((int(pitch) for pitch in sung if pitch > 0), reverse=True)
        choices = itertools.combinations(range(len(VOICES)), len(pitches))
        who = min(
            choices,
            key=lambda voices: sum(
                abs(last[voice] - pitch) for voice, pitch in zip(voices, pitches, strict=True)
            ),
        )
        # The voices of a full chord may cross: then the order of the file is theirs.
        told = [int(pitch) for pitch in sung] if len(pitches) == len(VOICES) else pitches
        for voice, pitch in zip(who, told, strict=True):
            grid[step, voice] = last[voice] = pitch
    return grid


def symbols_of(grid: Grid) -> NDArray[np.int64]:
    """Return a grid as the network's symbols by beat, shape (beats, 4 voices, 4 sixteenths)."""
    whole = len(grid) - len(grid) % STEPS_PER_BEAT
    symbols = np.where(grid[:whole] == REST, 0, grid[:whole].astype(np.int64) - LOWEST + 1)
    return symbols.reshape(-1, STEPS_PER_BEAT, len(VOICES)).transpose(0, 2, 1)


class ChoraleData:
    """Pieces, from which excerpts are drawn."""

    def __init__(self, pieces: Sequence[Grid]) -> None:
        self._pieces = [symbols_of(piece) for piece in pieces]
        self._keys = [key_of(piece[piece != REST]) for piece in pieces]
        self._moves = [_moves(piece) for piece in pieces]
        beats = np.array([len(piece) for piece in self._pieces], np.float64)
        self._shares = beats / beats.sum()

    def draw(self, random: np.random.Generator, batch: int, beats: int) -> Excerpts:
        """Return excerpts of some pieces, moved to some keys, with some holes."""
        symbols = np.full((batch, beats, 4, 4), OUTSIDE, np.int64)
        holes = np.zeros((batch, beats, 4), bool)
        start = np.full((batch, beats), FURTHEST, np.int64)
        end = np.full((batch, beats), FURTHEST, np.int64)
        key = np.full(batch, NO_KEY, np.int64)
        for row in range(batch):
            piece = int(random.choice(len(self._pieces), p=self._shares))
            move = int(random.choice(self._moves[piece]))
            whole = self._pieces[piece]
            first = _first_beat(random, len(whole), beats)
            place = np.arange(first, first + beats)
            inside = (place >= 0) & (place < len(whole))
            sung = whole[place[inside]]
            symbols[row, inside] = np.where(sung > 0, sung + move, 0)
            start[row] = np.clip(place, 0, FURTHEST)
            end[row] = np.clip(len(whole) - 1 - place, 0, FURTHEST)
            holes[row] = draw_holes(random, beats) & inside[:, None]
            if random.random() > _WITHOUT_KEY:
                key[row] = transposed(self._keys[piece], move)
        arrays = (symbols, holes, key, start, end)
        return Excerpts(*(torch.from_numpy(each) for each in arrays))


def _first_beat(random: np.random.Generator, whole: int, beats: int) -> int:
    """Return where an excerpt of `beats` begins in a piece of `whole` beats.

    It may go a little beyond the piece; as often as `_AT_THE_ENDS` says it is its beginning or end,
    of which there would be too few for what is composed to begin and to close as a piece does.
    """
    luck = random.random()
    if luck < _AT_THE_ENDS:
        return whole - beats if luck < 0.6 * _AT_THE_ENDS else 0
    return int(random.integers(-2, max(whole - beats + 3, -1)))


def _moves(piece: Grid) -> list[int]:
    """Return by how many semitones a piece can be moved within the voices' ranges."""
    sung = [piece[:, voice][piece[:, voice] != REST] for voice in range(len(VOICES))]
    down = max(
        (low - int(each.min()) for each, (low, _) in zip(sung, RANGES, strict=True) if len(each)),
        default=0,
    )
    up = min(
        (high - int(each.max()) for each, (_, high) in zip(sung, RANGES, strict=True) if len(each)),
        default=0,
    )
    return list(range(max(min(down, 0), -_FURTHEST_MOVE), min(max(up, 0), _FURTHEST_MOVE) + 1))


def draw_holes(random: np.random.Generator, beats: int) -> NDArray[np.bool_]:
    """Return holes of an excerpt, (beats, 4): single cells, whole voices, or all voices of a time.

    Never none.
    """
    holes = np.zeros((beats, len(VOICES)), bool)
    kind = random.random()
    if kind < 0.3:
        voices = random.permutation(len(VOICES))[: random.integers(1, len(VOICES) + 1)]
        holes[:, voices] = True
    elif kind < 0.4:
        length = int(random.integers(2, beats + 1))
        first = int(random.integers(0, beats - length + 1))
        holes[first : first + length] = True
    else:
        holes = random.random(holes.shape) < random.random()
    if kind < 0.4 and random.random() < 0.7:
        # As in sampling: some of what was a hole is already there.
        holes &= random.random(holes.shape) < random.random()
    if not holes.any():
        holes[int(random.integers(beats)), int(random.integers(len(VOICES)))] = True
    return holes
