"""A sound playing a part: the arrow from notes and lanes to audio, whatever makes the sound."""

from collections.abc import Callable, Mapping

from plugin_core.sounds import Sound
from plugin_core.types import Lane, Mono, Part


def perform(
    sound: Sound,
    part: Part,
    *,
    lanes: Mapping[str, Lane] | None = None,
    sample_rate: float,
    samples: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Mono:
    """Play a part from time 0 and return float32 audio of shape (samples,).

    `lanes` are by parameter id of `engine.parameters`, values as people see them; they win over the
    part's MIDI controllers. `progress` hears the share done, 0..1. Raises KeyError for a lane of an
    unknown parameter and ValueError for a sample rate outside 22050..192000 Hz.
    """
    # Numba takes a third of a second to import: only who plays pays for it.
    from plugin_core.engine import performance

    return performance.perform(
        sound.voice,
        part,
        lanes=lanes,
        sample_rate=sample_rate,
        samples=samples,
        seed=seed,
        progress=progress,
    )


def tail_s(sound: Sound, part: Part) -> float:
    """Return for how long after its last key the part may sound, in seconds, at most 30."""
    from plugin_core.engine import performance

    return performance.tail_s(sound.voice, part)


def kernels_cached() -> bool:
    """Tell whether the kernels are compiled already; if not, the first sound takes a minute."""
    from plugin_core.engine import performance

    return performance.kernels_cached()
