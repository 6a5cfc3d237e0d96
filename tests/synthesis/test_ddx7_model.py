"""The DDX7 network, its file, and the voices that it plays."""

import math

import numpy as np
import pytest
import torch

from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import ATTACK_FRAMES, RELEASE_FRAMES, SEEN_FRAMES, Playing
from plugin_core.engine.ddx7_network import run_ddx7
from plugin_core.synthesis.archive import read_archive
from plugin_core.synthesis.ddx7_export import PlayingTables, packed, save_ddx7_model
from plugin_core.synthesis.ddx7_model import (
    Configuration,
    Ddx7Model,
    network_inputs,
    noise_magnitudes,
    plain_network,
)
from plugin_core.synthesis.ddx7_voices import PAPER_VOICES, patch_of, voice_ratios

BRASS = PAPER_VOICES["trumpet"]["6"]
TABLES = PlayingTables(
    typical=(0.5, 0.0, 0.5, 0.2, 0.5, 0.5),
    vibrato_hz=5.5,
    drift_cents=2.0,
    attack_db=np.linspace(-20, 0, ATTACK_FRAMES, dtype=np.float32),
    release_db=np.linspace(0, -60, RELEASE_FRAMES, dtype=np.float32),
    numbers={Playing.REFERENCE_DB: -20.0, Playing.NOTE_DB: -7.0, Playing.MIDDLE_PITCH: 70.0},
)


def made(**changes):
    """Return a model whose every weight is random, its weights moved from where they start."""
    torch.manual_seed(1)
    told = {"algorithm": BRASS.algorithm, "ratios": voice_ratios(BRASS.patch), "i_max": 6.0}
    model = Ddx7Model(Configuration(**{**told, **changes})).eval()
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model


@pytest.fixture(scope="module")
def model():
    return made()


def curves(frames=300):
    random = np.random.default_rng(2)
    loudness = (-30 + np.cumsum(random.normal(size=frames))).astype(np.float32)
    pitch = (70 + 0.1 * np.cumsum(random.normal(size=frames))).astype(np.float32)
    f0_hz = (440 * 2 ** ((pitch - 69) / 12)).astype(np.float32)
    return loudness, pitch, f0_hz


def inputs_of(loudness, f0_hz):
    return network_inputs(torch.from_numpy(loudness), torch.from_numpy(f0_hz))


def test_about_400_thousand_parameters(model):
    trained = sum(each.numel() for each in plain_network(model).blocks.parameters())
    assert trained == pytest.approx(400_000, rel=0.02)


def test_a_frame_is_seen_for_125_frames_and_never_ahead(model):
    assert SEEN_FRAMES == 125
    loudness, _, f0_hz = curves()
    network = plain_network(model)
    with torch.inference_mode():
        before, _ = network(inputs_of(loudness, f0_hz)[None])
        loudness[100] += 10
        after, _ = network(inputs_of(loudness, f0_hz)[None])
    changed = (before != after)[0].any(dim=-1).numpy()
    assert not changed[:100].any()
    assert changed[100]
    assert changed[224]
    assert not changed[225:].any()


def test_levels_reach_1_of_carriers_and_i_max_of_modulators():
    # Algorithm 18: operator 1 alone is heard.
    configuration = Configuration(18, (1.0,) * 6, operators=(1, 2, 4, 5), i_max=2 * math.pi)
    assert configuration.maxima() == (1.0, 2 * math.pi, 0.0, 2 * math.pi, 2 * math.pi, 0.0)


@pytest.mark.parametrize(
    ("ratios", "cycles"),
    [((1, 1, 1, 1, 3, 14), 1), ((1, 1, 1, 2, 2, 1.5), 2), ((1, 1, 1, 1, 3.2, 8.5), 10)],
)
def test_a_waveform_repeats_after_as_many_periods_as_its_ratios_tell(ratios, cycles):
    assert Configuration(1, tuple(map(float, ratios))).cycles == cycles


def test_a_configuration_without_a_carrier_is_refused():
    with pytest.raises(ValueError, match="carrier"):
        Configuration(18, (1.0,) * 6, operators=(2, 3))


