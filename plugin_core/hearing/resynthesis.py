"""Frames back to sound, piece by piece, with the room of a model where there is one."""

from collections.abc import Iterable, Iterator

from plugin_core.audio.harmonic_plus_noise import Synthesizer
from plugin_core.audio.harmonic_plus_noise import synthesize as parameters_to_audio
from plugin_core.audio.reverb import Room
from plugin_core.types import Frames, Mono


def synthesize(
    frames: Frames, sample_rate: int, samples: int | None = None, *, seed: int = 0
) -> Mono:
    """Return the sound of synthesis parameters, shape (samples,), at 8000 to 192000 Hz.

    By default it ends at the last frame; a longer one holds that. `seed` is the noise's. Raises
    ValueError for another rate, and for values that are not finite.
    """
    return parameters_to_audio(
        frames.f0_hz, frames.amplitude, frames.harmonics, frames.noise, sample_rate, samples,
        seed=seed,
    )  # fmt: skip


def resynthesize(
    blocks: Iterable[Frames],
    sample_rate: int,
    samples: int,
    *,
    room: Room | None = None,
    seed: int = 0,
) -> Iterator[Mono]:
    """Yield the sound of frames that come in blocks, at least one frame, `samples` samples in all.

    However the frames are divided, the dry sound is the same. `room` is one of this rate that has
    heard nothing yet; `seed` is the noise's.
    """
    synthesizer = Synthesizer(sample_rate, seed=seed)
    heard = 0
    for block in blocks:
        audio = synthesizer.process(block.f0_hz, block.amplitude, block.harmonics, block.noise)
        audio = audio[: samples - heard]
        heard += len(audio)
        if len(audio):
            yield audio if room is None else room.process(audio)
    if heard < samples:
        audio = synthesizer.finish(samples)
        yield audio if room is None else room.process(audio)
