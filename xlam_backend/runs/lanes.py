"""Who waits for whom: a lane is a queue of tickets for its places; ticket and place are locked files.

A run stands in its lane with a ticket that says which places it asks for, and takes them all at once, in the
order of the tickets. What an earlier ticket could use is kept for it, so a run that asks for much is not
overtaken for ever by those that ask for little. Whoever holds a lock holds it for as long as it lives: a
run that ends, however it ends, frees its ticket and its places, and nobody has to be told.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import msgspec

from xlam_backend.errors import RunError
from xlam_backend.runs.base import Lane, Places
from xlam_backend.runs.devices import PROCESSOR
from xlam_backend.runs.folder import read_record
from xlam_backend.runs.locks import is_locked, try_lock, wait_for_lock

# What a run takes that asks for nothing else. Runs that ask a model mostly wait for it; the others use a
# whole machine.
USUAL: dict[Lane, Places] = {
    "cpu": Places(1, ("1",)),
    "llm": Places(1, ("1", "2")),
    "gpu": Places(1, (PROCESSOR,)),
}

LANES_FOLDER = ".lanes"
_DOOR = ".door"  # tickets are given out, and places taken, by one process of a lane at a time


class Ticket(msgspec.Struct, frozen=True):
    """A place in the queue of a lane: `descriptor` holds its lock in this process."""

    path: Path
    descriptor: int


class Turn(msgspec.Struct, frozen=True):
    """How far a ticket has come.

    may_take  the places that it may take now; none while it waits
    number    1 when it is the next to begin of all that want its places, 0 when it may begin
    free      those it asks for that nobody has, and that are not kept for an earlier ticket
    """

    wanted: Places
    may_take: tuple[str, ...]
    number: int
    free: tuple[str, ...]


class Held(msgspec.Struct, frozen=True):
    """Places in the hands of this process: `descriptors` hold their locks."""

    places: tuple[str, ...] = ()
    descriptors: tuple[int, ...] = ()


def take_ticket(runs_folder: Path, lane: Lane, run_id: str, wanted: Places | None = None) -> Ticket:
    """Stand at the end of a lane."""
    folder = runs_folder / LANES_FOLDER / lane
    folder.mkdir(parents=True, exist_ok=True)
    door = wait_for_lock(folder / _DOOR)
    try:
        tickets = _clear_away_dead(folder)
        # Locked and filled before it has its name: nobody ever sees a ticket that looks dead.
        draft = folder / f".draft-{run_id}"
        descriptor = wait_for_lock(draft)
        draft.write_bytes(msgspec.json.encode(wanted or USUAL[lane]))
        last = max((_number(path) for path in tickets), default=0)
        return Ticket(draft.rename(folder / f"{last + 1:012d}-{run_id}"), descriptor)
    finally:
        os.close(door)


def take_places(ticket: Path) -> Held | None:
    """Leave the queue with all that the ticket asks for; None while it has to wait.

    Raises:
        RunError: somebody has removed the ticket.
    """
    if not _own_turn(ticket).may_take:
        return None  # seen without a lock: those who wait long are not to keep the others from the door
    door = try_lock(ticket.parent / _DOOR, patient=True)
    if door is None:
        return None
    try:
        places = _own_turn(ticket).may_take
        held = _lock_all(ticket.parent, places)
        if held:
            ticket.unlink(missing_ok=True)
        return Held(places, held) if held else None
    finally:
        os.close(door)


def turn_of(runs_folder: Path, lane: Lane, run_id: str) -> Turn | None:
    """Return how far a run has come in its lane; None when it does not wait there."""
    for ticket in _tickets(runs_folder / LANES_FOLDER / lane):
        if ticket.name.partition("-")[2] == run_id:
            return look_at(ticket)
    return None


def look_at(ticket: Path) -> Turn | None:
    """Return how far a ticket has come; None when it is gone."""
    wanted = read_record(ticket, Places)
    if wanted is None:
        return None
    kept: set[str] = set()  # for earlier tickets
    before = 0
    for earlier in _living_before(ticket):
        other = read_record(earlier, Places)
        if other is None:
            continue  # it has got its places meanwhile
        free = _free(ticket.parent, other, kept)
        kept.update(free[: other.count])
        before += len(free) < other.count and not set(other.among).isdisjoint(wanted.among)
    free = _free(ticket.parent, wanted, kept)
    may_begin = len(free) >= wanted.count
    return Turn(
        wanted,
        may_take=free[: wanted.count] if may_begin else (),
        number=0 if may_begin else before + 1,
        free=free,
    )


def give_back(ticket: Path) -> None:
    """Leave the queue without a place; the lock itself goes with the process."""
    with suppress(OSError):
        ticket.unlink(missing_ok=True)


def _own_turn(ticket: Path) -> Turn:
    turn = look_at(ticket)
    if turn is None:
        raise RunError("The place of this run in the queue was removed.", "Resume it: it stands at the end.")
    return turn


def _lock_all(folder: Path, places: tuple[str, ...]) -> tuple[int, ...]:
    """Return the locks of all these places, or of none."""
    with ExitStack() as undo:
        held = []
        for place in places:
            # Only those who look can be in the way, for an instant: whoever takes one stands at the door.
            descriptor = try_lock(_place_file(folder, place), patient=True)
            if descriptor is None:
                return ()
            undo.callback(os.close, descriptor)
            held.append(descriptor)
        undo.pop_all()
        return tuple(held)


def _free(folder: Path, wanted: Places, kept: set[str]) -> tuple[str, ...]:
    return tuple(
        place for place in wanted.among if place not in kept and not is_locked(_place_file(folder, place))
    )


def _place_file(folder: Path, place: str) -> Path:
    return folder / f"place-{quote(place, safe='')}"


def _clear_away_dead(folder: Path) -> list[Path]:
    """Remove the tickets of killed runs and return the others; only at the door, where none is made anew."""
    living = []
    for ticket in _tickets(folder):
        if is_locked(ticket):
            living.append(ticket)
        else:
            ticket.unlink(missing_ok=True)
    return living


def _living_before(ticket: Path) -> list[Path]:
    earlier = [other for other in _tickets(ticket.parent) if _number(other) < _number(ticket)]
    return [other for other in sorted(earlier) if is_locked(other)]


def _tickets(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.partition("-")[0].isdecimal()]


def _number(ticket: Path) -> int:
    return int(ticket.name.partition("-")[0])
