"""A corpus small enough to train on in a test."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

torch.set_num_threads(1)
"""More are slower, by far (DESIGN.md, section 7)."""

ROWS = (
    # file, instrument, kind, midi pitch, seconds, split
    ("a4.wav", "violin", "note", 69, 0.6, "train"),
    ("e5.wav", "violin", "note", 76, 0.5, "train"),
    ("scale.wav", "flute", "performance", 72, 0.7, "train"),
    ("c3.wav", "tuba", "note", 48, 0.5, "valid"),
)
HEADER = (
    "path,instrument,source,licence,kind,midi_pitch,dynamic,articulation,f0_median_hz,split,flags"
)


def tone(midi_pitch: int, seconds: float, sample_rate: int) -> np.ndarray:
    """Return a tone of eight harmonics over a little noise."""
    times = np.arange(round(seconds * sample_rate)) / sample_rate
    hz = 440 * 2 ** ((midi_pitch - 69) / 12)
    sound = sum(0.2 / k * np.sin(2 * np.pi * k * hz * times) for k in range(1, 9))
    noise = np.random.default_rng(midi_pitch).uniform(-0.002, 0.002, len(times))
    return (sound * np.minimum(1, times / 0.02) + noise).astype(np.float32)


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = [HEADER]
    for name, instrument, kind, pitch, seconds, split in ROWS:
        soundfile.write(folder / name, tone(pitch, seconds, 22050), 22050)
        lines.append(f"{name},{instrument},made,CC0,{kind},{pitch},mf,normal,,{split},")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder
