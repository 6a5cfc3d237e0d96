"""The score of the DDX7 demo: eight bars in D minor for violin, flute and trumpet.

Our own tune. The notes of a bar overlap, which slurs them. Writes ddx7.mid beside this file.
"""

from pathlib import Path

from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Note, Part

TEMPO = TempoMap.constant(84)
BEATS_PER_BAR = 3
SLUR_S = 0.03
"""How long a slurred note hangs over into the next; the last of a bar ends as much earlier."""

# Of every bar: (length in beats, key, velocity), one note after the other.
VIOLIN = (
    ((1.5, 69, 76), (0.5, 74, 72), (1, 77, 84)),
    ((2, 74, 80), (1, 70, 70)),
    ((1, 67, 68), (1, 72, 76), (1, 76, 82)),
    ((3, 72, 76),),
    ((1.5, 74, 80), (0.5, 77, 84), (1, 82, 96)),
    ((1, 79, 90), (1, 77, 84), (1, 74, 76)),
    ((1, 76, 82), (0.5, 74, 74), (1.5, 73, 72)),
    ((3, 74, 70),),
)
FLUTE = (
    (), (),
    ((2, 79, 70), (1, 76, 66)),
    ((3, 81, 74),),
    ((3, 86, 84),),
    ((3, 82, 78),),
    ((3, 81, 72),),
    ((1.5, 81, 68), (1.5, 77, 60)),
)  # fmt: skip
TRUMPET = (
    ((3, 62, 60),),
    ((3, 58, 58),),
    ((3, 60, 62),),
    ((2, 65, 66), (1, 64, 60)),
    ((3, 62, 72),),
    ((3, 58, 70),),
    ((2, 57, 66), (1, 61, 62)),
    ((3, 62, 56),),
)


def notes(bars: tuple[tuple[tuple[float, int, int], ...], ...], channel: int) -> tuple[Note, ...]:
    """Return the notes of a part."""
    played = []
    for bar, written in enumerate(bars):
        beat = float(bar * BEATS_PER_BAR)
        for place, (beats, key, velocity) in enumerate(written, start=1):
            over_s = SLUR_S if place < len(written) else -SLUR_S
            onset_s, offset_s = TEMPO.seconds(beat), TEMPO.seconds(beat + beats) + over_s
            played.append(Note(onset_s, offset_s, key, velocity, channel))
            beat += beats
    return tuple(played)


def write(folder: Path) -> None:
    """Write the MIDI file into `folder`."""
    end_s = TEMPO.seconds(len(VIOLIN) * BEATS_PER_BAR)
    parts = [
        Part("Violin", notes(VIOLIN, 0), program=40, end_s=end_s),
        Part("Flute", notes(FLUTE, 1), program=73, end_s=end_s),
        Part("Trumpet", notes(TRUMPET, 2), program=56, end_s=end_s),
    ]
    write_midi(folder / "ddx7.mid", parts, tempo=TEMPO)


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
