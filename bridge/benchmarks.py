"""How fast the engine is, measured beside a baseline in the same run.

Cost is seconds of one core per second of sound; its inverse, "times faster than real time", is what
tables show. A slow or busy machine slows the baseline as well: compare the ratios.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_core.dx7.fields import OPERATORS
from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.records import EVENT, EventType

SAMPLE_RATE = 48000
CHORD = 16
"""How many voices sound at once."""

_BLOCK = 512
_LOWEST_KEY = 36
_KEY_STEP = 3
_VELOCITY = 100
_ATTACK_S = 0.1
_MEASURED_S = 0.5
_RUNS = 3


@dataclass(frozen=True, slots=True)
class VoiceCost:
    """What one sounding voice of a sound costs, as a share of real time on one core."""

    name: str
    share: float

    @property
    def times_real_time(self) -> float:
        """How many such voices one core can sound, if nothing else ran."""
        return 1.0 / self.share


def voice_cost(voice: Voice) -> VoiceCost:
    """Measure 16 held voices of a sound at 48 kHz, the best of three runs after the attack.

    Only samples in which all 16 sound count.
    """
    engine = Engine(SAMPLE_RATE, [voice.patch()])
    chord = np.zeros(CHORD, EVENT)
    chord["type"] = EventType.NOTE_ON
    chord["key"] = _LOWEST_KEY + _KEY_STEP * np.arange(CHORD)
    chord["note_id"] = -1
    chord["value"] = _VELOCITY
    best = np.inf
    blocks = int(_MEASURED_S * SAMPLE_RATE) // _BLOCK
    for _ in range(_RUNS):
        engine.reset()
        engine.render(int(_ATTACK_S * SAMPLE_RATE), chord)
        sounding = engine.sounding
        begin = time.process_time()
        for _ in range(blocks):
            engine.render(_BLOCK)
        spent = time.process_time() - begin
        voices = (sounding + engine.sounding) / 2
        best = min(best, spent * SAMPLE_RATE / (blocks * _BLOCK) / max(1.0, voices))
    return VoiceCost(voice.name, best)


def sines_cost() -> VoiceCost:
    """Measure NumPy evaluating the sines of 16 voices of six operators, nothing else."""
    phases = np.random.default_rng(0).random((CHORD * OPERATORS, _BLOCK), np.float32)
    out = np.empty_like(phases)
    blocks = int(_MEASURED_S * SAMPLE_RATE) // _BLOCK

    def run() -> None:
        for _ in range(blocks):
            np.sin(phases, out=out)

    spent = min(_process_seconds(run) for _ in range(_RUNS))
    return VoiceCost("NumPy sines", spent * SAMPLE_RATE / (blocks * _BLOCK) / CHORD)


def _process_seconds(run: Callable[[], None]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


@dataclass(frozen=True, slots=True)
class CommandCost:
    """What one run of a command cost: wall-clock seconds and the largest memory of a process."""

    seconds: float
    peak_mib: float


def command_cost(arguments: list[str]) -> CommandCost:
    """Run `hexachord` with `arguments`. Raises RuntimeError if it fails."""
    program = "import sys; from bridge.cli import main; sys.exit(main())"
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(errors.decode(errors="replace").strip())
    return CommandCost(seconds, _mebibytes(usage))


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def note_cost(sound: str) -> CommandCost:
    """Measure a warm `hexachord note`, the best of three."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "note.wav")
        costs = [command_cost(["note", sound, "--out", out]) for _ in range(_RUNS + 1)]
    return min(costs[1:], key=lambda cost: cost.seconds)


def interpreter_cost() -> float:
    """Measure starting Python with NumPy: what any such command costs at least, in seconds."""

    def start() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)
        return time.perf_counter() - begin

    return min(start() for _ in range(_RUNS))


def render_cost(session: Path) -> CommandCost:
    """Measure rendering a session to a temporary folder, report and all."""
    with tempfile.TemporaryDirectory() as folder:
        return command_cost(["render", str(session), "--out", str(Path(folder) / "out")])
