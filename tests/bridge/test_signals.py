"""A signal ends a command even where Python would lose the exception."""

import os
import signal
import subprocess
import sys

import pytest

CODE = """
import os, signal, sys, time
from bridge.cli.signals import listen

class Compiled:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(0.1)

listen()
compiled = Compiled()
try:
    del compiled
    time.sleep(5)
except KeyboardInterrupt:
    sys.exit(130)
print("went on")
"""


IN_THE_COMPILER = """
import ctypes, os, signal, sys, time
from bridge.cli.signals import listen

source = "import os, time\\ndef notify():\\n    os.kill(os.getpid(), sent)\\n    time.sleep(0.1)\\n"
names = {"sent": int(sys.argv[1])}
exec(compile(source, "/somewhere/llvmlite/binding/executionengine.py", "exec"), names)
callback = ctypes.CFUNCTYPE(None)(names["notify"])

listen()
try:
    callback()
    time.sleep(5)
except KeyboardInterrupt:
    sys.exit(130)
print("went on")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("code", [CODE, IN_THE_COMPILER], ids=["finalizer", "callback"])
def test_a_signal_where_exceptions_are_lost_comes_again(code, sent, status):
    done = subprocess.run(
        [sys.executable, "-c", code, str(int(sent))],
        capture_output=True, text=True, timeout=30, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert "ignored" not in done.stderr
