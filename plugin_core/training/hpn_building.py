"""A whole baseline of the DDX7 study, from recordings to what its file says of it.

In: recordings and settings. Out: a trained decoder (`hpn_training`) as `.study` files hold it; how
near it comes to a recording is measured beside the other models (`study`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from plugin_core.synthesis.ddx7_model import shortened
from plugin_core.synthesis.hpn_decoder import pack_hpn
from plugin_core.synthesis.study_archive import StudyModel
from plugin_core.training.ddx7_building import sources
from plugin_core.training.ddx7_data import REFERENCE_DB, Material
from plugin_core.training.hpn_training import HpnModel, HpnSettings, train_hpn
from plugin_core.training.runs import Progress
from plugin_core.training.study import HPN

_MEASURED_SHARE = 0.15
"""Of the steps: those that learn what the analysis measured."""


def hpn_settings(*, steps: int | None, seed: int) -> HpnSettings:
    """Return how a baseline is trained; without `steps`, as long as was found good."""
    steps = steps or HpnSettings().steps
    return HpnSettings(steps=steps, measured_steps=round(_MEASURED_SHARE * steps), seed=seed)


def build_hpn(
    material: Material,
    settings: HpnSettings,
    folder: Path,
    told: Mapping[str, Any],
    *,
    room_s: float = 1.0,
    progress: Callable[[Progress], None] = lambda _: None,
) -> StudyModel:
    """Train a baseline, or go on from the checkpoint in `folder`; return it as the study keeps it.

    `told` is what its description says besides what is found out here; of the learnt room the
    first `room_s` seconds are kept. Raises InputError if the checkpoint there is of a run with
    other settings.
    """
    model = train_hpn(material, settings, folder, progress=progress)
    model.room = shortened(model.room, room_s)
    description = {
        "kind": HPN,
        "noise": True,
        "steps": settings.steps,
        "measured_steps": settings.measured_steps,
        "seed": settings.seed,
        "reference_loudness_db": REFERENCE_DB,
        "sources": sources(material.training),
        **told,
    }
    return study_model(model, description)


def study_model(model: HpnModel, description: Mapping[str, Any]) -> StudyModel:
    """Return a trained baseline as the study keeps it; `description` is what is told of it."""
    weights, layout = pack_hpn(model.decoder)
    response = model.room.response().detach().cpu().numpy().astype(np.float32)
    return StudyModel(dict(description), weights, layout, response)
