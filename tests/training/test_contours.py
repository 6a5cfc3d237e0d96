from pathlib import Path

import numpy as np
import pytest

from plugin_core.training.contours import ContourShard, read_contour, write_contours
from plugin_core.training.performed_cache import read_shard
from plugin_core.types import InputError

KEYS = (67, 69, 69, 74)


def write_part(path: Path, *, keys: tuple[int, ...] = KEYS, sharp: float = 0.1) -> None:
    """Write notes of 0.6 s with a vibrato of 5.5 Hz; 0.1 s of silence before the third."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(0, len(keys) * 0.6, 0.01)
    index = np.minimum((times / 0.6 + 1e-9).astype(int), len(keys) - 1)
    wave = 0.27 * np.sin(2 * np.pi * 5.5 * times)
    pitch = np.array(keys)[index] + sharp + wave
    is_rest = (times > 1.15) & (times < 1.2)
    np.savez(
        path,
        time_s=times.astype(np.float32),
        f0_hz=(440 * 2 ** ((pitch - 69) / 12)).astype(np.float32),
        confidence=np.where(is_rest, 0.3, 0.95).astype(np.float32),
        loudness=np.where(is_rest, -6.0, -3.0).astype(np.float32),
    )


def test_notes_are_found_in_curves(tmp_path: Path) -> None:
    path = tmp_path / "violin" / "a.npz"
    write_part(path)
    part = read_contour(path, is_held_out=False)
    assert [row.note.midi_pitch for row in part.notes] == list(KEYS)
    onsets = [row.note.onset_s for row in part.notes]
    np.testing.assert_allclose(onsets, [0.0, 0.6, 1.2, 1.8], atol=0.04)
    assert part.tuning_semitones == pytest.approx(0.1, abs=0.03)
    assert part.frames.harmonics.shape == (len(part.frames), 0)
    assert part.audio is None
    # A recorded violin as loud as this measures some -43 dB.
    assert np.percentile(part.frames.loudness_db, 95) == pytest.approx(-43.0, abs=0.5)
    for row in part.notes:
        # +-27 cents read 1.
        assert row.expression.vibrato == pytest.approx(1.0, abs=0.15)
        # Loud passages are at 0.9; what a contour cannot tell is not a number.
        assert row.expression.volume == pytest.approx(0.9, abs=0.06)
        unknown = (1, 2, 4, 5)
        assert np.isnan([row.expression[column] for column in unknown]).all()


def test_every_sixth_part_is_held_out_and_doubles_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "contours"
    for index in range(7):
        write_part(folder / "violin" / f"part{index}.npz", keys=tuple(k + index for k in KEYS))
    write_part(folder / "violin" / "part0b.npz", sharp=0.1001)
    shard = ContourShard(tmp_path, folder)
    write_contours(shard)
    parts = read_shard(shard.path)
    assert [each.name for each in parts] == [f"violin/part{index}" for index in range(7)]
    assert [each.is_held_out for each in parts] == [False] * 5 + [True, False]
    assert all(each.origin == "contour" for each in parts)


def test_no_contours_and_broken_ones_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected <instrument>/<part>\.npz files, found none"):
        write_contours(ContourShard(tmp_path, tmp_path / "contours"))
    path = tmp_path / "violin" / "x.npz"
    path.parent.mkdir()
    np.savez(path, time_s=np.zeros(3), f0_hz=np.ones(3), confidence=np.ones(3))
    with pytest.raises(InputError, match="expected arrays time_s, f0_hz, confidence, loudness"):
        read_contour(path, is_held_out=False)


def test_the_given_contours_are_read(shared: Path) -> None:
    part = read_contour(shared / "contours/violin/vn_02_1_Sonata.npz", is_held_out=False)
    # 41.7 s of quarter notes and eighths, played throughout.
    assert len(part.frames) == pytest.approx(41.7 * 250, abs=30)
    assert 50 < len(part.notes) < 110
    sounding = sum(row.note.offset_s - row.note.onset_s for row in part.notes)
    assert sounding > 0.8 * 41.7
    assert all(55 <= row.note.midi_pitch <= 100 for row in part.notes)
