"""Batches of excerpts from what was heard in a corpus.

An excerpt is filled with pieces of recordings of one instrument, joined with a short fade, so that
short notes train as well as long ones and a model learns that notes change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.synthesis.inference import Heard
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.levels import NEPER_PER_DB
from plugin_core.training.hearing_cache import FRAME_SAMPLES, read_shards

_SHORTEST_PIECE = 25
_LONGEST_COUNTED = 1000
_FROM_ONSET_SHARE = 0.5
_UNKNOWN_SHARE = 0.1
_FADE_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """B excerpts of F frames."""

    heard: Heard
    gain: Tensor
    """Nepers that were added to all levels, shape (B, F): levels minus gain is the recording."""
    instrument: Tensor
    """Shape (B,)."""
    nyquist_hz: Tensor
    """Half the sample rate of the recording, shape (B, F)."""
    audio: Tensor
    """The recording at 16 kHz, shape (B, 64 F)."""
    fade: Tensor
    """Gain at the joints, already applied to `audio`, shape (B, 64 F)."""

    def at_own_level(self) -> "Batch":
        """Return the batch with all levels as they are in the recordings."""
        heard, gain = self.heard, self.gain
        return replace(
            self,
            heard=heard._replace(
                loudness_db=heard.loudness_db - gain / NEPER_PER_DB,
                mel=heard.mel - gain.unsqueeze(-1),
                harmonics=heard.harmonics - gain.unsqueeze(-1),
                noise=heard.noise - gain.unsqueeze(-1),
            ),
            gain=torch.zeros_like(gain),
        )


class HearingData:
    """Recordings held in memory: those for training to draw from, the held-out ones whole."""

    def __init__(self, shards: Sequence[Path], *, varied_share: float = 0.5) -> None:
        """Read the cache; `varied_share` of what is drawn is varied, where there is such."""
        columns = read_shards(shards)
        self._columns = columns
        starts = np.concatenate(([0], np.cumsum(columns["count"])))
        self._starts, self._counts = starts[:-1], np.asarray(columns["count"])
        self._instruments = np.asarray(columns["instrument"])
        chosen = np.flatnonzero(~columns["is_held_out"].astype(bool))
        self._of_instrument = [
            chosen[self._instruments[chosen] == index] for index in range(len(INSTRUMENTS))
        ]
        frames = np.array([self._counts[rows].sum() for rows in self._of_instrument], np.float64)
        self.frames = int(frames.sum())
        # Between "every instrument alike" and "every second alike".
        self._instrument_share = np.sqrt(frames) / np.sqrt(frames).sum()
        self._row_share = [self._shares(rows, varied_share) for rows in self._of_instrument]

    def _shares(self, rows: NDArray[np.intp], varied_share: float) -> NDArray[np.float64]:
        """Return how often each recording is drawn: by its length, up to four seconds."""
        shares = np.minimum(self._counts[rows], _LONGEST_COUNTED).astype(np.float64)
        is_varied = self._columns["copy"].astype(np.int64)[rows] > 0
        for some, share in ((is_varied, varied_share), (~is_varied, 1 - varied_share)):
            if some.any() and not some.all():
                shares[some] *= share / shares[some].sum()
        whole: NDArray[np.float64] = shares / max(shares.sum(), 1e-12)
        return whole

    def draw(self, random: np.random.Generator, batch: int, frames: int) -> Batch:
        """Return `batch` random excerpts of `frames` frames."""
        excerpts, instruments = [], []
        for _ in range(batch):
            instrument = int(random.choice(len(INSTRUMENTS), p=self._instrument_share))
            excerpts.append(self._pieces(random, instrument, frames))
            unknown = random.random() < _UNKNOWN_SHARE
            instruments.append(len(INSTRUMENTS) if unknown else instrument)
        return self._batch(excerpts, instruments)

    def held_out(self) -> Iterator[tuple[str, Batch]]:
        """Yield the instrument of every held-out recording and all of it as a batch of one."""
        columns = self._columns
        for row in np.flatnonzero(columns["is_held_out"]):
            instrument = int(self._instruments[row])
            pieces = [(int(row), 0, int(self._counts[row]))]
            yield INSTRUMENTS[instrument], self._batch([pieces], [instrument])

    def _pieces(
        self, random: np.random.Generator, instrument: int, frames: int
    ) -> list[tuple[int, int, int]]:
        """Return (row, first frame in the row, frames) that add up to `frames`."""
        pieces: list[tuple[int, int, int]] = []
        missing = frames
        while missing:
            row = int(random.choice(self._of_instrument[instrument], p=self._row_share[instrument]))
            count = int(self._counts[row])
            last = max(0, count - min(missing, _SHORTEST_PIECE))
            from_onset = random.random() < _FROM_ONSET_SHARE
            first = 0 if from_onset else int(random.integers(0, last + 1))
            take = min(missing, count - first)
            pieces.append((row, first, take))
            missing -= take
        return pieces

    def _batch(self, excerpts: list[list[tuple[int, int, int]]], instruments: list[int]) -> Batch:
        def gather(name: str) -> Tensor:
            rows = [
                np.concatenate(
                    [
                        self._columns[name][self._starts[row] + first :][:take]
                        for row, first, take in pieces
                    ]
                )
                for pieces in excerpts
            ]
            return torch.from_numpy(np.stack(rows).astype(np.float32))

        def each(name: str) -> Tensor:
            rows = [
                np.concatenate([np.full(take, self._columns[name][row]) for row, _, take in pieces])
                for pieces in excerpts
            ]
            return torch.from_numpy(np.stack(rows).astype(np.float32))

        gain = each("gain")
        fade = torch.from_numpy(np.stack([_fades(pieces) for pieces in excerpts]))
        heard = Heard(
            gather("f0_hz"),
            gather("confidence"),
            gather("loudness_db") + gain / NEPER_PER_DB,
            gather("mel"),
            gather("harmonics") + gain.unsqueeze(-1),
            gather("noise") + gain.unsqueeze(-1),
        )
        return Batch(
            heard,
            gain,
            torch.tensor(instruments),
            each("sample_rate") / 2,
            gather("audio").flatten(1) * fade,
            fade,
        )


def _fades(pieces: list[tuple[int, int, int]]) -> np.ndarray:
    """Return the gain of an excerpt: a short dip at every joint."""
    ramp = np.linspace(0, 1, _FADE_SAMPLES, dtype=np.float32)
    parts = []
    for index, (_, _, take) in enumerate(pieces):
        part = np.ones(take * FRAME_SAMPLES, np.float32)
        if index > 0:
            part[:_FADE_SAMPLES] *= ramp
        if index < len(pieces) - 1:
            part[-_FADE_SAMPLES:] *= ramp[::-1]
        parts.append(part)
    return np.concatenate(parts)
