"""`hexachord note`: the file is the engine's output, and nothing else happens."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core.dx7.sysex import bank_dump, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.engine.single_note import play_note

BRASS = Voice.initial("BRASS").edited(op2_level=80, feedback=5, op1_eg_rate1=60, lfo_pitch_depth=9)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "brass.syx"
    path.write_bytes(single_voice_dump(BRASS))
    return path


def note(*words: object) -> int:
    return main(["note", *map(str, words)])


def test_it_writes_mono_float_of_the_asked_rate_and_length(sound, tmp_path, capfd):
    out = tmp_path / "x.wav"
    assert note(sound, "--on", 0.5, "--total", 0.75, "--rate", 48000, "--out", out) == 0
    info = soundfile.info(out)
    assert (info.channels, info.samplerate, info.frames) == (1, 48000, 36000)
    assert (info.format, info.subtype) == ("WAV", "FLOAT")
    assert capfd.readouterr() == ("", "")


def test_the_file_is_exactly_the_engines_output(sound, tmp_path):
    out = tmp_path / "x.wav"
    words = ["--pitch", 52, "--velocity", 77, "--on", 0.4, "--total", 0.6, "--rate", 44100]
    assert note(sound, *words, "--out", out) == 0
    expected = play_note(
        BRASS,
        pitch=52,
        velocity=77,
        on_samples=round(0.4 * 44100),
        total_samples=round(0.6 * 44100),
        parameters={"pitch_bend_range": 3},
    )
    found, _ = soundfile.read(out, dtype="float32")
    np.testing.assert_array_equal(found, expected)


def test_seconds_are_rounded_to_the_nearest_sample(sound, tmp_path):
    out = tmp_path / "x.wav"
    for total, frames in ((1000.4 / 44100, 1000), (1000.6 / 44100, 1001), (0.1 / 44100, 1)):
        assert note(sound, "--on", 0.01, "--total", total, "--out", out) == 0
        assert soundfile.info(out).frames == frames


def test_without_options_it_is_a_second_of_middle_c(sound, tmp_path):
    out = tmp_path / "x.wav"
    assert note(sound, "--out", out) == 0
    found, rate = soundfile.read(out, dtype="float32")
    expected = play_note(
        BRASS, pitch=60, velocity=100, on_samples=44100, total_samples=88200,
        parameters={"pitch_bend_range": 3},
    )  # fmt: skip
    assert rate == 44100
    np.testing.assert_array_equal(found, expected)


def test_voices_of_banks_are_named_by_number_and_name(tmp_path):
    bank = [Voice.initial(f"V {n}").edited(op1_coarse=n % 8) for n in range(1, 33)]
    path = tmp_path / "bank.syx"
    path.write_bytes(bank_dump(bank))
    outs = [tmp_path / "number.wav", tmp_path / "name.wav"]
    assert note(f"{path}#7", "--total", 0.2, "--on", 0.1, "--out", outs[0]) == 0
    assert note(f'{path}#"V 7"', "--total", 0.2, "--on", 0.1, "--out", outs[1]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_events_are_those_of_the_reference(shared: Path, tmp_path):
    """Every controller render, through the command alone, against the reference."""
    folder = shared / "reference" / "dx7"
    records = json.loads((folder / "manifest.json").read_text())["renders"]
    for record in (r for r in records if r["kind"] == "controller"):
        events, out = tmp_path / "events.json", tmp_path / "x.wav"
        events.write_text(json.dumps(record["controllers"]))
        number = 32 * record["bank"] + record["voice"] + 1
        words = [
            f"{folder / 'voices.syx'}#{number}",
            "--pitch", record["note"],
            "--velocity", record["velocity"],
            "--on", record["on_seconds"],
            "--total", record["total_seconds"],
            "--rate", record["sample_rate"],
            "--events", events,
        ]  # fmt: skip
        assert note(*words, "--out", out) == 0
        found, _ = soundfile.read(out)
        reference, _ = soundfile.read(folder / record["file"])
        assert len(found) == record["total_samples"]
        error = found - reference
        assert 10 * np.log10((reference @ reference) / (error @ error)) > 38, record["file"]


def test_the_bend_range_is_three_unless_said_otherwise(sound, tmp_path):
    events = tmp_path / "events.json"
    move = {"sample": 0, "type": "pitch_bend", "value": 16383}
    events.write_text(json.dumps({"events": [move]}))
    outs = [tmp_path / f"{n}.wav" for n in range(3)]
    words = ["--on", 0.1, "--total", 0.2, "--events", events]
    assert note(sound, *words, "--out", outs[0]) == 0
    assert note(sound, *words, "--bend-range", 3, "--out", outs[1]) == 0
    assert note(sound, *words, "--bend-range", 12, "--out", outs[2]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert outs[0].read_bytes() != outs[2].read_bytes()
    events.write_text(json.dumps({"pitch_bend_range_semitones": 12, "events": [move]}))
    assert note(sound, *words, "--out", outs[0]) == 0
    assert outs[0].read_bytes() == outs[2].read_bytes()


def test_the_same_command_writes_the_same_bytes(sound, tmp_path):
    outs = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for out in outs:
        assert note(sound, "--on", 0.1, "--total", 0.2, "--out", out) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert outs[0].read_bytes()[:4] == b"RIFF"
    assert struct.unpack("<I", outs[0].read_bytes()[4:8])[0] == outs[0].stat().st_size - 8


@pytest.mark.parametrize(
    "words",
    [
        ["--on", "0"],
        ["--on", "-1"],
        ["--on", "nan"],
        ["--total", "inf"],
        ["--total", "1e9"],
        ["--pitch", "128"],
        ["--pitch", "-1"],
        ["--pitch", "c4"],
        ["--velocity", "0"],
        ["--velocity", "128"],
        ["--rate", "22049"],
        ["--rate", "192001"],
        ["--bend-range", "49"],
        ["--bend-range", "2.5"],
        ["--events", "none.json"],
        ["--seed", "-1"],
        ["--nonsense", "1"],
    ],
)
def test_what_cannot_be_is_refused_with_status_2(sound, tmp_path, words, capfd):
    out = tmp_path / "x.wav"
    assert note(sound, "--out", out, *words) == 2
    assert capfd.readouterr().err.strip()
    assert sorted(tmp_path.iterdir()) == [sound]


@pytest.mark.parametrize("place", ["none/x.wav", "."])
def test_a_place_that_cannot_be_written_is_one_line(sound, tmp_path, place, capfd):
    assert note(sound, "--on", 0.1, "--total", 0.2, "--out", tmp_path / place) == 2
    err = capfd.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == [sound]


@pytest.mark.parametrize("reference", ["none.syx", "brass.syx#2", 'brass.syx#"VIOLIN"', "."])
def test_a_sound_that_is_not_there_is_one_line(sound, tmp_path, reference, capfd):
    assert note(tmp_path / reference, "--out", tmp_path / "x.wav") == 2
    assert len(capfd.readouterr().err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == [sound]


def test_a_failure_leaves_the_file_that_was_there(sound, tmp_path):
    out = tmp_path / "x.wav"
    out.write_bytes(b"before")
    assert note(sound, "--events", tmp_path / "none.json", "--out", out) == 2
    assert out.read_bytes() == b"before"
    assert note(sound, "--on", 0.1, "--total", 0.2, "--out", out) == 0
    assert out.read_bytes()[:4] == b"RIFF"
