"""Training rows as Parquet: whole records stand as JSON text, so that nothing in them is bent to columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.training_row import LineageStep, TrainingRow
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.store.parquet_file import read_parquet

_TEXT_COLUMNS = ("row_id", "trajectory_id", "source", "dataset", "category", "format_name", "licence")
_JSON_COLUMNS = ("trajectory", "telling", "lineage")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in (*_TEXT_COLUMNS, *_JSON_COLUMNS)] + [("token_count", pa.int64())]
)
BATCH_ROWS = 1_000


def encode_row(row: TrainingRow) -> dict[str, Any]:
    """Return a row as the values of its columns."""
    texts: dict[str, Any] = {name: getattr(row, name) for name in _TEXT_COLUMNS}
    texts["trajectory"] = msgspec.json.encode(row.trajectory).decode()
    texts["telling"] = "" if row.telling is None else msgspec.json.encode(row.telling).decode()
    texts["lineage"] = msgspec.json.encode(row.lineage).decode()
    texts["token_count"] = row.token_count
    return texts


def decode_row(texts: dict[str, Any]) -> TrainingRow:
    """Return the row that these values were made from."""
    return TrainingRow(
        **{name: texts[name] for name in _TEXT_COLUMNS},
        token_count=texts["token_count"],
        trajectory=msgspec.json.decode(texts["trajectory"], type=Trajectory),
        telling=msgspec.json.decode(texts["telling"], type=Telling) if texts["telling"] else None,
        lineage=msgspec.json.decode(texts["lineage"], type=tuple[LineageStep, ...]),
    )


def rows_to_parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return rows (as `encode_row` gave them) as the bytes of a Parquet file: the same for the same rows."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd", row_group_size=BATCH_ROWS)
    return target.getvalue()


def iter_rows(file: Path, *, first: int = 0) -> Iterator[TrainingRow]:
    """Yield the rows of a Parquet file from row number `first` on."""
    with pq.ParquetFile(file) as parquet:
        group, skipped = divmod(first, BATCH_ROWS)
        for number in range(group, parquet.num_row_groups):
            for texts in parquet.read_row_group(number).to_pylist()[skipped:]:
                yield decode_row(texts)
            skipped = 0


def place_of_row(file: Path, row_id: str) -> int | None:
    """Return the number of the row that has this id in a Parquet file; None when it is not there."""
    column = read_parquet(file, columns=["row_id"])["row_id"]
    place = pc.index(column, row_id).as_py()
    return None if place < 0 else int(place)
