"""DX7 voices in `.syx` files: bytes to voices and back.

Reads every shape in circulation: single voices (163 bytes), banks of 32 (4104 bytes), any number
of them in one file with other messages around, and dumps without a header (4096 bytes per bank, a
lone voice of 155 or 128). What is not as it should be, yet leaves no doubt about the voice, loads
with a warning; what leaves a doubt is skipped whole and told. Bytes of a dump are the business of
`plugin_core.dx7.dumps`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plugin_core.dx7.dumps import (
    BANK_SIZE,
    VOICES_PER_BANK,
    Flaw,
    bank_voices,
    mask_high_bits,
    pack_vmem,
    read_dump,
    unpack_vmem,
    write_dump,
)
from plugin_core.dx7.fields import FIELD_INDEX, FIELDS, STORED_FIELDS, VCED_SIZE, VMEM_SIZE
from plugin_core.dx7.messages import BANK_FORMAT, VOICE_FORMAT, Chunk, split_messages
from plugin_core.dx7.voice import Clamped, Voice
from plugin_core.types import InputError

LARGEST_FILE = 8 * 2**20
"""Bytes; two thousand banks fit."""

_MOST_FLAWS = 1000
_MOST_SKIPS = 40
_MOST_CLAMPS_LISTED = 6


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """The voices of a file in file order, with all that was not as expected.

    `clamped` has one entry per voice: the values that had to be brought into range. `flaws` are
    about dumps of the DX7, `skipped` is about everything else in the file, which is no fault; of a
    thousand flaws or of forty kinds of other content, the rest is not told.
    """

    source: str
    voices: tuple[Voice, ...]
    clamped: tuple[tuple[Clamped, ...], ...]
    flaws: tuple[Flaw, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that a user should know, one line each."""
        numbers = range(1, len(self.voices) + 1)
        clamps = (line for number in numbers for line in self.clamp_warnings(number))
        return (*map(str, self.flaws), *self.skipped, *clamps)

    def clamp_warnings(self, number: int) -> tuple[str, ...]:
        """Return one line on the values of voice `number` (from 1) out of range, if there are any.

        Values are given as people see them (algorithm from 1, detune around 0); of many, the first.
        """
        values = []
        for clamped in self.clamped[number - 1]:
            shown_from = FIELDS[FIELD_INDEX[clamped.field_id]].shown_from
            found, used = clamped.found + shown_from, clamped.used + shown_from
            values.append(f"{clamped.field_id} {found} (used {used})")
        if not values:
            return ()
        more = len(values) - _MOST_CLAMPS_LISTED
        values[_MOST_CLAMPS_LISTED:] = [f"{more} more"] if more > 0 else []
        name = self.voices[number - 1].name
        return (f"voice {number} {name!r}: out of range: {', '.join(values)}",)


