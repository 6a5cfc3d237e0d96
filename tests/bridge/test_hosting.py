import numpy as np
import pytest
import soundfile
from pedalboard_native._internal import AddLatency

from bridge.effects import OpenEffect, effect_names, parameter_names
from bridge.hosting import EffectChain
from plugin_core.session import Effect
from plugin_core.types import InputError

RATE = 48000


def chain(*effects: Effect, rate: int = RATE, **others) -> EffectChain:
    return EffectChain(effects, sample_rate=rate, **others)


def refusal(*effects: Effect, **others) -> str:
    with pytest.raises(InputError) as caught:
        chain(*effects, **others)
    line = str(caught.value)
    assert "\n" not in line
    return line


def burst(samples: int, at: int, rate: int) -> np.ndarray:
    """A tone of 1 kHz under a bell of some milliseconds around sample `at`, shape (samples,)."""
    times = (np.arange(samples) - at) / rate
    return (0.3 * np.exp(-((times / 0.004) ** 2)) * np.cos(2 * np.pi * 1000 * times)).astype("f4")


def centre(audio: np.ndarray) -> float:
    energy = audio.astype(float) ** 2
    return float((energy * np.arange(len(energy))).sum() / energy.sum())


def test_no_effects_leave_mono_as_stereo():
    audio = np.linspace(-1, 1, 50, dtype=np.float32)
    assert np.array_equal(chain().process(audio), np.stack([audio, audio]))


def test_effects_run_in_order():
    loud_first = chain(
        Effect("Gain", {"gain_db": 20.0}), Effect("Clipping", {"threshold_db": -6.0})
    )
    loud_last = chain(Effect("Clipping", {"threshold_db": -6.0}), Effect("Gain", {"gain_db": 20.0}))
    audio = np.full(4000, 0.9, np.float32)
    assert loud_first.process(audio).max() == pytest.approx(10 ** (-6 / 20), rel=1e-3)
    assert loud_last.process(audio).max() == pytest.approx(10 ** (14 / 20), rel=1e-3)


def test_a_gain_is_what_it_says():
    audio = np.full(20000, 0.1, np.float32)
    out = chain(Effect("Gain", {"gain_db": -6.0})).process(audio)
    assert out[0, -1] == pytest.approx(0.1 * 10 ** (-6 / 20), rel=1e-4)


def test_effects_hear_stereo():
    audio = np.zeros(RATE, np.float32)
    audio[0] = 0.5
    left, right = chain(Effect("Reverb", {"width": 1.0})).process(audio)
    assert not np.array_equal(left, right)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
@pytest.mark.parametrize(
    "name", ["Compressor", "Limiter", "BrickwallLimiter", "NoiseGate", "Resample", "Distortion"]
)
def test_what_comes_out_is_aligned_with_what_went_in(name, rate):
    samples, at = rate + 17, rate // 2
    parameters = {"target_sample_rate": rate * 0.7} if name == "Resample" else {}
    out = chain(Effect(name, parameters), rate=rate).process(burst(samples, at, rate))
    assert out.shape == (2, samples)
    assert centre(out[0]) == pytest.approx(at, abs=1.0)


@pytest.mark.parametrize("semitones", [-12.0, 0.0, 7.0, 12.0])
def test_a_shifted_pitch_stays_within_the_window_of_the_shifter(semitones):
    out = chain(Effect("PitchShift", {"semitones": semitones})).process(
        burst(RATE, RATE // 2, RATE)
    )
    assert out.shape == (2, RATE)
    assert abs(centre(out[0]) - RATE // 2) < 0.015 * RATE


@pytest.mark.parametrize(
    ("latency", "in_pieces"), [(1, True), (4000, True), (1, False), (4000, False), (44100, False)]
)
def test_a_reported_latency_is_taken_off(latency, in_pieces, monkeypatch):
    delaying = chain(Effect("Gain", {"gain_db": 0.0}))
    monkeypatch.setattr("bridge.hosting.PIECE", 8192)
    monkeypatch.setattr(delaying, "_effects", [OpenEffect("late", AddLatency(latency), in_pieces)])
    audio = burst(30000, 12000, RATE)
    assert np.abs(delaying.process(audio)[0] - audio).max() < 1e-6


def test_a_convolution_with_an_impulse_is_aligned(tmp_path):
    response = np.zeros(4800, np.float32)
    response[0] = 1
    soundfile.write(tmp_path / "hall.wav", response, RATE)
    effect = Effect("Convolution", {"impulse_response_filename": "hall.wav"})
    out = chain(effect, folder=tmp_path).process(burst(RATE, 20000, RATE))
    assert centre(out[0]) == pytest.approx(20000, abs=1.0)


def test_every_effect_takes_the_parameters_it_lists(tmp_path):
    soundfile.write(tmp_path / "hall.wav", np.ones(10), RATE)
    for name in effect_names():
        assert "is_effect" not in parameter_names(name)
        needed = {"impulse_response_filename": "hall.wav"} if name == "Convolution" else {}
        out = chain(Effect(name, needed), folder=tmp_path).process(burst(5000, 2500, RATE))
        assert out.shape == (2, 5000)


def test_what_passes_in_pieces_is_what_passes_in_one(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "hall.wav", np.linspace(1, 0, 3000), RATE)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 100_000)).astype("f4")
    for name in effect_names():
        needed = {"impulse_response_filename": "hall.wav"} if name == "Convolution" else {}
        effect = Effect(name, needed)
        whole = chain(effect, folder=tmp_path).process(noise)
        monkeypatch.setattr("bridge.hosting.PIECE", 16384)
        pieces = chain(effect, folder=tmp_path).process(noise)
        monkeypatch.undo()
        assert whole.shape == pieces.shape == noise.shape, name
        assert np.abs(whole - pieces).max() < 1e-6, name


