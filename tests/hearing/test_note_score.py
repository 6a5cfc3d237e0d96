"""analysis.mid: the notes as heard, with the controllers of DESIGN.md at their onsets."""

from plugin_core.hearing.note_score import part_of
from plugin_core.score.midi import read_midi, write_midi
from plugin_core.types import ControllerKind, Expression, ExpressiveNote, Note

NOTES = (
    ExpressiveNote(Note(0.1, 0.5, 60, 100), Expression(1.0, 0.0, 0.5, 1.7, 0.25, -0.2)),
    ExpressiveNote(Note(0.5, 1.25, 67, 30), Expression(0.5, 0.1, 0.0, 0.0, 0.75, 0.5)),
)


def test_a_midi_file_says_the_same(tmp_path):
    write_midi(tmp_path / "a.mid", [part_of(NOTES, name="take 1", instrument="violin", end_s=2.0)])
    score = read_midi(tmp_path / "a.mid")
    (entry,) = score.parts
    assert entry.part.name == "take 1"
    assert entry.part.program == 40  # General MIDI: 41 Violin, counted from 1
    assert [(note.midi_pitch, note.velocity) for note in entry.part.notes] == [(60, 100), (67, 30)]
    for found, each in zip(entry.part.notes, NOTES, strict=True):
        assert abs(found.onset_s - each.note.onset_s) < 1e-3
        assert abs(found.offset_s - each.note.offset_s) < 1e-3
    assert score.end_s == 2.0


def test_each_note_sets_six_controllers():
    part = part_of(NOTES, name="")
    first = {c.index: c.value for c in part.controllers if c.time_s == 0.1}
    assert first == {11: 127, 20: 0, 21: 64, 1: 127, 74: 32, 73: 0}
    assert len(part.controllers) == 12
    assert {c.kind for c in part.controllers} == {ControllerKind.CONTROL}
    assert part.program is None
