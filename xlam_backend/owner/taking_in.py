"""The app's thread that takes in what runs have finished, and carries studies on, about once a second."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from xlam_backend.activities.intake import Intake
from xlam_backend.activities.kinds import REGISTRY
from xlam_backend.activities.studies import go_on_with_studies
from xlam_backend.runs.folder import runs_folder
from xlam_backend.runs.launch import remove_leftovers
from xlam_backend.store.connection import Store

SECONDS = 1.0
_CLOSING_SECONDS = 10.0

_log = logging.getLogger("xlam_studio")


class TakingIn:
    """Takes in from the moment it is made until `close`: what ended while the app was closed as well."""

    def __init__(self, store: Store) -> None:
        remove_leftovers(runs_folder(store.folder))
        self._store = store
        self._intake = Intake(store, REGISTRY)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, name="taking-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin nothing more; what is half taken in is rolled back with the store, and taken in later."""
        self._end.set()
        self._thread.join(_CLOSING_SECONDS)

    def _keep_on(self) -> None:
        while True:
            try:
                self._intake.take_in(now=datetime.now(UTC))
                go_on_with_studies(self._store, now=datetime.now(UTC))
            except Exception:  # noqa: BLE001 - the border: the thread must live on, and the log says what it was
                _log.exception("What runs have finished could not be taken in")
            if self._end.wait(SECONDS):
                return
