"""The state of the kernel sources as a name: nothing compiled outlives what it was made of."""

import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_KERNEL_FOLDERS = ("audio", "dx7", "engine")


def kernel_digest() -> str:
    """Return 16 hexadecimal digits that change with any source a kernel may come from."""
    digest = hashlib.sha256()
    for folder in _KERNEL_FOLDERS:
        for path in sorted((_PACKAGE / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
