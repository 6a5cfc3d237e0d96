from pathlib import Path

import pytest

from plugin_core.score.midi import read_midi
from presets.sessions import make_bass, make_chorale, make_ddx7, make_live

SESSIONS = Path(make_chorale.__file__).parent


@pytest.mark.parametrize(
    "script",
    [make_chorale, make_bass, make_live, make_ddx7],
    ids=["chorale", "bass", "live", "ddx7"],
)
def test_the_committed_files_are_what_the_script_writes(script, tmp_path: Path):
    script.write(tmp_path)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (SESSIONS / made.name).read_bytes(), made.name


def test_the_chorale_opens_with_the_hymn():
    # The first line of the hymn's tune, as Bach sets it here: a' d'' c'' b flat' a' g' a'.
    soprano = read_midi(SESSIONS / "chorale.mid").parts[0].part
    assert [note.midi_pitch for note in soprano.notes[:7]] == [69, 74, 72, 70, 69, 67, 69]


def test_the_chorale_has_four_named_parts():
    parts = read_midi(SESSIONS / "chorale.mid").parts
    assert [part.part.name for part in parts] == ["Soprano", "Alto", "Tenor", "Bass"]


def test_all_singers_end_together():
    ends = {part.part.notes[-1].offset_s for part in read_midi(SESSIONS / "chorale.mid").parts}
    assert len(ends) == 1
