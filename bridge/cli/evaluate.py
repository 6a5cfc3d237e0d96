"""`hexachord evaluate`: what the parts of Hexachord measure against their references."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from plugin_core.sounds import presets_folder


class What(StrEnum):
    """What can be evaluated."""

    DX7 = "dx7"
    PITCH = "pitch"
    NOTES = "notes"
    INFERENCE = "inference"
    EXPRESSION = "expression"
    SYNTHESIS = "synthesis"
    CONTROLS = "controls"
    LIVE = "live"
    DDX7_MODEL = "ddx7-model"
    COMPOSER = "composer"
    CHORALE = "chorale"


_RECORDINGS, _SCORES = Path("../shared/corpus"), Path("../shared/scores")


def evaluate(
    what: Annotated[What, typer.Argument(help="What to evaluate.")],
    *,
    reference: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the DX7 reference renders.")
    ] = Path("../shared/reference/dx7"),
    corpus: Annotated[
        Path, typer.Option(metavar="DIR", help="Corpus of labelled recordings.")
    ] = _RECORDINGS,
    models: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the models, or live.ts; else the bundled."),
    ] = None,
    contours: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="expression: folder of performance contours."),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where what is heard in a corpus is kept."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="synthesis: pictures of phrases beside recordings, no table."
        ),
    ] = None,
    untrained: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="All of this source, not the held-out recordings."),
    ] = None,
    recordings: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="ddx7-model: a folder of takes instead of the corpus' held-out."
        ),
    ] = None,
    instrument: Annotated[
        str | None,
        typer.Option(help="ddx7-model: who plays the takes, where their names do not say it."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures of each file.")
    ] = False,
) -> None:
    """Measure the engine or the models against their references and print the table."""
    if what in (What.COMPOSER, What.CHORALE):
        from bridge.cli.evaluate_composer import evaluate_chorale, evaluate_composer

        evaluate_notes_of = evaluate_chorale if what is What.CHORALE else evaluate_composer
        scores = _SCORES if corpus == _RECORDINGS else corpus
        evaluate_notes_of(scores, models, as_json=as_json)
        return
    if what is What.DX7:
        from bridge.cli.evaluate_dx7 import evaluate_dx7

        evaluate_dx7(reference, as_json=as_json)
        return
    if what in (What.PITCH, What.NOTES):
        from bridge.cli.evaluate_hearing import evaluate_notes, evaluate_pitch

        if what is What.PITCH:
            evaluate_pitch(corpus, as_json=as_json)
        else:
            evaluate_notes(corpus)
        return
    folder = models or presets_folder() / "instruments"
    if what is What.INFERENCE:
        from bridge.cli.evaluate_inference import evaluate_inference

        evaluate_inference(corpus, folder, source=untrained, jobs=jobs, as_json=as_json)
    elif what is What.EXPRESSION:
        from bridge.cli.evaluate_expression import evaluate_expression

        evaluate_expression(
            corpus,
            folder,
            contours=contours,
            cache=work,
            jobs=jobs,
            as_json=as_json,
        )
    elif what is What.CONTROLS:
        from bridge.cli.evaluate_controls import evaluate_controls

        evaluate_controls(corpus, folder, cache=work, jobs=jobs, as_json=as_json)
    elif what is What.LIVE:
        from bridge.cli.evaluate_live import evaluate_live

        evaluate_live(corpus, folder, cache=work, jobs=jobs, as_json=as_json)
    elif what is What.DDX7_MODEL:
        from bridge.cli.evaluate_ddx7_model import evaluate_ddx7_model

        evaluate_ddx7_model(
            corpus,
            folder,
            recordings=recordings,
            instrument=instrument,
            cache=work,
            jobs=jobs,
            as_json=as_json,
        )
    elif pictures is not None:
        from bridge.cli.evaluate_pictures import evaluate_pictures

        evaluate_pictures(corpus, folder, pictures, cache=work)
    else:
        from bridge.cli.evaluate_synthesis import evaluate_synthesis

        evaluate_synthesis(corpus, folder, cache=work, jobs=jobs, as_json=as_json)
