"""Recordings understood: audio to synthesis parameters, notes and how they are played."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from plugin_core.hearing.resynthesis import synthesize
from plugin_core.types import HARMONICS, Performance

__all__ = ["analyze", "synthesize"]

_MOST_CHANNELS = 64
"""More are samples in the place of channels: audio as soundfile reads it wants to be transposed."""


def analyze(
    audio: ArrayLike,
    sample_rate: float,
    *,
    instrument: str | None = None,
    gain_db: float | None = None,
) -> Performance:
    """Return what is heard in `audio`, one voice at a time: frames, notes and their expression.

    `audio` has shape (samples,) or (channels, samples), the channels of which are averaged; full
    scale is +-1. `sample_rate` is 8000 to 192000 Hz. `instrument` (violin, flute, ...) bounds the
    pitches to look for. `gain_db` is added before volume and attack noise are measured; by default
    it is such that loud passages read volume 0.9.

    Of the performance, `frames` has int(samples * 250 / sample_rate) + 1 frames, frame i at
    i / 250 s: `f0_hz` (frames,) in Hz, carried on where unvoiced; `confidence` (frames,), 0..1;
    `loudness_db` (frames,), A-weighted, dB relative to full scale; `amplitude` (frames,), the sum
    of the harmonics' peak amplitudes, linear; `harmonics` (frames, 100), their shares; `noise`
    (frames, 65), linear magnitudes at 0, 375 .. 24000 Hz. `notes` are by onset, one at a time, with
    the six controls on the raw scale. Where no pitch is sure there are no notes.

    Raises InputError for a rate outside the range, for no samples, and for samples that are not
    finite; ValueError for an array of another shape and for an unknown instrument.
    """
    # Whoever only makes sound of frames does not pay for what hears them.
    from plugin_core.hearing.frames_file import FrameStore
    from plugin_core.hearing.hear import hear
    from plugin_core.hearing.recording import recording_of

    samples = np.asarray(audio)
    channels = samples.shape[0] if samples.ndim == 2 else 1
    if (
        samples.dtype.kind != "f"
        or samples.ndim not in (1, 2)
        or not 0 < channels <= _MOST_CHANNELS
    ):
        raise ValueError(
            "floating-point audio of shape (samples,) or (channels, samples), up to "
            f"{_MOST_CHANNELS} channels, is heard, found {samples.dtype} of shape {samples.shape}"
        )
    if samples.ndim == 2:
        samples = samples.mean(axis=0)
    recording = recording_of(samples, sample_rate)
    with tempfile.TemporaryDirectory(prefix="hexachord-") as folder:
        store = FrameStore(Path(folder), HARMONICS)
        heard = hear(recording, store, instrument=instrument, gain_db=gain_db)
        return Performance(store.read(0, len(store)), heard.notes, heard.gain_db)
