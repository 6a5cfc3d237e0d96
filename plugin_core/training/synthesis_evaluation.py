"""Table 1b of MIDI-DDSP, and how real the Synthesis Generator sounds, on what was held out.

The controls of the held-out performances are asked of the model and measured in what it makes of
them; MIDI2Params gets the notes alone. Pitch, vibrato and clicks are measured in the same phrases
(`realism`), pitch and vibrato in held-out single notes as well, long-term spectra in these: with
the note's own controls, and with those of another note of that instrument and dynamic.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.reverb import Room
from plugin_core.expression.extraction import extract
from plugin_core.hearing.resynthesis import resynthesize
from plugin_core.synthesis.midi2params import Midi2Params
from plugin_core.synthesis.synthesis_model import SynthesisModel
from plugin_core.training import realism
from plugin_core.training.midi2params_evaluation import free_running
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, ExpressiveNote, Frames, Mono

SYNTHESIS = "Synthesis Generator"
WITHOUT_FITTING = "without control fitting"
MIDI2PARAMS = "MIDI2Params"
RECORDING = "recording"
"""What the same measure reads in the recordings themselves."""

_NEAR_KEYS = 3

Controls = NDArray[np.float64]
"""Raw controls, shape (notes, 6)."""


class Clicks(NamedTuple):
    """Sample steps greater than nearly all of the recording's: see `realism.clicks`."""

    places: int
    """Beginnings and ends of notes."""
    at_boundaries: int
    inside_notes: int
    """At as many places inside the notes: how often the tone alone has such steps."""
    in_recording: int
    """At the boundaries, in the recording itself."""


@dataclass(frozen=True, slots=True)
class PhraseResult:
    """A held-out performance, or a single note, and what was made of its notes."""

    name: str
    instrument: str
    asked: Controls = field(repr=False)
    found: Mapping[str, Controls] = field(repr=False)
    """By model."""
    cents: Mapping[str, NDArray[np.float64]] = field(repr=False)
    """|f0 - note| of frames outside vibrato and transitions; of the model and the recording."""
    rates_hz: Mapping[str, Sequence[float]]
    """Of vibratos above 0.3; of the model and the recording."""
    clicks: Clicks | None = None
    """Of performances."""
    spectral_distance_db: float | None = None
    """Between long-term spectra; of single notes."""
    other_distance_db: float | None = None
    """The same with the controls of another note of that dynamic, where there is one."""


