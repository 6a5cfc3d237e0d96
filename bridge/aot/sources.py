"""The C side of the compiled engine: a header with its records, and the choice of a processor.

A compiled entry point has the shape `int f(void** ret, void** exc, arguments...)`; C sees plain
functions that call the code for the best of the processors it was made for.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from bridge.aot.entry_points import ENTRY_POINTS, RECORDS, EntryPoint
from plugin_core.audio.sources import kernel_digest
from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.live_faults import LIVE_FAULTS
from plugin_core.engine.live_records import (
    LAYERS,
    LIVE_VOICES,
    MODEL_SLOTS,
    MOST_LAYERS,
    PLAYERS,
    WEIGHTS_CAPACITY,
    ModelKind,
)
from plugin_core.engine.records import CHANNELS, PATCH_SIZE, SEGMENTS, VOICES, EventType, Kind

_C_TYPES = {
    "float32": "float",
    "float64": "double",
    "int32": "int32_t",
    "int64": "int64_t",
    "uint32": "uint32_t",
    "uint64": "uint64_t",
}

CONDITIONS = {
    "x86_64_v3": '__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")',
    "x86_64_v2": "1",
    "arm64": "1",
}
"""Suffix of the code -> C condition under which a processor can run it, the best code first."""


def abi_version() -> str:
    """Return 16 hexadecimal digits that change with the layout of any record or argument."""
    layout = repr([(name, dtype.descr, dtype.itemsize) for name, dtype in RECORDS.items()])
    arguments = repr([(entry.name, entry.arguments) for entry in ENTRY_POINTS])
    return hashlib.sha256((layout + arguments).encode()).hexdigest()[:16]


def header() -> str:
    """Return `hexachord_engine.h`."""
    records = "\n\n".join(_struct(name, dtype) for name, dtype in RECORDS.items())
    events = "\n".join(f"    HEXACHORD_{kind.name} = {kind.value}," for kind in EventType)
    kinds = "\n".join(f"    HEXACHORD_{kind.name} = {kind.value}," for kind in Kind)
    models = "\n".join(f"    HEXACHORD_MODEL_{kind.name} = {kind.value}," for kind in ModelKind)
    faults = "\n".join(f'        "{fault}",' for fault in LIVE_FAULTS)
    functions = "\n".join(f"{_prototype(entry)};" for entry in ENTRY_POINTS)
    return f"""/* Made by bridge.aot from the record dtypes of plugin_core.engine.records. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HEXACHORD_ASSERT(claim) static_assert(claim, #claim)
extern "C" {{
#else
#define HEXACHORD_ASSERT(claim) _Static_assert(claim, #claim)
#endif

#define HEXACHORD_ABI "{abi_version()}"
#define HEXACHORD_VOICES {VOICES}
#define HEXACHORD_SEGMENTS {SEGMENTS}
#define HEXACHORD_CHANNELS {CHANNELS}
#define HEXACHORD_PATCH_SIZE {PATCH_SIZE}
#define HEXACHORD_PLAYERS {PLAYERS}
#define HEXACHORD_LIVE_VOICES {LIVE_VOICES}
#define HEXACHORD_MODEL_SLOTS {MODEL_SLOTS}
#define HEXACHORD_WEIGHTS_CAPACITY {WEIGHTS_CAPACITY}
#define HEXACHORD_LAYERS {MOST_LAYERS}
#define HEXACHORD_LIVE_LAYERS {LAYERS}
#define HEXACHORD_DDX7_LAYERS {len(Ddx7Layer)}

{records}

enum {{
{events}
}};

/* What an instrument or a voice plays: its `kind`. */
enum {{
{kinds}
}};

/* Of which `kind` a model is. */
enum {{
{models}
}};

