"""Performances of a player with rules: what models of performing must find out."""

import numpy as np

from plugin_core.training.performed import Performed
from plugin_core.types import Expression, ExpressiveNote, Frames, Note


def ruled(seed: int, *, instrument: str = "violin", **how: object) -> Performed:
    """Return a phrase in which long notes are loud and vibrate, and its character is kept.

    Volume 0.9 of long notes, 0.6 of short ones; vibrato 0.5 or 0; brightness is a character of the
    whole phrase, 0.2 or 0.8. The rest is 0.4 always.
    """
    random = np.random.default_rng(seed)
    character = 0.2 if random.random() < 0.5 else 0.8
    notes, onset_s = [], 0.0
    for _ in range(int(random.integers(8, 16))):
        is_long = random.random() < 0.5
        length_s = 0.6 if is_long else 0.15
        note = Note(onset_s, onset_s + length_s, int(random.integers(55, 80)), 64)
        expression = Expression(
            0.9 if is_long else 0.6, 0.4, 0.4, 0.5 if is_long else 0.0, character, 0.4
        )
        notes.append(ExpressiveNote(note, expression))
        onset_s += length_s
    frames = round(onset_s * 250)
    silent = np.zeros(frames, np.float32)
    return Performed(
        **{
            "name": f"ruled {seed}",
            "instrument": instrument,
            "source": "made",
            "licence": "CC0",
            "origin": "performance",
            "is_held_out": False,
            "frames": Frames(
                *(silent,) * 4,
                np.zeros((frames, 0), np.float32),
                np.zeros((frames, 0), np.float32),
            ),
            "notes": tuple(notes),
            "tuning_semitones": 0.0,
            "audio": None,
            "gain_db": 0.0,
            "sample_rate": 16000,
            **how,
        }
    )
