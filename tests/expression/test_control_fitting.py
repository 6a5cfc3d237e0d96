"""Control fitting against the definitions of the controls: levels, noise and brightness."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_core.expression.control_fitting import fit_controls
from plugin_core.expression.extraction import extract, level_db
from plugin_core.types import CONTROLS, Expression, Frames
from tests.expression.fitted_phrases import AS_IT_IS, asked_of, phrase, read

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
