"""DDX7 instruments by reference: by their names, and a model of one's own by its file."""

from pathlib import Path

import pytest

from plugin_core import sounds
from plugin_core.performing.live import model_of
from plugin_core.sounds import Ddx7Sound, load_sound
from plugin_core.synthesis.instruments import DDX7_INSTRUMENTS, DDX7_WITHOUT_NOISE, LIVE_PROGRAMS
from plugin_core.types import InputError
from tests.bridge.ddx7_archives import written
from tests.sound_archives import write_live


@pytest.mark.parametrize("model", ["phrase", "live"])
@pytest.mark.parametrize("reference", ["ddx7-violin", "DDX7 Violin", " ddx7_violin "])
def test_a_ddx7_instrument_is_named_by_its_name_and_has_one_model(
    bundled: Path, reference: str, model: sounds.Model
):
    write_live(bundled / "ddx7-violin.ts", "ddx7-violin", kind="ddx7")
    sound = load_sound(reference, model=model)
    assert isinstance(sound, Ddx7Sound)
    assert sound == Ddx7Sound(
        "DDX7 violin", reference, "ddx7-violin", bundled / "ddx7-violin.ts", 0
    )
    assert sound.kind == "a DDX7 instrument"


@pytest.mark.parametrize(
    "reference", ["ddx7-violin-no-noise", "DDX7 violin no noise", "ddx7_violin-no_noise"]
)
def test_the_paper_s_model_is_a_sound_as_well(bundled: Path, reference: str):
    path = write_live(bundled / "ddx7-violin-no-noise.ts", "ddx7-violin-no-noise", kind="ddx7")
    name = "ddx7-violin-no-noise"
    assert load_sound(reference) == Ddx7Sound("DDX7 violin no noise", reference, name, path, 0)


def test_it_is_near_what_was_mistyped():
    with pytest.raises(InputError, match="near is ddx7-violin-no-noise"):
        load_sound("ddx7-violin-nonoise")


@pytest.mark.parametrize("name", [*DDX7_INSTRUMENTS, *DDX7_WITHOUT_NOISE])
def test_a_ddx7_instrument_needs_no_torch_but_its_model(
    bundled: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sounds, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=rf"^{name}: expected its model .*{name}.ts, found none"):
        load_sound(name)
    write_live(bundled / f"{name}.ts", name, kind="ddx7")
    assert isinstance(load_sound(name), Ddx7Sound)


@pytest.mark.parametrize(
    ("reference", "instrument", "name"),
    [
        ("mine.ts", "ddx7-jaw_harp", "DDX7 jaw harp"),
        ("mine.ts#kazoo", "kazoo", "Kazoo"),
        ("mine.ts", "kazoo", "Kazoo"),
    ],
)
def test_a_ddx7_model_of_ones_own_is_known_by_what_it_says(
    tmp_path: Path, reference: str, instrument: str, name: str
):
    write_live(tmp_path / "mine.ts", instrument, kind="ddx7")
    sound = load_sound(reference, folder=tmp_path)
    assert isinstance(sound, Ddx7Sound)
    assert (sound.name, sound.instrument, sound.row) == (name, instrument, 0)


def test_the_ddx7_model_of_another_instrument_is_told(tmp_path: Path):
    write_live(tmp_path / "mine.ts", "ddx7-oboe", kind="ddx7")
    with pytest.raises(InputError, match=r"expected mine\.ts# and ddx7-oboe, found oboe"):
        load_sound("mine.ts#oboe", folder=tmp_path)


def test_no_program_chooses_a_ddx7_instrument():
    assert not set(DDX7_INSTRUMENTS) & set(LIVE_PROGRAMS.values())


def test_a_damaged_model_is_told_with_the_sound_and_its_file(tmp_path: Path):
    """Cut: no zip file any more. Changed: another checksum."""
    whole = written(tmp_path / "reed.ts").read_bytes()
    path = tmp_path / "reed.ts"
    sound = load_sound("reed.ts", folder=tmp_path)
    assert isinstance(sound, Ddx7Sound)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"changed" + whole[middle + 7 :])
    told = r"^reed\.ts: expected a model that can be played, found .*/reed\.ts: expected .* CRC"
    with pytest.raises(InputError, match=told):
        model_of(sound)
    path.write_bytes(whole[:middle])
    with pytest.raises(InputError, match=r"reed\.ts: expected a Hexachord instrument"):
        load_sound("reed.ts", folder=tmp_path)
