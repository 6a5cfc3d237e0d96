"""An hour is heard and sounded again in less than 1 GiB of memory, with nothing left beside it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.benchmarks import command_cost
from plugin_core.score.note_table import read_note_table

RATE = 48000
MOST_MIB = 1024
PHRASE_S = 10


@pytest.fixture(scope="module")
def hour(tmp_path_factory) -> Path:
    """Ten notes in ten seconds, 360 times."""
    time_s = np.arange(RATE) / RATE
    fade = np.clip(np.minimum(time_s, 0.9 - time_s) / 0.02, 0, 1)
    keys = (60, 67, 64, 72, 55, 62, 71, 59, 65, 69)
    hz = [440 * 2 ** ((key - 69) / 12) for key in keys]
    notes = [
        sum(np.sin(2 * np.pi * k * each * time_s) / k for k in range(1, 11)) * fade for each in hz
    ]
    noise = np.random.default_rng(0).uniform(-1e-3, 1e-3, PHRASE_S * RATE)
    phrase = (0.2 * np.concatenate(notes) + noise).astype(np.float32)
    path = tmp_path_factory.mktemp("hour") / "hour.wav"
    with soundfile.SoundFile(path, "w", RATE, 1, "FLOAT", format="WAV") as file:
        for _ in range(3600 // PHRASE_S):
            file.write(phrase)
    return path


@pytest.mark.full
def test_an_hour_is_heard_in_a_gibibyte(hour, tmp_path):
    cost = command_cost(["analyze", str(hour), "--out", str(tmp_path / "out")])
    assert cost.peak_mib < MOST_MIB
    notes = read_note_table(tmp_path / "out" / "notes.csv")
    assert len(notes) == pytest.approx(3600, rel=0.01)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "notes.csv", "frames.npz", "analysis.mid", "analysis.png",
    }  # fmt: skip


@pytest.mark.full
def test_an_hour_is_sounded_again_in_a_gibibyte(hour, tmp_path):
    out = tmp_path / "x.wav"
    words = ["--transpose", "1", "--stretch", "1.1", "--model", "measured"]
    cost = command_cost(["resynthesize", str(hour), "--out", str(out), *words])
    assert cost.peak_mib < MOST_MIB
    assert soundfile.info(out).frames == round(1.1 * 3600 * RATE)
    assert list(tmp_path.iterdir()) == [out]
