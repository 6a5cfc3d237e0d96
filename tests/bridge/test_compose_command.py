"""`hexachord compose`: files that others open, sessions that render, one line for bad input."""

from pathlib import Path

import mido
import music21
import pytest

from bridge.cli import main
from bridge.composed_session import QUARTET, Titled, session_text, sounds_named
from plugin_core.score import read_midi, write_midi
from plugin_core.session import Session
from plugin_core.types import InputError, Note, Part
from tests.composing.untrained import melody, write_untrained

TUNE = (67, 69, 71, 72, 74, 72, 71, 69)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_untrained(tmp_path_factory.mktemp("models"))


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    write_midi(path, [Part("tune", tuple(melody(*TUNE)))])
    return path


def compose(*words: object) -> int:
    return main(["compose", *map(str, words)])


def test_a_solo_is_a_midi_file_that_others_open(tmp_path: Path, capfd):
    out = tmp_path / "piece.mid"
    words = ("--bars", 3, "--seed", 7, "--flat", "--out", out)
    assert compose("solo", *words) == 0
    ours = [note for part in read_midi(out).parts for note in part.part.notes]
    sounding = [m for m in mido.MidiFile(out) if m.type == "note_on" and m.velocity > 0]
    theirs = music21.converter.parse(out).stripTies().flatten().notes
    assert len(ours) == len(sounding) == sum(len(chord.pitches) for chord in theirs)
    flat = read_midi(tmp_path / "piece-flat.mid").parts[0].part.notes
    assert {note.velocity for note in flat} == {64}
    assert (tmp_path / "piece.png").stat().st_size > 5000
    told = capfd.readouterr()
    assert told.err == ""
    assert told.out.count("\n") == 3


def test_a_seed_is_a_file(models, tmp_path: Path):
    for name in ("a", "b"):
        words = ("--model", models[0], "--bars", 2, "--seed", 5, "--no-picture")
        assert compose("solo", *words, "--out", tmp_path / f"{name}.mid") == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_a_line_of_ones_own_is_humanized(models, tune: Path, tmp_path: Path):
    out = tmp_path / "human.mid"
    words = ("--prime", tune, "--keep", "pitch", "--expressive", "velocity", "--no-picture")
    assert compose("solo", "--model", models[0], *words, "--out", out) == 0
    notes = read_midi(out).parts[0].part.notes
    assert [note.midi_pitch for note in notes] == list(TUNE)
    assert [note.onset_s for note in notes] == pytest.approx([0.5 * i for i in range(8)])
    assert len({note.velocity for note in notes}) > 1


def test_a_chorale_keeps_its_melody(models, tune: Path, tmp_path: Path):
    out = tmp_path / "chorale.mid"
    words = ("--soprano", tune, "--bass", "none", "--key", "auto", "--bpm", 90)
    assert compose("chorale", "--model", models[1], *words, "--out", out) == 0
    score = read_midi(out)
    assert [part.part.name for part in score.parts] == ["Soprano", "Alto", "Tenor", "Bass"]
    assert [note.midi_pitch for note in score.parts[0].part.notes] == list(TUNE)
    beats = [score.tempo.beats(note.onset_s) for note in score.parts[0].part.notes]
    assert beats == pytest.approx(range(8), abs=2e-3)
    assert len(music21.converter.parse(out).parts) == 4


def test_bars_of_four_given_parts_are_kept(models, tmp_path: Path):
    given, out = tmp_path / "four.mid", tmp_path / "out.mid"
    lows = (67, 60, 55, 48)
    parts = [Part(f"{v}", tuple(melody(*[low] * 8))) for v, low in enumerate(lows)]
    write_midi(given, parts)
    words = ("--given", given, "--keep-bars", "2", "--no-picture", "--out", out)
    assert compose("chorale", "--model", models[1], *words) == 0
    for part, low in zip(read_midi(out).parts, lows, strict=True):
        tempo = read_midi(out).tempo
        late = [note for note in part.part.notes if tempo.beats(note.onset_s) > 3.9]
        assert [note.midi_pitch for note in late] == [low] * 4


def test_a_session_that_can_be_edited(tmp_path: Path):
    parts = [Part(name, tuple(melody(*TUNE))) for name in ("Soprano", "Alto", "Tenor", "Bass")]
    write_midi(tmp_path / "chorale.mid", parts)
    titled = Titled("chorale", 'A "chorale"', "hexachord compose chorale")
    path = tmp_path / "chorale.toml"
    path.write_text(session_text(titled, parts, sounds_named("quartet", 4), 70000))
    session = Session.load(path)
    assert tuple(track.sound for track in session.tracks) == QUARTET
    assert [len(track.part.notes) for track in session.tracks] == [8] * 4
    assert session.name == 'A "chorale"'


def test_stems_of_a_piece_in_one_folder(sines, models, tmp_path: Path):
    out = tmp_path / "out"
    sound = "dx7/hexachord-2.syx#1"
    words = ("--bars", 1, "--bpm", 240, "--render", sound, "--no-picture", "--out", out)
    assert compose("chorale", "--model", models[1], *words) == 0
    assert {path.name for path in out.iterdir()} >= {
        *("chorale.mid", "chorale.toml", "stems", "mix.wav", "render.json")
    }
    assert len(list((out / "stems").iterdir())) == 4
    # The session alone, rendered again, is the same; edited it is not.
    session, again = out / "chorale.toml", tmp_path / "again"
    assert main(["render", str(session), "--out", str(again)]) == 0
    assert (again / "mix.wav").read_bytes() == (out / "mix.wav").read_bytes()
    session.write_text(session.read_text().replace("gain = 1", "gain = -20"))
    assert main(["render", str(session), "--out", str(again)]) == 0
    assert (again / "mix.wav").read_bytes() != (out / "mix.wav").read_bytes()


