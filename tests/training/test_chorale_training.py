import json
from pathlib import Path

import numpy as np
import pytest

from plugin_core.composing.chorale import RANGES, REST, Grid
from plugin_core.composing.chorale_network import FURTHEST, LOWEST, OUTSIDE
from plugin_core.score import write_midi
from plugin_core.training.chorale_data import (
    FILE,
    ChoraleData,
    draw_holes,
    read_chorales,
    symbols_of,
)
from plugin_core.training.chorale_evaluation import around_soprano, unigram_nats
from plugin_core.training.chorale_training import Settings, held_out_loss, train_chorale
from plugin_core.types import InputError, Note, Part


def scale(bars: int = 4, start: int = 60) -> Grid:
    """Soprano up and down a scale, the others in sixths, tenths and octaves under it."""
    up = np.array([0, 2, 4, 5, 7, 5, 4, 2])
    soprano = np.repeat(np.tile(up, bars), 2) + start + 4
    return np.stack([soprano, soprano - 9, soprano - 16, soprano - 24], 1).astype(np.int16)


def test_a_short_training_learns_voices_that_go_together(tmp_path: Path):
    pieces = [scale(start=start) for start in (60, 62, 65)]
    settings = Settings(steps=30, warm_up=5, batch=4, beats=8)
    untrained = train_chorale(pieces, Settings(steps=1, batch=1, beats=8), tmp_path / "one")
    trained = train_chorale(pieces, settings, tmp_path / "thirty")
    before, after = (held_out_loss(each, pieces, settings) for each in (untrained, trained))
    assert before > 3.0
    assert after < 0.85 * before


def test_excerpts_are_moved_within_the_voices_ranges():
    data = ChoraleData([scale()])
    for seed in range(5):
        excerpts = data.draw(np.random.default_rng(seed), 4, 20)
        symbols = excerpts.symbols.numpy()
        for voice, (low, high) in enumerate(RANGES):
            sung = symbols[:, :, voice][symbols[:, :, voice] < OUTSIDE]
            assert ((sung == 0) | ((sung + LOWEST - 1 >= low) & (sung + LOWEST - 1 <= high))).all()
        outside = (symbols == OUTSIDE).all(axis=(2, 3))
        assert not excerpts.holes.numpy()[outside].any()
        assert (excerpts.to_end.numpy() <= FURTHEST).all()


def test_there_are_always_holes():
    for seed in range(200):
        assert draw_holes(np.random.default_rng(seed), 8).any()


def test_symbols_are_by_beat():
    grid = scale()
    symbols = symbols_of(grid)
    assert symbols.shape == (len(grid) // 4, 4, 4)
    assert symbols[1, 2, 3] == grid[7, 2] - LOWEST + 1
    grid[0] = REST
    assert (symbols_of(grid)[0, :, 0] == 0).all()


def test_a_soprano_alone_is_given():
    task = around_soprano(scale(bars=12))
    assert task.grid.shape == (128, 4)
    assert (task.grid[:, 1:] == REST).all()
    assert task.free[:, 1:].all()
    assert not task.free[:, 0].any()


def test_the_file_of_chorales_and_who_is_missing(tmp_path: Path):
    full = [[72, 67, 64, 48]] * 8
    piece = [*full, [72, 64, 48], [], [67, 72, 64, 48]]
    (tmp_path / FILE).write_text(json.dumps({"train": [piece], "valid": [full], "test": [full]}))
    corpus = read_chorales(tmp_path)
    assert corpus.train[0][8].tolist() == [72, REST, 64, 48]
    assert (corpus.train[0][9] == REST).all()
    assert corpus.train[0][10].tolist() == [67, 72, 64, 48]
    assert unigram_nats(corpus) < np.log(129)


def test_midi_files_of_four_parts(tmp_path: Path):
    for number in range(5):
        parts = [
            Part(f"{v}", tuple(Note(0.5 * i, 0.5 * i + 0.5, low + 5, 80) for i in range(8)))
            for v, (low, _) in enumerate(RANGES)
        ]
        write_midi(tmp_path / f"{number}.mid", reversed(parts))
    corpus = read_chorales(tmp_path)
    assert (len(corpus.train), len(corpus.test)) == (4, 1)
    assert corpus.train[0].shape == (32, 4)
    assert corpus.train[0][0].tolist() == [low + 5 for low, _ in RANGES]


def test_folders_without_chorales(tmp_path: Path):
    with pytest.raises(InputError, match=r"expected jsb-chorales-16th\.json or MIDI files"):
        read_chorales(tmp_path)
    write_midi(tmp_path / "one.mid", [Part("1", (Note(0.0, 1.0, 60, 80),))])
    with pytest.raises(InputError, match="expected 4 parts with notes, found 1"):
        read_chorales(tmp_path)
    (tmp_path / FILE).write_text('{"train": 1}')
    with pytest.raises(InputError, match="expected chorales by train, valid, test"):
        read_chorales(tmp_path)
