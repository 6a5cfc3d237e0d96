"""Model cards: what a model was trained on, with the terms of every source."""

from collections.abc import Mapping, Sequence
from typing import Any

import soundfile

from plugin_core.training.corpus import Recording


def sources_of(recordings: Sequence[Recording]) -> list[dict[str, Any]]:
    """Return every source of the training side: name, terms, instruments, files and seconds."""
    sources = []
    for name in dict.fromkeys(recording.source for recording in recordings):
        of_it = [each for each in recordings if each.source == name and not each.is_held_out]
        if of_it:
            sources.append(
                {
                    "source": name,
                    "licence": ", ".join(sorted({each.licence for each in of_it})),
                    "instruments": sorted({each.instrument for each in of_it}),
                    "files": len(of_it),
                    "seconds": round(sum(soundfile.info(each.path).duration for each in of_it)),
                }
            )
    return sources


def card_text(card: Mapping[str, Any]) -> str:
    """Return a card as Markdown."""
    distances = card["held_out_distance"]
    lines = [
        f"# {card['name']}",
        "",
        f"{card['parameters']:,} parameters, {card['steps']} steps of {card['batch_s']:g} s, "
        f"varied copies of every recording: {card['varied_copies']} (gain, equalizer, room, noise "
        f"floor, bandwidth), {100 * card['varied_share']:.0f} % of what was drawn, "
        f"seed {card['seed']}.",
        "",
        "    " + card["made_by"],
        "",
        "Multi-scale spectral distance (MSS) from held-out recordings, rendered at 16 kHz: "
        + ", ".join(f"{name} {each:.2f}" for name, each in distances.items())
        + f"; mean {sum(distances.values()) / max(len(distances), 1):.2f}.",
        "",
        "| source | terms | instruments | files | seconds |",
        "|---|---|---|---:|---:|",
    ]
    lines += [
        f"| {row['source']} | {row['licence']} | {', '.join(row['instruments'])} "
        f"| {row['files']} | {row['seconds']} |"
        for row in card["sources"]
    ]
    return "\n".join(lines) + "\n"
