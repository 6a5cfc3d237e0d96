"""White noise from a counter: the same seed, note and sample index always give the same value."""

import numpy as np

from plugin_core.audio.jit import kernel


@kernel
def white(seed: np.uint64, note: np.uint64, index: np.uint64) -> float:
    """Return a value in -1..1, uniformly distributed (SplitMix64's finalizer over a counter)."""
    z = np.uint64(
        seed * np.uint64(0x9E3779B97F4A7C15)
        + note * np.uint64(0xD1B54A32D192ED03)
        + index * np.uint64(0x8CB92BA72F3D8DD7)
    )
    z = np.uint64((z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    z = np.uint64((z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    z = np.uint64(z ^ (z >> np.uint64(31)))
    return np.float64(z >> np.uint64(11)) * (2.0 / 9007199254740992.0) - 1.0
