"""Aliasing is that of the instrument: lines fold where theory and the reference have them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli.evaluate_dx7 import render_case
from bridge.conformance import Case, read_cases
from tests.engine.playing import RATE, SINE, on, play

HIGH = 84


@pytest.fixture(scope="module")
def cases(shared: Path) -> tuple[Case, ...]:
    return read_cases(shared / "reference" / "dx7")


def between_harmonics_db(audio: np.ndarray, f0_hz: float) -> float:
    """Return the energy that lies off every multiple of half of f0, in dB of the whole."""
    audio = audio[2048 : 2048 + 32768].astype(np.float64)
    power = np.abs(np.fft.rfft(audio * np.kaiser(len(audio), 20))) ** 2
    frequencies = np.fft.rfftfreq(len(audio), 1 / RATE)
    nearest = np.abs(frequencies / (f0_hz / 2) - np.round(frequencies / (f0_hz / 2)))
    off = nearest * f0_hz / 2 > 12
    return float(10 * np.log10(power[off].sum() / power.sum() + 1e-30))


def test_no_more_lies_between_the_harmonics_than_in_the_reference(cases):
    compared = 0
    for case in cases:
        record = case.record
        is_judged = record["engine"] == "modern" and case.group == "stable"
        name = record["voice_name"].strip()
        if not is_judged or not (record["note"] >= HIGH or name.startswith(("HIALIAS", "MODLVL"))):
            continue
        reference, _ = soundfile.read(case.path)
        if len(reference) < 2048 + 32768:
            continue
        transpose = case.voice.shown("transpose")
        f0_hz = 440 * 2 ** ((record["note"] + transpose - 69) / 12)
        ours = between_harmonics_db(render_case(case), f0_hz)
        theirs = between_harmonics_db(reference, f0_hz)
        assert ours <= max(theirs + 0.5, -90), record["file"]
        compared += 1
    assert compared >= 10


def test_a_high_sine_is_clean():
    """What the sine and its phase leave is more than 100 dB under it."""
    audio = play(SINE, on(0, 100), samples=2048 + 32768)
    assert between_harmonics_db(audio, 440 * 2 ** ((100 - 69) / 12)) < -100


@pytest.mark.parametrize("coarse", [20, 31])
def test_an_operator_above_half_the_rate_folds_to_one_line(coarse):
    """As on the instrument: no line vanishes, it comes back at its distance from the rate."""
    key = 100
    hz = 440 * 2 ** ((key - 69) / 12) * coarse
    folded = abs(hz - RATE * round(hz / RATE))
    audio = play(SINE.edited(op1_coarse=coarse), on(0, key), samples=RATE + 4096)[4096:]
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(RATE)))
    assert np.argmax(spectrum) == pytest.approx(folded, abs=2)
