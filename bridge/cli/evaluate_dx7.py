"""`hexachord evaluate dx7`: the engine against the DX7 reference renders."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bridge.conformance import Case, Result, compare, read_cases, summary
from bridge.controller_record import ControllerRecord, parse_controller_record
from plugin_core.engine.single_note import play_note
from plugin_core.types import Mono

_GROUPS = {
    "stable": "plain modern renders, algorithms 4 and 6 aside",
    "controller": "renders with controllers moving",
    "long loops, mark1": "algorithms 4 and 6: true loops, as mark1 has them",
    "long loops, modern": "algorithms 4 and 6: loops that modern shortens",
    "mark1": "the coarser engine, for scale",
    "unstable": "chaotic renders: level and average spectrum count",
}
_WORST = 5
_TABLE_WIDTH = 110


def evaluate_dx7(reference: Path, *, as_json: bool) -> None:
    """Compare the engine with the renders in a folder and print the table."""
    cases = read_cases(reference)
    progress = track(cases, "Comparing", console=Console(stderr=True), transient=True)
    results = [compare(case, render_case) for case in progress]
    if as_json:
        print(json.dumps([asdict(result) for result in results], indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    console.print(_summary_table(results))
    console.print(_worst_table(results))


def render_case(case: Case, *, block: int = 4096) -> Mono:
    """Render what a reference render shows."""
    record = case.record
    moves = ControllerRecord({}, ())
    if "controllers" in record:
        moves = parse_controller_record(record["controllers"], record["file"])
    return play_note(
        case.voice,
        pitch=record["note"],
        velocity=record["velocity"],
        on_samples=record["on_samples"],
        total_samples=record["total_samples"],
        sample_rate=record["sample_rate"],
        parameters={"pitch_bend_range": 3, **moves.parameters},
        moves=moves.moves,
        block=block,
    )


def _summary_table(results: Sequence[Result]) -> Table:
    table = Table(title="Against the DX7 reference renders (dB)", title_justify="left")
    table.add_column("group")
    for column in ("renders", "LSD med", "p95", "max", "env med", "max", "SNR med", "avg spec max"):
        table.add_column(column, justify="right")
    for group, meaning in _GROUPS.items():
        if not any(result.group == group for result in results):
            continue
        row = summary(results, group)
        table.add_row(
            f"{group}\n[dim]{meaning}[/dim]",
            f"{row['renders']:.0f}",
            *(f"{row[key]:.3f}" for key in ("lsd_median", "lsd_p95", "lsd_max")),
            *(f"{row[key]:.3f}" for key in ("envelope_median", "envelope_max")),
            f"{row['snr_median']:.1f}",
            f"{row['average_spectrum_max']:.2f}",
        )
    return table


def _worst_table(results: Sequence[Result]) -> Table:
    table = Table(title="Furthest of the stable and controller renders", title_justify="left")
    table.add_column("render")
    for column in ("LSD_active", "envelope", "SNR"):
        table.add_column(column, justify="right")
    judged = [result for result in results if result.group in ("stable", "controller")]
    judged.sort(key=lambda result: -result.distance.lsd_active_db)
    for result in judged[:_WORST]:
        near = result.distance
        table.add_row(
            result.file,
            f"{near.lsd_active_db:.3f}",
            f"{near.envelope_db:.3f}",
            f"{near.snr_db:.1f}",
        )
    return table
