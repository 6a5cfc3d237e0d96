"""Fit the weights of `analysis.onsets` to phrases with exact truth and to annotated performances.

`python -m plugin_core.training.onset_fitting CORPUS` prints how well the notes found agree with the
truth, on the training part of the corpus and on what is held out. With `--fit` it fits the weights
to the training part and writes them to `analysis/onset_weights.py` instead.
"""

import csv
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from plugin_core.analysis import onset_weights, onsets
from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import OnsetCurves, onset_curves
from plugin_core.analysis.onset_evidence import candidates, features, gather_evidence
from plugin_core.analysis.pitch import PitchTrack, track_pitch
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.corpus import Recording, read_corpus, read_mono
from plugin_core.training.note_evaluation import Agreement, note_agreement, total
from plugin_core.training.phrases import assemble, playable
from plugin_core.types import FRAME_RATE, Mono, Note

PHRASE_TOLERANCE_S = 0.05
PERFORMANCE_TOLERANCE_S = 0.1
HIDDEN = 12
RIDGE = 3e-4
STEPS = 1000

WEIGHTS_MODULE = '''"""The weights of `onsets`, written by `training.onset_fitting`."""

import numpy as np

_HIDDEN = """
{rows}
"""
"""One feature a row, one hidden unit a column."""

HIDDEN_WEIGHTS = {{
    name: np.array(row.split(), dtype=np.float64)
    for name, _, row in (line.partition(": ") for line in _HIDDEN.strip().splitlines())
}}
HIDDEN_BIAS = np.fromstring(
    "{hidden_bias}",
    sep=" ",
)
OUT_WEIGHTS = np.fromstring(
    "{out}",
    sep=" ",
)
OUT_BIAS = {out_bias:.3f}
'''


class Example(NamedTuple):
    """A recording measured, with its notes."""

    name: str
    pitch: PitchTrack
    curves: OnsetCurves
    notes: tuple[Note, ...]
    tolerance_s: float
    """How far from its annotation an onset may be."""


def phrase_examples(
    recordings: Sequence[Recording], *, each: int, seed: int = 0
) -> Iterator[Example]:
    """Yield `each` phrases of every instrument and source in these recordings' single notes."""
    groups: dict[tuple[str, str, int], list[Recording]] = {}
    for recording in playable(recordings):
        rate = soundfile.info(recording.path).samplerate
        groups.setdefault((recording.instrument, recording.source, rate), []).append(recording)
    for index, (key, group) in enumerate(sorted(groups.items())):
        for repeat in range(each if len({r.midi_pitch for r in group}) > 1 else 0):
            phrase = assemble(group, seed=seed + 1000 * index + repeat)
            name = f"{key[0]}, {key[1]}"
            yield _example(name, phrase.audio, phrase.sample_rate, phrase.notes, PHRASE_TOLERANCE_S)


def performance_examples(recordings: Iterable[Recording]) -> Iterator[Example]:
    """Yield the performances in these recordings, with the notes that the corpus annotates."""
    for recording in recordings:
        if not recording.is_note:
            audio, rate = read_mono(recording.path)
            notes = read_annotation(recording.path.with_suffix(".notes.csv"))
            name = f"{recording.instrument}, {recording.source}"
            yield _example(name, audio, rate, notes, PERFORMANCE_TOLERANCE_S)


def read_annotation(path: Path) -> tuple[Note, ...]:
    """Return the notes of a `.notes.csv` of the corpus, velocity 64."""
    with path.open(newline="") as file:
        return tuple(
            Note(float(row["onset_s"]), float(row["offset_s"]), int(row["midi_pitch"]), 64)
            for row in csv.DictReader(file)
        )


def _example(
    name: str, audio: Mono, rate: int, notes: tuple[Note, ...], tolerance_s: float
) -> Example:
    return Example(name, track_pitch(audio, rate), onset_curves(audio, rate), notes, tolerance_s)


def agreement(
    examples: Iterable[Example], tolerance_s: float, *, with_pitch: bool = False
) -> dict[str, Agreement]:
    """Return how well the notes found agree with the examples', by the examples' names."""
    found: dict[str, list[Agreement]] = {}
    for example in examples:
        notes = detect_notes(example.pitch, example.curves)
        agrees = note_agreement(
            example.notes, notes, tolerance_s=tolerance_s, with_pitch=with_pitch
        )
        found.setdefault(example.name, []).append(agrees)
    return {name: total(rows) for name, rows in found.items()}


