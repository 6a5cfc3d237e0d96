"""A small performance for the tests of editing."""

import numpy as np

from plugin_core.expression.extraction import extract
from plugin_core.types import Expression, ExpressiveNote, Frames, Note, Performance

GAIN_DB = -20.0
NOTES = (
    Note(0.2, 1.0, 60, 80),
    Note(1.0, 1.6, 64, 80),  # legato
    Note(1.9, 2.9, 67, 80),
    Note(3.1, 3.3, 55, 80),  # too short for vibrato to be sure
)


def performance(seed: int = 0) -> Performance:
    """Return four notes: two legato, one after a rest with vibrato, one short; 4 s in all."""
    generator = np.random.default_rng(seed)
    count = 1001
    seconds = np.arange(count) / 250
    midi, level = np.full(count, 60.0), np.full(count, -150.0)
    for index, note in enumerate(NOTES):
        first, end = round(note.onset_s * 250), round(note.offset_s * 250)
        inside = np.arange(end - first) / (end - first)
        midi[first:] = note.midi_pitch
        swell = 6 * np.sin(np.pi * inside) - 3 * inside
        attack = -30 * np.exp(-np.arange(end - first) / 4) if index != 1 else 0
        level[first:end] = -22 + swell + attack + generator.normal(0, 0.1, end - first)
        level[end : end + 20] = level[end - 1] - 3 * np.arange(1, 21)
    midi += 0.2 * np.sin(2 * np.pi * 5.3 * seconds) * (seconds > 1.9) * (seconds < 2.9)
    midi += np.cumsum(generator.normal(0, 0.003, count))
    smooth = np.convolve(midi, np.hanning(9)[1:-1] / 4, mode="same")
    midi[4:-4] = smooth[4:-4]
    harmonics = 10 ** (-np.arange(100) / 12) * generator.uniform(0.5, 1.5, (1, 100))
    harmonics = harmonics * generator.uniform(0.95, 1.05, (count, 100))
    voiced = level > -60
    noise_db = np.where(voiced, -55, -85)[:, None] - np.linspace(0, 20, 65)
    frames = Frames(
        f0_hz=(440 * 2 ** ((midi - 69) / 12)).astype(np.float32),
        confidence=voiced.astype(np.float32),
        loudness_db=(level + generator.normal(0, 0.1, count)).astype(np.float32),
        amplitude=np.where(voiced, 10 ** (level / 20), 0).astype(np.float32),
        harmonics=(harmonics / harmonics.sum(axis=1, keepdims=True)).astype(np.float32),
        noise=(10 ** ((noise_db + generator.normal(0, 1, (count, 65))) / 20)).astype(np.float32),
    )
    return Performance(frames, extract(frames, NOTES, GAIN_DB), GAIN_DB)


def measured(frames: Frames, rows: list[ExpressiveNote]) -> list[Expression]:
    """Return the controls of the rows' notes in these frames."""
    return [row.expression for row in extract(frames, [row.note for row in rows], GAIN_DB)]
