"""Effects through Pedalboard: built-in ones by name with their parameters, VST3 plug-ins by path.

Effects hear stereo. Pedalboard runs a chain over the whole of a track and takes off each effect's
reported latency, so what comes out is as long as what went in and aligned with it.
"""

import difflib
import math
import operator
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plugin_core.types import Audio, InputError, Mono

if TYPE_CHECKING:
    from plugin_core.session import Effect

_NO_EFFECTS = frozenset(
    {"Chain", "ExternalPlugin", "IIRFilter", "Mix", "Pedalboard", "Plugin", "PluginContainer"}
    | {"AudioUnitPlugin", "VST3Plugin"}
)
"""Pedalboard's containers, base classes and plug-in wrappers: no effects by themselves."""

_NO_PARAMETERS = frozenset({"is_effect", "is_instrument", "impulse_response"})
_FILE_PARAMETER = "impulse_response_filename"
_PLUGIN_SUFFIXES = (".vst3", ".component")
_PROBE = 64

LONGEST_RING_S = 20.0
"""Effects that ring longer, or for ever, are cut there."""


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


class EffectChain:
    """Effects in the order in which a track passes them.

    `where` is (file, place in it), as an InputError names them: an unknown effect or parameter, a
    value that the effect refuses, a plug-in or file that cannot be loaded. Paths are relative to
    `folder`.
    """

    def __init__(
        self,
        effects: "Sequence[Effect]",
        *,
        sample_rate: int,
        folder: Path = Path(),
        where: tuple[str, str] = ("session", "effect"),
    ) -> None:
        self._sample_rate = sample_rate
        self._where = where
        self._effects: list[tuple[str, Any]] = []
        for number, effect in enumerate(effects, start=1):
            place = (where[0], f"{where[1]} {number} ({effect.name})")
            if effect.name.lower().rstrip("/").endswith(_PLUGIN_SUFFIXES):
                opened = _open_plugin(folder / effect.name, effect.parameters, place)
            else:
                opened = _open_builtin(effect, sample_rate, folder, place)
            self._effects.append((place[1], opened))

    def __len__(self) -> int:
        return len(self._effects)

    def process(self, audio: Audio | Mono) -> Audio:
        """Return `audio`, shape (samples,), (1, samples) or (2, samples), after all effects.

        The result has the shape (2, samples). Raises InputError if an effect fails on the audio or
        returns values that are not finite.
        """
        stereo: Audio = np.broadcast_to(np.atleast_2d(audio), (2, audio.shape[-1]))
        for place, effect in self._effects:
            try:
                out = effect.process(
                    np.ascontiguousarray(stereo, dtype=np.float32), self._sample_rate, reset=True
                )
            except (ValueError, RuntimeError) as error:
                raise InputError(
                    self._where[0], place, "an effect that can process this audio", error
                ) from error
            out = np.atleast_2d(out)
            if not np.isfinite(out).all():
                raise InputError(
                    self._where[0], place, "finite audio from the effect", "NaN or Inf"
                )
            stereo = _as_long_as(stereo, out)
        return stereo

    def ring_s(self) -> float:
        """Return how long the effects go on after a sound ends, 0..20 s: until 80 dB below it."""
        if not self._effects:
            return 0.0
        burst = np.random.default_rng(0).uniform(-0.5, 0.5, (2, self._sample_rate // 4))
        end = 0
        for ring_s in (2.0, LONGEST_RING_S):
            probe = np.zeros((2, burst.shape[1] + int(ring_s * self._sample_rate)), np.float32)
            probe[:, : burst.shape[1]] = burst
            heard = np.abs(self.process(probe)).max(axis=0)
            loud = np.flatnonzero(heard > heard.max() * 1e-4)
            end = int(loud[-1]) + 1 if len(loud) else 0
            if end < probe.shape[1]:
                break
        return float(max(0, end - burst.shape[1]) / self._sample_rate)


def _as_long_as(model: Audio, audio: Audio) -> Audio:
    """Return `audio` in stereo, cut or filled with silence to the length of `model`."""
    fitted = np.zeros((2, model.shape[1]), np.float32)
    count = min(model.shape[1], audio.shape[1])
    fitted[:, :count] = audio[:2, :count]
    return fitted


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
        raise InputError(*place, expected, _first_line(error)) from error
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
        found = _first_line(error) if path.exists() else f"no file {path}"
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
        raise InputError(*place, "a plug-in that loads", _first_line(error)) from error
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
            raise InputError(*place, expected, f"{value!r}: {_first_line(error)}") from error
    return plugin


def _nearest(name: str, known: Sequence[str]) -> str:
    """Return 'nearest: X', or what there is to choose from where nothing is near."""
    folded = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.5)
    return f"nearest: {folded[near[0]]}" if near else f"there are {', '.join(known) or 'none'}"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if isinstance(error, ImportError) and lines else (lines or [repr(error)])[0]
