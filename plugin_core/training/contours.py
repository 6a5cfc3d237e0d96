"""Performances of which only curves are kept: pitch and loudness, no audio.

In: a folder of `<instrument>/<part>.npz`, each with float arrays `time_s`, `f0_hz`, `confidence`,
`loudness` (nepers, arbitrary offset), 100 frames a second. Out: `Performed` parts whose amplitude
is their loudness; nothing is known of timbre and noise. Nor of how the level moves inside a note:
their loudness, a mean of logarithms over all bins, is highest at bow changes, where the amplitude
of recorded violins is lowest. Every sixth part is held out; parts
that repeat another are left out.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from plugin_core.expression.extraction import expression, note_frames, reference_gain_db
from plugin_core.expression.scales import REFERENCE_LEVEL_DB
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.levels import NEPER_PER_DB
from plugin_core.training.performed_cache import Performed, write_shard
from plugin_core.training.performed_notes import VELOCITY, played_notes, tuning
from plugin_core.training.settled_pitch import settled
from plugin_core.types import (
    CONTROLS,
    FRAME_RATE,
    Expression,
    ExpressiveNote,
    Frames,
    InputError,
    Note,
)

SOURCE, LICENCE = "urmp-contours", "no licence stated; derived from URMP research data"

_SCHEMA = 2
_HELD_OUT_EVERY = 6
_ARRAYS = ("time_s", "f0_hz", "confidence", "loudness")
_SURE = 0.8
_SAME_KEY = 0.75
"""A pitch further away from a note than this, in semitones, is another note."""
_SHORTEST_FRAMES = 15
_LONGEST_HOLE_FRAMES = 12
_DIP_DB, _DIP_FRAMES = 6.0, 20
_RATE = 100
_LOUD_DB = -43.0
"""A-weighted loudness of the loud passages of violin recordings whose amplitude is at -36 dB."""
_SAME_OCTAVES, _SAME_SHARE = 0.01, 0.9


@dataclass(frozen=True, slots=True)
class ContourShard:
    """The parts of a folder of contours and the shard that keeps them."""

    folder: Path
    contours: Path

    @property
    def parts(self) -> tuple[Path, ...]:
        """The files, by instrument and name."""
        return tuple(
            path
            for instrument in INSTRUMENTS
            for path in sorted((self.contours / instrument).glob("*.npz"))
        )

    @property
    def path(self) -> Path:
        """The shard; its name changes with the files."""
        content = f"{_SCHEMA} " + " ".join(f"{path.parent.name}/{path.name}" for path in self.parts)
        return self.folder / f"contours-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def write_contours(shard: ContourShard) -> None:
    """Write the shard. Raises InputError for no parts and for one that cannot be read."""
    if not shard.parts:
        raise InputError(shard.contours, "", "<instrument>/<part>.npz files", "none")
    performed: list[Performed] = []
    for path in shard.parts:
        is_held_out = len(performed) % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1
        part = read_contour(path, is_held_out=is_held_out)
        if part.notes and not any(_is_same(part, other) for other in performed):
            performed.append(part)
    write_shard(shard.path, performed)


def _is_same(one: Performed, two: Performed) -> bool:
    """Tell whether two parts are one recording: some pieces of URMP share theirs."""
    if len(one.frames) != len(two.frames):
        return False
    octaves = np.abs(np.log2(one.frames.f0_hz / two.frames.f0_hz))
    return float(np.mean(octaves < _SAME_OCTAVES)) > _SAME_SHARE


def read_contour(path: Path, *, is_held_out: bool) -> Performed:
    """Return a part, its notes found in its curves. Raises InputError for another file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            _time_s, f0_hz, confidence, loudness = (
                np.asarray(file[name], np.float64) for name in _ARRAYS
            )
    except (OSError, KeyError, ValueError) as error:
        raise InputError(path, "", f"arrays {', '.join(_ARRAYS)}", error) from error
    if not (len(f0_hz) == len(confidence) == len(loudness) > 1 and (f0_hz > 0).all()):
        raise InputError(path, "", "curves of one length and positive f0_hz", f0_hz.shape)
    frames = _frames(f0_hz, confidence, loudness)
    notes = played_notes(frames, _notes(frames))
    frames = settled(frames, notes)
    return Performed(
        name=f"{path.parent.name}/{path.stem}",
        instrument=path.parent.name,
        source=SOURCE,
        licence=LICENCE,
        origin="contour",
        is_held_out=is_held_out,
        frames=frames,
        notes=tuple(_expressive(frames, note) for note in notes),
        tuning_semitones=tuning(frames, notes),
        audio=None,
        gain_db=0.0,
        sample_rate=16000,
    )


