"""System exclusive messages in a stream of bytes: where each begins and ends, and what it is.

In go the bytes of a file, out come `Chunk`s in file order that cover it: messages from F0 to F7,
and what lies outside of them. A message that has no F7 ends before the next F0 or with the file.
Headers of the DX7: Yamaha DX7 data format, as in the facts sheet of the reference renders
(section 3.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

START = 0xF0
END = 0xF7
YAMAHA = 0x43
VOICE_FORMAT = 0x00
BANK_FORMAT = 0x09
HEADER_SIZE = 6

_CHUNK = re.compile(rb"\xf0[^\xf0\xf7]*\xf7?|[^\xf0]+")

_YAMAHA_FORMATS = {
    0x01: "a Yamaha function dump",
    0x02: "a Yamaha bank of functions",
    0x03: "a voice for four operators",
    0x04: "a bank for four operators",
    0x05: "a DX7 II supplement",
    0x06: "a bank of DX7 II supplements",
    0x7E: "a Yamaha universal bulk dump",
}
_YAMAHA_KINDS = {1: "a parameter change", 2: "a dump request"}
_UNIVERSAL = {
    0x7D: "a non-commercial message",
    0x7E: "a universal message",
    0x7F: "a universal message",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A message, or a run of bytes outside of any message, at byte `offset` of the file."""

    offset: int
    content: bytes

    @property
    def is_message(self) -> bool:
        """Whether it begins as a system exclusive message."""
        return self.content[0] == START

    @property
    def is_ended(self) -> bool:
        """Whether the message has its F7."""
        return self.content[-1] == END

    @property
    def body(self) -> bytes:
        """The bytes between F0 and F7."""
        return self.content[1:-1] if self.is_ended else self.content[1:]

    @property
    def dump_format(self) -> int | None:
        """0 for the dump of a DX7 voice, 9 for one of 32 voices, on any channel; else None."""
        header = self.body[:3]
        if self.is_message and len(header) == 3 and header[0] == YAMAHA and header[1] < 0x10:
            return header[2] if header[2] in (VOICE_FORMAT, BANK_FORMAT) else None
        return None

    @property
    def description(self) -> str:
        """What this is, for people."""
        if not self.is_message:
            return f"{len(self.content)} bytes outside any message"
        body = self.body
        if not body:
            return "an empty message"
        if body[0] == YAMAHA:
            return _yamaha_description(body)
        if body[0] in _UNIVERSAL:
            return _UNIVERSAL[body[0]]
        maker = body[:3] if body[0] == 0 else body[:1]
        return f"a message of manufacturer {maker.hex(' ').upper()}"


def split_messages(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of `data` in order; together they are `data`."""
    for match in _CHUNK.finditer(data):
        yield Chunk(match.start(), match.group())


def _yamaha_description(body: bytes) -> str:
    kind = body[1] >> 4 if len(body) > 1 else None
    if kind in _YAMAHA_KINDS:
        return _YAMAHA_KINDS[kind]
    if kind == 0 and len(body) > 2:
        return _YAMAHA_FORMATS.get(body[2], f"a Yamaha dump of format {body[2]}")
    return "a Yamaha message"
