"""The engine's memory: events in, one record per voice, one for the instrument, scratch per chunk.

What only neural voices need is in `live_records`. Everything a block needs lives here or there, so
that rendering allocates nothing. Times called "sample" count from the last reset; a tick is the
control step of 64/44100 s that every FM voice counts from its own note-on.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.layout import LANES, VECTOR
from plugin_core.dx7.fields import FIELDS, OPERATORS
from plugin_core.engine.live_layout import NOTE_FEATURES
from plugin_core.engine.live_phrases import HISTORY
from plugin_core.engine.parameters import MODULATORS, PARAMETERS, VOICE_BASE
from plugin_core.types import CONTROLS

TICK_S = 64 / 44100
"""Seconds per control tick of an FM voice."""

MAX_POLYPHONY = 32
VOICES = 48
"""Voice records: the polyphony and spare ones that fade out what was stolen."""

CHUNK = 128
"""The most samples rendered between two looks at the events."""

SEGMENTS = 8
"""The most pieces of ticks in a chunk: 128 samples at 22050 Hz touch at most 5 ticks."""

CHANNELS = 16
HELD_KEYS = 64
"""How many keys a mono voice remembers."""

NO_RPN = 0x3FFF
"""The registered parameter number that means none."""

UNSET = -1.0
"""In a per-note or per-channel control: no message has come yet."""


class EventType(IntEnum):
    """What an event does; in brackets what `index` and `value` mean."""

    NOTE_OFF = 0
    NOTE_ON = 1
    """[value: velocity 1..127; 0 is a note-off]"""
    NOTE_LENGTH = 2
    """The length of the next note-on of this channel and key. [value: seconds]"""
    NOTE_CONTROL = 3
    """One of the six controls for the sounding note. [index: control; value: 0..1]"""
    CONTROLLER = 4
    """[index: controller number; value: 0..127]"""
    PITCH_BEND = 5
    """[value: 0..16383, centre 8192]"""
    PRESSURE = 6
    """[value: 0..127]"""
    KEY_PRESSURE = 7
    """[value: 0..127]"""
    PARAMETER = 8
    """[index: parameter; value: as people see it]"""
    SOUND = 9
    """The FM sound for the notes to come. [index: row of the sounds]"""
    MODEL = 10
    """The instrument of a neural model for the notes to come. [index: slot; value: instrument]"""


EVENT = np.dtype(
    [
        ("offset", np.int32),
        ("type", np.int32),
        ("channel", np.int32),
        ("key", np.int32),
        ("note_id", np.int32),
        ("index", np.int32),
        ("value", np.float32),
    ],
    align=True,
)
"""One event of a block: `offset` in samples from its start; `note_id` -1 if nobody counts notes."""


class Kind(IntEnum):
    """Which kind of sound a voice plays."""

    FM = 0
    NEURAL = 1


class Onset(IntEnum):
    """How a neural voice's note begins, at the next sample that it renders."""

    NONE = 0
    """It has begun."""
    FRESH = 1
    """In a player that was silent."""
    REATTACK = 2
    """In the player that plays already, with a new attack."""
    LEGATO = 3
    """In the player that plays already, joined to the note before."""


class Status(IntEnum):
    """What a voice record is doing."""

    IDLE = 0
    HELD = 1
    RELEASED = 2
    FADING = 3


VOICE = np.dtype(
    [
        ("status", np.int32),
        ("pressed", np.int32),
        ("sostenuto", np.int32),
        ("key", np.int32),
        ("channel", np.int32),
        ("note_id", np.int32),
        ("velocity", np.int32),
        ("note", np.int32),
        ("sound", np.int32),
        ("dirty", np.int32),
        ("fade", np.int32),
        ("number", np.int64),
        ("released", np.int64),
        ("start", np.int64),
        ("tick", np.int64),
        ("tick_length", np.int32),
        ("tick_position", np.int32),
        ("length_s", np.float64),
        ("glide", np.float64),
        ("key_pressure", np.float64),
        ("control", np.float64, (len(CONTROLS),)),
        ("patch", np.float32, (len(FIELDS),)),
        ("algorithm", np.int32),
        ("strength", np.float32),
        ("base_level", np.float64, (OPERATORS,)),
        ("eg_base", np.float64, (OPERATORS,)),
        ("frequency_hz", np.float64, (OPERATORS,)),
        ("rate_offset", np.int32, (OPERATORS,)),
        ("eg_stage", np.int32, (OPERATORS,)),
        ("eg_rising", np.int32, (OPERATORS,)),
        ("eg_level", np.float64, (OPERATORS,)),
        ("eg_target", np.float64, (OPERATORS,)),
        ("eg_step", np.float64, (OPERATORS,)),
        ("eg_hold", np.float64, (OPERATORS,)),
        ("pitch_eg_stage", np.int32),
        ("pitch_eg_level", np.float64),
        ("modulation", np.float64),
        ("bend", np.float64),
        ("phase", np.uint32, (OPERATORS,)),
        ("increment", np.uint32, (OPERATORS,)),
        ("raw_gain", np.float32, (OPERATORS,)),
        ("gain", np.float32, (OPERATORS,)),
        ("next_gain", np.float32, (OPERATORS,)),
        ("silent", np.int32),
        ("memory", np.float32, (2,)),
        ("edge", np.float32),
        ("next_edge", np.float32),
        ("level", np.float32),
        ("next_level", np.float32),
        ("vibrato_cycles", np.float64),
        ("noise_gain", np.float64),
        ("noise_low", np.float64),
        ("noise_high", np.float64),
        ("shift", np.float64, (len(CONTROLS),)),
        ("kind", np.int32),
        ("player", np.int32),
        ("model", np.int32),
        ("model_instrument", np.int32),
        ("onset", np.int32),
        ("let_go_at", np.int64),
        ("previous", np.float64),
        ("gap_s", np.float64),
        ("question", np.float32, (NOTE_FEATURES,)),
    ],
    align=True,
)
"""One voice of either `Kind`. `shift` is how far the lanes have moved under it because another
sound was loaded. `player` (a row of the players) and what follows are of neural voices: `model` is
a slot, `onset` how the note begins, `let_go_at` the sample of its release (-1: none yet),
`previous` the key before (-1: none), `gap_s` the pause since that one, `question` what the
performer is asked.

Operator arrays hold operator 1 first. A gain, the edge (what brightness makes of a
modulator) and the level (what volume makes of the carriers) move from their value at the start of
the tick to the next one in a straight line."""

