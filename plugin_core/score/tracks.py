"""The tracks of a MIDI file in ticks: what mido reads, checked and sorted by kind.

In: the bytes of a Standard MIDI File (RP-001, version 1.0). Out: the header's time division and,
per MTrk chunk, notes with both ends, controllers, tempo changes. Chunks are found here and handed
to mido one at a time, so that an error can name the track and the byte.
"""

import contextlib
import io
import re
import struct
import unicodedata
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import mido

from plugin_core.types import ControllerKind, InputError

LARGEST_FILE = 4 * 2**20
"""More bytes than this are refused: no score is that long, and memory is finite."""

MOST_TRACKS = 1000
LONGEST_NAME = 80
_LARGEST_DELTA = 2**28 - 1
_RUNAWAY_NUMBER = re.compile(rb"[\x80-\xff]{4096}")
_MOST_REPAIRS = 4


@dataclass(frozen=True, slots=True)
class Division:
    """What a tick is: `per_beat` to a beat, or for SMPTE files `per_second` to a second."""

    per_beat: int | None
    per_second: float | None


@dataclass(slots=True)
class TickTrack:
    """One MTrk chunk; ticks from the start, channels 0..15.

    Notes are (on, off, channel, pitch, velocity); controllers are (tick, kind, index, value,
    channel) as in `plugin_core.types.Controller`; tempos are (tick, microseconds per beat).
    """

    number: int
    name: str = ""
    port: int = 0
    end: int = 0
    notes: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    controllers: list[tuple[int, ControllerKind, int, int, int]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    never_closed: int = 0


def read_tracks(data: bytes, source: str) -> tuple[Division, list[TickTrack], list[str]]:
    """Return division, tracks and warnings of a MIDI file's bytes; `source` names it in errors.

    Raises InputError for anything that is no Standard MIDI File of type 0 or 1 (type 2 with a
    single track is read as type 0).
    """
    if len(data) > LARGEST_FILE:
        raise InputError(source, "", f"at most {LARGEST_FILE} bytes", f"{len(data)} bytes")
    file_type, declared, division = _header(data, source)
    warnings: list[str] = []
    chunks = list(_track_chunks(data, source, warnings))
    if len(chunks) > MOST_TRACKS:
        raise InputError(source, "", f"at most {MOST_TRACKS} tracks", len(chunks))
    tracks = [
        _read_track(number, offset, body, source, warnings)
        for number, (offset, body) in enumerate(chunks, start=1)
    ]
    if not tracks:
        raise InputError(source, "", "at least one track (MTrk)", "none")
    if file_type == 2 and len(tracks) > 1:
        raise InputError(
            source, "header", "a file of type 0 or 1", "type 2 (independent sequences)"
        )
    if len(tracks) != declared:
        warnings.append(f"the header announces {declared} tracks, the file holds {len(tracks)}")
    return division, tracks, warnings


def _header(data: bytes, source: str) -> tuple[int, int, Division]:
    if data[:4] != b"MThd":
        raise InputError(source, "byte 0", "a MIDI file (MThd)", _shown_bytes(data[:4]))
    if len(data) < 14 or int.from_bytes(data[4:8]) < 6:
        raise InputError(source, "byte 4", "a header of 6 bytes or more", "less")
    file_type, tracks, division = struct.unpack(">HHH", data[8:14])
    if file_type > 2:
        raise InputError(source, "byte 8", "a file of type 0 or 1", f"type {file_type}")
    if division < 0x8000:
        if division == 0:
            raise InputError(source, "byte 12", "1 or more ticks per beat", 0)
        return file_type, tracks, Division(division, None)
    frames, per_frame = 256 - (division >> 8), division & 0xFF
    if frames not in (24, 25, 29, 30) or per_frame == 0:
        raise InputError(
            source,
            "byte 12",
            "SMPTE time of 24, 25, 29 or 30 frames per second",
            f"{frames} frames of {per_frame} ticks",
        )
    # 29 stands for drop frame, whose frames last 1001/30000 s.
    return file_type, tracks, Division(None, (30000 / 1001 if frames == 29 else frames) * per_frame)


def _track_chunks(data: bytes, source: str, warnings: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield (file offset of the body, body) of every MTrk chunk; other chunks are skipped."""
    position = 8 + int.from_bytes(data[4:8])
    if position > len(data):
        raise InputError(source, "byte 4", f"a header within {len(data)} bytes", "a longer one")
    while position < len(data):
        kind, size = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8]),
        )
        body = data[position + 8 : position + 8 + size]
        if kind == b"MTrk":
            if len(body) < size or position + 8 > len(data):
                raise InputError(
                    source, f"byte {position}", f"a track of {size} bytes", f"{len(body)} bytes"
                )
            yield position + 8, body
        elif len(data) - position < 8 or len(body) < size or not kind.isascii():
            warnings.append(
                f"{len(data) - position} bytes at byte {position} are no chunk, ignored"
            )
            return
        else:
            warnings.append(f"chunk {_shown_bytes(kind)} at byte {position} is no track, skipped")
        position += 8 + size


def _read_track(
    number: int, offset: int, body: bytes, source: str, warnings: list[str]
) -> TickTrack:
    runaway = _RUNAWAY_NUMBER.search(body)
    if runaway:
        place = f"track {number}, byte {offset + runaway.start()}"
        raise InputError(source, place, "MIDI events", "a number without an end")
    track = TickTrack(number)
    sounding: dict[tuple[int, int], deque[int]] = defaultdict(deque)
    tick = 0
    for message in _messages(number, offset, body, source, warnings):
        if not 0 <= message.time <= _LARGEST_DELTA:
            found = "a longer one"
            raise InputError(source, f"track {number}", "delta times of at most 4 bytes", found)
        tick += message.time
        if message.type == "end_of_track":
            break
        if message.type in ("note_on", "note_off"):
            _add_note_event(track, sounding, tick, message)
        elif message.type in _CONTROLLERS:
            track.controllers.append((tick, *_CONTROLLERS[message.type](message), message.channel))
        elif message.type == "set_tempo":
            track.tempos.append((tick, message.tempo))
        elif message.type == "track_name" and not track.name:
            track.name = decoded_name(message.name)
        elif message.type == "midi_port":
            track.port = message.port
    track.end = tick
    for waiting in sounding.values():
        for index in waiting:
            on, _, channel, pitch, velocity = track.notes[index]
            track.notes[index] = (on, tick, channel, pitch, velocity)
            track.never_closed += 1
    if track.never_closed:
        warnings.append(f"track {number}: {track.never_closed} notes never end, cut at its end")
    return track


def _add_note_event(
    track: TickTrack, sounding: dict[tuple[int, int], deque[int]], tick: int, message: Any
) -> None:
    """Start a note, or end the one of this key that has been down longest."""
    waiting = sounding[message.channel, message.note]
    if message.type == "note_on" and message.velocity > 0:
        waiting.append(len(track.notes))
        track.notes.append((tick, tick, message.channel, message.note, message.velocity))
    elif waiting:
        index = waiting.popleft()
        on, _, channel, pitch, velocity = track.notes[index]
        track.notes[index] = (on, tick, channel, pitch, velocity)


_CONTROLLERS: dict[str, Any] = {
    "control_change": lambda m: (ControllerKind.CONTROL, m.control, m.value),
    "pitchwheel": lambda m: (ControllerKind.PITCH_BEND, 0, m.pitch + 8192),
    "aftertouch": lambda m: (ControllerKind.PRESSURE, 0, m.value),
    "polytouch": lambda m: (ControllerKind.KEY_PRESSURE, m.note, m.value),
    "program_change": lambda m: (ControllerKind.PROGRAM, 0, m.program),
}


def _messages(number: int, offset: int, body: bytes, source: str, warnings: list[str]) -> list[Any]:
    """Return mido's messages of one track, read as a file of its own."""
    prefix = struct.pack(">4sLHHH4sL", b"MThd", 6, 0, 1, 480, b"MTrk", len(body))
    image = bytearray(prefix + body)
    for _ in range(_MOST_REPAIRS):
        stream = io.BytesIO(image)
        try:
            return list(mido.MidiFile(file=stream).tracks[0])
        except mido.KeySignatureError:
            # A key signature that does not exist is common and changes no sound.
            image[stream.tell() - 2 : stream.tell()] = b"\0\0"
            warnings.append(f"track {number}: a key signature that does not exist, ignored")
        except Exception as error:
            # mido lets through whatever its parser runs into: EOFError, IndexError, TypeError...
            place = f"track {number}, byte {offset + stream.tell() - len(prefix)}"
            found = (
                "the end of the track inside an event"
                if isinstance(error, EOFError)
                else (f"what mido cannot read ({str(error)[:100] or type(error).__name__})")
            )
            raise InputError(source, place, "a MIDI event", found) from error
    raise InputError(source, f"track {number}", "key signatures that exist", "too many others")


def decoded_name(text: str) -> str:
    """Return a name from mido, which hands bytes over as Latin-1; UTF-8 is recognised."""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return printable_name(text)


def printable_name(text: str) -> str:
    """Return a name as one printable line of at most `LONGEST_NAME` characters."""
    printable = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return " ".join("".join(printable).split())[:LONGEST_NAME].strip()


def _shown_bytes(data: bytes) -> str:
    return repr(data)[1:] if data else "nothing"
