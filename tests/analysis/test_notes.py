"""Notes of tones that are known exactly. The tracker is not under test: its output is given."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.analysis.notes import detect_notes, velocity
from plugin_core.analysis.onset_curves import onset_curves
from plugin_core.analysis.pitch import PitchTrack
from plugin_core.types import Note

RATE = 16000
Contour = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def heard(midi: Contour, level: Contour, seconds: float) -> tuple[Note, ...]:
    """Return the notes of a tone of 8 harmonics with this pitch and this linear level."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((midi(time_s) - 69) / 12)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 9)) * level(time_s) * 0.2
    tone += np.random.default_rng(0).normal(0, 1e-5, len(tone))
    frames_s = np.arange(int(seconds * 250) + 1) / 250
    f0 = (440 * 2 ** ((midi(frames_s) - 69) / 12)).astype(np.float32)
    confidence = (level(frames_s) > 0.003).astype(np.float32)
    return detect_notes(PitchTrack(f0, confidence), onset_curves(tone.astype(np.float32), RATE))


def steady(key: float) -> Contour:
    return lambda time_s: np.full(len(time_s), float(key))


def always(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ones(len(time_s))


def between(first: float, last: float, attack: float = 0.02) -> Contour:
    return lambda t: np.clip((t - first) / attack, 0, 1) * np.clip((last - t) / 0.03, 0, 1)


def test_one_note_has_its_onset_offset_and_key() -> None:
    (note,) = heard(steady(64), between(0.5, 1.5), 2.0)
    assert note.midi_pitch == 64
    assert note.onset_s == pytest.approx(0.5, abs=0.02)
    assert note.offset_s == pytest.approx(1.5, abs=0.04)


def test_a_sudden_note_begins_in_its_first_frame_and_not_in_the_silence_before_it() -> None:
    # One frame of silence would count as -120 dB in the note's fluctuation.
    for onset in (0.5, 0.803, 1.101):
        (note,) = heard(steady(64), between(onset, 1.8, attack=0.001), 2.0)
        assert 0 <= round(note.onset_s * 250) - round(onset * 250) <= 1


def test_a_tone_that_fills_the_recording_begins_and_ends_with_it() -> None:
    (note,) = heard(steady(69), always, 2.0)
    assert (note.onset_s, note.offset_s) == (0.0, 2.0)


def test_legato_steps_are_notes() -> None:
    keys = np.array([60, 62, 64, 65, 67, 60, 48, 60])
    notes = heard(lambda t: keys[np.minimum((t * 4).astype(int), 7)].astype(float), always, 2.0)
    assert [note.midi_pitch for note in notes] == keys.tolist()
    np.testing.assert_allclose([n.onset_s for n in notes], np.arange(8) / 4, atol=0.025)


def test_repeated_notes_are_told_apart() -> None:
    notes = heard(steady(67), lambda t: between(0.01, 0.17)(t % 0.2), 2.0)
    assert [note.midi_pitch for note in notes] == [67] * 10
    np.testing.assert_allclose([n.onset_s for n in notes], np.arange(10) / 5 + 0.01, atol=0.025)


@pytest.mark.parametrize("cents", [20, 40, 60])
@pytest.mark.parametrize("rate_hz", [4.5, 6.5])
def test_vibrato_is_one_note(cents: float, rate_hz: float) -> None:
    (note,) = heard(
        lambda t: 62 + cents / 100 * np.sin(2 * np.pi * rate_hz * t), between(0.2, 2.6), 3.0
    )
    assert note.midi_pitch == 62


def test_tremolo_is_one_note() -> None:
    notes = heard(steady(70), lambda t: 0.75 + 0.25 * np.sin(2 * np.pi * 5 * t), 2.0)
    assert len(notes) == 1


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("per_second", [10, 13])
def test_a_trill_is_one_note_on_its_lower_key(step: int, per_second: int) -> None:
    notes = heard(lambda t: 72.0 + step * ((t * per_second).astype(int) % 2), always, 2.0)
    assert [note.midi_pitch for note in notes] == [72]


def test_a_crescendo_is_one_note() -> None:
    assert len(heard(steady(60), lambda t: 10 ** ((t - 2) * 20 / 20), 2.0)) == 1


@pytest.mark.parametrize("hz", [0.0, 440.0])
def test_silence_has_no_notes(hz: float) -> None:
    pitch = PitchTrack(np.full(251, hz, np.float32), np.zeros(251, np.float32))
    assert detect_notes(pitch, onset_curves(np.zeros(RATE, np.float32), RATE)) == ()


def test_noise_without_a_sure_pitch_has_no_notes() -> None:
    generator = np.random.default_rng(1)
    audio = generator.normal(0, 0.1, 3 * RATE).astype(np.float32)
    f0 = (440 * 2 ** (generator.normal(0, 1, 751))).astype(np.float32)
    pitch = PitchTrack(f0, generator.uniform(0, 0.4, 751).astype(np.float32))
    assert detect_notes(pitch, onset_curves(audio, RATE)) == ()


def test_notes_never_overlap() -> None:
    generator = np.random.default_rng(2)
    for _ in range(5):
        audio = np.cumsum(generator.normal(0, 0.1, 3 * RATE)).astype(np.float32)
        f0 = (440 * 2 ** (np.cumsum(generator.normal(0, 0.01, 751)))).astype(np.float32)
        pitch = PitchTrack(f0, generator.uniform(0.6, 1, 751).astype(np.float32))
        notes = detect_notes(pitch, onset_curves(audio, RATE))
        assert notes
        ends = [*(note.onset_s for note in notes), 3.0][1:]
        for note, end in zip(notes, ends, strict=True):
            assert 0 <= note.onset_s < note.offset_s <= end
            assert 0 <= note.midi_pitch <= 127
            assert 1 <= note.velocity <= 127


def test_breath_that_leads_up_to_a_note_belongs_to_it_alone() -> None:
    generator = np.random.default_rng(3)
    count = 2 * RATE
    time_s = np.arange(count) / RATE
    audio = generator.normal(0, 0.02, count) * between(0.5, 0.6, 0.002)(time_s)
    for first, last in ((0.57, 0.66), (0.68, 1.5)):
        audio += np.sin(2 * np.pi * 500 * time_s) * 0.3 * between(first, last, 0.004)(time_s)
    confidence = (np.arange(501) >= 0.57 * 250).astype(np.float32)
    pitch = PitchTrack(np.full(501, 500, np.float32), confidence)
    notes = detect_notes(pitch, onset_curves(audio.astype(np.float32), RATE))
    assert all(a.offset_s <= b.onset_s for a, b in itertools.pairwise(notes))


def test_velocity_is_100_at_the_loud_level_and_falls_40_db_per_factor_of_ten() -> None:
    assert velocity(0.0) == 100
    assert velocity(-40.0) == 10
    assert velocity(-200.0) == 1
    assert velocity(20.0) == 127
    assert all(velocity(a) <= velocity(a + 1) for a in range(-80, 20))


def test_quieter_notes_have_lower_velocities() -> None:
    def level(t: NDArray[np.float64]) -> NDArray[np.float64]:
        gains = np.array([1.0, 0.5, 0.25, 0.125])[np.minimum(t.astype(int), 3)]
        return gains * between(0.05, 0.9)(t % 1)

    found = [note.velocity for note in heard(steady(60), level, 4.0)]
    # 6 dB less is a factor of 10 ** (6.02 / 40) = 1.414 less.
    np.testing.assert_allclose(found, 100 / np.sqrt(2.0) ** np.arange(4), rtol=0.08)


def test_curves_of_other_lengths_are_refused() -> None:
    curves = onset_curves(np.zeros(RATE, np.float32), RATE)
    with pytest.raises(ValueError, match="251"):
        detect_notes(PitchTrack(np.zeros(5, np.float32), np.zeros(5, np.float32)), curves)


@pytest.mark.parametrize("key", [24, 26, 28])
def test_the_pulses_of_a_low_note_are_no_notes(key: int) -> None:
    rate = 44100
    times = np.arange(3 * rate) / rate
    hz = 440 * 2 ** ((key - 69) / 12)
    # Sixty harmonics in phase and almost of one strength: a pulse every 24 to 31 ms.
    audio = sum(np.cos(2 * np.pi * k * hz * times) / k**0.25 for k in range(1, 61))
    audio = (0.01 * audio * np.clip((times - 0.2) / 0.05, 0, 1)).astype(np.float32)
    frames = 3 * 250 + 1
    sounds = (np.arange(frames) / 250 >= 0.2).astype(np.float32)
    pitch = PitchTrack(np.full(frames, hz, np.float32), sounds)
    notes = detect_notes(pitch, onset_curves(audio, rate))
    assert [note.midi_pitch for note in notes] == [key]
    assert notes[0].onset_s == pytest.approx(0.2, abs=0.04)


def test_a_note_that_begins_too_softly_for_any_sign_is_a_note() -> None:
    notes = heard(steady(60), lambda time_s: 10 ** (np.minimum(time_s - 2.0, 0) * 1.2), 3.0)
    assert [note.midi_pitch for note in notes] == [60]
