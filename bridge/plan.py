"""What a session comes to before a sample is made: who plays, which effects, how long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.hosting import EffectChain
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.session import Session, Track
    from plugin_core.sounds import Sound
    from plugin_core.types import Part

_SEED_STEP = 40503
_SEEDS = 65536


@dataclass(frozen=True)
class Player:
    """One player of a track that sounds: an FM voice or a live instrument is one, a phrase
    instrument has one for each note that sounds at once.

    `number` is the track's in the session, `index` the player's in the track, both from 1; `part`
    is what this player plays. `warnings` are those of the track, with its first player.
    """

    number: int
    index: int
    track: "Track"
    part: "Part"
    sound: "Sound"
    seed: int
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The track's name, with the player's number from the second on."""
        return self.track.name if self.index == 1 else f"{self.track.name} {self.index}"

    @property
    def place(self) -> str:
        """What errors call it."""
        return f"track {self.number} ({self.name})"


@dataclass(frozen=True)
class Plan:
    """A session whose sounds and effects are there, and the length of all its files.

    Where the session does not say when it ends, that is an upper bound: the files end once all is
    silent, and `master_ring` samples later if there are master effects.
    """

    session: "Session"
    players: tuple[Player, ...]
    samples: int
    master_ring: int

    @property
    def ends_in_silence(self) -> bool:
        """Whether the files end where the sound does."""
        return self.session.length_s is None and self.session.tail_s is None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd in scores and files of sounds, and what is not played, each line once."""
        of_sounds = (line for player in self.players for line in player.sound.warnings)
        of_players = (line for player in self.players for line in player.warnings)
        return tuple(dict.fromkeys((*self.session.warnings, *of_sounds, *of_players)))

    def master(self) -> EffectChain:
        """Open the master effects."""
        return _master(self.session)


def plan_session(session: "Session") -> Plan:
    """Load the sounds, open every effect once, and reckon the length.

    Raises InputError for a sound or effect that cannot be had, and for a session without sound.
    """
    players = _players(session)
    chains = [track_effects(session, player) for player in players]
    ring_s = _master(session).ring_s()
    samples = _length_in_samples(session, players, chains, ring_s)
    return Plan(session, players, samples, round(ring_s * session.sample_rate))


def track_effects(session: "Session", player: Player) -> EffectChain:
    """Open the effects of a player's track."""
    return EffectChain(
        player.track.effects,
        sample_rate=session.sample_rate,
        folder=session.folder,
        where=(session.source, f"{player.place}, effect"),
    )


def _master(session: "Session") -> EffectChain:
    return EffectChain(
        session.master,
        sample_rate=session.sample_rate,
        folder=session.folder,
        where=(session.source, "master, effect"),
    )


def _players(session: "Session") -> tuple[Player, ...]:
    """Return the players of the tracks that sound.

    The first track has the session's seed, each other its own, whatever is muted.
    """
    from plugin_core.performance import player_seed, players

    audible = session.audible
    if not audible:
        raise InputError(session.source, "", "a track that sounds", "only muted ones")
    found = []
    for number, track in enumerate(session.tracks, start=1):
        if not any(track is other for other in audible):
            continue
        seed = (session.seed + _SEED_STEP * (number - 1)) % _SEEDS
        sound = _sound(track, session)
        lines = players(sound, track.part)
        told = [*lines.warnings, *_told(track, sound)]
        warnings = tuple(
            f"{session.source}: track {number} ({track.name}): {line}" for line in told
        )
        found += [
            Player(
                number=number,
                index=index + 1,
                track=track,
                part=part,
                sound=sound,
                seed=player_seed(seed, index),
                warnings=() if index else warnings,
            )
            for index, part in enumerate(lines.parts)
        ]
    return tuple(found)


def _sound(track: "Track", session: "Session") -> "Sound":
    """Return the sound that the track names, else the one nearest to its drums or program."""
    from plugin_core.sounds import load_sound, sound_for_drums, sound_for_program

    if track.sound is not None:
        return load_sound(track.sound, folder=session.folder, model=track.model)
    if track.is_drums:
        return sound_for_drums()
    return sound_for_program(track.program or 0, model=track.model)


def _told(track: "Track", sound: "Sound") -> Iterator[str]:
    """Yield what is to be told of notes, controllers and lanes that say nothing to the sound."""
    from plugin_core.sounds import LiveSound, PhraseSound

    if isinstance(sound, LiveSound):
        from plugin_core.performing.live import driving_warnings

        yield from driving_warnings(sound, track.part, track.lanes)
    if isinstance(sound, PhraseSound):
        from plugin_core.performing.control_lanes import USED

        names = [name for name in track.lanes if name not in USED]
        if names:
            yield f"nothing in a {sound.name.lower()} is driven by {', '.join(names)}"


def _length_in_samples(
    session: "Session",
    players: Sequence[Player],
    chains: Sequence[EffectChain],
    master_ring_s: float,
) -> int:
    """Return the session's length if it has one, else until the last note and a tail.

    Keys that the pedals hold sound until these come up.

    The tail is the session's, else what the sounds and after them their effects need to die away.
    """
    length_s = session.length_s
    if length_s is None:
        ends_s = [
            _end_s(player, session.tail_s, chain)
            for player, chain in zip(players, chains, strict=True)
        ]
        length_s = max(ends_s) + (master_ring_s if session.tail_s is None else 0.0)
    samples = round(length_s * session.sample_rate)
    if samples < 1:
        raise InputError(session.source, "length", "at least one sample", f"{length_s:g} s")
    return samples


def _end_s(player: Player, tail_s: float | None, chain: EffectChain) -> float:
    from plugin_core.performance import tail_s as dying_s
    from plugin_core.score.pedals import sounding_notes

    part = player.part
    if not part.notes:
        return 0.0
    end_s = max(note.offset_s for note in sounding_notes(part))
    if tail_s is not None:
        return end_s + tail_s
    return end_s + dying_s(player.sound, part) + chain.ring_s()
