"""A process that does one piece of work after another for the process that started it.

Not `multiprocessing`: its fresh processes begin by running the starter's main script once more, and
under Streamlit that is whichever page was drawn last (test_workers_do_not_run_the_main_script).
Here a worker is `python -m xlam_backend.worker`, which reads (function, item) from its standard input
and writes what came of it to its standard output. It ends when its input ends: when the starter
closes it, and when the starter is killed.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from xlam_backend.errors import StoreError

Item = TypeVar("Item")
Result = TypeVar("Result")


def code_stamp() -> str:
    """Say which state of the program's own files this is: how many, how large, the newest change."""
    states = [path.stat() for path in Path(__file__).parent.rglob("*.py")]
    return f"{len(states)}-{sum(s.st_size for s in states)}-{max(s.st_mtime_ns for s in states)}"


# Read when this process begins. A worker that finds other files runs other rules than its starter
# takes them for: its answers would be stored under the wrong version, or mean nothing.
STAMP = code_stamp()


class WorkerEndedError(RuntimeError):
    """A worker process ended in the middle of its work; a bug, or the machine is out of memory."""


class Worker:
    """One worker process; `run` is called by one thread at a time."""

    def __init__(self) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-m", "xlam_backend.worker", STAMP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def run(self, function: Callable[[Item], Result], item: Item) -> Result:
        """Return `function(item)`, or raise what it raised; the function is one a module defines."""
        work = pickle.dumps((function, item), pickle.HIGHEST_PROTOCOL)
        try:
            _pipe(self._process.stdin).write(work)
            _pipe(self._process.stdin).flush()
            is_done, outcome = pickle.load(_pipe(self._process.stdout))  # noqa: S301 - our own worker
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise WorkerEndedError("A worker process ended in the middle of its work.") from error
        if not is_done:
            raise outcome
        return cast(Result, outcome)

    def kill(self) -> None:
        """Kill the process from another thread; whoever waits for its answer is told that it ended."""
        self._process.kill()

    def end(self) -> None:
        """End the process, whatever it is at: it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(_pipe(pipe))


def _pipe(pipe: Any) -> BinaryIO:
    return cast(BinaryIO, pipe)


def _close(pipe: BinaryIO) -> None:
    try:
        pipe.close()
    except OSError:
        # What was still on its way to a process that has ended is not needed any more.
        return


def serve(source: BinaryIO, target: BinaryIO, *, starter_stamp: str) -> None:
    """Do the work that comes in until there is no more; refuse it when the starter runs other code."""
    is_same_code = starter_stamp == STAMP
    while True:
        try:
            function, item = pickle.load(source)  # noqa: S301 - only the starter writes to this pipe
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 - work that cannot be read here, say a function of a script
            outcome = (False, _portable(error))
        else:
            outcome = _outcome(function, item) if is_same_code else (False, _program_changed())
        try:
            pickle.dump(outcome, target, pickle.HIGHEST_PROTOCOL)
            target.flush()
        except BrokenPipeError:
            return  # the starter was killed: nobody waits for this any more


def _program_changed() -> StoreError:
    return StoreError(
        "The files of xLAM Studio were changed since it was started.", "Start it again, then repeat this."
    )


def _outcome(function: Callable[[Any], Any], item: Any) -> tuple[bool, Any]:
    try:
        return True, function(item)
    except Exception as error:  # noqa: BLE001 - the starter decides what it means
        return False, _portable(error)


def _portable(error: Exception) -> Exception:
    """Return the error with its traceback as a note, in a form that can be sent."""
    trace = "".join(traceback.format_exception(error))
    try:
        sent: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was packed just now
    except Exception:  # noqa: BLE001 - an exception that cannot be rebuilt from its own arguments
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note(f"In a worker process:\n{trace}")
    return sent


def main() -> None:
    """Serve the starter through this process's standard input and output."""
    # Ctrl-C reaches every process of a terminal: the starter decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only outcomes go down the pipe: whatever prints is sent to standard error.
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, target, starter_stamp=sys.argv[1])


if __name__ == "__main__":
    main()
