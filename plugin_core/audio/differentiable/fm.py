"""Six-operator FM in PyTorch for any of the 32 algorithms: operator levels in, audio out.

    y = level * sin(2 pi ratio * cycles of f0 + sum of y of its modulators)

and the carriers' y add up to the sound (Caspe, McPherson and Sandler 2022, section 3.1, equation
2). A carrier's level is a linear amplitude, 0..1; a modulator's its modulation index in radians.
Sines start at phase 0. The same sound as `plugin_core.audio.operators` makes, which tells what
feedback does: to -90 dB with feedback up to 6 and indices up to 2 pi. Feedback 7 on a loop of an
index above about 5 may be chaotic, fast operators first: from there on two ways of rounding part by
their own last bits, as `tests/audio/test_fm_chaos.py` proves, and none of them is the right one.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from plugin_core.audio.differentiable.feedback import feedback_loop
from plugin_core.audio.differentiable.harmonic import integrated_cycles
from plugin_core.audio.differentiable.intervals import ends, intervals
from plugin_core.audio.operators import FULL_CYCLES, OPERATORS, loop_strength
from plugin_core.dx7.algorithms import ALGORITHMS, Algorithm

FULL_INDEX = 2 * math.pi * FULL_CYCLES
"""Radians: a carrier of level 1 feeds back as much as a modulator of this index."""


def fm_period(
    levels: Tensor,
    ratios: Sequence[float],
    algorithm: int,
    *,
    cycles: int = 1,
    size: int = 256,
    feedback: float = 0.0,
    operators: Sequence[int] = (1, 2, 3, 4, 5, 6),
) -> Tensor:
    """Return steady FM over `cycles` periods of the fundamental, sampled at `size` points.

    Shapes (batch, 6) -> (batch, size), sample i at `cycles * i / size` periods: with feedback off
    and ratios that make whole numbers times `cycles`, line n of its FFT is n / cycles times f0.
    Take twice as many points as the highest line wanted, and as the lines that could fold onto it.
    `ratios` has six entries, operator 1 first, as `levels`; `algorithm` is 1..32, `feedback` the
    DX7's setting, 0..7 (`operators.loop_strength`), which delays by one and two points; what is
    returned is the second pass. Operators that are not among `operators` (1..6) are absent.

    Raises ValueError for other shapes, an unknown algorithm, or operators that do not exist.
    """
    _check(levels, 2, ratios, algorithm, operators)
    turns = _period_turns(tuple(float(ratio) for ratio in ratios), cycles, size, levels.device)
    if feedback > 0.0:
        turns = torch.cat((turns, turns), dim=-1)
    columns = [levels[:, op, None] for op in range(OPERATORS)]
    shape = (len(levels), turns.shape[-1])
    return _connected(list(turns), columns, shape, algorithm, feedback, operators)[:, -size:]


def fm_audio(
    f0_hz: Tensor,
    levels: Tensor,
    ratios: Sequence[float],
    algorithm: int,
    sample_rate: int,
    samples: int,
    *,
    feedback: float = 0.0,
    operators: Sequence[int] = (1, 2, 3, 4, 5, 6),
) -> Tensor:
    """Return the sound of frames, shape (batch, samples), float32.

    `f0_hz` has shape (batch, frames), `levels` (batch, frames, 6): frame i is at i / 250 s; between
    frames all moves in straight lines, and after the last one everything stays as it was there.
    Carriers are silent in a frame without f0, and the f0 of its neighbour holds until there. The
    rest as for `fm_period`; what lies above half the sample rate folds back.

    Raises ValueError for other shapes, an unknown algorithm, or operators that do not exist.
    """
    _check(levels, 3, ratios, algorithm, operators)
    if f0_hz.shape != levels.shape[:-1]:
        raise ValueError(
            f"expected f0 {tuple(levels.shape[:-1])} for levels {tuple(levels.shape)}, "
            f"found {tuple(f0_hz.shape)}"
        )
    grid = intervals(sample_rate, samples, f0_hz.device)
    cycles = grid.join(integrated_cycles(f0_hz, grid.count, grid.position), samples)
    position = grid.position.float()
    sounding = (f0_hz > 0).to(levels.dtype)
    carriers = ALGORITHMS[algorithm - 1].carriers
    turns: dict[float, Tensor] = {}
    columns = []
    for op, ratio in enumerate(ratios):
        of_frames = levels[..., op] * sounding if op + 1 in carriers else levels[..., op]
        start, end = ends(of_frames.float(), grid.count)
        line = start[..., None] + position * (end - start)[..., None]
        columns.append(grid.join(line, samples))
        if op + 1 in operators and ratio not in turns:
            turned = cycles * ratio
            turns[ratio] = (turned - turned.detach().round()).float() * (2 * math.pi)
    of_operators = [turns.get(ratio, position) for ratio in ratios]
    shape = (len(levels), samples)
    return _connected(of_operators, columns, shape, algorithm, feedback, operators)


@lru_cache(maxsize=64)
@torch.inference_mode(False)  # what is kept must serve training too
def _period_turns(
    ratios: tuple[float, ...], cycles: int, size: int, device: torch.device
) -> Tensor:
    """Return every operator's own phase in radians, shape (6, size)."""
    place = torch.arange(size, dtype=torch.float64) * (cycles / size)
    turned = torch.tensor(ratios, dtype=torch.float64)[:, None] * place
    return ((turned - turned.round()) * (2 * math.pi)).float().to(device)