def evaluate(
    performed: Sequence[Performed],
    synthesis: SynthesisModel,
    midi2params: Midi2Params,
    *,
    dynamics: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[PhraseResult]:
    """Return what the models make of held-out phrases and notes, in the order given.

    Phrases are performances; of an instrument without any, assembled ones. `dynamics` are the
    labels of single notes by name: of notes with one, another is taken from the training side.
    """
    phrases, singles = held_out_phrases(performed), held_out_notes(performed)
    count = len(phrases) + len(singles)
    results = []
    for phrase in phrases:
        results.append(phrase_result(phrase, synthesis, midi2params))
        progress(len(results), count)
    for single in singles:
        results.append(note_result(single, synthesis, another(single, performed, dynamics)))
        progress(len(results), count)
    return results


def held_out_phrases(performed: Sequence[Performed]) -> list[Performed]:
    """Return the held-out performances, and assembled phrases of instruments without any."""
    held_out = [each for each in performed if each.is_held_out and each.notes]
    played = [each for each in held_out if each.origin == "performance"]
    have_some = {each.instrument for each in played}
    assembled = [each for each in held_out if each.origin == "assembled"]
    return played + [each for each in assembled if each.instrument not in have_some]


def held_out_notes(performed: Sequence[Performed]) -> list[Performed]:
    """Return the held-out single notes."""
    return [each for each in performed if each.is_held_out and each.notes and each.origin == "note"]


def another(
    single: Performed, performed: Sequence[Performed], dynamics: Mapping[str, str]
) -> Performed | None:
    """Return the training note of the same instrument, source and dynamic that is nearest in pitch.

    None where the dynamic is not known or no other has it within three semitones.
    """
    pitch, dynamic = _pitch(single), dynamics.get(single.name)
    if not dynamic:
        return None
    alike = [
        each
        for each in performed
        if each.origin == "note"
        and not each.is_held_out
        and each.notes
        and (each.instrument, each.source) == (single.instrument, single.source)
        and dynamics.get(each.name) == dynamic
        and abs(_pitch(each) - pitch) <= _NEAR_KEYS
    ]
    return min(alike, key=lambda each: abs(_pitch(each) - pitch), default=None)


def phrase_result(
    phrase: Performed, synthesis: SynthesisModel, midi2params: Midi2Params
) -> PhraseResult:
    """Return the controls of all models, and the realism of the Synthesis Generator."""
    count, instrument = len(phrase.frames), phrase.instrument
    fitted = synthesis.perform(phrase.notes, instrument, frames=count)
    plain = synthesis.perform(phrase.notes, instrument, frames=count, fit=False)
    return PhraseResult(
        phrase.name,
        instrument,
        _controls(phrase.notes),
        {
            SYNTHESIS: _extracted(fitted, phrase),
            WITHOUT_FITTING: _extracted(plain, phrase),
            MIDI2PARAMS: free_running(midi2params, phrase),
        },
        _cents(fitted, phrase),
        _rates_hz(fitted, phrase),
        clicks=_clicks(fitted, phrase, synthesis),
    )


def note_result(
    single: Performed, synthesis: SynthesisModel, other: Performed | None
) -> PhraseResult:
    """Return the pitch, vibrato and long-term spectrum of a note with its own controls.

    With the controls of `other` too, if there is one: its spectrum.
    """
    count, instrument = len(single.frames), single.instrument
    fitted = synthesis.perform(single.notes, instrument, frames=count)
    as_other = None
    if other is not None:
        notes = [replace(single.notes[0], expression=other.notes[0].expression)]
        frames = synthesis.perform(notes, instrument, frames=count)
        as_other = spectral_distance_db(frames, single, synthesis)
    return PhraseResult(
        single.name,
        instrument,
        _controls(single.notes),
        {SYNTHESIS: _extracted(fitted, single)},
        _cents(fitted, single),
        _rates_hz(fitted, single),
        spectral_distance_db=spectral_distance_db(fitted, single, synthesis),
        other_distance_db=as_other,
    )


def spectral_distance_db(
    frames: Frames, single: Performed, synthesis: SynthesisModel
) -> float | None:
    """Return how far a note's long-term spectrum is from the recording's, both while it sounds."""
    if single.audio is None:
        return None
    note = single.notes[0].note
    rate = realism.SPECTRUM_RATE
    while_sounding = slice(round(note.onset_s * rate), round(note.offset_s * rate))
    audio = _sound(frames, len(single.audio), synthesis.room(single.instrument, rate))
    return realism.log_spectral_distance_db(
        realism.long_term_spectrum(audio[while_sounding]),
        realism.long_term_spectrum(single.audio[while_sounding]),
        440.0 * 2.0 ** ((note.midi_pitch - 69) / 12),
    )


def root_mean_square_errors(
    results: Sequence[PhraseResult], model: str
) -> tuple[NDArray[np.float64], float]:
    """Return a model's RMSE of every control, (6,), and of all pooled, over the notes of phrases.

    Both sides are clipped to 0..1, the scale that a user sees ("within [0, 1]", MIDI-DDSP 3.2):
    a slip of the pitch tracker by an octave would read as more vibrato than all others together.
    What is unknown in a recording does not count.
    """
    phrases = [result for result in results if model in result.found]
    if not phrases:
        return np.full(len(CONTROLS), np.nan), np.nan
    errors = np.concatenate(
        [result.found[model].clip(0, 1) - result.asked.clip(0, 1) for result in phrases]
    )
    squares, known = np.nansum(np.square(errors), axis=0), np.isfinite(errors).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.sqrt(squares / known), float(np.sqrt(squares.sum() / known.sum()))


def _pitch(single: Performed) -> int:
    return single.notes[0].note.midi_pitch


def _controls(notes: Sequence[ExpressiveNote]) -> Controls:
    return np.array([row.expression for row in notes], np.float64)


def _extracted(frames: Frames, phrase: Performed) -> Controls:
    return _controls(extract(frames, [row.note for row in phrase.notes], gain_db=0.0))


def _cents(frames: Frames, phrase: Performed) -> dict[str, NDArray[np.float64]]:
    tuning = phrase.tuning_semitones
    recorded = phrase.frames.f0_hz
    return {
        SYNTHESIS: realism.pitch_errors_cents(frames.f0_hz, phrase.notes),
        RECORDING: realism.pitch_errors_cents(recorded, phrase.notes, tuning_semitones=tuning),
    }


def _rates_hz(frames: Frames, phrase: Performed) -> dict[str, Sequence[float]]:
    return {
        SYNTHESIS: realism.vibrato_rates_hz(frames.f0_hz, phrase.notes),
        RECORDING: realism.vibrato_rates_hz(phrase.frames.f0_hz, phrase.notes),
    }


def _clicks(frames: Frames, phrase: Performed, synthesis: SynthesisModel) -> Clicks | None:
    if phrase.audio is None:
        return None
    rate = realism.SPECTRUM_RATE
    notes = [row.note for row in phrase.notes]
    audio = _sound(frames, len(phrase.audio), synthesis.room(phrase.instrument, rate))
    boundaries = realism.boundaries_s(notes)
    return Clicks(
        len(boundaries),
        realism.clicks(audio, phrase.audio, boundaries, rate),
        realism.clicks(audio, phrase.audio, realism.middles_s(notes), rate),
        realism.clicks(phrase.audio, phrase.audio, boundaries, rate),
    )


def _sound(frames: Frames, samples: int, room: Room) -> Mono:
    return np.concatenate(list(resynthesize([frames], realism.SPECTRUM_RATE, samples, room=room)))
