"""Phrases of a made note: a swell of two seconds with eight harmonics at A4."""

from dataclasses import fields, replace

import numpy as np
import pytest

from plugin_core.expression.extraction import (
    extract,
    level_db,
    vibrato,
    vibrato_rate_hz,
    volume_fluctuation,
    volume_peak_position,
)
from plugin_core.training.drawn_expression import Drawn, drawn_pitch, expressed
from plugin_core.training.note_joins import Join, Joins
from plugin_core.training.note_material import cut_note, sources_of
from plugin_core.training.parameter_phrases import assemble_phrase, loudness_of
from plugin_core.training.performed_cache import Performed
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, Frames, Note

JOINS = Joins((Join(2, 0, 5.0, 6.0), Join(-3, 0, 8.0, 3.0)), (Join(2, 10, 40.0, 0.0),))
NOTE_FRAMES, TAIL_FRAMES = 500, 60


def single_note(midi_pitch: int = 69, *, sharp: float = 0.2, source: str = "made") -> Performed:
    count = NOTE_FRAMES + TAIL_FRAMES
    at = np.arange(count)
    level = -44.0 + 6 * np.sin(np.pi * np.clip(at / NOTE_FRAMES, 0, 1))
    level += np.interp(at, [0, 20, 480, count], [-26, 0, 0, -60])
    harmonics = np.zeros((count, 100), np.float32)
    harmonics[:, :8] = 1 / np.arange(1, 9)
    harmonics /= harmonics.sum(axis=1, keepdims=True)
    f0_hz = np.full(count, 440 * 2 ** ((midi_pitch + sharp - 69) / 12), np.float32)
    frames = Frames(
        f0_hz,
        np.ones(count, np.float32),
        level.astype(np.float32),
        (10 ** (level / 20)).astype(np.float32),
        harmonics,
        np.full((count, 65), 1e-4, np.float32),
    )
    note = Note(0.0, NOTE_FRAMES / 250, midi_pitch, 64)
    return Performed(
        name="note",
        instrument="violin",
        source=source,
        licence="CC0",
        origin="note",
        is_held_out=False,
        frames=frames,
        notes=extract(frames, [note], 0.0),
        tuning_semitones=sharp,
        audio=None,
        gain_db=0.0,
        sample_rate=44100,
    )


def phrase(seed: int) -> Performed:
    return assemble_phrase(
        sources_of([single_note(60), single_note(69), single_note(76)]),
        JOINS,
        name=f"phrase {seed}",
        instrument="violin",
        licence="CC0",
        seconds=6.0,
        is_held_out=False,
        seed=seed,
    )


@pytest.mark.parametrize("count", [25, 100, 250, 500, 900])
@pytest.mark.parametrize(("has_attack", "has_release"), [(True, True), (False, False)])
def test_a_note_is_cut_or_stretched_to_any_length(
    count: int, has_attack: bool, has_release: bool
) -> None:
    source = sources_of([single_note()])[0]
    cut = cut_note(source, 71, count, has_attack=has_attack, has_release=has_release)
    assert len(cut.frames) == len(cut.deviation) == count
    # Two semitones up; the source's own tuning is taken out.
    np.testing.assert_allclose(cut.frames.f0_hz, source.frames.f0_hz[0] * 2 ** (2 / 12), rtol=1e-4)
    np.testing.assert_allclose(cut.deviation, 0.0, atol=1e-3)
    levels = level_db(cut.frames.amplitude)
    original = level_db(source.frames.amplitude)
    assert (levels[0] == pytest.approx(original[0], abs=0.2)) == has_attack
    assert (len(cut.tail) == TAIL_FRAMES) == has_release
    if not has_release:
        assert levels[-1] > original[:NOTE_FRAMES].max() - 8


@pytest.mark.parametrize("rate_hz", [4.5, 5.5, 7.0])
@pytest.mark.parametrize("reading", [0.2, 0.6, 1.0])
def test_a_drawn_vibrato_is_as_deep_and_as_fast_as_drawn(reading: float, rate_hz: float) -> None:
    drawn = Drawn(0.8, None, 0.5, reading, None, None, rate_hz)
    found = []
    for seed in range(5):
        keys = drawn_pitch(np.random.default_rng(seed), np.zeros(400), drawn)
        f0_hz = (440 * 2 ** (keys / 12)).astype(np.float32)
        assert vibrato(f0_hz) == pytest.approx(reading, rel=0.05)
        assert vibrato_rate_hz(f0_hz) == pytest.approx(rate_hz, abs=0.6)
        found.append(keys)
    # No two are alike.
    assert len({keys.tobytes() for keys in found}) == 5


