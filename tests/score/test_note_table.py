"""notes.csv: what is written is read back, whatever a spreadsheet made of it; errors are a line."""

import pytest

from plugin_core.score.note_table import COLUMNS, note_table, parse_note_table, read_note_table
from plugin_core.types import Expression, ExpressiveNote, InputError, Note

NOTES = (
    ExpressiveNote(Note(0.0, 0.5, 60, 100), Expression(0.9, 0.1, 0.25, 1.125, 0.5, -0.125)),
    ExpressiveNote(Note(0.5, 1.252, 67, 1), Expression(0.75, 0.0, 1.0, 0.0, 1.5, 0.5)),
)
TEXT = note_table(NOTES)
HEADER = TEXT.splitlines()[0]
ROW = "0,1,60,100,0.5,0.5,0.5,0.5,0.5,0.5"


def parse(text: str) -> tuple[ExpressiveNote, ...]:
    return parse_note_table(text.encode(), source="n.csv")


def test_the_columns_are_those_of_the_design():
    assert HEADER == (
        "onset_s,offset_s,midi_pitch,velocity,volume,volume_fluctuation,volume_peak_position,"
        "vibrato,brightness,attack_noise"
    )


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(TEXT)
    assert read_note_table(path) == NOTES


def test_no_notes_are_a_header():
    assert parse(note_table(())) == ()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + TEXT.replace("\n", "\r\n"),
        TEXT.replace(",", ";"),
        TEXT.replace(",", ";").replace(".", ","),
        TEXT.replace(",", "\t"),
        TEXT.replace(",", "\t").replace(".", ","),
        "\n# mine\n" + TEXT.replace("\n", "\n\n") + ",,,,,,,,,\n",
        TEXT.replace("\n", ",,,\n").replace(",,,", ",note,,", 1),
        TEXT.replace(",60,100,", ',"60.0", 100 ,').replace("onset_s", "Onset_S", 1),
        "\n".join(",".join(reversed(line.split(","))) for line in TEXT.splitlines()),
    ],
    ids=["bom, crlf", "semicolons", "decimal commas", "tabs", "tabs, decimal commas", "empty lines",
         "more columns", "quotes, spaces, case", "other order"],
)  # fmt: skip
def test_what_spreadsheets_write_is_read(text):
    assert parse(text) == NOTES


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "n.csv: expected a header onset_s,"),
        (ROW, "n.csv: line 1: expected one column onset_s, found none in '0, 1, 60"),
        (HEADER.replace("vibrato", "onset_s"), "line 1: expected one column onset_s, found 2"),
        (HEADER.replace("vibrato", "v"), "line 1: expected one column vibrato, found none in"),
        (f"{HEADER}\n{ROW}\n0,1", "line 3, midi_pitch: expected a number in 0..127, found ''"),
        (f"{HEADER}\n{ROW.replace('60', 'C4')}", "line 2, midi_pitch: expected a number in 0..127"),
        (f"{HEADER}\n{ROW.replace('60', '60.5')}", "midi_pitch: expected a whole number"),
        (f"{HEADER}\n{ROW.replace('60', '128')}", "midi_pitch: expected a number in 0..127"),
        (f"{HEADER}\n{ROW.replace('100', '0')}", "velocity: expected a number in 1..127"),
        (f"{HEADER}\n-1{ROW[1:]}", "line 2, onset_s: expected a number in 0..1e+06, found '-1'"),
        (f"{HEADER}\nnan{ROW[1:]}", "line 2, onset_s: expected a number in 0..1e+06, found 'nan'"),
        (f"{HEADER}\n2{ROW[1:]}", "line 2, offset_s: expected a time after the onset at 2 s"),
        (f"{HEADER}\n{ROW}1e9", "line 2, attack_noise: expected a number in -1000..1000"),
        (f'{HEADER}\n"{ROW}\n', "onset_s: expected a number"),
    ],
)
def test_what_cannot_be_is_a_line_that_says_where(text, told):
    with pytest.raises(InputError) as error:
        parse(text)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_other_bytes_are_told():
    with pytest.raises(InputError, match="line 2: expected UTF-8 text"):
        parse_note_table(b"a\n\xff\xfe", source="n.csv")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: expected a notes\.csv that can be read"):
        read_note_table(tmp_path / "none.csv")


def test_the_six_controls_stand_in_their_order():
    assert COLUMNS[4:] == Expression._fields
