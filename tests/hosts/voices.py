"""Voices that show what a test asks for, and scores for them."""

from collections.abc import Iterator

import numpy as np

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import FIELDS
from plugin_core.dx7.sysex import read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import presets_folder
from plugin_core.types import Note, Part

BUNDLED = (
    ("hexachord-1", ("TINE PIANO", "GLOCKEN", "VIBES", "SYNTH BASS")),
    ("hexachord-2", ("TRUMPET", "STRINGS", "DRAWBARS", "DATA BIRDS")),
)

SINE = Voice.initial()
"""INIT VOICE: operator 1 alone, a sine with an organ's envelope."""

PAIR = SINE.edited(name="PAIR", op2_level=60)
"""Operator 2 on operator 1, at an index so small that its sidebands only grow with the level."""


def bundled(bank: str, name: str) -> Voice:
    """Return a bundled voice by name."""
    voices = read_voices(presets_folder() / "dx7" / f"{bank}.syx").voices
    return next(voice for voice in voices if voice.name == name)


def random_voice(algorithm: int) -> Voice:
    """Return a voice of random parameters on an algorithm, with carriers that sound."""
    rng = np.random.default_rng(algorithm)
    shown = {
        field.id: int(rng.integers(field.low, field.high + 1))
        for field in FIELDS
        if not field.id.endswith("_on")
    }
    shown |= {"algorithm": algorithm, "transpose": 0}
    for operator in range(1, 7):
        shown |= {f"op{operator}_level": int(rng.integers(60, 90)), f"op{operator}_mode": 0}
        shown |= {f"op{operator}_coarse": int(rng.integers(0, 8))}
        shown |= {f"op{operator}_eg_level4": 0, f"op{operator}_eg_rate4": 70}
    for operator in ALGORITHMS[algorithm - 1].carriers:
        shown |= {f"op{operator}_level": 95, f"op{operator}_eg_rate1": 80}
        shown |= {f"op{operator}_eg_level1": 99, f"op{operator}_eg_level3": 85}
        shown |= {f"op{operator}_velocity_sensitivity": 3, f"op{operator}_right_depth": 5}
        shown |= {f"op{operator}_left_depth": 5, f"op{operator}_amp_mod_sensitivity": 1}
    return SINE.edited(name=f"RANDOM {algorithm:02}", **shown)


def forty_voices() -> Iterator[Voice]:
    """Yield eight bundled voices and a random one on each algorithm."""
    for bank, names in BUNDLED:
        for name in names:
            yield bundled(bank, name)
    for algorithm in range(1, 33):
        yield random_voice(algorithm)


def one_note(
    pitch: int = 69, *, on_s: float = 0.0, off_s: float = 1.0, velocity: int = 100
) -> Part:
    """Return a part of one note."""
    return Part("note", notes=(Note(on_s, off_s, pitch, velocity),))
