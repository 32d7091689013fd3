"""What was made from what: written with the trajectories that were made, read both ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.telling import Derivation as Derivation
from xlam_backend.domain.telling import DerivationKind, Telling
from xlam_backend.store.bulk import insert_rows, query_rows, query_table
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

# What a run knows of each trajectory it made, before the store has numbers for it. telling is JSON.
MADE_SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),
        ("parent_no", pa.int64()),
        ("parent_version_no", pa.int64()),
        ("parent_id", pa.string()),
        ("telling", pa.string()),
        ("model", pa.string()),
        ("is_scripted", pa.bool_()),
    ]
)

_COLUMNS = (
    "trajectory_no, parent_no, parent_version_no, parent_id, kind, telling, model, is_scripted, seed, plan, "
    "run_id, made_at"
)
# A trajectory that was made before keeps the row that says how.
_INSERT = f"""
INSERT INTO derivation ({_COLUMNS})
SELECT t.trajectory_no, any_value(a.parent_no), any_value(a.parent_version_no), any_value(a.parent_id), ?,
    any_value(a.telling), any_value(a.model), any_value(a.is_scripted), ?, ?, ?, CAST(? AS TIMESTAMP)
FROM added AS a JOIN trajectory AS t ON t.content_id = a.content_id AND t.version = 0
WHERE t.trajectory_no NOT IN (SELECT trajectory_no FROM derivation)
GROUP BY t.trajectory_no ORDER BY t.trajectory_no
"""


class HowMade(msgspec.Struct, frozen=True):
    """What all derivations of a run have in common; `plan` is the parameters of the run."""

    kind: DerivationKind
    seed: int
    plan: dict[str, Any]
    run_id: str
    made_at: datetime


class Relative(msgspec.Struct, frozen=True):
    """A trajectory that was made from another one, or that one was made from, as a page links to it.

    `trajectory_id` is "" when it is not in the store any more. `version` and `is_current` are about the
    version of the parent that was read: of a child they say which of the parent's it was.
    """

    trajectory_no: int
    trajectory_id: str
    dataset: str
    kind: DerivationKind
    telling: Telling | None
    model: str
    is_scripted: bool
    seed: int
    run_id: str
    made_at: datetime
    version: int
    is_current: bool


class Family(msgspec.Struct, frozen=True):
    """What a trajectory was made from, and the first ones of what was made from it."""

    parent: Relative | None = None
    children: tuple[Relative, ...] = ()
    child_count: int = 0


class Instruction(msgspec.Struct, frozen=True):
    """A task instruction in other words, beside the one it was made from."""

    trajectory_id: str
    parent_id: str
    before: str
    after: str
    model: str
    is_scripted: bool


class DerivedDataset(msgspec.Struct, frozen=True):
    """A dataset of trajectories that were made from others, and by which runs."""

    dataset_no: int
    name: str
    kind: DerivationKind
    trajectory_count: int
    parent_count: int
    lost_parent_count: int
    is_scripted: bool
    run_ids: tuple[str, ...]
    made_at: datetime


def write_derivations(cursor: Cursor, made: pa.Table, how: HowMade) -> None:
    """Write what a run made (MADE_SCHEMA), whose trajectories stand in the store already."""
    insert_rows(
        cursor,
        _INSERT,
        made,
        [
            how.kind,
            how.seed,
            msgspec.json.encode(how.plan).decode(),
            how.run_id,
            utc_timestamp(how.made_at).isoformat(sep=" "),
        ],
    )


def read_tellings(cursor: Cursor, trajectory_nos: Sequence[int]) -> dict[int, Telling]:
    """Return how each of these trajectories is to be told; those told as their source has it are absent."""
    made = read_derivations(cursor, trajectory_nos)
    return {number: one.telling for number, one in made.items() if one.telling is not None}


def read_version_tellings(cursor: Cursor, version_nos: Integers) -> dict[int, Telling]:
    """Return how the trajectories of these versions are to be told, by trajectory_no, as `read_tellings`."""
    found = query_rows(
        cursor,
        "SELECT trajectory_no FROM trajectory SEMI JOIN asked USING (version_no)",
        asked=pa.table({"version_no": pa.array(version_nos, pa.int64())}),
    )
    return read_tellings(cursor, found["trajectory_no"].tolist())


def read_derivations(cursor: Cursor, trajectory_nos: Sequence[int]) -> dict[int, Derivation]:
    """Return what those of these trajectories that were made were made from."""
    asked = pa.table({"trajectory_no": pa.array(sorted({*trajectory_nos}), pa.int64())})
    found = query_table(
        cursor, f"SELECT {_COLUMNS} FROM derivation SEMI JOIN asked USING (trajectory_no)", asked=asked
    )
    return {row["trajectory_no"]: _derivation(row) for row in found.to_pylist()}


def _derivation(row: dict[str, Any]) -> Derivation:
    known = {"telling": _telling(row["telling"]), "plan": msgspec.json.decode(row["plan"])}
    return Derivation(**{**row, **known})


def _telling(text: str) -> Telling | None:
    return msgspec.json.decode(text, type=Telling | None)


_RELATIVE = """
SELECT {number}, coalesce(t.trajectory_id, ''), coalesce(s.name, ''), d.kind, d.telling, d.model,
    d.is_scripted, d.seed, d.run_id, d.made_at, coalesce(v.version, 0),
    coalesce(h.version_no IS NOT NULL, false)
