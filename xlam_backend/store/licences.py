"""Licences in the store: what sources and records state, what people corrected, findings about them."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pyarrow as pa
from msgspec.structs import replace

from xlam_backend.domain.finding import Finding
from xlam_backend.domain.licence import Commercial, Licence, licence_key, standing_of
from xlam_backend.domain.person import Person
from xlam_backend.domain.shown_value import show_value
from xlam_backend.errors import NotFoundError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import query_table
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.findings import CheckVersion
from xlam_backend.store.run_findings import WantedFindings

LICENCE_CHECK = CheckVersion("licence", 1)

GENERAL_INSTRUCTION = "(len(t.tools) = 0 AND t.call_count = 0)"
"""The condition on `trajectory AS t` that stands for general-instruction data."""

# The licence of a record: as a person corrected it, as the record states it, or its dataset's.
_STATED = f"""
SELECT t.trajectory_no, t.version_no, t.dataset_no, {GENERAL_INSTRUCTION} AS is_general,
    coalesce(c.licence, own.licence, d.licence) AS licence,
    CASE WHEN c.licence IS NOT NULL THEN 'corrected' WHEN own.licence IS NOT NULL THEN 'record'
        ELSE 'dataset' END AS stated_by
FROM current_trajectory AS t JOIN dataset_licence AS d USING (dataset_no)
LEFT JOIN (
    SELECT trajectory_no, arg_max(licence, change_no) AS licence FROM licence_change
    WHERE trajectory_no > 0 GROUP BY trajectory_no
) AS c ON t.trajectory_no = c.trajectory_no
LEFT JOIN (
    SELECT version_no, left(coalesce(
        nullif(json_extract_string(extra, '$.licence'), ''), json_extract_string(extra, '$.license')
    ), 200) AS licence FROM current_trajectory
    WHERE contains(extra, '"licence"') OR contains(extra, '"license"')
) AS own ON t.version_no = own.version_no AND own.licence <> ''
"""

_BY_LICENCE = f"""
SELECT licence, stated_by, count(*), count(*) FILTER (is_general) FROM ({_STATED}) GROUP BY ALL ORDER BY ALL
"""
_BY_DATASET = """
SELECT l.dataset_no, l.name, l.licence, l.is_corrected, count(t.version_no)
FROM dataset_licence AS l LEFT JOIN current_trajectory AS t USING (dataset_no) GROUP BY ALL ORDER BY 1
"""


class LicenceCount(msgspec.Struct, frozen=True):
    """A licence that records stand under: how it is written there, what is known of it, how many."""

    licence: Licence
    written: tuple[str, ...]
    count: int
    general_count: int
    own_count: int  # of them: stated by the record itself, not by its dataset
    is_corrected: bool  # a person said what it allows


class SourceLicence(msgspec.Struct, frozen=True):
    """A dataset with its licence."""

    dataset_no: int
    dataset: str
    written: str
    licence: Licence
    is_corrected: bool
    count: int


def read_terms(cursor: Cursor) -> dict[str, Licence]:
    """Return what people said about licences, the last word of each."""
    rows = cursor.execute(
        "SELECT licence, arg_max(commercial, change_no), arg_max(note, change_no) FROM licence_term "
        "GROUP BY licence"
    ).fetchall()
    return {key: Licence(key, standing_of(key, {}).title, allows, note) for key, allows, note in rows}


def count_licences(store: Store) -> list[LicenceCount]:
    """Return every licence that records stand under, those with most records first."""
    with store.cursor() as cursor:
        said = read_terms(cursor)
        rows = cursor.execute(_BY_LICENCE).fetchall()
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    for row in rows:
        found.setdefault(licence_key(row[0]), []).append(row)
    counts = [
        LicenceCount(
            licence=_titled(standing_of(key, said), of_key[0][0]),
            written=tuple(sorted({row[0] for row in of_key})),
            count=sum(row[2] for row in of_key),
            general_count=sum(row[3] for row in of_key),
            own_count=sum(row[2] for row in of_key if row[1] != "dataset"),
            is_corrected=key in said,
        )
        for key, of_key in found.items()
    ]
    return sorted(counts, key=lambda one: (-one.count, one.licence.key))


def _titled(licence: Licence, written: str) -> Licence:
    """Return a licence that no table knows under the name it is written with."""
    return replace(licence, title=written) if licence.title == licence.key and written else licence


def list_source_licences(store: Store) -> list[SourceLicence]:
    """Return every dataset with its licence, in the order of their numbers."""
    with store.cursor() as cursor:
        said = read_terms(cursor)
        rows = cursor.execute(_BY_DATASET).fetchall()
    return [
        SourceLicence(number, name, written, standing_of(licence_key(written), said), is_corrected, count)
        for number, name, written, is_corrected, count in rows
    ]


def read_licences(cursor: Cursor) -> pa.Table:
    """Return the licence of every current trajectory: trajectory_no, licence (its key), commercial.

    For the mixture, which counts and filters by it.
    """
    said = read_terms(cursor)
    written = [row[0] for row in cursor.execute(f"SELECT DISTINCT licence FROM ({_STATED})").fetchall()]
    standings = [standing_of(licence_key(text), said) for text in written]
    known = {
        "licence": pa.array(written, pa.string()),
        "key": pa.array([one.key for one in standings], pa.string()),
        "commercial": pa.array([one.commercial for one in standings], pa.string()),
    }
    return query_table(
        cursor,
        f"SELECT trajectory_no, key AS licence, commercial FROM ({_STATED}) JOIN asked USING (licence) "
        "ORDER BY trajectory_no",
        asked=pa.table(known),
    )


def write_term(
    store: Store, licence: str, commercial: Commercial, note: str, *, person: Person, now: datetime
) -> int:
    """Note what a person says about a licence; returns how many records are flagged newly for it.

    The caller has made sure that the person may do this.
    """
    key = licence_key(licence)
    with store.write() as cursor:
        number = store.numbers.reserve("licence")
        values = [number, key, commercial, note, person.name, utc_timestamp(now)]
        cursor.execute("INSERT INTO licence_term VALUES (?, ?, ?, ?, ?, ?)", values)
        detail = {"commercial use": commercial, "note": note}
        write_audit(cursor, store, person, "curate", f"licence {key or 'not stated'}", detail, now=now)
        return sync_licence_findings(cursor, store)


def write_dataset_licence(
    store: Store, dataset_no: int, licence: str, *, person: Person, now: datetime
) -> int:
    """Note that a dataset stands under another licence; returns how many records are flagged newly.

    Raises:
        NotFoundError: there is no such dataset.
    """
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT name, licence FROM dataset_licence WHERE dataset_no = ?", [dataset_no]
        ).fetchall()
        if not rows:
            raise NotFoundError(
                f"There is no dataset number {dataset_no}.", "The Import page lists them all."
            )
        _write_change(cursor, store, dataset_no, 0, licence, person, now)
        detail = {"before": rows[0][1], "now": licence}
        write_audit(cursor, store, person, "curate", f"dataset {rows[0][0]}", detail, now=now)
        return sync_licence_findings(cursor, store)


def write_record_licence(
    store: Store, trajectory_no: int, licence: str, *, person: Person, now: datetime
) -> int:
    """Note the licence of one record; returns how many records are flagged newly.

    Raises:
        NotFoundError: there is no such trajectory.
    """
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT trajectory_id FROM trajectory WHERE version_no = ?", [trajectory_no]
        ).fetchall()
        if not rows:
            raise NotFoundError(f"No trajectory has the number {trajectory_no}.", "Search for it in Explore.")
        _write_change(cursor, store, 0, trajectory_no, licence, person, now)
        subject = f"trajectory {rows[0][0]}"
        write_audit(cursor, store, person, "curate", subject, {"now": licence}, now=now)
        return sync_licence_findings(cursor, store)


def sync_licence_findings(cursor: Cursor, store: Store) -> int:
    """Bring the findings about licences to what table, sources and records say now; returns the new ones."""
    said = read_terms(cursor)
    rows = cursor.execute(f"SELECT DISTINCT licence, stated_by FROM ({_STATED}) WHERE is_general").fetchall()
    found = {(text, by): _finding(text, by, said) for text, by in sorted(rows)}
    flagged = {key: row for key, (row, finding) in enumerate(found.items()) if finding is not None}
    cursor.execute("CREATE OR REPLACE TEMP TABLE flagged (key BIGINT, licence VARCHAR, stated_by VARCHAR)")
    if flagged:
        cursor.executemany(
            "INSERT INTO flagged VALUES (?, ?, ?)", [[key, *row] for key, row in flagged.items()]
        )
    wanted = WantedFindings(cursor, store, LICENCE_CHECK)
    wanted.add_to_many(
        ((key, finding) for key, finding in enumerate(found.values()) if finding is not None),
        f"SELECT key, version_no FROM ({_STATED}) JOIN flagged USING (licence, stated_by) WHERE is_general",
    )
    cursor.execute("DROP TABLE flagged")
    return wanted.replace_all()


def _write_change(
    cursor: Cursor,
    store: Store,
    dataset_no: int,
    trajectory_no: int,
    licence: str,
    person: Person,
    now: datetime,
) -> None:
    number = store.numbers.reserve("licence")
    values = [number, dataset_no, trajectory_no, licence.strip(), person.name, utc_timestamp(now)]
    cursor.execute("INSERT INTO licence_change VALUES (?, ?, ?, ?, ?, ?)", values)


def _finding(written: str, stated_by: str, said: dict[str, Licence]) -> Finding | None:
    licence = standing_of(licence_key(written), said)
    if licence.commercial == "yes":
        return None
    if licence.commercial == "no":
        message = f"The licence {show_value(written)} forbids commercial use."
    elif not licence.key:
        message = "No licence is stated."
    else:
        message = f"It is not known whether the licence {show_value(written)} allows commercial use."
    return Finding(
        LICENCE_CHECK.name,
        LICENCE_CHECK.version,
        "reject" if licence.commercial == "no" else "warn",
        "other",
        message,
        evidence={
            "licence": written,
            "read as": licence.key,
            "commercial use": licence.commercial,
            "stated by": {"corrected": "a person", "record": "the record", "dataset": "the dataset"}[
                stated_by
            ],
        },
    )
