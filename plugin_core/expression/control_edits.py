"""The six controls of one note set to what is asked, in its synthesis parameters."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.excerpts import FADE_FRAMES
from plugin_core.expression.extraction import level_db, volume, volume_fluctuation
from plugin_core.expression.level_edits import shaped_levels
from plugin_core.expression.timbre_edits import tilt_for, tilted, with_attack_noise
from plugin_core.expression.vibrato_edits import with_vibrato
from plugin_core.types import Frames

_LOUDEST_TAIL_DB = 20.0
_FOLLOWING_FRAMES = 10


def with_controls(frames: Frames, note: int, asked: Mapping[str, float], gain_db: float) -> Frames:
    """Return a note's frames with the `asked` controls, by their ids, on the raw scale.

    The first `note` frames are the note, at least 1; what follows is its tail, which goes along
    with its end. `gain_db` is that of the extraction. Controls that are not asked for stay.
    """
    f0_hz, harmonics, noise = frames.f0_hz.copy(), frames.harmonics, frames.noise.copy()
    if "vibrato" in asked:
        f0_hz[:note] = with_vibrato(f0_hz[:note], max(asked["vibrato"], 0.0))
    if "brightness" in asked:
        harmonics = tilted(harmonics, tilt_for(harmonics[:note], asked["brightness"]))
    changed = replace(frames, f0_hz=f0_hz, harmonics=harmonics, noise=noise)
    if asked.keys() & {"volume", "volume_fluctuation", "volume_peak_position"}:
        changed = _with_levels(changed, note, asked, gain_db)
    if "attack_noise" in asked:
        changed.noise[:note] = with_attack_noise(
            changed.noise[:note], asked["attack_noise"], gain_db
        )
    return changed


def _with_levels(frames: Frames, note: int, asked: Mapping[str, float], gain_db: float) -> Frames:
    levels_db = level_db(frames.amplitude[:note], gain_db)
    shaped_db = shaped_levels(
        levels_db,
        asked.get("volume", volume(levels_db)),
        asked.get("volume_fluctuation", volume_fluctuation(levels_db)),
        asked.get("volume_peak_position"),
    )
    gains_db = np.empty(len(frames))
    gains_db[:note] = shaped_db - levels_db
    gains_db[note:] = min(gains_db[note - 1], _LOUDEST_TAIL_DB)
    amplitude = frames.amplitude * 10 ** (gains_db / 20)
    # Silence has no level that a gain could raise.
    was_silent = (levels_db <= scales.FLOOR_DB) & (shaped_db > scales.FLOOR_DB)
    amplitude[:note][was_silent] = 10 ** ((shaped_db[was_silent] - gain_db) / 20)
    louder_db = float(np.mean(gains_db[:note])) if "volume" in asked else 0.0
    noise_db = louder_db * _sustain(len(frames), note)
    loudness_db = np.maximum(frames.loudness_db + gains_db, scales.FLOOR_DB)
    return replace(
        frames,
        amplitude=amplitude.astype(np.float32),
        loudness_db=loudness_db.astype(np.float32),
        noise=(frames.noise * 10 ** (noise_db / 20)[:, None]).astype(np.float32),
    )


def _sustain(count: int, note: int) -> NDArray[np.float64]:
    """Return 0 in the attack, 1 in the rest of the note, 0 in the room after it, in slow steps."""
    frames = np.arange(count)
    rise = np.clip((frames + 1 - scales.ATTACK_FRAMES) / _FOLLOWING_FRAMES, 0.0, 1.0)
    fall = np.clip((note + FADE_FRAMES - frames) / FADE_FRAMES, 0.0, 1.0)
    return np.minimum(rise, fall)
