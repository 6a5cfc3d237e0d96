"""f0 through unvoiced frames: straight in log f0 from one voiced frame to the next."""

import numpy as np
from numpy.typing import NDArray


class Carrying:
    """Fills the gaps of an f0 that comes in blocks; a gap is held back until it ends."""

    def __init__(self) -> None:
        self._last = 0.0
        self._waiting: list[NDArray[np.float64]] = []

    def add(
        self, f0_hz: NDArray[np.float64], confidence: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Take the next frames, f0_hz 0 where unvoiced; return (2, frames) of what is known."""
        block = np.stack([f0_hz, confidence])
        voiced = np.flatnonzero(f0_hz > 0)
        if len(voiced) == 0:
            self._waiting.append(block)
            return np.zeros((2, 0), np.float32)
        end = int(voiced[-1]) + 1
        whole = np.concatenate([*self._waiting, block[:, :end]], axis=1)
        self._waiting = [block[:, end:]]
        known = np.flatnonzero(whole[0] > 0)
        places, values = known.astype(np.float64), np.log(whole[0, known])
        if self._last:
            places, values = np.append(-1.0, places), np.append(np.log(self._last), values)
        self._last = float(whole[0, -1])
        whole[0] = np.exp(np.interp(np.arange(whole.shape[1]), places, values))
        return whole.astype(np.float32)

    def finish(self) -> NDArray[np.float32]:
        """Return the frames after the last voiced one: f0_hz as there, 0 if there was none."""
        if not self._waiting:
            return np.zeros((2, 0), np.float32)
        whole = np.concatenate(self._waiting, axis=1)
        self._waiting = []
        whole[0] = self._last
        return whole.astype(np.float32)
