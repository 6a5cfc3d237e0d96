"""`hexachord doctor`: what is installed and works, what is missing and whether that matters."""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from bridge.versions import (
    HEARING_PACKAGES,
    MODEL_PACKAGES,
    PACKAGES,
    hexachord_version,
    version_of,
)

if TYPE_CHECKING:
    from plugin_core.sounds import Model

_PLUGIN = "build/Hexachord.vst3"
_RATE = 48000


@dataclass(frozen=True)
class Finding:
    """What one check found; without an `essential` one nothing can be rendered."""

    name: str
    ok: bool
    found: str
    essential: bool = True


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
) -> None:
    """Tell what is installed and works. Exit status 0 if everything essential does, else 1."""
    findings = examine()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print_table(findings)
    if not all(finding.ok for finding in findings if finding.essential):
        sys.exit(1)


def examine() -> list[Finding]:
    """Run every check."""
    return [
        Finding("Hexachord", version_of("hexachord") is not None, hexachord_version()),
        Finding("Python", sys.version_info >= (3, 11), platform.python_version()),
        *_packages(),
        _checked("the engine plays", _engine),
        _checked("DawDreamer mixes", _dawdreamer),
        _checked("Pedalboard processes", _pedalboard),
        _checked("pitch is heard", _hearing, essential=False),
        *_presets(),
        _models(),
        _checked("instruments play", _instruments, essential=False),
        _checked("instruments play live", _live_instruments, essential=False),
        _checked("DDX7 instruments play", _ddx7_instruments, essential=False),
        _plugin(),
        Finding(
            "processor", True, f"{platform.machine()}, {os.cpu_count() or 1} cores", essential=False
        ),
    ]


def _packages() -> Iterator[Finding]:
    for package in (*PACKAGES, *HEARING_PACKAGES, *MODEL_PACKAGES):
        version = version_of(package)
        essential = package in PACKAGES
        yield Finding(package, version is not None, version or "not installed", essential=essential)


def _checked(name: str, check: Callable[[], str], *, essential: bool = True) -> Finding:
    """Return what a check says, or what kept it from saying it."""
    try:
        return Finding(name, True, check(), essential)
    except Exception as error:  # whatever is broken on this machine is what we are here to tell
        lines = str(error).splitlines() or [""]
        return Finding(name, False, f"{type(error).__name__}: {lines[0]}", essential)


def _engine() -> str:
    """Play a note of the initial voice: without the library this may compile the kernels."""
    from plugin_core.dx7.voice import Voice
    from plugin_core.engine.library import JIT, origin
    from plugin_core.performance import kernels_cached, perform
    from plugin_core.sounds import FmSound
    from plugin_core.types import Note, Part

    cached = kernels_cached()
    part = Part("note", notes=(Note(0.0, 0.1, 69, 100),))
    sound = FmSound("initial", "initial", Voice.initial())
    audio = perform(sound, part, sample_rate=_RATE, samples=_RATE // 10)
    if not (np.isfinite(audio).all() and np.abs(audio).max() > 0):
        raise RuntimeError("a note of the initial voice is silent or not finite")
    if origin() != JIT:
        return f"a note, by {origin()}"
    return "a note, by Numba: " + ("compiled before" if cached else "compiled just now")


def _dawdreamer() -> str:
    from bridge.mixing import MixingDesk

    audio = np.full((1, 64), 0.5, np.float32)
    _, total = MixingDesk(2, _RATE).mix([audio, audio], [np.ones((2, 64), np.float32)] * 2)
    if not np.array_equal(total, np.ones((2, 64))):
        raise RuntimeError("the graph does not add up")
    return "two tracks to their sum"


def _pedalboard() -> str:
    import pedalboard

    out = pedalboard.Gain(gain_db=20).process(np.full((2, 64), 0.05, np.float32), _RATE)
    if not np.allclose(out, 0.5, atol=1e-4):
        raise RuntimeError("a gain of 20 dB is none")
    return "a gain of 20 dB"


def _hearing() -> str:
    """Track a note of six harmonics: without the cache this compiles kernels."""
    from plugin_core.analysis.pitch import track_pitch

    times_s = np.arange(_RATE // 2) / _RATE
    note = sum(np.sin(2 * np.pi * 440 * k * times_s) / (8 * k) for k in range(1, 7))
    track = track_pitch(np.asarray(note, np.float32), _RATE)
    found = float(np.median(track.f0_hz))
    if abs(found - 440) > 1:
        raise RuntimeError(f"a note of 440 Hz is heard as {found:.1f} Hz")
    return "a note of 440 Hz"


def _presets() -> Iterator[Finding]:
    """Read every bundled bank."""
    from plugin_core.dx7.sysex import read_voices
    from plugin_core.sounds import presets_folder

    banks = sorted((presets_folder() / "dx7").glob("*.syx"))
    if not banks:
        yield Finding("presets", False, f"no banks in {presets_folder() / 'dx7'}", essential=False)
    for bank in banks:
        yield _checked(f"presets {bank.name}", lambda bank=bank: _voices(read_voices(bank).voices))  # type: ignore[misc]


def _voices(voices: tuple[object, ...]) -> str:
    return f"{len(voices)} voices"


def _models() -> Finding:
    from plugin_core.sounds import presets_folder

    models = sorted((presets_folder() / "instruments").glob("*.ts"))
    found = ", ".join(model.stem for model in models) or "none bundled"
    return Finding("neural instruments", bool(models), found, essential=False)


def _instruments() -> str:
    """Play a note of a bundled instrument by the models that see the phrase."""
    return _note_of("violin", "phrase")


def _live_instruments() -> str:
    """Play the same by the live model, which needs no torch."""
    return _note_of("violin", "live")


def _ddx7_instruments() -> str:
    """Play one on the operators of a DX7 voice."""
    return _note_of("ddx7-violin", "live")


def _note_of(reference: str, model: "Model") -> str:
    from plugin_core.performance import perform
    from plugin_core.sounds import load_sound
    from plugin_core.types import Note, Part

    part = Part("note", notes=(Note(0.0, 0.3, 69, 80),))
    sound = load_sound(reference, model=model)
    audio = perform(sound, part, sample_rate=_RATE, samples=_RATE // 2)
    if not (np.isfinite(audio).all() and np.abs(audio).max() > 0):
        raise RuntimeError(f"a note of the {reference} is silent or not finite")
    return f"a note of the {reference}"


def _plugin() -> Finding:
    path = Path(__file__).resolve().parents[2] / _PLUGIN
    found = str(path) if path.exists() else "not built"
    return Finding("VST3 plug-in", path.exists(), found, essential=False)


def _print_table(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        state = "[green]ok[/]" if finding.ok else "[red]missing[/]" if finding.essential else "-"
        table.add_row(state, finding.name, finding.found)
    Console(highlight=False, width=None if sys.stdout.isatty() else 100).print(table)
