"""Notes to a performance: a MIDI file, or a table of notes with their expression."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.cli.bar import progress_bar
from bridge.cli.wishes import Wishes, in_range, length, plural, read_lanes, say_if_compiling, warn
from bridge.delivery import delivery
from bridge.performance_folder import earlier_files, player_folder, require_unedited
from bridge.performing import Page, all_new, deliver, deliver_sum, new_folder
from plugin_core.performance import player_seed, players
from plugin_core.performing.divisi import divide
from plugin_core.performing.interpretation import TEMPERATURE
from plugin_core.performing.takes import Take
from plugin_core.performing.takes import perform as play
from plugin_core.score import read_midi
from plugin_core.score.note_table import read_note_table
from plugin_core.sounds import PhraseSound, load_sound
from plugin_core.synthesis.instruments import INSTRUMENTS, PROGRAMS
from plugin_core.types import ExpressiveNote, InputError, Lane, Part

_RATE = 48000


@dataclass(frozen=True, slots=True)
class Players:
    """What each player of an instrument plays: a part, or notes with their expression."""

    sound: PhraseSound
    name: str
    scores: Sequence[Part | Sequence[ExpressiveNote]]
    lanes: dict[str, Lane]
    warnings: tuple[str, ...]


def perform_anew(source: Path, out: Path, wishes: Wishes) -> None:
    """Perform the notes in `source`, and write all levels to the folder `out`."""
    started = time.perf_counter()
    is_table = source.suffix.lower() == ".csv"
    found = _of_table(source, wishes) if is_table else _of_score(source, wishes)
    warn((*found.warnings, *found.sound.warnings), strict=wishes.strict)
    require_unedited(out)
    say_if_compiling(found.sound)
    earlier = earlier_files(out)
    count = len(found.scores)
    notes = 0
    with delivery(out) as open_delivery, progress_bar() as progress:
        sounded = []
        for index in range(count):

            def tell(part: float, doing: str, index: int = index) -> None:
                progress((index + part) / count, doing)

            tell(0.0, "performing")
            take = _take(source, found, index, wishes)
            notes += len(take.notes)
            below = f"{player_folder(index)}/" if count > 1 else ""
            folder = new_folder(
                out / below,
                take,
                source=found.name,
                temperature=_temperature(wishes),
                sample_rate=wishes.rate or _RATE,
            )
            player = f", player {index + 1} of {count}" if count > 1 else ""
            page = Page(f"{found.sound.name} · {found.name}{player}", all_new())
            sounded.append(
                deliver(
                    open_delivery,
                    folder,
                    below=below,
                    page=page if wishes.picture else None,
                    progress=tell,
                )
            )
        whole = sounded[0] if count == 1 else deliver_sum(open_delivery, found.name, sounded)
        open_delivery.finish(earlier)
    by = f" by {count} players" if count > 1 else ""
    took_s = time.perf_counter() - started
    print(f"{out}: {plural(notes, 'note')}{by}, {length(whole)}, performed in {took_s:.1f} s")


def _of_score(source: Path, wishes: Wishes) -> Players:
    score = read_midi(source)
    entry = score.pick(track=wishes.track, channel=wishes.channel)
    program = None if entry.is_drums else entry.part.program
    sound = _sound(wishes.sound, program, source)
    part = entry.part
    lanes, part = read_lanes(wishes.lanes, part, score.tempo)
    lines = players(sound, part)
    return Players(
        sound=sound,
        name=" · ".join(dict.fromkeys((source.name, part.name))),
        scores=lines.parts,
        lanes=lanes,
        warnings=(*score.warnings, *(f"{source}: {each}" for each in lines.warnings)),
    )


def _of_table(source: Path, wishes: Wishes) -> Players:
    for option, given in (("--track", wishes.track), ("--channel", wishes.channel)):
        if given is not None:
            raise InputError(option, "", "a MIDI file to take it of", source)
    rows = read_note_table(source)
    if not rows:
        raise InputError(source, "", "at least one note", "none")
    sound = _sound(wishes.sound, None, source)
    lanes, _ = read_lanes(wishes.lanes, Part(""), None)
    rows, warnings = in_range(rows, sound.instrument, source)
    expressions = {(row.note.onset_s, row.note.midi_pitch): row.expression for row in rows}
    scores = [
        [ExpressiveNote(note, expressions[note.onset_s, note.midi_pitch]) for note in played]
        for played in divide([row.note for row in rows])
    ]
    return Players(sound, source.name, scores, lanes, warnings)


def _temperature(wishes: Wishes) -> float:
    return TEMPERATURE if wishes.temperature is None else wishes.temperature


def _sound(reference: str | None, program: int | None, source: Path) -> PhraseSound:
    instrument = PROGRAMS.get(program) if program is not None else None
    if reference is None and instrument is None:
        expected = f"an instrument, one of {', '.join(INSTRUMENTS)}"
        raise InputError("--sound", "", expected, f"none, and {source} names none")
    sound = load_sound(reference or instrument or "")
    if not isinstance(sound, PhraseSound):
        raise InputError(
            "--sound", sound.reference, "an instrument of phrases, as violin", sound.kind
        )
    if sound.reference.partition("#")[0].lower().endswith(".ts"):
        # The folder may be gone over from anywhere.
        return replace(sound, reference=f"{sound.synthesis.resolve()}#{sound.instrument}")
    return sound


def _take(source: Path, found: Players, index: int, wishes: Wishes) -> Take:
    try:
        return play(
            found.scores[index],
            found.sound,
            lanes=found.lanes,
            performer=1.0 if wishes.performer is None else wishes.performer,
            seed=player_seed(wishes.seed or 0, index),
            temperature=_temperature(wishes),
        )
    except InputError:
        raise
    except ValueError as error:
        raise InputError(source, "", "notes that can be played", error) from error
