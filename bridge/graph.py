"""A session rendered to stems and a mix: sources, effects, then the DawDreamer graph.

DESIGN.md, section 6: what each track's engine plays here, or the built plug-in in a graph of its
own, goes through the track's Pedalboard effects (side by side in worker processes), then all of
them through playback nodes with gain and pan to their sum; the master effects hear that sum.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.delivery import RECORD, Delivery, delivery, stem_file
from bridge.mixing import MixingDesk, strip_gains
from bridge.plan import Plan, plan_session
from bridge.plugin_bundle import plugin_path, require_model
from bridge.plugin_state import is_bundled
from bridge.scratch import Scratch
from bridge.sources import SourceJob
from bridge.stems import AudioFile, Mixed, level, write_audio
from bridge.workers import run_jobs
from plugin_core.types import InputError

if TYPE_CHECKING:
    from plugin_core.session import Session

Progress = Callable[[float, str], None]
"""Is told which part (0..1) of a render is done, and what is being done."""

Through = Literal["script", "plugin"]

MIX = "mix.wav"
REPORT = "report.png"

SILENCE = 1e-5
"""Magnitudes up to this, -100 dBFS, count as silence at the end of a session."""

_SHARES = {"playing": 0.70, "mixing": 0.12, "writing": 0.12, "drawing": 0.06}


@dataclass(frozen=True)
class Rendered:
    """What a render delivered: the folder, the plan, a file per player in order, the mix."""

    out: Path
    plan: Plan
    stems: tuple[AudioFile, ...]
    mix: AudioFile
    samples: int
    gain_db: float
    """The one gain that `normalize` applied to all files."""
    through: Through
    """Who played: "script" or "plugin"."""


def render_session(
    session: "Session | Plan",
    out: Path | str,
    *,
    jobs: int | None = None,
    report: bool = True,
    through: Through = "script",
    progress: Progress = lambda part, doing: None,
) -> Rendered:
    """Render a session, planned or not, to the folder `out`: stems, mix, report.png, render.json.

    `jobs` is how many worker processes play tracks, by default one per track up to the number of
    cores; 1 stays in this process. `through` says who plays: our own code, or the built plug-in,
    for which lanes become automation that moves, as MIDI controllers do, once per 64 samples.
    Nothing is replaced in `out` before all is done. Raises InputError for what the session asks and
    cannot be had: unknown effects, a 24-bit file over full scale, a folder that cannot be written,
    a plug-in that is not built.
    """
    from bridge.record import draw, record

    out = Path(out)
    stage = _Stages(progress)
    plan = session if isinstance(session, Plan) else plan_session(session)
    plugin = _plugin_for(plan) if through == "plugin" else None
    if jobs is None:
        jobs = min(len(plan.players), os.cpu_count() or 1)
    with delivery(out) as open_delivery:
        sources = _play(plan, open_delivery, jobs, plugin, stage.of("playing"))
        mixed = _mix(plan, sources, open_delivery, stage.of("mixing"))
        rendered = _write(plan, mixed, open_delivery, through, stage.of("writing"))
        if report:
            stage.of("drawing")(0.0)
            draw(rendered, open_delivery.file(REPORT))
        open_delivery.file(RECORD).write_text(record(rendered), "utf-8")
        open_delivery.finish()
    stage.of("drawing")(1.0)
    return rendered


def _plugin_for(plan: Plan) -> Path:
    """Return the built plug-in; raises InputError if there is none, or for what it cannot play."""
    from plugin_core.sounds import LiveSound, PhraseSound

    for player in plan.players:
        if isinstance(player.sound, PhraseSound):
            expected = 'what the plug-in plays, a DX7 voice or an instrument of model "live"'
            found = f"{player.sound.reference}, {player.sound.kind}"
            raise InputError(plan.session.source, player.place, expected, found)
    plugin = plugin_path()
    live = {player.sound.model for player in plan.players if isinstance(player.sound, LiveSound)}
    for model in filter(is_bundled, live):
        require_model(plugin, model)
    return plugin


class _Stages:
    """The progress of the whole, told by the progress of its stages."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, name: str) -> Callable[[float], None]:
        before = sum(list(_SHARES.values())[: list(_SHARES).index(name)])
        return lambda part: self._progress(before + part * _SHARES[name], name)


