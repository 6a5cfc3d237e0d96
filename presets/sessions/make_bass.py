"""The score of the bass demo: twelve bars of a bass line with a few electric piano chords.

Our own tune. Writes bass.mid beside this file.
"""

from pathlib import Path

from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Note, Part

TEMPO = TempoMap.constant(104)
STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16

# (sixteenth in the bar, length in sixteenths, semitones above the bar's root, velocity)
RIFF = ((0, 3, 0, 108), (3, 1, 0, 78), (6, 2, 3, 92), (8, 2, 5, 98), (10, 1, 7, 84),
        (11, 1, 10, 90), (14, 2, 7, 86))  # fmt: skip
ANSWER = ((0, 3, 0, 104), (3, 1, 0, 76), (6, 1, 12, 100), (8, 2, 10, 94), (10, 2, 7, 88),
          (12, 2, 5, 92), (14, 2, 3, 84))  # fmt: skip
HELD = ((0, 3, 0, 104), (3, 1, 0, 78), (4, 2, 10, 92), (6, 10, 12, 112))
END = ((0, 3, 0, 104), (3, 1, 0, 78), (4, 2, 7, 92), (6, 10, 0, 116))

D, G, B_FLAT, A = 38, 31, 34, 33
BARS = (
    (D, RIFF), (D, ANSWER), (G, RIFF), (D, HELD),
    (D, RIFF), (D, ANSWER), (B_FLAT, RIFF), (A, HELD),
    (D, RIFF), (G, ANSWER), (A, RIFF), (D, END),
)  # fmt: skip

CHORDS = {
    D: (53, 57, 60, 64),
    G: (53, 58, 62, 65),
    B_FLAT: (50, 53, 57, 65),
    A: (55, 61, 64, 67),
}
STABS = ((4, 2, 74), (7, 1, 62), (12, 3, 80))


def note(bar: int, step: int, steps: int, pitch: int, velocity: int, channel: int) -> Note:
    """Return a note of whole sixteenths, a little short so that the next one speaks."""
    onset = (bar * STEPS_PER_BAR + step) / STEPS_PER_BEAT
    off = onset + (steps - 0.15) / STEPS_PER_BEAT
    return Note(TEMPO.seconds(onset), TEMPO.seconds(off), pitch, velocity, channel)


def write(folder: Path) -> None:
    """Write the MIDI file into `folder`."""
    bass = [
        note(bar, step, steps, root + above, velocity, 0)
        for bar, (root, pattern) in enumerate(BARS)
        for step, steps, above, velocity in pattern
    ]
    chords = [
        note(bar, step, steps, pitch, velocity, 1)
        for bar, (root, _) in enumerate(BARS)
        for step, steps, velocity in STABS
        for pitch in CHORDS[root]
    ]
    end_s = TEMPO.seconds(len(BARS) * STEPS_PER_BAR / STEPS_PER_BEAT)
    parts = [
        Part("Bass", tuple(bass), program=38, end_s=end_s),
        Part("Electric piano", tuple(chords), program=5, end_s=end_s),
    ]
    write_midi(folder / "bass.mid", parts, tempo=TEMPO)


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
