"""Which neural voice plays which key: slurs, new attacks, chords, pedals, style, ends."""

import numpy as np
import pytest

from plugin_core.engine.live_frames import FADE_TO_S
from plugin_core.engine.live_records import LIVE_VOICES, PLAYERS
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_MODES
from plugin_core.engine.records import VOICES, EventType, Kind, Status

from .live_organ import TYPICAL, live_engine, load, organ, play_live
from .playing import controller, events, off, on, parameter

POLY, MONO, LEGATO = range(len(VOICE_MODES))
LONG = 200_000


def started(*table, model=None):
    """Return an engine with the organ loaded that has rendered events."""
    engine = live_engine(*([model] if model else []))
    last = max((event[0] for event in table), default=0)
    engine.play(events(load(), *table), last + 64, block=64)
    return engine


def keys(engine, *statuses):
    """Return (key, player) of every neural voice in one of these states, by key."""
    voices = engine._memory.voices
    chosen = (voices["kind"] == Kind.NEURAL) & np.isin(voices["status"], statuses)
    rows = voices[chosen]
    pairs = zip(rows["key"], rows["player"], strict=True)
    return sorted((int(key), int(player)) for key, player in pairs)


def held(engine):
    return keys(engine, Status.HELD)


def test_legato_is_the_usual_mode_and_only_of_neural_sounds():
    engine = live_engine()
    mode = PARAMETER_INDEX["voice_mode"]
    assert engine.parameters[mode] == POLY
    engine.render(64, events(load()))
    assert engine.parameters[mode] == LEGATO
    engine.render(64, events((0, EventType.SOUND, 0, 0, -1, 0, 0)))
    assert engine.parameters[mode] == POLY


def test_a_mode_that_was_asked_for_stays():
    engine = live_engine()
    engine.render(64, events(parameter(0, "voice_mode", MONO), load()))
    assert engine.parameters[PARAMETER_INDEX["voice_mode"]] == MONO


def test_overlapping_keys_are_one_player_without_a_new_attack():
    engine = started(on(0, 60), on(9600, 64))
    assert held(engine) == [(64, 0)]
    assert engine._memory.voices["gap_s"][0] == 0
    assert engine._memory.voices["previous"][0] == 60


def test_apart_keys_begin_anew_in_the_player_that_rings():
    engine = started(on(0, 60), off(9600, 60), on(14400, 64))
    assert held(engine) == [(64, 0)]
    assert keys(engine, Status.RELEASED, Status.FADING) == []
    assert engine._memory.voices["gap_s"][0] == pytest.approx(0.1)


def test_mono_always_begins_anew():
    engine = started(load(), parameter(0, "voice_mode", MONO), on(0, 60), on(9600, 64))
    assert held(engine) == [(64, 0)]
    assert engine._memory.voices["gap_s"][0] > 0


def test_keys_struck_together_have_players_of_their_own():
    engine = started(on(0, 60), on(0, 64), on(2300, 67), on(2500, 72))
    assert held(engine) == [(60, 0), (64, 1), (72, 2)]


def test_poly_gives_every_key_a_player():
    engine = started(load(), parameter(0, "voice_mode", POLY), on(0, 60), on(9600, 64))
    assert held(engine) == [(60, 0), (64, 1)]
    assert engine._memory.voices["previous"][1] < 0


def test_a_key_that_is_lifted_gives_the_voice_back_to_the_one_below():
    engine = started(on(0, 60), on(9600, 64), off(19200, 64))
    assert held(engine) == [(60, 0)]
    engine.play(events(off(0, 60)), 64)
    assert held(engine) == []
    assert keys(engine, Status.RELEASED) == [(60, 0)]


def test_chords_let_go_key_by_key():
    engine = started(on(0, 60), on(0, 64), on(0, 67), off(9600, 64))
    assert held(engine) == [(60, 0), (67, 2)]


def test_at_most_eight_sound_and_stolen_ones_fade():
    table = [on(3000 * index, 48 + index) for index in range(14)]
    engine = live_engine()
    engine.render(64, events(load(), parameter(0, "voice_mode", POLY)))
    engine.play(events(*table), 3000 * 13 + 64, block=64)
    assert held(engine) == [(key, held_player) for key, held_player in held(engine)]
    assert [key for key, _ in held(engine)] == list(range(54, 62))
    assert len(held(engine)) == LIVE_VOICES
    assert keys(engine, Status.FADING) != []
    engine.render(480)
    assert engine.sounding == LIVE_VOICES


