"""What `hexachord resynthesize` may be asked of a DX7 voice: its options, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plugin_core.dx7.fields import OPERATORS
from plugin_core.score.values import number_in_text
from plugin_core.types import InputError, Lane

if TYPE_CHECKING:
    from plugin_core.hearing.operator_edits import OperatorEdits

A_MODEL = "a DDX7 model (--model ddx7-violin)"

RatioOption = Annotated[
    list[str] | None,
    typer.Option(metavar="N=X", help="DX7 voice: operator N at X times the pitch; repeatable."),
]
ScaleOption = Annotated[
    list[str] | None,
    typer.Option(metavar="N=X", help="DX7 voice: operator N's level times X; repeatable."),
]
RetimeOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="N=X", help="DX7 voice: operator N's attacks and decays X times slower; repeatable."
    ),
]
SwapOption = Annotated[
    list[str] | None,
    typer.Option(metavar="M:N", help="DX7 voice: operators M and N exchange levels; repeatable."),
]
AlgorithmOption = Annotated[
    int | None, typer.Option(min=1, max=32, metavar="A", help="DX7 voice: another routing.")
]
FeedbackOption = Annotated[
    float | None, typer.Option(min=0.0, max=7.0, metavar="F", help="DX7 voice: feedback, 0 to 7.")
]
LanesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="LANES.csv",
        help="DX7 voice: the same over time: time_s and columns as op3_ratio, op2_scale, "
        "op1_retime, swap_2_4, algorithm, feedback, noise.",
    ),
]
NoiseOption = Annotated[
    bool,
    typer.Option(
        "--noise/--no-noise",
        help="DX7 voice: with noise beside the operators, or the model that was trained without.",
    ),
]
RoomOption = Annotated[
    bool, typer.Option("--room/--no-room", help="DX7 voice: the room of the recordings.")
]
LevelsOption = Annotated[
    Path | None,
    typer.Option(metavar="LEVELS.csv", help="DX7 voice: curves to play instead of those heard."),
]
LevelsOutOption = Annotated[
    Path | None,
    typer.Option(metavar="LEVELS.csv", help="DX7 voice: write pitch, loudness, operator levels."),
]
PictureOption = Annotated[
    Path | None,
    typer.Option(metavar="X.png", help="DX7 voice: draw the level curves, before and after."),
]


@dataclass(frozen=True, slots=True)
class OperatorWishes:
    """What is asked of the six operators."""

    edits: "OperatorEdits"
    lanes: Path | None = None
    """The file that some of the edits were read from."""
    levels: Path | None = None
    levels_out: Path | None = None
    picture: Path | None = None
    noise: bool = True
    room: bool = True
    given: tuple[str, ...] = ()
    """The options that say any of this."""


def operator_wishes(
    *,
    ratio: Sequence[str] | None,
    scale: Sequence[str] | None,
    retime: Sequence[str] | None,
    swap: Sequence[str] | None,
    algorithm: int | None,
    feedback: float | None,
    lanes: Path | None,
    levels: Path | None,
    levels_out: Path | None,
    picture: Path | None,
    noise: bool,
    room: bool,
) -> OperatorWishes:
    """Return what the options mean; raises InputError for what they cannot."""
    from plugin_core.hearing.operator_edits import OperatorEdits, read_edit_lanes

    constant: dict[str, float] = {}
    for kind, texts in (("ratio", ratio), ("scale", scale), ("retime", retime)):
        for text in texts or ():
            _add(constant, *_of_operator(kind, text), option=f"--{kind}")
    for text in swap or ():
        _add(constant, _swapped(text), 1.0, option="--swap")
    for name, value in (("algorithm", algorithm), ("feedback", feedback)):
        if value is not None:
            constant[name] = float(value)
    edits = OperatorEdits() if lanes is None else read_edit_lanes(lanes)
    for name in constant:
        if name in edits.lanes:
            raise InputError(str(lanes), name, "a lane that no option sets", "both")
    for option, path, ending in (
        ("--levels-out", levels_out, ".csv"),
        ("--picture", picture, ".png"),
    ):
        if path is not None and path.suffix.lower() != ending:
            expected = f"a file name that ends in {ending}"
            raise InputError(path, option, expected, path.suffix or "no ending")
    given = {
        "--ratio": ratio, "--scale": scale, "--retime": retime, "--swap": swap,
        "--algorithm": algorithm is not None, "--feedback": feedback is not None,
        "--lanes": lanes, "--levels": levels, "--levels-out": levels_out, "--picture": picture,
        "--no-noise": not noise, "--no-room": not room,
    }  # fmt: skip
    return OperatorWishes(
        edits=edits.with_lanes({name: Lane.constant(value) for name, value in constant.items()}),
        lanes=lanes,
        levels=levels,
        levels_out=levels_out,
        picture=picture,
        noise=noise,
        room=room,
        given=tuple(option for option, value in given.items() if value),
    )


def _add(constant: dict[str, float], name: str, value: float, *, option: str) -> None:
    if name in constant:
        raise InputError(option, "", "every operator once", f"{name.replace('_', ' ')} twice")
    constant[name] = value


def _of_operator(kind: str, text: str) -> tuple[str, float]:
    """Return the lane and its value that `3=2.0` means."""
    from plugin_core.hearing.operator_edits import EDIT_LANES

    operator, equals, value = text.partition("=")
    allowed = EDIT_LANES[f"op1_{kind}"]
    number = number_in_text(value)
    name = f"op{operator.strip()}_{kind}"
    if not equals or name not in EDIT_LANES:
        raise InputError(f"--{kind}", "", f"N=X with an operator N of 1..{OPERATORS}", repr(text))
    if number is None or not allowed.low <= number <= allowed.high:
        expected = f"a number in {allowed.low:g}..{allowed.high:g} for operator {operator.strip()}"
        raise InputError(f"--{kind}", "", expected, repr(value))
    return name, number


def _swapped(text: str) -> str:
    """Return the lane that `2:4` means."""
    from plugin_core.hearing.operator_edits import EDIT_LANES

    names = sorted(part.strip() for part in text.split(":"))
    name = "_".join(("swap", *names))
    if name not in EDIT_LANES:
        raise InputError("--swap", "", f"M:N with two operators of 1..{OPERATORS}", repr(text))
    return name
