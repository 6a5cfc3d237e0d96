"""The one parameter table and the DX7 field table, as a C header for the plug-in."""

from collections.abc import Iterable

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import (
    FIELDS,
    NAME_OFFSET,
    NAME_SIZE,
    STORED_FIELDS,
    VCED_SIZE,
    VMEM_NAME_OFFSET,
    VMEM_SIZE,
)
from plugin_core.engine.parameters import (
    CONTROLLER_PARAMETERS,
    PARAMETER_INDEX,
    PARAMETERS,
    VOICE_BASE,
    Parameter,
)


def parameter_header() -> str:
    """Return `hexachord_parameters.h`: constexpr tables in C++17."""
    parameters = "\n".join(f"    {_parameter(parameter)}," for parameter in PARAMETERS)
    labels = "\n".join(
        _labels(index, parameter) for index, parameter in enumerate(PARAMETERS) if parameter.labels
    )
    fields = "\n".join(
        f"    {{{field.maximum}, {field.default}, {field.shown_from}, "
        + ", ".join(str(place) for place in field.packed or (-1, 0, 0))
        + "},"
        for field in FIELDS
    )
    controllers = "\n".join(
        f"    {{{number}, {PARAMETER_INDEX[parameter_id]}}},"
        for number, parameter_id in CONTROLLER_PARAMETERS.items()
    )
    algorithms = "\n".join(
        f"    {{{_mask(algorithm.carriers)}, "
        f"{{{', '.join(_mask(algorithm.modulators_of(op)) for op in range(1, 7))}}}, "
        f"{algorithm.feedback[0]}, {algorithm.feedback[1]}}},"
        for algorithm in ALGORITHMS
    )
    indices = "\n".join(
        f"inline constexpr int {_constant(parameter.id)} = {index};"
        for index, parameter in enumerate(PARAMETERS[:VOICE_BASE])
    )
    return f"""// Made by bridge.aot from plugin_core.engine.parameters and plugin_core.dx7.
#pragma once

#include <cstdint>

namespace hexachord {{

struct ParameterInfo {{
    const char* id;
    const char* name;
    const char* unit;
    const char* group;
    float low, high, defaultValue, step;
    const char* const* labels;
    int labelCount;
}};

// A DX7 field: its largest stored value, its default, what is added for people, its place in the
// packed voice (byte, shift, bits; byte -1: no dump stores it).
struct FieldInfo {{
    int maximum, defaultValue, shownFrom, byte, shift, bits;
}};

struct ControllerInfo {{
    int number, parameter;
}};

// Bit masks have operator 1 lowest; feedback runs from one operator to another, numbered from 1.
struct AlgorithmInfo {{
    int carriers;
    int modulators[6];
    int feedbackFrom, feedbackTo;
}};

namespace labels {{
{labels}
}}

inline constexpr ParameterInfo parameterTable[] = {{
{parameters}
}};
inline constexpr int parameterCount = {len(PARAMETERS)};
inline constexpr int firstVoiceParameter = {VOICE_BASE};

inline constexpr FieldInfo fieldTable[] = {{
{fields}
}};
inline constexpr int fieldCount = {len(FIELDS)};
inline constexpr int storedFieldCount = {len(STORED_FIELDS)};
inline constexpr int vcedSize = {VCED_SIZE};
inline constexpr int vmemSize = {VMEM_SIZE};
inline constexpr int nameSize = {NAME_SIZE};
inline constexpr int vcedNameOffset = {NAME_OFFSET};
inline constexpr int vmemNameOffset = {VMEM_NAME_OFFSET};

inline constexpr ControllerInfo controllerTable[] = {{
{controllers}
}};

inline constexpr AlgorithmInfo algorithmTable[] = {{
{algorithms}
}};

namespace parameter {{
{indices}
}}

}}  // namespace hexachord
"""


def _parameter(parameter: Parameter) -> str:
    texts = (parameter.id, parameter.name, parameter.unit, parameter.group)
    numbers = (parameter.low, parameter.high, parameter.default, parameter.step)
    labels = f"labels::of{PARAMETER_INDEX[parameter.id]}" if parameter.labels else "nullptr"
    cells = [
        *(f'"{text}"' for text in texts),
        *(f"{float(number)!r}f" for number in numbers),
        labels,
        str(len(parameter.labels)),
    ]
    return "{" + ", ".join(cells) + "}"


def _labels(index: int, parameter: Parameter) -> str:
    texts = ", ".join(f'"{label}"' for label in parameter.labels)
    return f"inline constexpr const char* of{index}[] = {{{texts}}};"


def _mask(operators: Iterable[int]) -> str:
    return str(sum(1 << (operator - 1) for operator in operators))


def _constant(parameter_id: str) -> str:
    first, *rest = parameter_id.split("_")
    return first + "".join(word.capitalize() for word in rest)
