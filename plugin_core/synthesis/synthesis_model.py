"""The Synthesis Generator as a user has it: expressive notes to synthesis parameters.

Pitch first, step by step (`pitch_generator`), then all levels on it (`level_generator`), then the
controls are set to what was asked where the networks missed it (`expression.control_fitting`).
MIDI-DDSP, section 3.3; the last step is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from plugin_core.audio.differentiable.reverb import Reverb
from plugin_core.audio.reverb import Room, response_at_rate
from plugin_core.expression.control_fitting import fit_controls
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.synthesis.flicker import flickering
from plugin_core.synthesis.hearing_model import ROOM_RATE
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.level_generator import CHANCE, STRIDE, LevelGenerator
from plugin_core.synthesis.levels import SILENT
from plugin_core.synthesis.note_conditioning import Conditioning, condition
from plugin_core.synthesis.pitch_curve import LOOK_AHEAD
from plugin_core.synthesis.pitch_generator import PitchGenerator, generate
from plugin_core.types import FRAME_RATE, HARMONICS, ExpressiveNote, Frames, InputError

KIND = "synthesis"
RELEASE_S = 1.0
"""How long the last note rings on unless it is said otherwise."""

_BLOCK, _CONTEXT = 5000, 256
_HIGHEST_HZ = 22050.0
"""Hardly a recording reaches further: what networks say of it means nothing."""
_NOISE_BANDS_KNOWN = int(_HIGHEST_HZ // 375.0)
_NOISE_FALL_DB = 6.0
_CHANCE_BLOCK = 256


class SynthesisModel(nn.Module):
    """A pitch generator, a level generator and a room for every instrument."""

    instruments = INSTRUMENTS

    def __init__(self) -> None:
        super().__init__()
        self.description: dict[str, Any] = {}
        self.pitch = PitchGenerator(len(INSTRUMENTS))
        self.levels = LevelGenerator(len(INSTRUMENTS))
        self.reverb = Reverb(ROOM_RATE, instruments=len(INSTRUMENTS))

    def perform(
        self,
        notes: Sequence[ExpressiveNote],
        instrument: str,
        *,
        seed: int = 0,
        first: int = 0,
        frames: int | None = None,
        f0_hz: NDArray[np.float32] | None = None,
        temperature: float = 1.0,
        fit: bool = True,
    ) -> Frames:
        """Return the synthesis parameters of notes, sorted by onset, of one player.

        Levels are on the normalised scale: the controls are measured with a gain of 0 dB. The
        frames are `frames` from `first` (a multiple of 4) on, by default until RELEASE_S after the
        last key. `f0_hz`, shape (frames,), is the pitch where it is known already, NaN where it is
        to be found; `temperature` scales how far the pitch may stray; `fit` sets the controls of
        the notes that lie in these frames right. The same arguments give the same frames. Raises
        ValueError for no or unsorted notes and for a pitch of another length, InputError for an
        unknown instrument.
        """
        if frames is None:
            latest = max((each.note.offset_s for each in notes), default=0.0)
            frames = max(round((latest + RELEASE_S) * FRAME_RATE) - first, 1)
        if f0_hz is not None and len(f0_hz) != frames:
            raise ValueError(f"expected a pitch of {frames} frames, found {len(f0_hz)}")
        known = condition(notes, instrument, frames, first=first)
        found_hz = self._pitch(notes, instrument, first, frames, f0_hz, seed, temperature)
        flicker = self.description.get("flicker", {}).get(instrument)
        made = self._levels(known, found_hz, seed, first)
        made = flickering(made, flicker, pitch=known.pitch, seed=seed, first=first)
        if not fit:
            return made
        inside = _within(notes, first, frames)
        return fit_controls(made, inside, 0.0, start_s=first / FRAME_RATE, seed=seed)

    def _pitch(
        self,
        notes: Sequence[ExpressiveNote],
        instrument: str,
        first: int,
        frames: int,
        f0_hz: NDArray[np.float32] | None,
        seed: int,
        temperature: float,
    ) -> NDArray[np.float32]:
        """Return the pitch, as if there were more frames: where they end must not show."""
        beyond = np.full(LOOK_AHEAD, np.nan, np.float32)
        found_hz = generate(
            self.pitch,
            condition(notes, instrument, frames + LOOK_AHEAD, first=first),
            seed=seed,
            temperature=temperature,
            first=first,
            f0_hz=None if f0_hz is None else np.concatenate((f0_hz, beyond)),
        )
        return found_hz[:frames]

    def room(self, instrument: str, sample_rate: int) -> Room:
        """Return the room of an instrument at a sample rate; InputError for an unknown name."""
        if instrument not in INSTRUMENTS:
            raise InputError("instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
        index = INSTRUMENTS.index(instrument)
        with torch.inference_mode():
            mix = float(self.reverb.mix()[index])
            response = self.reverb.responses()[index].numpy()
        return Room(response_at_rate(response, ROOM_RATE, sample_rate), mix)

    def _levels(
        self, known: Conditioning, f0_hz: NDArray[np.float32], seed: int, start: int
    ) -> Frames:
        """Return the frames of the level generator, a block with its surroundings at a time."""
        count = len(known)
        parts = []
        for first in range(0, count, _BLOCK):
            last = min(first + _BLOCK, count)
            before, after = max(first - _CONTEXT, 0), min(last + _CONTEXT, count)
            drawn = chance(seed, start + before, start + after)
            made = self._block(known, f0_hz, drawn, slice(before, after))
            parts.append(made[first - before : last - before])
        made = np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
        amplitude, harmonics = made[:, 0], made[:, 1 : 1 + HARMONICS]
        return _as_frames(f0_hz, known, amplitude, harmonics, made[:, 1 + HARMONICS :])

    def _block(
        self,
        known: Conditioning,
        f0_hz: NDArray[np.float32],
        drawn: NDArray[np.float32],
        where: slice,
    ) -> NDArray[np.float32]:
        """Return amplitude, shares and noise side by side, linear, shape (frames, 166)."""
        count = len(drawn)
        columns = (
            known.features[where],
            known.pitch[where],
            known.controls[where],
            f0_hz[where].astype(np.float32),
            drawn,
        )
        # An odd last frame is worked out with a copy of itself.
        repeat = count % STRIDE
        features, pitch, controls, hz, chances = (
            torch.from_numpy(np.concatenate((each, each[count - repeat :]))).unsqueeze(0)
            for each in columns
        )
        with torch.inference_mode():
            index = torch.tensor([known.instrument])
            levels = self.levels(features, pitch, controls, hz, index, chances)
            rows = (levels.amplitude.unsqueeze(-1), levels.harmonics, levels.noise)
            made = torch.exp(torch.cat(rows, dim=-1))[0, :count]
        return made.numpy()


def _within(notes: Sequence[ExpressiveNote], first: int, frames: int) -> tuple[ExpressiveNote, ...]:
    """Return the notes that lie in these frames as a whole, in their time."""
    seconds, end_s = first / FRAME_RATE, (first + frames) / FRAME_RATE
    return tuple(
        ExpressiveNote(
            replace(
                each.note,
                onset_s=each.note.onset_s - seconds,
                offset_s=each.note.offset_s - seconds,
            ),
            each.expression,
        )
        for each in notes
        if each.note.onset_s >= seconds and each.note.offset_s <= end_s
    )


def chance(seed: int, first: int, last: int) -> NDArray[np.float32]:
    """Return the chance of the frames `first` to `last`, shape (frames, CHANCE), by the seed alone.

    What a frame draws does not depend on which others are asked for.
    """
    blocks = []
    for block in range(first // _CHANCE_BLOCK, -(-last // _CHANCE_BLOCK)):
        drawn = np.random.default_rng((seed, block)).standard_normal((_CHANCE_BLOCK, CHANCE))
        blocks.append(drawn.astype(np.float32))
    start = first // _CHANCE_BLOCK * _CHANCE_BLOCK
    return np.concatenate(blocks)[first - start : last - start]


def _as_frames(
    f0_hz: NDArray[np.float32],
    known: Conditioning,
    amplitude: NDArray[np.float32],
    shares: NDArray[np.float32],
    noise: NDArray[np.float32],
) -> Frames:
    """Return frames; above what recordings hold, harmonics are silent and noise falls away."""
    hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
    audible = shares * (hz < _HIGHEST_HZ)
    total = audible.sum(axis=1)
    audible[total <= 0, 0] = 1.0
    audible /= np.where(total > 0, total, 1.0)[:, None]
    beyond = np.arange(1, noise.shape[1] - _NOISE_BANDS_KNOWN + 1)
    fall = (10 ** (-_NOISE_FALL_DB / 20 * beyond)).astype(np.float32)
    noise = noise.copy()
    noise[:, _NOISE_BANDS_KNOWN:] = noise[:, _NOISE_BANDS_KNOWN - 1, None] * fall
    least = 2 * np.exp(SILENT)
    amplitude = np.where(amplitude < least, 0.0, amplitude)
    loudness_db = np.maximum(20 * np.log10(np.maximum(amplitude, 1e-6)), -120.0)
    return Frames(
        f0_hz.astype(np.float32),
        known.is_on.astype(np.float32),
        loudness_db.astype(np.float32),
        amplitude.astype(np.float32),
        audible.astype(np.float32),
        np.where(noise < least, 0.0, noise).astype(np.float32),
    )


def load_synthesis_model(path: Path) -> SynthesisModel:
    """Return the model of an archive, its description as `model.description`.

    Raises InputError for a file that is no archive of a Synthesis Generator.
    """
    description, weights = read_archive(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", KIND, description.get("kind"))
    model = SynthesisModel()
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(path, "weights", f"those of the kind {KIND}", error) from error
    model.description = description
    return model.eval()


def save_synthesis_model(path: Path, model: SynthesisModel, description: Mapping[str, Any]) -> None:
    """Write a model as an archive with its card; TorchScript holds the level generator.

    The weights are kept in half precision, which halves the file.
    """
    card = {"kind": KIND, "instruments": list(INSTRUMENTS), **description}
    weights = {name: each.half() for name, each in model.state_dict().items()}
    write_archive(path, model.levels, weights, card)
