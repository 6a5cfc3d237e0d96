"""`hexachord resynthesize --model ddx7-violin`: a recording plays a DX7 voice.

Pitch and loudness are heard, the model makes operator levels of them, which may be edited, and six
operators sound. A table of curves (`levels.csv`) in the place of the recording is played as it is.
"""

import contextlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.analyze import found, say_if_compiling, warn
from bridge.cli.operator_wishes import OperatorWishes
from bridge.whole_file import require_place, whole_file, work_folder
from plugin_core.synthesis.instruments import NO_NOISE
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.hearing.edits import Edits
    from plugin_core.hearing.hear import Heard, Progress
    from plugin_core.hearing.operator_curves import OperatorCurves
    from plugin_core.hearing.operator_model import OperatorModel
    from plugin_core.hearing.recording import Recording
    from plugin_core.score.columns import Columns

_TABLE_RATE = 48_000
_HEARING, _PLAYING, _WRITING = 0.6, 0.7, 0.85


@dataclass(frozen=True, slots=True)
class Take:
    """What is to be played: a recording, or a table of curves, and where the sound goes."""

    audio: Path
    out: Path
    edits: "Edits"
    edits_from: Path | None
    """The table of notes that the edits were read from."""
    rate: int | None
    instrument: str | None
    gain: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class _Source:
    """What was found in it."""

    curves: "OperatorCurves"
    table: "Columns | None"
    """What counts instead of what was heard."""
    recording: "Recording | None"
    """None where a table stands for itself."""
    samples: int
    rate: int
    told: str


def resynthesize_operators(take: Take, model: "OperatorModel", wishes: OperatorWishes) -> None:
    """Write the sound, and what else is wished."""
    _require_apart(take, wishes)

    from bridge.cli.bar import progress_bar
    from bridge.level_pictures import draw_levels
    from bridge.operator_resynthesis import Sounding, level_picture, play_of, write_operators
    from plugin_core.hearing.operator_curves import curve_rows
    from plugin_core.hearing.operator_model import NoiseFile, curves_of

    started = time.perf_counter()
    _warn_of_noise(wishes, model)
    say_if_compiling()
    with (
        work_folder(take.out) as work,
        progress_bar() as progress,
        contextlib.ExitStack() as files,
    ):
        if _is_table(take.audio):
            source = _table_alone(take, wishes)
        else:
            source = _heard(take, wishes, model, work, progress)
        noise = NoiseFile(work / "noise.f32") if wishes.noise and model.has_noise else None
        curves = curves_of(
            model, source.curves, source.table, noise,
            lambda part: progress(_HEARING + (_PLAYING - _HEARING) * part, "playing operators"),
        )  # fmt: skip
        _warn_of_no_notes(take, wishes, curves)
        sounding = Sounding(
            model=model,
            edits=wishes.edits,
            sample_rate=source.rate,
            samples=source.samples,
            noise=noise,
            with_room=wishes.room,
            seed=take.seed,
        )
        is_like = wishes.edits.are_none and source.table is None and take.edits.are_none
        file = files.enter_context(whole_file(take.out))
        distance = write_operators(
            file,
            play_of(sounding, curves),
            sounding,
            recording=source.recording if is_like and _has_its_rate(source) else None,
            progress=lambda part, doing: progress(_PLAYING + (_WRITING - _PLAYING) * part, doing),
        )
        if wishes.levels_out is not None:
            text = files.enter_context(whole_file(wishes.levels_out))
            for rows in curve_rows(curves):
                text.write(rows.encode())
        if wishes.picture is not None:
            png = files.enter_context(whole_file(wishes.picture))
            picture = level_picture(
                take.audio.name, curves, sounding,
                recording=source.recording,
                progress=lambda part, doing: progress(_WRITING + (1 - _WRITING) * part, doing),
            )  # fmt: skip
            draw_levels(picture, work / "levels.png")
            png.write((work / "levels.png").read_bytes())
    distance_told = "" if distance is None else f", distance {distance:.2f}"
    print(
        f"{take.out}: {source.told}; {source.samples / source.rate:.1f} s at {source.rate} Hz by "
        f"{model.name}{distance_told}, in {time.perf_counter() - started:.1f} s"
    )


