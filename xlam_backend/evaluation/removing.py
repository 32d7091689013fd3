"""Takes an evaluation away, and puts it back: its rows stay, so nothing is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation, write_change


def remove_evaluation(store: Store, evaluation_no: int, *, person: Person, now: datetime) -> None:
    """Take an evaluation off every list; NotFoundError when there is none of this number."""
    _change(store, evaluation_no, "removed", person=person, now=now)


def put_back_evaluation(store: Store, evaluation_no: int, *, person: Person, now: datetime) -> None:
    """Put an evaluation back that was removed."""
    _change(store, evaluation_no, "put back", person=person, now=now)


def _change(
    store: Store, evaluation_no: int, change: Literal["removed", "put back"], *, person: Person, now: datetime
) -> None:
    require(person, "evaluate")
    evaluation = read_evaluation(store, evaluation_no)
    with store.write() as cursor:
        write_change(cursor, store, evaluation_no, change, person=person.name, now=now)
        detail = {"change": change, "model": evaluation.model}
        write_audit(cursor, store, person, "evaluate", f"evaluation {evaluation_no}", detail, now=now)
