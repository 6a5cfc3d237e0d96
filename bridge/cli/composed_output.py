"""What every composed piece is written to: MIDI, its flat twin, its picture, or a folder of all."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.composed_session import Titled, render_composed, sounds_named, write_midi_file
from plugin_core.score import TempoMap
from plugin_core.types import InputError, Part


class Wishes(NamedTuple):
    """What the options say of any piece."""

    out: Path
    bars: int | None
    seed: int
    model: str | None
    bpm: float | None
    render: str | None
    picture: bool
    flat: bool


class Piece(NamedTuple):
    """What was composed, and its flat twin at the flat tempo."""

    parts: tuple[Part, ...]
    tempo: TempoMap
    flat_parts: tuple[Part, ...]
    flat_tempo: TempoMap


def require_apart(wishes: Wishes, stem: str, read: Sequence[Path]) -> None:
    """Raise InputError where a file that is read would be written over."""
    midi = _midi_of(wishes, stem)
    written = [midi, _twin_of(midi), midi.with_suffix(".png"), midi.with_suffix(".toml")]
    for path in read:
        for place in written:
            if place.exists() and path.exists() and place.samefile(path):
                raise InputError(place, "", "another file than what is read", path)


def _midi_of(wishes: Wishes, stem: str) -> Path:
    return wishes.out if wishes.render is None else wishes.out / f"{stem}.mid"


def _twin_of(midi: Path) -> Path:
    return midi.with_name(f"{midi.stem}-flat{midi.suffix}")


def require_sounds(render: str | None, parts: int) -> tuple[str, ...]:
    """Return the sounds of the parts, none without --render; raises InputError before any work."""
    if render is None:
        return ()
    from plugin_core.sounds import load_sound

    sounds = sounds_named(render, parts)
    for sound in dict.fromkeys(sounds):
        load_sound(sound)
    return sounds


def deliver(titled: Titled, piece: Piece, sounds: Sequence[str], wishes: Wishes) -> None:
    """Write a piece, to a MIDI file or, where there are sounds, into a folder; tell of it."""
    told = []
    midi = _midi_of(wishes, titled.stem)
    if sounds:
        out = wishes.out
        told.append(render_composed(out, titled, piece.parts, piece.tempo, sounds, wishes.seed))
    else:
        write_midi_file(midi, piece.parts, piece.tempo)
        notes = sum(len(part.notes) for part in piece.parts)
        told.append(f"{midi}: {titled.title}, {notes} notes")
    if wishes.flat:
        twin = _twin_of(midi)
        write_midi_file(twin, piece.flat_parts, piece.flat_tempo)
        told.append(f"{twin}: its flat twin")
    if wishes.picture:
        from bridge.composition_picture import draw_composition

        image = midi.with_suffix(".png")
        draw_composition(image, titled.title, piece.parts, piece.flat_parts)
        told.append(f"{image}: its velocities and durations")
    print("\n".join(told))


def names_in(option: str, text: str | None, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a list with commas, all `known` where there is none.

    Raises InputError for others.
    """
    if text is None:
        return tuple(known)
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names or ("",):
        if name not in known:
            raise InputError(option, "", f"some of {','.join(known)}", repr(name or text))
    return names
