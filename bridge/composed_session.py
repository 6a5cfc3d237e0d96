"""What was composed, as a session that can be edited and rendered again.

In: parts and their sounds. Out: in one folder the MIDI file and a session (.toml) that names it,
one track per part, from which `bridge.graph` renders the stems beside.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.whole_file import whole_file
from plugin_core.score import TempoMap, write_midi
from plugin_core.types import InputError, Part

QUARTET = ("violin", "viola", "cello", "double_bass")
_PANS = {1: (0.0,), 4: (-0.4, 0.2, 0.45, -0.1)}
_GAINS = {1: (0.0,), 4: (0.0, 1.0, 0.0, 2.0)}
_REVERB = '{ name = "Reverb", room_size = 0.6, damping = 0.5, wet_level = 0.18, dry_level = 0.82 }'


@dataclass(frozen=True, slots=True)
class Titled:
    """A name for files and sessions, and a line that says how it was made."""

    stem: str
    title: str
    made: str


def sounds_named(render: str, parts: int) -> tuple[str, ...]:
    """Return the sound of every part: `quartet`, one sound for all, or one each with commas.

    Raises InputError for another number of them.
    """
    if render.strip().lower() == "quartet":
        sounds: tuple[str, ...] = QUARTET
    else:
        sounds = tuple(each.strip() for each in render.split(","))
    if len(sounds) == 1:
        sounds = sounds * parts
    if len(sounds) != parts or not all(sounds):
        expected = f"quartet, one sound, or {parts} sounds with commas"
        raise InputError("--render", "", expected if parts > 1 else "one sound", repr(render))
    return sounds


def session_text(titled: Titled, parts: Sequence[Part], sounds: Sequence[str], seed: int) -> str:
    """Return the session: a track per part, counted in the MIDI file after the tempo's track."""
    count = len(parts)
    spread = [
        1.2 * (index / max(count - 1, 1) - 0.5) if count > 1 else 0.0 for index in range(count)
    ]
    pans = _PANS.get(count, spread)
    gains = _GAINS.get(count, [0.0] * count)
    lines = [
        f"# {titled.made}",
        "# To edit and to render again: hexachord render THIS --out DIR",
        "",
        f"name = {json.dumps(titled.title)}",
        f'midi = "{titled.stem}.mid"',
        "sample_rate = 48000",
        "tail = 3",
        f"seed = {seed % 65536}",
    ]
    for number, (part, sound) in enumerate(zip(parts, sounds, strict=True), start=2):
        lines += [
            "",
            "[[track]]",
            f"name = {json.dumps(part.name)}",
            f"track = {number}",
            f"sound = {json.dumps(sound)}",
            f"gain = {gains[number - 2]:g}",
            f"pan = {pans[number - 2]:.2g}",
            f"effects = [{_REVERB}]",
        ]
    lines += ["", "[master]", 'effects = [{ name = "BrickwallLimiter", ceiling_db = -1 }]']
    return "\n".join(lines) + "\n"


def write_midi_file(path: Path, parts: Sequence[Part], tempo: TempoMap) -> None:
    """Write a MIDI file. Raises InputError for a place that cannot be written to."""
    try:
        write_midi(path, parts, tempo=tempo)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(path, "", "a file that can be written", reason) from error


def render_composed(
    out: Path,
    titled: Titled,
    parts: Sequence[Part],
    tempo: TempoMap,
    sounds: Sequence[str],
    seed: int,
) -> str:
    """Write MIDI file and session into a folder and render it there; return what to tell of it.

    The sounds are looked for before anything is written.
    """
    from bridge.cli.bar import progress_bar
    from bridge.graph import render_session
    from bridge.plan import plan_session
    from bridge.record import levels
    from plugin_core.session import Session
    from plugin_core.sounds import load_sound

    for sound in sounds:
        load_sound(sound)
    if out.exists() and not out.is_dir():
        raise InputError(out, "", "a folder for the session and its stems", "a file")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(out, "", "a folder that can be made", error.strerror) from error
    write_midi_file(out / f"{titled.stem}.mid", parts, tempo)
    session = out / f"{titled.stem}.toml"
    with whole_file(session) as file:
        file.write(session_text(titled, parts, sounds, seed).encode())
    plan = plan_session(Session.load(session))
    with progress_bar() as progress:
        rendered = render_session(plan, out, progress=progress)
    seconds = rendered.samples / plan.session.sample_rate
    return (
        f"{session}: {len(rendered.stems)} stem{'s' if len(rendered.stems) != 1 else ''} and "
        f"mix.wav, {seconds:.1f} s ({levels(rendered.mix)})"
    )
