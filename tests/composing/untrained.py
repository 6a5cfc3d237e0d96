"""Networks as they are before training, which compose all the same; lines of notes."""

from pathlib import Path

import torch

from plugin_core.composing.chorale_network import ChoraleModel, ChoraleNetwork, save_chorale_model
from plugin_core.composing.chorale_parts import Line, line_of
from plugin_core.composing.solo_inference import KIND, SoloModel, solo_model
from plugin_core.composing.solo_network import SoloNetworks
from plugin_core.score import TempoMap
from plugin_core.synthesis.archive import write_archive
from plugin_core.types import Note

BEAT_S = 0.5
CARD = {"kind": KIND, "instruments": [], "beats_s": [BEAT_S]}


def untrained_solo(seed: int = 0) -> tuple[SoloNetworks, SoloModel]:
    torch.manual_seed(seed)
    networks = SoloNetworks().eval()
    weights = {name: each.detach().numpy() for name, each in networks.state_dict().items()}
    return networks, solo_model(weights, CARD)


def untrained_chorale(seed: int = 0) -> ChoraleModel:
    torch.manual_seed(seed)
    return ChoraleModel(ChoraleNetwork(), {})


def write_untrained(folder: Path) -> tuple[Path, Path]:
    """Write a solo and a chorale archive."""
    networks, _ = untrained_solo()
    write_archive(folder / "solo.ts", networks, networks.state_dict(), CARD)
    save_chorale_model(folder / "chorale.ts", untrained_chorale().network, {})
    return folder / "solo.ts", folder / "chorale.ts"


def melody(*pitches: int, beats: float = 1.0, start: float = 0.0) -> list[Note]:
    """Return notes of one length, at 120 beats per minute."""
    return [
        Note((start + i * beats) * BEAT_S, (start + (i + 1) * beats) * BEAT_S, pitch, 80)
        for i, pitch in enumerate(pitches)
    ]


def line(*pitches: int, beats: float = 1.0, start: float = 0.0) -> Line:
    return line_of(melody(*pitches, beats=beats, start=start), TempoMap(), "melody.mid")
