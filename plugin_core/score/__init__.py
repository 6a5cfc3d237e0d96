"""Scores: MIDI files to notes and controllers, tempo, pedals, lanes."""

from plugin_core.score.lanes import LaneSetting, read_lane
from plugin_core.score.midi import parse_midi, read_midi, write_midi
from plugin_core.score.pedals import sounding_notes
from plugin_core.score.score import Score, ScorePart
from plugin_core.score.tempo import TempoMap
from plugin_core.score.values import LaneRange

__all__ = [
    "LaneRange",
    "LaneSetting",
    "Score",
    "ScorePart",
    "TempoMap",
    "parse_midi",
    "read_lane",
    "read_midi",
    "sounding_notes",
    "write_midi",
]
