"""The bundled DDX7 models: what their cards say, and music that they never trained on.

That is the last quarter of the instrument's URMP recording, whole as `evaluate ddx7-model` measures
it and four seconds of it as a user resynthesizes them.
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core.analysis.resampling import resample
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.ddx7_voices import PAPER_VOICES, voice_ratios
from plugin_core.synthesis.instruments import NO_NOISE
from plugin_core.training.ddx7_data import Take, heard_takes, read_folder
from plugin_core.training.study import compare, read_candidate

FOLDER = presets_folder() / "instruments"
WITH_NOISE = 5.5
"""The distance that a model with noise is to reach."""
PUBLISHED = {"flute": 6.94, "violin": 6.14, "trumpet": 6.31}
"""The best published of six operators without noise, which the paper's model is to beat."""

KINDS = [(name, ending) for name in PAPER_VOICES for ending in ("", NO_NOISE)]


def bar(name: str, ending: str) -> float:
    return PUBLISHED[name] if ending else WITH_NOISE


@pytest.mark.parametrize(("name", "ending"), KINDS)
def test_a_card_tells_voice_sources_terms_and_command(name: str, ending: str) -> None:
    model = read_ddx7_model(FOLDER / f"ddx7-{name}{ending}.ts")
    card, text = model.description, (FOLDER / f"ddx7-{name}{ending}.md").read_text()
    voice = PAPER_VOICES[name]["6"]
    assert model.instruments == (f"ddx7-{name}{ending}",)
    assert model.ratios == voice_ratios(voice.patch)
    assert model.playing(Playing.ALGORITHM) == voice.algorithm
    assert (model.playing(Playing.NOISE) == 0) == bool(ending)
    assert voice.name in text
    assert card["made_by"] in text
    assert f"train ddx7 --corpus ../shared/corpus --instrument {name} " in text
    assert ("--no-noise" in card["made_by"]) == bool(ending)
    assert {source["source"] for source in card["sources"]} >= {"urmp", "iowa_mis"}
    assert all(source["licence"] in text for source in card["sources"])
    assert "fcaspe_web" not in text


def held_out(shared: Path, name: str) -> tuple[np.ndarray, int]:
    """The recording from where what was trained on ends, without digital silence at its end."""
    path = shared / f"corpus/audio/{name}/urmp/urmp_ref_{name}.flac"
    audio, rate = soundfile.read(path, dtype="float32")
    audio = audio[round(0.75 * len(audio)) :]
    return audio[: np.flatnonzero(audio)[-1] + 1], rate


@pytest.fixture(scope="module", params=list(PAPER_VOICES))
def take(request: pytest.FixtureRequest, shared: Path, tmp_path_factory) -> Take:
    folder = tmp_path_factory.mktemp(request.param)
    soundfile.write(
        folder / f"{request.param}.wav", *held_out(shared, request.param), subtype="FLOAT"
    )
    (heard,) = heard_takes(read_folder(folder), cache=folder)
    return heard


@pytest.mark.parametrize("ending", ["", NO_NOISE])
def test_what_was_held_out_is_resynthesized_as_was_asked(take: Take, ending: str) -> None:
    name = Path(take.name).stem
    candidate = read_candidate(FOLDER / f"ddx7-{name}{ending}.ts")
    assert compare(candidate, take).mss <= bar(name, ending)


@pytest.mark.parametrize(("name", "ending"), KINDS)
def test_four_seconds_at_16_khz_are_resynthesized_as_was_asked(
    name: str, ending: str, shared: Path, tmp_path: Path
) -> None:
    audio, rate = held_out(shared, name)
    excerpt = resample(audio[: 4 * rate], rate, 16000)
    excerpt = excerpt / np.abs(excerpt).max()
    soundfile.write(tmp_path / "in.wav", excerpt, 16000, subtype="FLOAT")
    words = ["resynthesize", str(tmp_path / "in.wav"), "--model", f"ddx7-{name}"]
    words += ["--no-noise"] if ending else []
    assert main([*words, "--out", str(tmp_path / "out.wav")]) == 0
    made, made_rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert (made_rate, len(made)) == (16000, len(excerpt))
    assert multi_scale_distance(made, excerpt, 16000) <= bar(name, ending)
