"""A live model beside recordings: distances, pitch, latency, on sounds that are known."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.analysis.resampling import resample
from plugin_core.training.live_evaluation import (
    Timbre,
    TimbreTask,
    as_recorded,
    compare_timbre,
    distance_db,
    latencies,
    median_cents,
    pooled_distance_db,
    timbre_tasks,
)
from plugin_core.training.live_player import RATE
from plugin_core.training.performed import Performed
from plugin_core.types import Expression, ExpressiveNote, Frames, Note
from tests.training.live_players import late, make_obedient, obedient

TYPICAL = Expression(0.8, 0.05, 0.4, 0.0, 0.3, 0.1)
LOUDER = TYPICAL._replace(volume=0.9)


def recording(*played: ExpressiveNote, origin: str = "note", is_held_out: bool = True) -> Performed:
    """Return what the obedient player makes of notes, as if it had been recorded."""
    count = round((played[-1].note.offset_s + 0.3) * 250)
    nothing = np.zeros(count, np.float32)
    silent = Performed(
        name=f"{origin} {played[0].note.midi_pitch}",
        instrument="oboe",
        source="made",
        licence="",
        origin=origin,
        is_held_out=is_held_out,
        frames=Frames(
            np.full(count, 440, np.float32), *(nothing,) * 3,
            np.zeros((count, 100), np.float32), np.zeros((count, 65), np.float32),
        ),
        notes=played,
        tuning_semitones=0.0,
        audio=None,
        gain_db=0.0,
        sample_rate=16000,
    )  # fmt: skip
    audio = obedient(as_recorded(TimbreTask(silent, TYPICAL, None)))
    return replace(silent, audio=resample(audio, RATE, 16000))


def note(onset_s: float, offset_s: float, key: int, how: Expression = TYPICAL) -> ExpressiveNote:
    return ExpressiveNote(Note(onset_s, offset_s, key, 64), how)


def test_held_out_notes_and_performances_are_played() -> None:
    performed = [
        recording(note(0.1, 0.9, 69)),
        recording(note(0.1, 0.9, 70), is_held_out=False),
        recording(note(0.1, 0.5, 71), note(0.5, 0.9, 72), origin="performance"),
        recording(note(0.1, 0.9, 73), origin="assembled"),
    ]
    tasks = timbre_tasks(performed, {"oboe": TYPICAL}, {"note 69": 0.5})
    assert [each.performed.name for each in tasks] == ["note 69", "performance 71"]
    assert [each.style for each in tasks] == [0.5, None]
    assert timbre_tasks(performed, {"flute": TYPICAL}) == []


def test_every_note_is_asked_for_its_own_controls_and_the_recordings_style() -> None:
    unknown = LOUDER._replace(vibrato=np.nan)
    phrase = recording(note(0.1, 0.5, 69), note(0.5, 0.9, 71, unknown), origin="performance")
    part = as_recorded(TimbreTask(phrase, TYPICAL, 0.25))
    onsets = np.array([each.onset_s for each in part.part.notes])
    np.testing.assert_allclose(part.lanes["volume"].at(onsets), [0.8, 0.9])
    np.testing.assert_allclose(part.lanes["vibrato"].at(onsets), [0.0, 0.0])
    assert part.lanes["style"].at(onsets)[0] == pytest.approx(127 / 4)
    assert part.lanes["performer"].at(onsets)[0] == 0


def test_the_same_sound_has_no_distance_and_the_same_pitch() -> None:
    tasks = timbre_tasks([recording(note(0.1, 1.1, 69))], {"oboe": TYPICAL})
    (found,) = compare_timbre(tasks, make_obedient)
    assert found.distance_db < 0.05
    assert found.lowest_hz == pytest.approx(440)
    assert float(np.median(found.cents)) < 1.0


def test_pitch_is_measured_against_the_recordings_own_tuning() -> None:
    sharp = replace(recording(note(0.1, 1.1, 69)), tuning_semitones=0.3)
    (task,) = timbre_tasks([sharp], {"oboe": TYPICAL})
    assert as_recorded(task).lanes["master_tune"].values.tolist() == [pytest.approx(30.0)]
    # The obedient player does not hear of tuning: it stays 30 cents flat of the recording.
    (found,) = compare_timbre([task], make_obedient)
    assert float(np.median(found.cents)) == pytest.approx(30.0, abs=1.0)


def of(instrument: str, played: list[float], distance: float) -> Timbre:
    spectrum = np.zeros(24)
    spectrum[10:12] = played
    flat = np.zeros(24)
    flat[10:12] = 0.5
    return Timbre(
        "", instrument, True, distance, 100.0, spectrum, flat, np.full(5, distance), np.zeros(0)
    )


def test_instruments_count_alike_however_many_recordings_they_have() -> None:
    timbres = [of("oboe", [0.5, 0.5], 1.0)] * 3 + [of("flute", [0.5, 0.5], 3.0)]
    assert distance_db(timbres) == pytest.approx(2.0)
    assert np.isnan(distance_db([]))
    assert median_cents(timbres) == pytest.approx(1.0)
    assert np.isnan(median_cents(timbres, of_recordings=True))


def test_opposite_errors_of_notes_cancel_in_the_instruments_long_spectrum() -> None:
    timbres = [of("oboe", [0.9, 0.1], 5.0), of("oboe", [0.1, 0.9], 5.0)]
    assert pooled_distance_db(timbres) == pytest.approx(0.0, abs=1e-9)
    # 10 log10(0.8 / 0.5) and 10 log10(0.2 / 0.5), root mean square.
    expected = np.sqrt(np.mean(np.square(10 * np.log10([1.6, 0.4]))))
    assert pooled_distance_db([of("oboe", [0.8, 0.2], 5.0)]) == pytest.approx(expected)


def test_latency_is_from_the_note_on_to_what_is_heard() -> None:
    (found,) = latencies(late(96), {"oboe": 69})
    assert found.instrument == "oboe"
    assert found.seconds == pytest.approx(0.002)
    (never,) = latencies(lambda part: np.zeros(part.samples, np.float32), {"oboe": 69})
    assert np.isnan(never.seconds)
