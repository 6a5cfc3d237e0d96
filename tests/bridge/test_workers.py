import os
import pickle
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.workers import WorkerError, run_jobs
from plugin_core.types import InputError


@dataclass(frozen=True)
class Note:
    """A job that writes who did it, then waits for `others` to have done so too."""

    out: Path
    fails: str = ""
    others: tuple[Path, ...] = ()

    def run(self, progress) -> None:
        progress(0.5)
        print("libraries may print")
        match self.fails:
            case "input":
                raise InputError("song.toml", "track 1", "a sound", "none")
            case "disk":
                raise OSError(28, "No space left on device", "stem.npy")
            case "bug":
                raise KeyError("oops")
            case "crash":
                os._exit(3)
            case "forever":
                while True:
                    time.sleep(0.01)
        self.out.write_text(str(os.getpid()))
        while not all(other.exists() for other in self.others):
            time.sleep(0.01)


def test_one_worker_is_this_process(tmp_path):
    run_jobs([Note(tmp_path / "a"), Note(tmp_path / "b")], workers=1)
    assert {(tmp_path / name).read_text() for name in "ab"} == {str(os.getpid())}


def test_several_workers_run_side_by_side(tmp_path):
    # Each waits for the other: one after the other they would never end.
    outs = (tmp_path / "a", tmp_path / "b")
    run_jobs([Note(out, others=outs) for out in outs], workers=2)
    first, second = (out.read_text() for out in outs)
    assert len({first, second, str(os.getpid())}) == 3


def test_there_may_be_more_jobs_than_workers(tmp_path):
    outs = [tmp_path / str(number) for number in range(7)]
    run_jobs([Note(out) for out in outs], workers=2)
    assert all(out.exists() for out in outs)
    assert len({out.read_text() for out in outs}) <= 2


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_rises_to_one(tmp_path, workers):
    told: list[float] = []
    run_jobs([Note(tmp_path / name) for name in "abc"], workers=workers, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_of_input_and_disk_come_back_as_they_were(tmp_path, workers):
    good = Note(tmp_path / "good")
    with pytest.raises(InputError) as caught:
        run_jobs([good, Note(tmp_path / "bad", fails="input")], workers=workers)
    assert str(caught.value) == "song.toml: track 1: expected a sound, found none"
    with pytest.raises(OSError, match="No space left on device") as system:
        run_jobs([good, Note(tmp_path / "bad", fails="disk")], workers=workers)
    assert system.value.errno == 28


@pytest.mark.parametrize(("fails", "told"), [("bug", "KeyError: 'oops'"), ("crash", "ended")])
def test_other_failures_say_what_happened(tmp_path, fails, told):
    with pytest.raises(WorkerError, match=told):
        run_jobs([Note(tmp_path / "a"), Note(tmp_path / "b", fails=fails)], workers=2)


def test_a_failure_ends_the_other_workers(tmp_path):
    with pytest.raises(InputError):
        run_jobs(
            [Note(tmp_path / "a", fails="forever"), Note(tmp_path / "b", fails="input")], workers=2
        )


def test_the_first_worker_may_go_ahead_alone(tmp_path):
    outs = [tmp_path / name for name in "abc"]
    run_jobs([Note(out) for out in outs], workers=2, one_first=True)
    assert all(out.exists() for out in outs)


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys; sys.path.insert(0, sys.argv[1]); print('once', flush=True)\n"
        "from pathlib import Path\n"
        "from tests.bridge.test_workers import Note\n"
        "from bridge.workers import run_jobs\n"
        "run_jobs([Note(Path('a')), Note(Path('b'))], workers=2)\n"
    )
    done = subprocess.run(
        [sys.executable, script, Path(__file__).parents[2]],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "once\n"
    assert (tmp_path / "b").exists()


def test_an_input_error_survives_pickling():
    error = InputError("song.toml", "track 1", "a sound", "none")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is InputError
    assert str(copy) == str(error) == "song.toml: track 1: expected a sound, found none"
