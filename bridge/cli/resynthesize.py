"""`hexachord resynthesize`: a recording through its synthesis parameters, edited on the way.

With a DDX7 model the parameters are the levels of six operators: `resynthesize_operators`.
"""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.analyze import (
    AudioArgument,
    GainOption,
    InstrumentOption,
    found,
    require_gain,
    say_if_compiling,
    warn,
)
from bridge.cli.operator_wishes import (
    A_MODEL,
    AlgorithmOption,
    FeedbackOption,
    LanesOption,
    LevelsOption,
    LevelsOutOption,
    NoiseOption,
    PictureOption,
    RatioOption,
    RetimeOption,
    RoomOption,
    ScaleOption,
    SwapOption,
    operator_wishes,
)
from bridge.whole_file import require_place, whole_file, work_folder
from plugin_core.types import InputError

if TYPE_CHECKING:
    from bridge.resynthesis import Written
    from plugin_core.hearing.hear import Heard

_MOST_SEMITONES = 60.0
_LEAST_STRETCH, _MOST_STRETCH = 0.05, 20.0


def resynthesize(
    audio: AudioArgument,
    out: Annotated[Path, typer.Option(metavar="X.wav", help="The file to write: 32-bit float.")],
    *,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Who finds the parameters: measured, inference, autoencoder, ddx7-violin (-flute, "
            "-trumpet: a DX7 voice plays), or a .ts file; by default inference where it is "
            "installed.",
        ),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option(
            metavar="NOTES.csv", help="The notes.csv that analyze wrote, edited: what to play."
        ),
    ] = None,
    transpose: Annotated[float, typer.Option(metavar="N", help="Semitones up.")] = 0.0,
    stretch: Annotated[float, typer.Option(metavar="X", help="Times as long.")] = 1.0,
    rate: Annotated[
        int | None,
        typer.Option(
            min=8000, max=192000, metavar="HZ", help="Sample rate; default: the recording's."
        ),
    ] = None,
    instrument: InstrumentOption = None,
    gain: GainOption = None,
    seed: Annotated[int, typer.Option(min=0, max=65535, help="Seed of the noise.")] = 0,
    ratio: RatioOption = None,
    scale: ScaleOption = None,
    retime: RetimeOption = None,
    swap: SwapOption = None,
    algorithm: AlgorithmOption = None,
    feedback: FeedbackOption = None,
    lanes: LanesOption = None,
    levels: LevelsOption = None,
    levels_out: LevelsOutOption = None,
    picture: PictureOption = None,
    noise: NoiseOption = True,
    room: RoomOption = True,
) -> None:
    """Sound a recording again from its synthesis parameters, as it was or with edited notes."""
    _require("--transpose", transpose, -_MOST_SEMITONES, _MOST_SEMITONES)
    _require("--stretch", stretch, _LEAST_STRETCH, _MOST_STRETCH)
    require_gain(gain)
    require_place(out)
    if out.suffix.lower() != ".wav":
        raise InputError(out, "--out", "a file name that ends in .wav", out.suffix or "no ending")
    if out.exists() and audio.exists() and out.samefile(audio):
        raise InputError(out, "--out", "another file than the recording", "the recording")

    from bridge.cli.resynthesize_operators import Take, resynthesize_operators
    from plugin_core.hearing.edits import Edits
    from plugin_core.hearing.operator_model import choose_operator_model
    from plugin_core.score.note_table import read_note_table

    wishes = operator_wishes(
        ratio=ratio, scale=scale, retime=retime, swap=swap, algorithm=algorithm, feedback=feedback,
        lanes=lanes, levels=levels, levels_out=levels_out, picture=picture, noise=noise, room=room,
    )  # fmt: skip
    edits = Edits(None if notes is None else read_note_table(notes), transpose, stretch)
    operators = choose_operator_model(model, noise=noise)
    if operators is not None:
        take = Take(audio, out, edits, notes, rate, instrument, gain, seed)
        resynthesize_operators(take, operators, wishes)
        return
    if wishes.given:
        raise InputError(wishes.given[0], "", A_MODEL, f"--model {model}" if model else "none")

    if audio.suffix.lower() == ".csv":
        raise InputError(audio, "", f"a recording, or {A_MODEL} for a table of levels", "a table")

    from bridge.cli.bar import progress_bar
    from bridge.resynthesis import frames_to_play, write_resynthesis
    from plugin_core.hearing.doubts import doubts
    from plugin_core.hearing.frames_file import FrameStore
    from plugin_core.hearing.hear import hear
    from plugin_core.hearing.models import choose_model
    from plugin_core.hearing.recording import read_recording
    from plugin_core.types import HARMONICS

    started = time.perf_counter()
    chosen = choose_model(model, instrument)
    say_if_compiling()
    # Beside the file to write: where there is room for that, there is room for this.
    with work_folder(out) as work, progress_bar() as progress:
        recording = read_recording(audio, work / "audio.f32")
        heard = hear(
            recording,
            FrameStore.at(work / "frames", HARMONICS),
            instrument=instrument,
            gain_db=gain,
            progress=lambda part, doing: progress(0.7 * part, doing),
        )
        warn(audio, doubts(recording, heard.frames))
        progress(0.7, "applying edits" if chosen is None else "inferring")
        try:
            frames = frames_to_play(heard, chosen, edits, work)
        except ValueError as error:
            raise InputError(notes or audio, "", "notes that can be played", error) from error
        with whole_file(out) as file:
            written = write_resynthesis(
                file,
                heard,
                frames,
                model=chosen,
                edits=edits,
                sample_rate=rate or recording.sample_rate,
                seed=seed,
                progress=lambda part, doing: progress(0.8 + 0.2 * part, doing),
            )
    print(_told(out, heard, written, time.perf_counter() - started))


def _require(option: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(option, "", f"a number in {low:g}..{high:g}", f"{value:g}")


def _told(out: Path, heard: "Heard", written: "Written", took_s: float) -> str:
    edited = f", {written.edited} edited" if written.edited else ""
    distance = f", distance {written.distance:.2f}" if written.distance is not None else ""
    return (
        f"{out}: {found(heard)}{edited}; {written.samples / written.sample_rate:.1f} s at "
        f"{written.sample_rate} Hz by {written.model}{distance}, in {took_s:.1f} s"
    )
