"""The DX7's lookup tables: what its integer parameters mean in levels, times and frequencies.

Figures measured on the reference engine (facts sheet of the reference renders, sections 3 and 6 to
10). A level unit is 1/256 octave of amplitude (0.02352 dB). Kernels read these arrays as constants.
"""

import numpy as np
from numpy.typing import NDArray


def _integers(table: str) -> NDArray[np.int32]:
    return np.array(table.split(), dtype=np.int32)


def _decimals(table: str) -> NDArray[np.float64]:
    return np.array(table.split(), dtype=np.float64)


LEVEL = _integers(
    """
    0 5 9 13 17 20 23 25 27 29 31 33 35 37 39 41 42 43 45 46 48 49 50 51 52 53 54 55 56 57 58 59
    60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90
    91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115
    116 117 118 119 120 121 122 123 124 125 126 127
    """
)
"""Output level or EG level 0..99 -> level steps 0..127, one step 32 units (section 3)."""

VELOCITY = _integers(
    """
    -239 -169 -153 -142 -133 -125 -118 -113 -107 -101 -97 -91 -87 -83 -79 -76 -73 -69 -66 -65
    -61 -58 -55 -53 -50 -49 -45 -43 -41 -39 -37 -34 -33 -30 -28 -25 -23 -21 -19 -17 -15 -14 -12
    -10 -9 -7 -6 -4 -2 -1 1 2 3 4 5 7 7 9 10 11 12 13 14 15
    """
)
"""MIDI velocity // 2 -> velocity curve; times sensitivity / 8 in steps of 16 units (section 6)."""

EXPONENTIAL_SCALING = _integers(
    """
    0 1 2 3 4 5 6 7 8 9 11 14 16 19 23 27 33 39 47 56 66 80 94 110 126 142 158 174 190 206 222
    238 250
    """
)
"""Groups of three keys from the break point -> exponential scaling curve (section 7)."""

HOLD_SAMPLES = _integers(
    """
    1764000 1764000 1411200 1411200 1190700 1014300 992250 882000 705600 705600 584325 507150
    502740 441000 418950 352800 308700 286650 253575 220500 220500 176400 145530 145530 125685
    110250 110250 88200 88200 74970 61740 61740 55125 48510 44100 37485 31311 30870 27562 27562
    22050 18522 17640 15435 14112 13230 11025 9261 9261 7717 6615 6615 5512 5512 4410 3969 3969
    3439 2866 2690 2249 1984 1896 1808 1411 1367 1234 1146 926 837 837 705 573 573 529 441 441
    """
)
"""EG rate 0..76 -> samples at 44.1 kHz that a stage without movement lasts (section 8)."""

LFO_SPEED_HZ = _decimals(
    """
    0.064616 0.129180 0.322760 0.451626 0.645338 0.775606 0.967403 1.162646 1.291078 1.484463
    1.612715 1.810225 1.937344 2.130940 2.321766 2.453249 2.645464 2.775889 2.969351 3.098473
    3.293810 3.481671 3.616331 3.804422 3.938572 4.133570 4.325125 4.453771 4.650638 4.776634
    4.974414 5.094102 5.291876 5.491581 5.615141 5.803763 5.941264 6.144064 6.264011 6.455798
    6.645137 6.782105 6.973447 7.096057 7.286219 7.491197 7.620489 7.807057 7.942696 8.139168
    8.258880 8.453493 8.650251 8.787089 8.973301 9.102960 9.284561 9.425159 9.609244 9.815561
    9.926844 10.123319 10.280457 10.453115 11.624504 11.762135 12.979723 14.130005 14.365766
    15.592906 16.909753 17.191114 18.462936 19.830824 20.069656 21.524706 21.732981 23.249008
    24.800431 25.065161 26.601080 28.075705 28.493820 30.017023 31.712275 32.226635 33.742192
    35.455935 35.824755 37.625125 39.464703 39.829835 41.728026 42.102116 44.040321 45.797249
    46.372797 48.324880 50.203398 50.895859
    """
)
"""LFO speed 0..99 -> Hz (section 9)."""

PITCH_MOD_SENSITIVITY = _integers("0 10 20 33 55 92 153 255")
"""Pitch modulation sensitivity 0..7 -> scale (section 9)."""

AMP_MOD_SENSITIVITY = _decimals("0.000000 0.258824 0.427451 1.000000")
"""Amplitude modulation sensitivity 0..3 -> scale (section 9)."""

PITCH_EG_LEVEL = _integers(
    """
    -128 -116 -104 -95 -85 -76 -68 -61 -56 -52 -49 -46 -43 -41 -39 -37 -35 -33 -32 -31 -30 -29
    -28 -27 -26 -25 -24 -23 -22 -21 -20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10 -9 -8 -7 -6 -5
    -4 -3 -2 -1 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29
    30 31 32 33 34 35 38 40 43 46 49 53 58 65 73 82 92 103 115 127
    """
)
"""Pitch EG level 0..99 -> 1/32 octaves (section 10)."""

PITCH_EG_RATE = _integers(
    """
    1 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 10 10 11 11 12 12 13 13 14 14 15 16 16 17 18 18 19 20 21 22
    23 24 25 26 27 28 30 31 33 34 36 37 38 39 41 42 44 46 47 49 51 53 54 56 58 60 62 64 66 68 70
    72 74 76 79 82 85 88 91 94 98 102 106 110 115 120 125 130 135 141 147 153 159 165 171 178
    185 193 202 211 232 243 254 255
    """
)
"""Pitch EG rate 0..99 -> 1/21.3 octaves per second (section 10)."""


def _sample_and_hold() -> NDArray[np.float64]:
    state, values = 0, []
    for _ in range(128):
        values.append((1 + (state ^ 128)) / 256)
        state = (179 * state + 17) % 256
    return np.array(values)


SAMPLE_AND_HOLD: NDArray[np.float64] = _sample_and_hold()
"""Value of the LFO's sample & hold after 0, 1, 2, ... wraps, 128 to a period (section 9)."""
