"""`hexachord evaluate synthesis --pictures`: held-out phrases as recorded, and as we play them.

The notes and the controls that were measured in a recording go in; what comes out stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bridge.cli.bar import progress_bar
from bridge.phrase_pictures import HIGHEST_HZ, LOWEST_HZ, Half, PhrasePicture, draw_phrases
from bridge.spectrogram import Spectrogram
from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.audio.jit import cache_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.synthesis_model import SynthesisModel, load_synthesis_model
from plugin_core.training.performed import Performed, read_performed
from plugin_core.types import FRAME_RATE, ExpressiveNote, InputError, Mono

PHRASES = 3
"""Of every instrument."""

_RATE = 16000
_LONGEST_S = 7.0
_SAMPLES = _RATE // FRAME_RATE
_GRID = 4
_COLUMNS = 700


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some seconds of a recording: its frames from `first` to `last`."""

    performed: Performed
    first: int
    last: int


def evaluate_pictures(corpus: Path, models: Path, out: Path, *, cache: Path | None) -> None:
    """Draw three phrases of every instrument to `out`/INSTRUMENT.png.

    Raises InputError for a corpus without held-out recordings, and where files cannot be read or
    written.
    """
    model = load_synthesis_model(models / "synthesis.ts")
    held_out = [
        each
        for each in read_performed(
            corpus, cache=cache or cache_folder().parents[1] / "training", held_out_only=True
        )
        if each.audio is not None and each.notes and each.origin in ("performance", "note")
    ]
    if not held_out:
        raise InputError(corpus, "", "held-out recordings", "none")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with progress_bar() as progress:
            for number, instrument in enumerate(INSTRUMENTS):
                progress(number / len(INSTRUMENTS), f"playing the {instrument}")
                own = [each for each in held_out if each.instrument == instrument]
                phrases = [_picture(each, model) for each in excerpts_of(own)]
                if phrases:
                    title = instrument.replace("_", " ").capitalize()
                    draw_phrases(title, phrases, out / f"{instrument}.png")
    except OSError as error:
        raise InputError(out, "", "a folder to draw into", error.strerror or error) from error
    print(f"{out}: {PHRASES} phrases of {len(INSTRUMENTS)} instruments, recorded and played")


def excerpts_of(recordings: Sequence[Performed]) -> list[Excerpt]:
    """Return excerpts of different recordings if there are enough, phrases before single notes."""
    phrases = [each for each in recordings if each.origin == "performance"]
    chosen = phrases or recordings
    if not chosen:
        return []
    picked = np.linspace(0, len(chosen), PHRASES, endpoint=False).astype(int)
    return [
        _excerpt(chosen[index], part=list(picked[:number]).count(index))
        for number, index in enumerate(picked)
    ]


def _excerpt(performed: Performed, *, part: int) -> Excerpt:
    """Return up to 7 s from a note on; of the same recording another `part`, 0 the first."""
    onsets = [round(row.note.onset_s * FRAME_RATE) for row in performed.notes]
    begin = onsets[len(onsets) * part // PHRASES]
    first = max(begin - FRAME_RATE // 10, 0)
    first -= first % _GRID
    ends = [round(row.note.offset_s * FRAME_RATE) for row in performed.notes]
    within = [end for end in ends if begin < end <= first + _LONGEST_S * FRAME_RATE]
    last = max(within, default=first + int(_LONGEST_S * FRAME_RATE)) + FRAME_RATE // 4
    return Excerpt(performed, first, min(last, len(performed.frames)))


def _picture(excerpt: Excerpt, model: SynthesisModel) -> PhrasePicture:
    performed, first, last = excerpt.performed, excerpt.first, excerpt.last
    assert performed.audio is not None
    cut = slice(first, last)
    recorded = Half(
        performed.frames.f0_hz[cut] * np.float32(2 ** (-performed.tuning_semitones / 12)),
        np.asarray(performed.frames.amplitude[cut]),
        _levels_db(performed.audio[first * _SAMPLES : last * _SAMPLES]),
    )
    made = model.perform(
        performed.notes, performed.instrument, first=first, frames=last - first, seed=1
    )
    audio = synthesize(made.f0_hz, made.amplitude, made.harmonics, made.noise, _RATE)
    audio = model.room(performed.instrument, _RATE).process(audio)
    return PhrasePicture(
        name=f"{performed.name} ({performed.source}), from {first / FRAME_RATE:.1f} s",
        notes=_shown(performed.notes, first, last),
        recorded=recorded,
        played=Half(made.f0_hz, made.amplitude, _levels_db(audio)),
    )


def _shown(notes: Sequence[ExpressiveNote], first: int, last: int) -> list[ExpressiveNote]:
    """Return the notes that sound in these frames, in their time."""
    start_s, end_s = first / FRAME_RATE, last / FRAME_RATE
    return [
        replace(
            each,
            note=replace(
                each.note,
                onset_s=max(each.note.onset_s, start_s) - start_s,
                offset_s=min(each.note.offset_s, end_s) - start_s,
            ),
        )
        for each in notes
        if each.note.onset_s < end_s and each.note.offset_s > start_s
    ]


def _levels_db(audio: Mono) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    spectrogram = Spectrogram(
        len(audio), _RATE, columns=_COLUMNS, rows=150, low_hz=LOWEST_HZ, high_hz=HIGHEST_HZ
    )
    spectrogram.feed(np.array(audio, np.float32)[np.newaxis])
    return spectrogram.levels_db()
