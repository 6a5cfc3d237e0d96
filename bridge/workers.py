"""Jobs done side by side in worker processes.

A worker is this Python again, started with our own module path and nothing else: unlike the
processes of `multiprocessing` it never runs the caller's script a second time, so `render` works in
a script without a `__main__` guard and in a notebook. Jobs go to its standard input, progress and
results come back on its standard output, both pickled. A worker ends when its input does.
"""

import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from plugin_core.types import InputError

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bridge.workers import serve; serve()"
)
_PROGRESS_STEP = 0.01


class Job(Protocol):
    """Something to be done, which can be pickled; its results go to files."""

    def run(self, progress: Callable[[float], None]) -> None:
        """Do it, telling from time to time which part of it (0..1) is done."""


class WorkerError(RuntimeError):
    """A worker failed for a reason that is no fault of the user's input."""


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int,
    progress: Callable[[float], None] = lambda fraction: None,
    one_first: bool = False,
) -> None:
    """Do all jobs, in order, in up to `workers` processes; in this process if that is one.

    `progress` is called here, in the caller's thread, with the part of all jobs that is done.
    `one_first` holds the other workers back until the first has made progress, so that what it
    compiles and stores on disk is not compiled again by each. Raises what the first failing job
    raised: an InputError or OSError as it was, else a WorkerError.
    """
    done = [0.0] * len(jobs)

    def tell(index: int, fraction: float) -> None:
        done[index] = fraction
        progress(sum(done) / len(jobs))

    if min(workers, len(jobs)) <= 1:
        for index, job in enumerate(jobs):
            job.run(lambda fraction, index=index: tell(index, fraction))  # type: ignore[misc]
            tell(index, 1.0)
        return

    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(jobs)):
        waiting.put(index)
    told: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()
    with contextlib.ExitStack() as started:
        count = min(workers, len(jobs))
        running = 0
        while min(done) < 1.0:
            if running < (1 if one_first else count):
                worker = started.enter_context(_worker())
                threading.Thread(
                    target=_feed, args=(worker, jobs, waiting, told), daemon=True
                ).start()
                running += 1
                continue
            index, kind, content = told.get()
            if kind == "progress":
                one_first = False
                tell(index, content)
            else:
                raise _as_error(kind, content)


@contextlib.contextmanager
def _worker() -> "Iterator[subprocess.Popen[bytes]]":
    """Start a worker; at the end it is stopped, whatever it is doing."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is ours: we end the workers
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _feed(
    process: "subprocess.Popen[bytes]",
    jobs: Sequence[Job],
    waiting: "queue.SimpleQueue[int]",
    told: "queue.SimpleQueue[tuple[int, str, Any]]",
) -> None:
    """Give a worker one job after the other, and pass on what it tells."""
    assert process.stdin is not None
    assert process.stdout is not None
    index = -1
    try:
        while True:
            index = waiting.get_nowait()
            pickle.dump(jobs[index], process.stdin)
            process.stdin.flush()
            kind, content = "progress", 0.0
            while not (kind == "progress" and content >= 1.0):
                kind, content = pickle.load(process.stdout)
                told.put((index, kind, content))
                if kind != "progress":
                    return
    except queue.Empty:
        return
    except (OSError, EOFError, pickle.UnpicklingError, ValueError):
        told.put((index, "ended", process.poll()))


def _as_error(kind: str, content: Any) -> Exception:
    if isinstance(content, InputError):
        return content
    if kind == "system":
        return OSError(*content)
    if kind == "ended":
        return WorkerError(f"a worker process ended unexpectedly (status {content})")
    return WorkerError(f"a worker process failed:\n{content}")


def serve() -> None:
    """Be a worker: do the jobs that come on standard input until it ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with the replies

    def reply(kind: str, content: Any) -> None:
        pickle.dump((kind, content), replies)
        replies.flush()

    told = 0.0

    def progress(fraction: float) -> None:
        nonlocal told
        if fraction < 1.0 and fraction - told >= _PROGRESS_STEP:
            told = fraction
            reply("progress", fraction)

    while True:
        try:
            job: Job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        told = 0.0
        try:
            job.run(progress)
        except InputError as error:
            reply("input", error)
        except OSError as error:
            reply("system", (error.errno, error.strerror or str(error)))
        except Exception:
            reply("failed", traceback.format_exc())
        else:
            reply("progress", 1.0)
