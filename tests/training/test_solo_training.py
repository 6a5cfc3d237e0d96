from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.composing.solo import Played, Sequences, Written
from plugin_core.composing.solo_features import CHORDS, MELODY
from plugin_core.composing.solo_network import SoloNetworks
from plugin_core.score import write_midi
from plugin_core.training.solo_corpus import SCORE, Piece, read_performances, upper_line
from plugin_core.training.solo_likelihood import likelihoods, network_nats
from plugin_core.training.solo_training import Settings, train_network
from plugin_core.types import InputError, Note, Part

BRIEF = {"steps": 140, "warm_up": 4, "batch": 8, "notes": 32, "learning_rate": 2e-2}


def piece(name: str, seed: int) -> Piece:
    """A line whose velocities and articulations follow from its pitches, which are luck."""
    random = np.random.default_rng(seed)
    pitch = random.integers(30, 34, 120)
    of_pitch = pitch - 30
    same = np.zeros(120, np.int64)
    notes = Sequences(pitch, same, same + 7, same + 7, same + 15, 10 + of_pitch, 10 + 3 * of_pitch)
    played = tuple(Played(0.5 * i, 0.5, 80) for i in range(120))
    return Piece(name, name, MELODY, notes, played, 0.5)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return [piece(f"piece {seed}", seed) for seed in range(8)]


@pytest.mark.parametrize("network", ["velocity", "duration"])
def test_what_trigrams_cannot_see_is_learnt(network: str, pieces: list[Piece], tmp_path: Path):
    networks = SoloNetworks()
    train_network(networks, pieces[:6], Settings(network, **BRIEF), tmp_path / "c")
    found = {each.network: each for each in likelihoods(networks, pieces[:6], pieces[6:])}[network]
    assert found.uniform > found.unigram > 0
    assert found.lstm < 0.9 * found.trigram


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(pieces: list[Piece], tmp_path: Path):
    settings = Settings("velocity", steps=6, warm_up=2, batch=4, notes=16)

    class InterruptionError(Exception):
        pass

    def interrupt(progress: object) -> None:
        if progress.step == 3:
            raise InterruptionError

    whole, parted = SoloNetworks().eval(), SoloNetworks().eval()
    train_network(whole, pieces, settings, tmp_path / "whole")
    from plugin_core.training import solo_training

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solo_training, "_CHECKPOINT_S", -1.0)
        with pytest.raises(InterruptionError):
            train_network(parted, pieces, settings, tmp_path / "parted", progress=interrupt)
    again = SoloNetworks().eval()
    train_network(again, pieces, settings, tmp_path / "parted")
    states = [each.velocity.state_dict() for each in (whole, again)]
    # Dropout has no generator of its own, so the weights are near, and the steps the same.
    for name, value in states[0].items():
        assert torch.allclose(value, states[1][name], atol=0.05)


def test_likelihoods_are_per_note(pieces: list[Piece]):
    networks = SoloNetworks().eval()
    one = network_nats(networks, "pitch", pieces[:1])
    assert network_nats(networks, "pitch", [pieces[0], pieces[0]]) == pytest.approx(one)
    assert one == pytest.approx(np.log(176), abs=0.5)


def notes(start: int, count: int = 40, *, velocity: int = 80, late_s: float = 0.0) -> list[Note]:
    return [Note(0.5 * i + late_s, 0.5 * i + 0.4, start + i % 7, velocity) for i in range(count)]


def write(path: Path, *lines: list[Note]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_midi(path, [Part(f"{i}", tuple(line)) for i, line in enumerate(lines)])


def test_a_score_and_its_performances(tmp_path: Path):
    for work in ("a", "b"):
        write(tmp_path / work / SCORE, notes(60), notes(48))
        write(tmp_path / work / "one.mid", notes(60, velocity=90), notes(48, velocity=50))
    corpus = read_performances(tmp_path)
    assert [piece.work for piece in corpus.train] == ["a", "a"]
    assert {piece.work for piece in corpus.test} == {"b"}
    found, upper = corpus.train
    assert (found.texture, upper.texture) == (CHORDS, MELODY)
    assert (len(found.notes), len(upper.notes)) == (80, 40)
    assert set(upper.notes.velocity.tolist()) == {90 // 4}
    assert found.beat_s == pytest.approx(0.5, abs=0.01)
    assert set(found.notes.velocity.tolist()) == {90 // 4, 50 // 4}


def test_the_upper_line_is_what_nothing_sounds_above():
    written = [
        Written(0.0, 2.0, 72),
        Written(0.0, 4.0, 60),
        Written(1.0, 1.0, 64),
        Written(2.0, 4.0, 67),
        Written(3.0, 1.0, 76),
    ]
    played = [Played(each.onset, each.value, 70 + i) for i, each in enumerate(written)]
    line, how = upper_line(written, played)
    assert [each.pitch for each in line] == [72, 67, 76]
    # What sounded on under the next of them ends there, as written and as played.
    assert [each.value for each in line] == [2.0, 1.0, 1.0]
    assert [each.length_s for each in how] == [2.0, 1.0, 1.0]
    assert [each.velocity for each in how] == [70, 73, 74]


def test_files_that_are_played_to_a_beat(tmp_path: Path):
    for name in ("a.mid", "b.mid"):
        write(tmp_path / name, notes(60, late_s=0.02))
    corpus = read_performances(tmp_path)
    assert corpus.train[0].texture == MELODY
    assert set(corpus.train[0].notes.step[:-1].tolist()) == {7}
    assert (corpus.name, corpus.licence) == (tmp_path.name, "those of the files")


@pytest.mark.parametrize("content", [None, "text"])
def test_a_folder_without_midi(content: str | None, tmp_path: Path):
    folder = tmp_path / "corpus"
    if content:
        folder.mkdir()
        (folder / "x.txt").write_text(content)
    with pytest.raises(InputError, match=r"corpus: expected (MIDI files or|a folder of)"):
        read_performances(folder)
