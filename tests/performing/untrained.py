"""Archives of networks that have learnt nothing: everything of the real chain but the training."""

from pathlib import Path

import torch

from plugin_core.expression.generator import ExpressionGenerator, Sizes
from plugin_core.expression.performer import save_performer
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.synthesis_model import SynthesisModel, save_synthesis_model

TYPICAL = (0.75, 0.1, 0.4, 0.25, 0.3, 0.5)


def write_untrained(folder: Path) -> Path:
    """Write synthesis.ts and expression.ts into a folder; return the first."""
    torch.manual_seed(5)
    generator = ExpressionGenerator(Sizes(len(INSTRUMENTS)))
    save_performer(
        folder / "expression.ts", generator, {"typical": dict.fromkeys(INSTRUMENTS, TYPICAL)}
    )
    save_synthesis_model(folder / "synthesis.ts", SynthesisModel(), {})
    return folder / "synthesis.ts"
