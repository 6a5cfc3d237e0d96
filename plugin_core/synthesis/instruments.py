"""The 13 instruments of the neural models, in the order of their indices (MIDI-DDSP, section 4).

The live model plays one more.
"""

from collections.abc import Mapping

INSTRUMENTS = (
    "violin",
    "viola",
    "cello",
    "double_bass",
    "flute",
    "oboe",
    "clarinet",
    "saxophone",
    "bassoon",
    "trumpet",
    "horn",
    "trombone",
    "tuba",
)

LIVE_ONLY = ("guitar",)
"""What the live model plays besides."""

DDX7_INSTRUMENTS = ("ddx7-violin", "ddx7-flute", "ddx7-trumpet")
"""The bundled DDX7 models, each in the archive of its name (Caspe et al. 2022)."""

NO_NOISE = "-no-noise"
"""What follows the name of the paper's model, trained without noise beside the operators."""

DDX7_WITHOUT_NOISE = tuple(f"{name}{NO_NOISE}" for name in DDX7_INSTRUMENTS)
"""The same instruments as the paper has them; the plug-in does not have these built in."""

PROGRAMS: Mapping[int, str] = {
    40: "violin",
    41: "viola",
    42: "cello",
    43: "double_bass",
    56: "trumpet",
    57: "trombone",
    58: "tuba",
    60: "horn",
    64: "saxophone",
    65: "saxophone",
    66: "saxophone",
    67: "saxophone",
    68: "oboe",
    70: "bassoon",
    71: "clarinet",
    73: "flute",
    110: "violin",
}
"""General MIDI program, 0..127, -> the instrument that plays it: a fiddle is a violin."""

LIVE_PROGRAMS: Mapping[int, str] = {**PROGRAMS, 24: "guitar", 25: "guitar"}
"""The same for the live model: nylon and steel strings are a guitar."""