def test_choices_are_given_by_name():
    chain(Effect("LadderFilter", {"mode": "HPF24", "cutoff_hz": 300.0}))
    assert "LPF12, HPF12" in refusal(Effect("LadderFilter", {"mode": "lowpass"}))


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        (Effect("Revrb"), "nearest: Reverb"),
        (Effect("reverb"), "nearest: Reverb"),
        (Effect("qqqqqq"), "there are Bitcrush, BrickwallLimiter"),
        (Effect("Pedalboard"), "found 'Pedalboard'"),
        (Effect("VST3Plugin"), "found 'VST3Plugin'"),
        (Effect("Reverb", {"roomsize": 0.3}), "nearest: room_size"),
        (Effect("Reverb", {"room_size": 3.0}), "must be between 0.0 and 1.0"),
        (Effect("Reverb", {"room_size": "large"}), "room_size = a finite number, found 'large'"),
        (Effect("Compressor", {"ratio": True}), "ratio = a finite number, found True"),
        (Effect("Compressor", {"ratio": 0.2}), "ratio"),
        (Effect("BrickwallLimiter", {"true_peak": 1.0}), "true or false"),
        (Effect("LowpassFilter", {"cutoff_frequency_hz": 30000.0}), "half the sample rate, 24000"),
        (Effect("LowpassFilter", {"cutoff_frequency_hz": 0.0}), "above 0"),
        (Effect("Convolution"), "impulse_response_filename"),
        (Effect("Convolution", {"impulse_response_filename": "no.wav"}), "no file"),
        (Effect("no.vst3"), "expected a plug-in, found no file"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(effect, told, tmp_path):
    line = refusal(effect, folder=tmp_path, where=("song.toml", "track 2 (Bass), effect"))
    assert line.startswith(f"song.toml: track 2 (Bass), effect 1 ({effect.name}): expected ")
    assert told in line


def test_a_codec_that_does_not_know_the_rate_is_told_before_anything_plays():
    assert "96000 Hz" in refusal(Effect("MP3Compressor"), rate=96000)


def test_a_file_that_is_no_plug_in_is_told(tmp_path):
    (tmp_path / "fake.vst3").write_text("nothing")
    assert "a plug-in that loads" in refusal(Effect("fake.vst3"), folder=tmp_path)


def test_a_file_that_is_no_audio_is_no_impulse_response(tmp_path):
    (tmp_path / "song.txt").write_text("la la la")
    effect = Effect("Convolution", {"impulse_response_filename": "song.txt"})
    assert "an audio file" in refusal(effect, folder=tmp_path)


class FakePlugin:
    """A VST3 plug-in as Pedalboard shows it."""

    name = "Fake EQ"
    is_effect = True
    parameters = {"low_gain": object()}  # noqa: RUF012
    _low_gain = 0.0

    @property
    def low_gain(self) -> float:
        return self._low_gain

    @low_gain.setter
    def low_gain(self, value: float) -> None:
        if value > 12:
            raise ValueError("Value 99 is out of range [-12, 12]")
        self._low_gain = value

    def reset(self):
        pass

    def process(self, audio, sample_rate, *, reset):
        return audio * 10 ** (self._low_gain / 20)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    (tmp_path / "eq.vst3").mkdir()
    monkeypatch.setattr("pedalboard.load_plugin", lambda path: FakePlugin())
    return tmp_path


def test_a_plug_in_is_loaded_by_its_path_with_its_parameters(plugin):
    loaded = chain(Effect("eq.vst3", {"low_gain": 6.0}), folder=plugin)
    out = loaded.process(np.full(10, 0.1, np.float32))
    assert out[0] == pytest.approx(np.full(10, 0.1 * 10 ** (6 / 20)), rel=1e-6)


def test_a_plug_in_tells_what_it_does_not_know(plugin):
    assert "nearest: low_gain" in refusal(Effect("eq.vst3", {"lowgain": 1.0}), folder=plugin)
    assert "out of range" in refusal(Effect("eq.vst3", {"low_gain": 99.0}), folder=plugin)


def test_an_instrument_is_no_effect(plugin, monkeypatch):
    monkeypatch.setattr(FakePlugin, "is_effect", False)
    assert "an effect plug-in" in refusal(Effect("eq.vst3"), folder=plugin)


def test_an_effect_that_breaks_the_audio_is_told(plugin, monkeypatch):
    monkeypatch.setattr(FakePlugin, "process", lambda self, a, r, reset: a * np.float32("nan"))
    with pytest.raises(InputError, match="finite audio"):
        chain(Effect("eq.vst3"), folder=plugin).process(np.ones(10, np.float32))


def test_a_delay_rings_for_as_long_as_it_repeats():
    # Repeats halve: the n-th after the first is 6.02 n dB below it, and 80 dB are passed after 13.
    delay = Effect("Delay", {"delay_seconds": 1.0, "feedback": 0.5, "mix": 1.0})
    assert chain(delay).ring_s() == pytest.approx(14.0, abs=1.0)


def test_effects_without_memory_ring_for_nothing():
    assert chain(Effect("Gain"), Effect("Clipping")).ring_s() == 0
    assert chain().ring_s() == 0
