"""Object code of the entry points for one processor.

Run as a program, in a process of its own whose environment names the processor (NUMBA_CPU_NAME),
so that Numba's optimiser and LLVM's code generator agree on it:

    python -m bridge.aot.objects OUT.o SUFFIX
"""

import os
import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba

from bridge.aot.entry_points import ENTRY_POINTS, EntryPoint


def symbol(entry: EntryPoint, suffix: str) -> str:
    """Return the name of an entry point's code for one processor."""
    return f"hexachord_{entry.name}_{suffix}"


def object_code(suffix: str) -> bytes:
    """Return the object code of all entry points; everything else in it is private."""
    module = None
    for entry in ENTRY_POINTS:
        compiled = _module(entry, symbol(entry, suffix))
        if module is None:
            module = compiled
        else:
            module.link_in(compiled)
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=os.environ["NUMBA_CPU_NAME"],
        features=os.environ.get("NUMBA_CPU_FEATURES", ""),
        opt=3,
        reloc="pic",
    )
    code: bytes = machine.emit_object(module)
    return code


def _module(entry: EntryPoint, name: str) -> llvm.ModuleRef:
    # Numba's annotations do not know these two options.
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher: Any = numba.njit(entry.signature, error_model="numpy", **options)(entry.function)
    overload = dispatcher.overloads[entry.signature.args]
    module = llvm.parse_assembly(overload.library.get_llvm_str())
    module.verify()
    for function in module.functions:
        if function.is_declaration:
            continue
        if function.name == overload.fndesc.llvm_func_name:
            function.name = name
        else:
            function.linkage = llvm.Linkage.internal
    return module


def main() -> None:
    """Write one object file."""
    out, suffix = Path(sys.argv[1]), sys.argv[2]
    out.write_bytes(object_code(suffix))


if __name__ == "__main__":
    main()
