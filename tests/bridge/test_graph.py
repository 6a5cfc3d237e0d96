import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.graph import render_session
from bridge.plan import plan_session
from bridge.stems import NORMALIZED_DB
from plugin_core.session import Effect
from plugin_core.sounds import sound_for_drums, sound_for_program
from plugin_core.types import InputError, Lane, Note, Part
from tests.bridge.conftest import AMPLITUDE, sine_of

RATE = 22050
STEMS = ("stems/01-High.wav", "stems/02-Low.wav")

pytestmark = pytest.mark.usefixtures("sines")


def rendered(session, out: Path, **options):
    return render_session(session, out, jobs=1, **{"report": False, **options})


def read(path: Path) -> np.ndarray:
    """Return a file's samples, shape (channels, samples)."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return audio.T


def test_stems_sum_to_the_mix(session, tmp_path):
    rendered(session(), tmp_path)
    high, low = (read(tmp_path / stem) for stem in STEMS)
    assert np.array_equal(high + low, read(tmp_path / "mix.wav"))


def test_a_plain_track_is_what_the_engine_played(session, tmp_path):
    song = session()
    rendered(song, tmp_path)
    for track, stem in zip(song.tracks, STEMS, strict=True):
        played = sine_of(track.part, sample_rate=RATE, samples=round(1.25 * RATE))
        assert np.array_equal(read(tmp_path / stem), np.stack([played, played]))


def test_gain_and_pan_come_after_the_effects(session, track, tmp_path):
    # After: clipping at -30 dBFS, then 12 dB up, all on the left. Before: never above -30 dBFS.
    clipped = (Effect("Clipping", {"threshold_db": -30.0}),)
    song = session(
        track("Lead", effects=clipped, gain_db=Lane.constant(12.0), pan=Lane.constant(-1.0))
    )
    rendered(song, tmp_path)
    left, right = read(tmp_path / "stems/01-Lead.wav")
    assert left.max() == pytest.approx(10 ** (-18 / 20) * np.sqrt(2), rel=1e-3)
    assert np.all(right == 0)


def test_the_master_hears_the_sum_and_the_stems_do_not_hear_it(session, tmp_path):
    rendered(session(), tmp_path / "plain")
    rendered(session(master=(Effect("Invert"),)), tmp_path / "inverted")
    for stem in STEMS:
        assert np.array_equal(read(tmp_path / "plain" / stem), read(tmp_path / "inverted" / stem))
    assert np.array_equal(read(tmp_path / "plain/mix.wav"), -read(tmp_path / "inverted/mix.wav"))


def test_a_controller_pans_where_no_pan_is_given(session, track, tmp_path):
    from plugin_core.types import Controller, ControllerKind

    lead = track("Lead")
    hard_right = Controller(0.0, ControllerKind.CONTROL, 10, 127)
    lead = replace(lead, part=replace(lead.part, controllers=(hard_right,)))
    rendered(session(lead), tmp_path)
    left, right = read(tmp_path / "stems/01-Lead.wav")
    assert np.abs(left).max() < 1e-7
    assert np.abs(right).max() == pytest.approx(AMPLITUDE * np.sqrt(2), rel=1e-3)


def test_muted_tracks_leave_no_stem_but_keep_their_number(session, track, tmp_path):
    song = session(track("A", mute=True), track("B"), track("C"))
    rendered(song, tmp_path)
    assert {path.name for path in (tmp_path / "stems").iterdir()} == {"02-B.wav", "03-C.wav"}
    tracks = json.loads((tmp_path / "render.json").read_text())["tracks"]
    assert [track["sounds"] for track in tracks] == [False, True, True]
    assert tracks[0]["file"] is None


def test_only_solo_tracks_sound_if_there_are_any(session, track, tmp_path):
    rendered(session(track("A"), track("B", solo=True)), tmp_path)
    assert [path.name for path in (tmp_path / "stems").iterdir()] == ["02-B.wav"]


def test_a_track_keeps_its_seed_whatever_else_sounds(session, track):
    all_three = plan_session(session(track("A"), track("B"), track("C"), seed=7))
    alone = plan_session(session(track("A"), track("B"), track("C", solo=True), seed=7))
    assert all_three.players[0].seed == 7
    assert all_three.players[2].seed == alone.players[0].seed
    assert len({player.seed for player in all_three.players}) == 3


def test_a_track_without_a_sound_gets_one_by_its_drums_or_program(session, track):
    piano, organ, drums = (
        replace(track(name), sound=None, part=replace(track(name).part, program=program))
        for name, program in (("Piano", 0), ("Organ", 19), ("Drums", 0))
    )
    plan = plan_session(session(piano, organ, replace(drums, is_drums=True)))
    names = [player.sound.name for player in plan.players]
    assert names == [
        sound_for_program(0).name, sound_for_program(19).name, sound_for_drums().name,
    ]  # fmt: skip
    assert len(set(names)) == 3


def test_nothing_that_sounds_is_an_error(session, track, tmp_path):
    with pytest.raises(InputError, match="a track that sounds"):
        rendered(session(track(mute=True)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("length_s", "tail_s", "seconds"), [(None, 0.5, 1.5), (0.7, 0.5, 0.7), (3.0, None, 3.0)]
)
def test_length_and_tail_are_obeyed(session, tmp_path, length_s, tail_s, seconds):
    rendered(session(length_s=length_s, tail_s=tail_s), tmp_path)
    for name in (*STEMS, "mix.wav"):
        assert read(tmp_path / name).shape == (2, round(seconds * RATE))


def test_without_a_length_the_files_end_with_the_sound(session, track, tmp_path):
    # The note ends at 1 s and the sine with it; the engine asked for a tenth of a second more.
    rendered(session(track("Lead"), tail_s=None), tmp_path)
    assert read(tmp_path / "mix.wav").shape[1] == pytest.approx(RATE, abs=2)


def test_without_a_length_effects_ring_out(session, track, tmp_path):
    echo = (Effect("Delay", {"delay_seconds": 0.5, "feedback": 0.0, "mix": 0.5}),)
    rendered(session(track("Lead", effects=echo), tail_s=None), tmp_path / "track")
    rendered(session(track("Lead"), tail_s=None, master=echo), tmp_path / "master")
    for folder in ("track", "master"):
        assert read(tmp_path / folder / "mix.wav").shape[1] == pytest.approx(1.5 * RATE, abs=20)


def test_a_session_without_notes_and_tail_has_no_length(session, track, tmp_path):
    empty = replace(track("Lead"), part=Part("Lead"))
    with pytest.raises(InputError, match="at least one sample"):
        rendered(session(empty, tail_s=None), tmp_path)


def test_long_sessions_are_mixed_segment_by_segment(session, track, tmp_path, monkeypatch):
    lanes = {"gain_db": Lane.of([(0, -30), (1, 0)]), "pan": Lane.of([(0, -1), (1, 1)])}
    rendered(session(track("Lead", **lanes)), tmp_path / "one")
    monkeypatch.setattr("bridge.mixing.SEGMENT", 2048)
    monkeypatch.setattr("bridge.stems.SEGMENT", 1000)
    rendered(session(track("Lead", **lanes)), tmp_path / "many")
    name = "stems/01-Lead.wav"
    assert np.array_equal(read(tmp_path / "one" / name), read(tmp_path / "many" / name))


def test_the_record_says_what_was_measured(session, tmp_path):
    rendered(session(seed=3), tmp_path)
    record = json.loads((tmp_path / "render.json").read_text())
    assert record["session"]["sample_rate"] == RATE
    assert record["session"]["seed"] == 3
    assert {"hexachord", "python", "numpy", "numba", "dawdreamer", "pedalboard"} <= set(
        record["versions"]
    )
    for entry in (*record["tracks"], record["mix"]):
        path = tmp_path / entry["file"]
        peak = np.abs(read(path)).max()
        assert entry["peak_dbfs"] == pytest.approx(20 * np.log10(peak), abs=0.006)
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    # A sine of amplitude a in both channels: 10 lg(a^2) - 0.691 + K(880 Hz), which is 0.69 - 0.1.
    assert record["tracks"][0]["loudness_lufs"] == pytest.approx(20 * np.log10(AMPLITUDE), abs=0.7)


def test_silence_has_neither_peak_nor_loudness(session, track, tmp_path):
    rendered(session(track("A"), track("B", gain_db=Lane.constant(-120.0))), tmp_path)
    silent = json.loads((tmp_path / "render.json").read_text())["tracks"][1]
    assert silent["peak_dbfs"] is None
    assert silent["loudness_lufs"] is None


def test_the_same_session_renders_to_the_same_bytes(session, tmp_path):
    for folder in ("a", "b"):
        rendered(session(), tmp_path / folder, report=True)
    for name in (*STEMS, "mix.wav", "render.json", "report.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_24_bits_hold_what_fits(session, tmp_path):
    rendered(session(bit_depth="24"), tmp_path)
    assert soundfile.info(tmp_path / "mix.wav").subtype == "PCM_24"
    sums = sum(read(tmp_path / stem).astype(float) for stem in STEMS)
    assert np.abs(sums - read(tmp_path / "mix.wav")).max() < 2 / 2**23


def test_a_24_bit_stem_over_full_scale_names_itself_and_the_gain_that_fits(
    session, track, tmp_path
):
    song = session(track("Quiet"), track("Loud", gain_db=Lane.constant(24.0)), bit_depth="24")
    # A sine of 0.125 (-18.06 dBFS) is at +5.94 dBFS after 24 dB.
    with pytest.raises(InputError) as caught:
        rendered(replace(song, tracks=song.tracks[1:]), tmp_path / "out")
    line = str(caught.value)
    assert "track 1 (Loud)" in line or "the mix" in line
    assert "+5.94 dBFS" in line
    assert "-6.0 dB" in line
    assert "--normalize" in line
    assert not (tmp_path / "out").exists()


def test_normalize_applies_one_gain_to_all(session, track, tmp_path):
    song = session(track("A"), track("B", pitch=45, gain_db=Lane.constant(24.0)), bit_depth="24")
    result = rendered(replace(song, normalize=True), tmp_path / "out")
    rendered(replace(song, bit_depth="32f"), tmp_path / "plain")
    gain = 10 ** (result.gain_db / 20)
    for name in ("stems/01-A.wav", "stems/02-B.wav", "mix.wav"):
        wanted = read(tmp_path / "plain" / name).astype(float) * gain
        assert np.abs(read(tmp_path / "out" / name) - wanted).max() < 1 / 2**23
    peaks = [entry.peak_dbfs for entry in (*result.stems, result.mix)]
    assert max(peaks) == pytest.approx(NORMALIZED_DB, abs=0.01)


def test_a_wrong_effect_is_told_before_anything_plays(session, track, tmp_path, monkeypatch):
    monkeypatch.delattr("plugin_core.performance.perform")
    with pytest.raises(InputError, match=r"test.toml: track 2 \(B\), effect 1 \(Revrb\)"):
        rendered(session(track("A"), track("B", effects=(Effect("Revrb"),))), tmp_path / "out")
    with pytest.raises(InputError, match=r"test.toml: master, effect 1 \(Revrb\)"):
        rendered(session(master=(Effect("Revrb"),)), tmp_path / "out")


def test_a_second_render_takes_the_place_of_the_first(session, track, tmp_path):
    out = tmp_path / "out"
    rendered(session(track("Old"), track("Other")), out, report=True)
    rendered(session(track("New")), out, report=True)
    assert {path.name for path in out.rglob("*.*")} == {
        "01-New.wav", "mix.wav", "report.png", "render.json",
    }  # fmt: skip


@pytest.mark.parametrize("moment", ["playing", "mixing", "writing", "drawing"])
def test_an_interrupt_leaves_nothing_half_done(session, tmp_path, moment):
    def interrupt(part: float, doing: str) -> None:
        if doing == moment:
            raise KeyboardInterrupt

    rendered(session(), tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    song = session(master=(Effect("Invert"),))
    for target in ("out", "new"):
        with pytest.raises(KeyboardInterrupt):
            rendered(song, tmp_path / target, progress=interrupt, report=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path: data for path, data in after.items() if path.suffix != ".syx"}
    assert kept == before
    assert not (tmp_path / "new").exists()


def test_progress_goes_from_playing_to_drawing(session, tmp_path):
    told: list[tuple[float, str]] = []
    rendered(session(), tmp_path, progress=lambda part, doing: told.append((part, doing)))
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)
    assert list(dict.fromkeys(doing for _, doing in told)) == [
        "playing", "mixing", "writing", "drawing",
    ]  # fmt: skip


def test_warnings_of_score_and_sounds_are_kept(session, tmp_path):
    rendered(session(warnings=("song.mid: track 2: a note without end",)), tmp_path)
    record = json.loads((tmp_path / "render.json").read_text())
    assert record["warnings"] == ["song.mid: track 2: a note without end"]


def test_notes_of_the_same_pitch_add_up(session, track, tmp_path):
    lead = track("Lead")
    twice = replace(lead, part=Part("Lead", notes=(Note(0, 1, 69, 90), Note(0, 1, 69, 90))))
    rendered(session(twice), tmp_path)
    assert np.abs(read(tmp_path / "mix.wav")).max() == pytest.approx(2 * AMPLITUDE, rel=1e-3)
