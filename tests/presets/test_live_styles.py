"""What style does on the bundled live instruments, as their file says, heard in what is played."""

import numpy as np
import pytest

from plugin_core.engine.live_model import read_live_model
from plugin_core.sounds import presets_folder
from plugin_core.training.live_player import RATE, EngineMaker, LivePart, Player
from plugin_core.types import Lane, Mono, Note, Part

MODEL = presets_folder() / "instruments" / "live.ts"
DOWN_S = 1.0


@pytest.fixture(scope="module")
def play() -> Player:
    return EngineMaker(MODEL)()


def middle_key(instrument: str) -> int:
    low, high = read_live_model(MODEL).description["ranges"][instrument]
    return (low + high) // 2


def styled() -> list[str]:
    return [name for name, style in read_live_model(MODEL).styles.items() if style]


def level_db(audio: Mono, from_s: float, to_s: float) -> float:
    part = audio[round(from_s * RATE) : round(to_s * RATE)].astype(np.float64)
    return 10 * float(np.log10((part**2).mean() + 1e-12))


def test_nine_instruments_were_recorded_short_and_sustained() -> None:
    assert len(styled()) == 9
    assert not read_live_model(MODEL).styles["guitar"]


@pytest.mark.parametrize("instrument", styled())
def test_style_lets_a_held_note_go_or_holds_it(play: Player, instrument: str) -> None:
    part = Part("", (Note(0.1, 0.1 + DOWN_S, middle_key(instrument), 64),))
    levels = []
    for style in (0.0, 127.0):
        audio = play(LivePart(instrument, part, {"style": Lane.constant(style)}, round(1.2 * RATE)))
        levels.append((level_db(audio, 0.1, 0.25), level_db(audio, 0.85, 1.05)))
    (short_begins, short_ends), (long_begins, long_ends) = levels
    assert short_ends < short_begins - 24
    assert long_ends > long_begins - 12
