"""Phrases assembled from recordings of single notes: audio whose notes are known exactly.

In: recordings of one instrument. Out: audio and its true notes, the same for the same seed. Notes
are cut to playable lengths and joined as players join them: with a gap, detached (the next begins
as the last one fades), or legato (a crossfade into the sounding part, without an attack).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.training.corpus import Recording, read_mono
from plugin_core.types import Mono, Note

ONSET_BELOW_PEAK_DB = 26.0
"""A note begins where its own level first comes this near to the loudest of its first 0.3 s."""

SHORTEST_S, LONGEST_S = 0.15, 2.0
JOINS = ("gap", "detached", "legato")
BACKGROUND_DB = -75.0
"""Noise under the phrase, relative to its peak: rooms are not digitally silent."""

_UNPLAYABLE = ("trill", "tremolo", "harmonic", "slap", "flutter", "glissando")
_LEVEL_WINDOW_S = 0.01
_LEAD_S = 0.02
"""What is kept of a source before its onset."""
_LEGATO_SKIPS_S = 0.12
"""How much of the source's attack a legato note leaves out."""
_REPEAT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Phrase:
    """Audio with its true notes, and how each of them was joined to the one before."""

    audio: Mono = field(repr=False)
    sample_rate: int
    notes: tuple[Note, ...]
    joins: tuple[str, ...]


def playable(recordings: Sequence[Recording]) -> tuple[Recording, ...]:
    """Return the single notes of one steady pitch: no trills, tremolos, doubtful labels."""
    return tuple(
        recording
        for recording in recordings
        if recording.is_note
        and recording.midi_pitch is not None
        and not any(word in recording.articulation for word in _UNPLAYABLE)
        and not {"pitch_varies", "low_confidence", "abrupt_start"} & set(recording.flags)
    )


def assemble(
    recordings: Sequence[Recording], *, seed: int, note_count: int = 16, gain_db: float = -6.0
) -> Phrase:
    """Return a phrase of `note_count` of these notes, peak at `gain_db` full scale.

    All must be playable notes of one sample rate; the pitches are a random walk in small
    steps over those that there are; a fifth of the notes repeat the pitch before. Raises ValueError
    for no recordings and for rates that differ.
    """
    if not recordings:
        raise ValueError("a phrase needs recordings of single notes, found none")
    generator = np.random.default_rng(seed)
    by_pitch: dict[int, list[Recording]] = {}
    for recording in recordings:
        by_pitch.setdefault(recording.midi_pitch or 0, []).append(recording)
    walk = _walk(generator, sorted(by_pitch), note_count)
    sources = [by_pitch[pitch][generator.integers(len(by_pitch[pitch]))] for pitch in walk]
    audio, rates = zip(*(read_mono(source.path) for source in sources), strict=True)
    if len(set(rates)) > 1:
        raise ValueError(f"a phrase needs one sample rate, found {sorted(set(rates))}")
    return _joined(generator, walk, audio, rates[0], gain_db)


def _walk(generator: np.random.Generator, pitches: list[int], count: int) -> list[int]:
    walk = [int(generator.choice(pitches))]
    while len(walk) < count:
        others = [pitch for pitch in pitches if pitch != walk[-1]]
        if not others or generator.random() < _REPEAT_SHARE:
            walk.append(walk[-1])
        else:
            nearness = np.array([1.0 / (2 + abs(pitch - walk[-1])) ** 2 for pitch in others])
            walk.append(int(generator.choice(others, p=nearness / nearness.sum())))
    return walk


