"""Composing: chorales for four voices, and expressive solo pieces, as notes that can be rendered.

In: what a user keeps (voices, bars, a motif) and a seed. Out: notes in seconds with velocities.
"""
