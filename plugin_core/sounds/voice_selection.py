"""Which voice of a DX7 file is meant: a number from 1, or a name, case and outer spaces aside."""

import difflib

from plugin_core.dx7.sysex import VoiceFile
from plugin_core.types import InputError

_QUOTES = "\"'"


def select_voice(file: VoiceFile, selector: str) -> int:
    """Return the number, from 1, of the voice that `selector` (a number or a name) means.

    Raises InputError if there is none.
    """
    return voice_number(file, selector, f"{file.source}#{selector}")[0]


def voice_number(
    file: VoiceFile, selector: str | None, reference: str
) -> tuple[int, tuple[str, ...]]:
    """Return the number of the chosen voice, and a warning if the choice was not plain.

    `reference` is what the user wrote, for errors. Raises InputError as `select_voice` does, and
    where nothing is selected in a file of several voices.
    """
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