def _expressive(frames: Frames, note: Note) -> ExpressiveNote:
    controls = expression(_with_nothing(frames), note_frames(note, len(frames)), 0.0)
    unknown = float("nan")
    known = {"volume": controls.volume, "vibrato": controls.vibrato}
    return ExpressiveNote(note, Expression(**{name: known.get(name, unknown) for name in CONTROLS}))


def _with_nothing(frames: Frames) -> Frames:
    one = np.ones((len(frames), 1), np.float32)
    return Frames(frames.f0_hz, frames.confidence, frames.loudness_db, frames.amplitude, one, one)


def _frames(
    f0_hz: NDArray[np.float64], confidence: NDArray[np.float64], loudness: NDArray[np.float64]
) -> Frames:
    """Return the curves at 250 frames a second, loud passages at volume 0.9."""
    count = (len(f0_hz) - 1) * FRAME_RATE // _RATE + 1
    at = np.arange(count) * (_RATE / FRAME_RATE)
    known = np.arange(len(f0_hz))
    level_db = np.interp(at, known, loudness) / NEPER_PER_DB
    level_db -= level_db.max()
    nothing = np.zeros((count, 0), np.float32)
    frames = Frames(
        np.exp(np.interp(at, known, np.log(f0_hz))).astype(np.float32),
        np.clip(np.interp(at, known, confidence), 0.0, 1.0).astype(np.float32),
        level_db.astype(np.float32),
        (10 ** (level_db / 20)).astype(np.float32),
        nothing,
        nothing,
    )
    gain_db = np.float32(reference_gain_db(frames))
    return Frames(
        frames.f0_hz,
        frames.confidence,
        frames.loudness_db + gain_db + np.float32(_LOUD_DB - REFERENCE_LEVEL_DB),
        frames.amplitude * 10 ** (gain_db / 20),
        nothing,
        nothing,
    )


def _notes(frames: Frames) -> list[Note]:
    """Return the stretches of a steady pitch, cut where the level dips."""
    keys = 69 + 12 * np.log2(frames.f0_hz.astype(np.float64) / 440)
    sure = frames.confidence > _SURE
    if not sure.any():
        return []
    offsets = keys[sure] - np.round(keys[sure])
    sharper = float(np.angle(np.exp(2j * np.pi * offsets).mean()) / (2 * np.pi))
    # A vibrato is no change of pitch: longer than one of its cycles, its median stands.
    steady = median_filter(keys - sharper, size=45, mode="nearest")
    levels = gaussian_filter1d(frames.loudness_db.astype(np.float64), 3.0)
    notes = []
    for first, end in _stretches(steady, sure):
        edges = [first, *_dips(levels, first, end), end]
        for begin, stop in pairwise(edges):
            if stop - begin >= _SHORTEST_FRAMES:
                key = round(float(np.median(steady[begin:stop])))
                notes.append(Note(begin / FRAME_RATE, stop / FRAME_RATE, key, VELOCITY))
    return notes


def _stretches(steady: NDArray[np.float64], sure: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, end) of the stretches that stay near one key; short holes are bridged."""
    stretches: list[tuple[int, int]] = []
    first, last, key = -1, -1, 0
    for frame in np.flatnonzero(sure).tolist():
        stays = first >= 0 and abs(steady[frame] - key) < _SAME_KEY
        if stays and frame - last <= _LONGEST_HOLE_FRAMES:
            last = frame
            continue
        if first >= 0:
            stretches.append((first, last + 1))
        first, last, key = frame, frame, round(float(steady[frame]))
    if first >= 0:
        stretches.append((first, last + 1))
    return stretches


def _dips(levels: NDArray[np.float64], first: int, end: int) -> list[int]:
    """Return where the level falls and rises again by 6 dB: the same pitch played once more."""
    found: list[int] = []
    for frame in range(first + _SHORTEST_FRAMES, end - _SHORTEST_FRAMES):
        near = levels[frame - 5 : frame + 6]
        if levels[frame] > near.min():
            continue
        before = levels[max(first, frame - _DIP_FRAMES) : frame].max()
        after = levels[frame : min(end, frame + _DIP_FRAMES)].max()
        is_apart = not found or frame - found[-1] >= _SHORTEST_FRAMES
        if min(before, after) - levels[frame] > _DIP_DB and is_apart:
            found.append(frame)
    return found
