"""Performances to folders, and folders gone over again: what is written, and what was touched."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.delivery import Delivery, delivery
from bridge.performance_folder import (
    AUDIO,
    FRAMES,
    NOTES,
    PICTURE,
    Folder,
    digest_of,
    model_digests,
    note_digests,
    players_in,
)
from bridge.performance_record import RECORD, players_record_text, read_record, record_text
from bridge.performer_picture import PerformerPicture, draw_performer
from bridge.spectrogram import Spectrogram
from plugin_core.hearing.frames_file import FrameStore, write_frames
from plugin_core.performing.revision import note_spans
from plugin_core.performing.takes import Retake, Take, samples_of, sounding
from plugin_core.score.note_table import note_table
from plugin_core.types import FRAME_RATE, InputError

_COLUMNS = 1200
_PIECE = 1 << 18

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Page:
    """What the picture says besides the take."""

    title: str
    share: NDArray[np.float64]
    """How much of every frame is new; of shape (0,) where all of it is."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """What came of the sound: where it was written, how long it is and its peak (linear)."""

    place: Path
    samples: int
    sample_rate: int
    peak: float


def all_new() -> NDArray[np.float64]:
    """Return the share that a picture does not show: nothing of it is old."""
    return np.zeros(0)


def new_folder(
    path: Path, take: Take, *, source: str, temperature: float, sample_rate: int
) -> Folder:
    """Return a take that was just performed as it will stand in a folder."""
    return Folder(
        path=path,
        take=take,
        source=source,
        temperature=temperature,
        sample_rate=sample_rate,
        digests=note_digests(take.frames, take.notes),
        models=model_digests(take.sound),
        frame_count=len(take.frames),
    )


def gone_over(folder: Folder, retake: Retake) -> Folder:
    """Return the folder with a take gone over again, and the digests of what was made for it.

    What a person did to the frames of a note that stays is still told from what was made.
    """
    take = retake.take
    before = {start: index for index, (start, _) in enumerate(note_spans(folder.take.notes))}
    by_hand = set(folder.by_hand())
    now = note_digests(take.frames, take.notes)
    digests = []
    for row, (start, _) in enumerate(note_spans(take.notes)):
        index = before.get(start)
        is_kept = index is not None and row not in retake.played
        digests.append(folder.digests[index] if is_kept and index in by_hand else now[row])
    models = model_digests(take.sound) if retake.share.any() else folder.models
    return replace(
        folder,
        take=take,
        digests=tuple(digests),
        frame_count=len(take.frames),
        models=models,
    )


def lost_by_hand(folder: Folder, retake: Retake) -> list[tuple[float, float]]:
    """Return from where to where, in seconds, frames made by hand were played over."""
    spans = note_spans(folder.take.notes)
    ends = [*(start for start, _ in spans[1:]), len(folder.take.frames)]
    return [
        (spans[index][0] / FRAME_RATE, ends[index] / FRAME_RATE)
        for index in folder.by_hand()
        if retake.share[spans[index][0] : ends[index]].mean() > 0.5
    ]


def deliver(
    delivery: Delivery,
    folder: Folder,
    *,
    below: str = "",
    keep: Sequence[str] = (),
    is_pending: bool = False,
    page: Page | None,
    progress: Progress,
) -> Sounded:
    """Write a take's files, and what the record says of them; `below` is its folder's prefix.

    Files in `keep` stay as they are in `folder`, or are copied from there. Where `is_pending`, the
    edits in `notes.csv` are not played yet, and the record says no more of it than before.
    """
    digests = {
        name: _written(delivery, folder, below, name, name in keep) for name in (NOTES, FRAMES)
    }
    if is_pending:
        digests[NOTES] = folder.files.get(NOTES, "")
    place = delivery.file(below + AUDIO)
    sounded, levels_db = _write_sound(place, folder, progress)
    digests[AUDIO] = digest_of(place) or ""
    record = record_text(replace(folder, files=digests))
    delivery.file(below + RECORD).write_text(record, "utf-8")
    if page is not None:
        progress(0.9, "drawing")
        take = folder.take
        told = (
            f"{len(take.notes)} notes · seed {take.seed} · "
            f"{sounded.samples / sounded.sample_rate:.1f} s at {sounded.sample_rate} Hz"
        )
        draw_performer(
            PerformerPicture(page.title, told, take.notes, take.frames, levels_db, page.share),
            delivery.file(below + PICTURE),
        )
    return sounded


def deliver_sum(delivery: Delivery, source: str, parts: Sequence[Sounded]) -> Sounded:
    """Write the sum of what several players sound, delivered before, and the record above it."""
    from pedalboard.io import AudioFile

    place = delivery.file(AUDIO)
    samples, rate = max(part.samples for part in parts), parts[0].sample_rate
    peak, done = 0.0, 0
    with ExitStack() as stack:
        files = [stack.enter_context(AudioFile(str(part.place))) for part in parts]
        out = stack.enter_context(place.open("wb"))
        wav = stack.enter_context(
            AudioFile(out, "w", rate, num_channels=1, bit_depth=32, format="wav")
        )
        while done < samples:
            piece = np.zeros((1, min(_PIECE, samples - done)), np.float32)
            for file in files:
                read = file.read(piece.shape[1])
                piece[:, : read.shape[1]] += read
            wav.write(piece)
            peak = max(peak, float(np.abs(piece).max()))
            done += piece.shape[1]
    record = players_record_text(source, len(parts), {AUDIO: digest_of(place) or ""})
    delivery.file(RECORD).write_text(record, "utf-8")
    return Sounded(place, samples, rate, peak)


def renew_sum(player: Path) -> None:
    """Write the sum of several players anew if `player` is the folder of one of them.

    Not where the others have another sample rate: that sum is written when all are gone over.
    """
    from pedalboard.io import AudioFile

    above = player.resolve().parent
    try:
        places = [place / AUDIO for place in players_in(above)]
    except InputError:
        return
    if player.resolve() / AUDIO not in places or not all(place.is_file() for place in places):
        return
    parts = []
    for place in places:
        with AudioFile(str(place)) as file:
            parts.append(Sounded(place, file.frames, int(file.samplerate), 0.0))
    if len({part.sample_rate for part in parts}) == 1:
        source = read_record(above).text("source") or ""
        with delivery(above) as open_delivery:
            deliver_sum(open_delivery, source, parts)
            open_delivery.finish()


def _written(delivery: Delivery, folder: Folder, below: str, name: str, stays: bool) -> str:
    """Write `notes.csv` or `frames.npz`, unless it stays as it is; return its digest."""
    if stays and delivery.target / below == folder.path:
        return digest_of(folder.path / name) or ""
    place = delivery.file(below + name)
    if stays:
        shutil.copyfile(folder.path / name, place)
    elif name == NOTES:
        place.write_text(note_table(folder.take.notes), "utf-8")
    else:
        frames = folder.take.frames
        store = FrameStore.at(place.with_name(".frames"), frames.harmonics.shape[1])
        store.append(frames)
        gain_db = folder.take.performance.gain_db
        write_frames(place, store, sample_rate=folder.sample_rate, gain_db=gain_db)
        shutil.rmtree(store.folder)
    return digest_of(place) or ""


def _write_sound(
    place: Path, folder: Folder, progress: Progress
) -> tuple[Sounded, NDArray[np.float32]]:
    """Write a mono WAV file of 32-bit floats; return what it holds, and its spectrogram."""
    # soundfile would write the time of day into the file.
    from pedalboard.io import AudioFile

    take, rate = folder.take, folder.sample_rate
    samples = samples_of(take, rate)
    shown = min(round(len(take.frames) / FRAME_RATE * rate), samples)
    spectrogram = Spectrogram(shown, rate, columns=_COLUMNS)
    peak, done = 0.0, 0
    with (
        place.open("wb") as out,
        AudioFile(out, "w", rate, num_channels=1, bit_depth=32, format="wav") as wav,
    ):
        for piece in sounding(take, rate):
            wav.write(piece[np.newaxis])
            spectrogram.feed(piece[np.newaxis, : max(shown - done, 0)])
            peak = max(peak, float(np.abs(piece).max(initial=0.0)))
            done += len(piece)
            progress(0.6 + 0.3 * done / samples, "synthesizing")
    return Sounded(place, done, rate, peak), spectrogram.levels_db()
