import base64
import re
from xml.etree import ElementTree

import pytest

from bridge.plugin_state import host_state, is_bundled, unwrapped, wrapped
from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import Ddx7Sound, LiveSound, presets_folder
from tests.conftest import REPOSITORY


@pytest.mark.parametrize("xml", ["", "<a/>", "<ä ö='ü'/>", "x" * 1000, "xy" * 999 + "z"])
def test_what_is_wrapped_comes_out_again(xml):
    assert unwrapped(wrapped(xml)) == xml


def test_the_inner_bytes_are_written_in_juce_s_base_64():
    # "VC2!", length 1, "a", zero are 56 43 32 21 | 01 00 00 00 | 61 | 00: 80 bits, lowest first in
    # groups of six, as digits of ".A-Za-z0-9+".
    text = wrapped("a").decode()
    bits = "".join(f"{byte:08b}"[::-1] for byte in b"VC2!\1\0\0\0a\0")
    digits = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
    groups = [bits[at : at + 6].ljust(6, "0")[::-1] for at in range(0, len(bits), 6)]
    wanted = "10." + "".join(digits[int(group, 2)] for group in groups)
    assert f"<IComponent>{wanted}</IComponent>" in text


@pytest.mark.parametrize("data", [b"", b"VC2!", b"garbage", b"VC2!\4\0\0\0<a/>\0"])
def test_other_bytes_are_no_state(data):
    with pytest.raises(ValueError, match="state"):
        unwrapped(data)


def test_a_state_carries_voice_and_values():
    voice = Voice.initial().edited(name="KLING", op3_level=77)
    root = ElementTree.fromstring(unwrapped(host_state(voice, {"volume": 0.25, "seed": 3})))
    assert base64.b64decode(root.find("sound").get("voice")) == single_voice_dump(voice)
    assert root.find("parameters").attrib == {"volume": "0.25", "seed": "3.0"}


def attributes(sound: LiveSound) -> dict[str, str]:
    return dict(ElementTree.fromstring(unwrapped(host_state(sound, {}))).find("sound").attrib)


def test_a_state_names_a_bundled_live_instrument():
    model = presets_folder() / "instruments" / "live.ts"
    assert attributes(LiveSound("Horn", "horn", "horn", model, 10)) == {"instrument": "horn"}


def test_a_state_names_a_bundled_ddx7_instrument():
    model = presets_folder() / "instruments" / "ddx7-flute.ts"
    sound = Ddx7Sound("DDX7 flute", "ddx7-flute", "ddx7-flute", model, 0)
    assert attributes(sound) == {"instrument": "ddx7-flute"}


@pytest.mark.parametrize("name", ["mine.ts", "ddx7-flute.ts"])
def test_a_state_tells_where_a_ddx7_model_of_ones_own_is(tmp_path, name):
    (tmp_path / name).write_bytes(b"abc")
    sound = Ddx7Sound("DDX7 flute", name, "ddx7-flute", tmp_path / name, 0)
    assert attributes(sound)["instrument"] == "ddx7-flute"
    assert attributes(sound)["model_path"] == str(tmp_path / name)


def test_a_paper_s_model_is_not_built_in(tmp_path, monkeypatch):
    folder = tmp_path / "instruments"
    folder.mkdir()
    path = folder / "ddx7-flute-no-noise.ts"
    path.write_bytes(b"abc")
    monkeypatch.setattr("bridge.plugin_state.presets_folder", lambda: tmp_path)
    name = "ddx7-flute-no-noise"
    sound = Ddx7Sound("DDX7 flute no noise", name, name, path, 0)
    assert attributes(sound)["model_path"] == str(path)
    assert is_bundled(folder / "ddx7-flute.ts")
    assert is_bundled(folder / "live.ts")
    assert not is_bundled(path)


def test_the_plug_in_is_built_with_the_models_that_a_state_names():
    """What CMake's globs and filter leave of the presets is what `is_bundled` says."""
    text = (REPOSITORY / "CMakeLists.txt").read_text()
    globs = re.search(r"file\(GLOB NEURAL_MODELS CONFIGURE_DEPENDS ([^)]*)\)", text)[1].split()
    (left_out,) = re.findall(r'list\(FILTER NEURAL_MODELS EXCLUDE REGEX "([^"]*)"\)', text)
    pattern = re.compile(left_out.replace("\\\\", "\\"))
    folder = presets_folder() / "instruments"
    present = {path for glob in globs for path in REPOSITORY.glob(glob)}
    built = {path for path in present if not pattern.search(path.as_posix())}
    assert built == {path for path in folder.iterdir() if is_bundled(path)}
    assert pattern.search("presets/instruments/ddx7-violin-no-noise.ts")


def test_a_state_tells_where_another_model_is(tmp_path):
    path = tmp_path / "mine.ts"
    path.write_bytes(b"abc")
    # SHA-256 of "abc": FIPS 180-2, appendix B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert attributes(LiveSound("Saw", "mine.ts#saw", "saw", path, 1)) == {
        "instrument": "saw", "model_path": str(path), "model_sha256": digest,
    }  # fmt: skip