def read_voices(path: Path, *, strict: bool = False) -> VoiceFile:
    """Return all voices of a `.syx` file, see `parse_voices`.

    Raises InputError also for a file that cannot be read or is larger than `LARGEST_FILE`.
    """
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "something else" if path.exists() else "none"
            raise InputError(path, "", "a file", found)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise InputError(path, "", f"at most {LARGEST_FILE} bytes of voices", f"{size} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(path, "", "a file that can be read", error.strerror) from error
    return parse_voices(data, source=str(path), strict=strict)


def parse_voices(data: bytes, *, source: str, strict: bool = False) -> VoiceFile:
    """Return all voices in the bytes of a `.syx` file, in file order.

    `source` names the file in messages. Skipped and told: messages that are no dump of DX7 voices,
    bytes outside of messages, dumps whose bytes are not all there. Loaded and told: a wrong or
    missing checksum, a wrong byte count, a missing F7, bytes with bit 7 set (masked), real-time
    bytes inside (taken out), values out of range (clamped). Bits that carry nothing are ignored.

    Raises InputError if there is no voice at all and, with `strict`, for the first flaw of a dump
    and the first value out of range.
    """
    flaws: list[Flaw] = []
    skips = _Skips()
    unpacked: list[bytes] = []
    for chunk in split_messages(data):
        if chunk.dump_format is None:
            skips.add(chunk)
        else:
            dump, dump_flaws = read_dump(chunk)
            unpacked += dump
            flaws += dump_flaws if len(flaws) < _MOST_FLAWS else []
    if not unpacked and not flaws:
        unpacked, flaws = _headerless_voices(data)
        skips = _Skips() if unpacked else skips
    if strict and flaws:
        raise InputError(source, f"byte {flaws[0].offset}", flaws[0].expected, flaws[0].found)
    skipped = tuple(skips.lines())
    if not unpacked:
        reasons = "; ".join([*map(str, flaws[:1]), *skipped[:1]]) or "the file is empty"
        raise InputError(source, "", "at least one DX7 voice", f"none ({reasons})")
    pairs = [Voice.clamped(vced) for vced in unpacked]
    voices, clamped = tuple(voice for voice, _ in pairs), tuple(report for _, report in pairs)
    file = VoiceFile(source, voices, clamped, tuple(flaws), skipped)
    if strict:
        _refuse_clamped(file)
    return file


def single_voice_dump(voice: Voice, *, channel: int = 0) -> bytes:
    """Return the 163-byte dump of one voice for MIDI channel `channel`, 0..15."""
    return write_dump(VOICE_FORMAT, voice.data, channel)


def bank_dump(voices: Sequence[Voice], *, channel: int = 0) -> bytes:
    """Return the 4104-byte dump of exactly 32 voices for MIDI channel `channel`, 0..15.

    Raises ValueError for another number of voices.
    """
    if len(voices) != VOICES_PER_BANK:
        raise ValueError(f"a bank has {VOICES_PER_BANK} voices, found {len(voices)}")
    return write_dump(BANK_FORMAT, b"".join(pack_vmem(voice.data) for voice in voices), channel)


def _headerless_voices(data: bytes) -> tuple[list[bytes], list[Flaw]]:
    """Return the voices of a file that is nothing but their data, none if it cannot be one.

    Banks have a telling size, but so may a text or noise: no more than a tenth of the bytes may be
    over 127, nor of the values out of range. A lone voice must be in every byte as an instrument
    writes it.
    """
    if data and len(data) % BANK_SIZE == 0:
        masked, flaws = mask_high_bits(data, 0)
        high_bytes = sum(one != other for one, other in zip(data, masked, strict=True))
        voices = bank_voices(masked)
        clamps = sum(len(Voice.clamped(voice)[1]) for voice in voices)
        values = len(voices) * len(STORED_FIELDS)
        is_bank = 10 * high_bytes <= len(data) and 10 * clamps <= values
        return (voices, flaws) if is_bank else ([], [])
    if len(data) == VMEM_SIZE and pack_vmem(unpack_vmem(data)) == data:
        data = unpack_vmem(data)
    if len(data) != VCED_SIZE:
        return [], []
    voice, clamped = Voice.clamped(data)
    is_clean = not clamped and all(32 <= byte < 127 for byte in data[-len(voice.name_bytes) :])
    return ([data] if is_clean else []), []


class _Skips:
    """Runs of skipped chunks of one description: where they begin and how many there are."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, str, int]] = []

    def add(self, chunk: Chunk) -> None:
        description = chunk.description
        if self.runs and self.runs[-1][1] == description:
            offset, _, times = self.runs[-1]
            self.runs[-1] = offset, description, times + 1
        elif len(self.runs) <= _MOST_SKIPS:
            self.runs.append((chunk.offset, description, 1))

    def lines(self) -> Iterator[str]:
        for offset, description, times in self.runs[:_MOST_SKIPS]:
            count = f"{times} times " if times > 1 else ""
            yield f"byte {offset}: {count}{description} skipped"
        for offset, _, _ in self.runs[_MOST_SKIPS:]:
            yield f"byte {offset}: from here on more of the like skipped"


def _refuse_clamped(file: VoiceFile) -> None:
    for number, clamped in enumerate(file.clamped, 1):
        if clamped:
            field = FIELDS[FIELD_INDEX[clamped[0].field_id]]
            place = f"voice {number} {file.voices[number - 1].name!r}"
            expected = f"{field.id} {field.low}..{field.high}"
            raise InputError(file.source, place, expected, clamped[0].found + field.shown_from)
