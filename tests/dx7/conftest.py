"""Files of DX7 voices, and voices of any content for property tests."""

from pathlib import Path

import pytest
from hypothesis import strategies as st

from plugin_core.dx7.fields import STORED_FIELDS
from plugin_core.dx7.voice import Voice


def _voice(data: bytes) -> Voice:
    parameters = bytes(
        byte % (field.maximum + 1) for byte, field in zip(data, STORED_FIELDS, strict=False)
    )
    return Voice(parameters + bytes(byte & 0x7F for byte in data[len(STORED_FIELDS) :]))


st.register_type_strategy(Voice, st.binary(min_size=155, max_size=155).map(_voice))


@pytest.fixture(scope="session")
def dx7_reference(shared: Path) -> Path:
    folder = shared / "reference" / "dx7"
    if not folder.is_dir():
        pytest.skip(f"no reference voices: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def bank() -> tuple[Voice, ...]:
    """32 voices that differ in name, algorithm and frequency."""
    return tuple(
        Voice.initial(f"VOICE {number}").edited(algorithm=number, op1_coarse=number - 1)
        for number in range(1, 33)
    )
