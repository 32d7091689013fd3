"""The app's one store: opened by the first page that needs it, held until the process ends.

What only an app needs is imported where it is used: a command imports this package too, and is there
in a third of the time without it.
"""

from __future__ import annotations

import atexit
import sys
import threading
import types
from datetime import UTC, datetime
from pathlib import Path

from xlam_backend.domain.person import Person
from xlam_backend.errors import StoreBusyError
from xlam_backend.importers.uploads import drop_all_uploads
from xlam_backend.owner.card import read_card
from xlam_backend.owner.holding import Holding
from xlam_backend.settings import data_dir, person_name, wants_demo_data
from xlam_backend.store.connection import Store

# Streamlit drops the app's own modules from sys.modules when one of their files is edited, and what
# they hold with them. A module without a file is left alone, so what the process holds lives there.
_KEPT = sys.modules.setdefault("xlam_studio_process", types.ModuleType("xlam_studio_process"))
_lock: threading.Lock = _KEPT.__dict__.setdefault("lock", threading.Lock())


def app_store() -> Store:
    """Return the store that this process holds; the first call opens it, and fills an empty one.

    Raises:
        StoreBusyError: a command holds the store just now; try again in a moment.
    """
    folder = data_dir()
    with _lock:
        holding = _KEPT.__dict__.get("holding")
        if holding is not None and not _is_current(holding, folder):
            release_app_store()
            holding = None
        if holding is None:
            holding = _take(folder)
            _KEPT.__dict__["holding"] = holding
            if wants_demo_data():
                from xlam_backend.flow import fill_with_demo_data

                account = Person(person_name(), "admin", "local")
                fill_with_demo_data(holding.store, person=account, now=datetime.now(UTC))
        store: Store = holding.store
        return store


def release_app_store() -> None:
    """Let go of the store, if this process holds it; commands that run here are stopped."""
    taking_in = _KEPT.__dict__.pop("taking_in", None)
    if taking_in is not None:
        taking_in.close()
    holding = _KEPT.__dict__.pop("holding", None)
    if holding is not None:
        holding.close(stop_running=True)


def _is_current(holding: object, folder: Path) -> bool:
    # After an edit of the code the old object is of a class that no longer exists.
    return isinstance(holding, Holding) and holding.folder == folder


def _take(folder: Path) -> Holding:
    holding = Holding.take(folder, "the app")
    if holding is None:
        card = read_card(folder)
        who = f"`{card.doing}` (process {card.pid}, since {card.since})" if card else "Another process"
        raise StoreBusyError(
            f"{who} is using the store just now.", "The app goes on by itself as soon as it has ended."
        )
    if not _KEPT.__dict__.get("releases_at_exit"):
        _KEPT.__dict__["releases_at_exit"] = True
        drop_all_uploads(folder)  # this process has taken none yet: they are leftovers
        atexit.register(release_app_store)
    from xlam_backend.owner.taking_in import TakingIn

    _KEPT.__dict__["taking_in"] = TakingIn(holding.store)
    return holding
