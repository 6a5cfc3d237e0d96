import numpy as np
import pytest

from plugin_core.composing.chorale import RANGES, REST, Grid
from plugin_core.composing.chorale_network import ChoraleModel
from plugin_core.composing.chorale_sampling import Sampling, Task, fault_count, sample
from tests.composing.untrained import untrained_chorale

BRIEF = Sampling(passes=6, mending=6, drafts=2)
BEATS = 8


@pytest.fixture(scope="module")
def model() -> ChoraleModel:
    return untrained_chorale()


def task(*free_voices: int) -> Task:
    grid = np.full((4 * BEATS, 4), REST, np.int16)
    grid[:, 0] = np.repeat([72, 74, 76, 77, 79, 77, 76, REST], 4)
    free = np.zeros((BEATS, 4), bool)
    free[:, list(free_voices)] = True
    return Task(grid, free, 0)


def composed(model: ChoraleModel, asked: Task, seed: int = 0, sampling: Sampling = BRIEF) -> Grid:
    return sample(model.network, asked, seed, sampling)


def test_what_is_given_is_kept_and_the_rest_in_range(model: ChoraleModel):
    asked = task(1, 2, 3)
    grid = composed(model, asked)
    assert (grid[:, 0] == asked.grid[:, 0]).all()
    for voice in (1, 2, 3):
        low, high = RANGES[voice]
        assert ((grid[:, voice] >= low) & (grid[:, voice] <= high)).all()


def test_single_beats_can_be_free(model: ChoraleModel):
    asked = task(0, 1, 2, 3)
    asked.free[:4] = False
    grid = composed(model, asked)
    assert (grid[:16] == asked.grid[:16]).all()
    assert (grid[16:] != REST).all()


def test_a_seed_is_a_chorale(model: ChoraleModel):
    first, again, other = (composed(model, task(1, 2, 3), seed) for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_mending_leaves_fewer_faults(model: ChoraleModel):
    asked = task(0, 1, 2, 3)
    raw = composed(model, asked, sampling=Sampling(passes=4, mending=0, drafts=1))
    mended = composed(model, asked, sampling=Sampling(passes=4, mending=40, drafts=1))
    assert fault_count(mended) < 0.7 * fault_count(raw)


def test_nothing_free_is_nothing_composed(model: ChoraleModel):
    asked = task()
    assert (composed(model, asked) == asked.grid).all()


def test_half_a_beat_is_no_grid(model: ChoraleModel):
    with pytest.raises(ValueError, match="whole beats"):
        composed(model, Task(np.zeros((6, 4), np.int16), np.ones((1, 4), bool), None))
