"""DDX7 in PyTorch: a causal TCN that plays the operators of a DX7 voice.

Caspe, McPherson and Sandler 2022, sections 3.1 to 3.3. Pitch and loudness of 4 ms frames become the
levels of six operators whose routing and ratios stay fixed; beyond the paper, noise magnitudes.
`ddx7_export` writes the file of a model, `engine.ddx7_network` plays it without torch.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_layout import (
    DILATIONS,
    INPUTS,
    LOUDNESS_FLOOR_DB,
    NOISE_FLOOR,
    NOISE_PEAK,
    NOISE_POWER,
    PITCH_GATE,
    TAPS,
    WIDTH,
)
from plugin_core.types import NOISE_BANDS

KIND = "ddx7"
DROPOUT = 0.5
ROOM_RATE = 16000
_SHARE_AT_FIRST = -3.0
_NOISE_AT_FIRST = -4.0


@dataclass(frozen=True, slots=True)
class Configuration:
    """What of a DX7 voice stays fixed, and how far its levels reach."""

    algorithm: int
    """1..32."""
    ratios: tuple[float, ...]
    """Of operators 1 to 6, to one decimal: the paper rounds them so."""
    operators: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    """Those that are present."""
    i_max: float = 2.0
    """The greatest modulation index in radians."""
    feedback: float = 0.0
    """0..7, as a DX7 voice has it."""
    noise: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot sound."""
        if not 1 <= self.algorithm <= len(ALGORITHMS) or len(self.ratios) != OPERATORS:
            raise ValueError(f"an algorithm 1..32 and six ratios, found {self}")
        if not set(self.operators) <= set(range(1, OPERATORS + 1)):
            raise ValueError(f"operators are 1..6, found {self.operators}")
        if not set(self.operators) & set(self.carriers):
            raise ValueError(f"one operator at least must be a carrier, found {self.operators}")

    @property
    def carriers(self) -> tuple[int, ...]:
        """The operators that are heard."""
        return ALGORITHMS[self.algorithm - 1].carriers

    @property
    def cycles(self) -> int:
        """After how many periods of the pitch the waveform repeats, at most 10."""
        for cycles in (1, 2, 5):
            if all(abs(each * cycles - round(each * cycles)) < 1e-6 for each in self.ratios):
                return cycles
        return 10

    def maxima(self) -> tuple[float, ...]:
        """Return the greatest level of every operator, 0 of those that are absent."""
        return tuple(
            0.0 if op not in self.operators else 1.0 if op in self.carriers else self.i_max
            for op in range(1, OPERATORS + 1)
        )


class _Block(nn.Module):
    """Two causal convolutions around a ReLU, and what leads past them."""

    def __init__(self, inputs: int, outputs: int, dilation: int, *, is_last: bool) -> None:
        super().__init__()
        self.reach = (TAPS - 1) * dilation
        self.is_last = is_last
        self.a = nn.Conv1d(inputs, WIDTH, TAPS, dilation=dilation)
        self.b = nn.Conv1d(WIDTH, outputs, TAPS, dilation=dilation)
        self.skip = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = torch.relu(self.a(nn.functional.pad(x, (self.reach, 0))))
        y = self.b(nn.functional.pad(self.dropout(hidden), (self.reach, 0)))
        if not self.is_last:
            y = self.dropout(torch.relu(y))
        return y + self.skip(x), hidden


