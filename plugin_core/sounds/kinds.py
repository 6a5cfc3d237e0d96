"""What plays a part: a DX7 voice, an instrument that sees the whole phrase, or a live one."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args

from plugin_core.dx7.voice import Voice

Model = Literal["phrase", "live"]
"""What plays a neural instrument: models that see the whole phrase, or a causal one."""
MODELS: tuple[Model, ...] = get_args(Model)


@dataclass(frozen=True, slots=True)
class FmSound:
    """A DX7 voice, which the engine plays.

    `name` is for display, `reference` is as the user wrote it. `warnings` are lines on what was
    not as it should be in the file of this sound.
    """

    kind: ClassVar[str] = "a DX7 voice"

    name: str
    reference: str
    voice: Voice
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseSound:
    """An instrument of neural models that see the whole phrase; one player sounds one note.

    `instrument` is one of `synthesis.instruments`; `synthesis` and `expression` are the archives of
    its models, not opened yet.
    """

    kind: ClassVar[str] = "an instrument that plays phrases"

    name: str
    reference: str
    instrument: str
    synthesis: Path
    expression: Path
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSound:
    """An instrument of a causal model, which the engine plays as it plays an FM voice.

    `model` is the archive, of which only the description has been read; `row` is the instrument's
    place in it.
    """

    kind: ClassVar[str] = "a live instrument"

    name: str
    reference: str
    instrument: str
    model: Path
    row: int
    warnings: tuple[str, ...] = ()


Sound = FmSound | PhraseSound | LiveSound
"""What plays a part."""
