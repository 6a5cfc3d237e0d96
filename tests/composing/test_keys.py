import numpy as np
import pytest

from plugin_core.composing.keys import key_name, key_named, key_of, transposed
from plugin_core.types import InputError

MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
HARMONIC_MINOR = np.array([0, 2, 3, 5, 7, 8, 11])


@pytest.mark.parametrize("tonic", range(12))
def test_a_scale_around_its_triad_is_in_its_key(tonic: int):
    triad, minor_triad = np.array([0, 4, 7]), np.array([0, 3, 7])
    assert key_of(60 + tonic + np.concatenate([MAJOR, triad, triad])) == tonic
    found = key_of(60 + tonic + np.concatenate([HARMONIC_MINOR, minor_triad, minor_triad]))
    assert found == tonic + 12


def test_weights_count_as_repetitions():
    pitches = np.array([60, 62, 64, 67, 66])
    weights = np.array([4.0, 1.0, 3.0, 3.0, 1.0])
    assert key_of(pitches, weights) == key_of(pitches.repeat(weights.astype(int)))


@pytest.mark.parametrize(
    ("name", "key"),
    [("C", 0), ("g", 7), ("F#m", 18), ("Bb minor", 22), ("Eb major", 3), ("Cb", 11), ("a min", 21)],
)
def test_names_of_keys(name: str, key: int):
    assert key_named(name) == key
    assert key_named(key_name(key)) == key


@pytest.mark.parametrize("name", ["", "H", "C##", "major", "G lydian"])
def test_what_is_no_key(name: str):
    with pytest.raises(InputError, match="--key: expected auto, or a key"):
        key_named(name)


def test_moving_keeps_the_mode():
    assert transposed(11, 1) == 0
    assert transposed(23, 1) == 12


def test_no_notes_have_no_key():
    with pytest.raises(ValueError, match="at least one note"):
        key_of(np.array([], int))
