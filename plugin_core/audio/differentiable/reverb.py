"""A trainable room: one impulse response per instrument, with mix and decay.

Engel et al. 2020, section 4.4: the room is apart, so that the instrument is dry.
"""

import math

import scipy.fft
import torch
from torch import Tensor, nn

_MIX_AT_FIRST = 0.02
_DECAY_AT_FIRST = 6.0


class Reverb(nn.Module):
    """Convolution with an impulse response under an exponential envelope.

    out = (1 - mix) * dry + mix * (response * dry), with mix = sigmoid(mix_logit) and response =
    impulse_responses * exp(-decay * t), decay = softplus(raw_decay) in nepers per second. The
    response begins one sample after the direct sound. It starts as noise of energy 1, hardly mixed.
    """

    def __init__(self, sample_rate: int, *, instruments: int = 1, duration_s: float = 1.0) -> None:
        super().__init__()
        self.sample_rate = sample_rate
        length = round(duration_s * sample_rate)
        level = math.sqrt(2 * _DECAY_AT_FIRST / sample_rate)
        self.impulse_responses = nn.Parameter(torch.randn(instruments, length) * level)
        logit = math.log(_MIX_AT_FIRST / (1 - _MIX_AT_FIRST))
        self.mix_logit = nn.Parameter(torch.full((instruments,), logit))
        raw = math.log(math.expm1(_DECAY_AT_FIRST))
        self.raw_decay = nn.Parameter(torch.full((instruments,), raw))

    def mix(self) -> Tensor:
        """Return the share of the room of every instrument, 0..1, shape (instruments,)."""
        return torch.sigmoid(self.mix_logit)

    def responses(self) -> Tensor:
        """Return every instrument's response with its decay, shape (instruments, length)."""
        length = self.impulse_responses.shape[1]
        time_s = torch.arange(1, length + 1, device=self.raw_decay.device) / self.sample_rate
        decay = nn.functional.softplus(self.raw_decay)
        return self.impulse_responses * torch.exp(-decay[:, None] * time_s)

    def forward(self, audio: Tensor, instrument: Tensor | None = None) -> Tensor:
        """Return the audio in its room, shape (batch, samples) as given; what rings on is cut off.

        `instrument` numbers the room of every item, shape (batch,), int64; by default the first.
        """
        if instrument is None:
            instrument = torch.zeros(len(audio), dtype=torch.long, device=audio.device)
        mix = self.mix()[instrument][:, None]
        return audio + mix * (delayed(audio, self.responses()[instrument]) - audio)


def delayed(audio: Tensor, response: Tensor) -> Tensor:
    """Return the convolution of each row with its response, one sample late.

    Shapes (batch, samples), (batch, length) -> (batch, samples).
    """
    samples = audio.shape[1]
    response = nn.functional.pad(response[:, : samples - 1], (1, 0))
    size = scipy.fft.next_fast_len(samples + response.shape[1], real=True)
    spectrum = torch.fft.rfft(audio, size) * torch.fft.rfft(response, size)
    return torch.fft.irfft(spectrum, size)[:, :samples]
