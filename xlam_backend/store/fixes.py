"""Acts that change which version counts: fixes of one or many trajectories, and their undoing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.finding import Edit, Finding, NotChecked
from xlam_backend.domain.person import Person
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import FixRefusedError, NotFoundError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import insert_rows, query_rows
from xlam_backend.store.chunk import Chunk
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.columns import Integers, json_column
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.finding_rows import finding_rows, not_checked_rows
from xlam_backend.store.findings import CheckVersion, write_findings
from xlam_backend.store.fix_history import read_act
from xlam_backend.store.numbers import Numbers
from xlam_backend.store.run_findings import carry_over_run_findings
from xlam_backend.store.tool_numbers import number_tools, with_called_tool_numbers, with_tool_numbers

_CHUNK_ROWS = 10_000

# What counts now, and the last version there is, of the trajectories asked for.
_STANDING = """
SELECT asked.place, coalesce(head.version_no, asked.trajectory_no) AS head_no,
    versions.last_version, versions.dataset_no, versions.trajectory_id
FROM asked LEFT JOIN head USING (trajectory_no) JOIN (
    SELECT trajectory_no, max(version)::INTEGER AS last_version, min(dataset_no) AS dataset_no,
        min(trajectory_id) AS trajectory_id
    FROM trajectory SEMI JOIN asked USING (trajectory_no) WHERE version_no >= ? GROUP BY trajectory_no
) AS versions USING (trajectory_no)
ORDER BY asked.place
"""


class NewVersion(msgspec.Struct, frozen=True):
    """A trajectory as a fix leaves it: made from version `from_version_no`, by these edits.

    `findings` and `not_checked` are what today's checks say about it; `cleared` are the findings it
    no longer has, `introduced` those only it has.
    """

    trajectory_no: int
    from_version_no: int
    trajectory: Trajectory
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    cleared: tuple[Finding, ...] = ()
    introduced: tuple[Finding, ...] = ()


class NewAct(msgspec.Struct, frozen=True):
    """Who does what to one trajectory or to a family of them."""

    kind: Literal["one", "family"]
    summary: str
    person: Person
    family: str = ""


class _Standing(msgspec.Struct, frozen=True):
    """What stands in the store of the trajectories of an act, in their order."""

    trajectory_nos: Integers
    last_versions: Integers
    dataset_nos: Integers
    trajectory_ids: Integers


def record_act(
    store: Store,
    act: NewAct,
    versions: Sequence[NewVersion],
    *,
    checks: Sequence[CheckVersion],
    now: datetime,
) -> int:
    """Write new versions, make them count, keep what `checks` say of them: one transaction, one act_no.

    Raises:
        FixRefusedError: one of the trajectories was changed since the fix was made for it.
        NotFoundError: one of them is not in the store.
    """
    with store.write() as cursor:
        standing = _read_standing(cursor, versions)
        first_no = store.numbers.reserve("version", len(versions))
        version_nos = np.arange(first_no, first_no + len(versions))
        for start in range(0, len(versions), _CHUNK_ROWS):
            part = slice(start, start + _CHUNK_ROWS)
            _write_versions(cursor, store.numbers, versions[part], standing, version_nos, start)
        act_no = _write_act(cursor, store, act.kind, act.family, act.summary, act.person, now=now)
        _write_head_changes(cursor, act_no, versions, version_nos)
        numbered = list(zip(version_nos.tolist(), versions))
        write_findings(
            cursor,
            store,
            checks,
            version_nos,
            findings=finding_rows((number, found) for number, new in numbered for found in new.findings),
            not_checked=not_checked_rows(
                (number, why) for number, new in numbered for why in new.not_checked
            ),
        )
        made_from = pa.array([new.from_version_no for new in versions], pa.int64())
        made = pa.table({"from_version_no": made_from, "to_version_no": pa.array(version_nos)})
        carry_over_run_findings(cursor, store, made)
    return act_no


def record_undo(store: Store, act_no: int, *, person: Person, now: datetime) -> int:
    """Make the versions before an act count again; returns the undo's own act_no, which can be undone too.

    Raises:
        NotFoundError: there is no such act.
        FixRefusedError: a later act changed one of its trajectories.
    """
    act = read_act(store, act_no)
    with store.write() as cursor:
        changed = cursor.execute(
            "SELECT count(*) FROM head_change AS c JOIN head USING (trajectory_no) "
            "WHERE c.act_no = ? AND head.version_no <> c.to_version_no",
            [act_no],
        ).fetchall()[0][0]
        if changed:
            raise _cannot_undo(cursor, act_no, f"{changed:,} of {act.trajectory_count:,}")
        undo_no = _write_act(
            cursor, store, "undo", act.family, f"Undo: {act.summary}", person, undoes=act_no, now=now
        )
        cursor.execute(
            "INSERT INTO head_change SELECT ?, trajectory_no, to_version_no, from_version_no, '', "
            "introduced, cleared FROM head_change WHERE act_no = ?",
            [undo_no, act_no],
        )
    return undo_no


def _cannot_undo(cursor: Cursor, act_no: int, share: str) -> FixRefusedError:
    undone_by = cursor.execute("SELECT max(act_no) FROM fix_act WHERE undoes = ?", [act_no]).fetchall()[0][0]
    if undone_by is not None:
        return FixRefusedError(
            f"Act {act_no} was taken back already, by act {undone_by}.", "There is nothing left to undo."
        )
    return FixRefusedError(
        f"{share} trajectories were changed again after act {act_no}.", "Undo the later acts first."
    )


def _read_standing(cursor: Cursor, versions: Sequence[NewVersion]) -> _Standing:
    trajectory_nos = np.array([version.trajectory_no for version in versions], np.int64)
    from_nos = np.array([version.from_version_no for version in versions], np.int64)
    if len(np.unique(trajectory_nos)) < len(versions):
        raise FixRefusedError(
            "The same trajectory stands twice in one act.", "Apply the fixes one after another."
        )
    asked = pa.table({"trajectory_no": trajectory_nos, "place": np.arange(len(versions))})
    lowest = int(trajectory_nos.min()) if len(versions) else 0
    found = query_rows(cursor, _STANDING, [lowest], asked=asked)
    if len(found["place"]) < len(versions):
        raise NotFoundError(
            "A trajectory to be fixed is not in the store any more.", "Preview the fix again."
        )
    changed = int((found["head_no"] != from_nos).sum())
    if changed:
        raise FixRefusedError(
            f"{changed} of {len(versions)} trajectories were changed since this fix was previewed.",
            "Preview the fix again.",
        )
    return _Standing(trajectory_nos, found["last_version"], found["dataset_no"], found["trajectory_id"])


def _write_versions(
    cursor: Cursor,
    numbers: Numbers,
    versions: Sequence[NewVersion],
    standing: _Standing,
    version_nos: Integers,
    start: int,
) -> None:
    """Write one chunk of new versions; `start` is its place in the act's arrays."""
    chunk = _build_chunk(versions)
    tool_nos = number_tools(cursor, numbers, chunk.tools)
    part = slice(start, start + len(versions))
    numbered = with_tool_numbers(chunk.trajectories, tool_nos)
    for name, values in (
        ("version_no", pa.array(version_nos[part])),
        ("trajectory_no", pa.array(standing.trajectory_nos[part])),
        ("version", pa.array(standing.last_versions[part] + 1)),
        ("trajectory_id", pa.array(standing.trajectory_ids[part], pa.string())),
        ("dataset_no", pa.array(standing.dataset_nos[part])),
    ):
        numbered = numbered.append_column(name, values)
    insert_rows(
        cursor,
        "INSERT INTO trajectory SELECT version_no, trajectory_no, version, trajectory_id, content_id, "
        "dataset_no, query, task_instruction, format_instruction, few_shot_examples, tools, tools_stated, "
        "steps, extra, step_count, call_count FROM added",
        numbered,
    )
    calls = with_called_tool_numbers(chunk.tool_calls, tool_nos)
    calls = calls.append_column("version_no", pa.array(version_nos[part][calls["row"].to_numpy()]))
    insert_rows(
        cursor,
        "INSERT INTO tool_call SELECT version_no, step, call, name, tool_no, arguments FROM added",
        calls,
    )


