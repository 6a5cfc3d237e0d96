"""The bundled models of hearing on recordings that they never trained on."""

from pathlib import Path

import numpy as np
import pytest

from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.hearing_model import load_model
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.corpus import Recording, read_corpus, read_mono
from plugin_core.training.inference_evaluation import MEASURED, resyntheses

FOLDER = presets_folder() / "instruments"
KINDS = ("inference", "autoencoder")


@pytest.fixture(scope="module")
def distances(shared: Path) -> dict[str, np.ndarray]:
    """Return every model's distances from one held-out note of every instrument."""
    models = {kind: load_model(FOLDER / f"{kind}.ts") for kind in KINDS}
    recordings = read_corpus(shared / "corpus")
    found: dict[str, list[float]] = {name: [] for name in (MEASURED, *KINDS)}
    for instrument in INSTRUMENTS:
        recording = _middle([each for each in recordings if _is_judged(each, instrument)])
        audio, sample_rate = read_mono(recording.path)
        for name, made in resyntheses(audio, sample_rate, instrument, models):
            found[name].append(multi_scale_distance(made, audio, sample_rate))
    return {name: np.array(values) for name, values in found.items()}


def _is_judged(recording: Recording, instrument: str) -> bool:
    return recording.instrument == instrument and recording.is_held_out and recording.is_note


def _middle(recordings: list[Recording]) -> Recording:
    """Return the one in the middle by size: neither the shortest nor the longest."""
    return sorted(recordings, key=lambda each: each.path.stat().st_size)[len(recordings) // 2]


def test_inference_and_autoencoder_reach_what_was_asked(distances: dict[str, np.ndarray]) -> None:
    assert distances["inference"].mean() <= 4.5
    assert distances["autoencoder"].mean() <= 5.5


def test_inference_is_nearer_than_what_was_measured(distances: dict[str, np.ndarray]) -> None:
    assert distances["inference"].mean() < distances[MEASURED].mean()
    assert distances["inference"].mean() < 0.856 * distances["autoencoder"].mean()


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundled_model_says_what_it_was_made_of(kind: str) -> None:
    card = load_model(FOLDER / f"{kind}.ts").description
    text = (FOLDER / f"{kind}.md").read_text()
    assert card["made_by"] in text
    for source in card["sources"]:
        assert source["licence"]
        assert source["source"] in text
    assert not {"urmp", "fcaspe_web"} & {source["source"] for source in card["sources"]}
