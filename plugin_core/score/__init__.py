"""Scores: MIDI files, tempo, pedals and lanes."""
