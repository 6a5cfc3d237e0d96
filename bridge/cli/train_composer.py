"""`hexachord train composer|chorale`: composers from a folder of MIDI files or chorales."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from bridge.cli.train_progress import training_bar
from bridge.whole_file import whole_file

CHORALE_STEPS = 8000
SOLO_STEPS = {"pitch": 3000, "duration": 2000, "velocity": 2000}


def train_chorale_model(
    corpus: Path, out: Path, folder: Path, *, steps: int | None, seed: int
) -> None:
    """Train the chorale network and write `chorale.ts` with its card."""
    from plugin_core.composing.chorale_network import save_chorale_model
    from plugin_core.training.chorale_data import read_chorales
    from plugin_core.training.chorale_evaluation import key_counts, unigram_nats
    from plugin_core.training.chorale_training import (
        Settings,
        held_out_loss,
        run_folder,
        train_chorale,
    )

    chorales = read_chorales(corpus)
    settings = Settings(steps=steps or CHORALE_STEPS, seed=seed)
    work = run_folder(folder, chorales.train, settings)
    work.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with training_bar(console) as bar:
        progress = bar.training(work / "chorale.csv")
        network = train_chorale(
            chorales.train, settings, work / "chorale.checkpoint", progress=progress
        )
        bar.stage("Measuring")
        nats = held_out_loss(network, chorales.test, settings)
    card = {
        "name": "chorale",
        "made_by": made_by(),
        "source": chorales.source,
        "licence": chorales.licence,
        "pieces": len(chorales.train),
        "held_out_pieces": len(chorales.test),
        "steps": settings.steps,
        "seed": seed,
        "parameters": sum(each.numel() for each in network.parameters()),
        "keys": key_counts(chorales.train).astype(int).tolist(),
        "held_out_nats": round(nats, 4),
        "unigram_nats": round(unigram_nats(chorales), 4),
    }
    path = out / "chorale.ts"
    save_chorale_model(path, network, card)
    lines = [
        f"{card['pieces']} chorales learnt from, {card['held_out_pieces']} held out; "
        f"{settings.steps} steps of {settings.batch} excerpts of {settings.beats} beats, "
        f"seed {seed}.",
        "",
        f"What the holes of held-out excerpts hide is told at {nats:.3f} nats per sixteenth of a "
        f"voice (counting pitches alone: {card['unigram_nats']:.3f}).",
    ]
    _write_card(path, card, lines)
    console.print(f"{path}: trained; hexachord evaluate chorale measures it")


def train_solo_model(
    corpus: Path, out: Path, folder: Path, *, steps: int | None, seed: int
) -> None:
    """Train the three networks of the solo composer and write `NAME.ts` with its card."""
    import numpy as np

    from plugin_core.composing.solo_inference import KIND
    from plugin_core.composing.solo_network import SoloNetworks
    from plugin_core.synthesis.archive import write_archive
    from plugin_core.training.solo_corpus import UPPER_LINE, read_performances
    from plugin_core.training.solo_likelihood import likelihoods
    from plugin_core.training.solo_training import NETWORKS, Settings, run_folder, train_network

    console = Console(stderr=True)
    with training_bar(console) as bar:
        bar.stage("Reading")
        played = read_performances(corpus)
        wanted = [Settings(name, steps=steps or SOLO_STEPS[name], seed=seed) for name in NETWORKS]
        work = run_folder(folder, played.train, wanted)
        work.mkdir(parents=True, exist_ok=True)
        networks = SoloNetworks()
        for each in wanted:
            train_network(
                networks,
                played.train,
                each,
                work / f"{each.network}.checkpoint",
                progress=bar.training(work / f"{each.network}.csv"),
            )
        bar.stage("Measuring")
        found = likelihoods(networks, played.train, played.test)
    beats_s = np.quantile([piece.beat_s for piece in played.train], np.linspace(0.05, 0.95, 19))
    card: dict[str, Any] = {
        "name": played.name,
        "made_by": made_by(),
        "source": played.source,
        "licence": played.licence,
        "played_by": played.played_by,
        "pieces": len(played.train),
        "upper_lines": sum(piece.name.endswith(UPPER_LINE) for piece in played.train),
        "held_out_pieces": len(played.test),
        "notes": sum(len(piece.notes) for piece in played.train),
        "steps": {each.network: each.steps for each in wanted},
        "seed": seed,
        "parameters": sum(each.numel() for each in networks.parameters()),
        "beats_s": [round(float(beat), 4) for beat in beats_s],
        "nats_per_note": {
            each.network: {"trigram": round(each.trigram, 4), "lstm": round(each.lstm, 4)}
            for each in found
        },
    }
    path = out / f"{played.name}.ts"
    networks = networks.half()
    write_archive(path, networks, networks.state_dict(), {"kind": KIND, "instruments": [], **card})
    uppers = card["upper_lines"]
    of_others = f"{uppers} of them the upper lines of others, " if uppers else ""
    lines = [
        f"{card['pieces']} pieces of {card['notes']:,} notes learnt from, {of_others}"
        f"{card['held_out_pieces']} of other works held out; played by {played.played_by}. "
        f"Steps: {', '.join(f'{each.network} {each.steps}' for each in wanted)}; seed {seed}.",
        "",
        "| nats per held-out note | uniform | unigram | trigram | LSTM | below the trigram |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {each.network} | {each.uniform:.3f} | {each.unigram:.3f} | {each.trigram:.3f} "
            f"| {each.lstm:.3f} | {100 * each.gain:.1f} % |"
            for each in found
        ),
    ]
    _write_card(path, card, lines)
    console.print(f"{path}: trained; hexachord evaluate composer measures it")


def made_by() -> str:
    """Return the command line."""
    return "hexachord " + shlex.join(sys.argv[1:])


def _write_card(path: Path, card: Mapping[str, Any], lines: list[str]) -> None:
    text = [
        f"# {card['name']}",
        "",
        f"Learnt from: {card['source']}.",
        f"Terms: {card['licence']}.",
        "",
        *lines,
        "",
        f"{card['parameters']:,} parameters, stored as 16-bit floats.",
        "",
        f"    {card['made_by']}",
    ]
    with whole_file(path.with_suffix(".md")) as file:
        file.write(("\n".join(text) + "\n").encode())
