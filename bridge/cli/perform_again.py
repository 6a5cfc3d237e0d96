"""A performance gone over again, from the notes or from the frames that a person has edited."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.cli.bar import progress_bar
from bridge.cli.wishes import Wishes, in_range, length, plural, read_lanes, say_if_compiling, warn
from bridge.delivery import delivery
from bridge.performance_folder import (
    FRAMES,
    NOTES,
    PICTURE,
    Folder,
    earlier_files,
    model_digests,
    player_folder,
    players_in,
    read_folder,
    require_unedited,
)
from bridge.performing import (
    Page,
    Sounded,
    all_new,
    deliver,
    deliver_sum,
    gone_over,
    lost_by_hand,
    renew_sum,
)
from plugin_core.performance import player_seed
from plugin_core.performing.takes import Retake, revise
from plugin_core.score.note_table import read_note_table
from plugin_core.sounds import PhraseSound, Sound, load_sound
from plugin_core.types import FRAME_RATE, InputError, Part


def play_again(path: Path, out: Path, wishes: Wishes) -> None:
    """Play anew what was edited in `notes.csv`, or is moved by lanes; keep all other frames."""
    started = time.perf_counter()
    folders = _folders(path, out, wishes)
    say_if_compiling(folders[0].take.sound)
    retakes = [_retake(folder, index, wishes) for index, folder in enumerate(folders)]
    warnings = [
        line
        for folder, retake in zip(folders, retakes, strict=True)
        for line in _doubts(folder, retake)
    ]
    warn(warnings, strict=wishes.strict)
    over = [
        Over(
            gone_over(folder, retake),
            retake.share,
            (*(() if wishes.lanes else (NOTES,)), *(() if retake.share.any() else (FRAMES,))),
        )
        for folder, retake in zip(folders, retakes, strict=True)
    ]
    whole = _deliver(over, path, out, wishes)
    played = sum(len(retake.played) for retake in retakes)
    removed = sum(retake.removed for retake in retakes)
    notes = sum(len(retake.take.notes) for retake in retakes)
    new_s = sum(float(retake.share.sum()) for retake in retakes) / FRAME_RATE
    gone = f", {removed} removed" if removed else ""
    took_s = time.perf_counter() - started
    print(
        f"{out}: {played} of {plural(notes, 'note')} played anew{gone}, {new_s:.1f} s of frames; "
        f"{length(whole)}, in {took_s:.1f} s"
    )


def sound_again(path: Path, out: Path, wishes: Wishes) -> None:
    """Sound the frames as they are in `frames.npz`, whatever is edited in `notes.csv`."""
    started = time.perf_counter()
    folders = _folders(path, out, wishes)
    warn(
        [
            f"{folder.path / NOTES}: its edits are not played, --level expression does that"
            for folder in folders
            if folder.is_edited(NOTES)
        ],
        strict=wishes.strict,
    )
    by_hand = sum(len(folder.by_hand()) for folder in folders)
    over = [Over(folder, all_new(), (NOTES, FRAMES), is_pending=True) for folder in folders]
    whole = _deliver(over, path, out, wishes)
    edited = f"frames by hand in {plural(by_hand, 'note')}" if by_hand else "frames as they were"
    print(f"{out}: {edited}; {length(whole)}, in {time.perf_counter() - started:.1f} s")


@dataclass(frozen=True, slots=True)
class Over:
    """A player's take that was gone over, what of it is new, and which files stay."""

    folder: Folder
    share: NDArray[np.float64]
    keep: tuple[str, ...]
    is_pending: bool = False
    """Whether edits in `notes.csv` are not played yet."""


def _folders(path: Path, out: Path, wishes: Wishes) -> list[Folder]:
    """Return the players' takes; raises InputError for another sound, and edits in the way."""
    folders = [read_folder(place) for place in players_in(path)]
    for folder in folders:
        played = folder.take.sound
        if wishes.sound is not None and not _is_same(load_sound(wishes.sound), played):
            expected = f"{played.reference}, which played {folder.path}"
            raise InputError("--sound", "", expected, wishes.sound)
    if out != path:
        require_unedited(out)
    if wishes.rate is not None:
        folders = [replace(folder, sample_rate=wishes.rate) for folder in folders]
    return folders


def _is_same(sound: Sound, played: PhraseSound) -> bool:
    return (
        isinstance(sound, PhraseSound)
        and sound.instrument == played.instrument
        and sound.synthesis.resolve() == played.synthesis.resolve()
    )


def _retake(folder: Folder, index: int, wishes: Wishes) -> Retake:
    """Return a take with its table as a person has edited it, and with the lanes asked for."""
    take, source = folder.take, folder.path / NOTES
    if len(take.frames) != folder.frame_count:
        expected = f"{folder.frame_count} frames, as notes.csv goes with them"
        raise InputError(folder.path / FRAMES, "f0_hz", expected, f"{len(take.frames)}")
    if wishes.seed is not None:
        take = replace(take, seed=player_seed(wishes.seed, index))
    lanes, _ = read_lanes(wishes.lanes, Part("", controllers=take.controllers), None)
    rows, _ = in_range(read_note_table(source), take.sound.instrument, source)
    share = 1.0 if wishes.performer is None else wishes.performer
    try:
        return revise(take, rows, lanes=lanes, performer=share)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(source, "", "notes of one player, one at a time", error) from error


def _doubts(folder: Folder, retake: Retake) -> Iterator[str]:
    """Yield what may not be as the user thinks."""
    source = folder.path / NOTES
    rows = read_note_table(source)
    yield from in_range(rows, folder.take.sound.instrument, source)[1]
    for start_s, end_s in lost_by_hand(folder, retake):
        yield (
            f"{folder.path / FRAMES}: what was edited by hand from {start_s:.2f} to {end_s:.2f} s "
            "is played anew, its note was edited too"
        )
    model = folder.take.sound.synthesis.name
    if retake.share.any() and model_digests(folder.take.sound)[model] != folder.models.get(model):
        yield f"{folder.path}: was played by another {model}, what is new is played by that of now"
    ordered = sorted(rows, key=lambda row: row.note.onset_s)
    pairs = zip(ordered, retake.take.notes, strict=True)
    if not retake.share.any() and any(a.note.velocity != b.note.velocity for a, b in pairs):
        yield f"{source}: velocity says nothing any more, volume does"


def _deliver(over: Sequence[Over], path: Path, out: Path, wishes: Wishes) -> Sounded:
    """Write every player's files and, of several, the sum."""
    count = len(over)
    earlier = earlier_files(out)
    if out == path:
        # What is not made of edits: a picture of what no longer sounds.
        earlier = tuple(name for name in earlier if name.endswith(PICTURE))
    with delivery(out) as open_delivery, progress_bar() as progress:
        sounded = []
        for index, each in enumerate(over):

            def tell(part: float, doing: str, index: int = index) -> None:
                progress((index + part) / count, doing)

            player = f", player {index + 1} of {count}" if count > 1 else ""
            title = f"{each.folder.take.sound.name} · {each.folder.source}{player}"
            sounded.append(
                deliver(
                    open_delivery,
                    each.folder,
                    below=f"{player_folder(index)}/" if count > 1 else "",
                    keep=each.keep,
                    is_pending=each.is_pending,
                    page=Page(title, each.share) if wishes.picture else None,
                    progress=tell,
                )
            )
        source = over[0].folder.source
        whole = sounded[0] if count == 1 else deliver_sum(open_delivery, source, sounded)
        open_delivery.finish(earlier)
    if out == path and count == 1:
        renew_sum(path)
    return whole
