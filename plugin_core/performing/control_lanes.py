"""What drives each control of an instrument over time: a lane, else MIDI controllers, else nothing.

A controller sets what the parameter of its number does (`engine.parameters`), its 0..127 onto the
parameter's range; an explicit lane takes its place. A controller of the six controls that has one
value throughout is a setting of whoever wrote the file (CC11 at 127, CC1 at 0) and drives nothing.
In a part of several channels a controller is for the notes of its own channel, and for all where
none are.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.parameters import CONTROLLER_PARAMETERS, PARAMETER_INDEX, PARAMETERS
from plugin_core.types import CONTROLS, Controller, ControllerKind, Lane, Part

USED = (*CONTROLS, "performer", "pitch_bend_range", "master_tune", "output_gain")
"""The parameters that a neural instrument has; the others are those of FM voices."""

_NUMBERS = {parameter: number for number, parameter in CONTROLLER_PARAMETERS.items()}
_GAIN, _DATA, _RPN_LOW, _RPN_HIGH = 7, 6, 100, 101
_NRPN = (98, 99)
_RESET_ALL_CONTROLLERS = 121
_UNSET = 127
_PLAIN_GAIN = 100.0
_SILENT_DB = -120.0
_CENTRE = 8192
_FULL = 127

Times = NDArray[np.float64]


class _Moves(NamedTuple):
    """Where something moves, by time, and the values that it then holds."""

    times_s: Times
    values: Times

    @classmethod
    def of(cls, moves: Iterable[tuple[float, float]]) -> "_Moves":
        table = np.array(list(moves), np.float64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])

    def at(self, times_s: Times, *, before: float) -> Times:
        """Return the values at times, `before` the first move that one; shape as given."""
        held: Times = np.append(before, self.values)[
            np.searchsorted(self.times_s, times_s, side="right")
        ]
        return held


class ControlLanes:
    """The lanes and controllers of one part, read at any time for the notes of a channel."""

    def __init__(self, part: Part, lanes: Mapping[str, Lane]) -> None:
        self._part = part
        self._lanes = lanes
        self._channels = frozenset(note.channel for note in part.notes)
        self._control = cache(self._read_control)
        self._bend = cache(self._read_bend)
        self._bend_range = cache(self._read_bend_range)

    def at(self, name: str, times_s: Times, *, channel: int, default: float) -> Times:
        """Return the values of a control, one of USED, shape as given.

        `default` counts where neither a lane nor a controller has set it.
        """
        if name in self._lanes:
            return self._lanes[name].at(times_s)
        if name not in _NUMBERS:
            return np.full(times_s.shape, default)
        parameter = PARAMETERS[PARAMETER_INDEX[name]]
        moves = self._control(channel, _NUMBERS[name])
        span = (parameter.high - parameter.low) / _FULL
        scaled = _Moves(moves.times_s, parameter.low + span * moves.values)
        return scaled.at(times_s, before=default)

    def is_driven(self, name: str, channel: int) -> bool:
        """Tell whether a lane or a controller sets a control at some time."""
        number = _NUMBERS.get(name)
        return name in self._lanes or (
            number is not None and len(self._control(channel, number).times_s) > 0
        )

    def gain_db(self, times_s: Times, *, channel: int) -> Times:
        """Return the gain of CC7, 100 is 0 dB, and of the output, shape as given."""
        gain = self._control(channel, _GAIN).at(times_s, before=_PLAIN_GAIN) / _PLAIN_GAIN
        least = 10 ** (_SILENT_DB / 40)
        channel_db: Times = 40 * np.log10(np.maximum(gain, least))
        return channel_db + self.at("output_gain", times_s, channel=channel, default=0.0)

    def bend_semitones(self, times_s: Times, *, channel: int) -> Times:
        """Return the pitch bend and the master tune, shape as given.

        The range is the lane `pitch_bend_range`, else what registered parameter 0 said last, else
        the parameter's default.
        """
        default = PARAMETERS[PARAMETER_INDEX["pitch_bend_range"]].default
        reach = self._bend_range(channel).at(times_s, before=default)
        if "pitch_bend_range" in self._lanes:
            reach = self._lanes["pitch_bend_range"].at(times_s)
        bend = self._bend(channel).at(times_s, before=0.0) * reach
        cents = self.at("master_tune", times_s, channel=channel, default=0.0)
        return bend + cents / 100

    def _read_control(self, channel: int, number: int) -> _Moves:
        moves = [each for each in self._heard(channel) if _is(each, number)]
        is_control = CONTROLLER_PARAMETERS.get(number) in CONTROLS
        if is_control and len({each.value for each in moves}) < 2:
            moves = []
        return _Moves.of((each.time_s, each.value) for each in moves)

    def _read_bend(self, channel: int) -> _Moves:
        return _Moves.of(
            (each.time_s, (each.value - _CENTRE) / _CENTRE if _is_bend(each) else 0.0)
            for each in self._heard(channel)
            if _is_bend(each) or _is(each, _RESET_ALL_CONTROLLERS)
        )

    def _read_bend_range(self, channel: int) -> _Moves:
        chosen = {_RPN_HIGH: _UNSET, _RPN_LOW: _UNSET}
        found = []
        for each in self._heard(channel):
            if each.kind is not ControllerKind.CONTROL:
                continue
            if each.index in chosen:
                chosen[each.index] = each.value
            elif each.index in (*_NRPN, _RESET_ALL_CONTROLLERS):
                chosen = dict.fromkeys(chosen, _UNSET)
            elif each.index == _DATA and set(chosen.values()) == {0}:
                found.append((each.time_s, float(each.value)))
        return _Moves.of(found)

    def _heard(self, channel: int) -> list[Controller]:
        """Return the controllers that are for the notes of a channel."""
        return [
            each
            for each in self._part.controllers
            if each.channel == channel or each.channel not in self._channels
        ]


def _is_bend(controller: Controller) -> bool:
    return controller.kind is ControllerKind.PITCH_BEND


def _is(controller: Controller, number: int) -> bool:
    return controller.kind is ControllerKind.CONTROL and controller.index == number
