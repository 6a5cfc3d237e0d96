"""Files that are not as they should be: what loads with a warning, what is skipped or refused."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_core.dx7 import sysex
from plugin_core.dx7.sysex import bank_dump, parse_voices, read_voices, single_voice_dump
from plugin_core.dx7.voice import Clamped, Voice
from plugin_core.types import InputError

FUZZ_CASES = 5000 if os.environ.get("HEXACHORD_FULL") == "1" else 300
VOICE = Voice.initial("FLAWED").edited(op1_fine=50)
SINGLE = single_voice_dump(VOICE)
BANK = bank_dump([VOICE.edited(name=f"NUMBER {n}") for n in range(32)])


def parse(data: bytes, *, strict: bool = False):
    return parse_voices(data, source="bank.syx", strict=strict)


def replaced(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]


FLAWED = {
    "checksum": replaced(SINGLE, 161, SINGLE[161] ^ 1),
    "byte count": replaced(SINGLE, 5, 0x1C),
    "bit 7": replaced(SINGLE, 20, SINGLE[20] | 0x80),
    "real-time byte": SINGLE[:80] + b"\xf8" + SINGLE[80:],
    "no F7": SINGLE[:-1],
    "no checksum and no F7": SINGLE[:-2],
    "no F7 but padding": SINGLE[:-1] + bytes(30),
}


@pytest.mark.parametrize("flaw", FLAWED)
def test_what_leaves_no_doubt_loads_with_a_warning(flaw: str):
    file = parse(FLAWED[flaw])
    assert file.voices == (VOICE,)
    assert len(file.warnings) >= 1


@pytest.mark.parametrize("flaw", FLAWED)
def test_strict_refuses_it(flaw: str):
    with pytest.raises(InputError, match=r"bank\.syx: byte \d+: expected"):
        parse(FLAWED[flaw], strict=True)


def test_strict_takes_a_file_with_other_messages():
    assert parse(b"\x00" + BANK + bytes.fromhex("F0 7E F7"), strict=True).voices[0].name == (
        "NUMBER 0"
    )


def test_a_wrong_checksum_is_told_with_both_values():
    right = SINGLE[161]
    wrong = (right + 1) % 128
    file = parse(replaced(SINGLE, 161, wrong))
    assert file.warnings == (f"byte 161: expected checksum {right:02X}, found {wrong:02X}",)


@pytest.mark.parametrize("size", [1, 3, 6, 100, 160])
def test_a_truncated_voice_is_no_voice(size: int):
    with pytest.raises(InputError, match="at least one DX7 voice"):
        parse(SINGLE[:size])


@pytest.mark.parametrize("size", [7, 128, 2000, 4101])
def test_a_truncated_bank_gives_no_half_bank(size: int):
    with pytest.raises(InputError, match=f"a bank dump of 4104 bytes, found {size} bytes"):
        parse(BANK[:size])
    file = parse(BANK[:size] + SINGLE)
    assert file.voices == (VOICE,)
    assert "byte 0" in file.warnings[0]
    assert "skipped" in file.warnings[0]


def test_a_bank_that_lost_a_byte_in_its_middle_is_skipped():
    with pytest.raises(InputError, match="found 4103 bytes"):
        parse(BANK[:1000] + BANK[1001:])


def test_a_message_that_never_ends_does_not_swallow_the_next():
    file = parse(bytes.fromhex("F0 41 01 02") + BANK)
    assert len(file.voices) == 32


@pytest.mark.parametrize(
    ("offset", "found", "field_id", "used"),
    [(16, 127, "op6_level", 99), (20, 15, "op6_detune", 14), (144, 49, "transpose", 48)],
)
def test_values_out_of_range_are_clamped_and_told(
    offset: int, found: int, field_id: str, used: int
):
    data = replaced(VOICE.data, offset, found)
    message = SINGLE[:6] + data + bytes([-sum(data) % 128, 0xF7])
    file = parse(message)
    assert file.voices[0].stored(field_id) == used
    assert file.clamped == ((Clamped(field_id, found, used),),)
    assert field_id in file.warnings[0]
    with pytest.raises(InputError, match=field_id):
        parse(message, strict=True)


def test_a_warning_tells_values_as_people_see_them():
    data = replaced(VOICE.data, 144, 60)
    file = parse(SINGLE[:6] + data + bytes([-sum(data) % 128, 0xF7]))
    assert file.warnings == ("voice 1 'FLAWED': out of range: transpose 36 (used 24)",)


def test_an_empty_file_is_told_as_empty():
    with pytest.raises(InputError, match="the file is empty"):
        parse(b"")


def test_a_file_of_other_content_says_what_it_is():
    with pytest.raises(InputError, match=r"none \(byte 0: 9 bytes outside any message skipped\)"):
        parse(b"RIFF1234W")


def test_a_missing_file_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.syx: expected a file, found none"):
        read_voices(tmp_path / "none.syx")


def test_a_folder_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match="expected a file, found a folder"):
        read_voices(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path):
    huge = tmp_path / "huge.syx"
    with huge.open("wb") as file:
        file.truncate(sysex.LARGEST_FILE + 1)
    with pytest.raises(InputError, match="expected at most"):
        read_voices(huge)


def test_reports_on_a_long_file_of_debris_stay_short():
    debris = b"".join(bytes([0xF0, 0x40 + n % 2, 0xF7]) for n in range(1000))
    assert len(parse(debris + SINGLE).warnings) < 50


_PIECES = st.sampled_from(
    [
        SINGLE,
        BANK,
        BANK[6:-2],
        SINGLE[6:-2],
        bytes.fromhex("F0 43 10 01 06 04 F7"),
        b"\xf0",
        b"\xf7",
    ]
)
_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=6)), max_size=6)


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Pieces of voice files, some bytes of which are replaced, removed or added."""
    data = bytearray(b"".join(draw(st.lists(_PIECES | st.binary(max_size=300), max_size=4))))
    for position, removed, inserted in draw(_EDITS):
        at = int(position * len(data))
        data[at : at + removed] = inserted
    return bytes(data)


@settings(max_examples=FUZZ_CASES, deadline=None)
@given(damaged_files(), st.booleans())
def test_any_bytes_load_or_are_refused_in_one_line(data: bytes, strict: bool):
    try:
        file = parse(data, strict=strict)
    except InputError as error:
        line = str(error)
    else:
        line = "".join(file.warnings)
        assert len(file.voices) == len(file.clamped) >= 1
        assert not (strict and file.flaws)
    assert "\n" not in line
