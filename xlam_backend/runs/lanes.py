"""Who waits for whom: each lane is a folder of numbered tickets, each locked by the run it belongs to.

A run holds its ticket from the moment it is started until it has ended; the lock goes with its
process. So a run may begin as soon as fewer living tickets stand before its own than the lane has
places, and nobody has to be told that another has ended.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from xlam_backend.runs.base import Lane
from xlam_backend.runs.locks import is_locked, wait_for_lock

# Runs that ask a model mostly wait for it; the others use a whole machine.
PLACES: dict[Lane, int] = {"cpu": 1, "llm": 2, "gpu": 1}

LANES_FOLDER = ".lanes"


class Ticket(msgspec.Struct, frozen=True):
    """A place in a lane: `descriptor` holds its lock in this process."""

    path: Path
    descriptor: int


def take_ticket(runs_folder: Path, lane: Lane, run_id: str) -> Ticket:
    """Stand at the end of a lane."""
    folder = runs_folder / LANES_FOLDER / lane
    folder.mkdir(parents=True, exist_ok=True)
    door = wait_for_lock(folder / ".door")
    try:
        last = max((_number(path) for path in _tickets(folder)), default=0)
        # Locked before it has its name: nobody ever sees a ticket that looks dead.
        draft = folder / f".draft-{run_id}"
        descriptor = wait_for_lock(draft)
        return Ticket(draft.rename(folder / f"{last + 1:012d}-{run_id}"), descriptor)
    finally:
        os.close(door)


def places_before(ticket: Path, lane: Lane) -> int:
    """Return how many runs must end before this one may begin: 0 when it may begin now."""
    alive = 0
    for other in _tickets(ticket.parent):
        if _number(other) >= _number(ticket):
            continue
        if is_locked(other):
            alive += 1
        else:
            other.unlink(missing_ok=True)  # its run was killed
    return max(0, alive - PLACES[lane] + 1)


def place_of(runs_folder: Path, lane: Lane, run_id: str) -> int:
    """Return how many runs must end before this run may begin; 0 when it may, or does not wait."""
    folder = runs_folder / LANES_FOLDER / lane
    for ticket in _tickets(folder):
        if ticket.name.partition("-")[2] == run_id:
            return places_before(ticket, lane)
    return 0


def give_back(ticket: Path) -> None:
    """Leave the lane; the lock itself goes with the process."""
    with suppress(OSError):
        ticket.unlink(missing_ok=True)


def _tickets(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.partition("-")[0].isdecimal()]


def _number(ticket: Path) -> int:
    return int(ticket.name.partition("-")[0])
