"""Chunks of trajectories as files, for workers that never open the store."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from xlam_backend.store.parquet_file import read_parquet
from xlam_backend.store.stored_chunk import StoredChunk


def write_chunk(folder: Path, number: int, chunk: StoredChunk) -> None:
    """Write a chunk as two Parquet files: the trajectories as stored, and the tools they offer."""
    pq.write_table(chunk.trajectories, folder / f"trajectories-{number:05}.parquet")
    pq.write_table(chunk.tools, folder / f"tools-{number:05}.parquet")


def read_chunk(folder: Path, number: int) -> StoredChunk:
    """Read a chunk back, for `decode_chunk`."""
    return StoredChunk(
        read_parquet(folder / f"trajectories-{number:05}.parquet"),
        read_parquet(folder / f"tools-{number:05}.parquet"),
    )
