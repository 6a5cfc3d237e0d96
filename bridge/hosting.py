"""Pedalboard as a host: chains of effects, and the built plug-in as an instrument.

Effects hear stereo. Pedalboard takes off each effect's reported latency, so what comes out is as
long as what went in and aligned with it. Audio passes in pieces, so that a long track never stands
in memory, except through the few effects that need all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.effects import OpenEffect, first_line, open_effect
from bridge.plugin_performance import PluginPerformance, normalised
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.types import Audio, InputError, Mono

if TYPE_CHECKING:
    from plugin_core.session import Effect

PIECE = 1 << 18
"""Audio passes in pieces of this many samples."""

LONGEST_RING_S = 20.0
"""Effects that ring longer, or for ever, are cut there."""

_FLUSH, _FLUSHES = 8192, 64


class EffectChain:
    """Effects in the order in which a track passes them.

    `where` is (file, place in it), as errors name them. Raises InputError as `open_effect` does.
    """

    def __init__(
        self,
        effects: "Sequence[Effect]",
        *,
        sample_rate: int,
        folder: Path = Path(),
        where: tuple[str, str] = ("session", "effect"),
    ) -> None:
        self._source, place = where
        self._sample_rate = sample_rate
        self._effects = [
            open_effect(
                effect,
                sample_rate=sample_rate,
                folder=folder,
                where=(self._source, f"{place} {number} ({effect.name})"),
            )
            for number, effect in enumerate(effects, start=1)
        ]

    def process(self, audio: Audio | Mono) -> Audio:
        """Return `audio`, shape (samples,), (1, samples) or (2, samples), after all effects.

        The result has the shape (2, samples). Raises as `stream` does.
        """
        wide = np.atleast_2d(audio)
        pieces = (wide[:, start : start + PIECE] for start in range(0, wide.shape[1], PIECE))
        return _joined(self.stream(pieces))

    def stream(self, pieces: Iterable[Audio]) -> Iterator[Audio]:
        """Yield the audio of mono or stereo `pieces` after all effects, in stereo pieces.

        All together are as long as what came in. Raises InputError if an effect fails on the audio
        or returns values that are not finite.
        """
        passing: Iterable[Audio] = map(_stereo, pieces)
        for opened in self._effects:
            if opened.in_pieces:
                passing = self._in_pieces(opened, passing)
            else:
                passing = self._as_a_whole(opened, passing)
        yield from passing

    def _in_pieces(self, opened: OpenEffect, pieces: Iterable[Audio]) -> Iterator[Audio]:
        """Yield what one effect makes of each piece, and at the end what it held back."""
        opened.effect.reset()
        missing = 0
        for piece in pieces:
            out = self._run(opened, piece, reset=False)
            missing += piece.shape[1] - out.shape[1]
            yield out
        silence = np.zeros((2, _FLUSH), np.float32)
        for _ in range(_FLUSHES):
            if missing == 0:
                return
            out = self._run(opened, silence, reset=False)[:, :missing]
            missing -= out.shape[1]
            yield out
        yield np.zeros((2, missing), np.float32)

    def _as_a_whole(self, opened: OpenEffect, pieces: Iterable[Audio]) -> Iterator[Audio]:
        """Yield what one effect makes of all pieces at once."""
        whole = _joined(pieces)
        out = self._run(opened, whole, reset=True)[:, : whole.shape[1]]
        yield out
        yield np.zeros((2, whole.shape[1] - out.shape[1]), np.float32)

    def _run(self, opened: OpenEffect, audio: Audio, *, reset: bool) -> Audio:
        try:
            out: Audio = opened.effect.process(audio, self._sample_rate, reset=reset)
        except (ValueError, RuntimeError) as error:
            expected = "an effect that can process this audio"
            raise InputError(self._source, opened.place, expected, first_line(error)) from error
        if not np.isfinite(out).all():
            raise InputError(self._source, opened.place, "finite audio from it", "NaN or Inf")
        return _stereo(out)

    def ring_s(self) -> float:
        """Return how long the effects go on after a sound ends, 0..20 s: until 80 dB below it."""
        if not self._effects:
            return 0.0
        burst = np.random.default_rng(0).uniform(-0.5, 0.5, (2, self._sample_rate // 4))
        end = 0
        for ring_s in (2.0, LONGEST_RING_S):
            probe = np.zeros((2, burst.shape[1] + int(ring_s * self._sample_rate)), np.float32)
            probe[:, : burst.shape[1]] = burst
            heard = np.abs(self.process(probe)).max(axis=0)
            loud = np.flatnonzero(heard > heard.max() * 1e-4)
            end = int(loud[-1]) + 1 if len(loud) else 0
            if end < probe.shape[1]:
                break
        return float(max(0, end - burst.shape[1]) / self._sample_rate)


def _stereo(audio: Audio) -> Audio:
    return np.ascontiguousarray(np.broadcast_to(audio, (2, audio.shape[1])), dtype=np.float32)


def _joined(pieces: Iterable[Audio]) -> Audio:
    return np.concatenate([np.zeros((2, 0), np.float32), *pieces], axis=1)


def open_instrument(plugin: Path) -> Any:
    """Return the instrument plug-in at `plugin` in Pedalboard.

    Raises InputError if it cannot be loaded.
    """
    from pedalboard import load_plugin  # type: ignore[attr-defined]

    try:
        return load_plugin(str(plugin))
    except (ImportError, RuntimeError, ValueError) as error:
        raise InputError(plugin, "", "a plug-in that loads", first_line(error)) from error


def render_hosted(
    performance: PluginPerformance,
    *,
    instrument: Any,
    sample_rate: int,
    samples: int,
    buffer: int = 64,
) -> Audio:
    """Return what an open instrument plays, shape (2, samples); it starts anew each time.

    Automation moves once per `buffer` samples; without any, `buffer` is only the size of the
    plug-in's blocks.
    """
    instrument.raw_state = performance.state
    by_name = {parameter.name: parameter for parameter in instrument.parameters.values()}
    moving = {
        by_name[PARAMETERS[PARAMETER_INDEX[name]].name]: (name, lane)
        for name, lane in performance.automation.items()
    }
    piece = buffer if moving else samples
    rendered = []
    at = 0
    for start in range(0, samples, piece):
        stop = min(start + piece, samples)
        for parameter, (name, lane) in moving.items():
            value = normalised(name, lane.at(np.array([start / sample_rate])))
            parameter.raw_value = float(value[0])
        messages = []
        while at < len(performance.messages) and performance.messages[at].sample < stop:
            message = performance.messages[at]
            # Pedalboard takes many messages of one time for a mistake: spread inside the sample.
            inside = 0.25 + 0.5 * at / len(performance.messages)
            messages.append((message.data, (message.sample - start + inside) / sample_rate))
            at += 1
        out = instrument.process(
            messages,
            duration=(stop - start + 0.5) / sample_rate,
            sample_rate=sample_rate,
            buffer_size=buffer,
            reset=start == 0,
        )
        rendered.append(out)
    return _joined(rendered)
