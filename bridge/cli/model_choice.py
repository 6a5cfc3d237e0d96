"""The option `--model`."""

from enum import StrEnum


class ModelChoice(StrEnum):
    """Which models play neural instruments, by their names in `plugin_core.sounds`."""

    PHRASE = "phrase"
    LIVE = "live"
