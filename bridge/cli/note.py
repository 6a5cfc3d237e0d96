"""`hexachord note`: one note of a sound, dry and mono, exactly as it is made."""

import math
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from pedalboard.io import AudioFile

from bridge.cli.model_choice import ModelChoice
from bridge.whole_file import require_place, whole_file
from plugin_core.sounds import FmSound, LiveSound, PhraseSound, load_sound
from plugin_core.types import InputError, Mono, Note, Part

_MAX_TOTAL_S = 3600.0
_BEND_RANGE = 3


class _Asked(NamedTuple):
    """The note."""

    pitch: int
    velocity: int
    on_s: float
    rate: int
    samples: int
    seed: int


def note(
    sound: Annotated[
        str,
        typer.Argument(
            metavar="SOUND",
            help='A sound: violin, ddx7-violin, bank.syx#7 or bank.syx#"E.PIANO 1".',
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="X.wav", help="The file to write: 32-bit float.")],
    *,
    pitch: Annotated[int, typer.Option(min=0, max=127, help="MIDI key.")] = 60,
    velocity: Annotated[int, typer.Option(min=1, max=127)] = 100,
    on: Annotated[float, typer.Option(help="Seconds until the key comes up.")] = 1.0,
    total: Annotated[float, typer.Option(help="Seconds of the whole file.")] = 2.0,
    rate: Annotated[int, typer.Option(min=22050, max=192000, help="Sample rate in Hz.")] = 44100,
    bend_range: Annotated[
        int | None,
        typer.Option(
            min=0, max=48, help=f"Semitones of a full pitch bend. [default: {_BEND_RANGE}]"
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="EVENTS.json",
            help="Controller assignments, ranges and movements by sample: the `controllers` "
            "record of a reference manifest; of an FM voice.",
        ),
    ] = None,
    model: Annotated[
        ModelChoice, typer.Option(help="How an instrument plays: seeing the whole phrase, or live.")
    ] = ModelChoice.PHRASE,
    seed: Annotated[int, typer.Option(min=0, max=65535, help="Seed of everything random.")] = 0,
) -> None:
    """Render one note: mono, no effects; of an FM voice one full carrier peaks at 0.125."""
    for option, seconds in (("--on", on), ("--total", total)):
        if not (math.isfinite(seconds) and 0 < seconds <= _MAX_TOTAL_S):
            raise InputError("note", option, f"seconds, over 0 to {_MAX_TOTAL_S:g}", seconds)
    require_place(out)
    chosen = load_sound(sound, model=model.value)
    asked = _Asked(pitch, velocity, on, rate, max(1, round(total * rate)), seed)
    if not isinstance(chosen, FmSound):
        for option, given in (("--events", events), ("--bend-range", bend_range)):
            if given is not None:
                raise InputError("note", option, "none for an instrument", given)
        audio = _by_instrument(chosen, asked)
    else:
        audio = _by_engine(chosen, asked, _BEND_RANGE if bend_range is None else bend_range, events)
    with (
        whole_file(out) as file,
        AudioFile(file, "w", rate, num_channels=1, bit_depth=32, format="wav") as writer,
    ):
        writer.write(audio[np.newaxis])


def _by_engine(sound: FmSound, asked: _Asked, bend_range: int, events: Path | None) -> Mono:
    # The engine brings Numba along: input is checked before anybody waits for that.
    from bridge.controller_record import ControllerRecord, read_controller_record
    from plugin_core.engine.single_note import play_note

    record = read_controller_record(events) if events is not None else ControllerRecord({}, ())
    return play_note(
        sound.voice,
        pitch=asked.pitch,
        velocity=asked.velocity,
        on_samples=round(asked.on_s * asked.rate),
        total_samples=asked.samples,
        sample_rate=asked.rate,
        parameters={"pitch_bend_range": bend_range, "seed": asked.seed, **record.parameters},
        moves=record.moves,
    )


def _by_instrument(sound: PhraseSound | LiveSound, asked: _Asked) -> Mono:
    from plugin_core.performance import perform, players

    part = Part(sound.name, (Note(0.0, asked.on_s, asked.pitch, asked.velocity),))
    for warning in players(sound, part).warnings:
        print(f"hexachord: warning: {sound.reference}: {warning}", file=sys.stderr)
    return perform(sound, part, sample_rate=asked.rate, samples=asked.samples, seed=asked.seed)
