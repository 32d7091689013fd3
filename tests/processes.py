"""Real processes for tests: command lines, and an app that holds the store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from xlam_backend.cli.caller import Caller
from xlam_backend.owner.card import read_card
from xlam_backend.owner.client import ask_owner

ROOT = Path(__file__).resolve().parent.parent

# What a page does first, and then what an app does: live on.
APP = """
import sys
from xlam_backend.owner import app_store
app_store()
print("ready", flush=True)
sys.stdin.read()
"""


def environment(folder, **extra):
    """The environment of a process whose store lies in `folder`, wherever it is started."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "XLAM_DATA_DIR": str(folder), **extra}


def command_line(folder, *argv, cwd=ROOT, **extra):
    """Run one command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "xlam_backend", *map(str, argv)],
        cwd=cwd,
        env=environment(folder, **extra),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def ask_owner_for(folder, *argv):
    """Have the process that holds the store run a command line, as a second process would; its words."""
    out, err = [], []
    caller = Caller([str(word) for word in argv], ROOT, datetime.now(UTC), out.append, err.append)
    assert ask_owner(read_card(folder), caller, limit_seconds=60) == 0, err
    return "".join(out)


def start_command_line(folder, *argv, **extra):
    """Start one command line and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "xlam_backend", *map(str, argv)],
        cwd=ROOT,
        env=environment(folder, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_interrupts,
    )


def _hear_interrupts():
    """Let Ctrl-C reach a process even where the tests run in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def app_process(folder):
    """A process that holds the store as the app does; killed at the end if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", APP],
        env=environment(folder, XLAM_DEMO="no"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
