"""The card of the DDX7 study: its files, what they play, how they were made, and of what."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plugin_core.synthesis.study_archive import SUFFIX, read_study_model
from plugin_core.training.ddx7_cards import index_text
from plugin_core.training.study import HPN

CARD = "study.md"
"""Its name, beside the files."""

_HEAD = """# The models of the DDX7 study

What `hexachord evaluate ddx7-model` compares with the bundled `ddx7-*.ts`: models without noise, as
the paper's, and the baseline of harmonics and noise; weights of a few bits
(`plugin_core/synthesis/study_archive.py`).

| file | plays | steps | bits | MB |
|---|---|---:|---:|---:|
"""


def study_card_text(folder: Path) -> str:
    """Return the card of all models in a folder as Markdown.

    Raises InputError for a file of the study that cannot be read.
    """
    rows, commands = [], []
    terms: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        told = read_study_model(path).description
        megabytes = path.stat().st_size / 1e6
        rows.append(
            f"| {path.name} | {_played(told)} | {told.get('steps', '')} | {told.get('bits', '')} | "
            f"{megabytes:.2f} |"
        )
        if "made_by" in told:
            commands.append(f"    {told['made_by']}")
        for source in told.get("sources", ()):
            terms[str(told.get("instrument")), source["source"]] = source["licence"]
    return (
        _HEAD
        + "\n".join(rows)
        + "\n\nMade by\n\n"
        + "\n".join(commands)
        + "\n\nof\n\n| instrument | source | terms |\n|---|---|---|\n"
        + "\n".join(f"| {who} | {source} | {text} |" for (who, source), text in terms.items())
        + "\n"
    )


def _played(told: Mapping[str, Any]) -> str:
    if told.get("kind") == HPN:
        return "harmonics and noise (the baseline)"
    operators = " ".join(map(str, told.get("operators", ())))
    noise = ", noise" if told.get("noise") else ""
    return f"operators {operators}, I_max {index_text(float(told.get('i_max', math.nan)))}{noise}"
