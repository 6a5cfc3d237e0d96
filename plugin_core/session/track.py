"""One track of a session: a part of a score, the sound that plays it, its lanes and effects.

In: a `[[track]]` table. Out: a `Track`, every lane in seconds and in range.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np

from plugin_core.engine.parameters import PARAMETERS
from plugin_core.score.breakpoints import TimeUnit
from plugin_core.score.lanes import LaneSetting, controller_of, read_lane
from plugin_core.score.score import Score, ScorePart
from plugin_core.score.tracks import printable_name
from plugin_core.score.values import LaneRange, finite_number, shown
from plugin_core.session.tables import Table, nearest
from plugin_core.sounds.kinds import MODELS, Model
from plugin_core.types import ControllerKind, InputError, Lane, Part

GAIN_DB = LaneRange(-120.0, 24.0)
PAN = LaneRange(-1.0, 1.0)
LANES: Mapping[str, LaneRange] = {
    parameter.id: LaneRange(parameter.low, parameter.high, parameter.labels)
    for parameter in PARAMETERS
}
"""What lanes may drive: every parameter of the engine, in the values that people see."""

TRACK_KEYS = (
    *("name", "midi", "track", "channel", "sound", "model"),
    *("gain", "pan", "mute", "solo", "lanes", "effects"),
)
_PAN_CONTROLLER = 10

EffectValue = float | str | bool


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a chain: the name of a Pedalboard effect or the path of a plug-in."""

    name: str
    parameters: Mapping[str, EffectValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Track:
    """One track.

    `sound` is the reference as the user wrote it; None leaves the choice to the part's program.
    `model` is for neural instruments that have both. `lanes` are by parameter id. `pan`
    (-1 left .. 1 right) is None where the part's CC10 counts.
    """

    name: str
    part: Part
    sound: str | None = None
    model: Model = "phrase"
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    gain_db: Lane = field(default_factory=lambda: Lane.constant(0.0))
    pan: Lane | None = None
    effects: tuple[Effect, ...] = ()
    mute: bool = False
    solo: bool = False
    is_drums: bool = False

    @property
    def program(self) -> int | None:
        """The General MIDI program 0..127 that the part starts with, if its score names one."""
        return self.part.program

    def sounding_pan(self) -> Lane:
        """Return `pan`, or what CC10 of the part says, or the centre.

        CC10 pans as General MIDI recommends (RP-036): 0 and 1 left, 64 centre, 127 right.
        """
        if self.pan is not None:
            return self.pan
        last_at = {0.0: 0.0} | {
            c.time_s: max((c.value - 64) / 63, -1.0)
            for c in self.part.controllers
            if (c.kind, c.index) == (ControllerKind.CONTROL, _PAN_CONTROLLER)
        }
        times = np.repeat(np.array(list(last_at), dtype=np.float64), 2)[1:]
        return Lane(times, np.repeat(np.array(list(last_at.values())), 2)[:-1])


@dataclass(frozen=True, slots=True)
class TrackSetting:
    """What the tracks of a session share: where paths start, their unit of time, their scores."""

    folder: Path
    unit: TimeUnit
    midi: str | None
    score: Callable[[str], Score]
    """The score in a MIDI file, by its path as the session writes it."""


def track_of(entry: ScorePart, *, sound: str | None = None) -> Track:
    """Return the track that plays a part of a score as it is."""
    return Track(name=entry.part.name, part=entry.part, sound=sound, is_drums=entry.is_drums)


def read_track(table: Table, setting: TrackSetting) -> Track:
    """Return the track of a `[[track]]` table; raises InputError."""
    name = printable_name(table.text("name") or "")
    table = replace(table, place=f"{table.place} ({name})" if name else table.place)
    table.check_keys(TRACK_KEYS)
    midi = table.text("midi", setting.midi)
    if midi is None:
        raise table.error("midi", "a MIDI file, here or for the whole session")
    score = setting.score(midi)
    entry = score.pick(
        track=table.integer("track", 1, 65535),
        channel=table.integer("channel", 1, 16),
        asked_in=(table.source, table.place),
    )
    plain = track_of(entry, sound=table.text("sound"))

    lane_setting = LaneSetting(table.source, setting.folder, setting.unit, score.tempo, entry.part)
    lane_values = table.table("lanes").values
    written = {**lane_values, **{k: table.values[k] for k in ("gain", "pan") if k in table.values}}
    return replace(
        plain,
        name=name or plain.name,
        model=_model(table),
        part=_without(entry.part, {controller_of(value) for value in written.values()}),
        lanes=_lanes(table, lane_setting),
        gain_db=_mix_lane(table, "gain", GAIN_DB, lane_setting) or plain.gain_db,
        pan=_mix_lane(table, "pan", PAN, lane_setting),
        effects=read_effects(table),
        mute=table.switch("mute"),
        solo=table.switch("solo"),
    )


def _model(table: Table) -> Model:
    model = table.text("model", "phrase")
    if model not in MODELS:
        raise table.error("model", " or ".join(f'"{each}"' for each in MODELS))
    return "live" if model == "live" else "phrase"


def read_effects(table: Table) -> tuple[Effect, ...]:
    """Return the effects under the key `effects` of a track or of the master; raises InputError."""
    return tuple(_effect(effect) for effect in table.tables("effects"))


def _effect(table: Table) -> Effect:
    name, plugin = table.text("name"), table.text("vst3")
    if (name is None) == (plugin is None):
        found = "both" if name else "none"
        raise InputError(table.source, table.place, "one of name, vst3", found)
    parameters = dict(table.table("parameters").values)
    for key, value in table.values.items():
        if key not in ("name", "vst3", "parameters"):
            parameters[key] = value
    checked: dict[str, EffectValue] = {}
    for key, value in parameters.items():
        is_number = isinstance(value, int | float) and finite_number(value) is not None
        if not isinstance(value, str | bool) and not is_number:
            expected = "a finite number, a text, true or false"
            raise InputError(table.source, table.at(key), expected, shown(value))
        checked[key] = cast(EffectValue, value)
    return Effect(name or plugin or "", checked)


def _lanes(table: Table, setting: LaneSetting) -> dict[str, Lane]:
    lanes = table.table("lanes")
    for key in lanes.values:
        if key in ("gain", "pan"):
            raise InputError(lanes.source, lanes.place, f"{key} as a key of the track itself", key)
        if key not in LANES:
            expected = f"a parameter, {nearest(key, LANES)}"
            raise InputError(lanes.source, lanes.place, expected, f"the unknown lane {key[:80]!r}")
    return {
        key: read_lane(value, LANES[key], lanes.at(key), setting)
        for key, value in lanes.values.items()
    }


def _mix_lane(table: Table, key: str, allowed: LaneRange, setting: LaneSetting) -> Lane | None:
    if key not in table.values:
        return None
    return read_lane(table.values[key], allowed, table.at(key), setting)


def _without(part: Part, used: set[tuple[ControllerKind, int] | None]) -> Part:
    """Return the part without the controllers that lanes took: they do that and nothing else."""
    kept = tuple(c for c in part.controllers if (c.kind, c.index) not in used)
    return replace(part, controllers=kept)
