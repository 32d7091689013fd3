"""The processes of a run, found through /proc; and signals to them."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# Set in the environment of everything a supervisor starts: so it is found when its parents are gone.
RUN_MARK = "XLAM_RUN_FOLDER"
SUPERVISOR_MARK = "XLAM_RUN_SUPERVISOR"


def become_subreaper() -> None:
    """Have every orphan among this process's descendants become its own child (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_supervisor() -> None:
    """Have this process killed when its supervisor ends, however it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if str(os.getppid()) != os.environ.get(SUPERVISOR_MARK):  # it ended before this process could ask
        os.kill(os.getpid(), signal.SIGKILL)


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Return what names this start of the machine; empty where it cannot be told."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


@lru_cache(maxsize=1)
def host_name() -> str:
    """Return this machine's name."""
    return socket.gethostname()


def descendants(pid: int) -> list[int]:
    """Return the processes below one, those that have ended but were not waited for left out."""
    children: dict[int, list[int]] = {}
    for each in _process_ids():
        state, parent = _state_and_parent(each)
        if state not in ("Z", "X", ""):
            children.setdefault(parent, []).append(each)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def rss_bytes(pids: list[int]) -> int:
    """Return the memory that these processes hold together."""
    total = 0
    for pid in pids:
        with suppress(OSError, IndexError, ValueError):
            total += int((_PROC / str(pid) / "statm").read_text("ascii").split()[1]) * _PAGE_BYTES
    return total


def marked_processes(folder: Path) -> list[int]:
    """Return the processes that were started for the run of this folder, wherever they hang now."""
    mark = f"{RUN_MARK}={folder}".encode()
    found = []
    for pid in _process_ids():
        if pid == os.getpid():
            continue
        with suppress(OSError):
            if mark in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    return found


def kill_marked(folder: Path) -> int:
    """Kill whatever is left of a run whose supervisor is gone; returns how many processes that were."""
    seen: set[int] = set()
    for _ in range(50):  # a process may start another while it is being looked for
        found = marked_processes(folder)
        if not found:
            break
        for pid in found:
            send(pid, signal.SIGKILL)
        seen.update(found)
        time.sleep(0.02)
    return len(seen)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def oom_kill_count() -> int:
    """Return how many processes the kernel has killed for lack of memory, as far as it can be told."""
    total = 0
    for path in (_PROC / "vmstat", Path("/sys/fs/cgroup/memory.events")):
        with suppress(OSError, ValueError):
            for line in path.read_text("ascii").splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    total += int(count)
    return total


def _process_ids() -> list[int]:
    if not _PROC.is_dir():
        return []
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return "", 0
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[0], int(fields[1])
