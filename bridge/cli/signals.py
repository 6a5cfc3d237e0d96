"""How a command ends when it is told to: SIGTERM and Ctrl-C as exceptions that cannot get lost.

Python drops an exception that is raised inside a finalizer (`__del__`) or in a function that C
calls back, and compiling kernels runs many of both. A signal that comes in a finalizer or in the
compiler (llvmlite) is remembered and comes again once that is over.
"""

import contextlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

TERMINATED = 143

_AGAIN_S = 0.02
_COMPILER = "llvmlite"


def listen() -> None:
    """Let SIGTERM raise SystemExit(143) and Ctrl-C KeyboardInterrupt, wherever they come.

    A Ctrl-C that this process ignores stays ignored; outside the main thread nothing changes.
    """
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, _terminate)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt)


def _terminate(_signal: int, frame: FrameType | None) -> None:
    if not _postponed(_terminate, frame):
        sys.exit(TERMINATED)


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    if not _postponed(_interrupt, frame):
        raise KeyboardInterrupt


def _postponed(handler: Callable[[int, FrameType | None], None], frame: FrameType | None) -> bool:
    """Tell whether an exception here would be lost; if so, call the handler again soon."""
    while frame is not None and not _loses(frame):
        frame = frame.f_back
    if frame is None or not hasattr(signal, "setitimer"):
        return False
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
    return True


def _loses(frame: FrameType) -> bool:
    """Tell whether an exception may not come out of this frame."""
    return frame.f_code.co_name == "__del__" or _COMPILER in Path(frame.f_code.co_filename).parts
