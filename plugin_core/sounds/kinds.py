"""What plays a part: a DX7 voice, an instrument of phrases, a live one, or one on a DX7 voice."""

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


@dataclass(frozen=True, slots=True)
class Ddx7Sound(LiveSound):
    """A live instrument of a DDX7 model, which plays the six operators of a DX7 voice.

    Its routing, its ratios and its levels can be driven as those of any DX7 voice; it is the only
    one in its archive.
    """

    kind: ClassVar[str] = "a DDX7 instrument"


Sound = FmSound | PhraseSound | LiveSound | Ddx7Sound
"""What plays a part."""
