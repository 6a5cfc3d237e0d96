"""Cards of the models of performing: what was real, what was assembled, every source's terms."""

from collections.abc import Mapping, Sequence
from typing import Any

from plugin_core.training.performed import Performed
from plugin_core.types import FRAME_RATE

_ORIGINS = {
    "performance": "real performances",
    "note": "real single notes",
    "contour": "real performances known by pitch and loudness only",
    "assembled": "phrases assembled of analysed single notes, with drawn expression",
}


def performing_card(performed: Sequence[Performed], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a card that tells data and quality."""
    trained = [each for each in performed if not each.is_held_out]
    return {
        "hours": {
            origin: round(_seconds(trained, origin) / 3600, 3)
            for origin in _ORIGINS
            if any(each.origin == origin for each in trained)
        },
        "figures": dict(figures),
        "sources": [
            _source(name, [each for each in trained if each.source == name])
            for name in dict.fromkeys(each.source for each in trained)
        ],
    }


def performing_card_text(card: Mapping[str, Any]) -> str:
    """Return a card as Markdown."""
    hours = [f"- {_ORIGINS[origin]}: {each:.2f} h" for origin, each in card["hours"].items()]
    lines = [
        f"# {card['name']}",
        "",
        f"{card['steps']} steps, seed {card['seed']}.",
        "",
        "    " + card["made_by"],
        "",
        "Trained on (held-out material apart):",
        "",
        *hours,
        "",
        "Measured on held-out performances and notes:",
        "",
        *(f"- {_words(name)}: {_told(value)}" for name, value in card["figures"].items()),
        "",
        "| source | terms | instruments | origin | phrases | notes | seconds |",
        "|---|---|---|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row['source']} | {row['licence']} | {', '.join(row['instruments'])} "
        f"| {', '.join(row['origins'])} | {row['phrases']} | {row['notes']} | {row['seconds']} |"
        for row in card["sources"]
    ]
    return "\n".join(lines) + "\n"


def _seconds(performed: Sequence[Performed], origin: str) -> float:
    return sum(len(each.frames) for each in performed if each.origin == origin) / FRAME_RATE


def _source(name: str, of_it: Sequence[Performed]) -> dict[str, Any]:
    return {
        "source": name,
        "licence": ", ".join(sorted({term for each in of_it for term in each.licence.split("; ")})),
        "instruments": sorted({each.instrument for each in of_it}),
        "origins": sorted({each.origin for each in of_it}),
        "phrases": len(of_it),
        "notes": sum(len(each.notes) for each in of_it),
        "seconds": round(sum(len(each.frames) for each in of_it) / FRAME_RATE),
    }


def _words(name: str) -> str:
    return name.replace("_", " ")


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(name)} {_told(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return " ".join(_told(each) for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
