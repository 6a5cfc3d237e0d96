"""Pitch curves to learn from: in tune, of one pitch, with the vibrato that their notes ask for."""

import numpy as np
import pytest

from plugin_core.expression.extraction import note_frames, vibrato, vibrato_depth_semitones
from plugin_core.synthesis.pitch_curve import bin_edges
from plugin_core.training.performed import Performed
from plugin_core.training.pitch_curves import (
    FASTEST_HZ,
    SLOWEST_HZ,
    PitchCurve,
    movements_of,
    pitch_curve,
    typical_expression,
)
from plugin_core.training.pitch_data import PitchData, batch_of, pieces_of
from plugin_core.types import FRAME_RATE, NOISE_BANDS, Expression, ExpressiveNote, Frames, Note

TIMES = np.arange(1500) / FRAME_RATE


def performed(
    deviations: np.ndarray,
    *,
    instrument: str = "violin",
    origin: str = "performance",
    tuning: float = 0.3,
) -> Performed:
    """Two notes, A4 for 2.8 s and, right after, B4 for 2.8 s, that deviate so in semitones."""
    keys = np.where(TIMES < 3.0, 69.0, 71.0) + tuning + deviations
    count = len(keys)
    is_on = (TIMES >= 0.2) & (TIMES < 5.8)
    frames = Frames(
        f0_hz=(440 * 2 ** ((keys - 69) / 12)).astype(np.float32),
        confidence=is_on.astype(np.float32),
        loudness_db=np.full(count, -30, np.float32),
        amplitude=np.where(is_on, 0.01, 1e-6).astype(np.float32),
        harmonics=np.full((count, 60), 1 / 60, np.float32),
        noise=np.full((count, NOISE_BANDS), 1e-4, np.float32),
    )
    unknown = Expression(0.8, 0.1, 0.4, 0.0, float("nan"), float("nan"))
    known = Expression(0.8, 0.1, 0.4, 0.0, 0.3, 0.5)
    notes = (
        ExpressiveNote(Note(0.2, 3.0, 69, 64), unknown if origin == "contour" else known),
        ExpressiveNote(Note(3.0, 5.8, 71, 64), unknown if origin == "contour" else known),
    )
    return Performed(
        *("a phrase", instrument, "ours", "none", origin, False, frames, notes),
        *(tuning, None, 0.0, 44100),
    )


def sine(depth: float, rate_hz: float) -> np.ndarray:
    return depth * np.sin(2 * np.pi * rate_hz * TIMES)


def readings(curve: PitchCurve) -> list[float]:
    hz = 2 ** (curve.keys / 12)
    return [vibrato(hz[note_frames(each.note, len(hz))]) for each in curve.notes]


TYPICAL = {
    name: Expression(0.7, 0.2, 0.3, 0.1, 0.25, 0.45) for name in ("violin", "clarinet", "horn")
}


def test_tuning_is_taken_out_and_intonation_halved_up_to_a_bound() -> None:
    deviations = np.where(TIMES < 3.0, 0.1, -0.4)
    keys = pitch_curve(performed(deviations), TYPICAL).keys
    assert keys[300] == pytest.approx(69.05, abs=0.01)
    assert keys[1200] == pytest.approx(71 - 0.12, abs=0.01)


def test_notes_ask_for_the_vibrato_that_they_have() -> None:
    reading = 0.6
    depth = vibrato_depth_semitones(reading)
    curve = pitch_curve(performed(sine(depth, 5.5)), TYPICAL)
    for each in curve.notes:
        assert each.expression.vibrato == pytest.approx(reading, rel=0.03)


@pytest.mark.parametrize(
    "deviations", [sine(1.8, 6.0), sine(0.0, 1.0) + 0.9, sine(0.4, 60.0)], ids=str
)
def test_trills_wrong_notes_and_flutter_are_not_known(deviations: np.ndarray) -> None:
    assert not pitch_curve(performed(deviations), TYPICAL).is_known[100:1400].any()


