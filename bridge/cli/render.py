"""`hexachord render`: a session or a MIDI file to stems, a mix, a report and a record."""

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.bar import progress_bar
from bridge.cli.model_choice import ModelChoice
from plugin_core.session import Session
from plugin_core.types import InputError

if TYPE_CHECKING:
    from bridge.graph import Rendered

_MOST_WARNINGS = 20


class BitDepth(StrEnum):
    """Sample formats of the files."""

    PCM_24 = "24"
    FLOAT_32 = "32f"


class Through(StrEnum):
    """Who renders: our own code, or the built plug-in in the graph."""

    SCRIPT = "script"
    PLUGIN = "plugin"


def render(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A session (.toml) or a MIDI file (.mid).")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder for stems/, mix.wav, report.png, ...")
    ],
    *,
    sound: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[N=]SOUND",
            help="A sound (violin, ddx7-violin, bank.syx#7) for all tracks, or with N= for "
            "track N. Repeatable.",
        ),
    ] = None,
    model: Annotated[
        ModelChoice | None,
        typer.Option(
            help="How instruments play: seeing the whole phrase, or live.", show_default=False
        ),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(metavar="HZ", help="Sample rate, 22050 to 192000.")
    ] = None,
    bit_depth: Annotated[BitDepth | None, typer.Option(help="Sample format of the files.")] = None,
    normalize: Annotated[
        bool | None,
        typer.Option(
            "--normalize/--no-normalize",
            help="One gain for all files: the loudest peak comes to -1 dBFS.",
            show_default=False,
        ),
    ] = None,
    length: Annotated[
        float | None, typer.Option(metavar="S", help="Length of all files in seconds.")
    ] = None,
    tail: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds after the last key-up.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Worker processes; default: one per track, up to all cores."
        ),
    ] = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Draw report.png.")] = True,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what would be warned about.")
    ] = False,
    through: Annotated[
        Through, typer.Option(help="Who renders: our code or the plug-in.")
    ] = Through.SCRIPT,
) -> None:
    """Render a session or a MIDI file to stems, a mix, a report and a record."""
    session = read_source(source, sound or ())
    changes: dict[str, Any] = {
        "sample_rate": rate,
        "bit_depth": bit_depth and bit_depth.value,
        "normalize": normalize,
        "length_s": length,
        "tail_s": tail,
        "seed": seed,
    }
    session = replace(session, **{key: new for key, new in changes.items() if new is not None})
    if model is not None:
        tracks = tuple(replace(track, model=model.value) for track in session.tracks)
        session = replace(session, tracks=tracks)
    _render(session, out, jobs=jobs, report=report, strict=strict, through=through)


def read_source(source: Path, sounds: Sequence[str]) -> Session:
    """Return the session in a `.toml` or MIDI file, `sounds` in place of those it names.

    A sound is for all tracks, `N=SOUND` for track N, counted from 1. Raises InputError.
    """
    if source.suffix.lower() == ".toml":
        session = Session.load(source)
    else:
        session = Session.from_midi(source)
    for sound in sorted(sounds, key=lambda text: _numbered(text) is not None):
        session = _with_sound(session, sound)
    return session


def _numbered(sound: str) -> "re.Match[str] | None":
    return re.fullmatch(r"(\d+)=(.+)", sound, re.DOTALL)


def _with_sound(session: Session, sound: str) -> Session:
    numbered = _numbered(sound)
    if numbered is None:
        return replace(session, tracks=tuple(replace(t, sound=sound) for t in session.tracks))
    number, count = int(numbered[1]), len(session.tracks)
    if not 1 <= number <= count:
        raise InputError(
            "--sound", sound, f"a track in 1..{count} of {session.source}", f"track {number}"
        )
    tracks = list(session.tracks)
    tracks[number - 1] = replace(tracks[number - 1], sound=numbered[2])
    return replace(session, tracks=tuple(tracks))


def _render(
    session: Session,
    out: Path,
    *,
    jobs: int | None,
    report: bool,
    strict: bool,
    through: Through,
) -> None:
    """Render with a progress bar, then say in a line what came of it."""
    from bridge.graph import render_session
    from bridge.plan import plan_session
    from plugin_core.performance import is_compiled

    started = time.perf_counter()
    plan = plan_session(session)
    _warn(plan.warnings, strict=strict)
    sounds = (player.sound for player in plan.players)
    if through is Through.SCRIPT and not all(map(is_compiled, sounds)):
        print(
            "hexachord: compiling what plays for this machine, only this once: about a minute",
            file=sys.stderr,
        )
    with progress_bar() as progress:
        rendered = render_session(
            plan,
            out,
            jobs=jobs,
            report=report,
            through=through.value,
            progress=progress,
        )
    _tell(rendered, time.perf_counter() - started)


def _warn(warnings: Sequence[str], *, strict: bool) -> None:
    if strict and warnings:
        source, _, found = warnings[0].partition(": ")
        raise InputError(source, "", "nothing to warn about (--strict)", found)
    for warning in warnings[:_MOST_WARNINGS]:
        print(f"hexachord: warning: {warning}", file=sys.stderr)
    if len(warnings) > _MOST_WARNINGS:
        more = len(warnings) - _MOST_WARNINGS
        print(f"hexachord: {more} more warnings, all in render.json", file=sys.stderr)


def _tell(rendered: "Rendered", took_s: float) -> None:
    from bridge.record import levels

    plan = rendered.plan
    count = len(rendered.stems)
    print(
        f"{rendered.out}: {count} stem{'s' if count != 1 else ''} and mix.wav, "
        f"{rendered.samples / plan.session.sample_rate:.1f} s at {plan.session.sample_rate} Hz "
        f"({levels(rendered.mix)}), rendered in {took_s:.1f} s"
    )
