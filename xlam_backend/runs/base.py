"""What a run is: a folder that a detached worker fills, and that the store's owner takes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import RunError

if TYPE_CHECKING:  # the supervisor reads this file too, and has no use for a database
    from xlam_backend.store.connection import Cursor, Store

# Runs of one lane wait for each other. In "gpu" stand those that train or load a model, each for the devices
# it asks for: also for the processor.
Lane = Literal["cpu", "llm", "gpu"]
FailureClass = Literal["", "out of memory", "data", "disk", "interrupted", "service", "bug"]
RunState = Literal["queued", "running", "stopping", "succeeded", "failed", "stopped", "lost"]


class Places(msgspec.Struct, frozen=True):
    """What a run waits for: `count` of the places named, all at once. A device is a place of its own."""

    count: int
    among: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what nobody could ever get."""
        if not 1 <= self.count <= len(set(self.among)) == len(self.among):
            message = f"{self.count} of the places {self.among}"
            raise ValueError(message)


class RunContext(Protocol):
    """What a worker has in hand: its parameters, its folder, and the ways to tell and to ask.

    A worker never opens the store. It may be killed at any moment and is then started again with the
    same folder: a part that exists is finished and is not made again.
    """

    run_id: str
    folder: Path  # input/ is what the owner prepared, output/ the finished parts, state/ survives a resume
    params: dict[str, Any]
    attempt: int

    def should_stop(self) -> bool:
        """Whether a person asked the run to stop; a worker then ends at its next safe point."""
        ...

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        """Tell how far the run is; `numbers` are further figures worth a curve (cost, tokens, loss)."""
        ...

    def log(self, text: str) -> None:
        """Add a line to the run's log."""
        ...

    def has_part(self, name: str) -> bool:
        """Whether an output part is finished."""
        ...

    def write_part(self, name: str, content: bytes) -> None:
        """Finish an output part: it is there whole or not at all."""
        ...

    def set_outcome(self, outcome: dict[str, Any]) -> None:
        """Say what came of the run, in figures a page can show."""
        ...


class Prepared(msgspec.Struct, frozen=True):
    """What the owner put into input/: a count of items, and words for the Runs page."""

    item_count: int
    words: str = ""


class Taking(msgspec.Struct, frozen=True):
    """A run whose work is done, in the hands of the store's owner: `person` is who started it.

    `mark` notes, with the number of rows, that the run was taken in; it is to be called inside the
    transaction of the rows.
    """

    store: Store
    folder: Path
    params: dict[str, Any]
    person: Person
    now: datetime
    mark: Callable[[Cursor, int], None]


class RunKind(msgspec.Struct, frozen=True):
    """A kind of background work.

    prepare        in the store's owner: writes input/ of the folder given from the store
    work           in the worker process: input/ -> output/ parts
    take_in        in the owner, inside one transaction for each part, once for each part: part -> rows;
                   returns the number of rows written. None when a run has nothing for the store.
    take_in_whole  instead of `take_in`, for work that must be in the store whole or not at all: in the
                   owner, once, after the run has succeeded, in a transaction of its own that holds the
                   call of `mark`; returns the number of rows.
    then           in the owner, once everything of a run that succeeded was taken in: what follows from
                   it. It may be called again after a crash.
    is_import      what `take_in` writes are trajectories: it waits for imports, and they for it
    places         in the owner, when a run is started or resumed: the devices it asks for, by its
                   parameters; SettingError where this machine has too few. None: what its lane gives to
                   every run.
    """

    name: str
    title: str
    lane: Lane
    prepare: Callable[[Store, Path, dict[str, Any]], Prepared]
    work: Callable[[RunContext], None]
    take_in: Callable[[Store, Cursor, Path, dict[str, Any]], int] | None = None
    take_in_whole: Callable[[Taking], int] | None = None
    then: Callable[[Taking], None] | None = None
    is_import: bool = False
    places: Callable[[dict[str, Any]], Places] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether what a run of this kind makes belongs into the store."""
        return self.take_in is not None or self.take_in_whole is not None


class Registry(msgspec.Struct, frozen=True):
    """The kinds of run that are known, by name, and the module whose main program carries them out."""

    kinds: Mapping[str, RunKind]
    worker: str

    def kind(self, name: str) -> RunKind:
        """Return the kind of run of this name.

        Raises:
            RunError: this version of the program has no such kind.
        """
        if name in self.kinds:
            return self.kinds[name]
        known = ", ".join(self.kinds) or "none"
        raise RunError(f"There is no kind of run called {name!r}.", f"Known: {known}.")
