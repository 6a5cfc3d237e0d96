"""The fundamental frequency of monophonic audio."""

from plugin_core.analysis.pitch.autocorrelation import HIGHEST_HZ, LOWEST_HZ
from plugin_core.analysis.pitch.tracker import PitchTrack, PitchTracker, track_pitch

__all__ = ["HIGHEST_HZ", "LOWEST_HZ", "PitchTrack", "PitchTracker", "track_pitch"]
