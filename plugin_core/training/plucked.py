"""Plucked strings: the guitar's notes, phrases assembled of them, and the double bass's pizzicato.

In: a corpus with a manifest. Out: `Performed` notes as measured and phrases of the guitar, which
none of the models of performing knows, and notes that `performed` leaves out. Every plucked note
has its attack, joined or not, decays as long as the key is down and is damped when it comes up.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from plugin_core.expression.excerpts import excerpt, read_at
from plugin_core.expression.transposition import transpose
from plugin_core.training.corpus import MANIFEST, Recording, read_corpus
from plugin_core.training.drawn_expression import Manner, draw_manner
from plugin_core.training.measured import measured_notes
from plugin_core.training.note_joins import Join, Joins
from plugin_core.training.note_material import Cut, Source, sources_of
from plugin_core.training.parameter_phrases import assemble_phrase
from plugin_core.training.performed import WITHOUT_SOURCES, Performed, with_velocities
from plugin_core.training.performed_cache import read_shard, shard_exists, write_shard
from plugin_core.training.phrases import playable
from plugin_core.types import Frames

GUITAR, DOUBLE_BASS, PIZZICATO = "guitar", "double_bass", "pizzicato"
PHRASES, HELD_OUT_PHRASES = 24, 5
SECONDS = 14.0

_SCHEMA = 1
_JOINS = tuple(
    Join(sign * semitones, gap, 30.0, 0.0)
    for sign in (-1, 1)
    for semitones in (1, 2, 3, 4, 5, 7)
    for gap in (0, 0, 0, 2, 8)
)
_FIRST_SEED = 20_000
_HELD_OUT_SEED = 1_000_000
_ATTACK_FRAMES = 40
_TAIL_FRAMES = 60
_DAMPED_DB_PER_FRAME = 1.2
"""A finger on the string: 24 dB in 80 ms."""
_OVERTONES_SHARE = 0.04
"""Each harmonic is damped by so much faster than the one below."""


def read_plucked(
    corpus: Path, performed: Sequence[Performed], *, cache: Path
) -> tuple[Performed, ...]:
    """Return what of a corpus is plucked, nothing of a corpus without a manifest.

    `performed` are its other phrases: the double bass is as loud as there. The first time, the
    notes are measured (a minute) and kept in the folder `cache`. Raises InputError for a corpus or
    a recording that cannot be read.
    """
    if not (corpus / MANIFEST).is_file():
        return ()
    recordings = [
        each
        for each in read_corpus(corpus, instruments=(GUITAR, DOUBLE_BASS))
        if each.source not in WITHOUT_SOURCES
    ]
    guitar = measured_notes(
        playable([each for each in recordings if each.instrument == GUITAR]), cache=cache
    )
    told = with_velocities([*guitar, *_assembled(guitar, cache)])
    return (*told, *_pizzicato(recordings, performed, cache))


def _pizzicato(
    recordings: Sequence[Recording], performed: Sequence[Performed], cache: Path
) -> tuple[Performed, ...]:
    plucked = [
        each
        for each in playable(recordings)
        if (each.instrument, each.articulation) == (DOUBLE_BASS, PIZZICATO)
    ]
    gains_db = {(each.instrument, each.source): each.gain_db for each in performed if each.gain_db}
    known = {(DOUBLE_BASS, each.source) for each in plucked} & set(gains_db)
    return tuple(
        note
        for key in sorted(known)
        for note in measured_notes(
            [each for each in plucked if each.source == key[1]],
            cache=cache,
            gain_db=gains_db[key],
        )
    )


def _assembled(notes: Sequence[Performed], cache: Path) -> tuple[Performed, ...]:
    """Return the guitar's phrases, made once."""
    names = " ".join(f"{each.name} {each.is_held_out} {each.notes[0].note}" for each in notes)
    digest = hashlib.sha256(f"{_SCHEMA} {names}".encode()).hexdigest()[:12]
    path = cache / "measured" / f"assembled-{digest}"
    if not shard_exists(path):
        write_shard(path, _guitar_phrases(notes))
    return read_shard(path)


def _guitar_phrases(notes: Sequence[Performed]) -> list[Performed]:
    phrases = []
    for is_held_out, count in ((False, PHRASES), (True, HELD_OUT_PHRASES)):
        own = [each for each in notes if each.is_held_out == is_held_out]
        sources = sources_of(own)
        if not sources:
            continue
        licence = "; ".join(sorted({f"{each.source}: {each.licence}" for each in own}))
        phrases += [
            assemble_phrase(
                sources,
                Joins(legato=_JOINS, detached=_JOINS),
                name=f"assembled/{GUITAR}/{'valid' if is_held_out else 'train'}-{index:03d}",
                instrument=GUITAR,
                licence=licence,
                seconds=SECONDS,
                is_held_out=is_held_out,
                seed=_FIRST_SEED + index + (_HELD_OUT_SEED if is_held_out else 0),
                manner=plucked_manner,
                cut=plucked_note,
            )
            for index in range(count)
        ]
    return phrases


def plucked_manner(random: np.random.Generator) -> Manner:
    """Return how a phrase is played: unless it is wide or swept, its notes decay as they do."""
    manner = draw_manner(random)
    vibrato = manner.natural.vibrato if random.random() < 0.3 else 0.0
    natural = manner.natural._replace(volume_fluctuation=None, vibrato=vibrato)
    return replace(manner, natural=natural)


def plucked_note(
    source: Source, midi_pitch: int, frames: int, *, has_attack: bool, has_release: bool
) -> Cut:
    """Return a note of `frames` frames, plucked whatever comes before, and how it is damped.

    Longer than its source, it decays more slowly.
    """
    moved = transpose(source.frames, midi_pitch - source.midi_pitch)
    index = np.arange(frames + _TAIL_FRAMES, dtype=np.float64)
    have = source.length - 1
    if frames > have:
        attack = min(_ATTACK_FRAMES, have // 2)
        index = np.interp(index, [0, attack, frames, len(index)], [0, attack, have, len(moved) - 1])
    sounding = read_at(moved, np.minimum(index, len(moved) - 1))
    body = excerpt(sounding, slice(0, frames))
    tail = _damped(excerpt(sounding, slice(frames, len(sounding) if has_release else frames)))
    keys = 69 + 12 * np.log2(body.f0_hz.astype(np.float64) / 440)
    deviation = keys - source.centre_key - (midi_pitch - source.midi_pitch)
    return Cut(body, tail, np.clip(deviation, -1.0, 1.0), source.sample_rate)


def _damped(tail: Frames) -> Frames:
    if not len(tail):
        return tail
    frames = np.arange(1, len(tail) + 1)[:, None]
    overtones = 1 + _OVERTONES_SHARE * np.arange(tail.harmonics.shape[1])
    falls = 10 ** (-_DAMPED_DB_PER_FRAME * frames * overtones / 20)
    partials = tail.amplitude[:, None] * tail.harmonics * falls
    amplitude = partials.sum(axis=1)
    shares = partials / np.maximum(amplitude, 1e-12)[:, None]
    shares[amplitude <= 1e-12, 0] = 1.0
    return replace(
        tail,
        amplitude=amplitude.astype(np.float32),
        harmonics=shares.astype(np.float32),
        noise=(tail.noise * falls[:, :1]).astype(np.float32),
    )
