"""A score: what the parts of a MIDI file play, in seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plugin_core.score.general_midi import DRUM_CHANNEL
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Controller, InputError, Part

SHORTEST_NOTE_S = 0.001
"""A note of no length lasts this long."""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part and where it stands in the file, counted from 1 as people do."""

    track: int
    channel: int
    part: Part
    port: int = 0

    @property
    def is_drums(self) -> bool:
        """Whether General MIDI plays drums on this channel."""
        return self.channel == DRUM_CHANNEL + 1


@dataclass(frozen=True, slots=True)
class Score:
    """What a MIDI file says, in seconds.

    `parts` have notes and are in file order (track, then channel); `silent` hold the controllers of
    channels that have no notes on their track.
    """

    source: str
    parts: tuple[ScorePart, ...]
    silent: tuple[ScorePart, ...]
    tempo: TempoMap
    end_s: float
    warnings: tuple[str, ...] = ()

    def pick(
        self,
        *,
        track: int | None = None,
        channel: int | None = None,
        asked_in: tuple[str, str] | None = None,
    ) -> ScorePart:
        """Return the part of a track and channel (from 1); several that match become one.

        Notes and controllers keep their channels, so a track of an MPE instrument stays whole.
        `asked_in` is the file and the place in it that asks. Raises InputError, naming that or the
        MIDI file, if nothing matches, or if neither is given and there are several parts.
        """

        def matches(part: ScorePart) -> bool:
            return track in (None, part.track) and channel in (None, part.channel)

        asks, place = asked_in or (self.source, "")
        wanted = [
            f"{word} {number}"
            for word, number in (("track", track), ("channel", channel))
            if number is not None
        ]
        found = [part for part in self.parts if matches(part)]
        if not found:
            expected = f"notes on {' and '.join(wanted) or 'any track'} of {self.source}"
            raise InputError(asks, place, expected, self._places())
        if not wanted and len(found) > 1:
            expected = f"a track or channel that chooses one part of {self.source}"
            raise InputError(asks, place, expected, self._places())
        heard = {(part.port, part.channel) for part in found}
        masters = [
            part for part in self.silent if matches(part) and (part.port, part.channel) not in heard
        ]
        if len(found) == 1 and not masters:
            return found[0]
        return replace(found[0], part=_merged([*found, *masters]))

    def at_tempo(self, tempo: TempoMap) -> "Score":
        """Return the score played at another tempo: the same beats, new seconds."""

        def moved(times_s: Iterable[float]) -> list[float]:
            beats = self.tempo.beats(np.fromiter(times_s, dtype=np.float64))
            return [float(time) for time in tempo.seconds(beats)]

        def retimed(entry: ScorePart) -> ScorePart:
            part = entry.part
            onsets = moved(note.onset_s for note in part.notes)
            offsets = moved(note.offset_s for note in part.notes)
            times = moved(controller.time_s for controller in part.controllers)
            return replace(
                entry,
                part=replace(
                    part,
                    notes=tuple(
                        replace(note, onset_s=on, offset_s=max(off, on + SHORTEST_NOTE_S))
                        for note, on, off in zip(part.notes, onsets, offsets, strict=True)
                    ),
                    controllers=tuple(
                        replace(controller, time_s=time)
                        for controller, time in zip(part.controllers, times, strict=True)
                    ),
                    end_s=moved([part.end_s])[0],
                ),
            )

        return replace(
            self,
            parts=tuple(retimed(part) for part in self.parts),
            silent=tuple(retimed(part) for part in self.silent),
            tempo=tempo,
            end_s=moved([self.end_s])[0],
        )

    def _places(self) -> str:
        if not self.parts:
            return "no notes at all"
        places = [f"{part.track}.{part.channel}" for part in self.parts[:20]]
        more = ", ..." if len(self.parts) > 20 else ""
        return f"notes on track.channel {', '.join(places)}{more}"


def _merged(entries: Sequence[ScorePart]) -> Part:
    """Parts of one channel share the controllers that other tracks send it; those count once."""
    parts = [entry.part for entry in entries]
    first = parts[0]
    return replace(
        first,
        notes=tuple(sorted((n for p in parts for n in p.notes), key=lambda n: n.onset_s)),
        controllers=by_time({id(c): c for p in parts for c in p.controllers}.values()),
        program=next((p.program for p in parts if p.program is not None), None),
    )


def by_time(controllers: Iterable[Controller]) -> tuple[Controller, ...]:
    """Return controllers by time; those at one time stay in order, for the last one wins."""
    return tuple(sorted(controllers, key=lambda controller: controller.time_s))
