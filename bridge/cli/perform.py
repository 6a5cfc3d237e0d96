"""`hexachord perform`: notes to a performance, in files at every level, and from any of them on."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.wishes import Wishes
from plugin_core.types import InputError


class Level(StrEnum):
    """From which level on an edited performance is gone over."""

    EXPRESSION = "expression"
    SYNTHESIS = "synthesis"


def perform(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A MIDI file, or a notes.csv whose controls are played as they are.",
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder for notes.csv, frames.npz, perf.wav, perf.png and perform.json; "
            "with --from by default the same.",
        ),
    ] = None,
    sound: Annotated[
        str | None,
        typer.Option(metavar="SOUND", help="Who plays: violin, flute, ...; else as the file says."),
    ] = None,
    track: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The track of the MIDI file.")
    ] = None,
    channel: Annotated[
        int | None, typer.Option(min=1, max=16, metavar="N", help="Its channel, if it has several.")
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="A performance to go over again, edited."),
    ] = None,
    level: Annotated[
        Level | None,
        typer.Option(
            help="What was edited: notes.csv (expression, the default), or frames.npz alone."
        ),
    ] = None,
    lane: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTROL=LANE",
            help="A control: a number, a .csv, [[time_s, value], ...] or cc1. Repeatable.",
        ),
    ] = None,
    performer: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, metavar="X", help="How much the performer phrases around the lanes."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Seed of what is up to chance.")
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=2.0,
            metavar="X",
            help="How freely the expression is drawn: 0 the likeliest, 1 as players are; else 0.7.",
        ),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(min=8000, max=192000, metavar="HZ", help="Sample rate; else 48000."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what would be warned about.")
    ] = False,
    picture: Annotated[bool, typer.Option("--picture/--no-picture", help="Draw perf.png.")] = True,
) -> None:
    """Play notes, and write what was played at every level; or go on from what was edited."""
    wishes = Wishes(
        *(sound, track, channel, tuple(lane or ()), performer),
        *(seed, temperature, rate, strict, picture),
    )
    # Models and kernels take a second to load: usage is checked before anybody waits for that.
    if source is not None:
        for option, given in (("--from", from_), ("--level", level)):
            if given is not None:
                raise InputError(option, "", f"no SOURCE beside it, or {source} alone", "both")
        if out is None:
            raise InputError("--out", "", "a folder for the performance", "none")
        from bridge.cli.perform_anew import perform_anew

        perform_anew(source, out, wishes)
        return
    if from_ is None:
        raise InputError("perform", "", "a MIDI file, a notes.csv, or --from a folder", "none")
    _check_again(level or Level.EXPRESSION, wishes)
    from bridge.cli.perform_again import play_again, sound_again

    again = play_again if level is not Level.SYNTHESIS else sound_again
    in_place = out is None or (out.exists() and from_.exists() and out.samefile(from_))
    again(from_, from_ if out is None or in_place else out, wishes)


def _check_again(level: Level, wishes: Wishes) -> None:
    """Raise InputError for options that say nothing when a performance is gone over again."""
    for option, given in (("--track", wishes.track), ("--channel", wishes.channel)):
        if given is not None:
            raise InputError(option, "", "a MIDI file to take it of", "--from")
    if wishes.temperature is not None:
        raise InputError("--temperature", "", "notes to predict the expression of", "--from")
    if wishes.performer is not None and not wishes.lanes:
        raise InputError("--performer", "", "a --lane to phrase around", "none")
    if level is Level.SYNTHESIS and wishes.lanes:
        raise InputError("--lane", "", "--level expression", "--level synthesis")
