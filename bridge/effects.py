"""Opening effects: Pedalboard's own by name with their parameters, VST3 plug-ins by path.

All that can be wrong with an effect in a session is told here, before anything is played.
"""

import difflib
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.session import Effect

_NO_EFFECTS = frozenset(
    {"Chain", "ExternalPlugin", "IIRFilter", "Mix", "Pedalboard", "Plugin", "PluginContainer"}
    | {"AudioUnitPlugin", "VST3Plugin"}
)
"""Pedalboard's containers, base classes and plug-in wrappers: no effects by themselves."""

_ONLY_WHOLE = frozenset({"PitchShift", "GSMFullRateCompressor"})
"""Effects that need all of the audio at once: piece by piece they stay silent (Pedalboard issue
415) or lose their frames."""

_NO_PARAMETERS = frozenset({"is_effect", "is_instrument", "impulse_response"})
_FILE_PARAMETER = "impulse_response_filename"
_PLUGIN_SUFFIXES = (".vst3", ".component")
_PROBE = 64


@cache
def effect_names() -> tuple[str, ...]:
    """Return the names of Pedalboard's built-in effects, in alphabetical order."""
    import pedalboard

    return tuple(
        name
        for name, kind in sorted(vars(pedalboard).items())
        if isinstance(kind, type)
        and issubclass(kind, pedalboard.Plugin)
        and name not in _NO_EFFECTS
        and not name.startswith("_")
    )


def parameter_names(effect: str) -> tuple[str, ...]:
    """Return the names of the parameters of a built-in effect, in alphabetical order."""
    import pedalboard

    kind = getattr(pedalboard, effect)
    return tuple(
        name
        for name in dir(kind)
        if isinstance(getattr(kind, name), property) and name not in _NO_PARAMETERS
    )


@dataclass(frozen=True)
class OpenEffect:
    """An effect ready to process.

    `place` is what errors call it. `in_pieces` tells whether audio may pass piece by piece with the
    same result as in one.
    """

    place: str
    effect: Any
    in_pieces: bool


def open_effect(
    effect: "Effect", *, sample_rate: int, folder: Path, where: tuple[str, str]
) -> OpenEffect:
    """Return the effect, its path (if it has one) relative to `folder`.

    `where` is (file, place in it). Raises InputError for an unknown effect or parameter, a value
    that the effect refuses, a plug-in or file that cannot be loaded.
    """
    if effect.name.lower().rstrip("/").endswith(_PLUGIN_SUFFIXES):
        plugin = _open_plugin(folder / effect.name, effect.parameters, where)
        return OpenEffect(where[1], plugin, in_pieces=False)
    builtin = _open_builtin(effect, sample_rate, folder, where)
    return OpenEffect(where[1], builtin, in_pieces=effect.name not in _ONLY_WHOLE)


def _open_builtin(effect: "Effect", sample_rate: int, folder: Path, place: tuple[str, str]) -> Any:
    """Return the Pedalboard effect of this name with these parameters."""
    import pedalboard

    names = effect_names()
    if effect.name not in names:
        expected = f"a Pedalboard effect or the path of a .vst3 ({_nearest(effect.name, names)})"
        raise InputError(*place, expected, repr(effect.name))
    kind = getattr(pedalboard, effect.name)
    known = parameter_names(effect.name)
    arguments: dict[str, object] = {}
    for name, value in effect.parameters.items():
        if name not in known:
            expected = f"a parameter of {effect.name} ({_nearest(name, known)})"
            raise InputError(*place, expected, repr(name))
        if name == _FILE_PARAMETER:
            arguments[name] = _impulse_response(folder / str(value), place)
        else:
            arguments[name] = _checked(name, value, getattr(kind, name), sample_rate, place)
    if _FILE_PARAMETER in known and _FILE_PARAMETER not in arguments:
        raise InputError(*place, f"{_FILE_PARAMETER} = an audio file", "none")
    try:
        opened = kind(**arguments)
        opened.process(np.zeros((2, _PROBE), np.float32), sample_rate)
    except (ValueError, TypeError, RuntimeError) as error:
        expected = f"values that {effect.name} accepts at {sample_rate} Hz"
        raise InputError(*place, expected, first_line(error)) from error
    return opened


def _checked(
    name: str, value: object, attribute: property, sample_rate: int, place: tuple[str, str]
) -> object:
    """Return the parameter's value in the type that the effect wants."""
    choices = _choices(attribute)
    if choices:
        if str(value) not in choices:
            expected = f"{name} = one of {', '.join(choices)}"
            raise InputError(*place, expected, repr(value))
        return choices[str(value)]
    if _returns(attribute) == "bool":
        if not isinstance(value, bool):
            raise InputError(*place, f"{name} = true or false", repr(value))
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(*place, f"{name} = a finite number", repr(value))
    if name.endswith(("frequency_hz", "cutoff_hz")) and not 0 < value < sample_rate / 2:
        expected = f"{name} above 0 and below half the sample rate, {sample_rate / 2:g}"
        raise InputError(*place, expected, f"{value:g}")
    return value


def _choices(attribute: property) -> Mapping[str, object]:
    """Return the values by name of a parameter that is an enumeration, else nothing."""
    import pedalboard

    module, _, path = _returns(attribute).partition(".")
    if module != "pedalboard_native":
        return {}
    members: Mapping[str, object] = operator.attrgetter(path)(pedalboard).__members__
    return members


def _returns(attribute: property) -> str:
    """Return the type of a parameter, as the bindings say it in the getter's signature."""
    signature = re.search(r"-> ([\w.]+)", attribute.fget.__doc__ or "")
    return signature[1] if signature else ""


def _impulse_response(path: Path, place: tuple[str, str]) -> str:
    """Return the path of an impulse response that can be read: Pedalboard itself does not say."""
    import soundfile

    try:
        soundfile.info(str(path))
    except (OSError, soundfile.SoundFileError) as error:
        found = first_line(error) if path.exists() else f"no file {path}"
        raise InputError(*place, f"{_FILE_PARAMETER} = an audio file", found) from error
    return str(path)


def _open_plugin(
    path: Path, parameters: "Mapping[str, float | str | bool]", place: tuple[str, str]
) -> Any:
    """Return the VST3 effect at `path` with its parameters set."""
    from pedalboard import load_plugin  # type: ignore[attr-defined]

    if not path.exists():
        raise InputError(*place, "a plug-in", f"no file {path}")
    plugin: Any
    try:
        plugin = load_plugin(str(path))
    except (ImportError, RuntimeError, ValueError) as error:
        raise InputError(*place, "a plug-in that loads", first_line(error)) from error
    if not plugin.is_effect:
        raise InputError(*place, "an effect plug-in", f"an instrument, {plugin.name}")
    known = tuple(sorted(plugin.parameters))
    for name, value in parameters.items():
        if name not in known:
            expected = f"a parameter of {plugin.name} ({_nearest(name, known)})"
            raise InputError(*place, expected, repr(name))
        try:
            setattr(plugin, name, value)
        except (ValueError, TypeError, RuntimeError) as error:
            expected = f"{name} = a value that {plugin.name} accepts"
            raise InputError(*place, expected, f"{value!r}: {first_line(error)}") from error
    return plugin


def _nearest(name: str, known: Sequence[str]) -> str:
    """Return 'nearest: X', or what there is to choose from where nothing is near."""
    folded = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.5)
    return f"nearest: {folded[near[0]]}" if near else f"there are {', '.join(known) or 'none'}"


def first_line(error: Exception) -> str:
    """Return the line of a message of JUCE or Pedalboard that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if isinstance(error, ImportError) and lines else (lines or [repr(error)])[0]
