"""Styles of phrases whose articulations are told, against what players are asked for."""

from pathlib import Path

import pytest

from plugin_core.training.performed import Performed
from plugin_core.training.styles import (
    articulation_style,
    read_articulations,
    style_ranges,
    styles_of,
)
from plugin_core.types import Expression, ExpressiveNote, Note
from tests.training.performances import ruled


def played(name: str, length_s: float, *, count: int = 6, **how: object) -> Performed:
    """Return a phrase of notes that all sound as long."""
    even = Expression(*(0.5,) * 6)
    notes = (Note(place, place + length_s, 60, 64) for place in range(count))
    return ruled(0, **{"name": name, "notes": tuple(ExpressiveNote(n, even) for n in notes), **how})


def test_short_notes_are_at_one_end_and_slurred_ones_at_the_other() -> None:
    ordered = ("staccatissimo", "staccato", "nonlegato", "tongued-slur", "tenuto", "legato")
    styles = [articulation_style(word) for word in ordered]
    assert styles[0] == 0
    assert styles[-1] == 1
    assert styles == sorted(styles, key=float)


@pytest.mark.parametrize("word", ["major-trill", "tremolo", "fluttertonguing", "double-tonguing"])
def test_ways_of_playing_of_their_own_are_no_style(word: str) -> None:
    assert articulation_style(word) is None


def test_what_is_not_known_is_neither_end() -> None:
    assert articulation_style("cresc-decresc") == 0.5


def test_the_ends_of_an_instrument_are_those_that_were_recorded() -> None:
    phrases = [
        played("short", 0.2, instrument="horn"),
        played("held", 0.9, instrument="horn"),
        played("sung", 0.95, instrument="horn"),
    ]
    told = {"short": "short", "held": "nonlegato", "sung": "tongued-slur"}
    own = style_ranges(phrases, told)["horn"]
    assert (own.low, own.high) == ("short", "tongued-slur")
    assert own.shortest_s == pytest.approx(0.2)
    assert styles_of(phrases, told) == {"short": 0.0, "held": 0.5, "sung": 1.0}


def test_between_the_ends_styles_keep_their_order() -> None:
    words = ("spiccato", "staccato", "martele", "detache", "portato", "tenuto", "legato")
    phrases = [played(word, 0.1 + 0.1 * place) for place, word in enumerate(words)]
    styles = styles_of(phrases, dict(zip(words, words, strict=True)))
    assert [styles[word] for word in words] == sorted(styles.values(), key=lambda v: v or 0.0)


def test_style_does_nothing_without_both_ends() -> None:
    phrases = [played("short", 0.2), played("long", 0.9), played("few", 0.9, count=4)]
    assert not style_ranges(phrases, {"short": "staccato"})
    assert not style_ranges(phrases, {"short": "staccato", "long": "normal"})
    assert not style_ranges(phrases, {"short": "staccato", "few": "legato"})


def test_what_is_held_out_does_not_tell_how_short_notes_are() -> None:
    phrases = [
        played("short", 0.2),
        played("shorter", 0.05, is_held_out=True),
        played("long", 0.9),
    ]
    told = {"short": "staccato", "shorter": "staccatissimo", "long": "legato"}
    assert style_ranges(phrases, told)["violin"].shortest_s == pytest.approx(0.2)
    # More than the short end is not to be had.
    assert styles_of(phrases, told)["shorter"] == 0.0


def test_the_later_part_of_a_performance_is_articulated_as_the_whole() -> None:
    phrases = [played("a@b.wav", 0.2), played("a@b.wav@250", 0.2, is_held_out=True)]
    styles = styles_of(phrases, {"a@b.wav": "legato"})
    assert styles == {"a@b.wav": 1.0, "a@b.wav@250": 1.0}


def test_phrases_without_a_label_have_no_style() -> None:
    assert styles_of([played("x", 0.2)], {"x": ""}) == {}


def test_labels_of_the_corpus(shared: Path) -> None:
    words = read_articulations(shared / "corpus")
    assert words["audio/double_bass/philharmonia/029_F1_p_pizzicato.ogg"] == "pizzicato"
    assert words["audio/bassoon/philharmonia/phrase_034_legato_mf.ogg"] == "legato"
