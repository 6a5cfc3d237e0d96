"""`hexachord evaluate synthesis`: Table 1b, and how real the Synthesis Generator sounds."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from plugin_core.audio.jit import cache_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training import realism
from plugin_core.training.synthesis_evaluation import (
    MIDI2PARAMS,
    RECORDING,
    SYNTHESIS,
    WITHOUT_FITTING,
    Clicks,
    PhraseResult,
    evaluate,
    root_mean_square_errors,
)
from plugin_core.types import CONTROLS, InputError

_MODELS = (SYNTHESIS, WITHOUT_FITTING, MIDI2PARAMS)
_SHORT = ("volume", "fluct.", "peak", "vibrato", "bright.", "attack")
_PAPER = {SYNTHESIS: "0.19", MIDI2PARAMS: "0.26"}
_LARGEST_ERROR = 0.10
_LARGEST_CENTS = 10.0
_LARGEST_DISTANCE_DB = 4.0
_TABLE_WIDTH = 110
_LEGEND = (
    "Cents: median |f0 - note| outside vibrato and transitions. Vibratos: rates of those above "
    f"{realism.SHAKING}. Clicks: note boundaries with a sample step above the 99.99th percentile "
    "of the recording's, both at one level; inside: as many places inside the notes. LSD: mean "
    "distance of long-term spectra of held-out single notes, third octaves; as another: with the "
    "controls of another note of that dynamic."
)
_NO_CLICKS = Clicks(0, 0, 0, 0)


def evaluate_synthesis(
    corpus: Path, models: Path, *, cache: Path | None, jobs: int, as_json: bool
) -> None:
    """Print how well the controls asked of the models are found in what they make, and how real.

    `cache` keeps what is heard in the corpus between runs. Raises InputError for a model or a
    corpus that cannot be read.
    """
    import torch

    from plugin_core.synthesis.midi2params import load_midi2params
    from plugin_core.synthesis.synthesis_model import load_synthesis_model
    from plugin_core.training.corpus import MANIFEST, read_corpus
    from plugin_core.training.performed import read_performed

    torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
    for name in ("synthesis.ts", "midi2params.ts"):
        if not (models / name).is_file():
            raise InputError(models / name, "", "a trained model", "none")
    synthesis = load_synthesis_model(models / "synthesis.ts")
    midi2params = load_midi2params(models / "midi2params.ts")
    # Only a manifest knows dynamics: users' own recordings have none.
    labelled = read_corpus(corpus) if (corpus / MANIFEST).is_file() else ()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        hearing = progress.add_task("Hearing the corpus", total=None)
        performed = read_performed(
            corpus,
            cache=cache or cache_folder().parents[1] / "training",
            jobs=jobs,
            progress=lambda done, total: progress.update(hearing, completed=done, total=total),
        )
        performing = progress.add_task("Performing", total=None)
        results = evaluate(
            performed,
            synthesis,
            midi2params,
            dynamics={each.name: each.dynamic for each in labelled if each.is_note},
            progress=lambda done, total: progress.update(performing, completed=done, total=total),
        )
    if as_json:
        print(json.dumps(figures(results), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    console.print(_table_1b(results))
    console.print(_realism(results))


def figures(results: Sequence[PhraseResult]) -> dict[str, Any]:
    """Return all figures as JSON holds them: of all instruments, then of each; None if unknown."""
    of_each = {
        instrument: _figures([each for each in results if each.instrument == instrument])
        for instrument in _present(results)
    }
    known: dict[str, Any] = _known({"all": _figures(results), **of_each})
    return known


def _known(figure: Any) -> Any:
    if isinstance(figure, dict):
        return {name: _known(each) for name, each in figure.items()}
    return None if isinstance(figure, float) and np.isnan(figure) else figure


def _figures(results: Sequence[PhraseResult]) -> dict[str, Any]:
    phrases = [each for each in results if MIDI2PARAMS in each.found]
    errors = {}
    for model in _MODELS:
        per_control, pooled = root_mean_square_errors(phrases, model)
        errors[model] = {**dict(zip(CONTROLS, per_control.tolist(), strict=True)), "all": pooled}
    return {
        "rmse": errors,
        "median_cents": {who: _median_cents(results, who) for who in (SYNTHESIS, RECORDING)},
        "vibrato_in_range": {
            who: realism.share_in_range(_rates(results, who)) for who in (SYNTHESIS, RECORDING)
        },
        "clicks": _clicks(results)._asdict(),
        "spectral_distance_db": _distance_db(results, "spectral_distance_db"),
        "other_distance_db": _distance_db(results, "other_distance_db"),
    }


def _table_1b(results: Sequence[PhraseResult]) -> Table:
    phrases = [each for each in results if MIDI2PARAMS in each.found]
    notes = sum(len(each.asked) for each in phrases)
    table = Table(
        title=f"Table 1b: RMSE of controls asked and extracted, {notes} notes of {len(phrases)} "
        "held-out phrases",
        title_justify="left",
    )
    table.add_column("")
    for column in ("all", *_SHORT, "paper"):
        table.add_column(column, justify="right")
    for model in _MODELS:
        per_control, pooled = root_mean_square_errors(phrases, model)
        errors = (f"{_number(error, '.3f')}" for error in per_control)
        table.add_row(model, f"{pooled:.3f}", *errors, _PAPER.get(model, ""))
    table.add_section()
    for instrument in _present(phrases):
        of_it = [each for each in phrases if each.instrument == instrument]
        per_control, pooled = root_mean_square_errors(of_it, SYNTHESIS)
        table.add_row(
            instrument, f"{pooled:.3f}", *(f"{_number(error, '.3f')}" for error in per_control), ""
        )
    table.caption = (
        f"asked of the {SYNTHESIS}: {_LARGEST_ERROR:.2f}. Controls 0..1; {MIDI2PARAMS} knows the "
        "notes alone. Performances; of the tuba, phrases assembled of held-out notes."
    )
    return table


def _realism(results: Sequence[PhraseResult]) -> Table:
    table = Table(title="Realism: made / recorded", title_justify="left")
    for column in (
        "",
        "cents",
        "vibratos 4-7.5 Hz",
        "clicks",
        "inside",
        "notes",
        "LSD, dB",
        "as another",
    ):
        table.add_column(column, justify="left" if not column else "right")
    for instrument in _present(results):
        of_it = [each for each in results if each.instrument == instrument]
        table.add_row(instrument, *_realism_row(of_it))
    table.add_section()
    table.add_row("all", *_realism_row(results))
    table.add_row(
        "asked",
        f"< {_LARGEST_CENTS:.0f}",
        "100 %",
        "0",
        "",
        "",
        f"<= {_LARGEST_DISTANCE_DB:.0f}",
        "",
    )
    table.caption = _LEGEND
    return table


def _realism_row(results: Sequence[PhraseResult]) -> tuple[str, ...]:
    cents = [_median_cents(results, who) for who in (SYNTHESIS, RECORDING)]
    rates = [_rates(results, who) for who in (SYNTHESIS, RECORDING)]
    clicks = _clicks(results)
    distances = [
        _distance_db(results, which) for which in ("spectral_distance_db", "other_distance_db")
    ]
    singles = sum(each.spectral_distance_db is not None for each in results)
    return (
        " / ".join(_number(each, ".1f") for each in cents),
        " / ".join(
            f"{_number(realism.share_in_range(each), '.0%')} of {len(each)}" for each in rates
        ),
        f"{clicks.at_boundaries} / {clicks.in_recording} of {clicks.places}",
        str(clicks.inside_notes),
        str(singles),
        *(_number(each, ".2f") for each in distances),
    )


def _number(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def _present(results: Sequence[PhraseResult]) -> list[str]:
    return [name for name in INSTRUMENTS if any(each.instrument == name for each in results)]


def _median_cents(results: Sequence[PhraseResult], who: str) -> float:
    cents = np.concatenate([np.zeros(0), *(each.cents[who] for each in results)])
    return float(np.median(cents)) if len(cents) else np.nan


def _rates(results: Sequence[PhraseResult], who: str) -> list[float]:
    return [rate for each in results for rate in each.rates_hz[who]]


def _clicks(results: Sequence[PhraseResult]) -> Clicks:
    counts = [each.clicks for each in results if each.clicks is not None]
    return Clicks(*(sum(column) for column in zip(*counts, strict=True))) if counts else _NO_CLICKS


def _distance_db(results: Sequence[PhraseResult], which: str) -> float:
    """Return the mean over instruments' means: every instrument counts alike."""
    means = []
    for instrument in _present(results):
        of_it = [getattr(each, which) for each in results if each.instrument == instrument]
        distances = [distance for distance in of_it if distance is not None]
        if distances:
            means.append(np.mean(distances))
    return float(np.mean(means)) if means else np.nan
