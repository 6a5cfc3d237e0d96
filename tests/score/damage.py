"""Damaged files for fuzzing: valid ones with bytes changed, cut, doubled, and pure noise."""

import os

from hypothesis import strategies as st

CASES = 5000 if os.environ.get("HEXACHORD_FULL") == "1" else 300


@st.composite
def damaged(draw: st.DrawFn, *valid: bytes) -> bytes:
    """Return one of the valid files after up to six strokes of damage."""
    data = bytearray(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 16)))
        match draw(st.sampled_from(["change", "insert", "cut", "double", "move"])):
            case "change":
                data[start : start + 1] = draw(st.binary(min_size=1, max_size=1))
            case "insert":
                data[start:start] = draw(st.binary(min_size=1, max_size=12))
            case "cut":
                del data[start:end]
            case "double":
                data[end:end] = data[start:end] * draw(st.integers(1, 40))
            case "move":
                piece = data[start:end]
                del data[start:end]
                at = draw(st.integers(0, len(data)))
                data[at:at] = piece
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)