def test_fewer_voices_where_the_polyphony_is_less():
    table = [load(), parameter(0, "voice_mode", POLY), parameter(0, "polyphony", 2)]
    engine = started(*table, *(on(3000 * index, 48 + index) for index in range(4)))
    assert [key for key, _ in held(engine)] == [50, 51]


def test_a_storm_of_notes_never_lacks_a_player():
    engine = live_engine()
    engine.render(64, events(load(), parameter(0, "voice_mode", POLY)))
    for index in range(200):
        audio = engine.render(16, events(*(on(i, 30 + (7 * index + i) % 70) for i in range(16))))
        assert np.isfinite(audio).all()
        voices = engine._memory.voices
        players = voices["player"][(voices["status"] > 0) & (voices["kind"] == Kind.NEURAL)]
        assert len(set(players)) == len(players) <= PLAYERS


def test_a_stolen_voice_does_not_click():
    """It fades within four ticks of 64/44100 s: no step is greater than its own waveform's."""
    table = [parameter(0, "voice_mode", POLY), parameter(0, "polyphony", 1), on(0, 40)]
    alone = play_live(*table, samples=24000)
    mute = controller(0, 7, 0, channel=1)
    both = play_live(*table, mute, on(12000, 90, channel=1), samples=24000)
    assert np.abs(both[12300:]).max() < 1e-6
    usual = np.abs(np.diff(alone[9600:])).max()
    assert np.abs(np.diff(both[11000:13000])).max() < 1.5 * usual


@pytest.mark.parametrize("number", [64, 66])
def test_pedals_hold(number):
    engine = started(on(0, 60), controller(4800, number, 127), off(9600, 60))
    assert held(engine) == [(60, 0)]
    engine.play(events(controller(0, number, 0)), 64)
    assert held(engine) == []


def test_a_pedal_note_begins_anew_in_its_player():
    engine = started(on(0, 60), controller(0, 64, 127), off(9600, 60), on(19200, 64))
    assert held(engine) == [(64, 0)]


def test_all_notes_and_all_sound_off():
    engine = started(on(0, 60), on(9600, 64), controller(19200, 123, 0))
    assert held(engine) == []
    engine = started(on(0, 60), controller(9600, 120, 0))
    engine.render(480)
    assert engine.sounding == 0


@pytest.mark.parametrize("off_nepers", [0.0, 3.0])
def test_a_note_that_never_falls_silent_is_faded(off_nepers):
    model = organ(off_nepers=off_nepers, noise_nepers=3.0)
    engine = live_engine(model)
    audio = engine.play(events(load(), on(0, 60), off(9600, 60)), 48000 * 3)
    assert engine.sounding == 0
    assert not audio[int(9600 + (FADE_TO_S + 0.02) * 48000) :].any()
    assert np.abs(audio[9600 + 48000 : 9600 + 60000]).max() > 1e-3


def test_a_tail_never_gets_louder():
    """A network that rises after the release is held to where it was."""
    model = organ(off_nepers=3.0)
    audio = play_live(
        parameter(0, "vibrato", 0), on(0, 60), off(9600, 60), samples=60000, model=model
    )
    windows = np.abs(audio[12000:]).reshape(-1, 4800).max(axis=1)
    assert (np.diff(windows) < 1e-3).all()


def test_style_ends_a_note_though_its_key_is_down():
    """After shortest / (1 - 2 style) seconds; from a half on the key decides."""
    model = organ(shortest_s=0.1)
    for style, seconds in ((0.0, 0.1), (0.25, 0.2)):
        table = [parameter(0, "style", 127 * style), parameter(0, "vibrato", 0), on(0, 60)]
        audio = play_live(*table, samples=24000, model=model)
        levels = np.abs(audio).reshape(-1, 192).max(axis=1)
        loud = np.flatnonzero(levels > 0.5 * levels.max())
        assert loud[-1] * 0.004 == pytest.approx(seconds, abs=0.009)
    table = [parameter(0, "style", 64), on(0, 60)]
    assert np.abs(play_live(*table, samples=24000, model=model)[20000:]).max() > 0.01


