"""One DX7 voice as an immutable value: 155 bytes in range, read and edited by field name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.fields import (
    FIELD_INDEX,
    FIELDS,
    NAME_OFFSET,
    NAME_SIZE,
    STORED_FIELDS,
    VCED_SIZE,
)


@dataclass(frozen=True, slots=True)
class Clamped:
    """A stored value that was out of its field's range, and what it was brought to."""

    field_id: str
    found: int
    used: int


@dataclass(frozen=True, slots=True)
class Voice:
    """A DX7 voice.

    `data` is the unpacked voice (VCED): 145 parameters, each within its range, and ten bytes of
    name, kept as they are (7 bits).
    """

    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) != VCED_SIZE:
            raise ValueError(f"a voice has {VCED_SIZE} bytes, found {len(self.data)}")
        for field, stored in zip(STORED_FIELDS, self.data, strict=False):
            if stored > field.maximum:
                raise ValueError(f"{field.id} is 0..{field.maximum}, found {stored}")

    @classmethod
    def initial(cls, name: str = "INIT VOICE") -> "Voice":
        """Return the instrument's initial voice: a sine on operator 1."""
        parameters = bytes(field.default for field in STORED_FIELDS)
        return cls(parameters + _name_bytes(name))

    @classmethod
    def clamped(cls, data: bytes) -> tuple["Voice", tuple[Clamped, ...]]:
        """Return the voice in 155 bytes of any content and what had to be brought into range."""
        if len(data) != VCED_SIZE:
            raise ValueError(f"a voice has {VCED_SIZE} bytes, found {len(data)}")
        fixed = bytearray(data)
        report = []
        for index, field in enumerate(STORED_FIELDS):
            if fixed[index] > field.maximum:
                report.append(Clamped(field.id, fixed[index], field.maximum))
                fixed[index] = field.maximum
        for index in range(NAME_OFFSET, VCED_SIZE):
            fixed[index] &= 0x7F
        return cls(bytes(fixed)), tuple(report)

    @property
    def name_bytes(self) -> bytes:
        """The ten bytes of the name as stored."""
        return self.data[NAME_OFFSET:]

    @property
    def name(self) -> str:
        """The name for people: printable ASCII, other bytes as spaces, outer spaces removed."""
        return "".join(chr(b) if 32 <= b < 127 else " " for b in self.name_bytes).strip()

    def stored(self, field_id: str) -> int:
        """Return a field as the dump stores it (algorithm from 0, detune 0..14)."""
        return self.data[_stored_index(field_id)]

    def shown(self, field_id: str) -> int:
        """Return a field as people see it (algorithm from 1, detune -7..7)."""
        return self.stored(field_id) + FIELDS[_stored_index(field_id)].shown_from

    def edited(self, *, name: str | None = None, **shown: int) -> "Voice":
        """Return a copy with fields set to the values that people see, and a new name if given.

        Raises KeyError for an unknown field and ValueError for a value out of range.
        """
        data = bytearray(self.data)
        for field_id, value in shown.items():
            index = _stored_index(field_id)
            field = FIELDS[index]
            if not field.low <= value <= field.high:
                raise ValueError(f"{field_id} is {field.low}..{field.high}, found {value}")
            data[index] = value - field.shown_from
        if name is not None:
            data[NAME_OFFSET:] = _name_bytes(name)
        return Voice(bytes(data))

    def patch(self) -> NDArray[np.float32]:
        """Return the stored values in `FIELDS` order, all operators on, shape (len(FIELDS),)."""
        switches = [field.default for field in FIELDS[len(STORED_FIELDS) :]]
        return np.array([*self.data[:NAME_OFFSET], *switches], dtype=np.float32)


def _name_bytes(name: str) -> bytes:
    return name.encode("ascii", "replace")[:NAME_SIZE].ljust(NAME_SIZE)


def _stored_index(field_id: str) -> int:
    index = FIELD_INDEX[field_id]
    if index >= len(STORED_FIELDS):
        raise KeyError(f"{field_id} is a switch of the instrument, no dump stores it")
    return index
