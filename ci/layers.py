"""The direction of the imports, and the shape of the files: DESIGN.md, section 4, as one table.

Run it to check this repository: one line per violation, exit status 1 if there is any. It reads the
code without running it, so an import inside a function counts as well.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LEAVES = ("types", "audio", "analysis", "dx7", "score")
MODELS = ("archives", "live model", "sounds", "expression", "synthesis")

MAY_USE = {
    "types": (),
    "audio": ("types", "dx7"),
    "analysis": ("types", "audio"),
    "dx7": ("types",),
    "score": ("types",),
    "sounds": ("types", "dx7", "archives", "synthesis"),
    "archives": ("types",),
    "live model": ("types", "audio", "dx7"),
    "expression": (*LEAVES, "archives"),
    "synthesis": (*LEAVES, "expression", "archives", "live model"),
    "engine": ("types", "audio", "dx7", "archives", "sounds", "live model"),
    "front": (*LEAVES, *MODELS, "engine"),
    "composing": (*LEAVES, "archives"),
    "training": (*LEAVES, *MODELS, "engine", "front", "composing"),
    "bridge": (*LEAVES, *MODELS, "engine", "front", "composing"),
    "trainers": (*LEAVES, *MODELS, "engine", "front", "composing", "training", "bridge"),
}
"""Each layer's layers below. `front` is every other module at the top of `plugin_core`."""

ARCHIVES = ("plugin_core.synthesis.archive", "plugin_core.synthesis.instruments")
"""What the models of expression and of synthesis share: their file and their instruments."""

LIVE_MODEL = (
    *(f"plugin_core.engine.live_{part}" for part in ("layout", "features", "phrases", "network")),
    *(f"plugin_core.engine.ddx7_{part}" for part in ("layout", "network")),
)
"""What a live model, or a DDX7 model, is: its layers, what its networks see, how they run."""

TRAINERS = ("bridge.cli.train", "bridge.cli.evaluate")
"""The commands that train and measure models: all of `bridge` that may use `training`."""

ONLY_IN = {
    "dawdreamer": ("bridge",),
    "pedalboard": ("bridge",),
    "torch": ("training", "synthesis", "expression", "composing", "audio.differentiable"),
}
"""Packages of others that only these layers, or these parts of one, import while they load."""

VAGUE_NAMES = ("utils", "helpers", "common", "manager")
LONGEST_FILE = 300


def layer(module: str) -> str | None:
    """Return the layer of a dotted module name, None if it is not ours."""
    top, _, rest = module.partition(".")
    if module.startswith(TRAINERS):
        return "trainers"
    if module.startswith(ARCHIVES):
        return "archives"
    if module.startswith(LIVE_MODEL):
        return "live model"
    if top == "bridge":
        return "bridge"
    if top != "plugin_core":
        return None
    package = rest.partition(".")[0]
    return package if package in MAY_USE else "front"


def imports(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[tuple[str, int, bool]]:
    """Yield (dotted name, line, whether it is imported while the module loads)."""
    inside_functions = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        loads = id(node) not in inside_functions
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno, loads
        elif isinstance(node, ast.ImportFrom):
            here = module.split(".") + ([""] if is_package else [])
            above = ".".join(here[: -node.level]) if node.level else ""
            source = ".".join(part for part in (above, node.module) if part)
            for name in node.names:
                # `from plugin_core import engine` names a layer, `from numpy import pi` does not.
                yield f"{source}.{name.name}", node.lineno, loads


def wrong_imports(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Yield "line: what is wrong" for the imports of one module that go against the table."""
    mine = layer(module)
    if mine is None:
        return
    for name, line, loads in imports(ast.parse(source), module, is_package=is_package):
        theirs = layer(name)
        if theirs not in (None, mine, *MAY_USE[mine]):
            yield f"{line}: {mine} must not import {theirs} ({name})"
        keepers = ONLY_IN.get(name.partition(".")[0], ())
        inside = f"{module.removeprefix('plugin_core.')}."
        kept = inside.startswith(tuple(f"{keeper}." for keeper in keepers))
        if keepers and not kept and (loads or "bridge" in keepers):
            yield f"{line}: {mine} must not import {name}, only {', '.join(keepers)}"


def violations(root: Path) -> Iterator[str]:
    """Yield one line for everything under `root` that breaks a rule of this file."""
    for path in sorted(
        path for top in ("plugin_core", "bridge") for path in root.glob(f"{top}/**/*.py")
    ):
        where = path.relative_to(root)
        source = path.read_text()
        is_package = path.name == "__init__.py"
        module = ".".join((where.parent if is_package else where.with_suffix("")).parts)
        yield from (
            f"{where}:{wrong}" for wrong in wrong_imports(source, module, is_package=is_package)
        )
        length = len(source.splitlines())
        if length > LONGEST_FILE:
            yield f"{where}:{length}: longer than {LONGEST_FILE} lines: two concepts?"
        if any(vague in where.with_suffix("").parts for vague in VAGUE_NAMES):
            yield f"{where}:1: a name that hides a concept that has a better one"


if __name__ == "__main__":
    found = list(violations(Path(__file__).resolve().parents[1]))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
