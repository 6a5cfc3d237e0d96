"""Training of DDX7 models: losses against theory, excerpts, runs, and what is measured of takes."""

import dataclasses

import numpy as np
import pytest
import scipy.special
import torch

from plugin_core.engine.ddx7_layout import Playing
from plugin_core.synthesis.ddx7_model import Configuration, Ddx7Model
from plugin_core.training.checkpoints import save_checkpoint
from plugin_core.training.ddx7_building import build_ddx7, figures, settings_for
from plugin_core.training.ddx7_cards import ddx7_card_text, index_text
from plugin_core.training.ddx7_data import REFERENCE_DB, Material, Take
from plugin_core.training.ddx7_excerpts import CONTEXT, draw, take_shares, whole
from plugin_core.training.ddx7_losses import (
    Levels,
    band_loss,
    levels_of,
    line_amplitudes,
    period_loss,
)
from plugin_core.training.ddx7_tables import attack_contour, measure_tables, release_contour
from plugin_core.training.ddx7_training import Ddx7Run, settings_of, train_ddx7
from plugin_core.types import HARMONICS, NOISE_BANDS, InputError

PAIR = Configuration(1, (1.0,) * 6, operators=(1, 2), i_max=4.0)
"""Operator 2 modulates operator 1, nothing else."""
HELD, PAUSE = 250, 150


def take(name="a", source="here", *, notes=4, is_held_out=False, is_note=False, f0_hz=440.0):
    """Return notes of one second at -20 dB between pauses, rising and falling in 40 ms each."""
    shape = np.concatenate((np.zeros(PAUSE), np.ones(HELD)))
    sounding = np.append(np.tile(shape, notes), np.zeros(PAUSE))
    ramp = np.convolve(sounding, np.ones(11) / 11, mode="same")
    loudness = np.maximum(REFERENCE_DB - 60 * (1 - ramp), -80).astype(np.float32)
    amplitude = np.where(sounding > 0, 10 ** (loudness / 20), 0)
    frames = len(loudness)
    lines = np.zeros((frames, HARMONICS), np.float32)
    lines[:, :3] = amplitude[:, None] * np.array([1.0, 0.5, 0.25])
    vibrato = 0.2 * np.sin(2 * np.pi * 5.5 * np.arange(frames) / 250)
    f0 = (f0_hz * 2 ** (vibrato / 12)).astype(np.float32)
    cycles = np.cumsum(np.repeat(f0, 64)) / 16000
    audio = sum(np.repeat(lines[:, k], 64) * np.sin(2 * np.pi * (k + 1) * cycles) for k in range(3))
    return Take(
        name=name,
        source=source,
        licence="CC0",
        is_note=is_note,
        is_held_out=is_held_out,
        sample_rate=16000,
        gain_db=0.0,
        f0_hz=f0,
        confidence=(sounding > 0).astype(np.float32),
        loudness_db=loudness,
        lines=lines,
        noise=np.full((frames, NOISE_BANDS), 1e-5, np.float32),
        audio=audio.astype(np.float32),
    )


@pytest.fixture(scope="module")
def material():
    return Material((take(),), (take("b", is_held_out=True, notes=2),))


def small(configuration=PAIR, **changes):
    return settings_of(
        configuration,
        **{"steps": 4, "period_steps": 2, "warm_up": 1, "batch": 2, "frames": 160,
           "period_batch": 2, "period_frames": 160, **changes},
    )  # fmt: skip


def test_lines_of_two_operators_are_bessel_functions():
    # sin(x + I sin x) = sum of J_k(I) sin((1 + k) x): line n gets J_(n-1) and, folded, J_-(n+1).
    index = 1.7
    levels = torch.tensor([[0.5, index, 0.0, 0.0, 0.0, 0.0]])
    number = np.arange(1, 20)
    folded = (-1.0) ** (number + 1) * scipy.special.jv(number + 1, index)
    expected = 0.5 * np.abs(scipy.special.jv(number - 1, index) - folded)
    assert line_amplitudes(levels, PAIR)[0, :19].numpy() == pytest.approx(expected, abs=1e-5)


def test_lines_between_the_harmonics_are_left_out():
    ratios = (1.0, 1.5, 1.0, 1.0, 1.0, 1.0)
    levels = torch.tensor([[0.5, 1.0, 0.0, 0.0, 0.0, 0.0]])
    lines = line_amplitudes(levels, dataclasses.replace(PAIR, ratios=ratios))[0].numpy()
    # x + k 1.5 x: of whole multiples there are 1 (k = 0), 4 (k = 2), and 2 (k = -2, folded).
    assert lines[0] == pytest.approx(0.5 * scipy.special.jv(0, 1.0), abs=1e-5)
    assert lines[1] == pytest.approx(0.5 * scipy.special.jv(2, 1.0), abs=1e-5)
    assert lines[2] == pytest.approx(0, abs=1e-5)


def test_the_period_loss_is_nothing_for_the_levels_that_were_recorded():
    levels = torch.zeros(1, 200, 6)
    levels[..., 0], levels[..., 1] = 0.1, 1.2
    batch = draw(np.random.default_rng(0), [take()], np.ones(1), 1, 200)
    lines = torch.zeros(1, 200, HARMONICS)
    lines[0] = line_amplitudes(levels[0], PAIR)[:, :HARMONICS]
    batch = dataclasses.replace(batch, lines=lines, is_voiced=torch.ones(1, 200, dtype=torch.bool))
    noise = torch.zeros(1, 200, NOISE_BANDS)
    right, wrong = (
        period_loss(Levels(each, noise), batch, PAIR, np.random.default_rng(0))
        for each in (levels, levels * torch.tensor([1.0, 1.5, 1, 1, 1, 1]))
    )
    assert float(right) == pytest.approx(0, abs=1e-4)
    assert float(wrong) > 0.1


