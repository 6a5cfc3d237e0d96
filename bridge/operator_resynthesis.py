"""A recording, or a table of curves, written as the sound of a DX7 voice that a model plays."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np

from bridge.comparison import DistanceMeter
from bridge.level_pictures import LevelPicture, OperatorState
from bridge.spectrogram import Spectrogram
from plugin_core.hearing.edits import Edits, moved
from plugin_core.hearing.frames_file import FrameStore
from plugin_core.hearing.hear import Heard, Progress
from plugin_core.hearing.operator_curves import OperatorCurves, note_numbers
from plugin_core.hearing.operator_edits import OperatorEdits, highest_levels
from plugin_core.hearing.operator_model import NoiseFile, OperatorModel, asked_curves
from plugin_core.hearing.operator_sound import OperatorPlay, operator_play, operator_sound, room_of
from plugin_core.hearing.recording import Recording
from plugin_core.types import FRAME_RATE, Mono

_COLUMNS = 1200
_BLOCK = 5000


@dataclass(frozen=True, slots=True)
class Sounding:
    """How curves are to sound."""

    model: OperatorModel
    edits: OperatorEdits
    sample_rate: int
    samples: int
    noise: NoiseFile | None = field(repr=False)
    with_room: bool
    seed: int


def curves_heard(
    model: OperatorModel, heard: Heard, frames: FrameStore, edits: Edits
) -> OperatorCurves:
    """Return pitch and loudness of a recording in the model's scale, on which nothing plays yet.

    `frames` are those of `heard`, or with its notes edited; here they are transposed and stretched.
    """
    played = sorted(
        heard.notes if edits.notes is None else edits.notes, key=lambda each: each.note.onset_s
    )
    blocks = [
        (block.f0_hz, block.confidence, block.loudness_db) for block in moved(frames, played, edits)
    ]
    columns = (np.concatenate(column) for column in zip(*blocks, strict=True))
    f0_hz, confidence, loudness_db = columns
    notes = [
        replace(
            each.note,
            onset_s=each.note.onset_s * edits.stretch,
            offset_s=each.note.offset_s * edits.stretch,
        )
        for each in played
    ]
    return asked_curves(
        model,
        f0_hz,
        confidence,
        loudness_db,
        note_numbers(notes, len(f0_hz)),
        shift_db=model.shift_db(heard.frames.curve("loudness_db")),
        in_range=edits.transpose == 0,
    )


def write_operators(
    file: BinaryIO,
    play: OperatorPlay,
    sounding: Sounding,
    *,
    recording: Recording | None,
    progress: Progress,
) -> float | None:
    """Write a mono WAV file of 32-bit floats.

    Return the multi-scale spectral distance from `recording`, None where there is none.
    """
    # soundfile would write the time of day into the file.
    from pedalboard.io import AudioFile

    rate = sounding.sample_rate
    meter = None if recording is None else DistanceMeter(rate)
    done = 0
    with AudioFile(file, "w", rate, num_channels=1, bit_depth=32, format="wav") as wav:
        for piece in _sound(play, sounding):
            wav.write(piece[np.newaxis])
            if meter is not None and recording is not None:
                meter.feed(recording.read(done, done + len(piece)), piece)
            done += len(piece)
            progress(done / sounding.samples, "synthesizing")
    return None if meter is None else meter.distance()


def play_of(sounding: Sounding, curves: OperatorCurves) -> OperatorPlay:
    """Return curves ready to be played as it is asked."""
    return operator_play(sounding.model, curves, sounding.edits, sounding.noise)


def level_picture(
    title: str,
    curves: OperatorCurves,
    sounding: Sounding,
    *,
    recording: Recording | None,
    progress: Progress,
) -> LevelPicture:
    """Return the picture of curves, before and after their edits.

    Where nothing is edited, the sound is set beside the recording, if it is as long.
    """
    model, edits = sounding.model, sounding.edits
    plain = replace(sounding, edits=OperatorEdits())
    sides = [("before", plain), ("after", sounding)] if edits.lanes else [("played", sounding)]
    spectra = []
    if not edits.lanes and recording is not None:
        pieces = Spectrogram(recording.samples, recording.sample_rate, columns=_COLUMNS)
        for piece in recording.pieces():
            pieces.feed(piece[np.newaxis])
        spectra.append(("recorded", pieces.levels_db()))
    for number, (name, side) in enumerate(sides):
        pieces = Spectrogram(side.samples, side.sample_rate, columns=_COLUMNS)
        made = 0
        for piece in _sound(play_of(side, curves), side):
            pieces.feed(piece[np.newaxis])
            made += len(piece)
            progress((number + made / side.samples) / len(sides), "drawing")
        spectra.append((name, pieces.levels_db()))
    states = [_state(play_of(replace(side, noise=None), curves)) for _, side in sides]
    return LevelPicture(
        title=title,
        subtitle=_told(model, edits),
        duration_s=max(sounding.samples / sounding.sample_rate, 1 / FRAME_RATE),
        f0_hz=curves.f0_hz,
        loudness_db=curves.loudness_db,
        before=states[0],
        after=states[1] if edits.lanes else None,
        i_max=model.i_max,
        spectrograms=tuple(spectra),
    )


def _sound(play: OperatorPlay, sounding: Sounding) -> Iterator[Mono]:
    room = room_of(sounding.model, sounding.sample_rate) if sounding.with_room else None
    return operator_sound(
        play, sounding.sample_rate, sounding.samples, room=room, seed=sounding.seed
    )


def _state(play: OperatorPlay) -> OperatorState:
    blocks = [play.frames(first, first + _BLOCK) for first in range(0, len(play.curves), _BLOCK)]
    i_max = play.model.i_max
    return OperatorState(
        shares=np.concatenate(
            [block.levels / highest_levels(block.algorithm, i_max) for block in blocks]
        ),
        ratios=np.concatenate([block.ratios for block in blocks]),
        algorithm=np.concatenate([block.algorithm for block in blocks]),
    )


def _told(model: OperatorModel, edits: OperatorEdits) -> str:
    """Return who plays and what is edited, in a line."""
    changes = []
    for name, lane in edits.lanes.items():
        low, high = float(lane.values.min()), float(lane.values.max())
        value = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        changes.append(f"{name.replace('_', ' ')} {value}")
    return f"by {model.name}, algorithm {model.algorithm}" + "".join(f"; {one}" for one in changes)
