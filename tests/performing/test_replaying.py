"""A stretch of a part played again is what the whole has there."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.expression.excerpts import excerpt, joined
from plugin_core.performing.movements import STILL, Movements
from plugin_core.performing.playing import generate
from plugin_core.performing.replaying import replay
from plugin_core.synthesis.synthesis_model import SynthesisModel
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

PLAYED = Expression(0.8, 0.1, 0.3, 0.4, 0.35, 0.4)
LINE = [
    ExpressiveNote(Note(onset_s, offset_s, key, 80), PLAYED)
    for onset_s, offset_s, key in (
        (0.3, 0.9, 67), (0.9, 1.4, 69), (1.4, 2.2, 71),
        (5.1, 5.8, 72), (5.8, 6.6, 67),  # a passage of its own, after a long rest
    )
]  # fmt: skip
SEED = 3


@pytest.fixture(scope="module")
def synthesis() -> SynthesisModel:
    return SynthesisModel().eval()


@pytest.fixture(scope="module")
def whole(synthesis: SynthesisModel) -> Frames:
    return joined(generate(synthesis, LINE, "violin", seed=SEED))


def again(synthesis: SynthesisModel, first: int, f0_hz, moving: Movements = STILL) -> Frames:
    return replay(synthesis, LINE, "violin", SEED, moving, first, f0_hz.astype(np.float32))


def test_a_passage_as_a_whole_is_the_same(synthesis, whole):
    played = again(synthesis, 0, np.full(800, np.nan))
    for name in ("f0_hz", "amplitude", "harmonics", "noise"):
        # The passage begins 50 frames before its first note.
        ours, theirs = getattr(played, name)[25:790], getattr(whole, name)[25:790]
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("first", [300, 302, 1200])
def test_the_pitch_around_is_kept_and_what_is_found_goes_on_from_it(synthesis, whole, first):
    known = excerpt(whole, slice(first, first + 500)).f0_hz.copy()
    known[250:290] = np.nan
    played = again(synthesis, first, known)
    assert len(played.f0_hz) == 500
    outside = ~np.isnan(known)
    np.testing.assert_array_equal(played.f0_hz[outside], known[outside].astype(np.float32))
    np.testing.assert_allclose(played.f0_hz, whole.f0_hz[first : first + 500], rtol=0.1)


def test_rests_between_passages_are_silent(synthesis):
    played = again(synthesis, 0, np.full(1800, np.nan))
    assert not played.amplitude[550 + 250 : 1275 - 50].any()
    assert not played.noise[550 + 250 : 1275 - 50].any()
    assert played.noise[1300].any()


def test_what_moves_is_laid_over_and_taken_off_the_pitch_that_is_known(synthesis, whole):
    bend = Movements(semitones=np.full(600, 2.0), gain_db=np.full(600, -6.0))
    plain = again(synthesis, 0, np.full(600, np.nan))
    moved = again(synthesis, 0, np.full(600, np.nan), bend)
    np.testing.assert_allclose(moved.f0_hz, plain.f0_hz * 2 ** (2 / 12), rtol=1e-5)
    np.testing.assert_allclose(moved.amplitude, plain.amplitude * 10 ** (-6 / 20), rtol=1e-4)
    known = moved.f0_hz.copy()
    known[300:340] = np.nan
    kept = again(synthesis, 0, known, bend)
    np.testing.assert_array_equal(
        np.delete(kept.f0_hz, np.s_[300:340]), np.delete(moved.f0_hz, np.s_[300:340])
    )
    np.testing.assert_allclose(kept.f0_hz, moved.f0_hz, rtol=0.05)


def test_a_changed_note_is_played_as_it_is_asked(synthesis):
    louder = [*LINE[:2], replace(LINE[2], expression=PLAYED._replace(volume=0.95)), *LINE[3:]]
    nan = np.full(800, np.nan, np.float32)
    quiet = replay(synthesis, LINE, "violin", SEED, STILL, 0, nan)
    loud = replay(synthesis, louder, "violin", SEED, STILL, 0, nan)
    rise_db = 20 * np.log10(loud.amplitude[350:550] / quiet.amplitude[350:550])
    assert rise_db.mean() == pytest.approx(60 * 0.15, abs=1.0)


def test_pitch_that_is_not_there_is_kept_and_harms_nothing(synthesis, whole):
    known = excerpt(whole, slice(300, 700)).f0_hz.copy()
    known[100:180], known[180:230] = 0.0, np.nan
    played = again(synthesis, 300, known)
    assert not played.f0_hz[100:180].any()
    assert np.isfinite(played.f0_hz).all()
    assert (played.f0_hz[180:230] > 100).all()
