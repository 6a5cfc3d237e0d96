"""`hexachord compose solo|chorale`: pieces from trained composers, as MIDI or straight to stems."""

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bridge.whole_file import require_place
from plugin_core.types import InputError

MOST_BARS = 256
_LARGEST_SEED = 2**31 - 1
_WARMEST = 5.0
_MIDI = (".mid", ".midi")


class What(StrEnum):
    """What can be composed."""

    SOLO = "solo"
    CHORALE = "chorale"


STEMS = {What.SOLO: "piece", What.CHORALE: "chorale"}
"""What files in a rendered folder are named."""


def compose(
    what: Annotated[What, typer.Argument(help="An expressive solo piece, or four voices.")],
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="X.mid", help="The MIDI file; with --render a folder."),
    ],
    bars: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_BARS, help="Bars of four beats; else 16, or as long as what is given."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=_LARGEST_SEED, help="Another seed, another piece.")
    ] = 0,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A bundled composer (bach-performances), or a file .ts."),
    ] = None,
    bpm: Annotated[float | None, typer.Option(help="Beats per minute.")] = None,
    render: Annotated[
        str | None,
        typer.Option(
            metavar="SOUNDS",
            help="Render with these sounds: quartet, one for all, or one per part with commas.",
        ),
    ] = None,
    picture: Annotated[
        bool, typer.Option("--picture/--no-picture", help="Draw velocities and durations.")
    ] = True,
    flat: Annotated[
        bool, typer.Option("--flat", help="Write the unexpressive twin beside, as X-flat.mid.")
    ] = False,
    prime: Annotated[
        Path | None,
        typer.Option(metavar="X.mid", help="solo: an opening to continue, or notes to keep."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="solo: pitch, to play the notes of --prime and no others; chorale: which voices "
            "of --given stay (soprano,bass), else all.",
        ),
    ] = None,
    expressive: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="solo: what is learnt, of velocity,duration; else both."
        ),
    ] = None,
    chords: Annotated[
        bool | None,
        typer.Option(
            "--chords/--melody",
            help="solo: with chords, or one note at a time.",
            show_default=False,
        ),
    ] = None,
    pitch_temperature: Annotated[
        float | None, typer.Option(help="solo: how freely pitches are drawn; 1 as learnt.")
    ] = None,
    velocity_temperature: Annotated[
        float | None, typer.Option(help="solo: how freely velocities are drawn.")
    ] = None,
    duration_temperature: Annotated[
        float | None, typer.Option(help="solo: how freely durations are drawn.")
    ] = None,
    soprano: Annotated[
        str | None, typer.Option(metavar="X.mid|none", help="chorale: a melody to keep.")
    ] = None,
    alto: Annotated[str | None, typer.Option(metavar="X.mid|none", help="chorale.")] = None,
    tenor: Annotated[str | None, typer.Option(metavar="X.mid|none", help="chorale.")] = None,
    bass: Annotated[str | None, typer.Option(metavar="X.mid|none", help="chorale.")] = None,
    given: Annotated[
        Path | None,
        typer.Option(metavar="X.mid", help="chorale: four parts; empty bars are composed."),
    ] = None,
    keep_bars: Annotated[
        str | None,
        typer.Option(metavar="1-4,7", help="chorale: bars that stay as given; else all."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="chorale: auto, G, F#m, Bb minor ...")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="chorale: how freely notes are drawn; else 0.9.")
    ] = None,
) -> None:
    """Compose a piece: MIDI, a picture of its expression, and with --render a session and stems."""
    solo_only = {
        "--prime": prime,
        "--expressive": expressive,
        "--chords": chords,
        "--pitch-temperature": pitch_temperature,
        "--velocity-temperature": velocity_temperature,
        "--duration-temperature": duration_temperature,
    }
    voices = {"soprano": soprano, "alto": alto, "tenor": tenor, "bass": bass}
    chorale_only = {
        **{f"--{voice}": path for voice, path in voices.items()},
        "--given": given,
        "--keep-bars": keep_bars,
        "--key": key,
        "--temperature": temperature,
    }
    others = solo_only if what is What.CHORALE else chorale_only
    for option, value in others.items():
        if value is not None:
            raise InputError("compose", option, f"none for a {what.value}", value)
    for option, value in {**solo_only, **chorale_only}.items():
        if isinstance(value, float):
            _require_temperature(option, value)
    if bpm is not None and not (math.isfinite(bpm) and 20 <= bpm <= 400):
        raise InputError("--bpm", "", "beats per minute in 20..400", bpm)
    if render is None:
        require_place(out)
        if out.suffix.lower() not in _MIDI:
            raise InputError(out, "", f"a MIDI file to write ({' or '.join(_MIDI)})", "another")
    from bridge.cli.composed_output import Wishes, require_apart

    named = (path for path in voices.values() if path and path.strip().lower() != "none")
    common = Wishes(out, bars, seed, model, bpm, render, picture, flat)
    read = [path for path in (prime, given, *map(Path, named)) if path is not None]
    require_apart(common, STEMS[what], read)
    if what is What.SOLO:
        from bridge.cli.compose_solo import SoloWishes, compose_solo_piece

        given_temperatures = (pitch_temperature, velocity_temperature, duration_temperature)
        temperatures = (1.0 if each is None else each for each in given_temperatures)
        compose_solo_piece(common, SoloWishes(prime, keep, expressive, chords, *temperatures))
        return
    from bridge.cli.compose_chorale import ChoraleWishes, compose_chorale_piece

    usual = 0.9 if temperature is None else temperature
    compose_chorale_piece(
        common,
        ChoraleWishes(tuple(voices.values()), given, keep, keep_bars, key or "auto", usual),
    )


def _require_temperature(option: str, value: float) -> None:
    if not (math.isfinite(value) and 0.01 <= value <= _WARMEST):
        raise InputError(option, "", f"a temperature in 0.01..{_WARMEST:g}", value)
