"""Sounds by reference: what a user writes to name a sound, and the sound.

`violin` is a bundled instrument, one of `synthesis.instruments`; `path/synthesis.ts#violin` is one
of another model, played by the `expression.ts` beside it if there is one, else the bundled one.

`path/bank.syx#7` is voice 7 of the file, counted from 1 in file order through all its banks;
`path/bank.syx#"E.PIANO 1"` (or without the quotes) is the first voice of that name, case and outer
spaces aside; `path/voice.syx` is the voice of a file that has a single one. Paths start at a given
folder, else at the working folder, else at the bundled presets (`dx7/NAME.syx#3`).
"""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from plugin_core.dx7.sysex import VoiceFile, read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.synthesis.instruments import INSTRUMENTS, PROGRAMS
from plugin_core.types import InputError

_QUOTES = "\"'"
_A_SOUND = "an instrument (violin) or a DX7 voice (FILE.syx#NUMBER)"
_SYNTHESIS, _EXPRESSION = "synthesis.ts", "expression.ts"


@dataclass(frozen=True, slots=True)
class FmSound:
    """A DX7 voice, which the engine plays.

    `name` is for display, `reference` is as the user wrote it. `warnings` are lines on what was
    not as it should be in the file of this sound.
    """

    name: str
    reference: str
    voice: Voice
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseSound:
    """An instrument of neural models that see the whole phrase; one player sounds one note.

    `instrument` is one of `synthesis.instruments`; `synthesis` and `expression` are the archives of
    its models, not opened yet.
    """

    name: str
    reference: str
    instrument: str
    synthesis: Path
    expression: Path
    warnings: tuple[str, ...] = ()


Sound = FmSound | PhraseSound
"""What plays a part."""


def presets_folder() -> Path:
    """Return the folder of the bundled presets, beside this package in the tree as installed."""
    return Path(__file__).resolve().parent.parent / "presets"


def load_sound(reference: str, *, folder: Path = Path()) -> Sound:
    """Return the sound that `reference` names, its path relative to `folder`.

    Raises InputError if there is no such file, voice or instrument, if a file of several voices is
    named without saying which, and for an instrument where its models or torch are missing.
    """
    instrument = instrument_named(reference)
    if instrument is not None:
        return _instrument(instrument, reference, presets_folder() / "instruments" / _SYNTHESIS)
    if reference.partition("#")[0].lower().endswith(".ts"):
        return _instrument_of_file(reference, folder)
    return _voice(reference, folder)


def instrument_named(reference: str) -> str | None:
    """Return the bundled instrument that a reference names, None if it names something else."""
    name = reference.strip().lower().replace(" ", "_")
    return name if name in INSTRUMENTS else None


def _voice(reference: str, folder: Path) -> FmSound:
    path, selector = find_voice_file(reference, folder=folder)
    file = read_voices(path)
    number, warnings = _voice_number(file, selector, reference)
    voice = file.voices[number - 1]
    return FmSound(
        name=voice.name or f"{path.stem} {number}",
        reference=reference,
        voice=voice,
        warnings=(*map(str, file.flaws), *file.clamp_warnings(number), *warnings),
    )


def sound_for_program(program: int) -> Sound:
    """Return what plays a General MIDI program, 0..127.

    That is the bundled instrument that it names, where torch and its models are there, else the
    nearest bundled voice. Raises ValueError for any other number.
    """
    voice = voice_for_program(program)
    instrument = PROGRAMS.get(program)
    if instrument is not None and missing_for_instruments() is None:
        return load_sound(instrument)
    return voice


def voice_for_program(program: int) -> FmSound:
    """Return the bundled voice nearest to a General MIDI program, 0..127.

    The table is `presets/dx7/general-midi.csv`. Raises ValueError for any other number.
    """
    if not 0 <= program <= 127:
        raise ValueError(f"a program is 0..127, found {program}")
    return _voice_in_general_midi(str(program))


def sound_for_drums() -> FmSound:
    """Return the bundled voice that plays the drum channel of General MIDI."""
    return _voice_in_general_midi("drums")


def missing_for_instruments() -> tuple[str, str] | None:
    """Return what the bundled instruments need and was found instead, None if all is there."""
    for name in (_SYNTHESIS, _EXPRESSION):
        if not (presets_folder() / "instruments" / name).is_file():
            return f"its model presets/instruments/{name}", "none"
    return _missing_torch()


def _missing_torch() -> tuple[str, str] | None:
    return None if find_spec("torch") else ("torch (pip install 'hexachord[models]')", "none")


def _voice_in_general_midi(row_id: str) -> FmSound:
    with (presets_folder() / "dx7" / "general-midi.csv").open(newline="", encoding="utf-8") as file:
        reference = next(row["sound"] for row in csv.DictReader(file) if row["program"] == row_id)
    return _voice(reference, presets_folder())


