"""The engines as processes: where they are installed, started on loopback, ended with whoever started them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# The same folder as in .ci/cache.
ENGINES = Path(os.environ.get("BAILIWICK_CACHE") or CACHES / "bailiwick") / "engines"
LOOPBACK = "127.0.0.1"
READY_WITHIN = 120  # seconds; the start takes 3 to 8 on an idle machine


class EngineError(Exception):
    """An engine is missing, did not start, or refused what it must accept."""


def is_installed(name):
    """Whether `make engines` has built it."""
    return (ENGINES / "bin" / name).exists()


def engine(name):
    """The path of an installed engine."""
    if not is_installed(name):
        raise EngineError(f"{name} is not installed: run `make engines`")
    return ENGINES / "bin" / name


def wait_for(what, condition, within=READY_WITHIN):
    """Polls until the condition holds and returns what it returned."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise EngineError(f"not within {within} s: {what}")
        time.sleep(0.05)
    return answer


class Processes:
    """Running engines, ended one by one in the opposite order of their start."""

    def __init__(self, folder):
        self._folder = folder
        self._running = []

    def start(self, name, *arguments, **environment):
        """Starts an engine with its output in a log."""
        with open(self._folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [engine(name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), **environment},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._running.append((name, process))

    def check(self):
        """Fails when one has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                log = (self._folder / f"{name}.log").read_text(errors="replace").splitlines()
                raise EngineError(f"{name} ended with {process.returncode}:\n" + "\n".join(log[-15:]))

    def kill(self, name):
        """Ends one at once, as if its machine were gone."""
        found = next(process for running, process in self._running if running == name)
        found.kill()
        found.wait()
        self._running = [each for each in self._running if each[1] is not found]

    def end(self):
        """Ends all: each needs those started before it to end in order."""
        while self._running:
            _, process = self._running.pop()
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_ports(count):
    """Ports of the loopback address that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def _end_with_parent():
    """Asks the Linux kernel to end this child when the test is killed and cannot do so itself."""
    # On other systems the test's own end alone ends it.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
