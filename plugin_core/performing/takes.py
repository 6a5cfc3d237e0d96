"""A player's take: a part performed once, and gone over again at every level.

    take = perform(notes, "violin")                   notes -> expression -> synthesis parameters
    again = revise(take, edited).take                 what was edited is played anew, the rest stays
    bent = take.with_frames(replace(take.frames, f0_hz=...))
    audio = sound_of(again, 48000)                    synthesis parameters -> audio

Everything is a plain value: `take.notes` with their controls, `take.frames` with their arrays.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.editing import LEAST_EDIT
from plugin_core.expression.excerpts import excerpt, joined
from plugin_core.expression.note_matching import match_notes
from plugin_core.performing import replaying
from plugin_core.performing.control_lanes import ControlLanes
from plugin_core.performing.interpretation import TEMPERATURE, interpret, lane_mean
from plugin_core.performing.lines import lines as player_lines
from plugin_core.performing.models import load_models
from plugin_core.performing.movements import Movements, movements
from plugin_core.performing.playing import PLAYING_GAIN_DB, generate, sounded
from plugin_core.performing.revision import in_one_line
from plugin_core.performing.revision import revise as revise_frames
from plugin_core.sounds import PhraseSound, load_sound
from plugin_core.types import (
    CONTROLS,
    FRAME_RATE,
    Controller,
    Expression,
    ExpressiveNote,
    Frames,
    InputError,
    Lane,
    Mono,
    Note,
    Part,
    Performance,
)

_BLOCK = 5000

ROOM_S = 1.0
"""How long the room of an instrument rings on after the last frame."""


@dataclass(frozen=True, slots=True)
class Take:
    """What one player has played, and what it takes to play some of it again."""

    sound: PhraseSound
    performance: Performance
    """Frames and notes; `gain_db` is what brings the frames to the level of the controls."""
    predicted: tuple[Expression, ...]
    """The controls of each note before lanes: as the performer or the user's table has them."""
    controllers: tuple[Controller, ...] = ()
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    """Those that move inside the notes; their means are in the controls already."""
    seed: int = 0

    @property
    def notes(self) -> tuple[ExpressiveNote, ...]:
        """The notes with their controls."""
        return self.performance.notes

    @property
    def frames(self) -> Frames:
        """The synthesis parameters, at the level that is played."""
        return self.performance.frames

    def with_frames(self, frames: Frames) -> "Take":
        """Return the take with other synthesis parameters."""
        return replace(self, performance=replace(self.performance, frames=frames))


class Retake(NamedTuple):
    """A take gone over again, and what of it is new."""

    take: Take
    share: NDArray[np.float64]
    """How much of every frame is new: 0 is as it was to the bit, 1 all new; shape (frames,)."""
    played: tuple[int, ...]
    """Which notes were played anew: changed or added."""
    removed: int
    """How many notes are there no longer."""


