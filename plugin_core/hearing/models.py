"""Who turns a recording into synthesis parameters: what was measured, or a trained model on top.

`measured` needs no model; `inference` and `autoencoder` are bundled; `path/model.ts` is any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from plugin_core.audio.reverb import Room
from plugin_core.hearing.frames_file import FrameStore, cut
from plugin_core.hearing.recording import Recording
from plugin_core.sounds import presets_folder
from plugin_core.types import FRAME_RATE, Frames, InputError

if TYPE_CHECKING:
    from plugin_core.synthesis.hearing_model import HearingModel

MEASURED = "measured"
BUNDLED = ("inference", "autoencoder")

_SLICE, _CONTEXT = 15_000, 500


@dataclass(frozen=True, slots=True)
class Inferrer:
    """A trained model ready to hear `instrument`; None is an unknown one."""

    name: str
    model: "HearingModel" = field(repr=False)
    instrument: str | None

    def room(self, sample_rate: int) -> Room:
        """Return the room in which its frames sound like the recording."""
        return self.model.room(self.instrument, sample_rate)

    def blocks(self, recording: Recording, frames: FrameStore) -> Iterator[Frames]:
        """Yield frames that sound more like the recording than the measured `frames`, in order.

        Longer recordings are inferred a minute at a time, with 2 s around them.
        """
        import torch

        from plugin_core.synthesis.hearing_model import infer

        torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
        rate = recording.sample_rate
        gain = self.model.gain(frames.curve("loudness_db"))
        for first in range(0, len(frames), _SLICE):
            last = min(first + _SLICE, len(frames))
            before, after = max(first - _CONTEXT, 0), min(last + _CONTEXT, len(frames))
            # Slices begin at whole seconds, so at a sample.
            audio = recording.read(before // FRAME_RATE * rate, -(-after * rate // FRAME_RATE))
            measured = frames.read(before, after)
            inferred = infer(
                self.model, audio, rate, measured, instrument=self.instrument, gain=gain
            )
            yield cut(inferred, first - before, last - before)


def choose_model(reference: str | None, instrument: str | None) -> Inferrer | None:
    """Return the model that `reference` names, None if the measured parameters are meant.

    None is the bundled inference model where it and torch are installed, else `measured`. Raises
    InputError for a model that cannot be had.
    """
    if reference == MEASURED:
        return None
    if reference is None and not (_bundled(BUNDLED[0]).is_file() and find_spec("torch")):
        return None
    reference = reference or BUNDLED[0]
    path = _bundled(reference) if reference in BUNDLED else Path(reference)
    if not path.is_file():
        expected = f"{MEASURED}, {', '.join(BUNDLED)}, ddx7-violin .. or the path of a .ts model"
        found = "one that is not bundled" if reference in BUNDLED else "no such file"
        raise InputError("--model", reference, expected, found)
    if not find_spec("torch"):
        raise InputError("--model", reference, "torch (pip install 'hexachord[models]')", "none")
    from plugin_core.synthesis.hearing_model import load_model
    from plugin_core.synthesis.instruments import INSTRUMENTS

    known = instrument if instrument in INSTRUMENTS else None
    return Inferrer(path.stem, load_model(path), known)


def _bundled(name: str) -> Path:
    return presets_folder() / "instruments" / f"{name}.ts"
