"""The score of the live demo: a waltz in E minor for violin, clarinet, guitar and double bass.

Our own tune. Overlapping notes are slurs, as a keyboard plays them; the clarinet's CC55 moves its
style from short notes to slurred ones. Writes live.mid beside this file.
"""

from pathlib import Path

from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Controller, ControllerKind, Note, Part

TEMPO = TempoMap.constant(112)
BEATS_PER_BAR = 3
STYLE = 55
SLUR_S = 0.03
"""How long a slurred note hangs over into the next."""

E, A, B, C, G, D = 40, 45, 47, 48, 43, 50
# (root, tones above it) of every bar.
MINOR, MAJOR, SEVENTH = (0, 7, 12, 15, 19, 24), (0, 7, 12, 16, 19, 24), (0, 7, 10, 16, 19, 22)
BARS = (
    (E, MINOR), (E, MINOR), (A, MINOR), (B, SEVENTH),
    (E, MINOR), (C, MAJOR), (A, MINOR), (B, SEVENTH),
    (G, MAJOR), (D, MAJOR), (E, MINOR), (C, MAJOR),
    (A, MINOR), (B, SEVENTH), (E, MINOR), (E, MINOR),
)  # fmt: skip
HALF = len(BARS) // 2

# The violin's bars: (beat, length in beats, key, velocity); those of a bar are slurred.
MELODY = (
    ((0, 1.5, 71, 72), (1.5, 0.5, 72, 66), (2, 1, 71, 70)),
    ((0, 2, 76, 80), (2, 1, 79, 82)),
    ((0, 1.5, 81, 88), (1.5, 0.5, 79, 76), (2, 1, 76, 74)),
    ((0, 2.5, 75, 76),),
    ((0, 1.5, 76, 76), (1.5, 0.5, 78, 74), (2, 1, 79, 82)),
    ((0, 2, 84, 96), (2, 1, 83, 88)),
    ((0, 1, 81, 86), (1, 1, 79, 80), (2, 1, 76, 76)),
    ((0, 1, 78, 80), (1, 1.5, 75, 72)),
    ((0, 1.5, 83, 92), (1.5, 0.5, 81, 84), (2, 1, 79, 82)),
    ((0, 2, 81, 90), (2, 1, 78, 80)),
    ((0, 1.5, 79, 84), (1.5, 0.5, 78, 76), (2, 1, 76, 74)),
    ((0, 2.5, 72, 70),),
    ((0, 1, 76, 80), (1, 1, 81, 92), (2, 1, 84, 100)),
    ((0, 1.5, 83, 94), (1.5, 0.5, 81, 82), (2, 1, 78, 78)),
    ((0, 5.5, 76, 76),),
    (),
)


def note(bar: int, beat: float, beats: float, pitch: int, velocity: int, channel: int) -> Note:
    """Return a note that begins at a beat of a bar."""
    onset = bar * BEATS_PER_BAR + beat
    return Note(TEMPO.seconds(onset), TEMPO.seconds(onset + beats), pitch, velocity, channel)


def slurred(notes: list[Note]) -> list[Note]:
    """Return notes each of which hangs over into the next; the last one ends a little early."""
    *before, last = notes
    shorter = Note(
        last.onset_s, last.offset_s - 2 * SLUR_S, last.midi_pitch, last.velocity, last.channel
    )
    return [
        *(
            Note(n.onset_s, n.offset_s + SLUR_S, n.midi_pitch, n.velocity, n.channel)
            for n in before
        ),
        shorter,
    ]


def violin() -> list[Note]:
    """Return the melody."""
    return [
        each
        for bar, notes in enumerate(MELODY)
        if notes
        for each in slurred([note(bar, *written, 0) for written in notes])
    ]


def clarinet() -> list[Note]:
    """Return what answers the melody: short notes after the beat, then long slurs."""
    played: list[Note] = []
    for bar, (root, tones) in enumerate(BARS[:HALF]):
        high, low = root + 12 + tones[3], root + 12 + tones[1]
        played += [note(bar, 1, 0.5, high, 70, 1), note(bar, 2, 0.5, low, 66, 1)]
    for bar in range(HALF, len(BARS), 2):
        line = [
            note(bar + half, 0, BEATS_PER_BAR, BARS[bar + half][0] + 12 + tone, 76, 1)
            for half, tone in enumerate((BARS[bar][1][3], BARS[bar + 1][1][2]))
        ]
        played += slurred(line)
    return played


def guitar() -> list[Note]:
    """Return broken chords, every note of which rings until the end of its bar."""
    return [
        note(bar, step / 2, BEATS_PER_BAR - step / 2 - 0.05, root + tone, 84 - 5 * step, 2)
        for bar, (root, tones) in enumerate(BARS)
        for step, tone in enumerate(tones)
    ]


def double_bass() -> list[Note]:
    """Return the roots: short in the first half, held in the second."""
    return [
        note(bar, 0, 1 if bar < HALF else 2.9, root - 12, 84, 3)
        for bar, (root, _) in enumerate(BARS)
    ]


def write(folder: Path) -> None:
    """Write the MIDI file into `folder`."""
    end_s = TEMPO.seconds(len(BARS) * BEATS_PER_BAR)
    styles = tuple(
        Controller(TEMPO.seconds(bar * BEATS_PER_BAR), ControllerKind.CONTROL, STYLE, value, 1)
        for bar, value in ((0, 20), (HALF, 110))
    )
    parts = [
        Part("Violin", tuple(violin()), program=40, end_s=end_s),
        Part("Clarinet", tuple(clarinet()), styles, program=71, end_s=end_s),
        Part("Guitar", tuple(guitar()), program=24, end_s=end_s),
        Part("Double bass", tuple(double_bass()), program=43, end_s=end_s),
    ]
    write_midi(folder / "live.mid", parts, tempo=TEMPO)


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
