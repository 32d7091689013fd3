"""What people decided about near-duplicates: acts that are added and taken back, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from xlam_backend.domain.near_duplicate import Act, Choice, Decision
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, ReviewRefusedError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_DECISIONS = """
SELECT d.decision_no, d.search_no, d.choice, d.threshold, d.cluster_count,
    count(r.trajectory_no) FILTER (r.disposition = 'keep'),
    count(r.trajectory_no) FILTER (r.disposition = 'drop'),
    d.person, d.decided_at, d.decision_no IN (SELECT undoes FROM near_decision)
FROM near_decision AS d LEFT JOIN near_decision_row AS r ON d.decision_no = r.decision_no
"""


# A person who keeps one of a cluster says that what joins it are duplicates; who keeps all says they are not.
# Acts about many clusters at once say nothing: nobody looked at each.
_JUDGED = """
WITH said AS (
    SELECT DISTINCT r.unit_no, c.decision_no, c.choice = 'keep one' AS is_right
    FROM current_near_decision AS c JOIN near_row AS r ON c.trajectory_no = r.trajectory_no
    JOIN near_decision AS d ON c.decision_no = d.decision_no
    WHERE r.search_no = $search AND d.cluster_count = 1 AND c.choice IN ('keep one', 'keep all')
)
SELECT DISTINCT l.left_unit, l.right_unit, l.similarity, a.is_right
FROM near_link AS l JOIN said AS a ON l.left_unit = a.unit_no
JOIN said AS b ON l.right_unit = b.unit_no AND a.decision_no = b.decision_no
WHERE l.search_no = $search ORDER BY ALL
"""


class JudgedLinks(NamedTuple):
    """Links that people decided on one cluster at a time, and whether they took them for duplicates."""

    similarity: Integers
    is_right: Integers


class DecidedRow(NamedTuple):
    """One row of an act: `kept_no` is the trajectory that stays for one that goes."""

    trajectory_no: int
    version_no: int
    kept_no: int
    is_kept: bool


class DropReason(NamedTuple):
    """Why a trajectory was dropped as a near-duplicate: which one stays for it, and who said so."""

    decision_no: int
    search_no: int
    version_no: int
    kept_id: str
    person: str
    decided_at: datetime


class DecisionDraft(NamedTuple):
    """An act that is to be written."""

    search_no: int
    choice: Choice
    threshold: float
    cluster_count: int
    rows: Sequence[DecidedRow]


def write_decision(store: Store, draft: DecisionDraft, *, person: Person, now: datetime) -> int:
    """Write an act with its audit entry; returns its number. The caller has asked whether the person may."""
    number = store.numbers.reserve("near_decision")
    table = pa.table(
        {
            "trajectory_no": np.array([row.trajectory_no for row in draft.rows], np.int64),
            "version_no": np.array([row.version_no for row in draft.rows], np.int64),
            "kept_no": np.array([row.kept_no for row in draft.rows], np.int64),
            "disposition": pa.array(["keep" if row.is_kept else "drop" for row in draft.rows], pa.string()),
        }
    )
    dropped = sum(not row.is_kept for row in draft.rows)
    with store.write() as cursor:
        _write_act(
            cursor,
            number,
            (draft.search_no, draft.choice, draft.threshold, draft.cluster_count, 0),
            person,
            now,
        )
        insert_rows(
            cursor,
            "INSERT INTO near_decision_row "
            "SELECT ?, trajectory_no, version_no, kept_no, disposition FROM added",
            table,
            [number],
        )
        write_audit(
            cursor,
            store,
            person,
            "dedupe",
            f"near-duplicates search {draft.search_no}",
            {
                "decision": number,
                "choice": draft.choice,
                "clusters": draft.cluster_count,
                "dropped": dropped,
                "kept": len(draft.rows) - dropped,
            },
            now=now,
        )
    return number


def write_undo(store: Store, decision_no: int, *, person: Person, now: datetime) -> int:
    """Take an act back; returns the number of the act that does so.

    Raises:
        NotFoundError: there is no such act.
        ReviewRefusedError: it was taken back already, or takes something back itself.
    """
    with store.write() as cursor:
        row = _decision(cursor, decision_no)
        if row.is_undone or row.choice == "undo":
            raise ReviewRefusedError(
                f"Decision {decision_no} was taken back already."
                if row.is_undone
                else f"Decision {decision_no} takes another one back; that cannot be undone.",
                "Decide anew.",
            )
        number = store.numbers.reserve("near_decision")
        _write_act(
            cursor,
            number,
            (row.search_no, "undo", row.threshold, row.cluster_count, decision_no),
            person,
            now,
        )
        detail = {"decision": number, "undoes": decision_no, "choice": row.choice}
        write_audit(
            cursor, store, person, "dedupe", f"near-duplicates search {row.search_no}", detail, now=now
        )
    return number


def list_decisions(store: Store, search_no: int = 0) -> list[Decision]:
    """Return the acts about one search, or (0) about all, the newest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"{_DECISIONS} WHERE ? = 0 OR d.search_no = ? GROUP BY ALL ORDER BY d.decision_no DESC",
            [search_no, search_no],
        ).fetchall()
    return [Decision(*row) for row in rows]


def read_judged_links(store: Store, search_no: int) -> JudgedLinks:
    """Return the links of a search that people have judged by what they decided."""
    with store.cursor() as cursor:
        found = cursor.execute(_JUDGED, {"search": search_no}).fetchnumpy()
    return JudgedLinks(found["similarity"], found["is_right"].astype(bool))


def read_drop_reason(store: Store, trajectory_no: int) -> DropReason | None:
    """Return why a trajectory was dropped as a near-duplicate; None when it was not."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT c.decision_no, c.search_no, c.version_no, coalesce(t.trajectory_id, ''), c.person, "
            "c.decided_at "
            "FROM current_near_decision AS c LEFT JOIN trajectory AS t ON c.kept_no = t.version_no "
            "WHERE c.trajectory_no = ? AND c.disposition = 'drop'",
            [trajectory_no],
        ).fetchall()
    return DropReason(*rows[0]) if rows else None


def _decision(cursor: Cursor, decision_no: int) -> Decision:
    rows = cursor.execute(f"{_DECISIONS} WHERE d.decision_no = ? GROUP BY ALL", [decision_no]).fetchall()
    if not rows:
        raise NotFoundError(f"There is no decision number {decision_no}.", "The page lists what was decided.")
    return Decision(*rows[0])


def _write_act(
    cursor: Cursor,
    number: int,
    act: tuple[int, Act, float, int, int],
    person: Person,
    now: datetime,
) -> None:
    cursor.execute(
        "INSERT INTO near_decision VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [number, *act, person.name, utc_timestamp(now)],
    )
