"""What one neural voice sounds like follows from the controls, the pitch and the clock."""

import numpy as np
import pytest

from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_frames import PLAYING_GAIN_DB
from plugin_core.engine.live_model import LiveInstrument
from plugin_core.engine.records import EventType
from plugin_core.engine.single_note import play_note
from plugin_core.performing import playing
from plugin_core.types import Expression

from .live_organ import TYPICAL, amplitude, live_engine, load, organ, play_live, shares
from .playing import bend, controller, events, off, on, parameter

RATE = 48000
OBEY = parameter(0, "performer", 0)
STEADY = parameter(0, "vibrato", 0)


def spectrum(audio, f0_hz, harmonics, rate=RATE):
    """Return the amplitudes of the first harmonics: sines fitted to the audio."""
    times = np.arange(len(audio)) / rate
    angles = 2 * np.pi * f0_hz * np.outer(times, np.arange(1, harmonics + 1))
    basis = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    parts = np.linalg.lstsq(basis, audio.astype(np.float64), rcond=None)[0]
    return np.hypot(parts[:harmonics], parts[harmonics:])


def frequency(audio, near_hz, rate=RATE):
    """Return the frequency of a steady tone by its phase's advance over the audio."""
    times = np.arange(len(audio)) / rate
    turned = audio * np.exp(-2j * np.pi * near_hz * times)
    half = len(audio) // 2
    window = np.hanning(half)
    first, second = np.sum(turned[:half] * window), np.sum(turned[half : 2 * half] * window)
    return near_hz + np.angle(second / first) / (2 * np.pi) / (half / rate)


def test_playing_gain_is_that_of_the_other_models():
    assert PLAYING_GAIN_DB == playing.PLAYING_GAIN_DB


@pytest.mark.parametrize("volume", [0.5, 0.75, 1.0])
def test_volume_is_the_level(volume):
    audio = play_live(OBEY, STEADY, parameter(0, "volume", volume), on(0), samples=24000)
    levels = spectrum(audio[4800:14400], 440.0, 54)
    assert levels.sum() == pytest.approx(amplitude(volume), rel=2e-3)


@pytest.mark.parametrize("brightness", [0.2, 0.4])
def test_brightness_is_the_spectrum(brightness):
    audio = play_live(OBEY, STEADY, parameter(0, "brightness", brightness), on(0), samples=24000)
    levels = spectrum(audio[4800:14400], 440.0, 40)
    wanted = amplitude(TYPICAL[0]) * shares(brightness)[:40]
    np.testing.assert_allclose(levels, wanted, rtol=5e-3, atol=2e-6)


def test_volume_below_a_fiftieth_fades_to_silence():
    assert not play_live(OBEY, parameter(0, "volume", 0), on(0), samples=9600).any()
    half = play_live(OBEY, STEADY, parameter(0, "volume", 0.01), on(0), samples=24000)
    levels = spectrum(half[4800:14400], 440.0, 54)
    assert levels.sum() == pytest.approx(amplitude(0.01) / 2, rel=0.01)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000, 192000])
