"""`hexachord voices`: list the voices of a `.syx` file, show one, export some."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bridge.cli.voice_tables import bank_table, voice_sheet
from bridge.whole_file import require_place, whole_file
from plugin_core.dx7.dumps import VOICES_PER_BANK
from plugin_core.dx7.fields import STORED_FIELDS
from plugin_core.dx7.sysex import VoiceFile, bank_dump, read_voices, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import find_voice_file, instrument_named, select_voice
from plugin_core.types import InputError

_WIDTH_IN_FILES = 100
_MOST_WARNINGS = 20


def voices(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="FILE[#VOICE]", help="A .syx file; with #3 or #'E.PIANO 1' one of its voices."
        ),
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every parameter of the voices as JSON.")
    ] = False,
    png: Annotated[
        Path | None,
        typer.Option(metavar="OUT.png", help="Draw one voice: its algorithm and envelopes."),
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBERS", help="Voices to write to --out: 3, or 1,5,9-12 for a bank."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="OUT.syx", help="The .syx file to write.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing --out.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a file that is damaged or out of range.")
    ] = False,
) -> None:
    """List the DX7 voices of a .syx file, show one of them, or export some."""
    if instrument_named(reference) is not None or reference.lower().endswith(".ts"):
        expected = "a .syx file of DX7 voices (hexachord flatten makes one of a DDX7 model)"
        raise InputError(reference, "", expected, "an instrument")
    path, selector = find_voice_file(reference)
    file = read_voices(path, strict=strict)
    number = select_voice(file, selector) if selector else None
    if number is None and len(file.voices) == 1:
        number = 1
    if not as_json:
        _warn(file, number)
    if export is not None or out is not None:
        numbers = _export_numbers(export, number, len(file.voices), reference)
        _export(file, numbers, _export_path(out, path, force=force))
        return
    if png is not None:
        _draw(file, number, png, reference)
    if as_json:
        print(json.dumps(_as_json(file, number), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_IN_FILES, highlight=False)
    if number is None:
        console.print(bank_table(file))
    else:
        console.print(voice_sheet(file.voices[number - 1], number))


def _warn(file: VoiceFile, number: int | None) -> None:
    """Print what was wrong with the file; of the voices, only with the one that is asked for."""
    warnings = file.warnings
    if number is not None:
        warnings = (*map(str, file.flaws), *file.skipped, *file.clamp_warnings(number))
    for warning in warnings[:_MOST_WARNINGS]:
        print(f"{file.source}: {warning}", file=sys.stderr)
    if len(warnings) > _MOST_WARNINGS:
        more = len(warnings) - _MOST_WARNINGS
        print(f"{file.source}: {more} more warnings (--json has them all)", file=sys.stderr)


def _as_json(file: VoiceFile, number: int | None) -> dict[str, Any]:
    numbers = range(1, len(file.voices) + 1) if number is None else [number]
    return {
        "file": file.source,
        "voices": [
            {
                "number": n,
                "name": file.voices[n - 1].name,
                "name_hex": file.voices[n - 1].name_bytes.hex(),
                "parameters": {f.id: file.voices[n - 1].shown(f.id) for f in STORED_FIELDS},
            }
            for n in numbers
        ],
        "warnings": list(file.warnings),
    }


def _draw(file: VoiceFile, number: int | None, png: Path, reference: str) -> None:
    if number is None:
        expected = f"one voice to draw, #1 to #{len(file.voices)}"
        raise InputError(reference, "--png", expected, "no number")
    if png.suffix.lower() != ".png":
        raise InputError(png, "--png", "a file name that ends in .png", png.suffix or "no ending")
    require_place(png)
    # Only a picture needs matplotlib, which takes longer to import than all the rest.
    from plugin_core.dx7.picture import voice_figure

    voice = file.voices[number - 1]
    figure = voice_figure(voice, title=voice.name or f"Voice {number}")
    with whole_file(png) as picture:
        figure.savefig(picture, format="png")


def _export_numbers(
    export: str | None, number: int | None, count: int, reference: str
) -> list[int]:
    """Return the numbers in `1,5,9-12`, or that of the voice in the reference."""
    if export is None:
        if number is None:
            expected = f"the voices to write, --export 1 to {count}"
            raise InputError(reference, "--out", expected, "none")
        return [number]
    numbers: list[int] = []
    for item in export.split(","):
        first, dash, last = (part.strip() for part in item.partition("-"))
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdigit() and len(end) < 9 for end in ends):
            raise InputError(reference, "--export", "numbers such as 3 or 1,5,9-12", repr(item))
        low, high = int(ends[0]), int(ends[1])
        if not 1 <= low <= high <= count:
            raise InputError(reference, "--export", f"voices from 1 to {count}", item.strip())
        numbers.extend(range(low, high + 1))
        if len(numbers) > VOICES_PER_BANK:
            expected = f"at most {VOICES_PER_BANK} voices"
            raise InputError(reference, "--export", expected, "more")
    return numbers


def _export_path(out: Path | None, source: Path, *, force: bool) -> Path:
    if out is None:
        raise InputError(source, "--export", "--out OUT.syx beside it", "none")
    require_place(out)
    if out.exists() and out.samefile(source):
        raise InputError(out, "--out", "another file than the source", "the source")
    if out.exists() and not force:
        raise InputError(out, "--out", "a new file, or --force", "an existing file")
    return out


def _export(file: VoiceFile, numbers: list[int], out: Path) -> None:
    """Write one voice as a single dump, several as a bank filled up with initial voices."""
    chosen = [file.voices[number - 1] for number in numbers]
    if len(chosen) == 1:
        content = single_voice_dump(chosen[0])
    else:
        empty = [Voice.initial()] * (VOICES_PER_BANK - len(chosen))
        content = bank_dump([*chosen, *empty])
    with whole_file(out) as dump:
        dump.write(content)
    names = ", ".join(voice.name or f"voice {n}" for voice, n in zip(chosen, numbers, strict=True))
    print(f"{out}: {names}")
