"""`hexachord evaluate composer|chorale`: the tables that say how good the composers are."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bridge.cli.train_progress import training_bar
from plugin_core.types import InputError

_PIECES, _CHORALES = 240, 24
_FEWEST_WORKS = 2
_TABLE_WIDTH = 150
LEAST_GAIN, LARGEST_ACCURACY = 0.10, 0.75
MOST_TIMES_BACH, LEAST_KNOWN, LONGEST_S = 2.0, 0.80, 10.0
_RATES = (
    ("crossing", "crossing"),
    ("out of range", "out_of_range"),
    ("parallel 5ths, 8ves of moves", "parallel"),
    ("per chord", "parallel_by_chord"),
)
_SOLO_BARS, _SOLO_S = 64, 5.0
COMPOSED, HELD_OUT = "composed", "held-out notes played"
_SIDES = {"": "expressive", ", shuffled": "shuffled", ", flat": "flat"}


def evaluate_composer(corpus: Path, models: Path | None, *, as_json: bool) -> None:
    """Print the tables of the bundled solo composers, or of those in a folder or file."""
    from plugin_core.composing.models import composers_folder
    from plugin_core.composing.solo_inference import KIND
    from plugin_core.synthesis.archive_members import read_description

    paths = _archives(models or composers_folder(), KIND, read_description)
    figures = {}
    for path in paths:
        name = str(read_description(path).get("name", path.stem))
        figures[name] = _evaluate_solo(path, _corpus_of(corpus, name), quiet=as_json)
    if as_json:
        print(json.dumps(figures, indent=1))


def _archives(place: Path, kind: str, read_description: Any) -> list[Path]:
    """Return the archives of a kind in a folder, or the one that is named."""
    if place.is_file():
        return [place]
    found = [path for path in sorted(place.glob("*.ts")) if read_description(path)["kind"] == kind]
    if not found:
        raise InputError(place, "", f"a model (.ts) of the kind {kind!r}", "none")
    return found


def _corpus_of(corpus: Path, name: str) -> Path:
    """Return the folder that a bundled model learnt from, of the shared scores."""
    folders = {"chorale-lines": "chorales", "chorale": "chorales"}
    inner = corpus / folders.get(name, name)
    return inner if inner.is_dir() else corpus


def _evaluate_solo(path: Path, corpus: Path, *, quiet: bool) -> dict[str, Any]:
    import time

    import torch

    from plugin_core.composing.solo_composing import compose_solo
    from plugin_core.composing.solo_inference import load_solo_model
    from plugin_core.training.solo_corpus import read_performances
    from plugin_core.training.solo_evaluation import EXCERPT, classified, distances, hear
    from plugin_core.training.solo_likelihood import likelihoods, load_networks

    torch.set_num_threads(1)
    networks, model = load_networks(path), load_solo_model(path)
    with training_bar(Console(stderr=True)) as bar:
        bar.stage("Reading")
        played = read_performances(corpus)
        held = len({piece.work for piece in played.test})
        if held < _FEWEST_WORKS:
            expected = f"at least {_FEWEST_WORKS} works to hold out, of {6 * _FEWEST_WORKS}"
            raise InputError(corpus, "", expected, held)
        bar.stage("Counting")
        told = likelihoods(networks, played.train, played.test)
        heard = hear(model, played.test, count=_PIECES, progress=bar.stage("Composing"))
    shown = {
        f"{name}{how}": getattr(excerpts, side)
        for name, excerpts in ((COMPOSED, heard.composed), (HELD_OUT, heard.humanized))
        for how, side in _SIDES.items()
    }
    apart = distances(heard.performed, shown)
    accuracy = {name: classified(heard.performed, each) for name, each in shown.items()}
    started = time.perf_counter()
    compose_solo(model, bars=_SOLO_BARS, seed=1)
    seconds = time.perf_counter() - started
    if not quiet:
        console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
        console.print(_likelihood_table(path.stem, told))
        console.print(_distance_table(path.stem, apart, accuracy))
        console.print(
            f"{len(heard.performed)} excerpts of {held} held-out works as they were performed, "
            f"{len(heard.composed.expressive)} of {_PIECES} composed pieces of as many bars, up to "
            f"{EXCERPT} notes each.\n"
            "Velocities in steps of MIDI, durations in octaves of seconds, stretches in octaves "
            "against what is written; lags 1..8. A shuffle has the distributions of what it "
            "shuffles, a flat twin its rhythm: so figures are taken together, their mean, each in "
            "what half of the performances is from the other.\n"
            f"Told: by a logistic regression on velocities and durations, of works that it has not "
            "seen (five folds, both sides weigh the same; 50 % is luck); asked: at most "
            f"{100 * LARGEST_ACCURACY:.0f} %.\n"
            f"{_SOLO_BARS} bars solo composed in {seconds:.1f} s (asked: {_SOLO_S:g} s)\n"
        )
    return {
        "likelihood": [asdict(each) | {"gain": each.gain} for each in told],
        "distances": [asdict(each) for each in apart],
        "accuracy": accuracy,
        "seconds_64_bars": seconds,
    }


def _likelihood_table(name: str, rows: Sequence[Any]) -> Table:
    table = _table(f"{name}: nats per note of held-out pieces")
    for column in ("uniform", "unigram", "trigram", "LSTM", "below the trigram", ""):
        table.add_column(column, justify="right")
    for row in rows:
        verdict = "ok" if row.gain >= LEAST_GAIN else f"asked: {100 * LEAST_GAIN:.0f} %"
        values = (f"{each:.3f}" for each in (row.uniform, row.unigram, row.trigram, row.lstm))
        table.add_row(row.network, *values, f"{100 * row.gain:.1f} %", verdict)
    return table


def _distance_table(name: str, rows: Sequence[Any], accuracy: dict[str, float]) -> Table:
    from plugin_core.training.solo_evaluation import QUANTITIES

    table = _table(f"{name}: distance from held-out performances")
    columns = [*QUANTITIES, *(f"{quantity} lags" for quantity in QUANTITIES)]
    for column in (*columns, "velocity, both", "duration, all", "told", ""):
        table.add_column(column, justify="right")
    composed = next(row for row in rows if row.name == COMPOSED)
    is_closer = all(
        composed.velocities < row.velocities and composed.durations < row.durations
        for row in rows
        if row.name.startswith(f"{COMPOSED},")
    )
    is_like = accuracy[COMPOSED] <= LARGEST_ACCURACY
    for row in rows:
        verdict = ""
        if row is composed:
            verdict = "ok" if is_closer else "asked: closer than shuffled and flat"
            verdict = verdict if is_like else f"asked: told at most {100 * LARGEST_ACCURACY:.0f} %"
        told = f"{100 * accuracy[row.name]:.0f} %" if row.name in accuracy else ""
        table.add_row(
            row.name,
            *(f"{row.spread[quantity]:.3f}" for quantity in QUANTITIES),
            *(f"{row.lags[quantity]:.3f}" for quantity in QUANTITIES),
            f"{row.velocities:.2f}",
            f"{row.durations:.2f}",
            told,
            verdict,
        )
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    return table


def evaluate_chorale(corpus: Path, models: Path | None, *, as_json: bool) -> None:
    """Print the tables of the bundled chorale model, or of one in a folder or file."""
    import torch

    from plugin_core.composing.chorale_network import KIND, load_chorale_model
    from plugin_core.composing.models import composers_folder
    from plugin_core.synthesis.archive_members import read_description
    from plugin_core.training.chorale_data import read_chorales
    from plugin_core.training.chorale_evaluation import (
        BACH,
        DELIVERED,
        SOPRANO,
        evaluate_chorales,
    )

    torch.set_num_threads(1)
    path = _archives(models or composers_folder(), KIND, read_description)[0]
    model = load_chorale_model(path)
    chorales = read_chorales(_corpus_of(corpus, "chorale"))
    with training_bar(Console(stderr=True)) as bar:
        found = evaluate_chorales(model, chorales, count=_CHORALES, progress=bar.stage("Composing"))
    if as_json:
        print(json.dumps(asdict(found), indent=1))
        return
    table = _table(f"{path.stem}: shares in per cent; {found.chords} chords end bars of the corpus")
    for column in ("pieces", *(title for title, _ in _RATES), "known bar ends", ""):
        table.add_column(column, justify="right")
    bach = next(row.rates for row in found.rows if row.name == BACH)
    for row in found.rows:
        rates = [getattr(row.rates, name) for _, name in _RATES]
        is_good = row.rates.known_bar_ends >= LEAST_KNOWN and all(
            rate <= MOST_TIMES_BACH * getattr(bach, name)
            for rate, (_, name) in zip(rates, _RATES, strict=True)
        )
        verdict = ("ok" if is_good else "beyond") if row.name in (DELIVERED, SOPRANO) else ""
        shown = (f"{100 * each:.2f}" for each in (*rates, row.rates.known_bar_ends))
        table.add_row(row.name, str(row.pieces), *shown, verdict)
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    console.print(table)
    console.print(
        f"asked: at most {MOST_TIMES_BACH:g} times the rates of held-out Bach, known bar ends at "
        f"least {100 * LEAST_KNOWN:.0f} %. Mended, as `compose` delivers: beats in which voices "
        "cross or move in parallel are drawn anew, and the best of some drafts is taken.\n"
        f"holes of held-out excerpts: {found.nats:.3f} nats per sixteenth (pitches counted: "
        f"{found.unigram_nats:.3f})\n"
        f"8 bars from nothing: {found.seconds:.1f} s, {found.cpu_seconds:.1f} s of one core "
        f"(asked: {LONGEST_S:g} s)"
    )
