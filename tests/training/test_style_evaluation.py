"""Style judged on made recordings, played by players who know what style is, or do not."""

import itertools

import numpy as np
import pytest

from plugin_core.analysis.resampling import resample
from plugin_core.training.live_player import RATE, LivePart, Player
from plugin_core.training.performed import Performed
from plugin_core.training.style_evaluation import evaluate_styles
from plugin_core.types import Expression, ExpressiveNote, Mono, Note, Part
from tests.training.performances import ruled

APART_S = 0.4
SHORT_S = 0.1


def sounded(part: LivePart, style: float) -> Mono:
    """Play notes of a tenth of a second below style 0.5, else until the next one."""
    audio = np.zeros(part.samples, np.float32)
    random = np.random.default_rng(len(part.part.notes))
    for note in part.part.notes:
        length_s = SHORT_S if style < 0.5 else APART_S
        length_s *= random.uniform(0.95, 1.0)
        times_s = np.arange(round(length_s * RATE)) / RATE
        tone = np.sin(2 * np.pi * 440 * 2 ** ((note.midi_pitch - 69) / 12) * times_s)
        tone *= np.minimum(1.0, times_s / random.uniform(0.01, 0.03)) * random.uniform(0.1, 0.2)
        begin = round(note.onset_s * RATE)
        room = audio[begin : begin + len(tone)]
        room += tone[: len(room)].astype(np.float32)
    return audio


def recording(name: str, style: float, *, is_held_out: bool = False, seed: int = 0) -> Performed:
    random = np.random.default_rng(seed)
    even = Expression(*(0.5,) * 6)
    length_s = SHORT_S if style < 0.5 else APART_S
    notes = [
        Note(0.1 + APART_S * place, 0.1 + APART_S * place + length_s, int(pitch), 64)
        for place, pitch in enumerate(random.integers(60, 72, 12))
    ]
    part = LivePart("horn", Part("", tuple(notes)), {}, round(5.5 * RATE))
    return ruled(
        0,
        name=name,
        instrument="horn",
        notes=tuple(ExpressiveNote(note, even) for note in notes),
        audio=resample(sounded(part, style), RATE, 16000),
        is_held_out=is_held_out,
    )


PERFORMED = [
    recording("low", 0.0, seed=1),
    recording("high", 1.0, seed=2),
    recording("valid", 1.0, is_held_out=True, seed=3),
]
WORDS = {"low": "staccatissimo", "high": "legato", "valid": "normal"}


def obedient() -> Player:
    return lambda part: sounded(part, float(part.lanes["style"].at(np.zeros(1))[0]) / 127)


def deaf() -> Player:
    return lambda part: sounded(part, 1.0)


def silent() -> Player:
    return lambda part: np.zeros(part.samples, np.float32)


def test_who_follows_style_is_right_at_both_ends() -> None:
    (found,) = evaluate_styles(PERFORMED, WORDS, obedient)
    assert (found.instrument, found.low, found.high) == ("horn", "staccatissimo", "legato")
    assert found.recorded == (12, 12)
    assert found.recorded_right == (1.0, 1.0)
    assert found.played == 12
    assert found.right == (1.0, 1.0)


def test_who_does_not_is_wrong_at_one_of_them() -> None:
    (found,) = evaluate_styles(PERFORMED, WORDS, deaf)
    assert found.right == (0.0, 1.0)
    assert found.share == pytest.approx(0.5)


def test_what_is_not_heard_is_on_no_side() -> None:
    (found,) = evaluate_styles(PERFORMED, WORDS, silent)
    assert found.right == (0.0, 0.0)


def test_only_the_instruments_of_the_model_are_played() -> None:
    assert evaluate_styles(PERFORMED, WORDS, obedient, instruments=["violin"]) == []


def test_keys_are_down_until_the_next_note_at_both_ends() -> None:
    heard: list[LivePart] = []

    def listen() -> Player:
        def play(part: LivePart) -> Mono:
            heard.append(part)
            return sounded(part, 1.0)

        return play

    evaluate_styles(PERFORMED, WORDS, listen)
    low, high = heard
    assert low.part == high.part
    assert [part.lanes["style"].values[0] for part in heard] == [0.0, 127.0]
    notes = low.part.notes
    assert all(one.offset_s >= two.onset_s for one, two in itertools.pairwise(notes))
