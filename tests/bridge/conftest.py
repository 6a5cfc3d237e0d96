"""Sessions small enough to render in every test, with an engine that plays plain sines."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.session import Session, Track
from plugin_core.types import Note, Part
from tests.bridge.performances import MELODY, RATE, perform, score

AMPLITUDE = 0.125


def sine_of(part: Part, *, sample_rate: float, samples: int) -> np.ndarray:
    """Every note as a sine of its pitch, from its onset to its end, shape (samples,)."""
    times = np.arange(samples) / sample_rate
    out = np.zeros(samples)
    for note in part.notes:
        sounding = (times >= note.onset_s) & (times < note.offset_s)
        frequency = 440 * 2 ** ((note.midi_pitch - 69) / 12)
        out += AMPLITUDE * np.sin(2 * np.pi * frequency * times) * sounding
    return out.astype(np.float32)


@pytest.fixture
def sines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine of this process play sines, which need no kernels."""

    def perform(sound, part, *, sample_rate, samples, progress=None, **_):
        if progress:
            progress(1.0)
        return sine_of(part, sample_rate=sample_rate, samples=samples)

    monkeypatch.setattr("plugin_core.performance.perform", perform)
    monkeypatch.setattr("plugin_core.performance.tail_s", lambda sound, part: 0.1)
    monkeypatch.setattr("plugin_core.performance.kernels_cached", lambda: True)


@pytest.fixture
def voice_file(tmp_path: Path) -> Path:
    path = tmp_path / "sine.syx"
    path.write_bytes(single_voice_dump(Voice.initial()))
    return path


@pytest.fixture
def track(voice_file: Path) -> Callable[..., Track]:
    """Make a track of one note of a second, with whatever else is given."""

    def make(name: str = "Lead", *, pitch: int = 69, **others: object) -> Track:
        part = Part(name, notes=(Note(0.0, 1.0, pitch, 100),), end_s=1.0)
        return Track(name=name, part=part, sound=str(voice_file), **others)  # type: ignore[arg-type]

    return make


@pytest.fixture
def session(track: Callable[..., Track]) -> Callable[..., Session]:
    """Make a session of these tracks (two by default) at 22050 Hz."""

    def make(*tracks: Track, **others: object) -> Session:
        chosen = tracks or (track("High", pitch=81), track("Low", pitch=45))
        settings: dict[str, object] = {"sample_rate": 22050, "tail_s": 0.25, **others}
        return Session(name="Test", tracks=chosen, source="test.toml", **settings)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="module")
def violin(tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.performing.untrained import write_untrained  # torch, which few tests need

    return f"{write_untrained(tmp_path_factory.mktemp('models'))}#violin"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, violin: str) -> Path:
    folder = tmp_path_factory.mktemp("made")
    midi = score(folder / "song.mid", *MELODY)
    assert perform(midi, "--sound", violin, "--out", folder / "perf", "--rate", RATE) == 0
    return folder / "perf"


@pytest.fixture
def perf(made: Path, tmp_path: Path) -> Path:
    """A performance to be edited."""
    return Path(shutil.copytree(made, tmp_path / "perf"))
