"""Players whose sound is known from theory: what measuring a live model must find out."""

import numpy as np

from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.training.live_player import RATE, LivePart, Player
from plugin_core.types import CONTROLS, FRAME_RATE, Mono

PLAYING_GAIN = 10 ** (24 / 20)
VIBRATO_HZ = 5.5
FALL = 0.7
"""Of each harmonic to the one before it."""


def obedient(part: LivePart) -> Mono:
    """Play volume and vibrato as DESIGN.md, section 5 defines them, and nothing else.

    Volume 0..1 is -90..-30 dB, 24 dB louder when played; vibrato 1 is +-26.7 cents.
    """
    count = part.samples * FRAME_RATE // RATE + 1
    f0_hz, amplitude = np.full(count, 440.0), np.zeros(count)
    for note in part.part.notes:
        where = slice(round(note.onset_s * FRAME_RATE), round(note.offset_s * FRAME_RATE))
        times_s = np.arange(count)[where] / FRAME_RATE
        volume, vibrato = (part.lanes[name].at(times_s) for name in (CONTROLS[0], CONTROLS[3]))
        semitones = 0.8 * vibrato / 3 * np.sin(2 * np.pi * VIBRATO_HZ * (times_s - note.onset_s))
        f0_hz[where] = 440.0 * 2 ** ((note.midi_pitch - 69 + semitones) / 12)
        amplitude[where] = PLAYING_GAIN * 10 ** ((-90 + 60 * volume) / 20)
    shares = FALL ** np.arange(20)
    harmonics = np.tile(shares / shares.sum(), (count, 1)).astype(np.float32)
    noise = np.full((count, 65), PLAYING_GAIN * 10 ** (-105 / 20), np.float32)
    return synthesize(
        f0_hz.astype(np.float32), amplitude.astype(np.float32), harmonics, noise, RATE, part.samples
    )


def make_obedient() -> Player:
    """Return the player, as processes ask for it."""
    return obedient


def late(samples: int) -> Player:
    """Return a player that is `samples` late, of a click on every note-on."""

    def play(part: LivePart) -> Mono:
        audio = np.zeros(part.samples, np.float32)
        for note in part.part.notes:
            audio[round(note.onset_s * RATE) + samples] = 0.5
        return audio

    return play