def test_the_pitch_is_the_keys_at_every_rate(rate):
    audio = play_live(OBEY, STEADY, on(0, 57), samples=rate, rate=rate)
    assert frequency(audio[rate // 5 :], 220.0, rate) == pytest.approx(220.0, abs=0.002)


@pytest.mark.parametrize(
    ("events_", "cents"),
    [
        ([parameter(0, "master_tune", 50)], 50),
        ([bend(0, 16383)], 200 * 8191 / 8192),
        ([parameter(0, "pitch_bend_range", 12), bend(0, 0)], -1200),
    ],
)
def test_tuning_and_bend(events_, cents):
    audio = play_live(OBEY, STEADY, *events_, on(0), samples=RATE)
    wanted = 440.0 * 2 ** (cents / 1200)
    assert frequency(audio[9600:], wanted) == pytest.approx(wanted, abs=0.01)


def test_channel_and_output_gain():
    plain = play_live(OBEY, STEADY, on(0), samples=9600)
    louder = play_live(
        OBEY, STEADY, parameter(0, "output_gain", 6), controller(0, 7, 50), on(0), samples=9600
    )
    gain = 10 ** (6 / 20) * 0.25
    np.testing.assert_allclose(louder, gain * plain, atol=1e-6)


def test_a_note_sounds_within_4_ms_in_its_own_block():
    engine = live_engine()
    engine.render(64, events(load(), OBEY))
    audio = engine.render(192, events(on(0)))
    levels = np.abs(audio)
    assert levels.max() > 0.3 * amplitude(TYPICAL[0])
    assert levels[:24].max() > 1e-3


def test_blocks_do_not_show():
    table = (
        parameter(0, "vibrato", 0.8),
        on(5, 60),
        on(3001, 64),
        off(4000, 60),
        parameter(5003, "volume", 0.6),
        bend(6007, 12000),
        off(7001, 64),
        on(7101, 67),
        off(9001, 67),
    )
    model = organ(life=(6.0, 5.0, 2.0, 0.02), noise_nepers=4.0, off_nepers=-4.0)
    whole = play_live(*table, samples=14400, model=model, block=8192)
    assert np.abs(whole).max() > 0.01
    for block in (1, 64, 333):
        cut = play_live(*table, samples=14400, model=model, block=block)
        np.testing.assert_array_equal(cut, whole)


def test_the_performer_plays_around_the_lane():
    predicted = Expression(*TYPICAL)._replace(volume=0.9)
    model = organ(predicted=predicted)
    lane = 0.7

    def level(performer):
        audio = play_live(
            parameter(0, "performer", performer),
            STEADY,
            parameter(0, "volume", lane),
            on(0),
            samples=24000,
            model=model,
        )
        return spectrum(audio[4800:14400], 440.0, 54).sum()

    assert level(0) == pytest.approx(amplitude(lane), rel=5e-3)
    assert level(0.5) == pytest.approx(amplitude(lane + 0.5 * (0.9 - TYPICAL[0])), rel=5e-3)
    assert level(1) == pytest.approx(amplitude(lane + 0.9 - TYPICAL[0]), rel=5e-3)


def test_vibrato_reads_as_what_was_asked():
    """A sine of v / 3.75 semitones at the instrument's own rate (DESIGN.md, section 5)."""
    engine = live_engine(organ(life=(6.0, 0.0, 0.0, 0.1)))
    engine.render(64, events(load(), OBEY, parameter(0, "vibrato", 0.6), on(0)))
    f0 = []
    for _ in range(1500):
        engine.render(64)
        f0.append(engine._memory.players["f0_hz"][0, 1])
    cents = 1200 * np.log2(np.array(f0) / 440.0)[300:]
    assert np.abs(cents).max() == pytest.approx(100 * 0.6 / 3.75, rel=0.01)
    crossings = np.flatnonzero((cents[:-1] < 0) & (cents[1:] >= 0))
    assert RATE / 64 / np.diff(crossings).mean() == pytest.approx(6.0, rel=0.03)


def test_drift_and_flicker_are_as_deep_as_asked():
    engine = live_engine(organ(life=(5.5, 6.0, 3.0, 0.02)))
    engine.render(64, events(load(), OBEY, STEADY, on(0, 48)))
    f0, logs = [], []
    for _ in range(6000):
        engine.render(192)
        f0.append(engine._memory.players["f0_hz"][0, 1])
        logs.append(np.log(engine._memory.players["partials"][0, 1, :20]))
    cents = 1200 * np.log2(np.array(f0))
    assert cents.std() == pytest.approx(6.0, rel=0.3)
    # What is common to all harmonics has no effect on their shares.
    moved = np.array(logs) - np.mean(logs, axis=1, keepdims=True)
    deviation_db = moved.std(axis=0).mean() * 20 / np.log(10)
    assert deviation_db == pytest.approx(3.0 * np.sqrt(1 - 1 / 20), rel=0.1)


def test_one_note_alone():
    model = organ()
    parameters = {"performer": 0, "vibrato": 0}
    alone = play_note(
        LiveInstrument(model, 0),
        pitch=69,
        velocity=100,
        on_samples=9600,
        total_samples=14400,
        sample_rate=RATE,
        parameters=parameters,
    )
    played = play_live(OBEY, STEADY, on(0), off(9600), samples=14400, model=model)
    np.testing.assert_array_equal(alone, played)


def test_seeds_differ_and_repeat():
    model = organ(noise_nepers=3.0)
    first = play_live(on(0), samples=9600, model=model)
    again = play_live(on(0), samples=9600, model=model)
    other = play_live(parameter(0, "seed", 1), on(0), samples=9600, model=model)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-5


def test_noise_has_the_level_that_was_asked():
    """Magnitude 1 is the density of white noise uniform in +-1 at 48 kHz."""
    nepers = 3.0
    model = organ(noise_nepers=nepers)
    audio = play_live(OBEY, parameter(0, "volume", 0.1), on(0), samples=2 * RATE, model=model)
    magnitude = 10 ** ((-85 + PLAYING_GAIN_DB) / 20) * np.exp(nepers)
    wanted = magnitude / np.sqrt(3)
    assert np.std(audio[9600:]) == pytest.approx(wanted, rel=0.05)


def test_what_is_not_finite_is_silent():
    model = organ()
    engine = live_engine(model)
    # Weights as no check would let through: a slot is not written while it plays.
    engine._memory.weights[0, : len(model.weights)] = np.inf
    audio = engine.play(events(load(), on(0), off(9600)), 48000)
    assert np.isfinite(audio).all()
    assert engine.sounding == 0


def test_an_event_without_a_model_does_nothing():
    engine = live_engine(organ())
    wrong = [load(0, 2), load(0, -1), load(0, 0, slot=1), load(0, 0, slot=4), load(0, 0, slot=-1)]
    engine.render(64, events(*wrong))
    assert engine._memory.instruments["kind"][0] == 0
    table = [(0, EventType.MODEL, 0, 0, -1, 0, np.nan)]
    engine.render(64, events(*table))
    assert engine._memory.instruments["kind"][0] == 0


def test_a_frame_above_192_khz_holds():
    """Rates at which hosts hardly play: the same sound, every sample twice."""
    engine = live_engine(rate=192000)
    slow = engine.play(events(load(), OBEY, STEADY, on(0)), 9600)
    assert isinstance(engine, Engine)
    memory = engine._memory
    engine.reset()
    engine._bound.start(384000.0)
    fast = engine.play(events(load(), OBEY, STEADY, on(0)), 19200)
    assert memory.lives["hold"][0] == 2
    np.testing.assert_allclose(fast[::2], slow, atol=1e-5)
    np.testing.assert_array_equal(fast[::2], fast[1::2])
