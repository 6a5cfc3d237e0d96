"""The real models in the place of the obedient ones: loaded from files, as a user has them."""

from pathlib import Path

import numpy as np
import pytest

from plugin_core.performance import perform, player_seed, players
from plugin_core.performing.models import load_models
from plugin_core.sounds import PhraseSound, load_sound
from plugin_core.types import InputError, Lane, Note, Part
from tests.performing.untrained import write_untrained

RATE = 24000
MELODY = Part("m", (Note(0.1, 0.6, 69, 70), Note(0.6, 1.0, 71, 90), Note(1.0, 1.5, 72, 80)))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> PhraseSound:
    file = write_untrained(tmp_path_factory.mktemp("models"))
    loaded = load_sound(f"{file}#violin")
    assert isinstance(loaded, PhraseSound)
    return loaded


def heard(sound: PhraseSound, part: Part = MELODY, **options) -> np.ndarray:
    return perform(sound, part, **{"sample_rate": RATE, "samples": 2 * RATE, **options})


def test_a_melody_sounds(sound: PhraseSound):
    audio = heard(sound)
    assert audio.dtype == np.float32
    assert np.isfinite(audio).all()
    sounding, silence = audio[RATE // 5 : RATE], audio[: RATE // 50]
    assert np.sqrt(np.mean(sounding**2)) > 10 * np.sqrt(np.mean(silence**2))


def test_players_in_unison_are_no_copies(sound: PhraseSound):
    first, again, second = (heard(sound, seed=seed) for seed in (0, 0, player_seed(0, 1)))
    np.testing.assert_array_equal(first, again)
    assert np.corrcoef(first, second)[0, 1] < 0.99


def test_a_chord_is_the_sum_of_its_players(sound: PhraseSound):
    chord = Part("c", (Note(0.0, 1.0, 64, 80), Note(0.0, 1.0, 76, 80)))
    parts = players(sound, chord).parts
    assert len(parts) == 2
    alone = [heard(sound, part, seed=player_seed(3, n)) for n, part in enumerate(parts)]
    np.testing.assert_allclose(heard(sound, chord, seed=3), sum(alone), atol=1e-6)


def test_a_lane_for_the_volume_is_heard(sound: PhraseSound):
    def level(volume: float) -> float:
        audio = heard(sound, lanes={"volume": Lane.constant(volume)})
        return float(20 * np.log10(np.sqrt(np.mean(audio[RATE // 5 : RATE] ** 2))))

    assert 6 < level(0.8) - level(0.6) < 18


def test_an_unknown_lane_and_rate_are_misuse(sound: PhraseSound):
    with pytest.raises(KeyError):
        heard(sound, lanes={"nonsense": Lane.constant(0.0)})
    with pytest.raises(ValueError, match="22050"):
        heard(sound, sample_rate=8000)


def test_models_are_opened_once(sound: PhraseSound):
    assert load_models(sound).synthesis is load_models(sound).synthesis


def test_a_file_that_is_no_model_is_told(sound: PhraseSound, tmp_path: Path):
    (tmp_path / "synthesis.ts").write_bytes(b"nonsense")
    broken = PhraseSound("Violin", "x", "violin", tmp_path / "synthesis.ts", sound.expression)
    with pytest.raises(InputError, match=r"synthesis\.ts: expected a Hexachord instrument"):
        heard(broken)
    swapped = PhraseSound("Violin", "x", "violin", sound.expression, sound.expression)
    with pytest.raises(InputError, match="kind: expected synthesis, found expression"):
        heard(swapped)
