"""Deciding what becomes of near-duplicates: keep one, both or all of a cluster; every act can be undone.

What goes is dropped as review drops it (`store/dispositions.py`), so filters, mixtures and exports know.
A row of an evaluation set is never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xlam_backend.access import require
from xlam_backend.dedupe.clusters import group_matching
from xlam_backend.dedupe.grouping import Grouping
from xlam_backend.domain.near_duplicate import Choice, ClusterQuery, Decision
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, SettingError
from xlam_backend.store.connection import Store
from xlam_backend.store.near_decisions import (
    DecidedRow,
    DecisionDraft,
    DropReason,
    list_decisions,
    read_drop_reason,
    write_decision,
    write_undo,
)

__all__ = ["DropReason", "decide", "decide_all", "list_decisions", "read_drop_reason", "undo"]

_KEPT_BY_CHOICE: dict[Choice, int] = {"keep one": 1, "keep both": 2}


def decide(
    store: Store,
    search_no: int,
    number: int,
    choice: Choice,
    *,
    threshold: float,
    keep: Sequence[int] = (),
    person: Person,
    now: datetime,
) -> Decision:
    """Decide on one cluster; `keep` are the trajectory numbers that stay, by default the first by the rule.

    Raises:
        NotFoundError: at this threshold there is no such cluster.
        SettingError: `keep` names other rows than this cluster's, or more or fewer than the choice says.
    """
    require(person, "dedupe")
    found = group_matching(store, search_no, ClusterQuery(threshold))
    places = [at for at, each in enumerate(found.numbers) if each == number]
    if not places:
        raise NotFoundError(f"At threshold {threshold:g} there is no cluster {number}.", "See the list.")
    rows = _decided_rows(found, places[0], choice, keep)
    return _write(store, DecisionDraft(search_no, choice, threshold, 1, rows), person=person, now=now)


def decide_all(
    store: Store,
    search_no: int,
    query: ClusterQuery,
    *,
    choice: Choice = "keep one",
    person: Person,
    now: datetime,
) -> Decision:
    """Decide the same on every cluster that matches and is not decided on yet: one act, undone at once.

    Raises:
        SettingError: nothing is left to decide.
    """
    require(person, "dedupe")
    found = group_matching(store, search_no, _undecided(query))
    if not len(found.numbers):
        raise SettingError("No cluster that matches is left to decide on.", "Take a filter away.")
    rows = [row for at in range(len(found.numbers)) for row in _decided_rows(found, at, choice, ())]
    draft = DecisionDraft(search_no, choice, query.threshold, len(found.numbers), rows)
    return _write(store, draft, person=person, now=now)


def undo(store: Store, decision_no: int, *, person: Person, now: datetime) -> Decision:
    """Take a decision back: its rows stand as they did before it; returns the decision as it is now."""
    require(person, "dedupe")
    write_undo(store, decision_no, person=person, now=now)
    return _read(store, decision_no)


def _undecided(query: ClusterQuery) -> ClusterQuery:
    return ClusterQuery(
        query.threshold, "undecided", query.dataset, query.spans_datasets, query.evaluation_only, query.text
    )


def _decided_rows(found: Grouping, at: int, choice: Choice, keep: Sequence[int]) -> list[DecidedRow]:
    places = range(int(found.starts[at]), int(found.starts[at + 1]))
    numbers = [int(found.rows.trajectory_no[place]) for place in places]
    protected = {number for number, place in zip(numbers, places) if found.rows.is_protected[place]}
    kept = _kept(numbers, protected, choice, keep)
    stays = next(number for number in numbers if number in kept)
    return [
        DecidedRow(
            number, int(found.rows.version_no[place]), number if number in kept else stays, number in kept
        )
        for number, place in zip(numbers, places, strict=True)
    ]


def _kept(numbers: Sequence[int], protected: set[int], choice: Choice, keep: Sequence[int]) -> set[int]:
    """Return which rows stay: those named, or the first by the rule; evaluation rows always."""
    if choice == "keep all":
        return set(numbers)
    count = min(_KEPT_BY_CHOICE[choice], len(numbers))
    wanted = list(dict.fromkeys(keep)) or list(numbers[:count])
    strange = set(wanted) - set(numbers)
    if strange:
        raise SettingError(f"Trajectory {min(strange)} is not in this cluster.", "Choose among its rows.")
    if len(wanted) != count:
        raise SettingError(
            f"{choice.capitalize()} keeps {count}, but {len(wanted)} were named.", "Name as many as stay."
        )
    return set(wanted) | protected


def _write(store: Store, draft: DecisionDraft, *, person: Person, now: datetime) -> Decision:
    return _read(store, write_decision(store, draft, person=person, now=now))


def _read(store: Store, decision_no: int) -> Decision:
    return next(each for each in list_decisions(store) if each.decision_no == decision_no)
