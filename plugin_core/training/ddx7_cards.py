"""The card of a DDX7 model: voice, data and their terms, command, figures."""

import math
from collections.abc import Mapping
from typing import Any

from plugin_core.synthesis.ddx7_model import Configuration


def ddx7_card_text(card: Mapping[str, Any], configuration: Configuration) -> str:
    """Return a card as Markdown."""
    figures = card["figures"]
    lines = [
        f"# {card['name']}",
        "",
        f"Plays the routing and the ratios of the DX7 voice {card['voice']}: algorithm "
        f"{configuration.algorithm}, {_told_operators(configuration)}, I_max "
        f"{index_text(configuration.i_max)}, feedback {configuration.feedback:g}, "
        f"{'with' if configuration.noise else 'without'} noise. {figures['parameters']:,} "
        f"parameters, {card['steps']} steps, seed {card['seed']}; the room that was learnt with it "
        f"rings for {card['room_s']:g} s.",
        "",
        "    " + card["made_by"],
        "",
        "Resynthesized from pitch and loudness of recordings that were held out, at 16 kHz (MSS as "
        "`hexachord` defines it, LSD in dB):",
        "",
        "| held out | seconds | MSS | LSD |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {row['seconds']} | {row['mss']:.2f} | {row['lsd_db']:.1f} |"
            for name, row in figures["held_out"].items()
        ),
        "",
        "Trained on:",
        "",
        "| source | terms | recordings | seconds |",
        "|---|---|---:|---:|",
        *(
            f"| {row['source']} | {row['licence']} | {row['recordings']} | {row['seconds']} |"
            for row in card["sources"]
        ),
    ]
    return "\n".join(lines) + "\n"


def index_text(radians: float) -> str:
    """Return a modulation index as people write it: 2, 2pi, 4pi."""
    turns = radians / math.pi
    if abs(turns - round(turns)) < 1e-6 and round(turns) > 0:
        return f"{round(turns)}pi"
    return f"{radians:g}"


def _told_operators(configuration: Configuration) -> str:
    present = configuration.operators
    return "ratios " + " ".join(
        f"{ratio:g}" if op in present else "-"
        for op, ratio in enumerate(configuration.ratios, start=1)
    )
