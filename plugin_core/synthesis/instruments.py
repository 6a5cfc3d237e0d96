"""The 13 instruments of the neural models, in the order of their indices (MIDI-DDSP, section 4)."""

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
