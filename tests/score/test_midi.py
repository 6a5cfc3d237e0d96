import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.score.midi import parse_midi, read_midi, write_midi
from plugin_core.score.score import SHORTEST_NOTE_S, Score
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Controller, ControllerKind, Note, Part
from tests.score.smf import chunk, events, midi_file


def parsed(*tracks: str, file_type: int = 1, division: int = 96) -> Score:
    data = midi_file(*map(events, tracks), file_type=file_type, division=division)
    return parse_midi(data, source="x.mid")


def spans(score: Score, part: int = 0) -> list[tuple[int, float, float]]:
    return [(n.midi_pitch, n.onset_s, n.offset_s) for n in score.parts[part].part.notes]


def test_a_note_in_seconds():
    score = parsed("60 90 3c 40 60 80 3c 00")  # on after a beat, off a beat later
    (note,) = score.parts[0].part.notes
    assert note == Note(0.5, 1.0, 60, 64, 0)
    assert score.end_s == 1.0


def test_running_status_and_note_on_with_velocity_0_as_note_off():
    assert spans(parsed("00 90 3c 40 30 3e 40 30 3c 00 30 3e 00")) == [
        (60, 0.0, 0.5),
        (62, 0.25, 0.75),
    ]


def test_overlapping_notes_of_one_key_end_in_the_order_of_their_beginning():
    assert spans(parsed("00 90 3c 40 60 3c 41 60 3c 00 60 3c 00")) == [
        (60, 0.0, 1.0),
        (60, 0.5, 1.5),
    ]


def test_a_note_off_ends_only_its_own_channel():
    score = parsed("00 90 3c 40 00 91 3c 40 60 81 3c 00 60 80 3c 00")
    assert spans(score, 0) == [(60, 0.0, 1.0)]
    assert spans(score, 1) == [(60, 0.0, 0.5)]


def test_a_note_that_never_ends_stops_with_its_track():
    score = parsed("00 90 3c 40 81 40 b0 01 00")  # 192 ticks
    assert spans(score) == [(60, 0.0, 1.0)]
    assert "1 notes never end" in score.warnings[0]


def test_a_note_of_no_length_is_kept():
    assert spans(parsed("60 90 3c 40 00 3c 00")) == [(60, 0.5, 0.5 + SHORTEST_NOTE_S)]


def test_tempo_changes_on_any_track_hold_for_all():
    score = parsed("00 ff 51 03 0f 42 40 60 ff 51 03 07 a1 20", "60 90 3c 40 60 80 3c 00")
    assert score.tempo == TempoMap(((0, 60), (1, 120)))
    assert spans(score) == [(60, 1.0, 1.5)]


def test_a_tempo_of_no_time_per_beat_is_ignored():
    score = parsed("00 ff 51 03 00 00 00 60 90 3c 40 60 80 3c 00")
    assert spans(score) == [(60, 0.5, 1.0)]
    assert "0 microseconds" in score.warnings[0]


def test_smpte_time_runs_in_frames_whatever_the_tempo():
    # 25 frames of 40 ticks: a tick is a millisecond.
    division = struct.unpack(">H", struct.pack(">bB", -25, 40))[0]
    score = parsed("00 ff 51 03 0f 42 40 64 90 3c 40 64 80 3c 00", division=division)
    assert spans(score) == [(60, 0.1, 0.2)]
    assert score.tempo.beats(0.1) == pytest.approx(0.1)  # 60 bpm


def test_29_frames_per_second_are_drop_frame():
    division = struct.unpack(">H", struct.pack(">bB", -29, 100))[0]
    score = parsed("64 90 3c 40 64 80 3c 00", division=division)
    assert spans(score)[0][1] == pytest.approx(1001 / 30000)


def test_one_part_per_track_and_channel_in_file_order():
    score = parsed("", "00 91 3c 40 00 90 3c 40 10 81 3c 00 00 80 3c 00", "00 99 24 40 10 24 00")
    assert [(p.track, p.channel, p.is_drums) for p in score.parts] == [
        (2, 1, False),
        (2, 2, False),
        (3, 10, True),
    ]
    assert score.parts[2].part.name == "Drums"


