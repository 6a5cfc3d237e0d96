"""`hexachord compose chorale`: four voices around what is given."""

import re
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from bridge.cli.composed_output import Piece, Wishes, deliver, names_in, require_sounds
from bridge.composed_session import Titled
from plugin_core.types import InputError

_BPM = 76.0


class ChoraleWishes(NamedTuple):
    """What the options say of a chorale."""

    voices: tuple[str | None, ...]
    given: Path | None
    keep: str | None
    keep_bars: str | None
    key: str
    temperature: float


def compose_chorale_piece(common: Wishes, wishes: ChoraleWishes) -> None:
    """Compose, and write what came of it."""
    from plugin_core.composing.chorale import VOICES
    from plugin_core.composing.chorale_parts import (
        Line,
        flat_twins,
        line_of,
        lines_of_score,
        played_parts,
    )
    from plugin_core.composing.keys import key_name, key_named
    from plugin_core.composing.models import DEFAULT_CHORALE, composer_path
    from plugin_core.score import TempoMap, read_midi

    path = composer_path(common.model or DEFAULT_CHORALE)
    key = None if wishes.key.strip().lower() == "auto" else key_named(wishes.key)
    lines: dict[int, Line] = {}
    sources: dict[int, str] = {}
    bpm = common.bpm
    kept = names_in("--keep", wishes.keep, VOICES)
    if wishes.given is None:
        for option, value in (("--keep", wishes.keep), ("--keep-bars", wishes.keep_bars)):
            if value is not None and not (option == "--keep-bars" and any(wishes.voices)):
                raise InputError(option, "", "four parts to keep them of (--given X.mid)", "none")
    else:
        score = read_midi(wishes.given)
        bpm = bpm or score.tempo.bpm(0.0)
        for voice, line in enumerate(lines_of_score(score)):
            if VOICES[voice] in kept:
                lines[voice], sources[voice] = line, f"{wishes.given} ({VOICES[voice]})"
    for voice, name in enumerate(wishes.voices):
        if name is None or name.strip().lower() == "none":
            continue
        score = read_midi(Path(name))
        parts = [entry for entry in score.parts if not entry.is_drums]
        if not parts:
            found = "only drums" if score.parts else "no notes"
            raise InputError(name, "", f"a melody for the {VOICES[voice]}", found)
        bpm = bpm or score.tempo.bpm(0.0)
        lines[voice], sources[voice] = line_of(parts[0].part.notes, score.tempo, name), name
    sounds = require_sounds(common.render, len(VOICES))
    keep_bars = None if wishes.keep_bars is None else bars_in(wishes.keep_bars)

    import torch

    from plugin_core.composing.chorale_composing import Wanted, compose_chorale
    from plugin_core.composing.chorale_network import load_chorale_model
    from plugin_core.composing.chorale_sampling import Sampling

    torch.set_num_threads(1)
    chorale = compose_chorale(
        load_chorale_model(path),
        Wanted(lines, sources, common.bars, key, keep_bars),
        common.seed,
        Sampling(temperature=wishes.temperature),
    )
    beat_s = 60.0 / (bpm or _BPM)
    composed = played_parts(chorale.voices, beat_s, common.seed)
    even = TempoMap.constant(60.0 / beat_s)
    flat_parts = flat_twins(composed, beat_s)
    made = "hexachord " + shlex.join(sys.argv[1:])
    title = f"Chorale {common.seed} in {key_name(chorale.key)}"
    piece = Piece(composed.parts, composed.tempo, flat_parts, even)
    deliver(Titled("chorale", title, made), piece, sounds, common)


def bars_in(text: str) -> frozenset[int]:
    """Return the bars in `1-4,7`. Raises InputError."""
    bars: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", part, re.ASCII)
        if found is None:
            raise InputError("--keep-bars", "", "bars such as 1-4,7", repr(text))
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise InputError("--keep-bars", "", "bars such as 1-4,7", repr(part))
        bars.update(range(first, last + 1))
    return frozenset(bars)
