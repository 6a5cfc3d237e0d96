"""The whole road with the engine itself: in this process and in workers it must be the same."""

import numpy as np
import soundfile

from bridge.graph import render_session
from plugin_core.session import Effect
from plugin_core.types import Lane


def test_workers_render_what_one_process_renders(session, track, tmp_path):
    song = session(
        track("Moved", lanes={"vibrato": Lane.of([(0, 0), (1, 1)])}, pan=Lane.constant(0.3)),
        track("Shelf", pitch=45, effects=(Effect("LowShelfFilter", {"gain_db": 6.0}),)),
        track("Noisy", pitch=57, lanes={"attack_noise": Lane.constant(0.9)}),
        seed=5,
    )
    for jobs in (1, 3):
        render_session(song, tmp_path / str(jobs), jobs=jobs)
    names = sorted(str(path.relative_to(tmp_path / "1")) for path in (tmp_path / "1").rglob("*.*"))
    assert len(names) == 6
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()


def test_the_engine_is_heard_at_its_level(session, track, tmp_path):
    # The initial voice is one carrier at full level: it peaks at 0.125 at the most.
    render_session(session(track("Lead")), tmp_path, jobs=1, report=False)
    audio, _ = soundfile.read(tmp_path / "mix.wav")
    assert 0.05 < np.abs(audio).max() <= 0.125