def test_names_come_from_the_track_or_else_the_program():
    note = "00 90 3c 40 10 3c 00"
    name = b" Sop\0rano".hex()
    score = parsed(f"00 ff 03 09 {name} {note}", f"00 c0 28 {note}", note)
    names = [p.part.name for p in score.parts]
    assert names == ["Sop rano", "Violin", "Violin"]  # the last has its channel's program


def test_names_in_utf_8_are_read():
    name = "Bäß".encode()
    score = parsed(f"00 ff 03 {len(name):02x} {name.hex()} 00 90 3c 40 10 3c 00")
    assert score.parts[0].part.name == "Bäß"


def test_the_program_is_the_one_in_force_at_the_first_note():
    score = parsed("00 c0 00 00 c0 28 10 90 3c 40 10 3c 00 00 c0 49")
    assert score.parts[0].part.program == 40
    programs = [c for c in score.parts[0].part.controllers if c.kind is ControllerKind.PROGRAM]
    assert [c.value for c in programs] == [0, 40, 73]


def test_controllers_of_every_kind():
    score = parsed("00 90 3c 40 60 b0 01 7f 00 e0 00 40 00 d0 05 00 a0 3c 06 00 80 3c 00")
    assert score.parts[0].part.controllers == (
        Controller(0.5, ControllerKind.CONTROL, 1, 127),
        Controller(0.5, ControllerKind.PITCH_BEND, 0, 8192),
        Controller(0.5, ControllerKind.PRESSURE, 0, 5),
        Controller(0.5, ControllerKind.KEY_PRESSURE, 60, 6),
    )


def test_a_track_without_notes_speaks_to_all_parts_of_its_channel():
    note = "00 90 3c 40 10 3c 00"
    score = parsed("00 b0 07 50 00 c0 05 00 b1 07 01", note, f"00 b0 07 60 {note}")
    volumes = [[c.value for c in p.part.controllers if c.index == 7] for p in score.parts]
    assert volumes == [[80], [80, 96]]
    assert [p.part.program for p in score.parts] == [5, 5]


def test_channels_of_different_ports_are_different():
    note = "00 90 3c 40 10 3c 00"
    score = parsed("00 ff 21 01 01 00 b0 07 50", note)
    assert score.parts[0].part.controllers == ()


def test_what_follows_the_end_of_a_track_does_not_count():
    score = parsed("00 90 3c 40 60 3c 00 00 ff 2f 00 60 90 40 40 60 40 00")
    assert spans(score) == [(60, 0.0, 0.5)]


def test_a_key_signature_that_does_not_exist_is_ignored():
    score = parsed("00 ff 59 02 0f 00 00 90 3c 40 60 3c 00")
    assert spans(score) == [(60, 0.0, 0.5)]
    assert "key signature" in score.warnings[0]


def test_other_chunks_are_skipped():
    track = events("00 90 3c 40 60 3c 00")
    header = midi_file(track)[:14]
    score = parse_midi(header + chunk(b"XFIH", b"abc") + chunk(b"MTrk", track), source="x.mid")
    assert spans(score) == [(60, 0.0, 0.5)]
    assert "XFIH" in score.warnings[0]


def test_huge_times_cost_nothing():
    longest = "ff ff ff 7f"
    score = parsed(" ".join([f"{longest} 90 3c 40 {longest} 3c 00"] * 50))
    assert score.end_s == pytest.approx(100 * (2**28 - 1) / 192)


def test_picking_by_track_keeps_channels_together():
    score = parsed("00 b0 4a 10 00 91 3c 40 00 92 40 41 10 81 3c 00 00 82 40 00")
    picked = score.pick(track=1).part
    assert [(n.channel, n.midi_pitch) for n in picked.notes] == [(1, 60), (2, 64)]
    assert [(c.channel, c.value) for c in picked.controllers] == [(0, 16)]


def test_a_shared_controller_counts_once_in_a_merged_part():
    note = "00 90 3c 40 10 3c 00"
    score = parsed("00 b0 40 7f 00 b0 40 00 00 b0 40 7f", note, note)
    pedal = [c.value for c in score.pick(channel=1).part.controllers]
    assert pedal == [127, 0, 127]


