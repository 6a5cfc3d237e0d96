"""The plug-in's harness as Python sees it: what `hexachord_harness` prints, one JSON object a line.

A claim holds or not; a measure is a number beside what is asked of it, if anything is.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plugin_core.types import InputError

HARNESS = Path(__file__).resolve().parents[1] / "build" / "hexachord_harness"


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise of the plug-in, whether it was kept, and what was seen."""

    text: str
    holds: bool
    found: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the plug-in; `asked` is the most that it should be."""

    text: str
    value: float
    unit: str
    asked: float | None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one run of the harness has to say, and whether it ran to its end in good order."""

    claims: tuple[Claim, ...]
    measures: tuple[Measure, ...]
    exit_status: int

    @property
    def broken(self) -> tuple[Claim, ...]:
        """The claims that do not hold."""
        return tuple(claim for claim in self.claims if not claim.holds)


def run_harness(options: Sequence[str] = (), *, harness: Path = HARNESS) -> Findings:
    """Run the harness. Raises InputError if it has not been built."""
    if not harness.is_file():
        raise InputError(harness, "", "the plug-in's harness (ci/build makes it)", "none")
    process = subprocess.run([harness, *options], capture_output=True, text=True, check=False)
    rows = [json.loads(line) for line in process.stdout.splitlines()]
    return Findings(
        tuple(Claim(row["claim"], row["holds"], row["found"]) for row in rows if "claim" in row),
        tuple(
            Measure(row["measure"], row["value"], row["unit"], row["asked"])
            for row in rows
            if "measure" in row
        ),
        process.returncode,
    )
