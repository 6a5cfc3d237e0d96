from pathlib import Path

import numpy as np
import pytest

from plugin_core.engine.parameters import PARAMETERS
from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.session import Effect, Session, Track
from plugin_core.types import CONTROLS, Controller, ControllerKind, InputError, Lane, Note, Part


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a MIDI file of two parts (tracks 2 and 3) at 60 bpm, and one of one part."""
    control = ControllerKind.CONTROL
    violin = Part(
        "Violin",
        (Note(0.0, 1.0, 60, 64),),
        (Controller(0.5, control, 1, 127), Controller(0.5, control, 10, 127)),
        program=40,
    )
    drums = Part("Kit", (Note(1.0, 2.0, 36, 99, 9),))
    write_midi(tmp_path / "two.mid", [violin, drums], tempo=TempoMap.constant(60))
    write_midi(tmp_path / "one.mid", [violin])
    (tmp_path / "swell.csv").write_text("beat,value\n0,0\n4,1\n")
    return tmp_path


def load(folder: Path, toml: str) -> Session:
    path = folder / "demo.toml"
    path.write_text(toml)
    return Session.load(path)


def points(lane: Lane | None) -> list[tuple[float, float]]:
    assert lane is not None
    return list(zip(lane.times_s.tolist(), lane.values.tolist(), strict=True))


def test_the_smallest_session_plays_all_parts(folder: Path):
    session = load(folder, 'midi = "two.mid"')
    assert session.name == "demo"
    assert [(t.name, t.sound, t.program, t.is_drums) for t in session.tracks] == [
        ("Violin", None, 40, False),
        ("Kit", None, None, True),
    ]
    assert (session.sample_rate, session.bit_depth) == (48000, "32f")
    assert (session.length_s, session.tail_s, session.seed) == (None, None, 0)
    assert session.tempo == TempoMap.constant(60)
    assert session.folder == folder


def test_every_key_of_a_session(folder: Path):
    session = load(
        folder,
        """
        name = "Night music"
        midi = "two.mid"
        sample_rate = 96000
        bit_depth = 24
        length = 7.5
        tail = 2
        tempo = 120
        seed = 5
        normalize = true
        time_unit = "beats"

        [[track]]
        name = "Solo"
        track = 2
        channel = 1
        sound = "bank.syx#7"
        gain = [[0, -6], [4, 0]]
        pan = -0.5
        mute = true
        solo = true
        [track.lanes]
        brightness = "swell.csv"
        op3_level = { points = [[0, 0], [4, 99]], unit = "seconds" }
        lfo_wave = "sine"
        algorithm = 5
        [[track.effects]]
        name = "Reverb"
        room_size = 0.4

        [master]
        effects = [{ vst3 = "eq.vst3", parameters = { name = "x", on = true } }]
        """,
    )
    assert (session.name, session.sample_rate, session.bit_depth) == ("Night music", 96000, "24")
    assert (session.length_s, session.tail_s, session.seed, session.normalize) == (7.5, 2, 5, True)
    (track,) = session.tracks
    assert (track.name, track.sound, track.mute, track.solo) == ("Solo", "bank.syx#7", True, True)
    # At 120 instead of the file's 60 bpm a beat lasts half as long.
    assert track.part.notes == (Note(0.0, 0.5, 60, 64),)
    assert points(track.gain_db) == [(0, -6), (2, 0)]
    assert points(track.pan) == [(0, -0.5)]
    assert {name: points(lane) for name, lane in track.lanes.items()} == {
        "brightness": [(0, 0), (2, 1)],
        "op3_level": [(0, 0), (4, 99)],
        "lfo_wave": [(0, 4)],
        "algorithm": [(0, 5)],
    }
    assert track.effects == (Effect("Reverb", {"room_size": 0.4}),)
    assert session.master == (Effect("eq.vst3", {"name": "x", "on": True}),)


def test_every_parameter_may_have_a_lane(folder: Path):
    lanes = "\n".join(f"{p.id} = {p.high}" for p in PARAMETERS)
    track = load(folder, f'midi = "one.mid"\n[[track]]\n[track.lanes]\n{lanes}').tracks[0]
    assert set(CONTROLS) < set(track.lanes)
    assert [points(track.lanes[p.id])[0][1] for p in PARAMETERS] == [p.high for p in PARAMETERS]


def test_a_controller_that_drives_a_lane_does_nothing_else(folder: Path):
    track = load(folder, 'midi = "one.mid"\n[[track]]\nlanes = { brightness = "cc1" }').tracks[0]
    assert points(track.lanes["brightness"]) == [(0, 0), (0.5, 0), (0.5, 1)]
    indices = [c.index for c in track.part.controllers if c.kind is ControllerKind.CONTROL]
    assert indices == [10]


def test_without_a_pan_cc10_pans(folder: Path):
    track = load(folder, 'midi = "one.mid"').tracks[0]
    assert track.pan is None
    assert points(track.sounding_pan()) == [(0, 0), (0.5, 0), (0.5, 1)]
    given = load(folder, 'midi = "one.mid"\n[[track]]\npan = 0.25').tracks[0]
    assert points(given.sounding_pan()) == [(0, 0.25)]
    assert points(Track("", Part("")).sounding_pan()) == [(0, 0)]


def test_tracks_may_play_other_files(folder: Path):
    session = load(
        folder,
        'midi="two.mid"\n[[track]]\nmidi="one.mid"\n[[track]]\ntrack=3\n[[track]]\nchannel=1',
    )
    assert [track.name for track in session.tracks] == ["Violin", "Kit", "Violin"]


def test_solo_silences_the_others_and_mute_itself(folder: Path):
    part = Part("", (Note(0, 1, 60, 64),))
    one, two = Track("one", part), Track("two", part, mute=True)
    solo, both = Track("solo", part, solo=True), Track("both", part, solo=True, mute=True)
    assert Session("s", (one, two)).audible == (one,)
    assert Session("s", (one, two, solo, both)).audible == (solo,)


def test_a_session_from_midi_alone(folder: Path):
    session = Session.from_midi(folder / "two.mid", sounds={2: "kit.syx"}, sample_rate=44100)
    assert [track.sound for track in session.tracks] == [None, "kit.syx"]
    assert session.sample_rate == 44100
    session = Session.from_midi(folder / "two.mid", sounds="a.syx#1")
    assert [track.sound for track in session.tracks] == ["a.syx#1", "a.syx#1"]


def test_lanes_in_python(folder: Path):
    lane = Lane.of([(0, 0.2), (1, 0.8)])
    track = Track("x", Part("", (Note(0, 1, 60, 64),)), lanes={"brightness": lane})
    assert Session("s", (track,)).tracks[0].lanes["brightness"].at(np.array([0.5])) == 0.5


TRACK = 'midi = "one.mid"\n[[track]]\nname = "Solo"\n'
IN_TRACK = r"track 1 \(Solo\)"


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("", ": expected at least one track with notes, found none"),
        ("name = ", r": expected valid TOML, found Invalid value \(at end of document\)"),
        ("a = 1\nb = = 2", r": expected valid TOML, found Invalid value \(at line 2, column 5\)"),
        ("sample_rat = 1", ": expected sample_rate, found the unknown key 'sample_rat'"),
        (
            "sample_rate = 8000",
            r": sample_rate: expected a whole number in 22050..192000, found 8000",
        ),
        ("sample_rate = 44100.5", ": sample_rate: expected a whole number in .* found 44100.5"),
        ("bit_depth = 16", ': bit_depth: expected "24" or "32f", found 16'),
        ("length = -1", ": length: expected a value in 0..7200, found -1"),
        ("tail = inf", ": tail: expected a value in 0..7200, found inf"),
        ("tempo = 0", ": tempo: expected a value in 1..1000, found 0"),
        ("seed = 1.5", ": seed: expected a whole number in 0..65535, found 1.5"),
        ("normalize = 1", ": normalize: expected true or false, found 1"),
        ('time_unit = "bars"', ': time_unit: expected "seconds" or "beats", found \'bars\''),
        ("name = 3", ": name: expected a text, found 3"),
        ("track = 3", r": track: expected a list of tables \[\[track\]\], found 3"),
        ("[[track]]", ": track 1.midi: expected a MIDI file, .* found nothing"),
        (
            "[[track]]\nmidi = 'two.mid'",
            ": track 1: expected a track or channel that chooses one part",
        ),
        (
            "[[track]]\nmidi = 'two.mid'\ntrack = 1",
            ": track 1: expected notes on track 1 of .*two.mid",
        ),
        ("[master]\ngain = 3", ": master: expected one of effects, found the unknown key 'gain'"),
        (TRACK + "sund = 'x'", f": {IN_TRACK}: expected sound, found the unknown key 'sund'"),
        (TRACK + "gain = 99", f": {IN_TRACK}.gain: expected a value in -120..24, found 99"),
        (TRACK + "pan = [[0, 0], [1, 2]]", f": {IN_TRACK}.pan, breakpoint 2: expected a value in"),
        (
            TRACK + "channel = 17",
            f": {IN_TRACK}.channel: expected a whole number in 1..16, found 17",
        ),
        (TRACK + "mute = 'yes'", f": {IN_TRACK}.mute: expected true or false, found 'yes'"),
        (
            TRACK + "[track.lanes]\nbrightnes = 1",
            f": {IN_TRACK}.lanes: expected a parameter, brightness, found the unknown lane",
        ),
        (
            TRACK + "[track.lanes]\ngain = 1",
            f": {IN_TRACK}.lanes: expected gain as a key of the track itself, found gain",
        ),
        (
            TRACK + "[track.lanes]\nalgorithm = 33",
            f": {IN_TRACK}.lanes.algorithm: expected a value in 1..32, found 33",
        ),
        (TRACK + "lanes = 3", rf": {IN_TRACK}.lanes: expected a table \[lanes\], found 3"),
        (
            TRACK + "effects = [{ room = 1 }]",
            f": {IN_TRACK}.effects 1: expected one of name, vst3, found none",
        ),
        (
            TRACK + "effects = [{ name = 'Reverb', room = [1] }]",
            rf": {IN_TRACK}.effects 1.room: expected a finite number, .* found \[1\]",
        ),
    ],
)
def test_what_is_no_session_is_one_line(folder: Path, toml: str, line: str):
    with pytest.raises(InputError, match=rf"demo\.toml{line}"):
        load(folder, toml)


def test_a_broken_midi_file_is_named_itself(folder: Path):
    (folder / "broken.mid").write_bytes(b"MThd")
    with pytest.raises(InputError, match=r"broken\.mid: byte 4: expected a header"):
        load(folder, 'midi = "broken.mid"')
    with pytest.raises(InputError, match=r"missing\.mid: expected a MIDI file that can be read"):
        Session.from_midi(folder / "missing.mid")


def test_a_midi_file_without_notes_is_no_session(folder: Path):
    write_midi(folder / "empty.mid", [])
    with pytest.raises(InputError, match="expected at least one track with notes, found none"):
        Session.from_midi(folder / "empty.mid")


def test_a_sound_for_a_part_that_does_not_exist(folder: Path):
    with pytest.raises(InputError, match=r"expected a sound for a part in 1\.\.2, found one for"):
        Session.from_midi(folder / "two.mid", sounds={3: "x.syx"})


@pytest.mark.parametrize(
    "wrong", [{"sample_rate": 8000}, {"length_s": -1.0}, {"seed": -1}, {"bit_depth": "16"}]
)
def test_python_is_held_to_the_same_ranges(wrong: dict[str, object]):
    track = Track("x", Part("", (Note(0, 1, 60, 64),)))
    with pytest.raises(InputError, match="expected"):
        Session("s", (track,), **wrong)


def test_notes_beyond_two_hours_need_a_length():
    track = Track("x", Part("", (Note(9000, 9001, 60, 64),)))
    with pytest.raises(InputError, match="expected notes within 7200 s, or a length"):
        Session("s", (track,))
    assert Session("s", (track,), length_s=10).length_s == 10
