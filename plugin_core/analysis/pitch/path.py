"""The path through the candidates of all frames: Viterbi, decided as soon as it cannot change.

Every frame has a table of candidates (f0, score) and the choice to be unvoiced. The
best path maximises the sum of the scores less the costs of moving between frames. Survivors are
traced back after every block of frames; where all of them agree the past is decided, so memory
stays small however long the recording is, and the path is that of one Viterbi over all of it.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point

OCTAVE_COST = 0.8
"""Cost of a jump by an octave in one frame, in units of the score; less in proportion."""

FURTHEST_COST = 1.2
"""No jump costs more."""

VOICING_COST = 0.3
"""Cost of turning voiced or unvoiced."""

LONGEST_DOUBT = 5000
"""Frames after which the best path so far is taken although it might still change: 20 s."""


class Path:
    """Viterbi over tables of candidates that come in blocks."""

    def __init__(self, candidates: int) -> None:
        self._total = np.zeros(candidates + 1)
        self._place = np.zeros(candidates + 1, np.float32)
        self._back = np.zeros((0, candidates + 1), np.int16)

    def add(
        self,
        f0_hz: NDArray[np.float32],
        score: NDArray[np.float32],
        unvoiced: NDArray[np.float32],
    ) -> NDArray[np.int16]:
        """Take the next frames; return the choices that are now decided, in order, (decided,).

        `f0_hz` and `score` are (frames, candidates); a candidate that is none has score -inf.
        `unvoiced`, (frames,), is the score of no pitch. A choice is a column, or `candidates` for
        unvoiced.
        """
        back = np.empty((len(score), len(self._total)), np.int16)
        log2_hz = np.log2(np.where(f0_hz > 0, f0_hz, 1))
        _advance(log2_hz, score, unvoiced, self._total, self._place, back)
        self._back = np.concatenate([self._back, back])
        choices = np.empty(len(self._back), np.int16)
        decided = _agreed(self._back, self._total, choices)
        if len(self._back) - decided > LONGEST_DOUBT:
            return self._take(len(self._back) - LONGEST_DOUBT // 2, choices)
        return self._take(decided, choices)

    def finish(self) -> NDArray[np.int16]:
        """Return the choices of the frames that were still undecided, (frames,)."""
        choices = np.empty(len(self._back), np.int16)
        _agreed(self._back, self._total, choices)
        return self._take(len(choices), choices)

    def _take(self, decided: int, choices: NDArray[np.int16]) -> NDArray[np.int16]:
        self._back = self._back[decided:]
        return choices[:decided]


@entry_point
def _advance(
    log2_hz: NDArray[np.float32],
    score: NDArray[np.float32],
    unvoiced: NDArray[np.float32],
    total: NDArray[np.float64],
    place: NDArray[np.float32],
    back: NDArray[np.int16],
) -> None:
    """Bring `total` (best sum that ends in each state) forward; note in `back` where from."""
    none = log2_hz.shape[1]
    new = np.empty_like(total)
    for frame in range(len(score)):
        best_voiced = -1
        for state in range(none):
            if total[state] > -np.inf and (best_voiced < 0 or total[state] > total[best_voiced]):
                best_voiced = state
        for state in range(none):
            if score[frame, state] == -np.inf:
                new[state] = -np.inf
                back[frame, state] = none
                continue
            best = total[none] - VOICING_COST
            source = none
            for other in range(none):
                if total[other] > best:
                    jump = OCTAVE_COST * abs(log2_hz[frame, state] - place[other])
                    value = total[other] - min(jump, FURTHEST_COST)
                    if value > best:
                        best = value
                        source = other
            new[state] = best + score[frame, state]
            back[frame, state] = source
        new[none] = total[none]
        back[frame, none] = none
        if best_voiced >= 0 and total[best_voiced] - VOICING_COST > total[none]:
            new[none] = total[best_voiced] - VOICING_COST
            back[frame, none] = best_voiced
        new[none] += unvoiced[frame]
        highest = new[none]
        for state in range(none):
            highest = max(highest, new[state])
            place[state] = log2_hz[frame, state]
        for state in range(none + 1):
            total[state] = new[state] - highest


@entry_point
def _agreed(back: NDArray[np.int16], total: NDArray[np.float64], choices: NDArray[np.int16]) -> int:
    """Write the best path that ends now; return how many frames all possible paths share."""
    frames, states = back.shape
    alive = np.empty(states, np.bool_)
    best = 0
    for state in range(states):
        alive[state] = total[state] > -np.inf
        if total[state] > total[best]:
            best = state
    decided = -1
    for frame in range(frames - 1, -1, -1):
        count = 0
        for state in range(states):
            count += alive[state]
        if count == 1 and decided < 0:
            decided = frame + 1
        choices[frame] = best
        best = back[frame, best]
        if decided < 0:
            before = np.zeros(states, np.bool_)
            for state in range(states):
                if alive[state]:
                    before[back[frame, state]] = True
            alive[:] = before
    return max(decided, 0)
