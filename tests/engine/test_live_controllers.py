"""Controllers, per-note values and portamento on neural voices: as on FM voices."""

import numpy as np
import pytest

from plugin_core.engine.records import EventType, Status

from .live_organ import TYPICAL, amplitude, live_engine, load, organ
from .playing import bend, controller, events, on, parameter, pressure

FRAME = 192
POLY = parameter(0, "voice_mode", 0)
QUIET = (load(), parameter(0, "performer", 0), parameter(0, "vibrato", 0))


def settled(*table, frames=50, model=None):
    """Return an engine that has played events and then some frames of 4 ms."""
    engine = live_engine(*([model] if model else []))
    engine.render(FRAME, events(*QUIET, *table))
    for _ in range(frames):
        engine.render(FRAME)
    return engine


def of_key(engine, key):
    """Return the player of a held key."""
    voices = engine._memory.voices
    row = voices[(voices["status"] == Status.HELD) & (voices["key"] == key)]
    return engine._memory.players[row["player"][0]]


def f0_hz(engine, key):
    return float(of_key(engine, key)["f0_hz"][1])


def hertz(pitch):
    return 440.0 * 2 ** ((pitch - 69) / 12)


def test_in_mpe_every_note_bends_by_itself():
    engine = settled(
        parameter(0, "mpe", 1),
        POLY,
        on(0, 60, channel=1),
        on(0, 64, channel=2),
        bend(0, 8192 + 4096, channel=1),
    )
    assert f0_hz(engine, 60) == pytest.approx(hertz(60 + 48 / 2), rel=1e-6)
    assert f0_hz(engine, 64) == pytest.approx(hertz(64), rel=1e-6)


def test_in_mpe_pressure_is_volume_and_slide_brightness():
    engine = settled(
        parameter(0, "mpe", 1),
        POLY,
        on(0, 60, channel=1),
        on(0, 64, channel=2),
        pressure(0, 100, channel=1),
        controller(0, 74, 50, channel=1),
    )
    controls = of_key(engine, 60)["controls"]
    assert controls[0] == pytest.approx(100 / 127)
    assert controls[4] == pytest.approx(50 / 127)
    np.testing.assert_allclose(of_key(engine, 64)["controls"][[0, 4]], np.array(TYPICAL)[[0, 4]])
    total = of_key(engine, 60)["partials"][1].sum()
    assert total == pytest.approx(amplitude(100 / 127), rel=1e-3)


@pytest.mark.parametrize(
    ("number", "control"), [(11, 0), (20, 1), (21, 2), (1, 3), (74, 4), (73, 5)]
)
def test_midi_controllers_set_the_controls(number, control):
    engine = settled(on(0, 60), controller(0, number, 100))
    assert of_key(engine, 60)["controls"][control] == pytest.approx(100 / 127, abs=1e-4)


def test_a_control_of_one_note_alone():
    own = (0, EventType.NOTE_CONTROL, 0, 64, -1, 0, 0.95)
    engine = settled(POLY, on(0, 60), on(0, 64), own)
    assert of_key(engine, 64)["controls"][0] == pytest.approx(0.95)
    assert of_key(engine, 60)["controls"][0] == pytest.approx(TYPICAL[0])


def test_what_is_asked_is_heard_within_two_frames():
    engine = settled(on(0, 60))
    engine.render(96)
    engine.render(96, events(controller(0, 11, 10)))
    before = of_key(engine, 60)["partials"][1].sum()
    assert before == pytest.approx(amplitude(TYPICAL[0]), rel=1e-3)
    engine.render(FRAME)
    after = of_key(engine, 60)["partials"][1].sum()
    assert after < before


def test_a_slur_glides_from_the_note_before():
    """The network says how much of the interval is left: here always all of it."""
    engine = settled(on(0, 60), model=organ(glide=True))
    assert f0_hz(engine, 60) == pytest.approx(hertz(60), rel=1e-6)
    engine.render(FRAME, events(on(0, 67)))
    assert f0_hz(engine, 67) == pytest.approx(hertz(60), rel=1e-6)


def test_portamento_glides_at_the_rate_that_is_set():
    """2100 x 2^(-0.062 t) semitones a second; it takes the place of the network's glide."""
    table = [parameter(0, "portamento", 1), parameter(0, "portamento_time", 80), on(0, 60)]
    engine = settled(*table, model=organ(glide=True))
    engine.render(FRAME, events(on(0, 72)))
    step = 2100 * 2 ** (-0.062 * 80) / 250
    # The second frame of the note: two steps of the way.
    assert f0_hz(engine, 72) == pytest.approx(hertz(60 + 2 * step), rel=1e-5)
    for _ in range(50):
        engine.render(FRAME)
    assert f0_hz(engine, 72) == pytest.approx(hertz(72), rel=1e-6)


@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_frames_are_at_the_samples_nearest_to_their_times(rate):
    """From the note-on on, wherever that is, every 1/250 s."""
    engine = live_engine(rate=rate)
    engine.render(101, events(*QUIET))
    engine.render(1, events(on(0, 60)))
    seen = [int(engine._memory.players["frame"][0])]
    for _ in range(rate // 20):
        engine.render(1)
        seen.append(int(engine._memory.players["frame"][0]))
    changes = np.flatnonzero(np.diff(seen)) + 1
    wanted = np.floor(np.arange(1, len(changes) + 1) * rate / 250 + 0.5)
    np.testing.assert_array_equal(changes, wanted)
