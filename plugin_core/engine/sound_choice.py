"""The sound for the notes to come: a patch, or an instrument of a neural model.

A DDX7 model has a patch too, the DX7 voice that it plays.

Sounding notes keep what they play. Controls, and the voice mode, that stand where the sound before
usually has them move to where the new one has them; whatever else was asked stays.
"""

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.lfo import LFO_SPEED, lfo_phase
from plugin_core.engine.live_layout import Layer, LayoutColumn
from plugin_core.engine.live_records import MODEL_SLOTS, ModelKind
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS, VOICE_BASE
from plugin_core.engine.patch import Record
from plugin_core.engine.records import PATCH_SIZE, SHOWN_FROM, VOICES, Kind, Status
from plugin_core.types import CONTROLS

_IDLE = int(Status.IDLE)
_FM, _NEURAL = int(Kind.FM), int(Kind.NEURAL)
_DDX7 = int(ModelKind.DDX7)
_TYPICAL = int(Layer.TYPICAL)
_VOICE = int(Ddx7Layer.VOICE)
assert int(Ddx7Layer.TYPICAL) == int(Layer.TYPICAL)
_OFFSET = int(LayoutColumn.OFFSET)
_CONTROLS = len(CONTROLS)
_FM_TYPICAL = np.array([PARAMETERS[index].default for index in range(_CONTROLS)], np.float32)
_VOICE_MODE = PARAMETER_INDEX["voice_mode"]
_POLY, _, _LEGATO = range(3)
_SAME = np.float32(1e-6)


@kernel
def usual_mode(kind: int) -> int:
    """Return the voice mode that a kind of sound usually has."""
    return _LEGATO if kind == _NEURAL else _POLY


@kernel
def move_control(instrument: Record, voices: Record, index: int, usual: np.float32) -> None:
    """Move a control to its new usual value if it stands at the old one; notes do not notice."""
    old = instrument.typical[index]
    instrument.typical[index] = usual
    if abs(instrument.target[index] - old) > _SAME or usual == old:
        return
    is_gliding = instrument.current[index] != instrument.target[index]
    before = instrument.current[index]
    instrument.target[index] = usual
    instrument.current[index] = before + (usual - old) if is_gliding else usual
    for number in range(VOICES):
        if voices[number].status != _IDLE:
            voices[number].shift[index] += instrument.current[index] - before


@kernel
def take_kind(instrument: Record, kind: int) -> None:
    """Become an instrument of this kind, with its usual voice mode."""
    if instrument.target[_VOICE_MODE] == usual_mode(instrument.kind):
        instrument.target[_VOICE_MODE] = np.float32(usual_mode(kind))
        instrument.current[_VOICE_MODE] = np.float32(usual_mode(kind))
    instrument.kind = np.int32(kind)


@kernel
def load_sound(instrument: Record, voices: Record, sounds: Record, index: int) -> None:
    """Take a patch for the notes to come."""
    if index < 0 or index >= len(sounds):
        return
    take_kind(instrument, _FM)
    for control in range(_CONTROLS):
        move_control(instrument, voices, control, _FM_TYPICAL[control])
    load_patch(instrument, sounds[index])


@kernel
def load_patch(instrument: Record, patch: Record) -> None:
    """Set the voice parameters to stored values, shape (PATCH_SIZE,), for the notes to come."""
    instrument.has_voice = np.int32(1)
    instrument.sound += 1
    speed = instrument.current[VOICE_BASE + LFO_SPEED]
    instrument.lfo_phase = lfo_phase(instrument, speed, instrument.sample)
    instrument.lfo_anchor = instrument.sample
    for field in range(PATCH_SIZE):
        value = np.float32(patch[field] + SHOWN_FROM[field])
        instrument.target[VOICE_BASE + field] = value
        instrument.current[VOICE_BASE + field] = value


@kernel
def load_model(
    instrument: Record, voices: Record, models: Record, weights: Record, slot: int, row: int
) -> None:
    """Take an instrument of a model for the notes to come."""
    if slot < 0 or slot >= MODEL_SLOTS:
        return
    model = models[slot]
    if row < 0 or row >= model.instruments:
        return
    take_kind(instrument, _NEURAL)
    instrument.has_voice = np.int32(0)
    if model.kind == _DDX7:
        first = model.layout[_VOICE, _OFFSET]
        load_patch(instrument, weights[slot, first : first + PATCH_SIZE])
    instrument.model = np.int32(slot)
    instrument.model_instrument = np.int32(row)
    first = model.layout[_TYPICAL, _OFFSET] + row * _CONTROLS
    for control in range(_CONTROLS):
        usual = min(np.float32(1.0), max(np.float32(0.0), weights[slot, first + control]))
        move_control(instrument, voices, control, usual)
