"""The assembled phrases of a corpus, for every instrument alike, kept beside its recordings.

In: shards of `Performed` notes and performances. Out: shards of phrases, one for each instrument;
the same corpus gives the same phrases. Instruments without a held-out performance have held-out
phrases too, of held-out notes alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.note_joins import joins_of
from plugin_core.training.note_material import sources_of
from plugin_core.training.parameter_phrases import assemble_phrase
from plugin_core.training.performed_cache import Performed, read_shard, write_shard

SCHEMA = 2
PHRASES, HELD_OUT_PHRASES = 24, 5
"""Of every instrument."""
SECONDS = 14.0
_HELD_OUT_SEED = 1_000_000


@dataclass(frozen=True, slots=True)
class Assembly:
    """The phrases of one instrument that are to be assembled, and their shard."""

    path: Path
    instrument: str
    sources: tuple[Path, ...]
    """Shards of notes and performances."""


def assemblies(folder: Path, sources: Sequence[Path]) -> tuple[Assembly, ...]:
    """Return what is to be assembled of these shards, in the folder of the shards."""
    content = f"{SCHEMA} " + " ".join(path.name for path in sources)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return tuple(
        Assembly(folder / f"assembled-{instrument}-{digest}", instrument, tuple(sources))
        for instrument in INSTRUMENTS
    )


def assemble(assembly: Assembly) -> None:
    """Write the shard of an instrument: empty if there are no notes or no performances."""
    everything = [each for path in assembly.sources for each in read_shard(path)]
    performances = [each for each in everything if each.origin == "performance"]
    own = [each for each in everything if each.instrument == assembly.instrument]
    wanted = [(False, PHRASES)]
    if not any(each.origin == "performance" and each.is_held_out for each in own):
        wanted.append((True, HELD_OUT_PHRASES))
    phrases: list[Performed] = []
    for is_held_out, count in wanted:
        phrases.extend(_phrases(assembly.instrument, own, performances, is_held_out, count))
    write_shard(assembly.path, phrases)


def _phrases(
    instrument: str,
    own: Sequence[Performed],
    performances: Sequence[Performed],
    is_held_out: bool,
    count: int,
) -> list[Performed]:
    notes = [each for each in own if each.origin == "note" and each.is_held_out == is_held_out]
    sources = sources_of(notes)
    for_training = [each for each in performances if not each.is_held_out]
    if not sources or not for_training:
        return []
    joins = joins_of(instrument, for_training)
    licence = "; ".join(sorted({f"{each.source}: {each.licence}" for each in notes}))
    first = INSTRUMENTS.index(instrument) * 1000 + (_HELD_OUT_SEED if is_held_out else 0)
    return [
        assemble_phrase(
            sources,
            joins,
            name=f"assembled/{instrument}/{'valid' if is_held_out else 'train'}-{index:03d}",
            instrument=instrument,
            licence=licence,
            seconds=SECONDS,
            is_held_out=is_held_out,
            seed=first + index,
        )
        for index in range(count)
    ]
