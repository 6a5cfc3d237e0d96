"""From notes to frames to sound."""

import numpy as np
import pytest

from plugin_core.performing.interpretation import interpret
from plugin_core.performing.models import Models
from plugin_core.performing.playing import PLAYING_GAIN_DB, gathered, generate, play, sounded
from plugin_core.types import FRAME_RATE, Lane, Note, Part
from tests.performing.conftest import Obedient, Organ

RATE = 22050


def part(count: int, length_s: float = 0.5) -> Part:
    notes = (Note(n * length_s, (n + 0.98) * length_s, 60 + n % 12, 80) for n in range(count))
    return Part("p", tuple(notes))


def frames_of(organ: Organ, played: Part, **options):
    notes = interpret(Obedient(), played, "violin")
    return gathered(generate(organ, notes, "violin", **options))


def test_notes_sound_where_they_stand_at_the_level_of_playing():
    frames = frames_of(Organ(), Part("p", (Note(1.0, 2.0, 69, 80),)))
    assert len(frames) == 500 + 250
    assert frames.f0_hz[260:490] == pytest.approx(440, rel=0.01)
    # Volume 0.7 is -48 dB.
    wanted = 10 ** ((-48 + PLAYING_GAIN_DB) / 20)
    np.testing.assert_allclose(frames.amplitude[251:499], wanted, rtol=1e-4)
    assert (frames.amplitude[:190] == 0).all()
    assert frames.noise[0].max() == 0
    assert frames.noise[-1].max() < 1e-5


def test_there_are_as_many_frames_as_asked():
    for count in (1, 100, 749, 3000):
        assert len(frames_of(Organ(), part(6), frames=count)) == count
    assert len(frames_of(Organ(), Part("rest"), frames=7000)) == 7000


def test_a_long_piece_is_generated_in_passages_and_sounds_like_one():
    organ = Organ()
    long = part(300)
    frames = frames_of(organ, long)
    assert len(organ.calls) > 4
    assert max(count for _, count in organ.calls) < 9000
    assert len({seed for seed, _ in organ.calls}) == len(organ.calls)
    for note in long.notes:
        inside = slice(round(note.onset_s * 250) + 8, round(note.offset_s * 250) - 8)
        key = 69 + 12 * np.log2(frames.f0_hz[inside] / 440)
        np.testing.assert_allclose(key, note.midi_pitch, atol=0.11)
        assert (frames.amplitude[inside] > 0.06).all()


def test_the_beginning_of_a_piece_does_not_depend_on_its_end():
    short, long = frames_of(Organ(), part(100)), frames_of(Organ(), part(300))
    same = 20 * FRAME_RATE
    np.testing.assert_array_equal(short.f0_hz[:same], long.f0_hz[:same])
    np.testing.assert_array_equal(short.amplitude[:same], long.amplitude[:same])


def test_progress_moves_from_passage_to_passage():
    told: list[float] = []
    notes = interpret(Obedient(), part(300), "violin")
    list(generate(Organ(), notes, "violin", progress=told.append))
    assert len(told) > 4
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.02)


def test_however_frames_come_in_blocks_the_sound_is_the_same(models: Models):
    notes = interpret(models.performer, part(8), "violin")
    blocks = list(generate(models.synthesis, notes, "violin"))
    whole = gathered(blocks)
    one = np.concatenate(list(sounded(blocks, models.synthesis, "violin", RATE, 100_000)))
    other = np.concatenate(list(sounded([whole], models.synthesis, "violin", RATE, 100_000)))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000, 192000])
def test_it_sounds_at_its_pitch_at_every_rate(models: Models, rate: int):
    audio = play(
        models, Part("p", (Note(0.0, 1.0, 69, 80),)), "violin", sample_rate=rate, samples=rate
    )
    assert audio.shape == (rate,)
    assert audio.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(rate)))
    assert np.argmax(spectrum) == pytest.approx(440, abs=6)


def test_the_same_arguments_give_the_same_samples_and_another_seed_others(models: Models):
    def heard(seed: int) -> np.ndarray:
        return play(models, part(4), "violin", sample_rate=RATE, samples=3 * RATE, seed=seed)

    np.testing.assert_array_equal(heard(1), heard(1))
    assert not np.array_equal(heard(1), heard(2))


def test_lanes_are_heard(models: Models):
    def loudness(**lanes: Lane) -> float:
        audio = play(models, part(4), "violin", lanes=lanes, sample_rate=RATE, samples=2 * RATE)
        return float(20 * np.log10(np.sqrt(np.mean(audio**2))))

    difference = loudness(volume=Lane.constant(0.8)) - loudness(volume=Lane.constant(0.6))
    assert difference == pytest.approx(12, abs=0.3)


def test_a_part_without_notes_is_silence(models: Models):
    audio = play(models, Part("rest"), "violin", sample_rate=RATE, samples=1000)
    np.testing.assert_array_equal(audio, np.zeros(1000, np.float32))


def test_it_begins_and_ends_in_silence_even_where_a_note_begins_at_once():
    frames = frames_of(Organ(), Part("p", (Note(0.0, 1.0, 69, 80),)))
    assert frames.amplitude[0] == 0.0
    assert frames.amplitude[4] == frames.amplitude[100]
    assert frames.noise[0].max() == 0.0
