"""Learning rates of trainings."""

import pytest
import torch

from plugin_core.training.runs import learning_share, set_learning_rate


def test_groups_learn_at_their_share_of_the_rate():
    fast, slow = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    optimizer = torch.optim.SGD([{"params": [fast]}, {"params": [slow], "share": 0.1}], lr=1.0)
    set_learning_rate(optimizer, 0.5)
    fast.grad = slow.grad = torch.ones(1)
    optimizer.step()
    assert fast.item() == pytest.approx(-0.5)
    assert slow.item() == pytest.approx(-0.05)


def test_the_rate_rises_for_the_warm_up_and_falls_to_a_fiftieth():
    assert [learning_share(step, 100, 4) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert learning_share(52, 100, 4) == pytest.approx(0.51)
    assert learning_share(100, 100, 4) == pytest.approx(0.02)
