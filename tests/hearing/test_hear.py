"""analyze: a phrase is heard as it was played, whatever comes; what cannot be heard is no note."""

import numpy as np
import pytest
from scipy.signal import lfilter

from plugin_core import analyze, synthesize
from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import onset_curves
from plugin_core.analysis.pitch import track_pitch
from plugin_core.expression.extraction import extract, reference_gain_db
from plugin_core.hearing.doubts import doubts
from plugin_core.hearing.frames_file import ARRAYS, FrameStore
from plugin_core.hearing.hear import INSTRUMENT_KEYS, hear, pitch_range_hz
from plugin_core.hearing.recording import recording_of
from plugin_core.types import HARMONICS, InputError, Performance

RATE = 44100
SECOND = np.arange(RATE) / RATE
RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def performance(phrase) -> Performance:
    return analyze(phrase.audio(RATE), RATE)


def heard_as(phrase, performance: Performance, *, within_s: float = 0.03) -> bool:
    notes = [each.note for each in performance.notes]
    return [note.midi_pitch for note in notes] == list(phrase.keys) and all(
        abs(note.onset_s - onset) <= within_s
        for note, onset in zip(notes, phrase.onsets_s, strict=True)
    )


def test_the_notes_are_those_that_were_played(phrase, performance):
    assert heard_as(phrase, performance)
    for each in performance.notes:
        assert each.note.offset_s - each.note.onset_s == pytest.approx(0.8, abs=0.1)


def test_loud_passages_read_a_volume_of_nine_tenths(performance):
    assert max(each.expression.volume for each in performance.notes) == pytest.approx(0.9, abs=0.1)


def test_every_array_has_its_shape(phrase, performance):
    frames = performance.frames
    count = int(len(phrase.audio(RATE)) * 250 / RATE) + 1
    for name in ("f0_hz", "confidence", "loudness_db", "amplitude"):
        assert getattr(frames, name).shape == (count,)
    assert frames.harmonics.shape == (count, 100)
    assert frames.noise.shape == (count, 65)
    assert {getattr(frames, name).dtype for name in ARRAYS} == {np.dtype(np.float32)}
    np.testing.assert_allclose(frames.harmonics.sum(axis=1), 1, atol=1e-5)


def test_what_was_heard_can_be_sounded_again(phrase, performance):
    again = synthesize(performance.frames, RATE, len(phrase.audio(RATE)))
    assert heard_as(phrase, analyze(again, RATE))


def test_a_long_recording_is_heard_as_one_at_once(phrase, tmp_path):
    """Piece by piece it is exactly what every step gives for the whole."""
    audio = np.tile(phrase.audio(RATE), 5)
    store = FrameStore(tmp_path, HARMONICS)
    recording = recording_of(audio, RATE)
    assert len(list(recording.pieces())) > 2
    heard = hear(recording, store)
    pitch = track_pitch(audio, RATE)
    frames = measure_frames(audio, RATE, pitch)
    gain_db = reference_gain_db(frames)
    notes = detect_notes(pitch, onset_curves(audio, RATE))
    for name in ARRAYS:
        np.testing.assert_array_equal(
            getattr(store.read(0, len(store)), name), getattr(frames, name)
        )
    assert heard.gain_db == gain_db
    assert heard.notes == extract(frames, notes, gain_db)


def test_channels_are_averaged(phrase, performance):
    mono = phrase.audio(RATE)
    noise = 0.01 * RANDOM.uniform(-1, 1, len(mono)).astype(np.float32)
    stereo = analyze(np.stack([mono + noise, mono - noise]), RATE)
    assert [each.note for each in stereo.notes] == [each.note for each in performance.notes]


@pytest.mark.parametrize("rate", [8000, 192000])
def test_the_outermost_rates_are_heard(phrase, rate):
    assert heard_as(phrase, analyze(phrase.audio(rate), rate), within_s=0.05)


def test_the_gain_shifts_volume_alone(phrase, performance):
    louder = analyze(phrase.audio(RATE), RATE, gain_db=performance.gain_db + 6)
    for one, other in zip(performance.notes, louder.notes, strict=True):
        assert other.expression.volume - one.expression.volume == pytest.approx(0.1, abs=1e-6)
        assert other.expression.brightness == one.expression.brightness


def test_an_instrument_bounds_the_pitches(phrase):
    lowest, _highest = pitch_range_hz("violin")
    assert lowest == pytest.approx(196 * 2 ** (-1.5 / 12), rel=1e-3)  # the open G string, 196 Hz
    for each in analyze(phrase.audio(RATE), RATE, instrument="tuba").notes:
        assert each.note.midi_pitch <= INSTRUMENT_KEYS["tuba"][1] + 2
    with pytest.raises(InputError, match="expected one of violin"):
        analyze(phrase.audio(RATE), RATE, instrument="kazoo")


