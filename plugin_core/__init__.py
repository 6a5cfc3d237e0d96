"""Everything that makes or understands sound; knows no host.

from plugin_core import Session, analyze, perform, render, revise, sound_of, synthesize

render(Session.load("song.toml"), "stems")
performance = analyze(audio, sample_rate)
again = synthesize(performance.frames, 48000)
take = perform(notes, "violin")
audio = sound_of(revise(take, edited_notes).take, 48000)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugin_core.hearing import analyze, synthesize
    from plugin_core.host import render
    from plugin_core.performing.takes import perform, revise, sound_of
    from plugin_core.session import Session
    from plugin_core.sounds import load_sound

__all__ = [
    "Session",
    "analyze",
    "load_sound",
    "perform",
    "render",
    "revise",
    "sound_of",
    "synthesize",
]

_HOMES = {
    "Session": "session",
    "analyze": "hearing",
    "load_sound": "sounds",
    "perform": "performing.takes",
    "render": "host",
    "revise": "performing.takes",
    "sound_of": "performing.takes",
    "synthesize": "hearing",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: whoever needs only a part of the package pays for that part."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
