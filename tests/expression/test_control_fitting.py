"""Control fitting against the definitions of the controls, for phrases of many shapes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression.control_fitting import fit_controls
from plugin_core.expression.extraction import extract, level_db, note_frames, vibrato_rate_hz
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, Frames, Note

AS_IT_IS = Expression(*[np.nan] * 6)


def phrase(
    lengths: list[int], *, gaps: list[int] | None = None, seed: int = 0, jitter: float = 1.0
) -> tuple[Frames, tuple[Note, ...]]:
    """Return frames as a network might make them, and the notes in them, which begin at frame 10.

    Every note rises, wanders, falls; between notes the level dies away; the pitch drifts.
    """
    random = np.random.default_rng(seed)
    gaps = gaps or [0] * len(lengths)
    count = 10 + sum(lengths) + sum(gaps) + 30
    level, pitch = np.full(count, -100.0), np.full(count, 60.0)
    notes, first = [], 10
    for index, (length, gap) in enumerate(zip(lengths, gaps, strict=True)):
        end, key = first + length, 60 + int(random.integers(-7, 8))
        rise = np.minimum(np.arange(length) / 12.0, 1.0)
        wander = 60.0 * gaussian_filter1d(random.standard_normal(length), 20.0, mode="wrap")
        level[first:end] = -44.0 - 15.0 * (1.0 - rise) + np.clip(wander, -6, 6)
        pitch[first:] = key
        rest = count - end
        level[end:] = level[end - 1] - 1.5 * np.arange(1, rest + 1)
        notes.append(Note(first / 250, end / 250, key, 64, index % 2))
        first = end + gap
    level = gaussian_filter1d(level, 1.0)
    level += jitter * gaussian_filter1d(random.standard_normal(count), 1.5)
    pitch += jitter * 1.5 * gaussian_filter1d(random.standard_normal(count), 60.0)
    pitch += jitter * 0.05 * gaussian_filter1d(random.standard_normal(count), 4.0)
    numbers = np.arange(1, 101)
    slope = 1.5 + 0.2 * gaussian_filter1d(random.standard_normal(count), 10.0)
    shares = numbers ** -slope[:, None]
    bands = -100.0 - 0.1 * np.arange(65) + random.standard_normal((count, 65))
    frames = Frames(
        f0_hz=(440 * 2 ** ((pitch - 69) / 12)).astype(np.float32),
        confidence=np.ones(count, np.float32),
        loudness_db=level.astype(np.float32),
        amplitude=(10 ** (level / 20)).astype(np.float32),
        harmonics=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32),
        noise=(10 ** (bands / 20)).astype(np.float32),
    )
    return frames, tuple(notes)


def asked_of(notes: tuple[Note, ...], *controls: Expression) -> list[ExpressiveNote]:
    return [
        ExpressiveNote(note, controls[index % len(controls)]) for index, note in enumerate(notes)
    ]


def read(frames: Frames, notes: tuple[Note, ...]) -> NDArray[np.float64]:
    return np.array([row.expression for row in extract(frames, notes, 0.0)])


usual = st.builds(
    Expression,
    volume=st.floats(0.55, 0.85),
    volume_fluctuation=st.floats(0.12, 0.4),
    volume_peak_position=st.floats(0.0, 1.0),
    vibrato=st.floats(0.1, 1.0),
    brightness=st.floats(0.2, 0.6),
    attack_noise=st.floats(0.0, 1.0),
)


@settings(max_examples=25)
@given(
    lengths=st.lists(st.integers(125, 400), min_size=1, max_size=4),
    gap=st.sampled_from([0, 0, 12, 60]),
    asked=st.lists(usual, min_size=4, max_size=4),
    seed=st.integers(0, 10_000),
)
def test_every_control_reads_what_was_asked(
    lengths: list[int], gap: int, asked: list[Expression], seed: int
) -> None:
    frames, notes = phrase(lengths, gaps=[gap] * len(lengths), seed=seed)
    rows = asked_of(notes, *asked)
    error = read(fit_controls(frames, rows, 0.0), notes) - [row.expression for row in rows]
    np.testing.assert_allclose(error[:, 0], 0.0, atol=0.0105)  # 0.005 is left alone, led or not.
    np.testing.assert_allclose(error[:, 1], 0.0, atol=0.06)  # Leading over takes its share.
    np.testing.assert_allclose(error[:, 2], 0.0, atol=0.035)
    np.testing.assert_allclose(error[:, 3:], 0.0, atol=0.006)


@settings(max_examples=30)
@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    gap=st.sampled_from([0, 1, 9]),
    corner=st.tuples(*[st.sampled_from([0.0, 1.0, -0.5, 1.5, np.nan])] * 6),
    other=st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 6),
    seed=st.integers(0, 10_000),
)
def test_extremes_and_tiny_notes_stay_sound(
    lengths: list[int], gap: int, corner: tuple[float], other: tuple[float], seed: int
) -> None:
    frames, notes = phrase(lengths, gaps=[gap] * len(lengths), seed=seed)
    rows = asked_of(notes, Expression(*corner), Expression(*other))
    fitted = fit_controls(frames, rows, 0.0)
    for name in Frames.__dataclass_fields__:
        values = getattr(fitted, name)
        assert values.dtype == np.float32
        assert values.shape == getattr(frames, name).shape
        assert np.isfinite(values).all()
    assert (fitted.amplitude >= 0).all()
    assert (fitted.noise >= 0).all()
    np.testing.assert_allclose(fitted.harmonics.sum(axis=1), 1.0, atol=1e-5)
    assert fitted.amplitude.max() < 1.001  # Volume 1 is 30 dB less.


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_what_reads_right_stays_to_the_bit(seed: int, lengths: list[int]) -> None:
    frames, notes = phrase(lengths, seed=seed)
    moved = np.random.default_rng(seed).uniform(-0.0045, 0.0045, (len(notes), 6))
    moved[:, 2] = 0.0
    rows = asked_of(notes, *[Expression(*row) for row in read(frames, notes) + moved])
    fitted = fit_controls(frames, rows, 0.0)
    for name in Frames.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(fitted, name), getattr(frames, name))


COLUMNS = {
    "volume": {"amplitude", "loudness_db", "noise"},
    "volume_fluctuation": {"amplitude", "loudness_db", "noise"},
    "volume_peak_position": {"amplitude", "loudness_db", "noise"},
    "vibrato": {"f0_hz"},
    "brightness": {"harmonics"},
    "attack_noise": {"noise"},
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_touches_its_own_columns_alone(name: str) -> None:
    frames, notes = phrase([200, 150, 180], gaps=[0, 20, 0], seed=1)
    fitted = fit_controls(frames, asked_of(notes, AS_IT_IS._replace(**{name: 0.37})), 0.0)
    changed = {
        column
        for column in Frames.__dataclass_fields__
        if not np.array_equal(getattr(fitted, column), getattr(frames, column))
    }
    assert changed == COLUMNS[name]


def test_nothing_asked_nothing_done() -> None:
    frames, notes = phrase([200, 150])
    assert fit_controls(frames, (), 0.0) is frames
    fitted = fit_controls(frames, asked_of(notes, AS_IT_IS), 0.0)
    np.testing.assert_array_equal(fitted.amplitude, frames.amplitude)
    np.testing.assert_array_equal(fitted.harmonics, frames.harmonics)


def test_the_gain_of_the_extraction_is_that_of_the_fit() -> None:
    frames, notes = phrase([200, 180])
    rows = asked_of(notes, Expression(0.8, 0.2, 0.4, 0.3, 0.3, 0.5))
    lower = replace(frames, amplitude=frames.amplitude / 10, noise=frames.noise / 10)
    found = extract(fit_controls(lower, rows, 20.0), notes, 20.0)
    np.testing.assert_allclose(
        [row.expression for row in found], [row.expression for row in rows], atol=0.03
    )


def test_notes_of_other_volume_lead_over_and_both_read_right() -> None:
    # From -72 to -48 dB and back, in steady notes: 24 dB in 16 ms is some 6 dB a frame.
    frames, notes = phrase([250, 250, 250], jitter=0.0, seed=3)
    rows = asked_of(
        notes,
        AS_IT_IS._replace(volume=0.3, volume_fluctuation=0.15),
        AS_IT_IS._replace(volume=0.7, volume_fluctuation=0.15),
    )
    fitted = fit_controls(frames, rows, 0.0)
    before, after = level_db(frames.amplitude), level_db(fitted.amplitude)
    steps = np.abs(np.diff(after - before))[10 : 10 + 750]
    assert steps.max() < 10.0
    found = read(fitted, notes)
    np.testing.assert_allclose(found[:, 0], [0.3, 0.7, 0.3], atol=0.002)
    np.testing.assert_allclose(found[:, 1], 0.15, atol=0.01)


def test_a_tail_follows_its_note() -> None:
    frames, notes = phrase([250, 250], gaps=[100, 0], jitter=0.0)
    rows = asked_of(notes, AS_IT_IS._replace(volume=0.5), AS_IT_IS._replace(volume=0.9))
    fitted = fit_controls(frames, rows, 0.0)
    gains = level_db(fitted.amplitude) - level_db(frames.amplitude)
    end = 10 + 250
    np.testing.assert_allclose(gains[end : end + 30], gains[end - 1], atol=0.1)
    assert np.abs(np.diff(gains[end - 1 : end + 90])).max() < 6.0


def test_noise_follows_the_level_but_in_the_attack() -> None:
    frames, notes = phrase([250], jitter=0.0)
    volume = read(frames, notes)[0, 0] - 0.2  # 12 dB less.
    fitted = fit_controls(frames, asked_of(notes, AS_IT_IS._replace(volume=volume)), 0.0)
    change = 20 * np.log10(fitted.noise[:, 3] / frames.noise[:, 3])[10:260]
    np.testing.assert_allclose(change[:10], 0.0, atol=1e-4)
    np.testing.assert_allclose(change[25:], -12.0, atol=0.3)
    assert np.abs(np.diff(change)).max() < 3.0


def test_a_note_softer_than_any_player_plays_does_not_drown_in_its_noise() -> None:
    frames, notes = phrase([400], jitter=0.0)
    # 40 dB more noise than there is: it would be louder than volume 0, which is -90 dB.
    noisy = replace(frames, noise=frames.noise * 100)
    fitted = fit_controls(noisy, asked_of(notes, AS_IT_IS._replace(volume=0.0)), 0.0)
    where = slice(10 + 40, 10 + 400)
    of_harmonics = (fitted.amplitude[where, None] * fitted.harmonics[where]) ** 2
    of_noise = fitted.noise[where] ** 2
    ratio = of_harmonics.sum(axis=1).mean() / 2 / (of_noise.mean() / 3)
    assert 10 * np.log10(ratio) == pytest.approx(14.0, abs=1.5)


def test_attack_noise_decays_softly_to_what_follows() -> None:
    frames, notes = phrase([250])
    asked = read(frames, notes)[0, 5] + 0.5  # 20 dB more.
    fitted = fit_controls(frames, asked_of(notes, AS_IT_IS._replace(attack_noise=asked)), 0.0)
    change = 20 * np.log10(fitted.noise[:, 3] / frames.noise[:, 3])
    np.testing.assert_allclose(change[10:20], 20.0, atol=0.1)
    assert np.abs(np.diff(change)).max() < 8.0
    np.testing.assert_allclose(change[30:], 0.0, atol=1e-4)


def test_a_note_without_noise_gets_an_attack() -> None:
    frames, notes = phrase([250])
    silent = replace(frames, noise=np.zeros_like(frames.noise))
    fitted = fit_controls(silent, asked_of(notes, AS_IT_IS._replace(attack_noise=0.4)), 0.0)
    assert read(fitted, notes)[0, 5] == pytest.approx(0.4, abs=0.001)


def test_a_vibrato_that_is_there_is_scaled() -> None:
    frames, notes = phrase([500], jitter=0.0)
    seconds = np.arange(len(frames)) / 250
    movement = 0.1 * np.sin(2 * np.pi * 6.1 * seconds)
    wavy = replace(frames, f0_hz=(frames.f0_hz * 2 ** (movement / 12)).astype(np.float32))
    asked = 2 * read(wavy, notes)[0, 3]
    fitted = fit_controls(wavy, asked_of(notes, AS_IT_IS._replace(vibrato=asked)), 0.0)
    where = note_frames(notes[0], len(frames))
    assert vibrato_rate_hz(fitted.f0_hz[where]) == pytest.approx(6.1, abs=0.05)
    semitones = 12 * np.log2(fitted.f0_hz / frames.f0_hz)
    np.testing.assert_allclose(semitones[60:450], 2 * movement[60:450], atol=0.02)


def test_added_vibratos_begin_late_and_are_never_alike() -> None:
    frames, notes = phrase([400, 400, 400], jitter=0.0)
    rows = asked_of(notes, AS_IT_IS._replace(vibrato=0.6))
    fitted = fit_controls(frames, rows, 0.0)
    curves = []
    for note in notes:
        where = note_frames(note, len(frames))
        semitones = 12 * np.log2(fitted.f0_hz[where] / frames.f0_hz[where])
        curves.append(semitones)
        assert 4.5 < vibrato_rate_hz(fitted.f0_hz[where]) < 6.5
        assert np.abs(semitones[:12]).max() < 0.02
        assert np.abs(semitones[-1]) < 0.02
        assert np.abs(semitones).max() > 0.15
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(curves[one] - curves[other]).max() > 0.1
    # Chance hangs on the note alone: of a part of the piece, the same comes out.
    again = fit_controls(frames, rows[1:2], 0.0)
    where = note_frames(notes[1], len(frames))
    np.testing.assert_array_equal(again.f0_hz[where], fitted.f0_hz[where])
    assert not np.array_equal(fit_controls(frames, rows, 0.0, seed=1).f0_hz, fitted.f0_hz)


def test_a_note_without_vibrato_keeps_its_drift_and_a_player_s_unsteadiness() -> None:
    frames, notes = phrase([500], seed=4)
    seconds = np.arange(len(frames)) / 250
    unsteady = 0.04 * np.sin(2 * np.pi * 4.7 * seconds)
    wavy = replace(frames, f0_hz=(frames.f0_hz * 2 ** (unsteady / 12)).astype(np.float32))
    for asked in (0.0, 0.03):
        fitted = fit_controls(wavy, asked_of(notes, AS_IT_IS._replace(vibrato=asked)), 0.0)
        assert read(fitted, notes)[0, 3] <= 0.056
        cents = 1200 * np.log2(fitted.f0_hz[10:510] / wavy.f0_hz[10:510])
        assert np.abs(cents).max() < 6.0  # The vibrato was +-4 cents, the drift is more.
        spread = np.std(1200 * np.log2(fitted.f0_hz[60:460]))
        assert spread > 0.5 * np.std(1200 * np.log2(wavy.f0_hz[60:460]))


def test_a_passage_vibrates_as_in_the_whole() -> None:
    frames, notes = phrase([400, 400], jitter=0.0)
    rows = asked_of(notes, AS_IT_IS._replace(vibrato=0.6))
    whole = fit_controls(frames, rows, 0.0)
    part = Frames(*(getattr(frames, name)[400:] for name in Frames.__dataclass_fields__))
    second = rows[1].note
    moved = replace(second, onset_s=second.onset_s - 1.6, offset_s=second.offset_s - 1.6)
    passage = fit_controls(part, [replace(rows[1], note=moved)], 0.0, start_s=1.6)
    np.testing.assert_array_equal(passage.f0_hz[10:], whole.f0_hz[410:])


def test_a_fluctuation_that_fits_keeps_the_shape() -> None:
    frames, notes = phrase([300], seed=5)
    now = read(frames, notes)[0, 1]
    asked = AS_IT_IS._replace(volume_fluctuation=now / 2)
    fitted = fit_controls(frames, asked_of(notes, asked), 0.0)
    before, after = level_db(frames.amplitude)[10:310], level_db(fitted.amplitude)[10:310]
    assert np.corrcoef(before, after)[0, 1] > 0.999


def test_a_peak_at_the_onset_outlives_the_lead_from_a_softer_note() -> None:
    frames, notes = phrase([125, 125, 125], seed=3)
    one = Expression(0.75, 0.25, 0.0, 1.0, 0.5, 0.0)
    rows = asked_of(notes, one, one, one._replace(volume_fluctuation=0.125))
    found = read(fit_controls(frames, rows, 0.0), notes)
    np.testing.assert_allclose(found[:, 2], 0.0, atol=0.035)


@pytest.mark.parametrize("position", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_a_moved_peak_is_no_spike(position: float) -> None:
    frames, notes = phrase([300], seed=7)
    asked = AS_IT_IS._replace(volume_fluctuation=0.15, volume_peak_position=position)
    fitted = fit_controls(frames, asked_of(notes, asked), 0.0)
    level = level_db(fitted.amplitude)[10:310]
    peak = int(np.argmax(level))
    assert peak / 299 == pytest.approx(position, abs=0.005)
    beside = level[max(peak - 6, 0) : peak + 7]
    assert level[peak] - beside.min() < 2.0


def test_overlapping_and_simultaneous_notes_are_cut() -> None:
    frames, notes = phrase([200, 200])
    first = replace(notes[0], offset_s=notes[1].offset_s)
    rows = asked_of((first, notes[1], notes[1]), AS_IT_IS._replace(volume=0.6))
    found = read(fit_controls(frames, rows[::-1], 0.0), notes)
    np.testing.assert_allclose(found[:, 0], 0.6, atol=0.002)


def test_silence_can_be_made_to_sound() -> None:
    frames, notes = phrase([200])
    silent = replace(frames, amplitude=np.zeros_like(frames.amplitude))
    asked = AS_IT_IS._replace(volume=0.7, volume_fluctuation=0.2, volume_peak_position=0.3)
    found = read(fit_controls(silent, asked_of(notes, asked), 0.0), notes)[0]
    np.testing.assert_allclose(found[:3], [0.7, 0.2, 0.3], atol=0.004)