def _build_chunk(versions: Sequence[NewVersion]) -> Chunk:
    builder = ChunkBuilder()
    for version in versions:
        builder.add(version.trajectory)
    chunk = builder.build()
    if len(chunk.rejects):
        raise FixRefusedError(f"A fix left a record that is {chunk.rejects['reason'][0].as_py()}.")
    return chunk


def _write_act(
    cursor: Cursor,
    store: Store,
    kind: str,
    family: str,
    summary: str,
    person: Person,
    *,
    now: datetime,
    undoes: int = 0,
) -> int:
    act_no = store.numbers.reserve("act")
    cursor.execute(
        "INSERT INTO fix_act VALUES (?, ?, ?, ?, ?, ?, ?)",
        [act_no, kind, undoes, family, summary, person.name, utc_timestamp(now)],
    )
    write_audit(cursor, store, person, "fix", f"act {act_no}", {"kind": kind, "undoes": undoes}, now=now)
    return act_no


def _write_head_changes(
    cursor: Cursor, act_no: int, versions: Sequence[NewVersion], version_nos: Integers
) -> None:
    rows = pa.table(
        {
            "trajectory_no": pa.array([version.trajectory_no for version in versions], pa.int64()),
            "from_no": pa.array([version.from_version_no for version in versions], pa.int64()),
            "to_no": pa.array(version_nos),
            "edits": json_column([version.edits for version in versions]),
            "cleared": json_column([version.cleared for version in versions]),
            "introduced": json_column([version.introduced for version in versions]),
        }
    )
    insert_rows(
        cursor,
        "INSERT INTO head_change "
        "SELECT ?, trajectory_no, from_no, to_no, edits, cleared, introduced FROM added",
        rows,
        [act_no],
    )
