"""The distances against their definition and the table in the reference's README, section 4."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.conformance import read_cases
from plugin_core.analysis.reference_distance import average_spectra_db, distance

RATE = 44100
NOISE = np.random.default_rng(5).standard_normal(RATE) * 0.1


def test_a_signal_is_at_no_distance_from_itself():
    same = distance(NOISE, NOISE, RATE)
    assert same.lsd_active_db == same.lsd_all_db == same.envelope_db == same.level_db == 0
    assert same.snr_db > 200


def test_a_quieter_copy_is_as_far_as_it_is_quieter():
    quieter = distance(NOISE, NOISE * 10 ** (-3 / 20), RATE)
    assert quieter.lsd_active_db == pytest.approx(3, abs=0.05)
    assert quieter.envelope_db == pytest.approx(3, abs=1e-9)
    assert quieter.level_db == pytest.approx(-3, abs=1e-9)
    assert quieter.snr_db == pytest.approx(-20 * np.log10(1 - 10 ** (-3 / 20)), abs=1e-9)


def test_silence_is_eighty_db_from_a_steady_sound():
    tone = np.sin(2 * np.pi * 440 / RATE * np.arange(RATE))
    assert distance(tone, np.zeros(RATE), RATE).envelope_db == pytest.approx(80, abs=0.1)


def test_what_is_below_the_floor_does_not_count():
    tone = np.sin(2 * np.pi * 440 / RATE * np.arange(RATE))
    faint = tone + 1e-5 * np.sin(2 * np.pi * 5000 / RATE * np.arange(RATE))
    assert distance(tone, faint, RATE).lsd_all_db < 1e-3


def test_average_spectra_forgive_what_waveforms_do_not():
    other = np.random.default_rng(6).standard_normal(RATE) * 0.1
    x, y = average_spectra_db(NOISE, other, RATE)
    assert np.abs(x - y)[8:].mean() < 0.5
    assert distance(NOISE, other, RATE).lsd_active_db > 4


@pytest.mark.parametrize("shape", [(2047,), (2, 4096)])
def test_signals_too_short_or_of_several_channels_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(samples,\)"):
        distance(np.zeros(shape), np.zeros(shape), RATE)


def test_signals_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        distance(np.zeros(4096), np.zeros(4097), RATE)


def one_db_quieter(x: np.ndarray) -> np.ndarray:
    return x * 10 ** (-1 / 20)


def late(samples: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.concatenate([np.zeros(samples), x[:-samples]])


@pytest.mark.full
@pytest.mark.parametrize(
    ("change", "lsd_active_db", "snr_db", "lsd_p95_db"),
    [
        (one_db_quieter, 0.99, 19, 0.99),
        (late(1), 0.02, 20, 0.03),
        (late(64), 0.79, -3, 1.4),
    ],
    ids=["1 dB quieter", "1 sample late", "64 samples late"],
)
def test_the_distances_are_those_of_the_reference(
    shared: Path, change, lsd_active_db, snr_db, lsd_p95_db
):
    """README, section 4: medians over the plain modern renders, the 9 unstable ones left out."""
    measured = []
    for case in read_cases(shared / "reference" / "dx7"):
        record = case.record
        if record["engine"] != "modern" or record["kind"] == "controller":
            continue
        if record["sensitivity"]["lsd_db"] >= 0.5:
            continue
        audio, rate = soundfile.read(case.path)
        measured.append(distance(audio, change(audio), rate))
    lsd = [each.lsd_active_db for each in measured]
    assert len(lsd) == 204
    assert np.median(lsd) == pytest.approx(lsd_active_db, abs=0.0051)
    assert np.percentile(lsd, 95) == pytest.approx(lsd_p95_db, abs=0.05)
    assert np.median([each.snr_db for each in measured]) == pytest.approx(snr_db, abs=0.6)