@pytest.mark.parametrize(("render", "parts"), [("violin,viola", 4), ("quartet", 1), (",", 2)])
def test_sounds_for_every_part(render: str, parts: int):
    with pytest.raises(InputError, match="--render: expected"):
        sounds_named(render, parts)


BAD = {
    "solo --prime none.mid": "none.mid: expected a MIDI file that can be read",
    "solo --prime empty.mid": "empty.mid: expected notes, found none",
    "solo --prime drums.mid": "drums.mid: expected notes, found only drums",
    "solo --prime tune.mid --bars 2": "tune.mid: expected an opening shorter than 2 bars",
    "solo --keep pitch": "--keep: expected the notes to keep (--prime X.mid)",
    "solo --prime tune.mid --keep duration": "--keep: expected some of pitch, found 'duration'",
    "solo --expressive loudness": "--expressive: expected some of velocity,duration",
    "solo --pitch-temperature nan": "--pitch-temperature: expected a temperature in 0.01..5",
    "solo --velocity-temperature -1": "--velocity-temperature: expected a temperature in 0.01..5",
    "solo --duration-temperature 99": "--duration-temperature: expected a temperature in 0.01..5",
    "solo --model nobody": "--model: expected chorale, chorale-lines, bach-performances",
    "solo --key G": "compose: --key: expected none for a solo, found G",
    "solo --bpm 0": "--bpm: expected beats per minute in 20..400",
    "solo --out out.png": "out.png: expected a MIDI file to write (.mid or .midi), found another",
    "solo --out none/out.mid": "none/out.mid: expected an existing folder to write into",
    "chorale --prime tune.mid": "compose: --prime: expected none for a chorale",
    "chorale --soprano low.mid": "low.mid: bar 1, beat 1: expected a soprano note, MIDI pitch in",
    "chorale --soprano drums.mid": "drums.mid: expected a melody for the soprano",
    "chorale --soprano tune.mid --bars 1": "tune.mid: expected at most 1 bars (--bars), found 2",
    "chorale --given tune.mid": "tune.mid: expected 4 parts with notes, found 1",
    "chorale --keep-bars 1": "--keep-bars: expected four parts to keep them of",
    "chorale --soprano tune.mid --keep-bars 4-2": "--keep-bars: expected bars such as 1-4,7",
    "chorale --key H": "--key: expected auto, or a key such as G",
    "chorale --temperature inf": "--temperature: expected a temperature in 0.01..5",
    "chorale --render violin,viola": "--render: expected quartet, one sound, or 4 sounds",
    "chorale --render voilin": "voilin",
}


@pytest.mark.parametrize("words", BAD)
def test_one_clear_line(words: str, models, tune: Path, tmp_path: Path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    write_midi(tmp_path / "empty.mid", [Part("empty")])
    write_midi(tmp_path / "drums.mid", [Part("drums", (Note(0.0, 1.0, 60, 80, 9),))])
    write_midi(tmp_path / "low.mid", [Part("low", tuple(melody(40, 41)))])
    what, *options = words.split()
    model = () if "--model" in words else ("--model", models[0 if what == "solo" else 1])
    before = sorted(tmp_path.iterdir())
    out = () if "--out" in words else ("--out", "out.mid")
    assert compose(what, *model, *options, *out) == 2
    told = capfd.readouterr()
    assert told.err.startswith(f"hexachord: {BAD[words]}") or BAD[words] in told.err
    assert told.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        "solo --prime x.mid --out x.mid",
        "solo --prime x.mid --keep pitch --out ./x.mid",
        "solo --prime x-flat.mid --flat --out x.mid",
        "chorale --soprano x.mid --out x.mid",
        "chorale --alto out/chorale.mid --render quartet --out out",
    ],
)
def test_what_is_read_is_not_written_over(words: str, tmp_path: Path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    for name in ("x.mid", "x-flat.mid", "out/chorale.mid"):
        write_midi(tmp_path / name, [Part("tune", tuple(melody(*TUNE)))])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.mid")}
    assert compose(*words.split()) == 2
    assert "expected another file than what is read, found" in capfd.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.mid")} == before


def test_the_wrong_kind_of_model(models, capfd, tmp_path: Path):
    assert compose("solo", "--model", models[1], "--out", tmp_path / "x.mid") == 2
    assert "kind: expected 'composer', a solo composer" in capfd.readouterr().err
    assert compose("chorale", "--model", models[0], "--out", tmp_path / "x.mid") == 2
    assert "kind: expected 'chorale', a model of chorales" in capfd.readouterr().err


@pytest.mark.parametrize("what", ["composer", "chorale"])
def test_training_on_a_folder_without_midi(what: str, tmp_path: Path, capfd):
    (tmp_path / "corpus").mkdir()
    words = ["--corpus", str(tmp_path / "corpus"), "--out", str(tmp_path)]
    assert main(["train", what, *words]) == 2
    assert "corpus: expected" in capfd.readouterr().err
