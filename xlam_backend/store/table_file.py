"""Several Arrow tables and a few facts as one file: what the owner and its workers hand each other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

_FACTS = b"facts"
# Fast both ways; text shrinks to about a third.
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class TableFile(msgspec.Struct, frozen=True):
    """What a file holds: its tables in their order, and the facts."""

    tables: tuple[pa.Table, ...]
    facts: dict[str, Any]


def tables_to_bytes(tables: Sequence[pa.Table], facts: dict[str, Any]) -> bytes:
    """Write tables one behind the other as Arrow streams, the facts as JSON with the first."""
    target = io.BytesIO()
    first = tables[0].replace_schema_metadata({_FACTS: msgspec.json.encode(facts)})
    for table in (first, *tables[1:]):
        with pa.ipc.new_stream(target, table.schema, options=_OPTIONS) as writer:
            writer.write_table(table)
    return target.getvalue()


def read_tables(path: Path) -> TableFile:
    """Read a file that `tables_to_bytes` made."""
    tables = []
    with pa.memory_map(str(path)) as source:
        size = source.size()
        while source.tell() < size:
            with pa.ipc.open_stream(source) as reader:
                tables.append(reader.read_all())
    facts = msgspec.json.decode(tables[0].schema.metadata[_FACTS], type=dict[str, Any])
    return TableFile((tables[0].replace_schema_metadata(None), *tables[1:]), facts)


def read_facts(path: Path) -> dict[str, Any]:
    """Return the facts of such a file alone."""
    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        facts: dict[str, Any] = msgspec.json.decode(reader.schema.metadata[_FACTS], type=dict[str, Any])
    return facts
