"""Recordings understood: audio to synthesis parameters, notes and how they are played."""
