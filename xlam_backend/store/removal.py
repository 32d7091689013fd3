"""Takes a dataset out of the store: what would go is shown first, then it goes in one transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, StoreBusyError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.contamination import sync_contamination_findings
from xlam_backend.store.licences import sync_licence_findings

# Trajectories of the dataset that stand in no other one.
_LEAVING = """
CREATE OR REPLACE TEMP TABLE leaving AS
SELECT DISTINCT trajectory_no FROM membership WHERE dataset_no = $dataset_no
EXCEPT SELECT trajectory_no FROM membership WHERE dataset_no <> $dataset_no
"""

_LEAVING_VERSIONS = """
CREATE OR REPLACE TEMP TABLE leaving_version AS
SELECT version_no FROM trajectory WHERE trajectory_no IN (SELECT trajectory_no FROM leaving)
"""

_COUNTS = """
SELECT
    (SELECT name FROM dataset WHERE dataset_no = $dataset_no),
    (SELECT count(*) FROM membership WHERE dataset_no = $dataset_no),
    (SELECT count(*) FROM leaving),
    (SELECT count(DISTINCT trajectory_no) FROM membership WHERE dataset_no = $dataset_no)
        - (SELECT count(*) FROM leaving),
    (SELECT count(*) FROM leaving_version) - (SELECT count(*) FROM leaving),
    (SELECT count(*) FROM finding WHERE version_no IN (SELECT version_no FROM leaving_version)),
    (SELECT count(*) FROM reject WHERE dataset_no = $dataset_no),
    (SELECT count(*) FROM rating WHERE version_no IN (SELECT version_no FROM leaving_version)),
    (SELECT count(*) FROM pair WHERE version_no IN (SELECT version_no FROM leaving_version)),
    (SELECT count(*) FROM review_item
        WHERE NOT is_removed AND (version_no IN (SELECT version_no FROM leaving_version) OR item_no IN (
            SELECT item_no FROM duplicate_item
            WHERE other_version_no IN (SELECT version_no FROM leaving_version))))
"""

# A trajectory that stays belongs to the earliest other dataset it stands in.
_HAND_OVER = """
UPDATE trajectory SET dataset_no = heir.dataset_no
FROM (
    SELECT trajectory_no, arg_min(dataset_no, import_no) AS dataset_no FROM membership
    WHERE dataset_no <> $dataset_no GROUP BY trajectory_no
) AS heir
WHERE trajectory.dataset_no = $dataset_no AND heir.trajectory_no = trajectory.trajectory_no
"""

# Lessons quote the record, so they go with it; what people did (verdicts, comments, last words) stays.
_DROP_LESSONS = """
DELETE FROM lesson WHERE item_no IN (
    SELECT item_no FROM review_item WHERE version_no IN (SELECT version_no FROM leaving_version)
)
"""
_TAKE_OUT_ITEMS = """
UPDATE review_item SET is_removed = true WHERE version_no IN (SELECT version_no FROM leaving_version)
    OR item_no IN (
        SELECT item_no FROM duplicate_item WHERE other_version_no IN (SELECT version_no FROM leaving_version)
    )
"""

_OF_VERSIONS = (
    "tool_call",
    "finding",
    "checked",
    "row_measure",
    "not_checked",
    "rating",
    "candidate",
    "pair",
    "corruption",
    "labelled_item",
    "near_row",
    "near_decision_row",
    "trajectory",
)
_OF_TRAJECTORIES = (
    "head_change",
    "trajectory_key",
    "derivation",
    "contamination_match",
    "category_member",
    "licence_change",
)
_OF_TOOLS = ("tool_finding", "tool_checked", "tool_not_checked", "tool")
_OF_DATASET = (
    "membership",
    "reject",
    "import_event",
    "contamination_search",
    "contamination_match",
    "evaluation_mark",
    "licence_change",
    "dataset",
)


class Removal(msgspec.Struct, frozen=True):
    """What removing a dataset takes away, and what stays because other datasets hold it too."""

    name: str
    membership_count: int
    trajectory_count: int
    kept_trajectory_count: int
    fixed_version_count: int
    finding_count: int
    reject_count: int
    rating_count: int
    pair_count: int
    review_item_count: int


def preview_removal(store: Store, dataset_no: int) -> Removal:
    """Return what `remove_dataset` would take away."""
    with store.cursor() as cursor:
        return _count(cursor, dataset_no)


def remove_dataset(store: Store, dataset_no: int, *, person: Person, now: datetime) -> Removal:
    """Remove a dataset with everything that only it holds; returns what went.

    The caller has made sure that the person may do this.

    Raises:
        NotFoundError: there is no such dataset.
        StoreBusyError: an import is running.
    """
    if not store.import_lock.acquire(blocking=False):
        raise StoreBusyError("An import is running.", "Wait until it has finished, then try again.")
    try:
        with store.write() as cursor:
            removal = _count(cursor, dataset_no)
            store.numbers.keep_used(cursor)
            _remove(cursor, dataset_no)
            sync_licence_findings(cursor, store)  # what stays may stand under another dataset's licence
            sync_contamination_findings(cursor, store)
            detail = {"trajectories": removal.trajectory_count, "rejects": removal.reject_count}
            subject = f"dataset {removal.name}"
            write_audit(cursor, store, person, "remove data", subject, detail, now=now)
        store.removal_count += 1
    finally:
        store.import_lock.release()
    store.compact()
    return removal


def _count(cursor: Cursor, dataset_no: int) -> Removal:
    named = {"dataset_no": dataset_no}
    cursor.execute(_LEAVING, named)
    cursor.execute(_LEAVING_VERSIONS)
    row = cursor.execute(_COUNTS, named).fetchall()[0]
    if row[0] is None:
        raise NotFoundError(f"There is no dataset number {dataset_no}.", "The Import page lists them all.")
    return Removal(*row)


def _remove(cursor: Cursor, dataset_no: int) -> None:
    named = {"dataset_no": dataset_no}
    cursor.execute(_HAND_OVER, named)
    cursor.execute(_DROP_LESSONS)
    cursor.execute(_TAKE_OUT_ITEMS)
    for table in _OF_VERSIONS:
        cursor.execute(f"DELETE FROM {table} WHERE version_no IN (SELECT version_no FROM leaving_version)")
    for table in _OF_TRAJECTORIES:
        cursor.execute(f"DELETE FROM {table} WHERE trajectory_no IN (SELECT trajectory_no FROM leaving)")
    cursor.execute(
        "DELETE FROM contamination_match "
        "WHERE evaluation_trajectory_no IN (SELECT trajectory_no FROM leaving)"
    )
    # What went for a near-duplicate that leaves now is all that is left of it.
    cursor.execute("DELETE FROM near_decision_row WHERE kept_no IN (SELECT trajectory_no FROM leaving)")
    cursor.execute(
        "DELETE FROM import_file WHERE import_no IN "
        "(SELECT import_no FROM import_event WHERE dataset_no = $dataset_no)",
        named,
    )
    for table in _OF_DATASET:
        cursor.execute(f"DELETE FROM {table} WHERE dataset_no = $dataset_no", named)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE unused_tool AS SELECT tool_no FROM tool "
        "EXCEPT SELECT unnest(tools) FROM trajectory"
    )
    for table in _OF_TOOLS:
        cursor.execute(f"DELETE FROM {table} WHERE tool_no IN (SELECT tool_no FROM unused_tool)")
