"""A take: performed once, gone over again at every level, with nothing lost."""

from dataclasses import replace

import numpy as np
import pytest

import plugin_core
from plugin_core.expression.extraction import extract
from plugin_core.performing.takes import Take, perform, revise, sound_of
from plugin_core.sounds import PhraseSound, load_sound
from plugin_core.types import (
    Controller,
    ControllerKind,
    Expression,
    ExpressiveNote,
    InputError,
    Lane,
    Note,
    Part,
)
from tests.performing.untrained import write_untrained

NOTES = [Note(0.2, 0.8, 69, 80), Note(0.8, 1.4, 71, 90), Note(1.4, 2.2, 72, 70)]
RATE = 16000


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> PhraseSound:
    loaded = load_sound(f"{write_untrained(tmp_path_factory.mktemp('models'))}#violin")
    assert isinstance(loaded, PhraseSound)
    return loaded


@pytest.fixture(scope="module")
def take(sound: PhraseSound) -> Take:
    return perform(NOTES, sound)


def same(a: Take, b: Take) -> np.ndarray:
    """Return which frames are the same to the bit."""
    pairs = [
        (getattr(a.frames, name), getattr(b.frames, name))
        for name in ("f0_hz", "amplitude", "harmonics", "noise", "confidence", "loudness_db")
    ]
    return np.logical_and.reduce([(x == y).reshape(len(x), -1).all(axis=1) for x, y in pairs])


def test_the_names_of_the_package_are_these():
    assert plugin_core.perform is perform
    assert plugin_core.revise is revise
    assert plugin_core.sound_of is sound_of


def test_notes_become_expression_and_frames_and_sound(take):
    assert [each.note for each in take.notes] == NOTES
    assert all(0 <= value <= 1 for each in take.notes for value in each.expression)
    assert len(take.frames) == round(2.2 * 250) + 250
    measured = extract(take.frames, NOTES, take.performance.gain_db)
    for each, asked in zip(measured, take.notes, strict=True):
        assert each.expression.volume == pytest.approx(asked.expression.volume, abs=0.03)
    audio = sound_of(take, RATE)
    assert audio.shape == (round((800 / 250 + 1) * RATE),)
    assert np.abs(audio[: 2 * RATE]).max() > 10 * np.abs(audio[-RATE // 2 :]).max()


def test_the_same_arguments_give_the_same_take(take, sound):
    again = perform(NOTES, sound)
    assert same(again, take).all()
    np.testing.assert_array_equal(sound_of(again, RATE), sound_of(take, RATE))
    assert not same(perform(NOTES, sound, seed=1), take).all()


def test_expressive_notes_are_played_as_they_are(take, sound):
    again = perform(take.notes, sound)
    assert again.notes == take.notes
    assert same(again, take).all()


def test_a_temperature_draws_by_the_seed(sound):
    drawn = [perform(NOTES, sound, temperature=1.0, seed=seed).notes for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_lane_takes_the_place_of_what_is_typical(sound):
    half = perform(NOTES, sound, lanes={"brightness": Lane.constant(0.5)}, performer=0.0)
    assert [each.expression.brightness for each in half.notes] == [0.5] * 3
    plain = perform(NOTES, sound)
    assert half.predicted == plain.predicted
    ramp = Lane.of([(0.2, 0.0), (2.2, 1.0)])
    rising = perform(NOTES, sound, lanes={"brightness": ramp}, performer=0.0)
    expected = (0.15, 0.45, 0.8)  # the means over the notes
    found = [each.expression.brightness for each in rising.notes]
    assert found == pytest.approx(expected, abs=0.01)


def test_an_edited_note_is_played_anew_and_the_others_stay(take):
    louder = replace(take.notes[2], expression=take.notes[2].expression._replace(volume=0.95))
    retake = revise(take, [*take.notes[:2], louder])
    assert retake.played == (2,)
    assert retake.removed == 0
    assert same(retake.take, take)[: 350 - 30].all()
    (measured,) = extract(retake.take.frames, [louder.note], take.performance.gain_db)
    assert measured.expression.volume == pytest.approx(0.95, abs=0.03)


def test_an_unedited_take_is_the_same_to_the_last_sample(take):
    retake = revise(take, take.notes[::-1])
    assert not retake.share.any()
    np.testing.assert_array_equal(sound_of(retake.take, RATE), sound_of(take, RATE))


def test_a_bend_by_hand_outlives_the_edit_of_another_note(take):
    f0_hz = take.frames.f0_hz.copy()
    f0_hz[220:300] *= np.linspace(1, 1.06, 80, dtype=np.float32)
    bent = take.with_frames(replace(take.frames, f0_hz=f0_hz))
    table = [*take.notes[:2], replace(take.notes[2], note=replace(NOTES[2], midi_pitch=76))]
    again = revise(bent, table).take
    np.testing.assert_array_equal(again.frames.f0_hz[:300], f0_hz[:300])
    keys = 69 + 12 * np.log2(again.frames.f0_hz[380:540] / 440)
    assert np.median(keys) == pytest.approx(76, abs=0.5)


def test_a_lane_given_twice_does_no_more_than_once(take):
    lanes = {"vibrato": Lane.constant(0.8)}
    once = revise(take, take.notes, lanes=lanes)
    assert once.played == (0, 1, 2)
    twice = revise(once.take, once.take.notes, lanes=lanes)
    assert not twice.share.any()
    assert twice.take.predicted == take.predicted


def test_a_lane_moves_what_was_written_by_hand_and_nothing_else(take):
    table = [replace(take.notes[0], expression=Expression(0.8, 0.1, 0.3, 0.2, 0.9, 1.4)),
             *take.notes[1:]]  # fmt: skip
    flat = revise(take, table, lanes={"brightness": Lane.constant(0.4)}, performer=0.0).take
    assert [each.expression.brightness for each in flat.notes] == pytest.approx([0.4] * 3)
    assert flat.notes[0].expression.attack_noise == 1.4
    assert flat.predicted[0].brightness == 0.9


def test_a_removed_note_is_told(take):
    retake = revise(take, take.notes[:2])
    assert (retake.played, retake.removed) == ((), 1)
    assert same(retake.take, take)[: 350 - 30].all()


def test_a_bend_of_the_score_is_there_again(sound):
    bend = Controller(0.0, ControllerKind.PITCH_BEND, 0, 16383)
    take = perform(Part("", tuple(NOTES), (bend,)), sound)
    table = [replace(take.notes[0], expression=take.notes[0].expression._replace(volume=0.9)),
             *take.notes[1:]]  # fmt: skip
    for each in (take, revise(take, table).take):
        keys = 69 + 12 * np.log2(each.frames.f0_hz[80:180] / 440)
        assert np.median(keys) == pytest.approx(71, abs=0.5)


@pytest.mark.parametrize(
    ("notes", "options", "told"),
    [
        ([], {}, "at least one note"),
        ([Note(0, 1, 60, 80), Note(0, 1, 64, 80)], {}, "one note at a time"),
        ([NOTES[0], ExpressiveNote(NOTES[1], Expression(*[0.5] * 6))], {}, "all or none"),
        (NOTES, {"lanes": {"pan": Lane.constant(0)}}, "lanes drive volume"),
    ],
)
def test_what_cannot_be_played_is_an_error(sound, notes, options, told):
    with pytest.raises(ValueError, match=told):
        perform(notes, sound, **options)


def test_a_dx7_voice_is_no_instrument():
    with pytest.raises(InputError, match="expected an instrument"):
        perform(NOTES, "dx7/hexachord-1.syx#1")
