import numpy as np
import pytest

from plugin_core.training.note_joins import joins_of
from plugin_core.training.performed_cache import Performed
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

STILL = Expression(0.8, 0.0, 0.0, 0.0, 0.3, 0.0)


def performance(*, gap: int, dip_db: float, glide: int, instrument: str = "violin") -> Performed:
    """Return 30 notes, one key 60, the next key 64, joined alike."""
    length = 100
    keys, level, notes = [], [], []
    for index in range(30):
        key = 60 if index % 2 == 0 else 64
        first = len(keys)
        keys += [key] * length
        level += [-40.0] * length
        keys += [key] * gap
        level += [-90.0] * gap
        notes.append(ExpressiveNote(Note(first / 250, (first + length) / 250, key, 64), STILL))
    pitch, levels = np.array(keys, np.float64), np.array(level)
    for row in notes[1:]:
        at = round(row.note.onset_s * 250)
        if gap == 0:
            before, after = pitch[at - 60], pitch[at + 60]
            steps = np.clip((np.arange(-50, 50) + 0.5) / glide + 0.5, 0, 1)
            pitch[at - 50 : at + 50] = before + (after - before) * steps
            levels[at - 2 : at + 2] = -40 - dip_db
    count = len(pitch)
    frames = Frames(
        (440 * 2 ** ((pitch - 69) / 12)).astype(np.float32),
        np.ones(count, np.float32),
        levels.astype(np.float32),
        (10 ** (levels / 20)).astype(np.float32),
        np.eye(1, 100, dtype=np.float32).repeat(count, axis=0),
        np.full((count, 65), 1e-5, np.float32),
    )
    return Performed(
        name="x",
        instrument=instrument,
        source="made",
        licence="CC0",
        origin="performance",
        is_held_out=False,
        frames=frames,
        notes=tuple(notes),
        tuning_semitones=0.0,
        audio=None,
        gain_db=0.0,
        sample_rate=48000,
    )


@pytest.mark.parametrize("glide", [6, 12, 25])
def test_dips_and_glides_of_a_slur_are_measured(glide: int) -> None:
    joins = joins_of("violin", [performance(gap=0, dip_db=5.0, glide=glide)])
    assert {join.semitones for join in joins.legato} == {4, -4}
    for join in joins.legato:
        assert join.is_legato
        assert join.gap_frames == 0
        assert join.dip_db == pytest.approx(5.0, abs=0.01)
        # Frames are whole: at 15 and at 85 % one may be off.
        assert join.glide_frames == pytest.approx(glide, abs=3)


def test_a_gap_or_a_deep_dip_is_detached() -> None:
    gaps = joins_of("violin", [performance(gap=20, dip_db=0.0, glide=1)])
    assert {join.gap_frames for join in gaps.detached} == {20}
    assert all(join.dip_db == pytest.approx(50.0) for join in gaps.detached)
    deep = joins_of("violin", [performance(gap=0, dip_db=20.0, glide=6)])
    assert all(join.dip_db == pytest.approx(20.0) for join in deep.detached)


def test_an_instrument_without_slurs_borrows_those_of_all() -> None:
    others = performance(gap=0, dip_db=5.0, glide=12)
    own = performance(gap=20, dip_db=0.0, glide=1, instrument="tuba")
    joins = joins_of("tuba", [others, own])
    assert {round(join.dip_db) for join in joins.legato} == {5}
    assert {join.gap_frames for join in joins.detached} == {20}
