"""Where records go, one by one: JSON Lines, packed or not, and Parquet; memory stays flat."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from xlam_backend.errors import SettingError
from xlam_backend.exports.base import ColumnKind, Ending

_GROUP_ROWS = 1_000
_GROUP_CHARACTERS = 16_000_000
_PACKED_LEVEL = 6
# What a record has beyond the columns of its format; formats.unified_* keep every field of a source.
OTHER_FIELDS = "other_fields"
_TYPES = {"text": pa.string(), "json": pa.string(), "truth": pa.bool_(), "number": pa.int64()}


class Sink(Protocol):
    """Takes records."""

    def write(self, record: dict[str, Any]) -> None:
        """Take one more record."""
        ...


@contextmanager
def opened_sink(path: Path, ending: Ending, columns: Mapping[str, ColumnKind]) -> Iterator[Sink]:
    """Open a file for records; when the block ends, all of them are in it."""
    if ending == ".parquet":
        if not columns:
            raise SettingError("This format is not written as Parquet.", "Choose .jsonl or .jsonl.gz.")
        with _opened_parquet(path, columns) as parquet:
            yield parquet
        return
    with path.open("wb") as file:
        if ending == ".jsonl":
            yield _Lines(file)
            return
        # No name and no time in the gzip header: the same rows give the same bytes.
        with gzip.GzipFile(
            filename="", mode="wb", compresslevel=_PACKED_LEVEL, fileobj=file, mtime=0
        ) as packed:
            yield _Lines(packed)


class _Lines:
    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, record: dict[str, Any]) -> None:
        """Write one line."""
        self._file.write(msgspec.json.encode(record) + b"\n")


@contextmanager
def _opened_parquet(path: Path, columns: Mapping[str, ColumnKind]) -> Iterator[Sink]:
    kinds = {**columns, OTHER_FIELDS: "json"} if "json" in columns.values() else dict(columns)
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in kinds.items()])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rows = _Rows(writer, kinds, schema)
        yield rows
        rows.flush()


class _Rows:
    """Collects rows to groups of a bounded size."""

    def __init__(self, writer: pq.ParquetWriter, kinds: Mapping[str, Any], schema: pa.Schema) -> None:
        self._writer = writer
        self._kinds = kinds
        self._schema = schema
        self._waiting: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, record: dict[str, Any]) -> None:
        """Take one row."""
        row = {name: _cell(record.get(name), kind) for name, kind in self._kinds.items()}
        if OTHER_FIELDS in self._kinds:
            others = {name: value for name, value in record.items() if name not in self._kinds}
            row[OTHER_FIELDS] = _cell(others, "json") if others else None
        elif record.keys() - self._kinds.keys():
            raise SettingError("A row has fields that no column holds.", "Choose .jsonl or .jsonl.gz.")
        self._waiting.append(row)
        self._characters += sum(len(cell) for cell in row.values() if isinstance(cell, str))
        if len(self._waiting) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Write what waits as one group."""
        if self._waiting:
            self._writer.write_table(pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting, self._characters = [], 0


def _cell(value: Any, kind: str) -> Any:
    if value is None or kind in ("truth", "number"):
        return value
    if kind == "text" and isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
