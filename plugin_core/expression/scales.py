"""The scales of the six controls (DESIGN.md, section 5), shared by measuring and editing them.

A control is `(quantity - ZERO) / SPAN`; 0..1 is the usual range, not a bound.
"""

FLOOR_DB = -120.0
"""Amplitudes and noise magnitudes, gain included, count as at least this: silence has no level."""

VOLUME_ZERO_DB = -90.0
VOLUME_SPAN_DB = 60.0

FLUCTUATION_SPAN_DB = 24.0
"""Standard deviation of the level that reads 1."""
STEADY_DB = 0.1
"""A note whose level deviates less has no peak: what is highest in it is chance."""

VIBRATO_SCALE = 10.0
"""Times the peak of the DFT of the pitch deviation, in semitones."""
VIBRATO_LOWEST_HZ = 3.0
VIBRATO_HIGHEST_HZ = 9.0
VIBRATO_MINIMUM_FRAMES = 50
"""A note must be longer than this to have vibrato."""
VIBRATO_TAPER = 0.5
"""Share of the note that the two cosine flanks of the Tukey window take (its alpha)."""
VIBRATO_OVERSAMPLING = 8
"""DFT points per frame of the note at least: bins so fine that the note's length does not show."""

BRIGHTNESS_HARMONICS = 60
BRIGHTNESS_SPAN = 12.0
"""The centroid, in harmonic numbers, that reads 1."""

ATTACK_FRAMES = 10
ATTACK_NOISE_ZERO_DB = -105.0
ATTACK_NOISE_SPAN_DB = 40.0

REFERENCE_LEVEL_DB = -36.0
"""Where the default gain puts the loud passages of a recording: volume 0.9."""
REFERENCE_PERCENTILE = 95.0
VOICED_CONFIDENCE = 0.5
