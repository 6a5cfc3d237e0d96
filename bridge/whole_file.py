"""A file that a user named appears whole or not at all, and so does what it is made of."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from plugin_core.types import InputError


def require_place(path: Path) -> None:
    """Raise InputError if `path` cannot be a file: it is a folder, or its folder does not exist."""
    if path.is_dir():
        raise InputError(path, "", "a file to write", "a folder")
    if not path.parent.is_dir():
        raise InputError(path, "", "an existing folder to write into", path.parent)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open an unfinished file beside `path`, which it becomes at the end if nothing is raised.

    Raises InputError, naming `path`, for a place that cannot be and for every OSError inside.
    """
    require_place(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(path, "", "a file that can be written", found) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def work_folder(path: Path) -> Iterator[Path]:
    """Make a hidden folder beside `path` for what that is made of; it is gone at the end.

    Raises InputError, naming `path`, for a place that cannot be.
    """
    require_place(path)
    try:
        folder = tempfile.TemporaryDirectory(prefix=".hexachord-", dir=path.parent)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(path, "", "a file that can be written", found) from error
    with folder as name:
        yield Path(name)
