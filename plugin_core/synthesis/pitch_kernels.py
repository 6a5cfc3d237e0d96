"""The steps of the pitch generator as kernels: history, recurrent unit, bins, chance.

One call makes the pitch of a whole phrase. The layers are those of `pitch_generator`, which trains
them; a test holds both together. Weights are (outputs, inputs) as in PyTorch, gates in its order:
reset, update, new.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point, kernel, summing_kernel
from plugin_core.audio.noise import white

MEMORY = 12
"""Steps of history that are seen as they were: about one cycle of a vibrato."""
HISTORY = MEMORY + 9
"""What the network gets of them."""

_NEAR, _NEAR_GAIN = 1.0, 4.0
_WIDE, _WIDE_GAIN = 12.0, 0.25
_MOVING, _MOVING_GAIN = 0.25, 20.0
_CHOICE, _PLACE = np.uint64(0), np.uint64(1)

Row = NDArray[np.float32]
Matrix = NDArray[np.float32]


@entry_point
def make_steps(
    pitches: Row,
    surprise: Row,
    reference: Row,
    is_played: NDArray[np.bool_],
    is_start: NDArray[np.bool_],
    lowest: NDArray[np.int64],
    highest: NDArray[np.int64],
    known: Row,
    gates: Matrix,
    hidden: Matrix,
    from_history: Matrix,
    from_state: Matrix,
    state_bias: Row,
    state_to_hidden: Matrix,
    hidden_to_bins: Matrix,
    bins_bias: Row,
    edges: Row,
    seed: int,
    first: int,
    temperature: float,
    least: float,
) -> None:
    """Write the MIDI pitch of every step to `pitches`, shape (S,), NaN where none is played.

    `known` (S,) has the pitches that are given, NaN where one is to be made; `surprise` (S,) gets
    minus the log likelihood of each step's bin before temperature and limits. `gates` (S, 3 H) and
    `hidden` (S, N) are what the conditioning contributes, biases included. A bin counts from
    `least` times the likeliest on; temperature 0 takes the likeliest. Chance is that of step
    `first` + s.
    """
    size = from_state.shape[1]
    state = np.zeros(size, np.float32)
    gate = np.zeros(3 * size, np.float32)
    kept = np.zeros(3 * size, np.float32)
    history = np.zeros(HISTORY, np.float32)
    middle = np.zeros(state_to_hidden.shape[0], np.float32)
    odds = np.zeros(len(bins_bias), np.float32)
    past = np.zeros(MEMORY, np.float32)
    is_past = np.zeros(MEMORY, np.bool_)
    for step in range(len(pitches)):
        if is_start[step]:
            for i in range(size):
                state[i] = np.float32(0.0)
            for k in range(MEMORY):
                is_past[k] = False
        look_back(history, past, is_past, reference[step])
        put_product(gate, gates[step], from_history, history)
        put_product(kept, state_bias, from_state, state)
        recur(state, gate, kept)
        for k in range(MEMORY - 1, 0, -1):
            past[k] = past[k - 1]
            is_past[k] = is_past[k - 1]
        is_past[0] = False
        pitches[step] = np.nan
        surprise[step] = 0.0
        if not is_played[step]:
            continue
        put_product(middle, hidden[step], state_to_hidden, state)
        for i in range(len(middle)):
            middle[i] = max(middle[i], np.float32(0.0))
        put_product(odds, bins_bias, hidden_to_bins, middle)
        total = log_sum(odds)
        deviation = np.float64(known[step]) - np.float64(reference[step])
        if np.isnan(deviation):
            at = np.uint64(np.int64(first + step))
            chance = 0.5 + 0.5 * white(np.uint64(seed), _CHOICE, at)
            chosen = choose(odds, lowest[step], highest[step], chance, temperature, least)
            place = 0.5 + (0.5 * white(np.uint64(seed), _PLACE, at) if temperature > 0.0 else 0.0)
            deviation = edges[chosen] + place * (edges[chosen + 1] - edges[chosen])
            pitches[step] = np.float32(reference[step] + deviation)
        else:
            chosen = 0
            while chosen < len(odds) - 1 and edges[chosen + 1] <= deviation:
                chosen += 1
            pitches[step] = known[step]
        surprise[step] = total - odds[chosen]
        past[0] = pitches[step]
        is_past[0] = True


@kernel
def look_back(history: Row, past: Row, is_past: NDArray[np.bool_], reference: float) -> None:
    """Write what the network sees of the last pitches, latest first, to `history`, (HISTORY,)."""
    for k in range(MEMORY):
        away = past[k] - reference if is_past[k] else np.float32(0.0)
        history[k] = np.float32(_NEAR_GAIN * within(away, _NEAR))
        if k in (0, 1, 3):
            place = MEMORY + (k + 1) // 2
            history[place] = np.float32(_WIDE_GAIN * within(away, _WIDE))
    first = past[0] - past[1] if is_past[0] and is_past[1] else np.float32(0.0)
    second = past[1] - past[2] if is_past[1] and is_past[2] else np.float32(0.0)
    bend = first - second if is_past[0] and is_past[2] else np.float32(0.0)
    history[MEMORY + 3] = np.float32(_MOVING_GAIN * within(first, _MOVING))
    history[MEMORY + 4] = np.float32(_MOVING_GAIN * within(bend, _MOVING))
    history[MEMORY + 5] = np.float32(is_past[0])
    history[MEMORY + 6] = np.float32(is_past[1])
    history[MEMORY + 7] = np.float32(is_past[3])
    history[MEMORY + 8] = np.float32(is_past[MEMORY - 1])


@kernel
def within(value: Any, bound: float) -> Any:
    """Return the value, at most `bound` from 0."""
    return min(max(value, -bound), bound)


@kernel
def recur(state: Row, gate: Row, kept: Row) -> None:
    """Move the state of a gated recurrent unit, (H,), on: `gate` is from outside, both (3 H,)."""
    size = len(state)
    for i in range(size):
        reset = 1.0 / (1.0 + math.exp(-(gate[i] + kept[i])))
        update = 1.0 / (1.0 + math.exp(-(gate[size + i] + kept[size + i])))
        new = math.tanh(gate[2 * size + i] + reset * kept[2 * size + i])
        state[i] = np.float32(new + update * (state[i] - new))


@summing_kernel
def put_product(out: Row, bias: Row, matrix: Matrix, vector: Row) -> None:
    """Write `bias + matrix @ vector` to `out`."""
    for i in range(len(out)):
        total = bias[i]
        for j in range(len(vector)):
            total += matrix[i, j] * vector[j]
        out[i] = total


@kernel
def log_sum(odds: Row) -> float:
    """Return the logarithm of the sum of the exponentials."""
    top = np.float64(odds[0])
    for each in odds:
        top = max(top, np.float64(each))
    total = 0.0
    for each in odds:
        total += math.exp(each - top)
    return top + math.log(total)


@kernel
def choose(
    odds: Row, lowest: int, highest: int, chance: float, temperature: float, least: float
) -> int:
    """Return a bin of `lowest` .. `highest` by its odds (log likelihood) and a chance of 0..1."""
    best = lowest
    for i in range(lowest, highest + 1):
        if odds[i] > odds[best]:
            best = i
    if temperature <= 0.0:
        return best
    total = 0.0
    for i in range(lowest, highest + 1):
        total += share(odds[i] - odds[best], temperature, least)
    wanted = chance * total
    for i in range(lowest, highest + 1):
        wanted -= share(odds[i] - odds[best], temperature, least)
        if wanted < 0.0:
            return i
    return best


@kernel
def share(odds: float, temperature: float, least: float) -> float:
    """Return how often a bin comes, relative to the likeliest, by its odds below that one's."""
    likely = math.exp(odds / temperature)
    return likely if likely >= least else 0.0
