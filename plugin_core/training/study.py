"""The study of DDX7: models of one instrument beside each other on recordings they never heard.

Caspe et al. 2022, section 5, with the distance that Hexachord is judged by. A recording goes the
way of a user's: f0 and loudness from its audio, operator levels (or harmonics and noise) from the
model, audio at 16 kHz in the model's room, at the recording's own level. All of it is played by the
kernels, none by PyTorch.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from plugin_core.analysis.log_spectral_distance import log_spectral_distance_db
from plugin_core.analysis.sounding import loud_level_db, silence_gate
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.audio.reverb import Room
from plugin_core.engine.ddx7_file import KIND as DDX7
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.live_layout import LayerKind, LayoutColumn, layer_size
from plugin_core.hearing.believed_pitch import followed
from plugin_core.hearing.lead_in import lead_in_frames, with_lead_in
from plugin_core.hearing.operator_edits import OperatorEdits
from plugin_core.hearing.operator_model import (
    PREFIX,
    NoiseFile,
    OperatorModel,
    asked_curves,
    curves_of,
)
from plugin_core.hearing.operator_sound import operator_play, operator_sound, room_of
from plugin_core.synthesis.archive_members import WEIGHTS, read_members
from plugin_core.synthesis.hpn_kernels import HIDDEN, run_hpn
from plugin_core.synthesis.study_archive import SUFFIX, StudyModel, read_study_model
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.types import HARMONICS, NOISE_BANDS, InputError, Mono

HPN = "hpn"
"""The kind of the baseline's archives."""

MEASURED = "as analysed"
"""No model: the harmonics and the noise that the analysis measured, dry."""

_HALF = 0.5
"""The mix of a `Room` whose sound, doubled, is the dry one plus what the room answers."""
_LEAST_HZ = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model of the study."""

    name: str
    kind: str
    instrument: str
    model: StudyModel = field(repr=False)

    @property
    def operators(self) -> tuple[int, ...]:
        """Those that it plays; none of the baseline."""
        return tuple(self.model.description.get("operators", ()))

    @property
    def shape(self) -> tuple[object, ...]:
        """What the study compares: models of one shape differ by their training alone."""
        told = self.model.description
        fixed = (told.get("algorithm"), told.get("feedback", 0.0))
        return self.kind, self.operators, round(self.i_max, 3), self.has_noise, *fixed

    @property
    def steps(self) -> int:
        """How long it was trained; 0 if that is not told."""
        return int(self.model.description.get("steps", 0))

    @property
    def i_max(self) -> float:
        """Modulation index in radians at share 1; 0 of the baseline."""
        return float(self.model.description.get("i_max", 0.0))

    @property
    def has_noise(self) -> bool:
        """Whether it makes noise."""
        return bool(self.model.description.get("noise", self.kind == HPN))

    @property
    def parameters(self) -> int:
        """How many numbers its network has."""
        total = 0
        for row, layer in enumerate(self.model.layout):
            if layer[LayoutColumn.KIND] == LayerKind.TABLE:
                continue
            if self.kind == DDX7 and row == Ddx7Layer.NOISE and not self.has_noise:
                continue
            kind = LayerKind(int(layer[LayoutColumn.KIND]))
            inputs, outputs = int(layer[LayoutColumn.INPUTS]), int(layer[LayoutColumn.OUTPUTS])
            if kind == LayerKind.CAUSAL_CONV:
                inputs, kind = inputs * (int(layer[LayoutColumn.EXTRA]) >> 16), LayerKind.DENSE
            total += layer_size(kind, inputs, outputs)
        return total

    def operator_model(self) -> OperatorModel:
        """Return a DDX7 model as resynthesis takes it."""
        own = self.model
        played = Ddx7Model(
            instruments=(f"{PREFIX}{self.instrument}",),
            typical={},
            styles={},
            description=own.description,
            layout=own.layout,
            weights=own.weights,
            room=own.room,
        )
        return OperatorModel(self.name, played)


@dataclass(frozen=True, slots=True)
class Row:
    """What a model made of a recording."""

    candidate: str
    take: str
    source: str
    is_note: bool
    seconds: float
    mss: float
    """Multi-scale spectral distance, `spectral_distance.ISSUE`."""
    lsd_db: float
    """`analysis.log_spectral_distance`."""


def read_candidate(path: Path) -> Candidate:
    """Return the model in an archive (`.ts`) or in a file of the study (`.study`).

    Raises InputError for what is neither, and for a model of another kind.
    """
    model = read_study_model(path) if path.suffix == SUFFIX else _archived(path)
    kind, instrument = model.description.get("kind"), model.description.get("instrument")
    if kind not in (DDX7, HPN):
        raise InputError(path, "kind", f"{DDX7} or {HPN}", kind)
    if not isinstance(instrument, str):
        raise InputError(path, "instrument", "the name of an instrument", instrument)
    return Candidate(path.stem, kind, instrument, model)


def _archived(path: Path) -> StudyModel:
    description, packed = read_members(path)
    try:
        tensors = safetensors.numpy.load(packed)
        weights, layout = tensors["weights"], tensors["layout"]
    except (safetensors.SafetensorError, KeyError) as error:
        raise InputError(path, WEIGHTS, "the weights of a DDX7 model", error) from error
    return StudyModel(description, weights, layout, tensors.get("room", np.zeros(0, np.float32)))


def compare(candidate: Candidate | None, take: Take) -> Row:
    """Return how far a model's sound is from a recording; None: what the analysis measured."""
    recorded = _recorded(take)
    made = measured(take) if candidate is None else resynthesized(candidate, take)
    made = made[: len(recorded)]
    return Row(
        MEASURED if candidate is None else candidate.name,
        take.name,
        take.source,
        take.is_note,
        len(recorded) / AUDIO_RATE,
        multi_scale_distance(made, recorded, AUDIO_RATE),
        log_spectral_distance_db(made, recorded),
    )