def _joined(
    generator: np.random.Generator,
    pitches: list[int],
    sources: Sequence[Mono],
    sample_rate: int,
    gain_db: float,
) -> Phrase:
    levels = np.array([_levels(source, sample_rate)[0].max() for source in sources])
    # Players keep a line together: what the takes differ in level is halved.
    gains = 10 ** (((levels.mean() - levels) / 2 + generator.normal(0, 2, len(levels))) / 20)
    joins = _joins(generator, pitches)
    crossfades_s = generator.uniform(0.01, 0.04, len(pitches) + 1)
    releases_s = generator.uniform(0.02, 0.06, len(pitches))
    pauses_s = {"gap": (0.03, 0.25), "detached": (0.0, 0.02), "legato": (0.0, 0.0)}
    pieces: list[tuple[int, NDArray[np.float64]]] = []
    notes: list[Note] = []
    for index, (pitch, source) in enumerate(zip(pitches, sources, strict=True)):
        seconds = len(source) / sample_rate
        start = attack_s(source, sample_rate)
        lead = min(start, _LEAD_S)
        if joins[index] == "legato":
            start = min(start + _LEGATO_SKIPS_S, seconds / 2)
            lead = crossfades_s[index] / 2
        tail, release = 0.0, releases_s[index]
        if joins[index + 1 : index + 2] == ["legato"]:
            # Both gains of a crossfade are half at the onset, and sum to one around it.
            tail, release = crossfades_s[index + 1] / 2, crossfades_s[index + 1]
        wanted = np.exp(generator.uniform(np.log(SHORTEST_S), np.log(LONGEST_S)))
        length = float(max(min(wanted, seconds - start - tail), 0.05))
        pause = float(generator.uniform(*pauses_s[joins[index]]))
        onset = notes[-1].offset_s + pause if notes else 0.1
        piece = _cut(source, sample_rate, start - lead, start + length + tail, lead, release)
        pieces.append((round((onset - lead) * sample_rate), piece * gains[index]))
        notes.append(Note(onset, onset + length, pitch, 64))
    audio = np.zeros(round((notes[-1].offset_s + 0.2) * sample_rate))
    for first, piece in pieces:
        audio[first : first + len(piece)] += piece[: len(audio) - first]
    audio *= 10 ** (gain_db / 20) / max(float(np.abs(audio).max()), 1e-9)
    background = 10 ** ((gain_db + BACKGROUND_DB) / 20)
    audio += generator.uniform(-1.0, 1.0, len(audio)) * background
    return Phrase(audio.astype(np.float32), sample_rate, tuple(notes), tuple(joins))


def _joins(generator: np.random.Generator, pitches: list[int]) -> list[str]:
    drawn = [str(generator.choice(JOINS)) for _ in pitches]
    return [
        "detached" if index == 0 or (join == "legato" and pitch == pitches[index - 1]) else join
        for index, (join, pitch) in enumerate(zip(drawn, pitches, strict=True))
    ]


def _cut(
    source: Mono, sample_rate: int, start_s: float, end_s: float, lead_s: float, release_s: float
) -> NDArray[np.float64]:
    piece = source[round(start_s * sample_rate) : round(end_s * sample_rate)].astype(np.float64)
    for flank_s, edge in ((lead_s, slice(None)), (release_s, slice(None, None, -1))):
        count = min(round(flank_s * sample_rate), len(piece))
        piece[edge][:count] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(count, 1))
    return piece


def attack_s(audio: Mono, sample_rate: int) -> float:
    """Return where a single note begins: the first 10 ms within 26 dB of the loudest of 0.3 s."""
    levels, hop = _levels(audio, sample_rate)
    sounding = int(np.argmax(levels > levels.max() - ONSET_BELOW_PEAK_DB))
    peak = levels[sounding : sounding + int(0.3 * sample_rate / hop)].max()
    first = int(np.argmax(levels > peak - ONSET_BELOW_PEAK_DB))
    # A window sees energy that begins at its middle, on average.
    return float((first * hop + _LEVEL_WINDOW_S * sample_rate / 2) / sample_rate)


def _levels(audio: Mono, sample_rate: int) -> tuple[NDArray[np.float64], int]:
    window = max(int(_LEVEL_WINDOW_S * sample_rate), 1)
    hop = max(window // 5, 1)
    energy = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    first = np.arange(0, max(len(audio) - window, 1), hop)
    power = (energy[np.minimum(first + window, len(audio))] - energy[first]) / window
    return 10 * np.log10(power + 1e-12), hop
