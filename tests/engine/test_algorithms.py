"""Audio of all 32 algorithms, and of feedback, against the block diagram computed in float64."""

import numpy as np
import pytest
from scipy.special import jv

from plugin_core.dx7.voice import Voice
from tests.conftest import FULL
from tests.engine import block_diagram, facts
from tests.engine.playing import RATE, TICK, engine, events, off, on, play, voice_records

# Different rates, levels and ratios per operator, and moderate indices: nothing chaotic.
RICH = {
    key: value
    for operator, (level, coarse, fine, rate2, detune) in enumerate(
        [(99, 1, 0, 60, 0), (78, 2, 1, 50, 3), (90, 1, 3, 70, -2), (74, 3, 0, 55, 1),
         (82, 1, 50, 45, -5), (70, 4, 2, 65, 7)], start=1
    )
    for key, value in {
        f"op{operator}_level": level,
        f"op{operator}_coarse": coarse,
        f"op{operator}_fine": fine,
        f"op{operator}_detune": detune,
        f"op{operator}_eg_rate1": 85,
        f"op{operator}_eg_rate2": rate2,
        f"op{operator}_eg_level2": 80,
        f"op{operator}_eg_rate4": 60,
    }.items()
}  # fmt: skip


def rich(algorithm: int, feedback: int) -> Voice:
    return Voice.initial().edited(algorithm=algorithm, feedback=feedback, **RICH)


def snr_db(reference: np.ndarray, candidate: np.ndarray) -> float:
    error = candidate - reference
    return float(10 * np.log10((reference @ reference) / (error @ error)))


def expected(voice: Voice, key: int, velocity: int, *, down: int, blocks: int) -> np.ndarray:
    gains = facts.control(voice, key, velocity, down=down, blocks=blocks).gains
    instrument = engine(voice)
    instrument.render(TICK, events(on(0, key)))
    # Pitch has tests of its own; here one count of 2^24 would be heard as a phase that drifts.
    cycles = voice_records(instrument)[0]["increment"].astype(np.float64) / 2**32
    return block_diagram.render(voice.shown("algorithm"), voice.stored("feedback"), gains, cycles)


def check(voice: Voice, key: int, *, above_db: float, blocks: int = 60) -> None:
    down = blocks * 2 // 3
    reference = expected(voice, key, 100, down=down, blocks=blocks)
    found = play(voice, on(0, key), off(down * TICK, key), samples=blocks * TICK)
    assert snr_db(reference, found) > above_db


@pytest.mark.parametrize("algorithm", range(1, 33))
@pytest.mark.parametrize("feedback", [0, 4])
def test_every_algorithm(algorithm, feedback):
    """The bound is what float32 and phases that count 2^24 to the cycle leave."""
    check(rich(algorithm, feedback), 57, above_db=115)


@pytest.mark.full
@pytest.mark.parametrize("algorithm", range(1, 33))
@pytest.mark.parametrize("key", [28, 45, 76, 100])
@pytest.mark.parametrize("feedback", [2, 5])
def test_every_algorithm_on_more_keys(algorithm, key, feedback):
    check(rich(algorithm, feedback), key, above_db=110, blocks=200)


@pytest.mark.parametrize("algorithm", [4, 6])
@pytest.mark.parametrize("feedback", [1, 2, 3, 4, 5, 6, 7])
def test_loops_through_several_operators(algorithm, feedback):
    """Facts sheet, sections 5 and 13: round three and two operators, strength 2^(FB - 10)."""
    check(rich(algorithm, feedback), 57, above_db=100)


@pytest.mark.parametrize("feedback", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("key", [33, 57, 81])
def test_feedback_of_a_single_operator(feedback, key):
    """Algorithm 32: operator 6 on itself. Stronger feedback is chaotic: the last bit decides."""
    silent = {f"op{operator}_level": 0 for operator in range(1, 6)}
    voice = Voice.initial().edited(algorithm=32, feedback=feedback, op6_level=99, **silent)
    check(voice, key, above_db=100)


def test_weak_feedback_against_its_series():
    """A loop y = g sin(x + b y) is Kepler's equation: partials 2 J_n(n b g) / (n b g).

    The loop's memory (the mean of the last two samples) is short against the period of 1604.
    """
    silent = {f"op{operator}_level": 0 for operator in range(1, 6)}
    voice = Voice.initial().edited(algorithm=32, feedback=4, op6_level=99, **silent)
    audio = play(voice, on(0, 21), samples=3 * RATE)[RATE:]
    frequencies = np.fft.rfftfreq(4 * len(audio), 1 / RATE)
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 4 * len(audio)))
    orders = np.arange(1, 6)
    lines = np.array([spectrum[np.abs(frequencies - 27.5 * n) < 4].max() for n in orders])
    index = 0.785398  # rad at g = 2 (facts sheet, section 4)
    kepler = 2 * jv(orders, orders * index) / (orders * index)
    np.testing.assert_allclose(
        20 * np.log10(lines / lines[0]), 20 * np.log10(kepler / kepler[0]), atol=0.1
    )


@pytest.mark.parametrize("rate", [44100, 96000] if FULL else [44100])
def test_many_voices_sound_as_each_alone(rate):
    """Loops of many voices run side by side: nobody hears who else is there."""
    voice = rich(1, 5)
    silent = voice.edited(op1_level=0, op3_level=0)
    keys = range(40, 72)
    samples = rate // 10
    alone = sum(
        play(voice, on(0, key), samples=samples, rate=rate).astype(np.float64) for key in keys
    )
    chord = play(voice, *(on(0, key) for key in keys), samples=samples, rate=rate)
    np.testing.assert_allclose(chord, alone, atol=2e-6)
    assert not play(silent, *(on(0, key) for key in keys), samples=1000).any()
