"""Sounds by reference: what a user writes to name a sound, and the sound.

`violin` is a bundled instrument, one of `synthesis.instruments`, played by the models that see the
whole phrase or, if asked, by the live one; `guitar` is live alone. `path/synthesis.ts#violin` is
one of another model, played by the `expression.ts` beside it if there is one, else the bundled one;
`path/live.ts#violin` one of another live model, and `path/live.ts` the only one in it.

`ddx7-violin` is a bundled DDX7 model, one of `synthesis.instruments`: it plays live, on the six
operators of a DX7 voice; `ddx7-violin-no-noise` is the paper's, of operators alone.
`path/ddx7-oboe.ts` is another one.

`path/bank.syx#7` is voice 7 of the file, counted from 1 in file order through all its banks;
`path/bank.syx#"E.PIANO 1"` (or without the quotes) is the first voice of that name, case and outer
spaces aside; `path/voice.syx` is the voice of a file that has a single one. Paths start at a given
folder, else at the working folder, else at the bundled presets (`dx7/NAME.syx#3`).
"""

import csv
import difflib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from plugin_core.dx7.sysex import read_voices
from plugin_core.sounds.kinds import (
    MODELS,
    Ddx7Sound,
    FmSound,
    LiveSound,
    Model,
    PhraseSound,
    Sound,
)
from plugin_core.sounds.voice_selection import select_voice, voice_number
from plugin_core.synthesis.archive_members import DESCRIPTION, read_description
from plugin_core.synthesis.instruments import (
    DDX7_INSTRUMENTS,
    DDX7_WITHOUT_NOISE,
    INSTRUMENTS,
    LIVE_ONLY,
    LIVE_PROGRAMS,
    PROGRAMS,
)
from plugin_core.types import InputError

__all__ = [
    "MODELS",
    "Ddx7Sound",
    "FmSound",
    "LiveSound",
    "Model",
    "PhraseSound",
    "Sound",
    "find_voice_file",
    "instrument_named",
    "load_sound",
    "missing_for_instruments",
    "nearest_name",
    "presets_folder",
    "select_voice",
    "sound_for_drums",
    "sound_for_program",
    "voice_for_program",
]

_A_SOUND = "an instrument (violin, ddx7-violin) or a DX7 voice (FILE.syx#NUMBER)"
_SYNTHESIS, _EXPRESSION, _LIVE = "synthesis.ts", "expression.ts", "live.ts"
_PLAYS_LIVE = {"live": LiveSound, "ddx7": Ddx7Sound}
"""Kind of an archive -> the sound that the engine makes of it."""

_DDX7 = (*DDX7_INSTRUMENTS, *DDX7_WITHOUT_NOISE)
_NAMES = (*INSTRUMENTS, *LIVE_ONLY, *_DDX7)


def presets_folder() -> Path:
    """Return the folder of the bundled presets, beside this package in the tree as installed."""
    return Path(__file__).resolve().parents[2] / "presets"


def load_sound(reference: str, *, folder: Path = Path(), model: Model = "phrase") -> Sound:
    """Return the sound that `reference` names, its path relative to `folder`.

    `model` says what plays a bundled instrument that has both models; a DX7 voice and a DDX7
    instrument have none.
    Raises InputError if there is no such file, voice or instrument, if a file of several voices is
    named without saying which, and for an instrument where its models are missing, or torch, which
    a live one does without.
    """
    instrument = instrument_named(reference)
    if instrument is not None:
        bundled = presets_folder() / "instruments"
        if instrument in _DDX7:
            return _live(instrument, reference, bundled / f"{instrument}.ts")
        if model == "live" or instrument in LIVE_ONLY:
            return _live(instrument, reference, bundled / _LIVE)
        return _instrument(instrument, reference, bundled / _SYNTHESIS)
    if reference.partition("#")[0].lower().endswith(".ts"):
        return _instrument_of_file(reference, folder, model)
    return _voice(reference, folder)


def instrument_named(reference: str) -> str | None:
    """Return the bundled instrument that a reference names, None if it names something else."""
    name = reference.strip().lower().replace(" ", "_")
    return next((known for known in (name, name.replace("_", "-")) if known in _NAMES), None)