FROM derivation AS d LEFT JOIN trajectory AS t ON t.version_no = {number}
LEFT JOIN dataset AS s ON s.dataset_no = t.dataset_no
LEFT JOIN trajectory AS v ON v.version_no = d.parent_version_no
LEFT JOIN current_trajectory AS h ON h.version_no = d.parent_version_no
WHERE d.{key} = ? ORDER BY d.trajectory_no LIMIT {most}
"""


def read_family(store: Store, trajectory_no: int, *, most: int = 20) -> Family:
    """Return what a trajectory was made from, and up to `most` of those made from it."""
    up = _RELATIVE.format(number="d.parent_no", key="trajectory_no", most=1)
    down = _RELATIVE.format(number="d.trajectory_no", key="parent_no", most=most)
    with store.cursor() as cursor:
        parents = cursor.execute(up, [trajectory_no]).fetchall()
        children = cursor.execute(down, [trajectory_no]).fetchall()
        count = cursor.execute(
            "SELECT count(*) FROM derivation WHERE parent_no = ?", [trajectory_no]
        ).fetchall()[0][0]
    return Family(
        _relative(parents[0]) if parents else None, tuple(_relative(row) for row in children), count
    )


def _relative(row: Sequence[Any]) -> Relative:
    fields = [*row]
    fields[4] = _telling(fields[4])
    return Relative(*fields)


def without_made(store: Store, version_nos: Integers, kind: DerivationKind) -> Integers:
    """Leave out the versions of trajectories that were made in this way; the order stays."""
    with store.cursor() as cursor:
        made = cursor.execute(
            "SELECT version_no FROM trajectory SEMI JOIN "
            "(SELECT trajectory_no FROM derivation WHERE kind = ?) USING (trajectory_no)",
            [kind],
        ).fetchnumpy()["version_no"]
    return version_nos[~np.isin(version_nos, made)]


def read_licences(store: Store, version_nos: Integers) -> list[str]:
    """Return the licences of the datasets that these versions came with, in order of their names."""
    asked = pa.table({"version_no": pa.array(version_nos, pa.int64())})
    with store.cursor() as cursor:
        found = query_table(
            cursor,
            "SELECT DISTINCT licence FROM dataset SEMI JOIN "
            "(SELECT dataset_no FROM trajectory SEMI JOIN asked USING (version_no)) USING (dataset_no) "
            "WHERE licence <> '' ORDER BY licence",
            asked=asked,
        )
    licences: list[str] = found["licence"].to_pylist()
    return licences


_INSTRUCTIONS = """
SELECT t.trajectory_id, coalesce(p.trajectory_id, ''), coalesce(p.task_instruction, ''), t.task_instruction,
    d.model, d.is_scripted
FROM derivation AS d JOIN membership AS m USING (trajectory_no)
JOIN dataset AS s ON s.dataset_no = m.dataset_no AND s.name = $dataset
JOIN current_trajectory AS t ON t.trajectory_no = d.trajectory_no
LEFT JOIN trajectory AS p ON p.version_no = d.parent_version_no
WHERE d.kind = 'rephrased' ORDER BY d.trajectory_no DESC LIMIT $count OFFSET $first
"""


def read_instructions(store: Store, dataset: str, *, first: int = 0, count: int = 10) -> list[Instruction]:
    """Return instructions of a dataset beside those they were made from, the newest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(_INSTRUCTIONS, {"dataset": dataset, "first": first, "count": count}).fetchall()
    return [Instruction(*row) for row in rows]


_DERIVED_DATASETS = """
SELECT s.dataset_no, any_value(s.name), any_value(s.importer), count(d.trajectory_no),
    count(DISTINCT d.parent_no), count(DISTINCT d.parent_no) FILTER (t.trajectory_no IS NULL),
    coalesce(bool_or(d.is_scripted), false),
    coalesce(list_sort(list(DISTINCT d.run_id) FILTER (d.run_id IS NOT NULL)), []),
    coalesce(max(d.made_at), any_value(s.created_at))
FROM dataset AS s LEFT JOIN membership AS m USING (dataset_no)
LEFT JOIN derivation AS d ON d.trajectory_no = m.trajectory_no
LEFT JOIN trajectory AS t ON t.version_no = d.parent_no
WHERE s.importer IN (SELECT unnest($kinds)) GROUP BY s.dataset_no ORDER BY s.dataset_no DESC
"""


def list_derived_datasets(store: Store) -> list[DerivedDataset]:
    """Return the datasets that were made from others, the newest first; one may hold nothing but rejects."""
    with store.cursor() as cursor:
        rows = cursor.execute(_DERIVED_DATASETS, {"kinds": list(get_args(DerivationKind))}).fetchall()
    return [_derived_dataset(row) for row in rows]


def _derived_dataset(row: Sequence[Any]) -> DerivedDataset:
    fields = [*row]
    fields[7] = tuple(fields[7])
    return DerivedDataset(*fields)
