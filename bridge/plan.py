"""What a session comes to before a sample is made: who plays, which effects, how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.hosting import EffectChain
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.session import Session, Track
    from plugin_core.sounds import Sound

_SEED_STEP = 40503
_SEEDS = 65536


@dataclass(frozen=True)
class Player:
    """A track that sounds: its number in the session from 1, its sound and its seed."""

    number: int
    track: "Track"
    sound: "Sound"
    seed: int
    place: str
    """What errors call it."""


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
        """What was odd in the scores and in the files of the sounds, each line once."""
        of_sounds = (line for player in self.players for line in player.sound.warnings)
        return tuple(dict.fromkeys((*self.session.warnings, *of_sounds)))

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
    """Return the tracks that sound.

    The first track has the session's seed, each other its own, whatever is muted.
    """
    audible = session.audible
    if not audible:
        raise InputError(session.source, "", "a track that sounds", "only muted ones")
    players = []
    for number, track in enumerate(session.tracks, start=1):
        if not any(track is other for other in audible):
            continue
        seed = (session.seed + _SEED_STEP * (number - 1)) % _SEEDS
        sound = _sound(track, session.folder)
        players.append(Player(number, track, sound, seed, f"track {number} ({track.name})"))
    return tuple(players)


def _sound(track: "Track", folder: Path) -> "Sound":
    """Return the sound that the track names, else the one nearest to its drums or program."""
    from plugin_core.sounds import load_sound, sound_for_drums, sound_for_program

    if track.sound is not None:
        return load_sound(track.sound, folder=folder)
    return sound_for_drums() if track.is_drums else sound_for_program(track.program or 0)


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

    part = player.track.part
    if not part.notes:
        return 0.0
    end_s = max(note.offset_s for note in sounding_notes(part))
    if tail_s is not None:
        return end_s + tail_s
    return end_s + dying_s(player.sound, part) + chain.ring_s()
