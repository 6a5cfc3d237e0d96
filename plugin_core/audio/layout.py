"""How wide the audio kernels work; memory is laid out for it."""

LANES = 16
"""How many voices' feedback loops run side by side."""

VECTOR = 16
"""Rows are rendered in multiples of so many samples: what is too much is never heard, and a
remainder would run one by one."""
