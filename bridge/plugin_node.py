"""The built plug-in as a node of a DawDreamer graph: a part in, the track's dry audio out.

DawDreamer moves parameters once per buffer, so that buffers are small. It cuts the times of MIDI
events and the length of a render down to samples, and gives a plug-in's audio as late as the
plug-in says it is; ours is not late.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bridge.effects import first_line
from bridge.plugin_performance import BUFFER, PluginPerformance, midi_file, normalised
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.types import Audio, InputError, Lane


class PluginNode:
    """The plug-in at a path, alone in a graph; it plays one performance after the other.

    Raises InputError if it cannot be loaded.
    """

    def __init__(self, plugin: Path, *, sample_rate: int, buffer: int = BUFFER) -> None:
        import dawdreamer

        self._sample_rate = sample_rate
        self._engine = dawdreamer.RenderEngine(sample_rate, buffer)
        try:
            self._node = self._engine.make_plugin_processor("instrument", str(plugin))
        except RuntimeError as error:
            raise InputError(plugin, "", "a plug-in that loads", first_line(error)) from error
        self._engine.load_graph([(self._node, [])])

    def render(self, performance: PluginPerformance, samples: int) -> Audio:
        """Return what the plug-in plays, from silence, shape (2, samples)."""
        with tempfile.TemporaryDirectory(prefix="hexachord-") as folder:
            state, midi = Path(folder) / "state", Path(folder) / "part.mid"
            state.write_bytes(performance.state)
            self._node.load_state(str(state))
            midi_file(performance.messages, self._sample_rate).save(midi)
            self._node.load_midi(str(midi))
        _automate(self._node, performance.automation, self._sample_rate, samples)
        self._engine.render((samples + 0.5) / self._sample_rate)
        audio: Audio = self._node.get_audio()
        if audio.shape != (2, samples):
            raise RuntimeError(
                f"the plug-in's node recorded {audio.shape}, expected {(2, samples)}"
            )
        return audio


def _automate(node: Any, lanes: Mapping[str, Lane], sample_rate: int, samples: int) -> None:
    """Draw the lanes as automation, one value per sample up to their last breakpoint."""
    if not lanes:
        return
    places = {node.get_parameter_name(index): index for index in range(len(PARAMETERS))}
    for name, lane in lanes.items():
        end = min(samples, int(np.ceil(lane.times_s[-1] * sample_rate)) + 1)
        values = lane.at(np.arange(max(1, end)) / sample_rate)
        place = places[PARAMETERS[PARAMETER_INDEX[name]].name]
        node.set_automation(place, normalised(name, values))
