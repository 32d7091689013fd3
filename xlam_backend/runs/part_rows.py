"""Files of rows, one JSON value a line: what workers write as parts, read back row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row")


def encode_rows(rows: Sequence[Any]) -> bytes:
    """Return rows as the content of a part."""
    return msgspec.json.Encoder().encode_lines(rows)


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Yield the rows of a file."""
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)
