"""Sessions: what is played, by which sounds, how it is mixed."""

from plugin_core.session.session import BitDepth, Session
from plugin_core.session.track import Effect, Track

__all__ = ["BitDepth", "Effect", "Session", "Track"]
