"""The quick GRU against PyTorch's, outputs and gradients."""

import torch
from torch import nn

from plugin_core.training.half_gru import half_gru


def run(x, gru, quick):
    given = x.clone().requires_grad_()
    outputs = half_gru(given, gru) if quick else gru(given)[0]
    torch.manual_seed(1)
    (outputs * torch.randn_like(outputs)).mean().backward()
    gradients = [given.grad, *(each.grad.clone() for each in gru.parameters())]
    gru.zero_grad()
    return [outputs.detach(), *gradients]


def test_it_is_pytorchs_to_a_percent():
    torch.manual_seed(0)
    gru = nn.GRU(24, 16, batch_first=True)
    x = torch.randn(3, 40, 24)
    for made, exact in zip(run(x, gru, True), run(x, gru, False), strict=True):
        assert (made - exact).norm() < 0.01 * exact.norm()
