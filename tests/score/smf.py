"""Standard MIDI Files byte by byte, as the format's specification writes them."""

import struct

END = bytes.fromhex("00 ff 2f 00")


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">L", len(body)) + body


def midi_file(*tracks: bytes, file_type: int = 1, division: int = 96) -> bytes:
    """Return a file of these tracks' events; 96 ticks per beat and 120 bpm make 192 ticks 1 s."""
    header = chunk(b"MThd", struct.pack(">HHH", file_type, len(tracks), division))
    return header + b"".join(chunk(b"MTrk", track) for track in tracks)


def events(text: str) -> bytes:
    """Return bytes from hexadecimal, the end of the track added."""
    return bytes.fromhex(text) + END