class Weights(NamedTuple):
    """A network of one hidden layer, tanh."""

    names: tuple[str, ...]
    hidden: NDArray[np.float64]
    """Shape (features, HIDDEN)."""
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float64]
    out_bias: float


def fit(examples: Iterable[Example], *, seed: int = 0) -> Weights:
    """Return the weights with the least cross entropy, plus a small ridge.

    An example's candidate is an onset if it is the nearest to an annotated one, within tolerance.
    """
    rows, labels = [], []
    names: tuple[str, ...] = ()
    for example in examples:
        evidence = gather_evidence(example.pitch.f0_hz, example.pitch.confidence, example.curves)
        frames = candidates(evidence)
        table = features(evidence, frames)
        names = tuple(table)
        rows.append(np.stack(list(table.values()), axis=1))
        seconds = onsets.attack_starts(evidence, frames) / FRAME_RATE
        labels.append(_labels(seconds, example.notes, example.tolerance_s))
    return _fitted(names, np.concatenate(rows), np.concatenate(labels), seed)


def _fitted(
    names: tuple[str, ...], rows: NDArray[np.float64], labels: NDArray[np.float64], seed: int
) -> Weights:
    torch.manual_seed(seed)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    table = torch.from_numpy(((rows - mean) / scale).astype(np.float32))
    wanted = torch.from_numpy(labels.astype(np.float32))
    first, second = torch.nn.Linear(len(names), HIDDEN), torch.nn.Linear(HIDDEN, 1)
    parameters = [*first.parameters(), *second.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.02)
    for _ in range(STEPS):
        logits = second(torch.tanh(first(table)))[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
        loss = loss + RIDGE * sum(parameter.square().sum() for parameter in parameters)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    hidden, hidden_bias, out, out_bias = (p.detach().double().numpy() for p in parameters)
    hidden = hidden.T / scale[:, None]
    return Weights(names, hidden, hidden_bias - mean @ hidden, out[0], float(out_bias[0]))


def source_of(weights: Weights) -> str:
    """Return the text of `analysis/onset_weights.py`."""

    def numbers(values: NDArray[np.float64]) -> str:
        return " ".join(f"{value:.3g}" for value in values)

    named = zip(weights.names, weights.hidden, strict=True)
    rows = "\n".join(f"{name}: {numbers(row)}" for name, row in named)
    return WEIGHTS_MODULE.format(
        rows=rows,
        hidden_bias=numbers(weights.hidden_bias),
        out=numbers(weights.out),
        out_bias=weights.out_bias,
    )


def _labels(
    seconds: NDArray[np.float64], notes: Sequence[Note], tolerance_s: float
) -> NDArray[np.float64]:
    labels = np.zeros(len(seconds))
    for note in notes if len(seconds) else ():
        nearest = int(np.argmin(np.abs(seconds - note.onset_s)))
        labels[nearest] = max(labels[nearest], abs(seconds[nearest] - note.onset_s) <= tolerance_s)
    return labels


def _report(title: str, examples: Sequence[Example], tolerance_s: float) -> None:
    for with_pitch in (False, True):
        rows = agreement(examples, tolerance_s, with_pitch=with_pitch)
        counted = "onset and pitch" if with_pitch else "onset"
        print(f"{title}, {counted}, {1000 * tolerance_s:.0f} ms")
        for name, row in [*rows.items(), ("all", total(rows.values()))]:
            print(
                f"  {name:28} F {row.f_measure:.3f}  precision {row.precision:.3f}"
                f"  recall {row.recall:.3f}  of {row.true}"
            )


def main(corpus: Path, *, is_fit: bool) -> None:
    """Write new weights, or print how well notes found with those that are there agree."""
    for is_held_out in (False,) if is_fit else (True, False):
        part = [
            recording
            for recording in read_corpus(corpus, instruments=(*INSTRUMENTS, "guitar"))
            if recording.is_held_out == is_held_out
        ]
        phrases = list(phrase_examples(part, each=2 if is_held_out else 5))
        performances = list(performance_examples(part))
        if is_fit:
            weights = fit(itertools.chain(phrases, performances))
            Path(onset_weights.__file__).write_text(source_of(weights))
            continue
        split = "held out" if is_held_out else "training"
        _report(f"phrases, {split}", phrases, PHRASE_TOLERANCE_S)
        _report(f"performances, {split}", performances, PERFORMANCE_TOLERANCE_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), is_fit="--fit" in sys.argv)
