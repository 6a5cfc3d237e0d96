"""`hexachord bench`: what voices, renders and hearing cost, beside a baseline in the same run."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bridge.benchmarks import (
    SAMPLE_RATE,
    CommandCost,
    VoiceCost,
    interpreter_cost,
    note_cost,
    render_cost,
    sines_cost,
    voice_cost,
)
from bridge.harness import HARNESS, Findings, run_harness
from plugin_core.dx7.sysex import read_voices
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.instruments import DDX7_INSTRUMENTS
from plugin_core.types import InputError

if TYPE_CHECKING:
    from bridge.hearing_benchmarks import HearingCost
    from bridge.live_benchmarks import BlockCost

_TABLE_WIDTH = 96


class What(StrEnum):
    """What can be measured."""

    FM = "fm"
    START = "start"
    RENDER = "render"
    PLUGIN = "plugin"
    SYNTHESIS = "synthesis"
    ANALYSIS = "analysis"
    INFERENCE = "inference"
    PERFORMER = "performer"
    LIVE = "live"
    DDX7 = "ddx7"


def bench(
    what: Annotated[list[What] | None, typer.Argument(help="What to measure; all if none.")] = None,
    *,
    bank: Annotated[
        Path | None, typer.Option(metavar="BANK.syx", help="Voices to measure, not the bundled.")
    ] = None,
    session: Annotated[
        Path | None, typer.Option(metavar="S.toml", help="Session to render, not the bundled.")
    ] = None,
    every: Annotated[bool, typer.Option("--every", help="List every voice.")] = False,
) -> None:
    """Measure speed and memory; times are of one core but for `render`."""
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    chosen = what or list(What)
    banks = [bank] if bank is not None else sorted((presets_folder() / "dx7").glob("*.syx"))
    if not banks:
        raise InputError(presets_folder() / "dx7", "", "bundled DX7 banks", "none")
    if What.FM in chosen:
        console.print(_fm_table(banks, every=every))
    if What.START in chosen:
        console.print(_start_table(f"{banks[0]}#1"))
    if What.RENDER in chosen:
        demo = session or presets_folder() / "sessions" / "chorale.toml"
        console.print(_render_table(demo))
    for hearing in (What.SYNTHESIS, What.ANALYSIS, What.INFERENCE):
        if hearing in chosen:
            console.print(_hearing_table(hearing, asked=bool(what)))
    if What.PERFORMER in chosen:
        for table in _performer_tables(asked=bool(what)):
            console.print(table)
    if What.LIVE in chosen:
        for table in _live_tables(asked=bool(what)):
            console.print(table)
    if What.DDX7 in chosen:
        for table in _ddx7_tables(asked=bool(what)):
            console.print(table)
    if What.PLUGIN in chosen and (what or HARNESS.is_file()):
        findings = run_harness()
        console.print(_plugin_table(findings))
        if findings.broken or findings.exit_status != 0:
            raise typer.Exit(1)


def _fm_table(banks: list[Path], *, every: bool) -> Table:
    voices = [voice for path in banks for voice in read_voices(path).voices]
    voice_cost(voices[0])  # loads the kernels
    progress = track(voices, "Measuring", console=Console(stderr=True), transient=True)
    costs = sorted((voice_cost(voice) for voice in progress), key=lambda cost: cost.share)
    baseline = sines_cost()
    shares = np.array([cost.share for cost in costs])
    table = Table(title=f"One FM voice of 16 at 48 kHz, {len(costs)} sounds", title_justify="left")
    for column in ("sound", "of real time", "ns a sample", "of the baseline's cost"):
        table.add_column(column, justify="left" if column == "sound" else "right")
    median = VoiceCost("median", float(np.median(shares)))
    rows = [median, VoiceCost(f"worst: {costs[-1].name}", costs[-1].share)]
    rows += costs if every else []
    for cost in [*rows, VoiceCost("NumPy, six sines (baseline)", baseline.share)]:
        table.add_row(
            cost.name,
            f"1/{cost.times_real_time:.0f}",
            f"{cost.share / SAMPLE_RATE * 1e9:.1f}",
            f"{cost.share / baseline.share:.2f}",
        )
    return table


def _start_table(sound: str) -> Table:
    return _command_table(
        "Starting", "hexachord note, warm, two seconds of sound", note_cost(sound)
    )


def _render_table(session: Path) -> Table:
    title = f"Rendering {session.name}, all cores"
    return _command_table(title, "hexachord render, report and all", render_cost(session))


def _hearing_table(what: What, *, asked: bool) -> Table | str:
    """Return the speed of hearing; a model that is not there is told if nobody asked for it."""
    from bridge import hearing_benchmarks as benchmarks

    title, measure = {
        What.SYNTHESIS: ("100 harmonics and 65 noise bands to sound", benchmarks.synthesis_costs),
        What.ANALYSIS: ("A recording to notes and expression", benchmarks.analysis_costs),
        What.INFERENCE: ("Frames by the inference model", benchmarks.inference_costs),
    }[what]
    try:
        costs = measure()
    except InputError as error:
        if asked:
            raise
        return f"not measured: {error}"
    return _shares_table(title, costs)


def _shares_table(title: str, costs: "Sequence[HearingCost]") -> Table:
    baseline = next(cost for cost in costs if cost.is_baseline)
    table = Table(title=f"{title}, 48 kHz", title_justify="left")
    for column in ("what", "of real time", "of the baseline's cost"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for cost in costs:
        relative = f"{cost.share / baseline.share:.2f}"
        table.add_row(cost.name, f"1/{1 / cost.share:.0f}", relative)
    return table


def _performer_tables(*, asked: bool) -> list[Table | str]:
    """Return how fast instruments play, and their first sound; models that are missing are told."""
    from bridge.performer_benchmarks import INSTRUMENT, performer_costs

    try:
        costs = performer_costs()
    except InputError as error:
        if asked:
            raise
        return [f"not measured: {error}"]
    title = f"hexachord note {INSTRUMENT}, warm, two seconds of sound"
    start = _command_table("The first sound", title, costs.first_sound)
    start.add_row("all 13 instruments loaded and played", "", f"{costs.loaded_mib:.0f}")
    return [_shares_table("An instrument playing a minute", costs.steps), start]


def _live_tables(*, asked: bool) -> list[Table | str]:
    """Return what neural voices cost; a model that is missing is told."""
    from bridge.live_benchmarks import CHORD, live_costs

    try:
        costs = live_costs(presets_folder() / "instruments" / "live.ts")
    except InputError as error:
        if asked:
            raise
        return [f"not measured: {error}"]
    one_most, chord_most = (0.02, 0.2), (0.16, None)
    blocks = _blocks_table(
        "Neural voices",
        (
            (costs.no_voice, costs.no_voice.name, None),
            (_median(costs.one_voice), "one voice, median instrument", one_most),
            (_worst(costs.one_voice), "one voice, dearest", one_most),
            (_median(costs.chord), f"{CHORD} voices, median instrument", chord_most),
            (_worst(costs.chord), f"{CHORD} voices, dearest", chord_most),
            (costs.sines, costs.sines.name, None),
        ),
    )
    model = _model_table(
        ("the networks of a frame of one voice", f"{costs.frame_us:.1f}", "60", "us"),
        ("NumPy, their products (baseline)", f"{costs.products_us:.1f}", "", "us"),
        ("reading the archive", f"{costs.load_ms:.1f}", "30", "ms"),
        ("the archive", f"{costs.archive_mb:.1f}", "8", "MB"),
    )
    return [blocks, model]


def _ddx7_tables(*, asked: bool) -> list[Table | str]:
    """Return what DDX7 voices cost; models that are missing are told."""
    from bridge.ddx7_benchmarks import ddx7_costs
    from bridge.live_benchmarks import CHORD

    folder = presets_folder() / "instruments"
    paths = [folder / f"{name}.ts" for name in DDX7_INSTRUMENTS]
    try:
        costs = ddx7_costs(paths)
    except InputError as error:
        if asked:
            raise
        return [f"not measured: {error}"]
    blocks = _blocks_table(
        "DDX7 voices",
        (
            (costs.no_voice, costs.no_voice.name, None),
            *((cost, "one voice", (0.03, None)) for cost in costs.one_voice),
            *((cost, f"{CHORD} voices", None) for cost in costs.chord),
            (costs.sines, costs.sines.name, None),
        ),
    )
    model = _model_table(
        ("the network of a frame of one voice", f"{costs.frame_us:.1f}", "", "us"),
        ("NumPy, its products (baseline)", f"{costs.products_us:.1f}", "", "us"),
        ("reading the archive", f"{costs.load_ms:.1f}", "", "ms"),
        ("the archive", f"{costs.archive_mb:.1f}", "", "MB"),
    )
    return [blocks, model]


def _blocks_table(
    title: str,
    rows: "Sequence[tuple[BlockCost, str, tuple[float, float | None] | None]]",
) -> Table:
    """Return costs of blocks by what they are of, with the mean and slowest asked, if any is."""
    table = Table(title=f"{title} at 48 kHz in blocks of 64 samples", title_justify="left")
    for column in ("what", "of a core", "at most", "99.9th percentile", "at most"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for cost, name, most in rows:
        mean, slowest = most or (None, None)
        named = name if cost.name in name else f"{name}: {cost.name}"
        shares = (cost.mean, mean, cost.slowest, slowest)
        table.add_row(named, *("" if share is None else f"{share:.2%}" for share in shares))
    return table


def _model_table(*rows: tuple[str, str, str, str]) -> Table:
    table = Table(title="The model that they play", title_justify="left")
    for column in ("what", "measured", "at most", "unit"):
        table.add_column(column, justify="right" if column in ("measured", "at most") else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _median(costs: "Sequence[BlockCost]") -> "BlockCost":
    return sorted(costs, key=lambda cost: cost.mean)[len(costs) // 2]


def _worst(costs: "Sequence[BlockCost]") -> "BlockCost":
    return max(costs, key=lambda cost: cost.mean)


def _plugin_table(findings: Findings) -> Table:
    table = Table(title="The plug-in at processBlock, 48 kHz", title_justify="left")
    table.add_column("what")
    for column in ("measured", "at most"):
        table.add_column(column, justify="right")
    table.add_column("unit")
    for measure in findings.measures:
        asked = "" if measure.asked is None else f"{measure.asked:g}"
        table.add_row(measure.text, f"{measure.value:.3g}", asked, measure.unit)
    kept = len(findings.claims) - len(findings.broken)
    table.add_row("claims that hold", str(kept), "", f"of {len(findings.claims)}")
    for claim in findings.broken:
        table.add_row(f"broken: {claim.text}", claim.found, "", "")
    return table


def _command_table(title: str, what: str, cost: CommandCost) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("what", "seconds", "MiB of the largest process"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row(what, f"{cost.seconds:.2f}", f"{cost.peak_mib:.0f}")
    table.add_row("python -c 'import numpy' (baseline)", f"{interpreter_cost():.2f}", "")
    return table