@pytest.mark.parametrize("samples", [1, 2, 100, 1000])
def test_hardly_any_sound_is_no_note(samples):
    performance = analyze(np.full(samples, 0.5, np.float32), RATE)
    assert performance.notes == ()
    assert len(performance.frames) == samples * 250 // RATE + 1
    assert np.isfinite(performance.frames.noise).all()


def doubted(audio: np.ndarray, tmp_path) -> tuple[Performance, tuple[str, ...]]:
    recording = recording_of(audio.astype(np.float32), RATE)
    store = FrameStore(tmp_path, HARMONICS)
    heard = hear(recording, store)
    performance = Performance(store.read(0, len(store)), heard.notes, heard.gain_db)
    for name in ARRAYS:
        assert np.isfinite(getattr(performance.frames, name)).all()
    return performance, doubts(recording, store)


def test_silence_is_no_note(tmp_path):
    performance, told = doubted(np.zeros(2 * RATE), tmp_path)
    assert performance.notes == ()
    assert performance.gain_db == 0
    assert performance.frames.confidence.max() < 0.1
    assert performance.frames.amplitude.max() == 0
    assert "silence" in told[0]


def test_noise_is_no_note(tmp_path):
    performance, told = doubted(0.2 * RANDOM.uniform(-1, 1, 3 * RATE), tmp_path)
    assert performance.notes == ()
    assert np.median(performance.frames.confidence) < 0.3
    assert "a single pitch is sure in" in told[0]


def test_a_chord_is_doubted(tmp_path):
    keys = (57, 61, 66.5)
    tones = [
        sum(
            np.sin(2 * np.pi * k * 440 * 2 ** ((key - 69) / 12) * np.tile(SECOND, 2)) / k
            for k in range(1, 11)
        )
        for key in keys
    ]
    performance, told = doubted(0.1 * sum(tones), tmp_path)
    assert np.median(performance.frames.confidence) < 0.6
    assert told


def test_clipping_is_told_and_its_pitch_kept(tmp_path):
    audio = np.clip(4 * np.sin(2 * np.pi * 440 * SECOND), -1, 1)
    performance, told = doubted(audio, tmp_path)
    assert [each.note.midi_pitch for each in performance.notes] == [69]
    assert "clipped" in told[0]


def test_a_clean_phrase_is_not_doubted(phrase, tmp_path):
    assert doubted(phrase.audio(RATE), tmp_path)[1] == ()


def test_what_is_no_sound_is_refused():
    for audio in (np.zeros(0, np.float32), np.full(9, np.nan)):
        with pytest.raises(InputError):
            analyze(audio, RATE)
    for audio in (np.zeros((2, 3, 4)), np.zeros((0, 5)), np.zeros(5, np.int16), np.float64(1.0)):
        with pytest.raises(ValueError, match="is heard"):
            analyze(audio, RATE)


def speech_like() -> np.ndarray:
    """Return four seconds of syllables: gliding pulses through two formants, then hissing."""
    random = np.random.default_rng(3)
    times = np.arange(4 * RATE) / RATE
    glide_hz = 130 * 2 ** (0.6 * np.sin(2 * np.pi * 0.9 * times) + 0.35 * np.sin(9.7 * times + 1))
    pulses = np.diff(np.floor(np.cumsum(glide_hz) / RATE), prepend=0)
    voice = np.zeros(len(times))
    for hz, width_hz in ((620, 90), (1500, 140)):
        radius = np.exp(-np.pi * width_hz / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
        voice += lfilter([1 - radius], poles, pulses)
    syllable = np.maximum(0, np.sin(2 * np.pi * 2.1 * times)) ** 0.5
    hiss = random.standard_normal(len(times)) * np.maximum(0, -np.sin(2 * np.pi * 2.1 * times)) ** 4
    return 0.3 * voice / np.abs(voice).max() * syllable + 0.05 * hiss


def test_of_speech_no_notes_are_made_up(tmp_path):
    performance, told = doubted(speech_like(), tmp_path)
    assert performance.notes == ()
    assert "no notes are made of it" in told[0]


def test_what_is_called_silence_has_no_notes(tmp_path):
    performance, told = doubted(1e-4 * np.sin(2 * np.pi * 330 * np.tile(SECOND, 2)), tmp_path)
    assert "silence" in told[0]
    assert performance.notes == ()


def test_samples_in_the_place_of_channels_are_refused(phrase):
    audio = phrase.audio(RATE)
    with pytest.raises(ValueError, match="up to 64 channels"):
        analyze(np.stack([audio, audio], axis=1), RATE)
