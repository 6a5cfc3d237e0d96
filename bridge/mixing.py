"""The mixing desk as a DawDreamer graph: one playback node and one strip per track, and their sum.

A strip is a Faust node that multiplies left and right by their gains. The gains run beside the
audio as two more channels of the playback node, because a DawDreamer parameter moves once per block
and its panner glides for 50 ms: carried as audio, a lane is obeyed to the sample.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Audio, Lane

SEGMENT = 1 << 18
"""At most this many samples are mixed at a time, so that a long session never stands in memory."""

_ALL_TRACKS = 8 * SEGMENT

SILENCE_DB = -120.0
"""A gain at or below this is silence."""

_GLIDE_S = 0.005
_BLOCK = 2048
_STRIP = "process(left, right, left_gain, right_gain) = left * left_gain, right * right_gain;"
_SUM = "sum"


def strip_gains(
    gain_db: Lane, pan: Lane, *, start: int, samples: int, sample_rate: float
) -> NDArray[np.float32]:
    """Return the gains of left and right for samples `start` and on, shape (2, samples).

    Pan -1..1 is constant-power with 0 dB in the centre: an unpanned track passes untouched, and
    the two channels' power adds up to the same at every position (+3 dB alone at either side).
    Gain is in dB, linear in dB between breakpoints. A step glides for 5 ms, so as not to click.
    """
    times_s = (start + np.arange(samples)) / sample_rate
    gain = _values(gain_db, times_s)
    linear = np.where(gain > SILENCE_DB, 10 ** (gain / 20), 0.0)
    angle = (np.clip(_values(pan, times_s), -1, 1) + 1) * (np.pi / 4)
    sides = np.stack([np.cos(angle), np.sin(angle)]) * (np.sqrt(2) * linear)
    return np.broadcast_to(sides, (2, samples)).astype(np.float32)


def _values(lane: Lane, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lane's values, a single one if they are all the same."""
    if len(lane.values) == 1:
        return lane.values
    gliding = _gliding(lane)
    return np.interp(times_s, gliding.times_s, gliding.values)


def _gliding(lane: Lane) -> Lane:
    """Return the lane with its steps drawn out, as far as the next breakpoint leaves room."""
    after = np.append(lane.times_s[1:], np.inf)
    is_step = np.append(False, np.diff(lane.times_s) == 0)
    later = np.minimum(lane.times_s + _GLIDE_S, after)
    return Lane(np.where(is_step, later, lane.times_s), lane.values)


class MixingDesk:
    """Mixes audio of any length up to `segment` samples at a time."""

    def __init__(self, tracks: int, sample_rate: int) -> None:
        import dawdreamer

        self._sample_rate = sample_rate
        self._engine = dawdreamer.RenderEngine(sample_rate, _BLOCK)
        each = _ALL_TRACKS // tracks // _BLOCK * _BLOCK
        self.segment = min(SEGMENT, max(each, _BLOCK))
        self._feeds = [np.zeros((4, self.segment), np.float32) for _ in range(tracks)]
        self._sources = []
        self._strips = [f"strip {number}" for number in range(1, tracks + 1)]
        nodes = []
        for name, feed in zip(self._strips, self._feeds, strict=True):
            source = self._engine.make_playback_processor(f"{name} source", feed)
            strip = self._engine.make_faust_processor(name)
            strip.auto_import = ""
            if not (strip.set_dsp_string(_STRIP) and strip.compile()):
                raise RuntimeError("DawDreamer cannot compile the strip's Faust code")
            strip.record = True
            self._sources.append(source)
            nodes += [(source, []), (strip, [source.get_name()])]
        total = self._engine.make_add_processor(_SUM, [1.0] * tracks)
        self._engine.load_graph([*nodes, (total, self._strips)])

    def mix(
        self, sources: Sequence[Audio], gains: Sequence[NDArray[np.float32]]
    ) -> tuple[list[Audio], Audio]:
        """Return the stems and their sum, each of shape (2, samples).

        `sources` are mono (1, samples) or stereo (2, samples), `gains` (2, samples) as
        `strip_gains` makes them. The sum adds the stems in order, in 32-bit floats.
        """
        samples = sources[0].shape[1]
        whole = -(-samples // _BLOCK) * _BLOCK
        for node, feed, audio, gain in zip(self._sources, self._feeds, sources, gains, strict=True):
            feed[:2, :samples] = audio
            feed[2:, :samples] = gain
            feed[:, samples:whole] = 0
            node.set_data(feed)
        # DawDreamer cuts seconds down to samples: half a sample more keeps the last one.
        self._engine.render((samples + 0.5) / self._sample_rate)
        recorded = [self._engine.get_audio(name) for name in (*self._strips, _SUM)]
        for name, audio in zip((*self._strips, _SUM), recorded, strict=True):
            if audio.shape != (2, samples):
                raise RuntimeError(
                    f"DawDreamer's node '{name}' recorded {audio.shape}, expected {(2, samples)}"
                )
        return recorded[:-1], recorded[-1]
