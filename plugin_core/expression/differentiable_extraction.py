"""The six controls measured differentiably, so that a training loss can ask for them.

The same definitions as `extraction` (DESIGN.md, section 5), in PyTorch, for many notes at once:
every tensor has the notes in its first dimension and frames, padded behind, in its second. Values
agree with NumPy to 1e-4; what is discrete there (where the peak is, whether a movement counts as
vibrato) is discrete here too, and has the gradient of a soft form of itself (straight through).
"""

import torch
from torch import Tensor

from plugin_core.expression import scales
from plugin_core.types import FRAME_RATE

_PEAK_SHARPNESS_PER_DB = 1.0
"""How fast a frame's weight in the soft peak position falls with its distance from the peak."""


def gather_notes(curve: Tensor, starts: Tensor, lengths: Tensor) -> Tensor:
    """Return the frames of every note, zeros behind its end, shape (notes, longest, ...).

    `curve`: shape (frames, ...); `starts`, `lengths`: first frame and number of frames of every
    note, (notes,), integers. Raises ValueError for a note without frames or outside the curve.
    """
    if len(starts) and (
        int(starts.min()) < 0
        or int(lengths.min()) < 1
        or int((starts + lengths).max()) > len(curve)
    ):
        raise ValueError(f"notes must have frames, all within the {len(curve)} that there are")
    inside = note_mask(lengths)
    offsets = torch.arange(inside.shape[1], device=curve.device)
    index = torch.where(inside, starts[:, None] + offsets, 0)
    return curve[index] * inside.reshape(*inside.shape, *[1] * (curve.dim() - 1))


def note_mask(lengths: Tensor) -> Tensor:
    """Return which frames of every note are its own, shape (notes, longest), bool."""
    longest = int(lengths.max()) if len(lengths) else 0
    return torch.arange(longest, device=lengths.device) < lengths[:, None]


def expression(
    f0_hz: Tensor,
    amplitude: Tensor,
    harmonics: Tensor,
    noise: Tensor,
    lengths: Tensor,
    gain_db: Tensor | float = 0.0,
) -> Tensor:
    """Return the six controls of every note on the raw scale, in DESIGN.md's order, (notes, 6).

    `f0_hz`, `amplitude`: (notes, frames); `harmonics`: (notes, frames, K); `noise`: (notes, frames,
    65); `lengths`: how many frames are the note's own, at least 1, (notes,). `gain_db`: one number,
    or one per note, (notes,).
    """
    mask = note_mask(lengths)
    gain = torch.as_tensor(gain_db, dtype=amplitude.dtype, device=amplitude.device).reshape(-1, 1)
    levels_db = level_db(amplitude, gain)
    return torch.stack(
        [
            volume(levels_db, mask),
            volume_fluctuation(levels_db, mask),
            volume_peak_position(levels_db, mask),
            vibrato(f0_hz, mask),
            brightness(harmonics, mask),
            attack_noise(noise, mask, gain),
        ],
        dim=-1,
    )


def level_db(magnitudes: Tensor, gain_db: Tensor | float = 0.0) -> Tensor:
    """Return linear magnitudes in dB plus `gain_db`, at least FLOOR_DB, shape as given."""
    return (20.0 * torch.log10(magnitudes.clamp_min(1e-12)) + gain_db).clamp_min(scales.FLOOR_DB)


def volume(levels_db: Tensor, mask: Tensor) -> Tensor:
    """Return the mean level of every note; both in: (notes, frames), out: (notes,)."""
    return (_mean(levels_db, mask) - scales.VOLUME_ZERO_DB) / scales.VOLUME_SPAN_DB


def volume_fluctuation(levels_db: Tensor, mask: Tensor) -> Tensor:
    """Return the standard deviation of every note's level; both in: (notes, frames)."""
    deviation = levels_db - _mean(levels_db, mask)[:, None]
    # The root has no slope at 0: a steady note gets no gradient instead of an infinite one.
    variance = _mean(deviation.square(), mask).clamp_min(1e-10)
    return variance.sqrt() / scales.FLUCTUATION_SPAN_DB


def volume_peak_position(levels_db: Tensor, mask: Tensor) -> Tensor:
    """Return where every note's largest level is, 0 first frame, 1 last; in: (notes, frames).

    0 for steady notes (standard deviation below 0.1 dB). The gradient is that of the mean position,
    weighted by a softmax of the levels.
    """
    deviation = volume_fluctuation(levels_db, mask) * scales.FLUCTUATION_SPAN_DB
    levels_db = levels_db.masked_fill(~mask, -torch.inf)
    last = (mask.sum(dim=1) - 1).clamp_min(1)
    hard = levels_db.argmax(dim=1).to(levels_db.dtype) / last
    hard = torch.where(deviation < scales.STEADY_DB, 0.0, hard)
    weights = torch.softmax(_PEAK_SHARPNESS_PER_DB * levels_db, dim=1)
    positions = torch.arange(mask.shape[1], device=mask.device) / last[:, None]
    return _straight_through(hard, (weights * positions).sum(dim=1))