def _play(
    plan: Plan,
    folder: Delivery,
    jobs: int,
    plugin: Path | None,
    progress: Callable[[float], None],
) -> list[Scratch]:
    """Make every source with its effects."""
    from plugin_core.performance import is_compiled

    session = plan.session
    sources = [
        Scratch(folder.work / f"source-{index}", channels=2 if player.track.effects else 1)
        for index, player in enumerate(plan.players)
    ]
    work = [
        SourceJob(
            sound=player.sound,
            part=player.part,
            lanes=player.track.lanes,
            effects=player.track.effects,
            sample_rate=session.sample_rate,
            samples=plan.samples,
            seed=player.seed,
            folder=session.folder,
            where=(session.source, player.place),
            out=source,
            plugin=plugin,
        )
        for player, source in zip(plan.players, sources, strict=True)
    ]
    progress(0.0)
    one_first = plugin is None and not all(is_compiled(player.sound) for player in plan.players)
    run_jobs(work, workers=jobs, progress=progress, one_first=one_first)
    return sources


def _mix(
    plan: Plan, sources: Sequence[Scratch], folder: Delivery, progress: Callable[[float], None]
) -> list[Mixed]:
    """Run the graph; return the stems, and last their sum after the master effects."""
    names = (*(f"stem-{index}" for index in range(len(plan.players))), "mix")
    files = [Scratch(folder.work / name, channels=2) for name in names]
    peaks = [0.0] * len(files)
    end = 0
    desk = MixingDesk(len(plan.players), plan.session.sample_rate)
    for start in range(0, plan.samples, desk.segment):
        stop = min(start + desk.segment, plan.samples)
        stems, total = desk.mix(
            [source.read(start, stop) for source in sources], _gains(plan, start, stop - start)
        )
        for index, audio in enumerate((*stems, total)):
            files[index].append(audio)
            magnitude = np.abs(audio).max(axis=0)
            peaks[index] = max(peaks[index], float(magnitude.max()))
            heard = np.flatnonzero(magnitude > SILENCE)
            end = max(end, start + int(heard[-1]) + 1 if len(heard) else 0)
        progress(stop / plan.samples)

    for source in sources:
        source.path.unlink()

    samples = plan.samples
    if plan.ends_in_silence and end > 0:
        samples = min(samples, end + plan.master_ring)
    if plan.session.master:
        summed, files[-1] = files[-1], Scratch(folder.work / "mastered", channels=2)
        peaks[-1] = 0.0
        for piece in plan.master().stream(summed.pieces(samples)):
            files[-1].append(piece)
            peaks[-1] = max(peaks[-1], float(np.abs(piece).max(initial=0.0)))
    labels = [*(player.place for player in plan.players), "the mix"]
    return [
        Mixed(label, audio, samples, peak)
        for label, audio, peak in zip(labels, files, peaks, strict=True)
    ]


def _gains(plan: Plan, start: int, samples: int) -> list[NDArray[np.float32]]:
    return [
        strip_gains(
            player.track.gain_db,
            player.track.sounding_pan(),
            start=start,
            samples=samples,
            sample_rate=plan.session.sample_rate,
        )
        for player in plan.players
    ]


def _write(
    plan: Plan,
    mixed: Sequence[Mixed],
    folder: Delivery,
    through: Through,
    progress: Callable[[float], None],
) -> Rendered:
    session = plan.session
    gain = level(
        mixed, bit_depth=session.bit_depth, normalize=session.normalize, source=session.source
    )
    stems = (stem_file(each.number, each.track.name, each.index) for each in plan.players)
    names = [*stems, MIX]
    paths = [folder.file(name) for name in names]
    written: list[AudioFile] = []
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for audio_file in pool.map(
            lambda audio, path, name: write_audio(
                audio,
                path,
                file=name,
                gain=gain,
                sample_rate=session.sample_rate,
                bit_depth=session.bit_depth,
            ),
            mixed,
            paths,
            names,
        ):
            written.append(audio_file)
            progress(len(written) / len(names))
    return Rendered(
        out=folder.target,
        plan=plan,
        stems=tuple(written[:-1]),
        mix=written[-1],
        samples=mixed[-1].samples,
        through=through,
        gain_db=float(20 * np.log10(gain)),
    )
