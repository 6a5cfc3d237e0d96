import numpy as np
import pytest

from bridge.scratch import Scratch


@pytest.fixture(params=[1, 2])
def audio(request) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(request.param, 1000)).astype(np.float32)


def test_what_is_appended_can_be_read_in_any_pieces(tmp_path, audio, monkeypatch):
    monkeypatch.setattr("bridge.scratch._PIECE", 64)
    scratch = Scratch(tmp_path / "x", channels=len(audio))
    scratch.append(audio[:, :300])
    scratch.append(audio[:, 300:])
    assert np.array_equal(scratch.read(0, 1000), audio)
    assert np.array_equal(scratch.read(250, 410), audio[:, 250:410])


def test_reading_ends_with_the_audio(tmp_path, audio):
    scratch = Scratch(tmp_path / "x", channels=len(audio))
    scratch.append(audio)
    assert np.array_equal(scratch.read(990, 2000), audio[:, 990:])


def test_pieces_are_all_of_it(tmp_path, audio, monkeypatch):
    scratch = Scratch(tmp_path / "x", channels=len(audio))
    scratch.append(audio)
    monkeypatch.setattr("bridge.scratch._PIECE", 64)
    pieces = list(scratch.pieces(777))
    assert len(pieces) == 13
    assert np.array_equal(np.concatenate(pieces, axis=1), audio[:, :777])


def test_a_full_disk_is_an_os_error(audio):
    # /dev/full takes nothing: every write finds no space left.
    from pathlib import Path

    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        Scratch(Path("/dev/full"), channels=len(audio)).append(audio)
