"""The engine ahead of time: Numba entry points become object code, a C header and a library."""