def _require_apart(take: Take, wishes: OperatorWishes) -> None:
    """Raise InputError where a file to write is no place, an input, or another file to write."""
    outs = {"--out": take.out, "--levels-out": wishes.levels_out, "--picture": wishes.picture}
    given = {
        "what is played": take.audio,
        "--notes": take.edits_from,
        "--levels": wishes.levels,
        "--lanes": wishes.lanes,
    }
    taken = {path.resolve(): name for name, path in given.items() if path is not None}
    for option, path in outs.items():
        if path is None:
            continue
        require_place(path)
        other = taken.setdefault(path.resolve(), option)
        if other != option:
            raise InputError(path, option, "a file of its own", f"that of {other}")


def _is_table(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _has_its_rate(source: _Source) -> bool:
    return source.recording is not None and source.recording.sample_rate == source.rate


def _table_alone(take: Take, wishes: OperatorWishes) -> _Source:
    """Return the source that a table is without a recording."""
    from plugin_core.hearing.operator_curves import curves_of_table, read_curve_table
    from plugin_core.types import FRAME_RATE

    given = {
        "--levels": wishes.levels,
        "--notes": take.edits.notes,
        "--transpose": take.edits.transpose,
        "--stretch": take.edits.stretch != 1.0,
        "--instrument": take.instrument,
        "--gain": take.gain,
    }
    for option, value in given.items():
        if value:
            raise InputError(option, "", "a recording, not a table of curves", take.audio)
    table = read_curve_table(take.audio)
    curves = curves_of_table(table, take.audio)
    rate = take.rate or _TABLE_RATE
    return _Source(
        curves=curves,
        table=table,
        recording=None,
        samples=max(1, round((len(curves) - 1) / FRAME_RATE * rate)),
        rate=rate,
        told=f"{len(curves)} frames of a table",
    )


def _heard(
    take: Take,
    wishes: OperatorWishes,
    model: "OperatorModel",
    work: Path,
    progress: "Progress",
) -> _Source:
    from bridge.operator_resynthesis import curves_heard
    from bridge.resynthesis import frames_to_play
    from plugin_core.hearing.doubts import doubts
    from plugin_core.hearing.frames_file import FrameStore
    from plugin_core.hearing.hear import hear
    from plugin_core.hearing.operator_curves import read_curve_table
    from plugin_core.hearing.recording import read_recording
    from plugin_core.types import FRAME_RATE, HARMONICS

    table = None if wishes.levels is None else read_curve_table(wishes.levels)
    recording = read_recording(take.audio, work / "audio.f32")
    heard = hear(
        recording,
        FrameStore.at(work / "frames", HARMONICS),
        instrument=take.instrument,
        gain_db=take.gain,
        progress=lambda part, doing: progress(_HEARING * part, doing),
    )
    warn(take.audio, doubts(recording, heard.frames))
    try:
        frames = frames_to_play(heard, None, take.edits, work)
    except ValueError as error:
        raise InputError(take.audio, "", "notes that can be played", error) from error
    rate = take.rate or recording.sample_rate
    added_s = (len(frames) - len(heard.frames)) / FRAME_RATE
    samples = max(1, round((recording.seconds + added_s) * take.edits.stretch * rate))
    return _Source(
        curves=curves_heard(model, heard, frames, take.edits),
        table=table,
        recording=recording,
        samples=samples,
        rate=rate,
        told=found(heard) + _edited(heard, take.edits),
    )


def _edited(heard: "Heard", edits: "Edits") -> str:
    from plugin_core.hearing.edits import count_edited

    count = 0 if edits.notes is None else count_edited(heard.notes, edits.notes)
    return f", {count} edited" if count else ""


def _warn_of_noise(wishes: OperatorWishes, model: "OperatorModel") -> None:
    """Tell that a model which learnt to leave the rest to its noise plays without."""
    if not wishes.noise and model.has_noise:
        print(
            f"hexachord: warning: {model.name}: no model that was trained without noise "
            f"({model.name}{NO_NOISE}.ts) beside it, so its own noise is left out",
            file=sys.stderr,
        )


def _warn_of_no_notes(take: Take, wishes: OperatorWishes, curves: "OperatorCurves") -> None:
    retimes = [name for name in wishes.edits.lanes if name.endswith("_retime")]
    if retimes and len(curves.note_spans()) == 0:
        print(
            f"hexachord: warning: {take.audio}: no notes, so there are no attacks and decays to "
            "re-time",
            file=sys.stderr,
        )
