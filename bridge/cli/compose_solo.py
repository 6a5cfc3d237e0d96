"""`hexachord compose solo`: a piece from nothing or an opening, or learnt expression for notes."""

import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from bridge.cli.composed_output import Piece, Wishes, deliver, names_in, require_sounds
from bridge.composed_session import Titled
from plugin_core.types import InputError

_BARS = 16


class SoloWishes(NamedTuple):
    """What the options say of a solo."""

    prime: Path | None
    keep: str | None
    expressive: str | None
    chords: bool | None
    pitch_temperature: float
    velocity_temperature: float
    duration_temperature: float


def compose_solo_piece(common: Wishes, wishes: SoloWishes) -> None:
    """Compose, and write what came of it."""
    from plugin_core.composing.models import DEFAULT_SOLO, composer_path
    from plugin_core.composing.solo_composing import (
        EXPRESSIONS,
        compose_solo,
        given_notes,
        humanize,
    )
    from plugin_core.composing.solo_inference import load_solo_model
    from plugin_core.composing.solo_sampling import Temperatures
    from plugin_core.score import read_midi

    keeps = wishes.keep is not None
    if keeps and names_in("--keep", wishes.keep, ("pitch",)) and wishes.prime is None:
        raise InputError("--keep", "", "the notes to keep (--prime X.mid)", "none")
    expressions = names_in("--expressive", wishes.expressive, EXPRESSIONS)
    path = composer_path(common.model or DEFAULT_SOLO)
    prime = None if wishes.prime is None else given_notes(read_midi(wishes.prime))
    parts = len(prime.names) if keeps and prime is not None else 1
    sounds = require_sounds(common.render, parts)
    model = load_solo_model(path)
    temperatures = Temperatures(
        wishes.pitch_temperature, wishes.velocity_temperature, wishes.duration_temperature
    )
    if keeps and prime is not None:
        for option, value in (("--bars", common.bars), ("--bpm", common.bpm)):
            if value is not None:
                raise InputError("--keep pitch", option, "none, as the notes are given", value)
        solo = humanize(
            model,
            prime,
            seed=common.seed,
            temperatures=temperatures,
            expressions=expressions,
        )
        title = f"{Path(prime.source).stem}, as {path.stem} plays"
    else:
        solo = compose_solo(
            model,
            bars=common.bars or _BARS,
            seed=common.seed,
            chords=wishes.chords,
            temperatures=temperatures,
            expressions=expressions,
            prime=prime,
            bpm=common.bpm,
        )
        title = f"Solo {common.seed} by {path.stem}"
    made = "hexachord " + shlex.join(sys.argv[1:])
    piece = Piece(solo.parts, solo.tempo, solo.flat_parts, solo.tempo)
    deliver(Titled("piece", title, made), piece, sounds, common)