def perform(
    notes: Part | Sequence[Note] | Sequence[ExpressiveNote],
    sound: str | PhraseSound,
    *,
    lanes: Mapping[str, Lane] | None = None,
    performer: float = 1.0,
    seed: int = 0,
    temperature: float = TEMPERATURE,
) -> Take:
    """Return how an instrument plays notes, one at a time.

    `sound` is an instrument by name, as `violin`. Of plain notes, or a part with its controllers,
    the performer predicts the six controls: drawn by the seed, as freely as `temperature` says, the
    likeliest ones where that is 0; notes beyond the range are moved by octaves. Expressive notes
    stay as they are. `lanes`, by control and in seconds, take the place of the instrument's typical
    values, and `performer` says how much of the prediction, or of the notes' own controls, counts
    around them (DESIGN.md, section 5). The same arguments give the same take.

    Raises InputError for a sound that cannot be had; ValueError for no notes, for several at a time
    (`lines.lines` divides them), and for a lane that is none of the six controls.
    """
    chosen = _instrument(sound)
    lanes = _checked(lanes)
    given = notes.notes if isinstance(notes, Part) else notes
    expressive = [each for each in given if isinstance(each, ExpressiveNote)]
    if 0 < len(expressive) < len(given):
        raise ValueError("notes have their expression all or none, found both kinds")
    if expressive:
        controllers: tuple[Controller, ...] = ()
        rows = in_one_line(expressive)
        predicted = [each.expression for each in rows]
        rows = _with_lanes(chosen, rows, predicted, lanes, performer)
    else:
        part = _one_line(notes, chosen.instrument)
        controllers = part.controllers
        rows, predicted = _interpreted(chosen, part, lanes, performer, seed, temperature)
    performance = Performance(_NO_FRAMES, tuple(rows), -PLAYING_GAIN_DB)
    take = Take(chosen, performance, tuple(predicted), controllers, lanes, seed)
    models = load_models(chosen)
    count = round(rows[-1].note.offset_s * FRAME_RATE) + replaying.RELEASE_FRAMES
    blocks = generate(
        models.synthesis, rows, chosen.instrument,
        seed=seed, moving=_moving(take, count), frames=count,
    )  # fmt: skip
    return take.with_frames(joined(blocks))


def revise(
    take: Take,
    notes: Sequence[ExpressiveNote],
    *,
    lanes: Mapping[str, Lane] | None = None,
    performer: float = 1.0,
) -> Retake:
    """Return the take with its notes as in `notes`, and with new lanes.

    Notes that differ from those of the take by no more than a table's rounding stay, frame by frame
    and to the bit, as do the frames between them, whoever made them; all others are played anew,
    and so is what leads over from them and to them (`revision`). A lane moves the controls as they
    were before lanes; given twice it does no more than once. Raises ValueError as `perform` does.
    """
    lanes = _checked(lanes)
    rows = in_one_line(notes)
    sources = match_notes(take.notes, rows)
    rows = [
        each if index is None else _on_channel(each, take.notes[index].note.channel)
        for each, index in zip(rows, sources, strict=True)
    ]
    predicted = [
        _before_lanes(each, take, index) for each, index in zip(rows, sources, strict=True)
    ]
    rows = _with_lanes(take.sound, rows, predicted, lanes, performer)
    going_on = replace(take, lanes={**take.lanes, **lanes})
    synthesis = load_models(take.sound).synthesis

    def player(
        line: Sequence[ExpressiveNote], first: int, count: int, f0_hz: NDArray[np.float32]
    ) -> Frames:
        of_line = replace(going_on, performance=replace(take.performance, notes=tuple(line)))
        moving = _moving(of_line, first + count).at(first, first + count)
        return replaying.replay(
            synthesis, line, take.sound.instrument, take.seed, moving, first, f0_hz
        )

    revision = revise_frames(take.performance, rows, player)
    revised = replace(going_on, performance=revision.performance, predicted=tuple(predicted))
    removed = len(take.notes) - len({index for index in sources if index is not None})
    return Retake(revised, revision.share, revision.played, removed)


def sound_of(take: Take, sample_rate: int) -> Mono:
    """Return the sound of a take in its room, shape (samples_of(take, sample_rate),).

    At 8000 to 192000 Hz; the same frames give the same samples.
    """
    return np.concatenate([np.zeros(0, np.float32), *sounding(take, sample_rate)])


def samples_of(take: Take, sample_rate: int) -> int:
    """Return how many samples a take has: the room rings on for ROOM_S after the last frame."""
    return math.ceil((len(take.frames) / FRAME_RATE + ROOM_S) * sample_rate)


def sounding(take: Take, sample_rate: int) -> Iterator[Mono]:
    """Yield the sound of a take piece by piece."""
    frames = take.frames
    blocks = (excerpt(frames, slice(at, at + _BLOCK)) for at in range(0, len(frames), _BLOCK))
    return sounded(
        blocks, load_models(take.sound).synthesis, take.sound.instrument,
        sample_rate, samples_of(take, sample_rate), seed=take.seed,
    )  # fmt: skip


