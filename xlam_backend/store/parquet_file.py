"""Reads a Parquet file, and brings nothing but what that takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a file's rows; pyarrow's `read_table` would load its way with whole folders, and pandas."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=None if columns is None else list(columns))