class Ddx7Network(nn.Module):
    """The network of section 3.2 and the noise branch; `dropout` is 0.5 in the paper."""

    def __init__(self, *, dropout: float = DROPOUT) -> None:
        super().__init__()
        last = len(DILATIONS) - 1
        self.blocks = nn.ModuleList(
            _Block(
                INPUTS if index == 0 else WIDTH,
                OPERATORS if index == last else WIDTH,
                dilation,
                is_last=index == last,
            )
            for index, dilation in enumerate(DILATIONS)
        )
        self.noise = nn.Conv1d(WIDTH, NOISE_BANDS, 1)
        for module in self.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return shares (B, T, 6), 0..1, and raw noise outputs (B, T, 65) of inputs (B, T, 2)."""
        stream = x.transpose(1, 2)
        hidden = stream
        for block in self.blocks:
            stream, hidden = block(stream)
        return torch.sigmoid(stream).transpose(1, 2), self.noise(hidden).transpose(1, 2)


class Ddx7Model(nn.Module):
    """A network, the voice that it plays, and the room that it was recorded in."""

    maxima: Tensor

    def __init__(
        self, configuration: Configuration, *, dropout: float = DROPOUT, room_s: float = 1.0
    ) -> None:
        super().__init__()
        self.configuration = configuration
        self.network = Ddx7Network(dropout=dropout)
        self.room = Room(round(room_s * ROOM_RATE))
        self.register_buffer("maxima", torch.tensor(configuration.maxima()))
        last: Any = self.network.blocks[-1]
        noise: Any = self.network.noise
        nn.init.constant_(last.b.bias, _SHARE_AT_FIRST)
        nn.init.constant_(noise.bias, _NOISE_AT_FIRST)
        for module in list(self.network.blocks.modules()):
            if isinstance(module, nn.Conv1d) and module.kernel_size[0] > 1:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module is last.b:
                    nn.init.normal_(module.weight, std=0.01)
                parametrizations.weight_norm(module)

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return operator levels (B, T, 6) and noise magnitudes (B, T, 65) of `inputs` (B, T, 2).

        Levels are linear amplitudes of carriers and radians of modulators; without noise the
        magnitudes are 0.
        """
        shares, raw = self.network(inputs)
        if not self.configuration.noise:
            return shares * self.maxima, torch.zeros_like(raw)
        return shares * self.maxima, noise_magnitudes(raw)


class Room(nn.Module):
    """A room that is learnt (section 3.3): an impulse response without its direct sound.

    out = dry + response * dry, the response beginning one sample late, under an exponential
    envelope whose decay is learnt; it starts as hardly audible noise.
    """

    def __init__(self, samples: int) -> None:
        super().__init__()
        self.impulses = nn.Parameter(torch.randn(samples) * 3e-4)
        self.raw_decay = nn.Parameter(torch.tensor(math.log(math.expm1(5.0))))

    def response(self) -> Tensor:
        """Return the impulse response at 16 kHz, shape (samples,)."""
        time_s = torch.arange(1, len(self.impulses) + 1, device=self.impulses.device) / ROOM_RATE
        return self.impulses * torch.exp(-nn.functional.softplus(self.raw_decay) * time_s)


def shortened(room: Room, room_s: float) -> Room:
    """Return the room of which only the beginning is kept, `room_s` seconds at most."""
    short = Room(0)
    short.impulses = nn.Parameter(room.impulses.detach()[: round(room_s * ROOM_RATE)].clone())
    short.raw_decay = nn.Parameter(room.raw_decay.detach().clone())
    return short


def noise_magnitudes(raw: Tensor) -> Tensor:
    """Return linear noise magnitudes of raw outputs, of any shape (`ddx7_layout.NOISE_POWER`)."""
    return NOISE_PEAK * torch.sigmoid(raw) ** NOISE_POWER + NOISE_FLOOR


def network_inputs(loudness_db: Tensor, f0_hz: Tensor) -> Tensor:
    """Return what the network sees, shape (..., 2), as the kernel `ddx7_network.ddx7_inputs`.

    `loudness_db` in the model's scale and `f0_hz`, both of shape (...).
    """
    loudness = (1.0 - loudness_db / LOUDNESS_FLOOR_DB).clamp(0.0, 1.0)
    pitch = 69.0 + 12.0 * torch.log2(f0_hz.clamp(min=1.0) / 440.0)
    gate = (loudness / PITCH_GATE).clamp(max=1.0)
    return torch.stack((loudness, pitch.clamp(0.0, 127.0) / 127.0 * gate), dim=-1)


def plain_network(model: Ddx7Model) -> Ddx7Network:
    """Return a copy of the model's network with weight norm folded into plain weights."""
    plain = Ddx7Network(dropout=0.0)
    for own, trained in zip(plain.modules(), _without_parametrizations(model.network), strict=True):
        if isinstance(own, nn.Conv1d) and isinstance(trained, nn.Conv1d):
            with torch.no_grad():
                own.weight.copy_(trained.weight)
                if own.bias is not None and trained.bias is not None:
                    own.bias.copy_(trained.bias)
    return plain.eval()


def _without_parametrizations(network: nn.Module) -> list[nn.Module]:
    hidden: set[int] = set()
    for module in network.modules():
        if parametrize.is_parametrized(module):
            parametrized: Any = module
            hidden |= {id(each) for each in parametrized.parametrizations.modules()}
    return [each for each in network.modules() if id(each) not in hidden]
