"""Files that a user names, read whole: never more of them than a file of their kind may hold."""

from pathlib import Path

from plugin_core.types import InputError


def read_user_file(path: Path, largest: int, kind: str) -> bytes:
    """Return the bytes of the file, of one that is too large the first `largest` + 1.

    Raises InputError, naming the file and what `kind` of file was expected.
    """
    try:
        with path.open("rb") as file:
            return file.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(path, "", f"{kind} that can be read", reason) from error


def text_of(data: bytes, largest: int, *, source: str) -> str:
    """Return the UTF-8 text of a user's file, without a byte order mark.

    Raises InputError, naming `source`, for more than `largest` bytes and for the line that is not
    UTF-8.
    """
    if len(data) > largest:
        raise InputError(source, "", f"at most {largest} bytes", "more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(source, f"line {line}", "UTF-8 text", "other bytes") from error
