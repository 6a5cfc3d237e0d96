"""Composing a chorale: blocked Gibbs sampling of what is not given.

Every pass makes holes of some of the beats of the voices that are free, all at first and fewer and
fewer, and draws anew what is in them, given all the rest (Yao et al. 2014; Huang et al. 2017,
section 4). Then single beats are drawn anew where voices cross or move in parallel, and the new
ones kept where there are fewer faults. Several chorales are drawn at once, and the best is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.composing.chorale import RANGES, REST, STEPS_PER_BEAT, VOICES, Grid
from plugin_core.composing.chorale_network import (
    FURTHEST,
    LOWEST,
    NO_KEY,
    SYMBOLS,
    ChoraleNetwork,
)
from plugin_core.composing.voice_leading import crossings, faults, parallels

Holes = NDArray[np.bool_]

_MOST, _FEWEST, _ANNEALED = 1.0, 0.06, 0.75
_AROUND = 0.15
"""Of the free beats next to a fault, the share that is drawn anew with it."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a chorale is drawn."""

    passes: int = 64
    mending: int = 24
    """Passes after those, in which faults are drawn anew; 0 leaves what the model says."""
    drafts: int = 4
    temperature: float = 0.9
    mending_temperature: float = 1.0


USUAL = Sampling()


@dataclass(frozen=True, slots=True)
class Task:
    """What is given: `grid` has shape (steps, 4), `free` (beats, 4) is true where to draw."""

    grid: Grid
    free: Holes
    key: int | None


def sample(
    network: ChoraleNetwork,
    task: Task,
    seed: int,
    sampling: Sampling = USUAL,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Grid:
    """Return a chorale that keeps all that is given. The same seed gives the same one.

    Raises ValueError for a grid that is not in whole beats, or holes of another shape.
    """
    beats, rest = divmod(len(task.grid), STEPS_PER_BEAT)
    if rest or not beats or task.free.shape != (beats, len(VOICES)):
        raise ValueError(f"whole beats and holes for them, found {task.free.shape}")
    if not task.free.any():
        return task.grid.copy()
    random = np.random.default_rng(seed)
    player = _Player(network, task, seed, sampling.drafts)
    passes = sampling.passes
    for index in range(passes):
        share = max(_FEWEST, _MOST - index / (_ANNEALED * passes) * (_MOST - _FEWEST))
        holes = random.random((sampling.drafts, *task.free.shape)) < share
        holes &= task.free
        player.symbols = player.drawn(torch.from_numpy(holes), sampling.temperature)
        progress((index + 1) / (passes + sampling.mending))
    for index in range(sampling.mending):
        _mend(player, task, random, sampling.mending_temperature)
        progress((passes + index + 1) / (passes + sampling.mending))
    return min(player.grids(), key=lambda grid: fault_count(grid) + _off_tonic(grid, task))


def _off_tonic(grid: Grid, task: Task) -> float:
    """Return 1 for a bass that was free to end on the tonic and does not."""
    if task.key is None or not task.free[-1, -1]:
        return 0.0
    return float(grid[-1, -1] % 12 != task.key % 12)


def fault_count(grid: Grid) -> float:
    """Return the faults in a grid: a crossing counts by its length in beats, a parallel as one."""
    return float(crossings(grid).sum() / STEPS_PER_BEAT + parallels(grid)[0].sum())


def _mend(player: "_Player", task: Task, random: np.random.Generator, temperature: float) -> None:
    """Draw anew what is at fault in each draft, and keep what has no more faults."""
    before = player.grids()
    wrong = np.stack(
        [faults(grid).reshape(-1, STEPS_PER_BEAT, len(VOICES)).any(axis=1) for grid in before]
    )
    around = wrong.any(axis=2, keepdims=True).repeat(len(VOICES), axis=2)
    around[:, 1:] |= around[:, :-1].copy()
    around[:, :-1] |= around[:, 1:].copy()
    luck = random.random(wrong.shape)
    holes = ((wrong & (luck < 0.7)) | (around & (luck < _AROUND))) & task.free
    if not holes.any():
        return
    kept = player.symbols
    player.symbols = player.drawn(torch.from_numpy(holes), temperature)
    after = player.grids()
    worse = [fault_count(new) > fault_count(old) for new, old in zip(after, before, strict=True)]
    player.symbols = torch.where(torch.tensor(worse).reshape(-1, 1, 1, 1), kept, player.symbols)


class _Player:
    """Some drafts of one chorale, as symbols (drafts, beats, 4 voices, 4 sixteenths)."""

    def __init__(self, network: ChoraleNetwork, task: Task, seed: int, drafts: int) -> None:
        self.network = network
        self.generator = torch.Generator().manual_seed(seed)
        beats = len(task.free)
        symbols = np.where(task.grid == REST, 0, task.grid.astype(np.int64) - LOWEST + 1)
        by_beat = symbols.reshape(beats, STEPS_PER_BEAT, len(VOICES)).transpose(0, 2, 1)
        self.symbols = torch.from_numpy(by_beat.copy()).repeat(drafts, 1, 1, 1)
        place = torch.arange(beats)
        self.start = place.clamp(max=FURTHEST).repeat(drafts, 1)
        self.end = (beats - 1 - place).clamp(max=FURTHEST).repeat(drafts, 1)
        self.key = torch.full((drafts,), NO_KEY if task.key is None else task.key)
        self.barred = torch.ones(len(VOICES), SYMBOLS, dtype=torch.bool)
        for voice, (low, high) in enumerate(RANGES):
            self.barred[voice, low - LOWEST + 1 : high - LOWEST + 2] = False

    def drawn(self, holes: Tensor, temperature: float) -> Tensor:
        """Return the symbols with new ones in the holes, (drafts, beats, 4)."""
        with torch.inference_mode():
            context = self.network.context(self.symbols, holes, self.key, self.start, self.end)
            before = torch.full_like(self.symbols[..., 0], SYMBOLS)
            steps = []
            for place in range(STEPS_PER_BEAT):
                odds = self.network.step(context, before, place) / temperature
                odds = odds.masked_fill(self.barred, -torch.inf)
                # The largest of odds with Gumbel noise is a draw from them.
                luck = torch.rand(odds.shape, generator=self.generator).clamp(1e-9, 1 - 1e-7)
                drawn = (odds - torch.log(-torch.log(luck))).argmax(dim=-1)
                before = torch.where(holes, drawn, self.symbols[..., place])
                steps.append(before)
            return torch.stack(steps, dim=-1)

    def grids(self) -> list[Grid]:
        """Return the drafts as grids."""
        symbols = self.symbols.numpy().transpose(0, 1, 3, 2)
        pitches = np.where(symbols == 0, REST, symbols + LOWEST - 1).astype(np.int16)
        return list(pitches.reshape(len(pitches), -1, len(VOICES)))
