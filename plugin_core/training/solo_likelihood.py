"""How well the networks of a solo composer tell the next note, beside what counting tells.

Negative log likelihood per note, in nats, on held-out pieces. Trigrams are counted on all that the
networks learn from, pitches in all the keys that those see. Of a duration with its four classes the
trigram is the better of two: one for every class by itself, and one of all four as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from plugin_core.composing.solo import ARTICULATIONS, NOTE_VALUES, TIMINGS, VELOCITIES, Sequences
from plugin_core.composing.solo_features import features, tokens_of
from plugin_core.composing.solo_inference import KIND
from plugin_core.composing.solo_network import SoloNetworks
from plugin_core.composing.solo_pitches import PITCH_TOKENS
from plugin_core.synthesis.archive import read_archive
from plugin_core.training.ngrams import Ngrams
from plugin_core.training.solo_corpus import Piece
from plugin_core.training.solo_training import FURTHEST_MOVE, NETWORKS, aims_of, note_losses
from plugin_core.types import InputError

_VALUES = len(NOTE_VALUES)
_CLASSES = {"step": _VALUES, "value": _VALUES, "timing": TIMINGS, "articulation": ARTICULATIONS}
_ORDERS = (0, 1, 3)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Nats per note of one network and its baselines."""

    network: str
    uniform: float
    unigram: float
    trigram: float
    lstm: float

    @property
    def gain(self) -> float:
        """By which share the network is below the trigram."""
        return 1.0 - self.lstm / self.trigram


def load_networks(path: Path) -> SoloNetworks:
    """Return the networks of an archive as torch runs them. Raises InputError."""
    description, weights = read_archive(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", f"{KIND!r}, a solo composer", description.get("kind"))
    networks = SoloNetworks()
    try:
        networks.load_state_dict({name: each.float() for name, each in weights.items()})
    except RuntimeError as error:
        raise InputError(path, "weights", "those of a solo composer", "others") from error
    return networks.eval()


def likelihoods(
    networks: SoloNetworks, train: Sequence[Piece], test: Sequence[Piece]
) -> list[Likelihood]:
    """Return the figures of all three networks on the pieces held out."""
    return [
        Likelihood(name, *_baselines(name, train, test), network_nats(networks, name, test))
        for name in NETWORKS
    ]


def network_nats(networks: SoloNetworks, name: str, pieces: Sequence[Piece]) -> float:
    """Return the negative log likelihood of a note, in nats."""
    network = getattr(networks, name)
    total, count = 0.0, 0
    with torch.inference_mode():
        for piece in pieces:
            seen = torch.from_numpy(features(name, piece.notes, piece.texture))[None]
            aims = {
                each: torch.from_numpy(aim)[None]
                for each, aim in aims_of(name, piece.notes).items()
            }
            total += float(note_losses(network, seen, aims).sum())
            count += len(piece.notes)
    return total / count


def _baselines(
    name: str, train: Sequence[Piece], test: Sequence[Piece]
) -> tuple[float, float, float]:
    """Return nats per note: uniform, unigram, trigram."""
    notes = sum(len(piece.notes) for piece in test)
    if name == "pitch":
        moves = range(-FURTHEST_MOVE, FURTHEST_MOVE + 1)
        learnt = (tokens_of(each.notes.moved(move)).tolist() for each in train for move in moves)
        told = [tokens_of(each.notes).tolist() for each in test]
        found = _nats(learnt, told, PITCH_TOKENS)
    elif name == "velocity":
        velocities = [[each.notes.velocity.tolist() for each in side] for side in (train, test)]
        found = _nats(velocities[0], velocities[1], VELOCITIES)
    else:
        separate = np.zeros(len(_ORDERS))
        for column, classes in _CLASSES.items():
            sides = [[_told(each.notes, column) for each in side] for side in (train, test)]
            separate += _nats(sides[0], sides[1], classes)
        sides = [[_joint(each.notes) for each in side] for side in (train, test)]
        joint = _nats(sides[0], sides[1], int(np.prod(list(_CLASSES.values()))))
        found = separate if separate[-1] < joint[-1] else joint
    uniform, unigram, trigram = found / notes
    return float(uniform), float(unigram), float(trigram)


def _nats(
    learnt: Iterable[Sequence[int]], told: Sequence[Sequence[int]], classes: int
) -> np.ndarray:
    counts = Ngrams(learnt, classes)
    return np.array([counts.nats(told, order) for order in _ORDERS])


def _told(notes: Sequences, column: str) -> list[int]:
    aims: list[int] = aims_of("duration", notes)[column].tolist()
    return [each for each in aims if each >= 0]


def _joint(notes: Sequences) -> list[int]:
    code = np.zeros(len(notes), np.int64)
    for column, classes in _CLASSES.items():
        code = code * classes + getattr(notes, column)
    return code.tolist()
