"""The folder that a render delivers to: nothing stands in it before all of it is done.

Files are made in a hidden folder inside the target and renamed into place at the end; what fails
or is interrupted leaves what was there before. What an earlier render put there and this one does
not is removed: only files that its `render.json` lists and that still lie where it put them.
"""

import contextlib
import json
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from plugin_core.types import InputError

STEMS = "stems"
RECORD = "render.json"
_LONGEST_NAME = 48
_LARGEST_RECORD = 16 * 2**20


def stem_file(number: int, name: str, player: int = 1) -> str:
    """Return the path of a stem inside the target folder, for any name a track may have.

    That of the track's second `player` ends in -2, and so on.
    """
    plain = unicodedata.normalize("NFC", name)
    words = "".join(char if char.isalnum() or char in "_+" else " " for char in plain).split()
    safe = "-".join(words)[:_LONGEST_NAME].rstrip("-") or "track"
    which = f"-{player}" if player > 1 else ""
    return f"{STEMS}/{number:02d}-{safe}{which}.wav"


class Delivery:
    """An open delivery: `file` names a file to be made, the last act puts all of them in place."""

    def __init__(self, target: Path, work: Path) -> None:
        self.target = target
        self.work = work
        self._ready = work / "ready"
        self._names: list[str] = []

    def file(self, name: str) -> Path:
        """Return where to make the file that will be `name`, a relative path with slashes."""
        path = self._ready / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._names.append(name)
        return path

    def finish(self, earlier: Sequence[str] = ()) -> None:
        """Put every file in its place, and remove those of the earlier render that are stale.

        So are those `earlier` files in the target that nothing takes the place of.
        """
        recorded = recorded_files(self.target) if RECORD in self._names else ()
        stale = [name for name in (*recorded, *earlier) if name not in self._names]
        for name in self._names:
            place = self.target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (self._ready / name).replace(place)
        for name in stale:
            with contextlib.suppress(OSError):
                (self.target / name).unlink()


@contextlib.contextmanager
def delivery(target: Path) -> Iterator[Delivery]:
    """Open a delivery to the folder `target`, which is made if need be, and close it at the end.

    It does not finish by itself. Raises InputError, naming the folder, for every OSError inside:
    a full disk, missing rights.
    """
    work = target / f".rendering-{secrets.token_hex(4)}"
    try:
        made = [folder for folder in (*reversed(target.parents), target) if not folder.exists()]
        # From the first folder on, a signal may come at any moment and must leave none of them.
        try:
            for folder in (*made, work):
                folder.mkdir()
            yield Delivery(target, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            for folder in reversed(made):
                with contextlib.suppress(OSError):
                    folder.rmdir()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(target, "", "a folder that can be written to", reason) from error


def recorded_files(target: Path) -> Sequence[str]:
    """Return the stems that the `render.json` in `target` lists, as far as they lie in `stems`."""
    path = target / RECORD
    try:
        if path.stat().st_size > _LARGEST_RECORD:
            return ()
        record = json.loads(path.read_text("utf-8"))
        names = [track["file"] for track in record["tracks"] if track["file"] is not None]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ()
    return [name for name in names if isinstance(name, str) and _is_stem(target, name)]


def _is_stem(target: Path, name: str) -> bool:
    path = PurePosixPath(name)
    place = target / name
    return (
        path.parts[:1] == (STEMS,)
        and len(path.parts) == 2
        and path.suffix == ".wav"
        and place.is_file()
        and not place.is_symlink()
    )
