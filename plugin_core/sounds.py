"""Sounds by reference: what a user writes to name a sound, and the sound.

`path/bank.syx#7` is voice 7 of the file, counted from 1 in file order through all its banks;
`path/bank.syx#"E.PIANO 1"` (or without the quotes) is the first voice of that name, case and outer
spaces aside; `path/voice.syx` is the voice of a file that has a single one. Paths start at a given
folder, else at the working folder, else at the bundled presets (`dx7/NAME.syx#3`).
"""

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from plugin_core.dx7.sysex import VoiceFile, read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.types import InputError

_QUOTES = "\"'"
_A_DX7_VOICE = "a DX7 voice (FILE.syx#NUMBER)"


@dataclass(frozen=True, slots=True)
class Sound:
    """What plays a part.

    `name` is for display, `reference` is as the user wrote it. `warnings` are lines on what was
    not as it should be in the file of this sound.
    """

    name: str
    reference: str
    kind: Literal["dx7"]
    voice: Voice
    warnings: tuple[str, ...] = ()


def presets_folder() -> Path:
    """Return the folder of the bundled presets, beside this package in the tree as installed."""
    return Path(__file__).resolve().parent.parent / "presets"


def load_sound(reference: str, *, folder: Path = Path()) -> Sound:
    """Return the sound that `reference` names, its path relative to `folder`.

    Raises InputError if there is no such file or voice, and if a file of several voices is named
    without saying which.
    """
    path, selector = find_voice_file(reference, folder=folder)
    file = read_voices(path)
    number, warnings = _voice_number(file, selector, reference)
    voice = file.voices[number - 1]
    return Sound(
        name=voice.name or f"{path.stem} {number}",
        reference=reference,
        kind="dx7",
        voice=voice,
        warnings=(*map(str, file.flaws), *file.clamp_warnings(number), *warnings),
    )


def sound_for_program(program: int) -> Sound:
    """Return the bundled voice nearest to a General MIDI program, 0..127.

    The table is `presets/dx7/general-midi.csv`. Raises ValueError for any other number.
    """
    if not 0 <= program <= 127:
        raise ValueError(f"a program is 0..127, found {program}")
    return _sound_in_general_midi(str(program))


def sound_for_drums() -> Sound:
    """Return the bundled voice that plays the drum channel of General MIDI."""
    return _sound_in_general_midi("drums")


def _sound_in_general_midi(row_id: str) -> Sound:
    with (presets_folder() / "dx7" / "general-midi.csv").open(newline="", encoding="utf-8") as file:
        reference = next(row["sound"] for row in csv.DictReader(file) if row["program"] == row_id)
    return load_sound(reference, folder=presets_folder())


def select_voice(file: VoiceFile, selector: str) -> int:
    """Return the number, from 1, of the voice that `selector` (a number or a name) means.

    Raises InputError if there is none.
    """
    return _voice_number(file, selector, f"{file.source}#{selector}")[0]


def find_voice_file(reference: str, *, folder: Path = Path()) -> tuple[Path, str | None]:
    """Return the file that `reference` names, and what follows its `#`, None if nothing does.

    A `#` may be part of a file's name. Raises InputError if there is no such file.
    """
    if reference.lower().endswith(".ts"):
        raise InputError(
            reference, "", _A_DX7_VOICE, "a .ts instrument, not playable in this version"
        )
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
    return _A_DX7_VOICE


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
    near = difflib.get_close_matches(written.as_posix(), sorted(bundled | beside), n=1)
    if near:
        return f"none, near is {near[0]}"
    return f"none (bundled are {', '.join(sorted(bundled))})" if bundled else "none"
