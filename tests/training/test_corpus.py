from pathlib import Path

import pytest

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.corpus import read_corpus, read_mono
from plugin_core.types import InputError


def test_a_manifest_gives_its_recordings(small_corpus: Path) -> None:
    recordings = read_corpus(small_corpus)
    assert [each.name for each in recordings] == ["a4.wav", "e5.wav", "scale.wav", "c3.wav"]
    assert [each.is_held_out for each in recordings] == [False, False, False, True]
    assert [each.is_note for each in recordings] == [True, True, False, True]
    assert recordings[0].midi_pitch == 69
    assert recordings[0].f0_median_hz is None


def test_instruments_and_sources_can_be_left_out(small_corpus: Path) -> None:
    assert len(read_corpus(small_corpus, instruments=["flute"])) == 1
    with pytest.raises(InputError, match="none"):
        read_corpus(small_corpus, without_sources=["made"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("instrument,", "colour,", "line 1"),
        ("note,69", "song,69", "line 2: expected kind note or performance, found song"),
        ("e5.wav", "f5.wav", "line 3"),
        (",train,", ",test,", "split train or valid, found test"),
        (",69,", ",A4,", "a number in midi_pitch, found A4"),
    ],
)
def test_a_wrong_manifest_is_one_line(
    small_corpus: Path, old: str, new: str, expected: str
) -> None:
    manifest = small_corpus / "manifest.csv"
    manifest.write_text(manifest.read_text().replace(old, new))
    with pytest.raises(InputError) as caught:
        read_corpus(small_corpus)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_manifest_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.csv"):
        read_corpus(tmp_path)


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"x\.wav"):
        read_mono(tmp_path / "x.wav")


def test_the_corpus_has_what_its_readme_says(shared: Path) -> None:
    # 2923 files, of which guitar, which is none of the 13, has 65 notes and a performance.
    recordings = read_corpus(shared / "corpus")
    assert len(recordings) == 2923 - 66
    assert {each.instrument for each in recordings} == set(INSTRUMENTS)
    assert sum(not each.is_note for each in recordings) == 139