def vibrato(f0_hz: Tensor, mask: Tensor) -> Tensor:
    """Return the strength of every note's vibrato; both in: (notes, frames).

    Where a note could have vibrato but its strongest movement is none, the value is 0 and the
    gradient that of its strongest movement within 3..9 Hz.
    """
    lengths = mask.sum(dim=1)
    has_f0 = ((f0_hz > 0) | ~mask).all(dim=1)
    safe = torch.where(mask & has_f0[:, None], f0_hz, torch.ones_like(f0_hz))
    # In octaves from the first frame: logarithms of large numbers would cost digits.
    semitones = 12.0 * torch.log2(safe / safe[:, :1]) * mask
    deviation = (semitones - _mean(semitones, mask)[:, None]) * _tukey(lengths, mask, f0_hz.dtype)
    points = 1 << (scales.VIBRATO_OVERSAMPLING * mask.shape[1] - 1).bit_length()
    magnitudes = torch.fft.rfft(deviation, points).abs() / lengths[:, None]
    rates = torch.arange(magnitudes.shape[1], device=mask.device) * (FRAME_RATE / points)
    height, rate = _peak(magnitudes, torch.ones_like(magnitudes, dtype=torch.bool), rates)
    lowest = torch.clamp_min(FRAME_RATE / lengths, scales.VIBRATO_LOWEST_HZ)
    in_band = (rates >= lowest[:, None]) & (rates <= scales.VIBRATO_HIGHEST_HZ)
    height_in_band, _ = _peak(magnitudes, in_band, rates)
    could = has_f0 & (lengths > scales.VIBRATO_MINIMUM_FRAMES)
    counts = could & (rate >= lowest) & (rate <= scales.VIBRATO_HIGHEST_HZ)
    soft = torch.where(could, height_in_band, torch.zeros_like(height))
    hard = torch.where(counts, height, torch.zeros_like(height))
    return scales.VIBRATO_SCALE * _straight_through(hard, soft)


def _peak(magnitudes: Tensor, allowed: Tensor, rates: Tensor) -> tuple[Tensor, Tensor]:
    inner = magnitudes[:, 1:-1].masked_fill(~allowed[:, 1:-1], -1.0)
    bins = inner.argmax(dim=1, keepdim=True) + 1
    before, at, after = (magnitudes.gather(1, bins + step)[:, 0] for step in (-1, 0, 1))
    bend = before - 2.0 * at + after
    is_peak = (bend < 0) & (before <= at) & (after <= at)
    shift = torch.where(is_peak, 0.5 * (before - after) / torch.where(is_peak, bend, -1.0), 0.0)
    height = at - 0.25 * (before - after) * shift
    return height, (bins[:, 0] + shift.detach()) * (rates[1] - rates[0])


def _tukey(lengths: Tensor, mask: Tensor, dtype: torch.dtype) -> Tensor:
    position = (torch.arange(mask.shape[1], device=mask.device) + 0.5) / lengths[:, None]
    to_edge = torch.minimum(position, 1.0 - position).clamp_min(0.0)
    flank = scales.VIBRATO_TAPER / 2.0
    window = 0.5 - 0.5 * torch.cos(torch.pi * (to_edge / flank).clamp_max(1.0))
    return (window * mask).to(dtype)


def brightness(harmonics: Tensor, mask: Tensor) -> Tensor:
    """Return the mean centroid of every note's first 60 harmonics / 12; (notes, frames, K) in."""
    shares = harmonics[..., : scales.BRIGHTNESS_HARMONICS]
    total = shares.sum(dim=-1)
    numbers = torch.arange(1, shares.shape[-1] + 1, device=mask.device, dtype=shares.dtype)
    has_some = mask & (total > 0)
    centroids = (shares @ numbers) / torch.where(has_some, total, torch.ones_like(total))
    return _mean(centroids, has_some) / scales.BRIGHTNESS_SPAN


def attack_noise(noise: Tensor, mask: Tensor, gain_db: Tensor | float = 0.0) -> Tensor:
    """Return the mean noise level of every note's first 10 frames; `noise`: (notes, frames, 65).

    `gain_db`: one number, or one per note, shape (notes, 1).
    """
    gain = torch.as_tensor(gain_db, dtype=noise.dtype, device=noise.device).reshape(-1, 1, 1)
    attack = level_db(noise[:, : scales.ATTACK_FRAMES], gain).mean(dim=-1)
    mean_db = _mean(attack, mask[:, : scales.ATTACK_FRAMES])
    return (mean_db - scales.ATTACK_NOISE_ZERO_DB) / scales.ATTACK_NOISE_SPAN_DB


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, values, 0.0).sum(dim=1) / mask.sum(dim=1).clamp_min(1)


def _straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    return soft + (hard - soft).detach()
