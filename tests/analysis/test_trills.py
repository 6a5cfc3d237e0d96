"""Trills are told from figures by their speed and their width."""

import numpy as np
import pytest

from plugin_core.analysis.trills import without_trills


def turning(*keys: int, frames: int) -> list[int]:
    return np.repeat(keys, frames).tolist()


def flat(keys: list[int]) -> tuple[list[int], list[bool]]:
    found, inside = without_trills(np.array(keys, np.int16))
    return found.tolist(), inside.tolist()


@pytest.mark.parametrize("upper", [61, 62])
def test_a_trill_is_on_its_lower_key(upper: int) -> None:
    keys, inside = flat(turning(60, upper, 60, upper, 60, upper, frames=18))
    assert keys == [60] * 108
    assert inside == [False] * 8 + [True] * 100


@pytest.mark.parametrize(
    "keys",
    [
        turning(60, 63, 60, 63, 60, frames=18),
        turning(60, 62, 60, 62, 60, frames=30),
        turning(60, 62, 60, frames=18),
        turning(60, 62, 64, 65, 67, frames=18),
        turning(60, -1, 60, -1, 60, frames=18),
    ],
    ids=["wide", "slow", "mordent", "scale", "repeated"],
)
def test_this_is_no_trill(keys: list[int]) -> None:
    assert flat(keys) == (keys, [False] * len(keys))


def test_a_trill_stands_between_notes() -> None:
    before, after = turning(55, frames=100), turning(67, frames=100)
    keys, _ = flat(before + turning(60, 61, 60, 61, 60, frames=20) + after)
    assert keys == before + [60] * 100 + after


def test_a_held_note_is_no_part_of_the_trill_after_it() -> None:
    keys, inside = flat(turning(62, frames=200) + turning(60, 62, 60, 62, 60, frames=20))
    assert keys == [62] * 200 + [60] * 100
    assert not any(inside[:208])


@pytest.mark.parametrize("keys", [[], [60], [-1, -1]])
def test_little_has_no_trill(keys: list[int]) -> None:
    assert flat(keys) == (keys, [False] * len(keys))
