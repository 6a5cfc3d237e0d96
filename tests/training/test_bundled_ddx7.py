"""The bundled DDX7 models: what their cards say, and four seconds that they never trained on."""

from pathlib import Path

import pytest
import soundfile

from bridge.cli import main
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.ddx7_voices import PAPER_VOICES, voice_ratios

FOLDER = presets_folder() / "instruments"
ASKED = 5.5
"""The distance that a model with noise is to reach."""

PUBLISHED = {"flute": 6.94, "violin": 6.14, "trumpet": 6.31}
"""The best of the paper's models, without noise: to be beaten."""


@pytest.mark.parametrize("name", PAPER_VOICES)
def test_a_card_tells_voice_sources_terms_command_and_distance(name: str) -> None:
    model = read_ddx7_model(FOLDER / f"ddx7-{name}.ts")
    card, text = model.description, (FOLDER / f"ddx7-{name}.md").read_text()
    voice = PAPER_VOICES[name]["6"]
    assert model.ratios == voice_ratios(voice.patch)
    assert model.playing(Playing.ALGORITHM) == voice.algorithm
    assert voice.name in text
    assert card["made_by"] in text
    assert f"train ddx7 --corpus ../shared/corpus --instrument {name} " in text
    assert {source["source"] for source in card["sources"]} >= {"urmp", "iowa_mis"}
    assert all(source["licence"] in text for source in card["sources"])
    assert "fcaspe_web" not in text


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
@pytest.mark.parametrize("option", ["--noise", "--no-noise"])
def test_what_was_held_out_is_resynthesized(
    name: str, published: float, option: str, shared: Path, tmp_path: Path
) -> None:
    path = shared / f"corpus/audio/{name}/urmp/urmp_ref_{name}.flac"
    audio, rate = soundfile.read(path, dtype="float32")
    held_out = audio[round(0.75 * len(audio)) :]  # what was trained on ends there
    for excerpt in (held_out, held_out[: 4 * rate]):
        soundfile.write(tmp_path / "in.wav", excerpt, rate, subtype="FLOAT")
        words = ["resynthesize", str(tmp_path / "in.wav"), "--model", f"ddx7-{name}", option]
        assert main([*words, "--out", str(tmp_path / "out.wav")]) == 0
        made, made_rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
        assert made_rate == rate
        distance = multi_scale_distance(made[: len(excerpt)], excerpt, rate)
        assert distance <= (ASKED if option == "--noise" else published)
