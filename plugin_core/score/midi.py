"""MIDI files to parts in seconds, and parts to MIDI files.

In: a Standard MIDI File of type 0 or 1. Out: one part per (track, channel) that has notes, its
times passed through the tempo map of all tracks. A controller belongs to its own track's part; on a
track that has no notes on that channel it speaks to all parts of the channel (and port).
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from plugin_core.score.general_midi import PROGRAM_NAMES
from plugin_core.score.score import SHORTEST_NOTE_S, Score, ScorePart, by_time
from plugin_core.score.tempo import TempoMap
from plugin_core.score.tracks import LARGEST_FILE, Division, TickTrack, printable_name, read_tracks
from plugin_core.score.user_file import read_user_file
from plugin_core.types import Controller, ControllerKind, InputError, Note, Part

MOST_SHARED_CONTROLLERS = 2_000_000
"""Controllers of tracks without notes, once for each part that hears them."""


def read_midi(path: Path) -> Score:
    """Return the score in a MIDI file.

    Note-offs end the longest-held note of their key; notes of no length last `SHORTEST_NOTE_S`;
    notes that never end stop with their track. A file without notes is a score without parts.
    Raises InputError, naming file and place, for what cannot be read.
    """
    return parse_midi(read_user_file(path, LARGEST_FILE, "a MIDI file"), source=str(path))


def parse_midi(data: bytes, *, source: str) -> Score:
    """Return the score in the bytes of a MIDI file; `source` names it in errors."""
    division, tracks, warnings = read_tracks(data, source)
    clock = _Clock.of(division, tracks, warnings)
    end_s = float(clock.seconds([max(track.end for track in tracks)])[0])

    parts: list[ScorePart] = []
    silent: list[ScorePart] = []
    for track in tracks:
        with_notes, without_notes = _channels(track)
        for channel in sorted(with_notes | without_notes):
            part = _part(track, channel, clock, end_s, alone=len(with_notes) == 1)
            entry = ScorePart(track.number, channel + 1, part, track.port)
            (parts if channel in with_notes else silent).append(entry)
    return Score(
        source=source,
        parts=_with_channel_state(parts, silent, source),
        silent=tuple(silent),
        tempo=clock.tempo,
        end_s=end_s,
        warnings=tuple(warnings),
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """Ticks to seconds, through the tempo map or, for SMPTE files, directly."""

    division: Division
    tempo: TempoMap

    @classmethod
    def of(cls, division: Division, tracks: Sequence[TickTrack], warnings: list[str]) -> "_Clock":
        tempos = sorted((tempo for track in tracks for tempo in track.tempos), key=lambda t: t[0])
        if any(microseconds == 0 for _, microseconds in tempos):
            warnings.append("tempo changes of 0 microseconds per beat, ignored")
        changes = [(tick, 60e6 / microseconds) for tick, microseconds in tempos if microseconds]
        if division.per_beat is not None:
            per_beat = division.per_beat
            return cls(division, TempoMap.of((tick / per_beat, bpm) for tick, bpm in changes))
        per_second = division.per_second or 1.0
        return cls(division, TempoMap.timed((tick / per_second, bpm) for tick, bpm in changes))

    def seconds(self, ticks: Sequence[int]) -> NDArray[np.float64]:
        tick = np.array(ticks, dtype=np.float64)
        if self.division.per_second is not None:
            return tick / self.division.per_second
        return self.tempo.seconds(tick / float(self.division.per_beat or 1))


def _channels(track: TickTrack) -> tuple[set[int], set[int]]:
    with_notes = {note[2] for note in track.notes}
    return with_notes, {controller[4] for controller in track.controllers} - with_notes


def _part(track: TickTrack, channel: int, clock: _Clock, end_s: float, *, alone: bool) -> Part:
    notes = [note for note in track.notes if note[2] == channel]
    controllers = [controller for controller in track.controllers if controller[4] == channel]
    onsets = clock.seconds([note[0] for note in notes]).tolist()
    offsets = clock.seconds([note[1] for note in notes]).tolist()
    times = clock.seconds([controller[0] for controller in controllers]).tolist()
    return Part(
        name=track.name if alone else "",
        notes=tuple(
            Note(on, max(off, on + SHORTEST_NOTE_S), pitch, velocity, channel)
            for on, off, (_, _, _, pitch, velocity) in zip(onsets, offsets, notes, strict=True)
        ),
        controllers=tuple(
            Controller(time, kind, index, value, channel)
            for time, (_, kind, index, value, _) in zip(times, controllers, strict=True)
        ),
        end_s=end_s,
    )


def _with_channel_state(
    parts: Sequence[ScorePart], silent: Sequence[ScorePart], source: str
) -> tuple[ScorePart, ...]:
    """Give parts what their channels say elsewhere: controllers, a program, and then a name."""
    shared: dict[tuple[int, int], list[Controller]] = defaultdict(list)
    for entry in silent:
        shared[entry.port, entry.channel].extend(entry.part.controllers)
    count = sum(len(shared[entry.port, entry.channel]) for entry in parts)
    if count > MOST_SHARED_CONTROLLERS:
        expected = f"at most {MOST_SHARED_CONTROLLERS} controllers from tracks without notes"
        raise InputError(source, "", expected, count)

    heard = [by_time([*shared[p.port, p.channel], *p.part.controllers]) for p in parts]
    programs = [_program(p.part, controllers) for p, controllers in zip(parts, heard, strict=True)]
    of_channel: dict[tuple[int, int], int] = {}
    for entry, program in zip(parts, programs, strict=True):
        if program is not None:
            of_channel.setdefault((entry.port, entry.channel), program)

    complete = []
    for entry, controllers, own in zip(parts, heard, programs, strict=True):
        program = of_channel.get((entry.port, entry.channel)) if own is None else own
        part = replace(entry.part, controllers=controllers, program=program)
        name = part.name or _default_name(entry, program)
        complete.append(replace(entry, part=replace(part, name=name)))
    return tuple(complete)


def _program(part: Part, controllers: Iterable[Controller]) -> int | None:
    """Return the program in force at the first note, or the first that follows."""
    changes = [c for c in controllers if c.kind is ControllerKind.PROGRAM]
    before = [c for c in changes if c.time_s <= part.notes[0].onset_s]
    chosen = before[-1:] or changes[:1]
    return chosen[0].value if chosen else None


def _default_name(entry: ScorePart, program: int | None) -> str:
    if entry.is_drums:
        return "Drums"
    if program is not None:
        return PROGRAM_NAMES[program]
    return f"Track {entry.track} channel {entry.channel}"


def write_midi(
    path: Path,
    parts: Iterable[Part],
    *,
    tempo: TempoMap | None = None,
    ticks_per_beat: int = 960,
) -> None:
    """Write a MIDI file of type 1: a track of tempo changes (default 120), then one per part.

    Times are rounded to ticks; a note lasts at least one. Where notes of one key overlap, a reader
    ends the first of them first, whatever the parts said. The file appears whole or not at all.
    Raises ValueError for values that MIDI cannot hold (negative times, keys above 127, ...).
    """
    tempo = tempo or TempoMap()
    file = mido.MidiFile(type=1, ticks_per_beat=ticks_per_beat, charset="utf-8")
    file.tracks.append(_tempo_track(tempo, ticks_per_beat))
    file.tracks.extend(_part_track(part, tempo, ticks_per_beat) for part in parts)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file.save(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _tempo_track(tempo: TempoMap, ticks_per_beat: int) -> mido.MidiTrack:
    return _track(
        [
            (
                round(beat * ticks_per_beat),
                0,
                mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm)),
            )
            for beat, bpm in tempo.changes
        ]
    )


def _part_track(part: Part, tempo: TempoMap, ticks_per_beat: int) -> mido.MidiTrack:
    def tick(time_s: float) -> int:
        return round(tempo.beats(time_s) * ticks_per_beat)

    # At one tick: what ends, what changes, what begins.
    events: list[tuple[int, int, mido.Message]] = []
    channel = part.notes[0].channel if part.notes else 0
    has_program = any(c.kind is ControllerKind.PROGRAM for c in part.controllers)
    if part.program is not None and not has_program:
        message = mido.Message("program_change", channel=channel, program=part.program)
        events.append((0, 1, message))
    for controller in part.controllers:
        events.append((tick(controller.time_s), 1, _controller_message(controller)))
    for note in part.notes:
        common = {"channel": note.channel, "note": note.midi_pitch}
        on = tick(note.onset_s)
        off = max(tick(note.offset_s), on + 1)
        events.append((on, 2, mido.Message("note_on", velocity=max(note.velocity, 1), **common)))
        events.append((off, 0, mido.Message("note_off", velocity=64, **common)))
    track = _track(sorted(events, key=lambda event: event[:2]), end=tick(part.end_s))
    track.insert(0, mido.MetaMessage("track_name", name=printable_name(part.name)))
    return track


def _controller_message(controller: Controller) -> mido.Message:
    kind, index, value = controller.kind, controller.index, controller.value
    fields: dict[ControllerKind, tuple[str, dict[str, int]]] = {
        ControllerKind.CONTROL: ("control_change", {"control": index, "value": value}),
        ControllerKind.PITCH_BEND: ("pitchwheel", {"pitch": value - 8192}),
        ControllerKind.PRESSURE: ("aftertouch", {"value": value}),
        ControllerKind.KEY_PRESSURE: ("polytouch", {"note": index, "value": value}),
        ControllerKind.PROGRAM: ("program_change", {"program": value}),
    }
    message_type, values = fields[kind]
    return mido.Message(message_type, channel=controller.channel, **values)


def _track(events: Sequence[tuple[int, int, mido.Message]], *, end: int = 0) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for at, _, message in events:
        track.append(message.copy(time=at - now))
        now = at
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    return track
