"""Which lanes of a track the report shows: those that move, drawn or played."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bridge.report import LanePicture
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.types import ControllerKind, Lane, Part

if TYPE_CHECKING:
    from plugin_core.session import Track

_CONTROLLERS: dict[tuple[ControllerKind, int], tuple[str, str]] = {
    (ControllerKind.PITCH_BEND, 0): ("pitch bend", ""),
    (ControllerKind.PRESSURE, 0): ("pressure", ""),
    (ControllerKind.CONTROL, 1): ("vibrato (CC1)", "vibrato"),
    (ControllerKind.CONTROL, 2): ("breath (CC2)", ""),
    (ControllerKind.CONTROL, 4): ("foot (CC4)", ""),
    (ControllerKind.CONTROL, 7): ("gain (CC7)", ""),
    (ControllerKind.CONTROL, 11): ("volume (CC11)", "volume"),
    (ControllerKind.CONTROL, 20): ("fluctuation (CC20)", "volume_fluctuation"),
    (ControllerKind.CONTROL, 21): ("peak position (CC21)", "volume_peak_position"),
    (ControllerKind.CONTROL, 55): ("style (CC55)", "style"),
    (ControllerKind.CONTROL, 64): ("sustain", ""),
    (ControllerKind.CONTROL, 66): ("sostenuto", ""),
    (ControllerKind.CONTROL, 73): ("attack noise (CC73)", "attack_noise"),
    (ControllerKind.CONTROL, 74): ("brightness (CC74)", "brightness"),
}
"""Controllers that sound: name, and the lane that takes their place if the session has one."""

_LEAST_DB = 3.0


def lane_pictures(track: "Track") -> list[LanePicture]:
    """Return the pictures of the lanes and controllers that move in this track."""
    return [*_drawn(track), *_played(track.part, set(track.lanes)), *_mixed(track)]


def constants(track: "Track") -> list[str]:
    """Return the lanes that stand still, as 'name value'."""
    texts = [
        f"{name.replace('_', ' ')} {PARAMETERS[PARAMETER_INDEX[name]].text(lane.values[0])}"
        for name, lane in track.lanes.items()
        if not _moves(lane)
    ]
    if not _moves(track.gain_db) and track.gain_db.values[0] != 0:
        texts.append(f"gain {track.gain_db.values[0]:+.3g} dB")
    pan = track.sounding_pan()
    if not _moves(pan) and pan.values[0] != 0:
        side = "left" if pan.values[0] < 0 else "right"
        texts.append(f"pan {abs(pan.values[0]):.0%} {side}")
    return texts


def _moves(lane: Lane) -> bool:
    return bool(np.ptp(lane.values) > 0)


def _drawn(track: "Track") -> Iterator[LanePicture]:
    for name, lane in track.lanes.items():
        if _moves(lane):
            parameter = PARAMETERS[PARAMETER_INDEX[name]]
            unit = f" {parameter.unit}" if parameter.unit else ""
            least = 2 * parameter.step or (parameter.high - parameter.low) / 4
            low, high = _window(lane, parameter.low, parameter.high, least)
            yield LanePicture(name.replace("_", " "), lane, low, high, unit=unit)


def _window(lane: Lane, low: float, high: float, least: float) -> tuple[float, float]:
    """Return the lane's own range, widened evenly to `least` inside low..high.

    So small movements are seen, yet tiny ones do not look large.
    """
    bottom, top = float(lane.values.min()), float(lane.values.max())
    more = max(0.0, least - (top - bottom)) / 2
    bottom, top = bottom - more, top + more
    return max(low, bottom - max(0.0, top - high)), min(high, top + max(0.0, low - bottom))


def _played(part: Part, taken: set[str]) -> Iterator[LanePicture]:
    for (kind, index), (name, lane_name) in _CONTROLLERS.items():
        moves = [c for c in part.controllers if (c.kind, c.index) == (kind, index)]
        if lane_name in taken or len({move.value for move in moves}) < 2:
            continue
        full = 16383 if kind is ControllerKind.PITCH_BEND else 127
        lane = Lane.of((move.time_s, move.value) for move in moves)
        yield LanePicture(name, lane, *_window(lane, 0, full, full / 4), steps=True)


def _mixed(track: "Track") -> Iterator[LanePicture]:
    if _moves(track.gain_db):
        low, high = _window(track.gain_db, -120, 24, _LEAST_DB)
        yield LanePicture("gain", track.gain_db, low, high, unit=" dB")
    pan = track.sounding_pan()
    if _moves(pan):
        yield LanePicture("pan", pan, *_window(pan, -1, 1, 0.5))
