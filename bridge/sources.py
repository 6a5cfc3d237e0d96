"""Passes one and two of a render: what a track's engine or plug-in plays, and its effects.

A track's audio, mono or with effects stereo, goes to a file, so that it can be made in another
process and mixed without ever standing in memory as a whole.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bridge.hosting import PIECE, EffectChain
from bridge.scratch import Scratch
from plugin_core.types import Audio, InputError, Lane, Mono, Part

if TYPE_CHECKING:
    from plugin_core.session import Effect
    from plugin_core.sounds import Sound

_SHARE_OF_THE_ENGINE = 0.9


@dataclass(frozen=True)
class SourceJob:
    """One track to be played: all that a worker process needs to know."""

    sound: "Sound"
    part: Part
    lanes: Mapping[str, Lane]
    effects: "tuple[Effect, ...]"
    sample_rate: int
    samples: int
    seed: int
    folder: Path
    """Where the paths of effects start."""
    where: tuple[str, str]
    """File and place in it, as errors name the track."""
    out: Scratch
    plugin: Path | None = None
    """The built plug-in, if it is to play and not the engine here."""

    def run(self, progress: Callable[[float], None]) -> None:
        """Play the track, pass it through its effects and write `out`.

        Raises InputError if an effect fails, or if what it returns is not finite.
        """
        played = self._play(lambda fraction: progress(fraction * _SHARE_OF_THE_ENGINE))
        source, place = self.where
        if not np.isfinite(played).all():
            raise InputError(source, place, f"finite audio from {self.sound.name}", "NaN or Inf")
        pieces: Iterator[Audio] = (
            played[np.newaxis, n : n + PIECE] for n in range(0, len(played), PIECE)
        )
        if self.effects:
            chain = EffectChain(
                self.effects,
                sample_rate=self.sample_rate,
                folder=self.folder,
                where=(source, f"{place}, effect"),
            )
            pieces = chain.stream(pieces)
        for piece in pieces:
            self.out.append(piece)

    def _play(self, progress: Callable[[float], None]) -> Mono:
        """Return the dry track, shape (samples,)."""
        if self.plugin is not None:
            from bridge.plugin_node import PluginNode
            from bridge.plugin_performance import plugin_performance
            from plugin_core.sounds import FmSound, PhraseSound

            if isinstance(self.sound, PhraseSound):
                raise TypeError(f"the plug-in plays no phrases: {self.sound.reference}")
            performance = plugin_performance(
                self.sound.voice if isinstance(self.sound, FmSound) else self.sound,
                self.part,
                lanes=self.lanes,
                sample_rate=self.sample_rate,
                seed=self.seed,
            )
            node = PluginNode(self.plugin, sample_rate=self.sample_rate)
            left: Mono = node.render(performance, self.samples)[0]
            return left
        from plugin_core.performance import perform

        return perform(
            self.sound,
            self.part,
            lanes=self.lanes,
            sample_rate=self.sample_rate,
            samples=self.samples,
            seed=self.seed,
            progress=progress,
        )
