"""A broken MIDI file is one line that names the file and the place."""

from pathlib import Path

import pytest

from plugin_core.score.midi import parse_midi, read_midi
from plugin_core.score.tracks import LARGEST_FILE, MOST_TRACKS
from plugin_core.types import InputError
from tests.score.smf import END, chunk, events, midi_file

NOTE = events("00 90 3c 40 60 3c 00")
WHOLE = midi_file(NOTE)
TRACK_AT = 22
"""Header and track header before the first event."""


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "x.mid: byte 0: expected a MIDI file (MThd), found nothing"),
        (b"RIFF....", "x.mid: byte 0: expected a MIDI file (MThd), found 'RIFF'"),
        (WHOLE[:10], "x.mid: byte 4: expected a header of 6 bytes or more, found less"),
        (WHOLE[:14], "x.mid: expected at least one track (MTrk), found none"),
        (WHOLE[:-5], "x.mid: byte 14: expected a track of 11 bytes, found 6 bytes"),
        (midi_file(NOTE, division=0), "x.mid: byte 12: expected 1 or more ticks per beat, found 0"),
        (
            midi_file(NOTE, division=0xE500),
            "x.mid: byte 12: expected SMPTE time of 24, 25, 29 or 30 frames per second, "
            "found 27 frames of 0 ticks",
        ),
        (
            midi_file(NOTE, file_type=9),
            "x.mid: byte 8: expected a file of type 0 or 1, found type 9",
        ),
        (
            midi_file(NOTE, NOTE, file_type=2),
            "x.mid: header: expected a file of type 0 or 1, found type 2 (independent sequences)",
        ),
        (
            midi_file(events(""), bytes.fromhex("00 90 3c")),
            f"x.mid: track 2, byte {TRACK_AT + 4 + 8 + 3}: expected a MIDI event, "
            "found the end of the track inside an event",
        ),
        (
            midi_file(bytes.fromhex("00 3c 40") + END),
            f"x.mid: track 1, byte {TRACK_AT + 2}: expected a MIDI event, "
            "found what mido cannot read (running status without last_status)",
        ),
        (
            midi_file(bytes.fromhex("ff ff ff ff 7f 90 3c 40") + END),
            "x.mid: track 1: expected delta times of at most 4 bytes, found a longer one",
        ),
        (
            midi_file(b"\xff" * 5000),
            f"x.mid: track 1, byte {TRACK_AT}: expected MIDI events, found a number without an end",
        ),
        (
            midi_file(*[b""] * (MOST_TRACKS + 1)),
            f"x.mid: expected at most {MOST_TRACKS} tracks, found {MOST_TRACKS + 1}",
        ),
        (
            bytes(LARGEST_FILE + 1),
            f"x.mid: expected at most {LARGEST_FILE} bytes, found {LARGEST_FILE + 1} bytes",
        ),
    ],
)
def test_the_line_names_the_place(data: bytes, line: str):
    with pytest.raises(InputError) as error:
        parse_midi(data, source="x.mid")
    assert str(error.value) == line


@pytest.mark.parametrize(
    "event",
    ["ff 51 00", "ff 51 01 07", "ff 58 01 04", "ff 54 01 ff", "ff 00 01 00", "ff 20 00"],
    ids=["tempo", "short tempo", "meter", "SMPTE offset", "sequence number", "channel prefix"],
)
def test_a_meta_event_that_is_too_short_is_an_error_in_its_place(event: str):
    with pytest.raises(InputError, match=r"^x\.mid: track 1, byte \d+: expected a MIDI event"):
        parse_midi(midi_file(bytes.fromhex(f"00 {event}") + NOTE), source="x.mid")


def test_trailing_bytes_and_a_wrong_track_count_are_reported():
    score = parse_midi(WHOLE + b"\xff\xfe\xfd", source="x.mid")
    assert len(score.parts) == 1
    assert "3 bytes at byte" in score.warnings[0]
    two = WHOLE + chunk(b"MTrk", NOTE)
    warnings = parse_midi(two, source="x.mid").warnings
    assert warnings == ("the header announces 1 tracks, the file holds 2",)


@pytest.mark.parametrize("name", ["missing.mid", "", "nul\0.mid", "x" * 5000])
def test_a_file_that_cannot_be_opened(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="a MIDI file that can be read"):
        read_midi(tmp_path / name)


def test_a_controller_track_is_not_copied_endlessly():
    wheel = events("00 b0" + " 01 40 00" * 6000 + " 01 40")
    with pytest.raises(InputError, match=r"expected at most 2000000 controllers .* found 2400400$"):
        parse_midi(midi_file(wheel, *[NOTE] * 400), source="x.mid")