def test_the_ratios_of_the_paper_are_those_of_its_figure_3():
    ratios = {name: voice_ratios(voices["6"].patch) for name, voices in PAPER_VOICES.items()}
    assert ratios == {
        "violin": (1, 1, 1, 1, 3, 14),
        "flute": (1, 1, 1, 2, 2, 1.5),
        "trumpet": (1, 1, 1, 1, 3.2, 8.5),
    }


def test_coarse_0_is_a_half():
    assert voice_ratios(patch_of(1, [(0, 0), (0, 50), (1, 4), (1, 5), (1, 0), (1, 0)])) == (
        (0.5, 0.8, 1.0, 1.1, 1.0, 1.0)
    )


def test_silence_looks_alike_at_every_pitch():
    loudness = torch.tensor([-120.0, -100.0, -99.9])
    assert (network_inputs(loudness, torch.tensor([100.0, 2000.0, 440.0]))[:2] == 0).all()
    loud = network_inputs(torch.tensor([-20.0]), torch.tensor([440.0]))[0]
    assert loud.tolist() == pytest.approx([0.8, 69 / 127])


def test_noise_magnitudes_are_those_of_ddsp():
    # Engel et al. 2020: 2 * sigmoid(x)^ln(10) + 1e-7.
    raw = torch.tensor([-100.0, 0.0, 100.0])
    assert noise_magnitudes(raw).tolist() == pytest.approx([1e-7, 2 * 0.5 ** math.log(10), 2.0])


def test_the_kernel_plays_what_was_trained(model):
    loudness, pitch, f0_hz = curves()
    weights, layout = packed(model, BRASS.patch, TABLES)
    levels, noise = run_ddx7(weights, layout, loudness, pitch)
    silence = torch.zeros(SEEN_FRAMES, 2)
    with torch.inference_mode():
        expected = model(torch.cat((silence, inputs_of(loudness, f0_hz)))[None])
    seen = [each[0, SEEN_FRAMES:].numpy() for each in expected]
    assert levels == pytest.approx(seen[0], abs=2e-5)
    assert noise == pytest.approx(seen[1], rel=1e-3)


def test_without_noise_there_is_none():
    loudness, pitch, _ = curves(20)
    weights, layout = packed(made(noise=False), BRASS.patch, TABLES)
    assert not run_ddx7(weights, layout, loudness, pitch)[1].any()


def test_the_file_tells_the_voice_and_can_be_read_without_torch(tmp_path):
    configuration = {"operators": (1, 2, 4), "feedback": 3.0}
    model = made(**configuration)
    path = tmp_path / "ddx7-trumpet.ts"
    save_ddx7_model(path, model, BRASS.patch, TABLES, {"instruments": ["ddx7-trumpet"]})
    read = read_ddx7_model(path)
    assert read.ratios == voice_ratios(BRASS.patch)
    on = [read.voice[FIELD_INDEX[f"op{op}_on"]] for op in range(1, 7)]
    assert on == [1, 1, 0, 1, 0, 0]
    assert read.playing(Playing.FEEDBACK) == 3
    assert read.playing(Playing.OPERATORS) == 0b001011
    assert read.playing(Playing.NOTE_DB) == -7
    assert read.room == pytest.approx(model.room.response().detach().numpy())
    description, _ = read_archive(path)
    assert description["kind"] == "ddx7"
    assert description["i_max"] == 6.0
    assert description["typical"]["vibrato"] == pytest.approx(0.2)


def test_torchscript_of_the_file_is_the_network(tmp_path, model):
    path = tmp_path / "a.ts"
    save_ddx7_model(path, model, BRASS.patch, TABLES, {"instruments": ["ddx7-a"]})
    loudness, _, f0_hz = curves(50)
    inputs = inputs_of(loudness, f0_hz)[None]
    with torch.inference_mode():
        shares, _ = torch.jit.load(path)(inputs)
        assert torch.allclose(shares * model.maxima, model(inputs)[0], atol=1e-5)


def test_tables_of_another_length_are_refused(model):
    short = PlayingTables(
        TABLES.typical, 5.0, 0.0, TABLES.attack_db[1:], TABLES.release_db, TABLES.numbers
    )
    with pytest.raises(ValueError, match="table of 50"):
        packed(model, BRASS.patch, short)
