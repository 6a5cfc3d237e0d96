"""Models that make synthesis parameters."""