@pytest.mark.parametrize("fluctuation", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("peak", [0.0, 0.3, 1.0])
def test_a_drawn_swell_fluctuates_and_peaks_as_drawn(fluctuation: float, peak: float) -> None:
    flat = sources_of([single_note()])[0]
    steady = Frames(*(getattr(flat.frames, field.name)[100:300] for field in fields(Frames)))
    drawn = Drawn(0.7, fluctuation, peak, 0.0, None, None, 5.5)
    positions = []
    for seed in range(5):
        levels = level_db(expressed(np.random.default_rng(seed), steady, drawn).amplitude)
        if fluctuation < 0.5:  # Deeper ones may reach the floor.
            assert volume_fluctuation(levels) == pytest.approx(fluctuation, rel=0.02)
        positions.append(volume_peak_position(levels))
    if fluctuation > 0.1:
        assert np.median(positions) == pytest.approx(peak, abs=0.2)


def test_the_same_seed_gives_the_same_phrase() -> None:
    one, two, other = phrase(3), phrase(3), phrase(4)
    for column in fields(Frames):
        both = (getattr(each.frames, column.name) for each in (one, two))
        np.testing.assert_array_equal(*both)
    assert one.notes == two.notes
    assert one.notes != other.notes


def test_a_phrase_is_sound_and_says_what_its_controls_are() -> None:
    for seed in range(12):
        made = phrase(seed)
        frames, count = made.frames, len(made.frames)
        assert all(np.isfinite(getattr(frames, column.name)).all() for column in fields(Frames))
        assert (frames.f0_hz > 0).all()
        np.testing.assert_allclose(frames.harmonics.sum(axis=1), 1.0, rtol=1e-4)
        ends = 0.0
        for row in made.notes:
            assert row.note.onset_s >= ends - 1e-9
            assert 0.099 <= row.note.offset_s - row.note.onset_s <= 3.001
            ends = row.note.offset_s
            inside = slice(round(row.note.onset_s * 250), round(row.note.offset_s * 250))
            keys = 69 + 12 * np.log2(frames.f0_hz[inside] / 440)
            # Tuned to A = 440 Hz, whatever the source was.
            assert np.median(keys) == pytest.approx(row.note.midi_pitch, abs=0.35)
        assert ends < count / 250
        notes = [row.note for row in made.notes]
        assert extract(frames, notes, 0.0) == made.notes
        # Rests and releases are there too.
        assert level_db(frames.amplitude)[:20].max() == -120
        assert (made.audio, made.tuning_semitones, made.sample_rate) == (None, 0.0, 44100)


def test_many_phrases_reach_all_of_the_range_of_every_control() -> None:
    rows = np.array([row.expression for seed in range(36) for row in phrase(seed).notes])
    for column, name in enumerate(CONTROLS):
        reached = np.histogram(rows[:, column], bins=5, range=(0.0, 1.0))[0]
        # Eight harmonics have a centroid of eight twelfths at most, of which 0.085 is one.
        bins = reached[:3] if name == "brightness" else reached
        assert (bins > 0).all(), name


def test_samplers_serve_only_where_players_recorded_too_few() -> None:
    played = [single_note(60 + step) for step in range(12)]
    sampled = [single_note(30, source="soundfont")]
    assert {each.midi_pitch for each in sources_of([*played, *sampled])} == set(range(60, 72))
    assert 30 in {each.midi_pitch for each in sources_of([*played[:5], *sampled])}


def test_loudness_is_a_weighted_power() -> None:
    amplitude, silence = np.array([1.0, 0.1]), np.zeros((2, 65))
    tone = np.eye(1, 100).repeat(2, axis=0)
    # A weighs 1 kHz with 0 dB and 100 Hz with -19.1 dB (IEC 61672-1); ten times softer is -20 dB.
    at_1k = loudness_of(np.array([1000.0, 1000.0]), amplitude, tone, silence)
    assert at_1k[0] - at_1k[1] == pytest.approx(20.0, abs=0.01)
    low = loudness_of(np.array([100.0, 100.0]), amplitude, tone, silence)
    assert at_1k[0] - low[0] == pytest.approx(19.1, abs=0.1)


def test_no_notes_make_no_phrase() -> None:
    with pytest.raises(ValueError, match="a phrase needs analysed notes, found none"):
        assemble_phrase(
            (),
            JOINS,
            name="x",
            instrument="violin",
            licence="",
            seconds=5.0,
            is_held_out=False,
            seed=0,
        )


def test_what_is_too_short_is_no_source() -> None:
    note = single_note()
    short = ExpressiveNote(Note(0.0, 0.1, 69, 64), Expression(0.7, 0, 0, 0, 0.3, 0))
    assert sources_of([replace(note, notes=(short,))]) == ()