def _voice(reference: str, folder: Path) -> FmSound:
    path, selector = find_voice_file(reference, folder=folder)
    file = read_voices(path)
    number, warnings = voice_number(file, selector, reference)
    voice = file.voices[number - 1]
    return FmSound(
        name=voice.name or f"{path.stem} {number}",
        reference=reference,
        voice=voice,
        warnings=(*map(str, file.flaws), *file.clamp_warnings(number), *warnings),
    )


def sound_for_program(program: int, *, model: Model = "phrase") -> Sound:
    """Return what plays a General MIDI program, 0..127.

    That is the bundled instrument that it names, where torch and its models are there, else the
    nearest bundled voice. Raises ValueError for any other number.
    """
    voice = voice_for_program(program)
    instrument = (LIVE_PROGRAMS if model == "live" else PROGRAMS).get(program)
    if instrument is not None and missing_for_instruments(model) is None:
        return load_sound(instrument, model=model)
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


def missing_for_instruments(model: Model = "phrase") -> tuple[str, str] | None:
    """Return what the bundled instruments need and was found instead, None if all is there."""
    for name in (_LIVE,) if model == "live" else (_SYNTHESIS, _EXPRESSION):
        if not (presets_folder() / "instruments" / name).is_file():
            return f"its model presets/instruments/{name}", "none"
    return None if model == "live" else _missing_torch()


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
    return PhraseSound(_shown(instrument), reference, instrument, synthesis, expression)


def _live(instrument: str, reference: str, path: Path) -> LiveSound:
    """Return an instrument of a model that plays live, the only one if none is named.

    Raises InputError.
    """
    if path.parent == presets_folder() / "instruments" and not path.is_file():
        raise InputError(reference, "", f"its model presets/instruments/{path.name}", "none")
    description = read_description(path)
    sound = _PLAYS_LIVE.get(str(description.get("kind")))
    if sound is None:
        expected = " or ".join(_PLAYS_LIVE)
        raise InputError(path, f"{DESCRIPTION}: kind", expected, description.get("kind"))
    listed = description.get("instruments")
    known = [str(each) for each in listed] if isinstance(listed, list) else []
    if not instrument and len(known) == 1:
        instrument = known[0]
    if instrument not in known:
        expected = f"{reference.partition('#')[0]}# and {nearest_name(instrument, known)}"
        raise InputError(reference, "", expected, instrument or "no instrument")
    return sound(_shown(instrument), reference, instrument, path, known.index(instrument))


def _shown(instrument: str) -> str:
    ddx7, dash, name = instrument.partition("-")
    if ddx7 == "ddx7" and dash:
        return f"DDX7 {name.replace('_', ' ').replace('-', ' ')}"
    return instrument.replace("_", " ").capitalize()


def _plays_live(path: Path) -> bool:
    """Tell whether a file is the archive of a model that plays live, as far as it can be read."""
    try:
        return str(read_description(path).get("kind")) in _PLAYS_LIVE
    except InputError:
        return False


def _instrument_of_file(reference: str, folder: Path, model: Model) -> PhraseSound | LiveSound:
    written, _, instrument = reference.partition("#")
    path = _existing_file(written, folder)
    if path is None:
        raise InputError(reference, "", "an existing .ts instrument", "none")
    if model == "live" or _plays_live(path):
        return _live(instrument, reference, path)
    if instrument not in INSTRUMENTS:
        read_description(path)  # what is no archive at all is told first
        expected = f"{written}# and {nearest_name(instrument, INSTRUMENTS)}"
        raise InputError(reference, "", expected, instrument or "no instrument")
    return _instrument(instrument, reference, path)


def nearest_name(name: str, known: Sequence[str]) -> str:
    """Return what was expected instead of a name: the nearest known one, else all of them."""
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return near[0] if near else f"one of {', '.join(known)}"


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
    known = sorted({*bundled, *beside, *_NAMES})
    near = difflib.get_close_matches(written.as_posix(), known, n=1)
    if near:
        return f"none, near is {near[0]}"
    return f"none (bundled are {', '.join(sorted(bundled))})" if bundled else "none"
