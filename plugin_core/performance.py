"""A sound playing a part: the arrow from notes and lanes to audio, whatever makes the sound."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from plugin_core.sounds import LiveSound, PhraseSound, Sound
from plugin_core.types import Lane, Mono, Part

if TYPE_CHECKING:
    from plugin_core.performing.lines import Lines

_SEED_STEP = 7919
_SEEDS = 65536
_LOWEST_RATE, _HIGHEST_RATE = 22050, 192000


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
    part's MIDI controllers. Where an instrument needs several players (`players`), this is their
    sum. `progress` hears the share done, 0..1. Raises KeyError for a lane of an unknown parameter,
    ValueError for a sample rate outside 22050..192000 Hz, and InputError for models that are not
    what they should be.
    """
    if isinstance(sound, PhraseSound):
        return _perform_phrases(
            sound,
            part,
            lanes=lanes or {},
            sample_rate=sample_rate,
            samples=samples,
            seed=seed,
            progress=progress,
        )
    if isinstance(sound, LiveSound):
        from plugin_core.performing.live import play_live

        return play_live(
            sound,
            part,
            lanes=lanes or {},
            sample_rate=sample_rate,
            samples=samples,
            seed=seed,
            progress=progress,
        )
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


def players(sound: Sound, part: Part) -> "Lines":
    """Return what each player of a sound plays: one of phrases sounds one note at a time.

    An FM voice or a live instrument plays all of it, whatever it is.
    """
    from plugin_core.performing.lines import Lines, lines

    if isinstance(sound, PhraseSound):
        return lines(part, sound.instrument)
    if isinstance(sound, LiveSound):
        from plugin_core.performing.live import range_warnings

        return Lines((part,), tuple(range_warnings(sound, part)))
    return Lines((part,))


def player_seed(seed: int, index: int) -> int:
    """Return the seed of a part's player, 0 the first: so that no two play the same."""
    return (seed + _SEED_STEP * index) % _SEEDS


def tail_s(sound: Sound, part: Part) -> float:
    """Return for how long after its last key the part may sound, in seconds, at most 30."""
    if isinstance(sound, PhraseSound):
        from plugin_core.performing.passages import TAIL_S

        return TAIL_S
    if isinstance(sound, LiveSound):
        from plugin_core.performing.live import TAIL_S as LIVE_TAIL_S

        return LIVE_TAIL_S
    from plugin_core.engine import performance

    return performance.tail_s(sound.voice, part)


def kernels_cached() -> bool:
    """Tell whether the engine is compiled already; if not, the first sound takes a minute."""
    from plugin_core.engine import performance

    return performance.kernels_cached()


def is_compiled(sound: Sound) -> bool:
    """Tell whether the kernels that play a sound are compiled already."""
    if not isinstance(sound, PhraseSound):
        return kernels_cached()
    from plugin_core.audio.jit import cache_folder

    kernels = ("pitch_kernels.make_steps", "harmonic_plus_noise.render_frames")
    return all(any(cache_folder().glob(f"**/{name}*.nbi")) for name in kernels)


def _perform_phrases(
    sound: PhraseSound,
    part: Part,
    *,
    lanes: Mapping[str, Lane],
    sample_rate: float,
    samples: int,
    seed: int,
    progress: Callable[[float], None] | None,
) -> Mono:
    from plugin_core.engine.parameters import PARAMETER_INDEX
    from plugin_core.performing.models import load_models
    from plugin_core.performing.playing import play

    if not _LOWEST_RATE <= sample_rate <= _HIGHEST_RATE:
        expected = f"{_LOWEST_RATE}..{_HIGHEST_RATE} Hz"
        raise ValueError(f"expected a sample rate of {expected}, found {sample_rate}")
    for name in lanes:
        if name not in PARAMETER_INDEX:
            raise KeyError(name)
    models = load_models(sound)
    parts = players(sound, part).parts
    total = np.zeros(samples, np.float32)
    for index, own in enumerate(parts):

        def tell(share: float, index: int = index) -> None:
            if progress is not None:
                progress((index + share) / len(parts))

        total += play(
            models,
            own,
            sound.instrument,
            lanes=lanes,
            sample_rate=round(sample_rate),
            samples=samples,
            seed=player_seed(seed, index),
            progress=tell,
        )
    return total
