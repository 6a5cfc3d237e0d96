"""One dump of DX7 voices: a message to unpacked voices and back, with its packing and checksum.

In go the bytes of a message, out come voices of 155 bytes (VCED) as they stand, in range or not.
Layout: Yamaha DX7 data format, as in the facts sheet of the reference renders (section 3); the
places of the parameters are those of `plugin_core.dx7.fields`.
"""

from dataclasses import dataclass

from plugin_core.dx7.fields import (
    NAME_SIZE,
    STORED_FIELDS,
    VCED_SIZE,
    VMEM_NAME_OFFSET,
    VMEM_SIZE,
)
from plugin_core.dx7.messages import (
    BANK_FORMAT,
    END,
    HEADER_SIZE,
    START,
    VOICE_FORMAT,
    YAMAHA,
    Chunk,
)

VOICES_PER_BANK = 32
BANK_SIZE = VOICES_PER_BANK * VMEM_SIZE

_DATA_SIZE = {VOICE_FORMAT: VCED_SIZE, BANK_FORMAT: BANK_SIZE}
_DUMP_NAME = {VOICE_FORMAT: "a voice dump", BANK_FORMAT: "a bank dump"}
_PACKED = [
    (field.packed[0], field.packed[1], (1 << field.packed[2]) - 1)
    for field in STORED_FIELDS
    if field.packed is not None
]
_MASK_7_BITS = bytes(byte & 0x7F for byte in range(256))
_HIGH_BYTES = bytes(range(0x80, 0x100))
_REAL_TIME = bytes(range(0xF8, 0x100))


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a dump, at byte `offset` of the file.

    `is_lost` says that the dump's bytes are not all there, so that none of its voices was read.
    """

    offset: int
    expected: str
    found: str
    is_lost: bool = False

    def __str__(self) -> str:
        end = "; this dump is skipped" if self.is_lost else ""
        return f"byte {self.offset}: expected {self.expected}, found {self.found}{end}"


def checksum(data: bytes) -> int:
    """Return the byte that brings the sum of `data` to 0 modulo 128."""
    return -sum(data) & 0x7F


def unpack_vmem(packed: bytes) -> bytes:
    """Return the 155 bytes (VCED) of a voice packed in 128 (VMEM); bits that carry nothing go.

    Values may be out of their fields' ranges. Raises ValueError for another length.
    """
    if len(packed) != VMEM_SIZE:
        raise ValueError(f"a packed voice has {VMEM_SIZE} bytes, found {len(packed)}")
    parameters = bytes((packed[byte] >> shift) & mask for byte, shift, mask in _PACKED)
    return parameters + packed[VMEM_NAME_OFFSET:].translate(_MASK_7_BITS)


def pack_vmem(unpacked: bytes) -> bytes:
    """Return the 128 bytes (VMEM) of a voice in 155 (VCED); the inverse of `unpack_vmem`.

    Raises ValueError for another length.
    """
    if len(unpacked) != VCED_SIZE:
        raise ValueError(f"a voice has {VCED_SIZE} bytes, found {len(unpacked)}")
    packed = bytearray(VMEM_SIZE)
    for value, (byte, shift, mask) in zip(unpacked, _PACKED, strict=False):
        packed[byte] |= (value & mask) << shift
    packed[VMEM_NAME_OFFSET:] = unpacked[-NAME_SIZE:].translate(_MASK_7_BITS)
    return bytes(packed)


def write_dump(dump_format: int, data: bytes, channel: int) -> bytes:
    """Return the message that carries `data` on MIDI channel `channel`, 0..15."""
    if not 0 <= channel <= 15:
        raise ValueError(f"a MIDI channel is 0..15, found {channel}")
    return bytes((START, YAMAHA, channel, dump_format, *_byte_count(len(data)))) + (
        data + bytes((checksum(data), END))
    )


def read_dump(chunk: Chunk) -> tuple[list[bytes], list[Flaw]]:
    """Return the unpacked voices of one dump, none if its bytes are not all there, and its flaws.

    `chunk` is a message that has a `dump_format`.
    """
    size = _DATA_SIZE[chunk.body[2]]
    rest, flaws = _without_real_time(chunk, size)
    data, end = rest[:size], rest[size:]
    if not _is_whole(data, end, size, chunk.is_ended):
        expected = f"{_DUMP_NAME[chunk.body[2]]} of {HEADER_SIZE + size + 2} bytes"
        found = f"{len(chunk.content)} bytes{'' if chunk.is_ended else ' and no F7'}"
        return [], [Flaw(chunk.offset, expected, found, is_lost=True)]
    flaws += _flaws(chunk, data, end)
    data, masked = mask_high_bits(data, chunk.offset)
    return (bank_voices(data) if size == BANK_SIZE else [data]), flaws + masked


def bank_voices(data: bytes) -> list[bytes]:
    """Return the unpacked voices in the packed ones of one or several banks."""
    starts = range(0, len(data), VMEM_SIZE)
    return [unpack_vmem(data[start : start + VMEM_SIZE]) for start in starts]


def mask_high_bits(data: bytes, offset: int) -> tuple[bytes, list[Flaw]]:
    """Return `data` with bit 7 off everywhere, and the flaw that it was on somewhere."""
    high_bytes = len(data) - len(data.translate(None, _HIGH_BYTES))
    flaws = [Flaw(offset, "data bytes below 128", f"{high_bytes} above")] if high_bytes else []
    return data.translate(_MASK_7_BITS), flaws


def _byte_count(size: int) -> bytes:
    return bytes((size >> 7, size & 0x7F))


def _without_real_time(chunk: Chunk, size: int) -> tuple[bytes, list[Flaw]]:
    """Return what follows the header, less F7 and, where they make it too long, real-time bytes."""
    rest = chunk.content[HEADER_SIZE:]
    if chunk.is_ended:
        rest = rest[:-1]
    stripped = rest.translate(None, _REAL_TIME)
    if len(rest) > size + 1 >= len(stripped):
        found = f"{len(rest) - len(stripped)} real-time bytes"
        return stripped, [Flaw(chunk.offset, "no other messages inside a dump", found)]
    return rest, []


def _is_whole(data: bytes, end: bytes, size: int, is_ended: bool) -> bool:
    """Tell whether these are beyond doubt the data of a dump, and `end` what follows them.

    Without its checksum a dump that has its F7 may as well lack a byte in its middle; in one that
    is too long, the checksum alone tells that the data come first.
    """
    if len(data) < size or (is_ended and not end):
        return False
    return len(end) <= 1 or end[0] & 0x7F == checksum(data)


def _flaws(chunk: Chunk, data: bytes, end: bytes) -> list[Flaw]:
    """Return what is wrong around the data of a dump that is whole."""
    flaws = []
    count, expected = chunk.content[HEADER_SIZE - 2 : HEADER_SIZE], _byte_count(len(data))
    if count != expected:
        expected_count = f"byte count {expected.hex(' ').upper()}"
        flaws.append(Flaw(chunk.offset + HEADER_SIZE - 2, expected_count, count.hex(" ").upper()))
    after = chunk.offset + HEADER_SIZE + len(data)
    right = checksum(data)
    if not end or end[0] & 0x7F != right:
        flaws.append(Flaw(after, f"checksum {right:02X}", f"{end[0]:02X}" if end else "none"))
    if len(end) > 1:
        flaws.append(Flaw(after + 1, "F7 after the checksum", f"{len(end) - 1} more bytes"))
    elif not chunk.is_ended:
        flaws.append(Flaw(after + len(end), "F7 at the end of the dump", "none"))
    return flaws
