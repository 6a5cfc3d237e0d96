"""The notes of a monophonic recording: when they begin and end, their keys, how loud they are.

In: a pitch track and onset curves, 250 frames a second. Out: notes that do not overlap, by onset.
Onsets come from `onsets`; a note ends where the next one begins, where its pitch is lost, or 35 dB
below its loudest frame. What has no sure pitch is no note.
"""

import itertools
from typing import NamedTuple

import numpy as np

from plugin_core.analysis.onset_curves import OnsetCurves
from plugin_core.analysis.onset_evidence import Evidence, gather_evidence
from plugin_core.analysis.onsets import find_onsets
from plugin_core.analysis.pitch import PitchTrack
from plugin_core.analysis.pitch_steps import REST
from plugin_core.types import FRAME_RATE, Note

SHORTEST_FRAMES = 12
"""A note is at least 48 ms long, and as long has it a pitch."""
LEAST_CONFIDENCE = 0.5
"""Mean over the frames of a note that have a key."""

_LONGEST_ATTACK = 25
_LONGEST_GAP = 15
_LONG_FRAMES = 75
_SURE = 0.8
_RANGE_DB = 35.0
_LOUD_VELOCITY = 100.0


class _Span(NamedTuple):
    first: int
    end: int
    key: int


def detect_notes(pitch: PitchTrack, curves: OnsetCurves) -> tuple[Note, ...]:
    """Return the notes, by onset, each ending at the next one's onset at the latest.

    Trills are one note, on the lower of their keys. Velocity is 100 for a note as loud as the loud
    passages of the recording, and falls by 40 dB for every factor of ten. Raises ValueError for
    curves of different lengths.
    """
    evidence = gather_evidence(pitch.f0_hz, pitch.confidence, curves)
    onsets = find_onsets(evidence).tolist()
    spans = _spans(evidence, onsets)
    missed = _missed(evidence, spans)
    if missed:
        spans = _spans(evidence, sorted({*onsets, *missed}))
    return tuple(
        Note(
            first / FRAME_RATE,
            end / FRAME_RATE,
            key,
            velocity(float(np.percentile(evidence.level_db[first:end], 90))),
        )
        for first, end, key in spans
    )


def _missed(evidence: Evidence, spans: list[_Span]) -> list[int]:
    """Return where a sure pitch goes on for long in no note: it began so softly that nothing told.

    The first frame of every such stretch.
    """
    missed = (evidence.keys != REST) & (evidence.level_db > -_RANGE_DB)
    for first, end, _ in spans:
        missed[first:end] = False
    edges = np.flatnonzero(np.diff(missed, prepend=False, append=False))
    return [
        int(first)
        for first, end in edges.reshape(-1, 2)
        if end - first >= _LONG_FRAMES and evidence.confidence[first:end].mean() > _SURE
    ]


def _spans(evidence: Evidence, onsets: list[int]) -> list[_Span]:
    """Return the notes that begin at the onsets, as far as they have a pitch."""
    spans: list[_Span] = []
    unpitched = -_LONGEST_ATTACK
    for first, end in itertools.pairwise([*onsets, len(evidence.keys)]):
        span = _sounding_span(evidence, first, end)
        if span is None:
            unpitched = first
            continue
        if first - unpitched < _LONGEST_ATTACK:
            # Breath or bow that led up to the pitch: there the note began.
            span = span._replace(first=unpitched)
        spans.append(span)
        unpitched = -_LONGEST_ATTACK
    return spans


def velocity(level_db: float) -> int:
    """Return the velocity, 1..127, of a level relative to the recording's loud passages.

    100 at 0 dB, 40 dB for every factor of ten: the curve that General MIDI 2 recommends.
    """
    return int(np.clip(round(_LOUD_VELOCITY * 10 ** (level_db / 40)), 1, 127))


def _sounding_span(evidence: Evidence, first: int, end: int) -> _Span | None:
    """Return the note that begins at `first`, before `end`; None if there is no pitch."""
    keys = evidence.keys[first:end]
    sounding = np.flatnonzero(keys != REST)
    if len(sounding) < SHORTEST_FRAMES:
        return None
    gaps = np.flatnonzero(np.diff(sounding) > _LONGEST_GAP)
    if len(gaps):
        sounding = sounding[: gaps[0] + 1]
    level = evidence.level_db[first:end]
    audible = sounding[level[sounding] > level[sounding].max() - _RANGE_DB]
    if len(audible) < SHORTEST_FRAMES:
        return None
    confidence = evidence.confidence[first:end][audible]
    if confidence.mean() < LEAST_CONFIDENCE:
        return None
    weights = np.bincount(keys[audible], weights=confidence)
    end = min(first + int(audible[-1]) + 1, len(evidence.keys) - 1)
    return _Span(first, end, int(np.argmax(weights)))
