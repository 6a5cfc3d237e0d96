"""The plug-in's state as bytes, written and read without the plug-in.

Inside is our own XML: the sound as DX7 dumps, or the name of an instrument that plays live and
where its model is unless that is bundled; every parameter by id, learned controllers. Around it
lies what JUCE's VST3 host keeps: XML again, in which the inner bytes are text in JUCE's own base 64
(the number of bytes, a full stop, then six bits per character, lowest bits first). XML as bytes is
"VC2!", its length as 32 bits little-endian, the text and a zero.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import LiveSound, presets_folder
from plugin_core.synthesis.instruments import NO_NOISE

STATE_VERSION = 1

_MARK = b"VC2!"
_DIGITS = b".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
_HOST_XML = (
    '<?xml version="1.0" encoding="UTF-8"?> '
    "<VST3PluginState><IComponent>{}</IComponent></VST3PluginState>"
)
_COMPONENT = re.compile(r"<IComponent>(\d+\.[^<]*)</IComponent>")


def host_state(sound: Voice | LiveSound, values: Mapping[str, float]) -> bytes:
    """Return the state in which the plug-in has this sound and these parameter values.

    `values` are by id, as people see them; other parameters have their defaults, or what the sound
    says.
    """
    root = ElementTree.Element("hexachord", version=str(STATE_VERSION))
    ElementTree.SubElement(root, "sound", _sound(sound))
    ElementTree.SubElement(
        root, "parameters", {name: repr(float(value)) for name, value in values.items()}
    )
    return wrapped(ElementTree.tostring(root, encoding="unicode"))


def is_bundled(model: Path) -> bool:
    """Tell whether a model that plays live is one of those that the plug-in has built in.

    `CMakeLists.txt` builds in the same: the paper's models without noise are left out.
    """
    bundled = (presets_folder() / "instruments").resolve()
    path = model.resolve()
    if path.parent != bundled or path.stem.endswith(NO_NOISE):
        return False
    return path.name == "live.ts" or path.match("ddx7-*.ts")


def _sound(sound: Voice | LiveSound) -> dict[str, str]:
    """Return the attributes of a sound; a model that is not bundled is found by its path."""
    if isinstance(sound, Voice):
        return {"program": "0", "voice": base64.b64encode(single_voice_dump(sound)).decode()}
    if is_bundled(sound.model):
        return {"instrument": sound.instrument}
    path = sound.model.resolve()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "instrument": sound.instrument,
        "model_path": str(path),
        "model_sha256": digest,
    }


def wrapped(xml: str) -> bytes:
    """Return our own XML as hosts keep it."""
    return _xml_bytes(_HOST_XML.format(_to_text(_xml_bytes(xml))))


def unwrapped(state: bytes) -> str:
    """Return our own XML out of what a host keeps. Raises ValueError if it is something else."""
    found = _COMPONENT.search(_xml_text(state))
    if found is None:
        raise ValueError("no plug-in state of a VST3 host")
    return _xml_text(_from_text(found[1]))


def _xml_bytes(xml: str) -> bytes:
    text = xml.encode()
    return _MARK + struct.pack("<I", len(text)) + text + b"\0"


def _xml_text(data: bytes) -> str:
    if data[:4] != _MARK or len(data) < 8:
        raise ValueError(f"state begins with {data[:4]!r}, expected {_MARK!r}")
    (size,) = struct.unpack("<I", data[4:8])
    return data[8 : 8 + size].decode()


def _to_text(data: bytes) -> str:
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    groups = np.pad(bits, (0, -len(bits) % 6)).reshape(-1, 6)
    values = np.packbits(groups, axis=1, bitorder="little").ravel()
    return f"{len(data)}." + np.frombuffer(_DIGITS, np.uint8)[values].tobytes().decode()


def _from_text(text: str) -> bytes:
    size, _, digits = text.partition(".")
    known = np.full(256, -1)
    known[list(_DIGITS)] = np.arange(len(_DIGITS))
    values = known[np.frombuffer(digits.encode(), np.uint8)]
    if (values < 0).any():
        raise ValueError("a state has digits that are not JUCE's")
    bits = np.unpackbits(values.astype(np.uint8)[:, np.newaxis], axis=1, bitorder="little")
    return np.packbits(bits[:, :6].ravel(), bitorder="little").tobytes()[: int(size)]