INSTRUMENT = np.dtype(
    [
        ("sample_rate", np.float64),
        ("tick_samples", np.float64),
        ("tempo_bpm", np.float64),
        ("sample", np.int64),
        ("notes", np.int64),
        ("releases", np.int64),
        ("sound", np.int32),
        ("moving", np.int32),
        ("smoothing_tick", np.int64),
        ("lfo_phase", np.float64),
        ("lfo_anchor", np.int64),
        ("lfo_start", np.int64),
        ("last_note", np.float64),
        ("held", np.int32),
        ("held_key", np.int32, (HELD_KEYS,)),
        ("held_channel", np.int32, (HELD_KEYS,)),
        ("sustain", np.int32, (CHANNELS,)),
        ("sostenuto", np.int32, (CHANNELS,)),
        ("bend", np.float64, (CHANNELS,)),
        ("member_bend_range", np.float64),
        ("rpn", np.int32, (CHANNELS,)),
        ("modulator", np.float64, (CHANNELS, len(MODULATORS))),
        ("channel_gain", np.float64, (CHANNELS,)),
        ("pressure", np.float64, (CHANNELS,)),
        ("slide", np.float64, (CHANNELS,)),
        ("next_length_s", np.float64, (CHANNELS, 128)),
        ("current", np.float32, (len(PARAMETERS),)),
        ("target", np.float32, (len(PARAMETERS),)),
        ("kind", np.int32),
        ("model", np.int32),
        ("model_instrument", np.int32),
        ("has_voice", np.int32),
        ("typical", np.float32, (len(CONTROLS),)),
        ("line_key", np.float64),
        ("line_on", np.int64),
        ("line_off", np.int64),
        ("chord_on", np.int64),
        ("chord_previous", np.float64),
        ("chord_gap_s", np.float64),
        ("past", np.float64, (HISTORY,)),
    ],
    align=True,
)
"""The instrument: clock, LFO, pedals, controllers, parameters as they glide; the sound for the
notes to come, whether that has a DX7 voice, and the values that its controls usually have; the
line that neural voices play: its last note (key -1: none, `line_off` -1: still down), when that
one's chord began, what was before the chord, and what the performer remembers of the past."""

TRANSPORT = np.dtype([("tempo_bpm", np.float64), ("beat", np.float64)], align=True)
"""What the host says of a block's start: tempo and position in quarter notes."""

SEGMENT = np.dtype(
    [
        ("start", np.int32),
        ("stop", np.int32),
        ("offset", np.int32),
        ("silent", np.int32),
        ("strength", np.float32),
        ("edge", np.float32),
        ("edge_slope", np.float32),
        ("level", np.float32),
        ("level_slope", np.float32),
        ("phase", np.uint32, (OPERATORS,)),
        ("increment", np.uint32, (OPERATORS,)),
        ("gain", np.float32, (OPERATORS,)),
        ("slope", np.float32, (OPERATORS,)),
    ],
    align=True,
)
"""The part of a voice's tick that falls into the chunk, ready for the audio kernels."""

_LANE_ROWS = CHUNK + 2
_ROW = CHUNK + VECTOR

SCRATCH = np.dtype(
    [
        ("segments", np.int32, (VOICES,)),
        ("lane_voice", np.int32, (VOICES,)),
        ("outputs", np.float32, (_LANE_ROWS * LANES,)),
        ("strengths", np.float32, (CHUNK * LANES,)),
        ("phases", np.uint32, (3, CHUNK * LANES)),
        ("gains", np.float32, (3, CHUNK * LANES)),
        ("inner", np.float32, (2, CHUNK * LANES)),
        ("loop", np.float32, (VOICES, 3, _ROW)),
        ("rows", np.float32, (OPERATORS, _ROW)),
        ("bus", np.float32, (_ROW,)),
        ("voice", np.float32, (_ROW,)),
    ],
    align=True,
)
"""Working memory of a chunk; nothing in it outlives the chunk."""

PATCH_SIZE = len(FIELDS)
PATCH_PARAMETERS = slice(VOICE_BASE, VOICE_BASE + PATCH_SIZE)

SHOWN_FROM: NDArray[np.float32] = np.array([field.shown_from for field in FIELDS], dtype=np.float32)
"""What is added to a patch value to get the parameter value that people see."""