def _instrument(instrument: str, reference: str, synthesis: Path) -> PhraseSound:
    """Return an instrument of a model; raises InputError for what it needs and is not there."""
    beside = synthesis.with_name(_EXPRESSION)
    bundled = presets_folder() / "instruments"
    expression = beside if beside.is_file() else bundled / _EXPRESSION
    missing = _missing_torch() if synthesis.parent != bundled else missing_for_instruments()
    if missing is None and not expression.is_file():
        missing = f"a model {_EXPRESSION} beside it", "none"
    if missing is not None:
        raise InputError(reference, "", *missing)
    name = instrument.replace("_", " ").capitalize()
    return PhraseSound(name, reference, instrument, synthesis, expression)


def _instrument_of_file(reference: str, folder: Path) -> PhraseSound:
    written, _, instrument = reference.partition("#")
    path = _existing_file(written, folder)
    if path is None:
        raise InputError(reference, "", "an existing .ts instrument", "none")
    if instrument not in INSTRUMENTS:
        expected = f"{written}# and {nearest_name(instrument, INSTRUMENTS)}"
        raise InputError(reference, "", expected, instrument or "no instrument")
    return _instrument(instrument, reference, path)


def nearest_name(name: str, known: Sequence[str]) -> str:
    """Return what was expected instead of a name: the nearest known one, else all of them."""
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return near[0] if near else f"one of {', '.join(known)}"


def select_voice(file: VoiceFile, selector: str) -> int:
    """Return the number, from 1, of the voice that `selector` (a number or a name) means.

    Raises InputError if there is none.
    """
    return _voice_number(file, selector, f"{file.source}#{selector}")[0]


def find_voice_file(reference: str, *, folder: Path = Path()) -> tuple[Path, str | None]:
    """Return the file that `reference` names, and what follows its `#`, None if nothing does.

    A `#` may be part of a file's name. Raises InputError if there is no such file.
    """
    marks = [index for index, character in enumerate(reference) if character == "#"]
    for end in [*marks, len(reference)]:
        path = _existing_file(reference[:end], folder)
        if path is not None:
            return path, reference[end + 1 :] if end < len(reference) else None
    named = reference if reference.strip() else repr(reference)
    raise InputError(named, "", _expectation(reference), _nearest_file(reference, folder))


def _roots(folder: Path) -> tuple[Path, ...]:
    return folder, Path(), presets_folder()


def _existing_file(text: str, folder: Path) -> Path | None:
    if not text.strip() or "\0" in text:
        return None
    for root in _roots(folder):
        path = root / Path(text).expanduser()
        try:
            if path.is_file():
                return path
        except OSError:  # a name that is too long, a folder that may not be entered
            continue
    return None


def _voice_number(
    file: VoiceFile, selector: str | None, reference: str
) -> tuple[int, tuple[str, ...]]:
    """Return the number of the chosen voice, and a warning if the choice was not plain."""
    count = len(file.voices)
    if selector is None or not selector.strip():
        if count == 1:
            return 1, ()
        raise InputError(
            reference, "", f"a voice of this file, #1 to #{count}, after its name", "no number"
        )
    selector = selector.strip()
    if selector.isascii() and selector.isdigit():
        if 1 <= int(selector[:9]) <= count:
            return int(selector), ()
        raise InputError(reference, "", f"a voice from #1 to #{count}", f"#{selector}")
    return _number_by_name(file, selector, reference)


def _number_by_name(file: VoiceFile, selector: str, reference: str) -> tuple[int, tuple[str, ...]]:
    is_quoted = len(selector) > 1 and selector[0] == selector[-1] and selector[0] in _QUOTES
    wanted = _name_key(selector[1:-1] if is_quoted else selector)
    keys = [_name_key(voice.name) for voice in file.voices]
    numbers = [number for number, key in enumerate(keys, 1) if key == wanted]
    if not numbers:
        near = difflib.get_close_matches(wanted, keys, n=1)
        hint = f", near is {file.voices[keys.index(near[0])].name!r}" if near else ""
        raise InputError(reference, "", f"the name of one of {len(keys)} voices", f"none{hint}")
    if len(numbers) == 1:
        return numbers[0], ()
    others = ", ".join(f"#{number}" for number in numbers[1:])
    return numbers[0], (f"{reference}: #{numbers[0]} is used, {others} have the same name",)


def _name_key(name: str) -> str:
    return " ".join(name.casefold().split())


def _expectation(reference: str) -> str:
    """Return what would have been a sound, for the kind of thing that the user wrote."""
    if Path(reference.partition("#")[0]).suffix.lower() == ".syx":
        return "an existing .syx file"
    return _A_SOUND


def _nearest_file(reference: str, folder: Path) -> str:
    """Return what was found instead of the file: nothing, and what exists near it."""
    written = Path(reference.partition("#")[0])
    bundled = {
        path.relative_to(presets_folder()).as_posix() for path in presets_folder().glob("dx7/*.syx")
    }
    try:
        if reference and (folder / written).is_dir():
            return "a folder"
        beside = {
            (written.parent / path.name).as_posix()
            for path in (folder / written.parent).iterdir()
            if path.suffix.lower() == ".syx"
        }
    except (OSError, ValueError):
        beside = set()
    known = sorted({*bundled, *beside, *INSTRUMENTS})
    near = difflib.get_close_matches(written.as_posix(), known, n=1)
    if near:
        return f"none, near is {near[0]}"
    return f"none (bundled are {', '.join(sorted(bundled))})" if bundled else "none"
