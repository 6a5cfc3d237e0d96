"""A phrase whose synthesis parameters are known in closed form."""

import numpy as np

from plugin_core.expression.extraction import extract
from plugin_core.training.performed import Performed
from plugin_core.types import FRAME_RATE, Frames, Note


def phrase(instrument="flute", origin="performance", *, seed=0, seconds=2.0, **changes):
    """Return two notes with decaying levels, a 1/k spectrum and audio of a fixed noise."""
    random = np.random.default_rng(seed)
    count = round(seconds * FRAME_RATE)
    half = count // 2
    keys = np.repeat([60, 64], [half, count - half])
    level_db = -40 - 10 * np.tile(np.linspace(0, 1, half), 2)[:count] + random.normal(0, 0.2, count)
    shares = np.tile(1 / np.arange(1, 101), (count, 1))
    frames = Frames(
        f0_hz=(440 * 2 ** ((keys - 69) / 12)).astype(np.float32),
        confidence=np.ones(count, np.float32),
        loudness_db=np.full(count, -30, np.float32),
        amplitude=(10 ** (level_db / 20)).astype(np.float32),
        harmonics=(shares / shares.sum(1, keepdims=True)).astype(np.float32),
        noise=np.full((count, 65), 1e-4, np.float32),
    )
    notes = [Note(0.0, seconds / 2, 60, 64), Note(seconds / 2, seconds, 64, 64)]
    values = {
        "name": f"{instrument}-{seed}", "instrument": instrument, "source": "test",
        "licence": "", "origin": origin, "is_held_out": False, "frames": frames,
        "notes": extract(frames, notes, 0.0), "tuning_semitones": 0.0,
        "audio": (0.01 * random.standard_normal(count * 64)).astype(np.float32),
        "gain_db": 0.0, "sample_rate": 48000,
    }  # fmt: skip
    return Performed(**{**values, **changes})