_NO_FRAMES = Frames(*(np.zeros(0, np.float32) for _ in range(6)))


def _instrument(sound: str | PhraseSound) -> PhraseSound:
    chosen = load_sound(sound) if isinstance(sound, str) else sound
    if not isinstance(chosen, PhraseSound):
        raise InputError(chosen.reference, "", "an instrument of phrases, as violin", chosen.kind)
    return chosen


def _one_line(notes: Part | Sequence[Note] | Sequence[ExpressiveNote], instrument: str) -> Part:
    """Return what a single player of the instrument plays."""
    if not isinstance(notes, Part):
        notes = Part("", tuple(each for each in notes if isinstance(each, Note)))
    parts = player_lines(notes, instrument).parts
    if len(parts) > 1:
        raise ValueError(f"one player sounds one note at a time, found notes for {len(parts)}")
    if not parts[0].notes:
        raise ValueError("at least one note is played, found none")
    return parts[0]


def _checked(lanes: Mapping[str, Lane] | None) -> dict[str, Lane]:
    for name in lanes or {}:
        if name not in CONTROLS:
            raise ValueError(f"lanes drive {', '.join(CONTROLS)}, found {name!r}")
    return dict(lanes or {})


def _interpreted(
    sound: PhraseSound,
    part: Part,
    lanes: Mapping[str, Lane],
    performer: float,
    seed: int,
    temperature: float,
) -> tuple[list[ExpressiveNote], list[Expression]]:
    """Return the notes with their controls, and these as they were before lanes."""
    models = load_models(sound)
    drawn_by = seed if temperature > 0 else None

    def interpreted(part: Part, lanes: Mapping[str, Lane]) -> tuple[ExpressiveNote, ...]:
        return interpret(
            models.performer, part, sound.instrument,
            lanes=lanes, seed=drawn_by, temperature=temperature,
        )  # fmt: skip

    rows = interpreted(part, {**lanes, "performer": Lane.constant(performer)})
    predicted = interpreted(replace(part, controllers=()), {})
    return list(rows), [each.expression for each in predicted]


def _with_lanes(
    sound: PhraseSound,
    rows: Sequence[ExpressiveNote],
    predicted: Iterable[Expression],
    lanes: Mapping[str, Lane],
    performer: float,
) -> list[ExpressiveNote]:
    """Return notes whose controls obey lanes, where there are any."""
    if not lanes:
        return list(rows)
    typical = load_models(sound).performer.typical(sound.instrument)
    driven = ControlLanes(Part("", tuple(each.note for each in rows)), lanes)
    moved = []
    for each, player in zip(rows, predicted, strict=True):
        values = {}
        for name in lanes:
            usual = getattr(typical, name)
            lane = lane_mean(driven, name, each.note, usual)
            value = lane + performer * (getattr(player, name) - usual)
            values[name] = float(np.clip(value, 0.0, 1.0))
        moved.append(replace(each, expression=each.expression._replace(**values)))
    return moved


def _before_lanes(row: ExpressiveNote, take: Take, index: int | None) -> Expression:
    """Return the controls of a row before lanes: its own where a user wrote them."""
    if index is None:
        return row.expression
    trios = zip(row.expression, take.notes[index].expression, take.predicted[index], strict=True)
    return Expression(*(new if abs(new - old) > LEAST_EDIT else bare for new, old, bare in trios))


def _on_channel(each: ExpressiveNote, channel: int) -> ExpressiveNote:
    return replace(each, note=replace(each.note, channel=channel))


def _moving(take: Take, frames: int) -> Movements:
    """Return what moves inside the notes of a take, in its first `frames` frames."""
    part = Part("", tuple(each.note for each in take.notes), take.controllers)
    typical = load_models(take.sound).performer.typical(take.sound.instrument)
    return movements(part, take.notes, take.lanes, typical=typical, frames=frames)