def _connected(
    turns: Sequence[Tensor],
    levels: Sequence[Tensor],
    shape: tuple[int, int],
    number: int,
    feedback: float,
    present: Sequence[int],
) -> Tensor:
    """Return the carriers' sum: operators from 6 down to 1 as an algorithm connects them.

    The operators' own phases, in radians, and their levels are of shapes that broadcast to `shape`.
    """
    algorithm = ALGORITHMS[number - 1]
    sounds: dict[int, Tensor] = {}
    if feedback > 0.0 and set(algorithm.loop) <= set(present):
        sounds = _looped(turns, levels, shape, algorithm, feedback)
    for operator in sorted(present, reverse=True):
        if operator in sounds:
            continue
        phase = turns[operator - 1]
        for source in algorithm.modulators_of(operator):
            if source in sounds:
                phase = phase + sounds[source]
        sounds[operator] = levels[operator - 1] * torch.sin(phase)
    heard = [sounds[carrier] for carrier in algorithm.carriers if carrier in sounds]
    if not heard:
        return torch.zeros(shape, device=levels[0].device)
    total = heard[0]
    for sound in heard[1:]:
        total = total + sound
    return total.expand(shape)


def _looped(
    turns: Sequence[Tensor],
    levels: Sequence[Tensor],
    shape: tuple[int, int],
    algorithm: Algorithm,
    feedback: float,
) -> dict[int, Tensor]:
    """Return what the operators of the feedback loop make; nothing else modulates them."""
    # In radians throughout: a carrier of level 1 counts as FULL_INDEX.
    scales = [FULL_INDEX if op in algorithm.carriers else 1.0 for op in algorithm.loop]
    gains = [
        levels[op - 1].expand(shape) * scale
        for op, scale in zip(algorithm.loop, scales, strict=True)
    ]
    phases = [turns[op - 1].expand(shape) for op in algorithm.loop]
    sounds = feedback_loop(
        torch.stack(phases), torch.stack(gains), loop_strength(feedback, algorithm.number)
    )
    return {op: sounds[i] / scales[i] for i, op in enumerate(algorithm.loop)}


def _check(
    levels: Tensor,
    dimensions: int,
    ratios: Sequence[float],
    algorithm: int,
    operators: Sequence[int],
) -> None:
    if levels.dim() != dimensions or levels.shape[-1] != OPERATORS or len(ratios) != OPERATORS:
        raise ValueError(
            f"expected levels (..., {OPERATORS}) of {dimensions} dimensions and {OPERATORS} "
            f"ratios, found {tuple(levels.shape)} and {len(ratios)}"
        )
    if not 1 <= algorithm <= len(ALGORITHMS) or not set(operators) <= set(range(1, 7)):
        raise ValueError(
            f"expected an algorithm of 1..{len(ALGORITHMS)} and operators of 1..{OPERATORS}, "
            f"found {algorithm} and {tuple(operators)}"
        )
