"""Single notes of known pitch as they are measured, for sounds that DDSP Inference does not know.

In: recordings of single notes. Out: `Performed` notes whose levels are those of the analysis, in a
shard of their own that is made once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.loudness import loudness_db
from plugin_core.analysis.pitch import PitchTrack, track_pitch
from plugin_core.analysis.resampling import resample
from plugin_core.expression.extraction import extract
from plugin_core.expression.scales import (
    REFERENCE_LEVEL_DB,
    REFERENCE_PERCENTILE,
    VOICED_CONFIDENCE,
)
from plugin_core.training.corpus import Recording, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.performed_cache import Performed, read_shard, shard_exists, write_shard
from plugin_core.training.performed_notes import single_note, tuning
from plugin_core.training.settled_pitch import settled
from plugin_core.types import FRAME_RATE, Frames, Mono

_SCHEMA = 3
_NEAR_SEMITONES = 1.0
_ONSET_BELOW_PEAK_DB = 30.0
_LEAD_S = 0.05


def measured_notes(
    recordings: Sequence[Recording], *, cache: Path, gain_db: float | None = None
) -> tuple[Performed, ...]:
    """Return recordings of single notes as `Performed`, read from the folder `cache` if they can.

    Those that have no pitch of their own, or in which no note is heard, are left out. `gain_db` is
    added to their levels; None puts the loud frames of all together at volume 0.9. Raises
    InputError for a file that cannot be read.
    """
    content = f"{_SCHEMA} {gain_db} " + " ".join(
        f"{each.name} {each.is_held_out}" for each in recordings
    )
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    path = cache / "measured" / f"notes-{digest}"
    if not shard_exists(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        known = [each for each in recordings if each.is_note and each.midi_pitch]
        measured = [_measure(each) for each in known]
        gain = _reference_gain_db([frames for frames, _, _ in measured])
        gain = gain if gain_db is None else gain_db
        phrases = [_performed(*row, gain) for row in zip(known, measured, strict=True)]
        write_shard(path, [each for each in phrases if each is not None])
    return read_shard(path)


def _measure(recording: Recording) -> tuple[Frames, Mono, int]:
    audio, sample_rate = read_mono(recording.path)
    audio = audio[_first_heard(audio, sample_rate) :]
    pitch = _held_near(track_pitch(audio, sample_rate), recording)
    return measure_frames(audio, sample_rate, pitch), audio, sample_rate


def _first_heard(audio: Mono, sample_rate: int) -> int:
    """Return the sample 50 ms before the sound comes near its loudest.

    A room may rumble before: loudness is weighted as ears do.
    """
    loudness = loudness_db(audio, sample_rate)
    first = int(np.argmax(loudness > loudness.max() - _ONSET_BELOW_PEAK_DB))
    return max(round((first / FRAME_RATE - _LEAD_S) * sample_rate), 0)


def _held_near(track: PitchTrack, recording: Recording) -> PitchTrack:
    """Return the pitch without slips: elsewhere than at the note's, it is that of the frames near.

    Frames so filled have no confidence.
    """
    centre_hz = recording.f0_median_hz or 440 * 2 ** (((recording.midi_pitch or 69) - 69) / 12)
    f0_hz = track.f0_hz.astype(np.float64)
    semitones = 12 * np.log2(np.where(f0_hz > 0, f0_hz, 1e-3) / centre_hz)
    is_near = (np.abs(semitones) < _NEAR_SEMITONES) & (track.confidence > VOICED_CONFIDENCE)
    places = np.flatnonzero(is_near)
    if not len(places):
        nothing = np.zeros(len(f0_hz), np.float32)
        return PitchTrack(np.full(len(f0_hz), centre_hz, np.float32), nothing)
    filled: NDArray[np.float64] = np.interp(np.arange(len(f0_hz)), places, f0_hz[places])
    confidence = np.where(is_near, track.confidence, 0.0)
    return PitchTrack(filled.astype(np.float32), confidence.astype(np.float32))


def _reference_gain_db(measured: Sequence[Frames]) -> float:
    levels = [
        frames.amplitude[(frames.confidence > VOICED_CONFIDENCE) & (frames.amplitude > 0)]
        for frames in measured
    ]
    voiced = np.concatenate(levels) if levels else np.zeros(0)
    if not len(voiced):
        return 0.0
    return REFERENCE_LEVEL_DB - float(20 * np.log10(np.percentile(voiced, REFERENCE_PERCENTILE)))


def _performed(
    recording: Recording, measured: tuple[Frames, Mono, int], gain_db: float
) -> Performed | None:
    frames, audio, sample_rate = measured
    gain = np.float32(10 ** (gain_db / 20))
    frames = replace(
        frames,
        loudness_db=frames.loudness_db + np.float32(gain_db),
        amplitude=frames.amplitude * gain,
        noise=frames.noise * gain,
    )
    heard = resample(audio, sample_rate, AUDIO_RATE)
    samples = len(frames) * FRAME_SAMPLES
    heard = np.pad(heard, (0, max(samples - len(heard), 0)))[:samples] * gain
    # Differences of samples: a room's rumble is no beginning of a note.
    edges = np.diff(heard, prepend=np.float32(0.0))
    notes = single_note(edges, AUDIO_RATE, frames, recording.midi_pitch or 0)
    if not notes:
        return None
    frames = settled(frames, notes)
    return Performed(
        name=recording.name,
        instrument=recording.instrument,
        source=recording.source,
        licence=recording.licence,
        origin="note",
        is_held_out=recording.is_held_out,
        frames=frames,
        notes=extract(frames, notes, gain_db=0.0),
        tuning_semitones=tuning(frames, notes),
        audio=heard.astype(np.float32),
        gain_db=gain_db,
        sample_rate=sample_rate,
    )
