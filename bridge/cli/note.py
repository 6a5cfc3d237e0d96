"""`hexachord note`: one note of a sound, dry and mono, exactly as the engine makes it."""

import math
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from pedalboard.io import AudioFile

from bridge.whole_file import require_place, whole_file
from plugin_core.sounds import load_sound
from plugin_core.types import InputError

_MAX_TOTAL_S = 3600.0


def note(
    sound: Annotated[
        str, typer.Argument(metavar="SOUND", help='A sound, as bank.syx#7 or bank.syx#"E.PIANO 1".')
    ],
    out: Annotated[Path, typer.Option(metavar="X.wav", help="The file to write: 32-bit float.")],
    *,
    pitch: Annotated[int, typer.Option(min=0, max=127, help="MIDI key.")] = 60,
    velocity: Annotated[int, typer.Option(min=1, max=127)] = 100,
    on: Annotated[float, typer.Option(help="Seconds until the key comes up.")] = 1.0,
    total: Annotated[float, typer.Option(help="Seconds of the whole file.")] = 2.0,
    rate: Annotated[int, typer.Option(min=22050, max=192000, help="Sample rate in Hz.")] = 44100,
    bend_range: Annotated[
        int, typer.Option(min=0, max=48, help="Semitones of a full pitch bend.")
    ] = 3,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="EVENTS.json",
            help="Controller assignments, ranges and movements by sample: the `controllers` "
            "record of a reference manifest.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=65535, help="Seed of the noise.")] = 0,
) -> None:
    """Render one note, dry: mono, no effects, one full carrier peaks at 0.125."""
    for option, seconds in (("--on", on), ("--total", total)):
        if not (math.isfinite(seconds) and 0 < seconds <= _MAX_TOTAL_S):
            raise InputError("note", option, f"seconds, over 0 to {_MAX_TOTAL_S:g}", seconds)
    require_place(out)
    voice = load_sound(sound).voice

    # The engine brings Numba along: input is checked before anybody waits for that.
    from bridge.controller_record import ControllerRecord, read_controller_record
    from plugin_core.engine.single_note import play_note

    record = read_controller_record(events) if events is not None else ControllerRecord({}, ())
    audio = play_note(
        voice,
        pitch=pitch,
        velocity=velocity,
        on_samples=round(on * rate),
        total_samples=max(1, round(total * rate)),
        sample_rate=rate,
        parameters={"pitch_bend_range": bend_range, "seed": seed, **record.parameters},
        moves=record.moves,
    )
    with (
        whole_file(out) as file,
        AudioFile(file, "w", rate, num_channels=1, bit_depth=32, format="wav") as writer,
    ):
        writer.write(audio[np.newaxis])
