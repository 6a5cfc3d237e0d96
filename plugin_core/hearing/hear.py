"""From a recording to frames, notes and expression, piece by piece: an hour needs no more memory
than its small curves take, and gives what the whole at once would give.

Three times through the audio: pitch, synthesis parameters on that pitch, curves that tell of
onsets. Then notes, and the six controls of each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from plugin_core.analysis.frames import measure_frame_blocks
from plugin_core.analysis.loudness import frame_count
from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import WINDOW_S, OnsetCurves, onset_curves
from plugin_core.analysis.pitch import HIGHEST_HZ, LOWEST_HZ, PitchTrack, PitchTracker
from plugin_core.audio.jit import cache_folder
from plugin_core.expression.extraction import expression, note_frames, reference_gain_db
from plugin_core.hearing.doubts import is_understood
from plugin_core.hearing.frames_file import FrameStore
from plugin_core.hearing.recording import Recording
from plugin_core.types import FRAME_RATE, ExpressiveNote, Frames, InputError, Note

Progress = Callable[[float, str], None]
"""Called with the part done, 0..1, and what is being done."""

INSTRUMENT_KEYS = {
    "violin": (55, 103),
    "viola": (48, 96),
    "cello": (36, 96),
    "double_bass": (24, 72),
    "flute": (48, 101),
    "oboe": (58, 93),
    "clarinet": (34, 96),
    "saxophone": (36, 93),
    "bassoon": (34, 77),
    "trumpet": (52, 88),
    "horn": (29, 79),
    "trombone": (24, 77),
    "tuba": (24, 67),
    "guitar": (38, 88),
}
"""The lowest and the highest key that an instrument (any of its family) plays."""

_MARGIN_KEYS = 1.5
_BLOCK = 2500
_PITCH_SHARE, _FRAMES_SHARE, _ONSET_SHARE = 0.55, 0.9, 0.97


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording understood; `Performance` with its frames on disk."""

    recording: Recording
    frames: FrameStore = field(repr=False)
    notes: tuple[ExpressiveNote, ...]
    gain_db: float
    """Added to amplitude and noise before the controls were measured."""


def hear(
    recording: Recording,
    frames: FrameStore,
    *,
    instrument: str | None = None,
    gain_db: float | None = None,
    progress: Progress = lambda _part, _doing: None,
) -> Heard:
    """Return what is heard in `recording`, its synthesis parameters added to the empty `frames`.

    `instrument`, one of INSTRUMENT_KEYS, bounds the pitches; `gain_db` is by default such that loud
    passages read volume 0.9. Raises InputError for an unknown instrument.
    """
    pitch = _track(recording, *pitch_range_hz(instrument), progress)
    done = 0
    for block in measure_frame_blocks(recording.pieces(), recording.sample_rate, pitch):
        frames.append(block)
        done += len(block)
        _tell(progress, _PITCH_SHARE, _FRAMES_SHARE, done / len(pitch.f0_hz), "measuring frames")
    curves = _onset_curves(recording, progress)
    notes = detect_notes(pitch, curves) if is_understood(frames) else ()
    gain_db = reference_gain_db(_curves_alone(frames)) if gain_db is None else gain_db
    progress(_ONSET_SHARE, "measuring expression")
    heard = Heard(recording, frames, tuple(_expressed(notes, frames, gain_db)), gain_db)
    progress(1.0, "heard")
    return heard


def kernels_cached() -> bool:
    """Tell whether what hears is compiled already; if not, the first recording takes longer."""
    return any(cache_folder().glob("**/pitch_steps.*.nbi"))


def pitch_range_hz(instrument: str | None) -> tuple[float, float]:
    """Return the lowest and the highest f0 to look for. Raises InputError for an unknown name."""
    if instrument is None:
        return LOWEST_HZ, HIGHEST_HZ
    if instrument not in INSTRUMENT_KEYS:
        expected = f"one of {', '.join(INSTRUMENT_KEYS)}"
        raise InputError("--instrument", "", expected, repr(instrument))
    low, high = INSTRUMENT_KEYS[instrument]
    hz = (440 * 2 ** ((key - 69) / 12) for key in (low - _MARGIN_KEYS, high + _MARGIN_KEYS))
    lowest, highest = hz
    return max(lowest, LOWEST_HZ), min(highest, HIGHEST_HZ)


def _tell(progress: Progress, begin: float, end: float, part: float, doing: str) -> None:
    progress(begin + (end - begin) * part, doing)


def _track(recording: Recording, low_hz: float, high_hz: float, progress: Progress) -> PitchTrack:
    tracker = PitchTracker(recording.sample_rate, lowest_hz=low_hz, highest_hz=high_hz)
    parts, samples = [], 0
    for piece in recording.pieces():
        parts.append(tracker.add(piece))
        samples += len(piece)
        _tell(progress, 0.0, _PITCH_SHARE, samples / recording.samples, "tracking pitch")
    parts.append(tracker.finish())
    return PitchTrack(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _onset_curves(recording: Recording, progress: Progress) -> OnsetCurves:
    rate = recording.sample_rate
    count = frame_count(recording.samples, rate)
    parts = []
    for first in range(0, count, _BLOCK):
        begin = max(int((first / FRAME_RATE - WINDOW_S) * rate), 0)
        end = int(((first + _BLOCK) / FRAME_RATE + WINDOW_S) * rate) + 1
        parts.append(
            onset_curves(
                recording.read(begin, end),
                rate,
                first_frame=first,
                frames=min(_BLOCK, count - first),
                first_sample=begin,
            )
        )
        _tell(progress, _FRAMES_SHARE, _ONSET_SHARE, first / count, "finding notes")
    return OnsetCurves(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _curves_alone(frames: FrameStore) -> Frames:
    """Return the frames without their tables, which would not fit in memory."""
    nothing = np.zeros((len(frames), 0), np.float32)
    return Frames(
        f0_hz=frames.curve("f0_hz"),
        confidence=frames.curve("confidence"),
        loudness_db=frames.curve("loudness_db"),
        amplitude=frames.curve("amplitude"),
        harmonics=nothing,
        noise=nothing,
    )


def _expressed(
    notes: tuple[Note, ...], frames: FrameStore, gain_db: float
) -> Iterator[ExpressiveNote]:
    """Yield the notes with their controls, as `extract` would for all frames at once."""
    block, first = frames.read(0, _BLOCK), 0
    for note in notes:
        where = note_frames(note, len(frames))
        if not (first <= where.start and where.stop <= first + len(block)):
            first = where.start
            block = frames.read(first, max(where.stop, first + _BLOCK))
        inside = slice(where.start - first, where.stop - first)
        yield ExpressiveNote(note, expression(block, inside, gain_db))
