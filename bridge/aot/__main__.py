"""Compile the engine ahead of time: `python -m bridge.aot --out FOLDER`.

Writes an object file per processor, `hexachord_engine.h`, `hexachord_engine.c` and
`hexachord_parameters.h`, which CMakeLists.txt links. Does nothing if all of that is there already,
made from the same sources.
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from plugin_core.audio.sources import kernel_digest

TARGETS = {
    "x86_64": {"x86_64_v2": "x86-64-v2", "x86_64_v3": "x86-64-v3"},
    "aarch64": {"arm64": "generic"},
    "arm64": {"arm64": "generic"},
}
"""Machine -> suffix of the code -> LLVM's name of the processor."""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bridge.aot", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of objects and sources")
    arguments = parser.parse_args()
    targets = TARGETS.get(platform.machine())
    if targets is None:
        print(f"expected one of {', '.join(TARGETS)}, found {platform.machine()}", file=sys.stderr)
        return 2
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    stamp = out / "digest"
    state = f"{kernel_digest()} {_own_digest()}"
    if stamp.is_file() and stamp.read_text() == state:
        return 0
    stamp.unlink(missing_ok=True)
    _compile(out, targets)
    stamp.write_text(state)
    return 0


def _own_digest() -> int:
    return sum(path.stat().st_mtime_ns for path in Path(__file__).parent.glob("*.py"))


def _compile(out: Path, targets: dict[str, str]) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bridge.aot.objects", str(out / f"{suffix}.o"), suffix],
            env={**os.environ, "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": ""},
        )
        for suffix, cpu in targets.items()
    ]
    statuses = [process.wait() for process in processes]
    if any(statuses):
        raise SystemExit("bridge.aot: a compilation failed")
    # Imported here, where the time it takes is needed anyway.
    from bridge.aot.parameter_table import parameter_header
    from bridge.aot.sources import dispatcher, header

    (out / "hexachord_engine.h").write_text(header())
    (out / "hexachord_parameters.h").write_text(parameter_header())
    (out / "hexachord_engine.c").write_text(dispatcher(list(targets)))


if __name__ == "__main__":
    sys.exit(main())
