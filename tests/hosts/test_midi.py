"""MIDI as hosts send it: notes that end, sound dumps that arrive, programs, odd values."""

import numpy as np
import pytest

from bridge.plugin_performance import plugin_performance
from bridge.plugin_state import host_state
from plugin_core.dx7.sysex import bank_dump, single_voice_dump
from plugin_core.types import Part
from tests.hosts.playing import HOSTS, RATE, level_db
from tests.hosts.voices import PAIR, SINE, bundled, one_note

EMPTY = Part("nothing")
KEY, OTHER = 60, 64
ON, OFF, CONTROL, PROGRAM, PRESSURE, BEND = 0x90, 0x80, 0xB0, 0xC0, 0xD0, 0xE0

RANDOM = np.random.default_rng(8)
FLOOD = [
    (0.1 + at, (ON if RANDOM.random() < 0.6 else OFF, int(RANDOM.integers(128)), 90))
    for at in np.sort(RANDOM.uniform(0, 0.5, 500))
]
LET_GO = [(0.62, (OFF, key, 0)) for key in range(128)]

RELEASED = {
    "note-off": [(0.1, (ON, KEY, 100)), (0.3, (OFF, KEY, 64))],
    "note-on of velocity 0": [(0.1, (ON, KEY, 100)), (0.3, (ON, KEY, 0))],
    "on and off in one sample": [(0.1, (ON, KEY, 100)), (0.1, (OFF, KEY, 0))],
    "struck twice, let go twice": [
        (0.1, (ON, KEY, 100)), (0.2, (ON, KEY, 90)), (0.3, (OFF, KEY, 0)), (0.4, (OFF, KEY, 0)),
    ],
    "pedal up after the key": [
        (0.05, (CONTROL, 64, 127)), (0.1, (ON, KEY, 100)), (0.2, (OFF, KEY, 0)),
        (0.4, (CONTROL, 64, 0)),
    ],
    "sostenuto up after the key": [
        (0.1, (ON, KEY, 100)), (0.15, (CONTROL, 66, 127)), (0.2, (OFF, KEY, 0)),
        (0.4, (CONTROL, 66, 0)),
    ],
    "program changed under the key": [
        (0.1, (ON, KEY, 100)), (0.2, (PROGRAM, 7)), (0.3, (OFF, KEY, 0)),
    ],
    "voice loaded under the key": [
        (0.1, (ON, KEY, 100)), (0.2, single_voice_dump(PAIR)), (0.3, (OFF, KEY, 0)),
    ],
    "all notes off": [(0.1, (ON, KEY, 100)), (0.1, (ON, OTHER, 100)), (0.3, (CONTROL, 123, 0))],
    "all sound off": [(0.1, (ON, KEY, 100)), (0.1, (ON, OTHER, 100)), (0.3, (CONTROL, 120, 0))],
    "another channel's key stays its own": [
        (0.1, (ON, KEY, 100)), (0.1, (ON | 5, KEY, 100)), (0.3, (OFF | 5, KEY, 0)),
        (0.4, (OFF, KEY, 0)),
    ],
    "a flood of notes": [*FLOOD, *LET_GO],
    "a flood under the pedal": [
        (0.05, (CONTROL, 64, 127)), *FLOOD, *LET_GO, (0.63, (CONTROL, 64, 0)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("messages", RELEASED.values(), ids=list(RELEASED))
@pytest.mark.parametrize("mode", [0, 1, 2], ids=["poly", "mono", "legato"])
def test_no_note_hangs(players, host, messages, mode):
    if host == "dawdreamer" and len({at for at, _ in messages}) == 1:
        pytest.skip("JUCE reads note-offs of a MIDI file before the note-ons of the same time")
    state = host_state(SINE, {"voice_mode": mode})
    heard = players.play(host, SINE, EMPTY, messages=messages, seconds=1.0, state=state)
    assert np.abs(heard[:, -RATE // 10 :]).max() == 0
    assert len({at for at, _ in messages}) == 1 or np.abs(heard).max() > 0.01


@pytest.mark.parametrize("host", HOSTS)
def test_a_pedal_holds_what_it_should(players, host):
    messages = [(0.05, (CONTROL, 64, 127)), (0.1, (ON, KEY, 100)), (0.2, (OFF, KEY, 0))]
    heard = players.play(host, SINE, EMPTY, messages=messages, seconds=1.0)
    assert level_db(heard[0, -RATE // 10 :]) == pytest.approx(level_db(heard[0, 6000:8000]), abs=1)


@pytest.mark.parametrize("host", HOSTS)
def test_a_render_starts_from_silence(players, host):
    held = [(0.1, (ON, KEY, 100)), (0.2, (CONTROL, 7, 10)), (0.2, (BEND, 0, 0))]
    players.play(host, SINE, EMPTY, messages=held, seconds=0.5)
    assert np.abs(players.play(host, SINE, EMPTY, seconds=0.5)).max() == 0


def test_a_render_starts_anew_in_one_instance(shared_instrument):
    shared_instrument.raw_state = plugin_performance(SINE, EMPTY, lanes={}, sample_rate=RATE).state
    note = [(bytes((ON, KEY, 100)), 0.1), (bytes((OFF, KEY, 0)), 0.3)]
    common = {"duration": 0.5, "sample_rate": RATE}
    first = shared_instrument.process(note, reset=True, **common)
    hanging = [(bytes((CONTROL, 11, 3)), 0.0), (bytes((ON, OTHER, 100)), 0.0)]
    shared_instrument.process(hanging, reset=False, **common)
    shared_instrument.reset()
    assert np.array_equal(shared_instrument.process(note, reset=True, **common), first)


def test_the_sample_rate_may_change_in_one_instance(shared_instrument):
    shared_instrument.raw_state = plugin_performance(SINE, EMPTY, lanes={}, sample_rate=RATE).state
    for rate in (44100, 96000, 22050, 48000, 192000):
        note = [(bytes((ON, 69, 100)), 0.0), (bytes((OFF, 69, 0)), 0.9)]
        heard = shared_instrument.process(note, duration=1.0, sample_rate=rate)
        middle = heard[0, rate // 4 : rate // 4 + rate // 2]
        crossings = np.count_nonzero((middle[:-1] < 0) & (middle[1:] >= 0))
        assert crossings == pytest.approx(220, abs=1), rate
        assert np.abs(heard[:, -int(0.05 * rate) :]).max() == 0


BANK = [SINE.edited(name=f"VOICE {n}", op1_level=70 + n % 20, op1_coarse=n % 5) for n in range(32)]
OTHERS = {
    "none": None,
    "identity request": bytes([0xF0, 0x7E, 0x7F, 0x06, 0x01, 0xF7]),
    "a DX7 parameter change": bytes([0xF0, 0x43, 0x10, 0x01, 0x00, 0x32, 0xF7]),
    "a Roland message": bytes([0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7]),
    "a long one": bytes([0xF0, 0x00, 0x20, 0x29, *([0x11] * 3000), 0xF7]),
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("other", OTHERS.values(), ids=list(OTHERS))
@pytest.mark.parametrize("order", ["before", "after", "both"])
def test_a_voice_beside_another_sysex_is_loaded(players, host, other, order):
    messages = [(0.01, single_voice_dump(PAIR))]
    if other is not None and order in ("before", "both"):
        messages.insert(0, (0.01, other))
    if other is not None and order in ("after", "both"):
        messages.append((0.01, other))
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play(host, SINE, part, messages=messages, seconds=0.5)
    assert np.array_equal(heard, players.play(host, PAIR, part, seconds=0.5))


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("other", OTHERS.values(), ids=list(OTHERS))
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_bank_beside_another_sysex_is_loaded(players, host, other, order):
    # Then a program of it is chosen.
    messages = [(0.01, bank_dump(BANK)), (0.05, (PROGRAM, 9))]
    if other is not None:
        messages.insert(0 if order == "before" else 1, (0.01, other))
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play(host, PAIR, part, messages=messages, seconds=0.5)
    assert np.array_equal(heard, players.play(host, BANK[9], part, seconds=0.5))


@pytest.mark.parametrize("host", HOSTS)
def test_a_bank_sounds_at_once_with_the_present_program(players, host):
    messages = [(0.01, bank_dump(BANK))]
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play(host, PAIR, part, messages=messages, seconds=0.5)
    assert np.array_equal(heard, players.play(host, BANK[0], part, seconds=0.5))


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "damaged",
    [
        single_voice_dump(PAIR)[:-20],
        single_voice_dump(PAIR)[:-20] + b"\xf7",
        bank_dump(BANK)[:2000] + b"\xf7",
        bytes([0xF0, 0x43, 0x00, 0x09, 0x20, 0x00, 0xF7]),
        bytes([0xF0, 0xF7]),
    ],
    ids=["cut", "short voice", "short bank", "empty bank", "empty"],
)
def test_a_damaged_dump_changes_nothing(players, host, damaged):
    if host == "dawdreamer" and damaged[-1] != 0xF7:
        pytest.skip("no such message fits into a MIDI file")
    part = one_note(on_s=0.1, off_s=0.3)
    plain = players.play(host, SINE, part, seconds=0.5)
    heard = players.play(host, SINE, part, messages=[(0.01, damaged)], seconds=0.5)
    assert np.array_equal(heard, plain)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("program", [0, 8, 31, 40, 127])
def test_a_program_change_takes_a_voice_of_the_bank(players, host, program):
    # 32 programs: further ones begin again.
    messages = [(0.01, bank_dump(BANK)), (0.05, (PROGRAM, program))]
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play(host, PAIR, part, messages=messages, seconds=0.5)
    wanted = players.play(host, BANK[program % 32], part, seconds=0.5)
    assert np.array_equal(heard, wanted)


def test_a_dump_with_values_out_of_range_is_brought_into_it(players):
    dump = bytearray(single_voice_dump(SINE))
    dump[6:151] = bytes([0x7F]) * 145
    dump[-2] = -sum(dump[6:-2]) & 0x7F
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play("pedalboard", SINE, part, messages=[(0.01, bytes(dump))], seconds=0.5)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 4


@pytest.mark.parametrize("host", HOSTS)
def test_every_controller_at_every_value_leaves_finite_audio(players, host):
    rng = np.random.default_rng(2)
    messages = [
        (float(at), (CONTROL | int(rng.integers(16)), int(rng.integers(128)), int(value)))
        for at, value in zip(np.linspace(0.1, 0.9, 1500), rng.integers(0, 128, 1500), strict=True)
    ]
    messages += [(0.5, (PRESSURE, 127)), (0.6, (BEND, 127, 127)), (0.7, (0xA0, 60, 127))]
    voice = bundled("hexachord-2", "STRINGS")
    heard = players.play(host, voice, one_note(off_s=0.9), messages=messages, seconds=1.0)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 8