def test_what_is_hardly_heard_is_not_known() -> None:
    phrase = performed(np.zeros(len(TIMES)))
    phrase.frames.amplitude[600:750] = 0.0005
    is_known = pitch_curve(phrase, TYPICAL).is_known
    assert not is_known[600:750].any()
    assert is_known[60:600].all()


def test_unknown_controls_are_the_typical_ones() -> None:
    curve = pitch_curve(performed(np.zeros(len(TIMES)), origin="contour"), TYPICAL)
    assert curve.notes[0].expression.brightness == 0.25
    assert curve.notes[0].expression.volume == 0.8


def test_typical_controls_are_of_recordings() -> None:
    phrases = [
        performed(np.zeros(len(TIMES))),
        performed(np.zeros(len(TIMES)), origin="contour"),
        performed(np.zeros(len(TIMES)), origin="assembled", instrument="tuba"),
    ]
    typical = typical_expression(phrases)
    assert typical["violin"].brightness == pytest.approx(0.3)
    assert typical["tuba"].brightness == pytest.approx(0.3)


def test_clear_vibratos_are_found_and_others_not() -> None:
    found = movements_of([performed(sine(0.2, 5.5))])
    assert len(found) == 2
    assert found[0].rate_hz == pytest.approx(5.5, abs=0.1)
    for deviations in (sine(0.2, 3.3), sine(0.2, 8.5), sine(0.01, 5.5)):
        assert movements_of([performed(deviations)]) == ()


def test_every_instrument_learns_every_depth_at_playable_rates() -> None:
    """A clarinet that never had any vibrato gets that of the violin, deep and shallow."""
    movements = movements_of([performed(sine(0.2, rate)) for rate in (4.6, 5.5, 6.4)])
    phrase = performed(0.01 * np.sin(TIMES), instrument="clarinet")
    random = np.random.default_rng(0)
    asked, rates = [], []
    for _ in range(40):
        curve = pitch_curve(phrase, TYPICAL, movements, random)
        np.testing.assert_allclose(
            [each.expression.vibrato for each in curve.notes], readings(curve), atol=0.03
        )
        asked += [each.expression.vibrato for each in curve.notes]
        for each in curve.notes:
            keys = curve.keys[note_frames(each.note, len(curve.keys))]
            spectrum = np.abs(np.fft.rfft((keys - keys.mean()) * np.hanning(len(keys)), 1 << 15))
            if each.expression.vibrato > 0.3:
                rates.append(float(np.argmax(spectrum)) * FRAME_RATE / (1 << 15))
    histogram = np.histogram(asked, np.linspace(0, 1.2, 7))[0]
    assert (histogram > 0).all()
    assert min(rates) > SLOWEST_HZ - 0.4
    assert max(rates) < FASTEST_HZ + 0.4


def test_pieces_hold_the_bins_of_what_was_played() -> None:
    curve = pitch_curve(performed(np.zeros(len(TIMES))), TYPICAL)
    pieces = pieces_of(curve, 1.0)
    assert len(pieces) == 1
    batch = batch_of(pieces)
    edges = bin_edges()
    judged = batch.is_judged[0].numpy()
    deviation = (batch.pitch - batch.reference)[0].numpy()[judged]
    target = batch.target[0].numpy()[judged]
    assert judged.sum() > 300
    assert (edges[target] <= deviation + 1e-5).all()
    assert (deviation <= edges[target + 1] + 1e-5).all()


def test_instruments_with_few_recordings_are_drawn_more_than_their_share() -> None:
    still = np.zeros(len(TIMES))
    phrases = [performed(still)] * 9 + [performed(still, instrument="horn")]
    data = PitchData(phrases, copies=0, seed=0)
    random = np.random.default_rng(0)
    drawn = np.concatenate([data.draw(random, 4000).instrument.numpy() for _ in range(40)])
    # Shares go by the square root of the time: 3 to 1, not 9 to 1.
    assert np.mean(drawn == drawn.max()) == pytest.approx(0.25, abs=0.06)
