"""DDX7 models for storms: the bundled ones, and made-up ones of random weights."""

from functools import lru_cache

import numpy as np
import pytest

from plugin_core.engine.ddx7_file import Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import Ddx7Layer, ddx7_kind, ddx7_size
from plugin_core.engine.live_layout import LayerKind
from plugin_core.sounds import presets_folder
from tests.engine.ddx7_organ import ddx7_organ, put

PLAYED = {
    "I_MAX": 4 * np.pi,
    "REFERENCE_DB": -20.0,
    "NOTE_DB": -7.0,
    "SLOPE_DB": 3.0,
    "VELOCITY_DB": 8.0,
    "GAIN_DB": 0.0,
    "LOWEST_PITCH": 55.0,
    "HIGHEST_PITCH": 96.0,
}


@lru_cache(maxsize=3)
def bundled_ddx7(name: str) -> Ddx7Model:
    """A model of the repository; without it the test is skipped."""
    path = presets_folder() / "instruments" / f"{name}.ts"
    if not path.is_file():
        pytest.skip(f"no bundled DDX7 model: {path} is not there")
    return read_ddx7_model(path)


def made_up_ddx7(seed: int = 0, *, size: float = 1.0) -> Ddx7Model:
    """Random weights, `size` times as large as those that keep the size of what goes through.

    Algorithm, ratios and contours are random as well; there is noise.
    """
    random = np.random.default_rng(seed)
    fields = {f"op{n}_coarse": float(random.integers(0, 9)) for n in range(1, 7)}
    model = ddx7_organ(
        algorithm=int(random.integers(1, 33)),
        fields=fields,
        playing=PLAYED,
        attack=np.sort(random.uniform(-40, 0, 50)),
        release=-np.sort(random.uniform(0, 60, 75)),
        life=(5.5, 4.0),
        noise_logit=-6.0,
    )
    for layer in Ddx7Layer:
        if ddx7_kind(layer) != LayerKind.TABLE:
            count = ddx7_size(layer)
            inputs = {LayerKind.DENSE: 1, LayerKind.CAUSAL_CONV: 3}[ddx7_kind(layer)]
            spread = size / np.sqrt(inputs * 128)
            put(model.weights, layer, spread * random.standard_normal(count))
    return model