def test_the_band_loss_is_in_nepers_and_knows_nothing_above_the_recording():
    batch = whole(take())
    noise = batch.noise.clone() * np.e
    noise[..., 22:] = 1.0  # above 8 kHz
    assert float(band_loss(Levels(torch.zeros(1), noise), batch)) == pytest.approx(1, abs=0.1)


def test_a_whole_take_comes_after_silence():
    batch = whole(take())
    assert batch.f0_hz.shape[1] == CONTEXT + len(take())
    assert (batch.loudness_db[0, :CONTEXT] == -120).all()
    assert batch.audio.shape[1] == 64 * batch.f0_hz.shape[1]


def test_excerpts_are_louder_or_softer_in_all_that_is_known_of_them():
    batch = draw(np.random.default_rng(1), [take(notes=8)], np.ones(1), 8, 300)
    voiced = batch.is_voiced
    asked = batch.loudness_db[voiced]
    assert REFERENCE_DB + 1 < float(asked.max()) <= REFERENCE_DB + 6
    fundamental = 20 * torch.log10(batch.lines[..., 0][voiced])
    assert torch.allclose(fundamental, asked, atol=1e-3)


def test_what_is_favoured_is_drawn_as_often_as_asked():
    takes = [take("a", "urmp"), take("b"), take("c", is_note=True), take("d")]
    shares = take_shares(takes, "urmp", 0.7)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(0.7)
    assert shares[1] == pytest.approx(3 * shares[2])


@pytest.mark.parametrize("noise", [True, False])
def test_a_run_goes_on_from_its_checkpoint_as_if_never_interrupted(material, tmp_path, noise):
    settings = small(dataclasses.replace(PAIR, noise=noise), period_weight=0.1, room_weight=0.1)
    model = train_ddx7(material, settings, tmp_path / "one")
    torch.manual_seed(0)
    run = Ddx7Run(material, settings)
    for _ in range(3):
        run.advance()
    (tmp_path / "two").mkdir()
    path = tmp_path / "two" / "ddx7.checkpoint"
    save_checkpoint(path, settings, run.step, run.parts())
    resumed = train_ddx7(material, settings, tmp_path / "two")
    for one, two in zip(model.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, two)
    with pytest.raises(InputError, match="a checkpoint of"):
        train_ddx7(material, dataclasses.replace(settings, seed=1), tmp_path / "two")


def test_two_operators_learn_three_lines(material):
    torch.manual_seed(0)
    settings = small(dataclasses.replace(PAIR, noise=False), steps=60, period_steps=60, warm_up=5)
    run = Ddx7Run(material, settings)
    batch = whole(material.held_out[0])

    def distance():
        with torch.no_grad():
            levels = levels_of(run.model, batch)
        return float(period_loss(levels, batch, PAIR, np.random.default_rng(0)))

    before = distance()
    for _ in range(60):
        run.advance()
    assert distance() < 0.6 * before


def test_an_untrained_model_has_figures_of_everything_held_out(material):
    told = figures(Ddx7Model(PAIR).eval(), material.held_out)
    assert told["parameters"] > 400_000
    assert list(told["held_out"]) == ["here performances"]
    assert told["held_out"]["here performances"]["seconds"] == 4


def test_a_model_and_its_card(material, tmp_path):
    settings = dataclasses.replace(small(), steps=2, period_steps=1)
    built = build_ddx7(material, settings, tmp_path)
    card = {"name": "ddx7-a", "voice": "V", "made_by": "hexachord train", **built.description}
    text = ddx7_card_text(card, PAIR)
    assert "| here | CC0 | 1 |" in text
    assert "ratios 1 1 - - - -" in text
    assert np.isfinite(built.tables.numbers[Playing.GAIN_DB])


def test_more_recordings_are_worth_more_steps(material):
    little = settings_for(PAIR, material, steps=None, seed=0)
    much = settings_for(PAIR, Material(material.training * 20, ()), steps=None, seed=0)
    assert little.steps < much.steps
    assert settings_for(PAIR, material, steps=7, seed=0).steps == 7


def test_an_index_is_told_as_people_write_it():
    assert [index_text(each) for each in (2.0, 2 * np.pi, 4 * np.pi)] == ["2", "2pi", "4pi"]


def test_attacks_and_releases_are_those_of_the_notes():
    attack, release = attack_contour([take()]), release_contour([take()])
    # 60 dB in 11 frames: 5.5 dB a frame, from where 25 dB are left.
    assert np.diff(attack[:4]) == pytest.approx(5.45, abs=0.1)
    assert attack[8:] == pytest.approx(0, abs=0.1)
    assert np.diff(release[1:9]) == pytest.approx(-5.45, abs=0.1)
    assert release[-1] == -60


def test_a_usual_note_its_pitch_and_its_vibrato():
    tables = measure_tables([take(), take("b", f0_hz=880.0)])
    assert tables.vibrato_hz == pytest.approx(5.5, abs=0.1)
    # +-20 cents; 27 cents read 1.
    assert tables.typical[3] == pytest.approx(0.6, abs=0.15)
    assert tables.numbers[Playing.NOTE_DB] == pytest.approx(0, abs=1)
    assert tables.numbers[Playing.SLOPE_DB] == pytest.approx(0, abs=0.1)
    assert tables.numbers[Playing.LOWEST_PITCH] == pytest.approx(68, abs=1)
    assert tables.numbers[Playing.HIGHEST_PITCH] == pytest.approx(82, abs=1)
