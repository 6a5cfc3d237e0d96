"""The shapes of a .syx file, against the layout of the facts sheet (README, section 3)."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.dx7.dumps import checksum, pack_vmem, unpack_vmem
from plugin_core.dx7.sysex import bank_dump, parse_voices, read_voices, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.types import InputError

INITIAL = Voice.initial()
PARAMETER_CHANGE = bytes.fromhex("F0 43 10 01 06 04 F7")
IDENTITY_REQUEST = bytes.fromhex("F0 7E 7F 06 01 F7")


def parse(data: bytes):
    return parse_voices(data, source="bank.syx")


def test_the_reference_banks_decode_to_their_listed_parameters(dx7_reference: Path):
    listed = json.loads((dx7_reference / "voices.json").read_text())
    file = read_voices(dx7_reference / "voices.syx", strict=True)
    assert [list(voice.data) for voice in file.voices] == [entry["vced"] for entry in listed]
    assert file.warnings == ()


def test_the_reference_files_are_written_as_they_were(dx7_reference: Path):
    banks = (dx7_reference / "voices.syx").read_bytes()
    voices = parse(banks).voices
    written = b"".join(bank_dump(voices[first : first + 32]) for first in range(0, 128, 32))
    assert written == banks
    for single in (dx7_reference / "single").glob("*.syx"):
        assert single_voice_dump(read_voices(single).voices[0]) == single.read_bytes()


def test_a_single_voice_dump_has_the_documented_frame():
    dump = single_voice_dump(INITIAL, channel=5)
    assert len(dump) == 163
    assert dump[:6] == bytes.fromhex("F0 43 05 00 01 1B")
    assert dump[6:161] == INITIAL.data
    assert sum(dump[6:162]) % 128 == 0
    assert dump[162] == 0xF7


def test_a_bank_dump_has_the_documented_frame(bank: tuple[Voice, ...]):
    dump = bank_dump(bank)
    assert len(dump) == 4104
    assert dump[:6] == bytes.fromhex("F0 43 00 09 20 00")
    assert sum(dump[6:4103]) % 128 == 0
    assert dump[4103] == 0xF7


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", 0), (b"\x00" * 155, 0), (b"\x01", 0x7F), (b"\x7f\x7f", 2)]
)
def test_the_checksum_is_the_twos_complement_of_the_sum(data: bytes, expected: int):
    assert checksum(data) == expected


@pytest.mark.parametrize(
    ("edit", "byte", "expected"),
    [
        ({"op6_eg_rate1": 12, "op6_left_curve": 2, "op6_right_curve": 3}, 11, 0b1110),
        ({"op6_detune": 7, "op6_rate_scaling": 5}, 12, 14 << 3 | 5),
        ({"op5_amp_mod_sensitivity": 3, "op5_velocity_sensitivity": 6}, 17 + 13, 6 << 2 | 3),
        ({"op1_mode": 1, "op1_coarse": 31}, 5 * 17 + 15, 31 << 1 | 1),
        ({"op2_level": 73}, 4 * 17 + 14, 73),
        ({"algorithm": 32}, 110, 31),
        ({"feedback": 6, "oscillator_sync": 1}, 111, 6 | 8),
        ({"lfo_sync": 1, "lfo_wave": 5, "pitch_mod_sensitivity": 7}, 116, 1 | 5 << 1 | 7 << 4),
        ({"transpose": -24}, 117, 0),
        ({"pitch_eg_level4": 99}, 109, 99),
    ],
)
def test_a_packed_voice_has_its_bits_where_the_instrument_has_them(
    edit: dict[str, int], byte: int, expected: int
):
    assert pack_vmem(INITIAL.edited(**edit).data)[byte] == expected


@given(st.from_type(Voice), st.integers(0, 15))
def test_any_voice_survives_a_single_dump(voice: Voice, channel: int):
    file = parse(single_voice_dump(voice, channel=channel))
    assert file.voices == (voice,)
    assert file.warnings == ()


@given(st.lists(st.from_type(Voice), min_size=1, max_size=3), st.integers(0, 15))
def test_any_voices_survive_a_bank_dump(voices: list[Voice], channel: int):
    filled = (voices * 32)[:32]
    dump = bank_dump(filled, channel=channel)
    file = parse(dump)
    assert file.voices == tuple(filled)
    assert file.warnings == ()
    assert bank_dump(file.voices, channel=channel) == dump


@given(st.binary(min_size=128, max_size=128))
def test_bits_that_carry_nothing_are_ignored(packed: bytes):
    unpacked = unpack_vmem(packed)
    assert unpack_vmem(pack_vmem(unpacked)) == unpacked


def test_names_keep_bytes_that_no_keyboard_has():
    odd = bytes([0, 1, 10, 127, 92, 126, 31, 32, 0, 65])
    voice = Voice(INITIAL.data[:145] + odd)
    assert parse(bank_dump([voice] * 32)).voices[7].name_bytes == odd
    assert parse(single_voice_dump(voice)).voices[0].name_bytes == odd


def test_a_bank_without_header_is_read(bank: tuple[Voice, ...]):
    assert parse(bank_dump(bank)[6:-2]).voices == bank


def test_two_banks_without_header_are_read(bank: tuple[Voice, ...]):
    assert parse(bank_dump(bank)[6:-2] * 2).voices == bank * 2


@pytest.mark.parametrize("data", [INITIAL.data, pack_vmem(INITIAL.data)], ids=["155", "128"])
def test_a_lone_voice_without_header_is_read(data: bytes):
    assert parse(data).voices == (INITIAL,)


@pytest.mark.parametrize("size", [128, 155, 4096])
def test_a_text_of_a_telling_size_is_no_voice(size: int):
    text = (b"Six operators, thirty-two ways to wire them. " * 100)[:size]
    with pytest.raises(InputError, match="at least one DX7 voice"):
        parse(text)


def test_messages_and_bytes_around_banks_are_skipped_and_told(bank: tuple[Voice, ...]):
    data = IDENTITY_REQUEST + bank_dump(bank) + b"\x00\x00\x00" + PARAMETER_CHANGE * 9
    data += single_voice_dump(INITIAL) + bytes.fromhex("F0 41 10 42 12 F7")
    file = parse(data)
    assert file.voices == (*bank, INITIAL)
    assert file.flaws == ()
    assert file.skipped == (
        "byte 0: a universal message skipped",
        "byte 4110: 3 bytes outside any message skipped",
        "byte 4113: 9 times a parameter change skipped",
        f"byte {4113 + 63 + 163}: a message of manufacturer 41 skipped",
    )


def test_dumps_of_other_instruments_are_no_voices():
    four_operators = bytes.fromhex("F0 43 00 04 20 00") + bytes(4097) + b"\xf7"
    with pytest.raises(InputError, match="byte 0: a bank for four operators skipped"):
        parse(four_operators)


def test_a_bank_takes_32_voices():
    with pytest.raises(ValueError, match="found 3"):
        bank_dump([INITIAL] * 3)


def test_there_are_16_channels():
    with pytest.raises(ValueError, match="found 16"):
        single_voice_dump(INITIAL, channel=16)


@pytest.mark.parametrize("convert", [pack_vmem, unpack_vmem])
def test_packing_asks_for_the_right_size(convert):
    with pytest.raises(ValueError, match="found 7"):
        convert(bytes(7))
