"""A chunk: some thousands of imported trajectories as Arrow tables, ready for the store.

Workers build chunks without seeing the database; `ingest` gives them their numbers. A chunk may be
written as Arrow IPC and read by another process: the contract is these schemas, not memory.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa

from xlam_backend.store.table_file import read_tables, tables_to_bytes

CALL_TYPE = pa.struct(
    [("name", pa.string()), ("arguments", pa.string()), ("call_id", pa.string()), ("unreadable", pa.string())]
)

OBSERVATION_TYPE = pa.struct([("content", pa.string()), ("call_id", pa.string()), ("name", pa.string())])

# arguments, content, step_id and extra are JSON text.
STEP_TYPE = pa.struct(
    [
        ("thought", pa.string()),
        ("tool_calls", pa.list_(CALL_TYPE)),
        ("observations", pa.list_(OBSERVATION_TYPE)),
        ("user_input", pa.string()),
        ("step_id", pa.string()),
        ("extra", pa.string()),
    ]
)

# One row per kept trajectory. `tools` holds indexes into the chunk's own tool table.
TRAJECTORY_SCHEMA = pa.schema(
    [
        ("content_id", pa.string()),
        ("query", pa.string()),
        ("task_instruction", pa.string()),
        ("format_instruction", pa.string()),
        ("few_shot_examples", pa.string()),
        ("tools", pa.list_(pa.int32())),
        ("tools_stated", pa.bool_()),
        ("steps", pa.list_(STEP_TYPE)),
        ("extra", pa.string()),
        ("step_count", pa.int32()),
        ("call_count", pa.int32()),
        ("source_id", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("record_key", pa.string()),
    ]
)

# `row` is the index of the trajectory in the chunk, `tool` an index into its tool table (-1: not offered).
TOOL_CALL_SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("step", pa.int32()),
        ("call", pa.int32()),
        ("name", pa.string()),
        ("tool", pa.int32()),
        ("arguments", pa.string()),
    ]
)

TOOL_SCHEMA = pa.schema([("tool_id", pa.string()), ("name", pa.string()), ("spec", pa.string())])

REJECT_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("record_key", pa.string()),
        ("part", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
    ]
)


class Chunk(msgspec.Struct, frozen=True):
    """Four tables in the schemas above, and how many raw records they came from."""

    trajectories: pa.Table
    tool_calls: pa.Table
    tools: pa.Table
    rejects: pa.Table
    record_count: int


def chunk_to_bytes(chunk: Chunk) -> bytes:
    """Write a chunk as the file that `read_chunk` reads."""
    tables = (chunk.trajectories, chunk.tool_calls, chunk.tools, chunk.rejects)
    return tables_to_bytes(tables, {"record_count": chunk.record_count})


def read_chunk(path: Path) -> Chunk:
    """Read a chunk from its file."""
    file = read_tables(path)
    trajectories, tool_calls, tools, rejects = file.tables
    return Chunk(trajectories, tool_calls, tools, rejects, file.facts["record_count"])
