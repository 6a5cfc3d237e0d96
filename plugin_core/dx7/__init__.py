"""The DX7: voices, dumps, algorithms and tables, as data."""
