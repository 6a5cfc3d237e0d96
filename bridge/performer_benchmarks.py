"""How fast the neural instruments play, how soon, and in how much memory.

Cost is CPU seconds of all threads per second of sound, so times real time are those of one core.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

from bridge.benchmarks import CommandCost, note_cost
from bridge.hearing_benchmarks import SAMPLE_RATE, HearingCost, measured_cost, sines_of_harmonics
from plugin_core.types import Note, Part

INSTRUMENT = "violin"
_SECONDS = 60
_KEYS = (57, 62, 69, 74, 76, 81, 67, 60, 64, 71)
_LENGTHS_S = (1.0, 0.25, 0.5, 0.25, 2.0)

_LOADED = """
import resource
from plugin_core.performing.models import load_models
from plugin_core.performing.playing import play
from plugin_core.sounds import load_sound
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.types import Note, Part

for instrument in INSTRUMENTS:
    part = Part(instrument, (Note(0.0, 0.2, 60, 80),))
    models = load_models(load_sound(instrument))
    play(models, part, instrument, sample_rate=48000, samples=4800)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class PerformerCosts:
    """What playing costs; memory in MiB of the process that has played all 13 instruments."""

    steps: tuple[HearingCost, ...]
    first_sound: CommandCost
    loaded_mib: float


def performer_costs() -> PerformerCosts:
    """Measure an instrument playing a minute of notes, its first note, and all 13 in one process.

    Raises InputError where the bundled models or torch are missing.
    """
    from plugin_core.performing.interpretation import interpret
    from plugin_core.performing.models import load_models
    from plugin_core.performing.playing import generate, play, sounded
    from plugin_core.sounds import PhraseSound, load_sound

    sound = load_sound(INSTRUMENT)
    assert isinstance(sound, PhraseSound)
    # A process counts what its parent held when it began: before this one holds the models.
    first_sound, loaded_mib = note_cost(INSTRUMENT), _loaded_mib()
    models = load_models(sound)
    part = _part()
    samples = _SECONDS * SAMPLE_RATE
    notes = interpret(models.performer, part, INSTRUMENT)
    blocks = list(generate(models.synthesis, notes, INSTRUMENT))

    def all_of_it() -> object:
        return play(models, part, INSTRUMENT, sample_rate=SAMPLE_RATE, samples=samples)

    def sound_of_it() -> object:
        return list(sounded(blocks, models.synthesis, INSTRUMENT, SAMPLE_RATE, samples))

    steps = (
        measured_cost("notes to sound, all of it", all_of_it, _SECONDS),
        measured_cost(
            "  notes to expression", lambda: interpret(models.performer, part, INSTRUMENT), _SECONDS
        ),
        measured_cost(
            "  expression to synthesis parameters",
            lambda: list(generate(models.synthesis, notes, INSTRUMENT)),
            _SECONDS,
        ),
        measured_cost("  synthesis parameters to sound, and the room", sound_of_it, _SECONDS),
        sines_of_harmonics(),
    )
    return PerformerCosts(steps, first_sound, loaded_mib)


def _loaded_mib() -> float:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return float(done.stdout)


def _part() -> Part:
    """Return a minute of notes of several lengths, legato and apart."""
    notes = []
    now, number = 0.0, 0
    while now < _SECONDS:
        length_s = _LENGTHS_S[number % len(_LENGTHS_S)]
        key, velocity = _KEYS[number % len(_KEYS)], 60 + 7 * (number % 7)
        sounding_s = length_s * (0.7 if number % 4 == 3 else 1.0)
        notes.append(Note(now, min(now + sounding_s, _SECONDS), key, velocity))
        now, number = now + length_s, number + 1
    return Part("bench", tuple(notes))
