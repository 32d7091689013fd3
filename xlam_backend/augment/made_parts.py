"""What was made of trajectories as a file: the parts of a run, from the worker to the store's owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlam_backend.augment.derived import Made
from xlam_backend.store.chunk import Chunk
from xlam_backend.store.table_file import read_tables, tables_to_bytes


def made_to_bytes(made: Made, counts: dict[str, Any]) -> bytes:
    """Write what was made as one file, with what the run counts of it."""
    chunk = made.chunk
    tables = (chunk.trajectories, chunk.tool_calls, chunk.tools, chunk.rejects, made.derivations)
    return tables_to_bytes(tables, {"record_count": chunk.record_count, "counts": counts})


def read_made(path: Path) -> Made:
    """Read a file of what was made."""
    file = read_tables(path)
    trajectories, tool_calls, tools, rejects, derivations = file.tables
    chunk = Chunk(trajectories, tool_calls, tools, rejects, file.facts["record_count"])
    return Made(chunk, derivations)
