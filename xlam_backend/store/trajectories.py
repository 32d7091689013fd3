"""Reads trajectories back: one by its id, some by number, all of them chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.tool import Tool
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import query_table
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.seen_ids import id_prefix
from xlam_backend.store.stored_chunk import STORED_COLUMNS, StoredChunk, StoredTrajectory, decode_chunk

CHUNK_ROWS = 10_000


class Membership(msgspec.Struct, frozen=True):
    """Where a trajectory stands in a dataset: the raw record it came from."""

    dataset_no: int
    dataset: str
    import_no: int
    source_id: str
    file: str
    line: int
    record_key: str


class Version(msgspec.Struct, frozen=True):
    """A state of a trajectory; `is_current` marks the one that counts."""

    version_no: int
    version: int
    content_id: str
    is_current: bool


def find_trajectory(store: Store, trajectory_id: str) -> int:
    """Return the trajectory_no of a permalink's id, or raise NotFoundError."""
    with store.cursor() as cursor:
        candidates = cursor.execute(
            "SELECT trajectory_no FROM trajectory_key WHERE prefix = ?", [id_prefix(trajectory_id)]
        ).fetchall()
        for (number,) in candidates:
            if cursor.execute(
                "SELECT 1 FROM trajectory WHERE version_no = ? AND trajectory_id = ?", [number, trajectory_id]
            ).fetchall():
                return int(number)
    raise NotFoundError(f"No trajectory has the id {trajectory_id!r}.", "Search for it in Explore.")


def open_trajectory(store: Store, trajectory_id: str, *, version: int | None = None) -> StoredTrajectory:
    """Return the current version of a trajectory, or the version asked for."""
    versions = read_versions(store, find_trajectory(store, trajectory_id))
    return read_trajectories(store, [choose_version(trajectory_id, versions, version).version_no])[0]


def choose_version(trajectory_id: str, versions: Sequence[Version], version: int | None) -> Version:
    """Return the version asked for, the current one by default."""
    for candidate in versions:
        if candidate.is_current if version is None else candidate.version == version:
            return candidate
    raise NotFoundError(
        f"Trajectory {trajectory_id} has no version {version}.", f"Its versions are 0 to {len(versions) - 1}."
    )


def read_versions(store: Store, trajectory_no: int) -> list[Version]:
    """Return every version of a trajectory, the oldest first."""
    with store.cursor() as cursor:
        head = cursor.execute(
            "SELECT to_version_no FROM head_change WHERE trajectory_no = ? ORDER BY act_no DESC LIMIT 1",
            [trajectory_no],
        ).fetchall()
        current = head[0][0] if head else trajectory_no
        # A later version has a higher number than the first, so zone maps skip everything before it.
        rows = cursor.execute(
            "SELECT version_no, version, content_id FROM trajectory "
            "WHERE trajectory_no = ? AND version_no >= ? ORDER BY version",
            [trajectory_no, trajectory_no],
        ).fetchall()
    return [Version(number, version, text, number == current) for number, version, text in rows]


def read_memberships(store: Store, trajectory_no: int) -> list[Membership]:
    """Return the places a trajectory stands at, in the order they were imported."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT m.dataset_no, d.name, m.import_no, m.source_id, m.file, m.line, m.record_key "
            "FROM membership AS m JOIN dataset AS d USING (dataset_no) WHERE m.trajectory_no = ? "
            "ORDER BY m.import_no, m.file, m.line, m.record_key",
            [trajectory_no],
        ).fetchall()
    return [Membership(*row) for row in rows]


def read_trajectories(store: Store, version_nos: Sequence[int]) -> list[StoredTrajectory]:
    """Return these versions, in the order asked for; NotFoundError when one is missing."""
    with store.cursor() as cursor:
        chunk = _read_chunk(cursor, np.unique(np.asarray(version_nos, np.int64)))
    by_number = {stored.version_no: stored for stored in decode_chunk(chunk)}
    try:
        return [by_number[number] for number in version_nos]
    except KeyError as error:
        raise NotFoundError(f"No version has the number {error}.") from error


def iter_stored_chunks(
    store: Store, version_nos: Sequence[int] | Integers, *, chunk_rows: int = CHUNK_ROWS
) -> Iterator[StoredChunk]:
    """Yield these versions in chunks, in the order of their numbers, for `decode_chunk` to read."""
    numbers = np.unique(np.asarray(version_nos, np.int64))
    for start in range(0, len(numbers), chunk_rows):
        with store.cursor() as cursor:
            chunk = _read_chunk(cursor, numbers[start : start + chunk_rows])
        yield chunk


def read_tool_table(store: Store, tool_nos: Sequence[int] | Integers) -> pa.Table:
    """Return these tools as a table (tool_no, spec), for another process to read."""
    with store.cursor() as cursor:
        return _read_tools(cursor, np.unique(np.asarray(tool_nos, np.int64)))


def read_tools(store: Store, tool_nos: Sequence[int]) -> dict[int, Tool]:
    """Return these tools by number."""
    rows = read_tool_table(store, tool_nos)
    specs = zip(rows["tool_no"].to_pylist(), rows["spec"].to_pylist())
    return {number: msgspec.json.decode(spec, type=Tool) for number, spec in specs}


def _read_chunk(cursor: Cursor, version_nos: Integers) -> StoredChunk:
    columns = ", ".join(STORED_COLUMNS)
    rows = _read_numbered(cursor, f"SELECT {columns} FROM trajectory", "version_no", version_nos)
    tool_nos = np.unique(rows["tools"].combine_chunks().flatten().to_numpy(zero_copy_only=False))
    return StoredChunk(rows, _read_tools(cursor, tool_nos))


def _read_tools(cursor: Cursor, tool_nos: Integers) -> pa.Table:
    return _read_numbered(cursor, "SELECT tool_no, spec FROM tool", "tool_no", tool_nos)


def _read_numbered(cursor: Cursor, query: str, key: str, numbers: Integers) -> pa.Table:
    """Run a query for the rows whose key is among the numbers (ascending), in the order of the key."""
    if not len(numbers):
        return cursor.sql(f"{query} WHERE false").to_arrow_table()
    if len(numbers) == 1:  # a plain comparison lets zone maps skip all but one row group
        return cursor.sql(f"{query} WHERE {key} = ?", params=numbers.tolist()).to_arrow_table()
    bounds = [int(numbers[0]), int(numbers[-1])]
    return query_table(
        cursor,
        f"{query} SEMI JOIN asked USING ({key}) WHERE {key} BETWEEN ? AND ? ORDER BY {key}",
        bounds,
        asked=pa.table({key: numbers}),
    )
