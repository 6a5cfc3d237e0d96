"""The `hexachord` command.

A command's module is imported when the command is called, so that each starts as fast as what it
needs. Exit status: 0 done, 1 failed, 2 wrong usage or input (one line on standard error), 130
interrupted, 143 terminated.
"""

import contextlib
import difflib
import functools
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bridge.cli.signals import listen


class Command(NamedTuple):
    """Where a command is, as `module:function`, and what it does in one line."""

    target: str
    summary: str


COMMANDS = {
    "render": Command("bridge.cli.render:render", "Render a session or a MIDI file to stems."),
    "voices": Command("bridge.cli.voices:voices", "List, show and export the voices of a .syx."),
    "note": Command("bridge.cli.note:note", "Play one note, dry, to a WAV file."),
    "analyze": Command(
        "bridge.cli.analyze:analyze", "Hear the notes in a recording, and how they are played."
    ),
    "resynthesize": Command(
        "bridge.cli.resynthesize:resynthesize",
        "Sound a recording again, edited, or as a DX7 voice.",
    ),
    "flatten": Command("bridge.cli.flatten:flatten", "Make a DX7 voice (.syx) of a DDX7 model."),
    "perform": Command(
        "bridge.cli.perform:perform", "Play notes on an instrument, editable at every level."
    ),
    "compose": Command(
        "bridge.cli.compose:compose", "Compose an expressive solo piece or a chorale."
    ),
    "doctor": Command("bridge.cli.doctor:doctor", "Tell what is installed and works."),
    "train": Command("bridge.cli.train:train", "Train a model from a corpus of recordings."),
    "evaluate": Command("bridge.cli.evaluate:evaluate", "Measure against references."),
    "bench": Command("bridge.cli.bench:bench", "Measure how fast the engine is."),
}

_TITLE = "Hexachord: an expressive instrument for a DAW and for scripts."
_WRONG, _INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments`, by default those of this process; return the status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _replace_what_cannot_be_shown()
    if not words or words[0] in ("--help", "-h", "help"):
        _print_quietly(_help())
        return 0 if words else _WRONG
    if words[0] in ("--version", "-V"):
        from bridge.versions import hexachord_version

        _print_quietly(f"hexachord {hexachord_version()}")
        return 0
    command = COMMANDS.get(words[0])
    if command is None:
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        expected = f"nearest: {near[0]}" if near else ", ".join(COMMANDS)
        print(f"hexachord: expected a command ({expected}), found {words[0]!r}", file=sys.stderr)
        return _WRONG
    try:
        return _run(words[0], command, words[1:])
    except KeyboardInterrupt:  # while the command was still being imported
        return _interrupted()


def _replace_what_cannot_be_shown() -> None:
    """Let a terminal or file that has no Unicode show ? for a character, not fail at it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _help() -> str:
    wide = max(map(len, COMMANDS))
    commands = [f"  {name:{wide}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            _TITLE,
            "",
            "Usage: hexachord COMMAND [OPTIONS]",
            "",
            "Commands:",
            *commands,
            "",
            "hexachord COMMAND --help tells more; hexachord --version tells the version.",
        ]
    )


def _print_quietly(text: str) -> None:
    """Print to a reader that may have gone away."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _drop_output()


def _run(name: str, command: Command, words: Sequence[str]) -> int:
    """Run one command; return its status."""
    import typer

    module, _, function = command.target.partition(":")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name)(_guarded(getattr(importlib.import_module(module), function)))
    # Click's UsageError, which typer brings under a name of its own.
    usage_error: Any = typer.BadParameter.__mro__[1]
    try:
        status = app(list(words), prog_name=f"hexachord {name}", standalone_mode=False)
    except usage_error as error:
        told = " ".join(error.format_message().split())
        print(f"hexachord: {told} (hexachord {name} --help tells more)", file=sys.stderr)
        return _WRONG
    except typer.Abort:
        return _interrupted()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return status if isinstance(status, int) else 0


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with its ends told as this module says."""
    from plugin_core.types import InputError

    @functools.wraps(function)
    def guarded(*arguments: Any, **options: Any) -> None:
        listen()
        try:
            function(*arguments, **options)
            sys.stdout.flush()
        except InputError as error:
            print(f"hexachord: {error}", file=sys.stderr)
            sys.exit(_WRONG)
        except KeyboardInterrupt:
            sys.exit(_interrupted())
        except SystemError as error:
            # What comes of Ctrl-C inside a kernel that Numba calls.
            if not isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
                raise
            sys.exit(_interrupted())
        except BrokenPipeError:
            _drop_output()
            sys.exit(1)

    return guarded


def _interrupted() -> int:
    print("hexachord: interrupted", file=sys.stderr)
    return _INTERRUPTED


def _drop_output() -> None:
    """Let what Python still flushes at its end go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
