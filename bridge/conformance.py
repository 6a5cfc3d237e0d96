"""Conformance with the DX7 reference renders: every render of the manifest against the engine.

Reads the reference folder (manifest.json, voices.syx, renders/); what is compared with what, and
why the unstable renders are judged apart, is in its README, sections 2 and 4.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from plugin_core.analysis.reference_distance import (
    Distance,
    average_spectra_db,
    distance,
)
from plugin_core.dx7.sysex import read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.types import InputError, Mono

VOICES_PER_BANK = 32
STABLE_BELOW_DB = 0.5
LONG_LOOPS = (4, 6)


@dataclass(frozen=True, slots=True)
class Case:
    """One reference render and what it was made from."""

    record: dict[str, Any]
    voice: Voice
    path: Path

    @property
    def group(self) -> str:
        """Which row of the table the render belongs to."""
        if self.record["algorithm"] in LONG_LOOPS:
            return f"long loops, {self.record['engine']}"
        if self.record["engine"] == "mark1":
            return "mark1"
        if self.record["sensitivity"]["lsd_db"] >= STABLE_BELOW_DB:
            return "unstable"
        return "controller" if self.record["kind"] == "controller" else "stable"


@dataclass(frozen=True, slots=True)
class Result:
    """How far the engine is from one reference render."""

    file: str
    group: str
    distance: Distance
    average_spectrum_db: float


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Return every render that the manifest in `folder` lists. Raises InputError if it cannot."""
    manifest = folder / "manifest.json"
    try:
        records = json.loads(manifest.read_text(encoding="utf-8"))["renders"]
        voices = read_voices(folder / "voices.syx").voices
        return tuple(
            Case(
                record,
                voices[VOICES_PER_BANK * record["bank"] + record["voice"]],
                folder / record["file"],
            )
            for record in records
        )
    except OSError as error:
        raise InputError(manifest, "", "the DX7 reference renders", error.strerror) from None
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError(manifest, "", "a manifest of reference renders", repr(error)) from None


def compare(case: Case, render: Callable[[Case], Mono]) -> Result:
    """Return the distances between a reference render and the engine's own.

    Raises InputError if the reference render cannot be read.
    """
    try:
        reference, sample_rate = soundfile.read(case.path, dtype="float64")
    except (OSError, soundfile.LibsndfileError) as error:
        raise InputError(case.path, "", "a reference render", error) from None
    candidate = render(case)
    spectra = average_spectra_db(reference, candidate.astype(np.float64), sample_rate)
    return Result(
        file=case.path.stem,
        group=case.group,
        distance=distance(reference, candidate, sample_rate),
        average_spectrum_db=float(np.abs(spectra[0] - spectra[1]).mean()),
    )


def summary(results: Sequence[Result], group: str) -> dict[str, float]:
    """Return the figures of a group that the table shows."""
    mine = [result for result in results if result.group == group]
    lsd = np.array([result.distance.lsd_active_db for result in mine])
    envelope = np.array([result.distance.envelope_db for result in mine])
    return {
        "renders": len(mine),
        "lsd_median": float(np.median(lsd)),
        "lsd_p95": float(np.percentile(lsd, 95)),
        "lsd_max": float(lsd.max()),
        "envelope_median": float(np.median(envelope)),
        "envelope_max": float(envelope.max()),
        "snr_median": float(np.median([result.distance.snr_db for result in mine])),
        "average_spectrum_max": max(result.average_spectrum_db for result in mine),
        "level_max": max(abs(result.distance.level_db) for result in mine),
    }
