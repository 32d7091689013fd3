"""Where rows come from: raw records, fixes, what people decided, and what they were made from.

Nothing here says when something happened or which number it has in this store: the same data give the same
lineage wherever and in whatever order they were imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from xlam_backend.domain.training_row import LineageStep
from xlam_backend.store.bulk import query_table
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.derivations import Derivation, read_derivations

_RECORDS = """
SELECT m.trajectory_no, d.name AS dataset, d.importer AS read_as, l.licence, m.source_id, m.file, m.line,
    m.record_key
FROM membership AS m JOIN dataset AS d ON m.dataset_no = d.dataset_no
JOIN dataset_licence AS l ON l.dataset_no = d.dataset_no
WHERE m.trajectory_no BETWEEN ? AND ? AND m.trajectory_no IN (SELECT trajectory_no FROM asked)
ORDER BY m.trajectory_no, d.name, m.file, m.line, m.record_key
"""
_CHANGES = """
SELECT h.trajectory_no, h.from_version_no, h.to_version_no, a.kind, a.summary, a.actor
FROM head_change AS h JOIN fix_act AS a ON h.act_no = a.act_no
SEMI JOIN asked ON h.trajectory_no = asked.trajectory_no
WHERE a.kind <> 'undo' ORDER BY h.act_no
"""
_VERDICTS = """
SELECT i.trajectory_no, i.kind, i.check_name, i.disposition, i.flag, i.decided_by,
    (SELECT string_agg(DISTINCT v.person, ', ' ORDER BY v.person) FROM current_verdict AS v
        WHERE v.item_no = i.item_no) AS people
FROM item_decision AS i WHERE i.kind <> 'pair' AND (i.disposition <> '' OR i.flag <> '')
ORDER BY i.trajectory_no, i.kind, i.check_name, i.disposition, i.flag, people
"""
_NEAR = """
SELECT trajectory_no, disposition, choice, person FROM current_near_decision ORDER BY trajectory_no
"""
_PERMALINKS = """
SELECT t.version_no AS trajectory_no, t.trajectory_id FROM trajectory AS t
SEMI JOIN asked ON t.version_no = asked.trajectory_no
"""
_MOST_GENERATIONS = 10

Steps = tuple[LineageStep, ...]


class LineageReader:
    """Reads lineages; what people decided is read once, for it is little beside the rows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._verdicts: dict[int, list[LineageStep]] = {}
        with store.cursor() as cursor:
            for row in cursor.execute(_VERDICTS).fetchall():
                self._verdicts.setdefault(row[0], []).append(_verdict(*row[1:]))
            for row in cursor.execute(_NEAR).fetchall():
                self._verdicts.setdefault(row[0], []).append(_near_verdict(*row[1:]))

    def read(self, versions: Mapping[int, int]) -> dict[int, Steps]:
        """Return the lineage of each trajectory up to a version: {trajectory_no: version_no}."""
        with self._store.cursor() as cursor:
            return self._read(cursor, versions, _MOST_GENERATIONS)

    def _read(self, cursor: Cursor, versions: Mapping[int, int], generations: int) -> dict[int, Steps]:
        if not versions:
            return {}
        numbers = sorted(versions)
        asked = pa.table({"trajectory_no": np.array(numbers, np.int64)})
        records = _grouped(query_table(cursor, _RECORDS, [numbers[0], numbers[-1]], asked=asked))
        changes = _grouped(query_table(cursor, _CHANGES, asked=asked))
        made = read_derivations(cursor, numbers)
        parents = self._parents(cursor, made.values(), generations)
        return {
            number: (
                *(parents.get(number, ()) if number in made else _raw_records(records.get(number, []))),
                *_fixes(changes.get(number, []), versions[number]),
                *self._verdicts.get(number, ()),
            )
            for number in numbers
        }

    def _parents(self, cursor: Cursor, made: Iterable[Derivation], generations: int) -> dict[int, Steps]:
        """Return for each derived trajectory the lineage of its parent and how it was made of it."""
        derived = list(made)
        if not derived or not generations:
            return {}
        asked = pa.table({"trajectory_no": np.unique([one.parent_no for one in derived])})
        rows = query_table(cursor, _PERMALINKS, asked=asked).to_pylist()
        permalinks = {row["trajectory_no"]: row["trajectory_id"] for row in rows}
        # Two rows may have been made of different versions of one parent: each is read up to its own.
        first: dict[int, int] = {}
        later = {
            (one.parent_no, one.parent_version_no)
            for one in derived
            if first.setdefault(one.parent_no, one.parent_version_no) != one.parent_version_no
        }
        steps = {
            (number, first[number]): found
            for number, found in self._read(cursor, first, generations - 1).items()
        }
        for number, version in sorted(later):
            steps[number, version] = self._read(cursor, {number: version}, generations - 1)[number]
        return {
            one.trajectory_no: (
                *steps[one.parent_no, one.parent_version_no],
                _augmentation(one, permalinks.get(one.parent_no, "")),
            )
            for one in derived
        }


def _grouped(table: pa.Table) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(row.pop("trajectory_no"), []).append(row)
    return found


def _raw_records(records: Iterable[dict[str, Any]]) -> Iterable[LineageStep]:
    for record in records:
        place = f"{record['file']}, line {record['line']}"
        yield LineageStep("raw record", f"{record['dataset']}: {place}", record)


def _fixes(changes: Iterable[dict[str, Any]], version_no: int) -> list[LineageStep]:
    """Return the changes that led to a version, and no others: some were undone."""
    made_by = {change["to_version_no"]: change for change in changes}
    steps: list[LineageStep] = []
    at = version_no
    while at in made_by:
        change = made_by.pop(at)
        facts = {"kind": change["kind"], "person": change["actor"]}
        steps.append(LineageStep("fix", change["summary"], facts))
        at = change["from_version_no"]
    return steps[::-1]


def _verdict(
    kind: str, check: str, disposition: str, flag: str, decided_by: str, people: str | None
) -> LineageStep:
    words = disposition or f"{flag} with the flag"
    facts: dict[str, str | int] = {"about": kind, "check": check, "flag": flag, "disposition": disposition}
    return LineageStep("verdict", words, {**facts, "decided by": decided_by, "people": people or ""})


def _near_verdict(disposition: str, choice: str, person: str) -> LineageStep:
    facts: dict[str, str | int] = {"about": "near-duplicates", "choice": choice, "people": person}
    return LineageStep("verdict", f"{disposition} beside its near-duplicates", facts)


def _augmentation(made: Derivation, permalink: str) -> LineageStep:
    told = made.telling
    facts: dict[str, str | int] = {
        "parent": permalink or made.parent_id,
        "parent version": made.parent_id,
        "seed": made.seed,
    }
    if told is not None:
        facts |= {"format": told.format_name, "style": told.style_name}
    return LineageStep("augmentation", made.kind, facts)