def resynthesized(candidate: Candidate, take: Take) -> Mono:
    """Return a recording as a model plays it: at 16 kHz, 64 samples a frame, at its own level.

    What begins in the middle of sound is led in (`hearing.lead_in`).
    """
    if candidate.kind == DDX7:
        return _played_by_operators(candidate.operator_model(), take)
    shift_db = REFERENCE_DB - loud_level_db(take.loudness_db)
    dry = _played_by_baseline(candidate, take, shift_db)
    room = candidate.model.room
    sound = 2 * Room(room, _HALF).process(dry) if len(room) else dry
    own = sound[len(sound) - len(take) * FRAME_SAMPLES :]
    return _gated(own, take) * np.float32(10 ** (-(shift_db + take.gain_db) / 20))


def measured(take: Take) -> Mono:
    """Return a recording's own harmonics and noise, as far as they were analysed, at its level."""
    amplitude = take.lines.sum(axis=1)
    shares = take.lines / np.maximum(amplitude, 1e-12)[:, None]
    samples = len(take) * FRAME_SAMPLES
    sound = synthesize(take.f0_hz, amplitude, shares, take.noise, AUDIO_RATE, samples)
    return _gated(sound, take) * np.float32(10 ** (-take.gain_db / 20))


def _recorded(take: Take) -> Mono:
    """Return the recording; of its last frame only the beginning is surely recorded."""
    audio = take.audio[: max(1, len(take) - 1) * FRAME_SAMPLES]
    own: Mono = audio * np.float32(10 ** (-take.gain_db / 20))
    return own


def _gated(sound: Mono, take: Take) -> Mono:
    """Return the sound with silence where nothing at all was recorded."""
    gate = silence_gate(take.loudness_db - np.float32(take.gain_db))
    at = np.arange(len(sound)) / FRAME_SAMPLES
    gated: Mono = (sound * np.interp(at, np.arange(len(gate)), gate)).astype(np.float32)
    return gated


def _played_by_operators(model: OperatorModel, take: Take) -> Mono:
    """Return what `hexachord resynthesize` makes of the take."""
    as_recorded_db = take.loudness_db - np.float32(take.gain_db)
    asked = asked_curves(
        model,
        take.f0_hz,
        take.confidence,
        as_recorded_db,
        np.zeros(len(take), np.int32),
        shift_db=model.shift_db(as_recorded_db),
    )
    with tempfile.TemporaryDirectory() as folder:
        noise = NoiseFile(Path(folder) / "noise.f32") if model.has_noise else None
        play = operator_play(model, curves_of(model, asked, None, noise), OperatorEdits(), noise)
        room, samples = room_of(model, AUDIO_RATE), len(take) * FRAME_SAMPLES
        return np.concatenate(list(operator_sound(play, AUDIO_RATE, samples, room=room)))


def _played_by_baseline(candidate: Candidate, take: Take, shift_db: float) -> Mono:
    """Return what the decoder says, dry, its lead-in before it."""
    lead_in = lead_in_frames(take.loudness_db)
    player = candidate.instrument
    f0_hz = followed(take.f0_hz, take.confidence, take.loudness_db, player)
    f0_hz = with_lead_in(f0_hz, lead_in)
    loudness_db = with_lead_in(take.loudness_db.astype(np.float64) + shift_db, lead_in)
    frames = len(f0_hz)
    amplitude = np.zeros(frames, np.float32)
    shares = np.zeros((frames, HARMONICS), np.float32)
    noise = np.zeros((frames, NOISE_BANDS), np.float32)
    pitch = 69 + 12 * np.log2(np.maximum(f0_hz, _LEAST_HZ).astype(np.float64) / 440)
    own: Any = candidate.model
    state = np.zeros(HIDDEN, np.float32)
    run_hpn(own.weights, own.layout, state, loudness_db, pitch, amplitude, shares, noise)
    samples = frames * FRAME_SAMPLES
    return synthesize(f0_hz, amplitude, shares, noise, AUDIO_RATE, samples)
