"""The built plug-in as a player of what a live model is measured on."""

from dataclasses import dataclass
from pathlib import Path

from plugin_core.training.live_player import RATE, LivePart, Player, live_sound
from plugin_core.types import Mono


@dataclass(frozen=True, slots=True)
class PluginMaker:
    """Makes players that are the plug-in at a path in DawDreamer, its lanes automation.

    `model` is the archive of the instruments. The plug-in is opened once for each player.
    """

    plugin: Path
    model: Path

    def __call__(self) -> Player:
        """Return a player; raises InputError for a plug-in that does not load."""
        from bridge.plugin_node import PluginNode
        from bridge.plugin_performance import plugin_performance

        node = PluginNode(self.plugin, sample_rate=RATE)

        def play(live: LivePart) -> Mono:
            performance = plugin_performance(
                live_sound(self.model, live.instrument),
                live.part,
                lanes=live.lanes,
                sample_rate=RATE,
            )
            left: Mono = node.render(performance, live.samples)[0]
            return left

        return play