def test_a_score_at_another_tempo_keeps_its_beats():
    score = parsed("60 90 3c 40 60 80 3c 00").at_tempo(TempoMap.constant(60))
    assert spans(score) == [(60, 1.0, 2.0)]
    assert score.end_s == 2.0
    assert score.parts[0].part.end_s == 2.0


TICKS_PER_BEAT = 960
ticks = st.integers(0, 100 * TICKS_PER_BEAT)


@st.composite
def written_parts(draw: st.DrawFn, tempo: TempoMap) -> Part:
    """Notes on a grid of ticks, none overlapping another of its key."""
    channel = draw(st.integers(0, 15))
    notes = []
    for pitch in draw(st.sets(st.integers(0, 127), min_size=1, max_size=6)):
        times = sorted(draw(st.sets(ticks, min_size=2, max_size=10)))
        for on, off in zip(times[::2], times[1::2], strict=False):
            onset_s, offset_s = (tempo.seconds(t / TICKS_PER_BEAT) for t in (on, off))
            notes.append(Note(onset_s, offset_s, pitch, draw(st.integers(1, 127)), channel))
    controllers = draw(
        st.lists(
            st.one_of(
                st.tuples(ticks, st.just("control"), st.integers(0, 127), st.integers(0, 127)),
                st.tuples(ticks, st.just("pitch_bend"), st.just(0), st.integers(0, 16383)),
                st.tuples(ticks, st.just("pressure"), st.just(0), st.integers(0, 127)),
                st.tuples(ticks, st.just("key_pressure"), st.integers(0, 127), st.integers(0, 127)),
            ),
            max_size=10,
        )
    )
    return Part(
        name=draw(st.text("abc äß", max_size=10)).strip(),
        notes=tuple(sorted(notes, key=lambda n: n.onset_s)),
        controllers=tuple(
            Controller(tempo.seconds(at / TICKS_PER_BEAT), ControllerKind(kind), index, v, channel)
            for at, kind, index, v in sorted(controllers, key=lambda c: c[0])
        ),
    )


@given(st.data())
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    # Tempos that MIDI holds exactly: whole microseconds per beat.
    bpm = st.sampled_from([60.0, 75.0, 100.0, 120.0, 150.0, 240.0])
    changes = data.draw(st.dictionaries(st.integers(1, 90), bpm, max_size=4))
    tempo = TempoMap.of([(0, data.draw(bpm)), *sorted(changes.items())])
    parts = data.draw(st.lists(written_parts(tempo), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("midi") / "x.mid"
    write_midi(path, parts, tempo=tempo, ticks_per_beat=TICKS_PER_BEAT)

    score = read_midi(path)
    assert score.tempo == tempo
    assert len(score.parts) == len(parts)
    for written, entry in zip(parts, score.parts, strict=True):
        read = entry.part
        assert entry.channel == written.notes[0].channel + 1
        if " ".join(written.name.split()):
            assert read.name == " ".join(written.name.split())
        key = [(n.midi_pitch, n.velocity, n.channel) for n in written.notes]
        assert sorted((n.midi_pitch, n.velocity, n.channel) for n in read.notes) == sorted(key)
        half_tick_s = 0.5 * 60 / 60 / TICKS_PER_BEAT
        by_key = sorted(written.notes, key=lambda n: (n.midi_pitch, n.onset_s))
        for note, again in zip(
            by_key, sorted(read.notes, key=lambda n: (n.midi_pitch, n.onset_s)), strict=True
        ):
            assert again.onset_s == pytest.approx(note.onset_s, abs=half_tick_s)
            assert again.offset_s == pytest.approx(
                max(note.offset_s, note.onset_s + SHORTEST_NOTE_S), abs=half_tick_s
            )
        assert [(c.kind, c.index, c.value) for c in read.controllers] == [
            (c.kind, c.index, c.value) for c in written.controllers
        ]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    path = tmp_path / "x.mid"
    with pytest.raises(ValueError, match=r"0\.\.127"):
        write_midi(path, [Part("", (Note(0, 1, 200, 64),))])
    with pytest.raises(ValueError, match="negative"):
        write_midi(path, [Part("", (Note(-1, 1, 60, 64),))])
    assert list(tmp_path.iterdir()) == []
