"""`hexachord analyze`: a recording to its notes, their expression and synthesis parameters."""

import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.hearing.hear import Heard, Progress

NOTES, FRAMES, SCORE, PICTURE = "notes.csv", "frames.npz", "analysis.mid", "analysis.png"
MOST_GAIN_DB = 120.0

AudioArgument = Annotated[
    Path,
    typer.Argument(
        metavar="AUDIO",
        help="A recording of one voice: WAV, FLAC, OGG, AIFF or MP3. Channels are averaged.",
    ),
]
InstrumentOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What plays (violin, flute, ...): bounds the pitches."),
]
GainOption = Annotated[
    float | None,
    typer.Option(
        metavar="DB",
        help="Added before the controls are measured; by default loud passages read volume 0.9.",
    ),
]


def analyze(
    audio: AudioArgument,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help=f"The folder for {NOTES}, {FRAMES}, {SCORE}, {PICTURE}."),
    ],
    *,
    instrument: InstrumentOption = None,
    gain: GainOption = None,
    picture: Annotated[
        bool, typer.Option("--picture/--no-picture", help=f"Draw {PICTURE}.")
    ] = True,
) -> None:
    """Hear a recording: its notes with their expression, and its synthesis parameters."""
    require_gain(gain)
    # What hears takes a second to load: usage is checked before anybody waits for that.
    from bridge.cli.bar import progress_bar
    from bridge.delivery import delivery
    from plugin_core.hearing.doubts import doubts
    from plugin_core.hearing.frames_file import FrameStore, write_frames
    from plugin_core.hearing.hear import hear
    from plugin_core.hearing.note_score import part_of
    from plugin_core.hearing.recording import read_recording
    from plugin_core.score.midi import write_midi
    from plugin_core.score.note_table import note_table
    from plugin_core.types import HARMONICS

    started = time.perf_counter()
    say_if_compiling()
    with delivery(out) as open_delivery, progress_bar() as progress:
        recording = read_recording(audio, open_delivery.work / "audio.f32")
        store = FrameStore.at(open_delivery.work / "frames", HARMONICS)
        heard = hear(
            recording,
            store,
            instrument=instrument,
            gain_db=gain,
            progress=lambda part, doing: progress(0.8 * part, doing),
        )
        warn(audio, doubts(recording, store))
        open_delivery.file(NOTES).write_text(note_table(heard.notes), "utf-8")
        write_frames(
            open_delivery.file(FRAMES),
            store,
            sample_rate=recording.sample_rate,
            gain_db=heard.gain_db,
        )
        part = part_of(heard.notes, name=audio.stem, instrument=instrument, end_s=recording.seconds)
        write_midi(open_delivery.file(SCORE), [part])
        distance = None
        if picture:
            distance = _draw(
                heard, open_delivery.file(PICTURE), audio.name, instrument,
                lambda part, doing: progress(0.8 + 0.2 * part, doing),
            )  # fmt: skip
        open_delivery.finish()
    took_s = time.perf_counter() - started
    print(f"{out}: {found(heard)}{_likeness(distance)}, heard in {took_s:.1f} s")


def require_gain(gain: float | None) -> None:
    """Raise InputError for a gain that cannot be meant."""
    if gain is not None and not (math.isfinite(gain) and abs(gain) <= MOST_GAIN_DB):
        expected = f"decibels, {-MOST_GAIN_DB:g} to {MOST_GAIN_DB:g}"
        raise InputError("--gain", "", expected, gain)


def say_if_compiling() -> None:
    """Say why the first recording takes longer than all others."""
    from plugin_core.hearing.hear import kernels_cached

    if not kernels_cached():
        print(
            "hexachord: compiling what hears for this machine, only this once: half a minute",
            file=sys.stderr,
        )


def warn(audio: Path, doubts: tuple[str, ...]) -> None:
    """Say what speaks against the analysis."""
    for doubt in doubts:
        print(f"hexachord: warning: {audio}: {doubt}", file=sys.stderr)


def found(heard: "Heard") -> str:
    """Return what was found in a few words."""
    from bridge.page import key_name

    keys = [each.note.midi_pitch for each in heard.notes]
    length = f"{heard.recording.seconds:.1f} s at {heard.recording.sample_rate} Hz"
    if not keys:
        return f"no notes in {length}"
    span = f"{key_name(min(keys))} to {key_name(max(keys))}" if len(set(keys)) > 1 else ""
    plural = "s" if len(keys) > 1 else ""
    return f"{len(keys)} note{plural}, {span or key_name(keys[0])}, in {length}"


def _likeness(distance: float | None) -> str:
    return "" if distance is None else f", resynthesis at distance {distance:.2f}"


def _draw(
    heard: "Heard", path: Path, title: str, instrument: str | None, progress: "Progress"
) -> float:
    """Draw the picture; return the distance of the resynthesis in it from the recording."""
    from bridge.comparison import Comparison
    from bridge.performance_picture import PerformancePicture, draw_performance
    from plugin_core.hearing.resynthesis import resynthesize

    recording, frames = heard.recording, heard.frames
    comparison = Comparison(recording.samples, recording.sample_rate)
    done = 0
    for piece in resynthesize(frames.blocks(), recording.sample_rate, recording.samples):
        comparison.feed(recording.read(done, done + len(piece)), piece)
        done += len(piece)
        progress(0.8 * done / recording.samples, "synthesizing")
    distance = comparison.distance()
    progress(0.8, "drawing")
    original, resynthesis = comparison.levels_db()
    name = f"{instrument.replace('_', ' ')} · " if instrument else ""
    draw_performance(
        PerformancePicture(
            title=title,
            subtitle=f"{name}{found(heard)} · gain {heard.gain_db:+.1f} dB · "
            f"distance of the resynthesis {distance:.2f}",
            duration_s=recording.seconds,
            outline=comparison.outline(),
            f0_hz=frames.curve("f0_hz"),
            confidence=frames.curve("confidence"),
            notes=heard.notes,
            original=original,
            resynthesis=resynthesis,
        ),
        path,
    )
    return distance
