"""Long work of the app, one piece after the other in a thread: its progress, a way to stop it, its outcome.

The pages come and go; the work stays. What is running is kept by the process, like the store itself.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import StoppedError, XlamError
from xlam_backend.flow import FlowProgress, TellProgress
from xlam_backend.owner.app import app_store
from xlam_backend.store.connection import Store

State = Literal["waiting", "running", "done", "stopped", "failed"]
Kind = Literal["import", "export"]
Work = Callable[[Store, TellProgress, Callable[[], bool]], Any]

MOST_KEPT = 20

_log = logging.getLogger("xlam_studio")


class WorkStatus(msgspec.Struct, frozen=True):
    """A piece of work as it stands: `outcome` when it is done, `what` and `way_out` when it failed.

    `kind` says what it is for, so that each page shows its own.
    """

    work_id: int
    title: str
    state: State
    started_at: datetime
    kind: Kind = "import"
    progress: FlowProgress | None = None
    outcome: Any = None
    what: str = ""
    way_out: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in ("waiting", "running")


class Background:
    """Does work one piece after the other; every method may be called from any thread."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._works: dict[int, WorkStatus] = {}
        self._stops: dict[int, threading.Event] = {}
        self._waiting: queue.Queue[tuple[int, Work]] = queue.Queue()
        self._thread: threading.Thread | None = None

    def start(self, title: str, work: Work, *, now: datetime, kind: Kind = "import") -> int:
        """Take work on and return its number; it begins when what was taken on before has ended."""
        with self._lock:
            work_id = max(self._works, default=0) + 1
            self._works[work_id] = WorkStatus(work_id, title, "waiting", now, kind)
            self._stops[work_id] = threading.Event()
            self._drop_oldest()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work_on, name="background", daemon=True)
                self._thread.start()
        self._waiting.put((work_id, work))
        return work_id

    def statuses(self) -> list[WorkStatus]:
        """Return every piece of work that is known, the newest first."""
        with self._lock:
            return sorted(self._works.values(), key=lambda status: -status.work_id)

    def stop(self, work_id: int, *, person: Person) -> None:
        """Ask a piece of work to stop; it ends at its next step."""
        require(person, "run")
        with self._lock:
            if work_id in self._stops:
                self._stops[work_id].set()

    def forget(self, work_id: int, *, person: Person) -> None:
        """Drop a piece of work that has ended from the list."""
        require(person, "run")
        with self._lock:
            if work_id in self._works and not self._works[work_id].is_open:
                del self._works[work_id], self._stops[work_id]

    def _drop_oldest(self) -> None:
        ended = [work_id for work_id, status in self._works.items() if not status.is_open]
        for work_id in ended[: max(0, len(self._works) - MOST_KEPT)]:
            del self._works[work_id], self._stops[work_id]

    def _work_on(self) -> None:
        while True:
            work_id, work = self._waiting.get()
            self._update(work_id, **self._carry_out(work_id, work))

    def _carry_out(self, work_id: int, work: Work) -> dict[str, Any]:
        should_stop = self._stops[work_id].is_set
        if should_stop():
            return {"state": "stopped"}
        self._update(work_id, state="running")
        try:
            outcome = work(self._store(), lambda made: self._update(work_id, progress=made), should_stop)
        except StoppedError:
            return {"state": "stopped"}
        except XlamError as error:
            return {"state": "failed", "what": error.what, "way_out": error.way_out}
        except Exception:  # noqa: BLE001 - the border: the thread must live on, and the log says what it was
            _log.exception("Background work failed")
            return {
                "state": "failed",
                "what": "Something went wrong inside xLAM Studio.",
                "way_out": "The log of the app has the details.",
            }
        return {"state": "done", "outcome": outcome}

    def _update(self, work_id: int, **fields: Any) -> None:
        with self._lock:
            self._works[work_id] = msgspec.structs.replace(self._works[work_id], **fields)


_background = Background(app_store)


def background() -> Background:
    """Return the app's background work."""
    return _background


def start_work(title: str, work: Work, *, kind: Kind = "import") -> int:
    """Take work on, now."""
    return _background.start(title, work, now=datetime.now(UTC), kind=kind)
