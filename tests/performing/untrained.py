"""Archives of networks that have learnt nothing: everything of the real chain but the training."""

from pathlib import Path

import torch

from plugin_core.expression.generator import ExpressionGenerator, Sizes
from plugin_core.expression.performer import Performer, save_performer
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.synthesis_model import SynthesisModel, save_synthesis_model

TYPICAL = (0.75, 0.1, 0.4, 0.25, 0.3, 0.5)


def write_untrained(folder: Path) -> Path:
    """Write synthesis.ts and expression.ts into a folder; return the first."""
    torch.manual_seed(5)
    known = {"instruments": list(INSTRUMENTS), "typical": dict.fromkeys(INSTRUMENTS, TYPICAL)}
    performer = Performer(ExpressionGenerator(Sizes(len(INSTRUMENTS))), known)
    save_performer(folder / "expression.ts", performer, {})
    save_synthesis_model(folder / "synthesis.ts", SynthesisModel(), {})
    return folder / "synthesis.ts"
