"""The bundled composers: what their cards say, and that they compose as asked."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from plugin_core.composing.chorale import STEPS_PER_BAR
from plugin_core.composing.chorale_composing import Wanted, compose_chorale
from plugin_core.composing.chorale_network import ChoraleModel, load_chorale_model
from plugin_core.composing.models import BUNDLED, DEFAULT_CHORALE, DEFAULT_SOLO, composer_path
from plugin_core.composing.solo_composing import compose_solo
from plugin_core.composing.solo_inference import load_solo_model
from plugin_core.composing.voice_leading import crossings, out_of_range, parallels
from plugin_core.synthesis.archive_members import read_description
from plugin_core.training.solo_corpus import read_performances
from plugin_core.training.solo_likelihood import load_networks, network_nats
from plugin_core.types import InputError

SOLO = (DEFAULT_SOLO, "bach-performances")
LEAST_GAIN = 0.10


@pytest.fixture(scope="module")
def chorales() -> ChoraleModel:
    return load_chorale_model(composer_path(DEFAULT_CHORALE))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_card_says_data_terms_and_the_command(name: str):
    path = composer_path(name)
    description = read_description(path)
    card = path.with_suffix(".md").read_text()
    command = description["made_by"]
    assert command.startswith("hexachord train c")
    assert "--corpus ../shared/scores/" in command
    assert "/work" not in json.dumps(description)
    for told in (command, description["source"], description["licence"]):
        assert told in card


def test_performances_carry_their_terms_and_nobody_gets_them_unasked():
    assert "CC BY-NC-SA 4.0" in read_description(composer_path("bach-performances"))["licence"]
    for name in (DEFAULT_SOLO, DEFAULT_CHORALE):
        assert read_description(composer_path(name))["licence"] == "works in the public domain"
    assert "no human player" in read_description(composer_path(DEFAULT_SOLO))["played_by"]


def test_what_is_no_composer():
    with pytest.raises(InputError, match=f"--model: expected {', '.join(BUNDLED)}, or a file"):
        composer_path("violin")


@pytest.mark.parametrize("name", SOLO)
def test_every_network_is_below_the_trigram(name: str):
    nats = read_description(composer_path(name))["nats_per_note"]
    assert set(nats) == {"pitch", "duration", "velocity"}
    for each in nats.values():
        assert each["lstm"] < (1 - LEAST_GAIN) * each["trigram"]


def test_a_card_s_likelihoods_are_those_of_its_model(shared: Path):
    path = composer_path(DEFAULT_SOLO)
    held_out = read_performances(shared / "scores" / "chorales").test
    networks = load_networks(path)
    for network, told in read_description(path)["nats_per_note"].items():
        found = network_nats(networks, network, held_out)
        assert found == pytest.approx(told["lstm"], abs=0.002)


@pytest.mark.parametrize("name", SOLO)
@pytest.mark.parametrize("chords", [False, True])
def test_64_bars_are_composed_at_once(name: str, chords: bool):
    model = load_solo_model(composer_path(name))
    started = time.process_time()
    solo = compose_solo(model, bars=64, seed=1, chords=chords)
    assert time.process_time() - started < 5.0
    notes = solo.parts[0].notes
    onsets = [solo.tempo.beats(note.onset_s) for note in solo.flat_parts[0].notes]
    assert 60 * 4 <= max(onsets) < 64 * 4
    assert (len(set(onsets)) < len(onsets)) == chords
    assert np.std([note.velocity for note in notes]) > 3


def test_8_bars_of_a_chorale_are_sung_as_bach_would_let_them(chorales: ChoraleModel):
    started = time.process_time()
    grid = compose_chorale(chorales, Wanted(), 1).grid
    assert time.process_time() - started < 10.0
    assert len(grid) == 8 * STEPS_PER_BAR
    assert not out_of_range(grid).any()
    assert crossings(grid).mean() < 0.02
    assert parallels(grid)[0].sum() <= 1
