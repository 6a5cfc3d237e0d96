"""`hexachord flatten`: a DDX7 model as an ordinary DX7 voice, for the instrument itself."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.whole_file import require_place, whole_file
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.flattening.flatten import Flattened

_RATE = 44100


def flatten(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A DDX7 model: ddx7-violin, or a .ts file.")
    ],
    out: Annotated[Path, typer.Option(metavar="X.syx", help="The file to write: one voice.")],
    *,
    pitch: Annotated[
        int, typer.Option(min=17, max=116, help="The MIDI key whose level curves are fitted.")
    ] = 69,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the voice: ten characters.")
    ] = None,
) -> None:
    """Write a DX7 voice whose envelopes are fitted to a model's mean level curves."""
    require_place(out)
    if out.suffix.lower() != ".syx":
        raise InputError(out, "--out", "a file name that ends in .syx", out.suffix or "no ending")
    if name is not None and not (0 < len(name) <= 10 and name.isascii() and name.isprintable()):
        raise InputError("--name", "", "1 to 10 characters of ASCII", repr(name))

    from bridge.page import key_name
    from plugin_core.dx7.sysex import single_voice_dump
    from plugin_core.flattening.flatten import flatten as flattened_of
    from plugin_core.flattening.likeness import likeness
    from plugin_core.hearing.operator_model import choose_operator_model

    started = time.perf_counter()
    chosen = choose_operator_model(model)
    if chosen is None:
        raise InputError("MODEL", model, "a DDX7 model (ddx7-violin, or a .ts file)", "another")
    flattened = flattened_of(chosen.model, pitch, name=name or chosen.player.upper())
    with whole_file(out) as file:
        file.write(single_voice_dump(flattened.voice))
    print(f"{out}: {_told(flattened)}")
    alike = likeness(chosen.model, flattened, pitch, _RATE)
    print(
        f"its {key_name(pitch)} beside the model's, without noise and room: level over time "
        f"{alike.level_db:.1f} dB, harmonics {alike.harmonics_db:.1f} dB apart, in "
        f"{time.perf_counter() - started:.1f} s"
    )


def _told(flattened: "Flattened") -> str:
    voice = flattened.voice
    errors = [
        f"{op} {envelope.error_db:.1f}"
        for op, envelope in enumerate(flattened.envelopes, start=1)
        if op in flattened.present
    ]
    return (
        f"{voice.name}, algorithm {voice.shown('algorithm')}; envelopes within "
        f"{max(e.error_db for e in flattened.envelopes):.1f} dB of the mean level curves "
        f"(by operator: {', '.join(errors)})"
    )