/* What a model's `fault` means, for people; empty: nothing. */
#define HEXACHORD_LIVE_FAULTS {len(LIVE_FAULTS)}
static inline const char* hexachord_live_fault(int32_t fault) {{
    static const char* const texts[HEXACHORD_LIVE_FAULTS] = {{
{faults}
    }};
    return fault < 0 || fault >= HEXACHORD_LIVE_FAULTS ? "" : texts[fault];
}}

/* Whether the sound for the notes to come, or any note, is of the model in a slot. */
static inline int hexachord_slot_in_use(const hexachord_instrument* instrument,
                                        const hexachord_voice* voices,
                                        int32_t slot) {{
    if (instrument->kind == HEXACHORD_NEURAL && instrument->model == slot)
        return 1;
    for (int i = 0; i < HEXACHORD_VOICES; ++i)
        if (voices[i].status != 0 && voices[i].kind == HEXACHORD_NEURAL && voices[i].model == slot)
            return 1;
    return 0;
}}

/* The state of the kernel sources, and the layout of the records, that the code was made from. */
const char* hexachord_digest(void);
const char* hexachord_abi(void);

{functions}

#ifdef __cplusplus
}}
#endif
"""


def dispatcher(suffixes: Sequence[str]) -> str:
    """Return `hexachord_engine.c`, which chooses among the codes of these processors."""
    ordered = [suffix for suffix in CONDITIONS if suffix in suffixes]
    parts = [_dispatch(entry, ordered) for entry in ENTRY_POINTS]
    return f"""/* Made by bridge.aot. */
#include "hexachord_engine.h"

const char* hexachord_digest(void) {{ return "{kernel_digest()}"; }}
const char* hexachord_abi(void) {{ return HEXACHORD_ABI; }}

/* Kernels hold no counted memory; the reference to its end is all that is left of it. */
void NRT_MemInfo_call_dtor(void* info) {{ (void) info; }}

{"".join(parts)}"""


def _struct(name: str, dtype: np.dtype[Any]) -> str:
    lines = []
    for field, (kind, _) in ((key, value[:2]) for key, value in (dtype.fields or {}).items()):
        sizes = "".join(f"[{size}]" for size in kind.shape)
        lines.append(f"    {_C_TYPES[kind.base.name]} {field}{sizes};")
    body = "\n".join(lines)
    checks = "\n".join(
        f"HEXACHORD_ASSERT(offsetof({_c_name(name)}, {field}) == {value[1]});"
        for field, value in (dtype.fields or {}).items()
    )
    size = f"HEXACHORD_ASSERT(sizeof({_c_name(name)}) == {dtype.itemsize});"
    return f"typedef struct {{\n{body}\n}} {_c_name(name)};\n{size}\n{checks}"


def _c_name(name: str) -> str:
    return f"hexachord_{name}"


def _c_type(c_type: str) -> str:
    words = c_type.removesuffix("*").split()
    named = [_c_name(word) if word in RECORDS else word for word in words]
    return " ".join(named) + ("*" if c_type.endswith("*") else "")


def _prototype(entry: EntryPoint) -> str:
    arguments = ", ".join(f"{_c_type(kind)} {name}" for kind, name in entry.arguments)
    return f"void hexachord_{entry.name}({arguments})"


def _dispatch(entry: EntryPoint, suffixes: Sequence[str]) -> str:
    types = ", ".join(["void**", "void**", *(_c_type(kind) for kind, _ in entry.arguments)])
    names = ", ".join(["&result", "&error", *(name for _, name in entry.arguments)])
    declarations = "\n".join(
        f"extern int hexachord_{entry.name}_{suffix}({types});" for suffix in suffixes
    )
    calls = "\n".join(
        f"    if ({CONDITIONS[suffix]}) {{\n"
        f"        (void) hexachord_{entry.name}_{suffix}({names});\n"
        f"        return;\n    }}"
        for suffix in suffixes
    )
    return f"""{declarations}

{_prototype(entry)} {{
    void* result = 0;
    void* error = 0;
{calls}
}}

"""
