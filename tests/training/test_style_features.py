"""Features of made notes: a sine with an attack and a decay that are known."""

import numpy as np
import pytest

from plugin_core.training.style_features import NoteFeatures, discriminant, note_features
from plugin_core.types import Mono, Note

RATE = 16000


def made(
    *,
    attack_s: float = 0.02,
    slope_db_per_s: float = 0.0,
    sounds_s: float = 0.5,
    harmonics: int = 1,
) -> tuple[Mono, list[Note]]:
    """Return two equal notes of 440 Hz, 0.5 s apart."""
    times_s = np.arange(round(0.5 * RATE)) / RATE
    level_db = np.interp(times_s, [0.0, attack_s], [-40.0, 0.0]) + slope_db_per_s * np.maximum(
        times_s - attack_s, 0.0
    )
    tone = sum(np.sin(2 * np.pi * 440 * k * times_s) for k in range(1, harmonics + 1))
    note = 0.1 * tone * 10 ** (level_db / 20) * (times_s < sounds_s)
    audio = np.concatenate([np.zeros(3200), note, note, np.zeros(1600)])
    return audio.astype(np.float32), [Note(0.2, 0.5, 69, 64), Note(0.7, 1.0, 69, 64)]


def features(**how: float) -> NoteFeatures:
    found = note_features(*made(**how))[0]
    assert found is not None
    return found


@pytest.mark.parametrize("attack_s", [0.06, 0.1, 0.2])
def test_attack_is_the_time_from_20_to_3_db_below_the_peak(attack_s: float) -> None:
    # 17 of 40 dB; a window of 32 ms rounds both ends.
    assert np.exp(features(attack_s=attack_s).attack) == pytest.approx(
        17 / 40 * attack_s, abs=0.014
    )


@pytest.mark.parametrize("slope", [-100.0, -20.0, 0.0, 12.0])
def test_decay_is_the_slope_after_the_attack(slope: float) -> None:
    decay = features(slope_db_per_s=slope).decay
    read = np.sign(decay) * 20 * np.expm1(abs(decay))
    assert read == pytest.approx(slope, abs=max(0.12 * abs(slope), 4.0))


def test_short_notes_fall_steeply() -> None:
    assert features(sounds_s=0.1).decay < features(slope_db_per_s=-40.0).decay - 0.5


def test_when_the_key_comes_up_is_not_looked_at() -> None:
    audio, notes = made(slope_db_per_s=-20.0)
    longer = [Note(note.onset_s, note.onset_s + 0.49, 69, 64) for note in notes]
    assert note_features(audio, notes) == note_features(audio, longer)


def test_centroid_is_in_octaves_above_the_key() -> None:
    # Of harmonics 1 and 2 alike: 1.5 times the fundamental.
    assert features(harmonics=1).centroid == pytest.approx(0.0, abs=0.15)
    assert features(harmonics=2).centroid == pytest.approx(np.log2(1.5), abs=0.15)


def test_silence_has_no_features() -> None:
    assert note_features(np.zeros(RATE, np.float32), [Note(0.1, 0.5, 69, 64)]) == [None]


def test_two_clouds_are_parted_by_the_line_that_is_best() -> None:
    random = np.random.default_rng(1)
    # Of equal covariance, it is the inverse covariance times the difference of the centres.
    spread = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 4.0]])
    low = random.multivariate_normal(np.zeros(3), spread, 4000)
    high = random.multivariate_normal([2.0, 0.0, 0.0], spread, 1000)
    found = discriminant(low, high)
    best = np.linalg.solve(spread, [2.0, 0.0, 0.0])
    cosine = found.direction @ best / np.linalg.norm(found.direction) / np.linalg.norm(best)
    assert cosine > 0.99
    # Their distance is 2.5 deviations: half of it is the chance of error, 10.6 %.
    for cloud, is_high in ((low, False), (high, True)):
        assert np.mean(found.is_high(cloud) != is_high) == pytest.approx(0.106, abs=0.02)


def test_a_class_needs_two_notes() -> None:
    with pytest.raises(ValueError, match="two notes"):
        discriminant(np.zeros((1, 3)), np.zeros((5, 3)))
