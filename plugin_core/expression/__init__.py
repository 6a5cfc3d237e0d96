"""The six expression controls: what they mean, how they are measured, how they are edited."""