def test_a_note_that_style_has_ended_is_over_for_the_next():
    model = organ(shortest_s=0.1)
    engine = started(parameter(0, "style", 0), on(0, 60), on(14400, 64), model=model)
    assert held(engine) == [(64, 0)]
    voices = engine._memory.voices
    gap_s = voices["gap_s"][voices["status"] == Status.HELD]
    assert gap_s == pytest.approx(0.2, abs=0.005)


def test_sounding_notes_keep_their_sound_when_another_is_loaded():
    engine = started(on(0, 60), load(9600, 1), on(9700, 64))
    voices = engine._memory.voices
    rows = voices[voices["status"] == Status.HELD]
    assert sorted(zip(rows["key"], rows["model_instrument"], strict=True)) == [(60, 0), (64, 1)]
    engine.render(64, events(off(0, 60)))
    assert held(engine) == [(64, 1)]


def test_loading_a_sound_is_not_heard_in_notes_that_sound():
    quiet = [parameter(0, "vibrato", 0), parameter(0, "performer", 0), on(0, 60)]
    plain = play_live(*quiet, samples=24000)
    other = play_live(*quiet, load(9600, 1), samples=24000)
    np.testing.assert_allclose(other, plain, atol=2e-6)
    fm = play_live(*quiet, (9600, EventType.SOUND, 0, 0, -1, 0, 0), samples=24000)
    np.testing.assert_allclose(fm, plain, atol=2e-6)


def test_controls_move_to_the_new_sound_unless_they_were_asked_for():
    engine = live_engine()
    engine.render(64, events(parameter(0, "brightness", 0.9), load()))
    wanted = np.array(TYPICAL)
    wanted[4] = 0.9
    np.testing.assert_allclose(engine.parameters[:6], wanted, atol=1e-6)
    engine.render(64, events(load(0, 1)))
    wanted[[0, 1, 2, 3]] -= 1 / 16
    np.testing.assert_allclose(engine.parameters[:6], wanted, atol=1e-6)
    engine.render(64, events((0, EventType.SOUND, 0, 0, -1, 0, 0)))
    np.testing.assert_allclose(engine.parameters[:6], [0.5, 0, 0.5, 0, 0.9, 0], atol=1e-6)


def test_fm_voices_do_not_notice_neural_ones():
    """To the bit: the neural voice plays on a channel whose gain is 0."""
    notes = [on(100, 60), on(5000, 67), off(20000, 60), off(24000, 67)]
    engine = live_engine()
    alone = engine.play(events(*notes), 48000)
    engine.reset()
    mute = controller(0, 7, 0, channel=5)
    sound = (0, EventType.SOUND, 0, 0, -1, 0, 0)
    table = [load(), mute, parameter(0, "voice_mode", POLY), on(0, 50, channel=5), sound]
    both = engine.play(events(*table, *notes), 48000)
    np.testing.assert_array_equal(both, alone)
    assert np.abs(alone).max() > 0.1


def test_fm_and_neural_notes_sound_together():
    engine = live_engine()
    table = [on(0, 60), load(4800), on(9600, 64)]
    engine.play(events(*table), 14400)
    voices = engine._memory.voices
    kinds = voices["kind"][voices["status"] == Status.HELD]
    assert sorted(kinds) == [Kind.FM, Kind.NEURAL]
    engine.render(64, events(off(0, 60)))
    assert held(engine) == [(64, 0)]
    assert len(voices) == VOICES


def test_a_slur_does_not_click():
    """Pitch and level go on from where they are: no step is greater than the waveforms' own."""
    table = [parameter(0, "vibrato", 0), on(0, 60), on(12003, 62), off(13000, 60)]
    audio = play_live(*table, samples=24000)
    steps = np.abs(np.diff(audio, 2))
    usual = max(steps[6000:11500].max(), steps[16000:22000].max())
    assert steps[11900:12500].max() < 1.2 * usual


def test_a_new_attack_does_not_cut_the_tail():
    model = organ(off_nepers=-2.0)
    table = [parameter(0, "vibrato", 0), on(0, 60), off(9600, 60), on(12003, 60)]
    audio = play_live(*table, samples=24000, model=model)
    steps = np.abs(np.diff(audio, 2))
    assert steps[11900:12300].max() < 1.2 * steps[14000:22000].max()
