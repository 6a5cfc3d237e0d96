from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from plugin_core.training.performed import with_velocities
from plugin_core.training.performed_cache import Performed, read_shard, shard_exists, write_shard
from plugin_core.types import Expression, ExpressiveNote, Frames, InputError, Note


def phrase(name: str, count: int, *, harmonics: int = 100, audio: bool = True) -> Performed:
    random = np.random.default_rng(count)
    curves = (random.uniform(0, 1, count).astype(np.float32) for _ in range(4))
    noise = 65 if harmonics else 0
    tables = (
        random.uniform(0, 1, (count, width)).astype(np.float32) for width in (harmonics, noise)
    )
    unknown = float("nan")
    controls = Expression(0.7, 0.1, 0.5, 0.0, 0.3 if harmonics else unknown, unknown)
    return Performed(
        name=name,
        instrument="violin",
        source="made",
        licence="CC0",
        origin="performance",
        is_held_out=False,
        frames=Frames(*curves, *tables),
        notes=(ExpressiveNote(Note(0.1, 0.2, 69, 64), controls),),
        tuning_semitones=0.125,
        audio=random.uniform(-1, 1, 64 * count).astype(np.float32) if audio else None,
        gain_db=-3.5,
        sample_rate=44100,
    )


def assert_same(one: Performed, two: Performed) -> None:
    for column in fields(Frames):
        np.testing.assert_array_equal(
            getattr(one.frames, column.name), getattr(two.frames, column.name)
        )
    assert repr(one.notes) == repr(two.notes)  # NaN is not equal to itself.
    if one.audio is None or two.audio is None:
        assert one.audio is two.audio
    else:
        np.testing.assert_array_equal(one.audio, two.audio)
    plain = {"frames": two.frames, "notes": (), "audio": None}
    assert replace(one, **plain) == replace(two, **plain)


def test_a_shard_is_read_as_it_was_written(tmp_path: Path) -> None:
    phrases = [
        phrase("a", 7),
        phrase("b", 5, harmonics=0, audio=False),
        phrase("c", 3, audio=False),
    ]
    path = tmp_path / "shard"
    assert not shard_exists(path)
    write_shard(path, phrases)
    assert shard_exists(path)
    for written, found in zip(phrases, read_shard(path), strict=True):
        assert_same(written, found)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["shard.f32", "shard.json"]


def test_an_empty_shard_is_a_shard(tmp_path: Path) -> None:
    write_shard(tmp_path / "none", [])
    assert read_shard(tmp_path / "none") == ()


def test_a_shard_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shard"
    write_shard(path, [phrase("a", 7)])
    data = path.with_suffix(".f32")
    data.write_bytes(data.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"shard\.f32: expected \d+ values, found \d+"):
        read_shard(path)
    with pytest.raises(InputError, match="a shard of performed phrases"):
        read_shard(tmp_path / "other")


def test_velocity_tells_the_volume_relative_to_the_instrument() -> None:
    def played(volume: float, is_held_out: bool) -> Performed:
        one = phrase("x", 3)
        note = replace(one.notes[0], expression=one.notes[0].expression._replace(volume=volume))
        return replace(one, notes=(note,), is_held_out=is_held_out)

    rows = ((0.6, False), (0.8, False), (0.75, True), (-2.0, True))
    phrases = [played(volume, is_held_out) for volume, is_held_out in rows]
    velocities = [each.notes[0].note.velocity for each in with_velocities(phrases)]
    # The mean of what is trained on, 0.7, is 64; one step is 0.01.
    assert velocities == [54, 74, 69, 1]
