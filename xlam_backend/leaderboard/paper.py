"""The tables of the xLAM paper: facts, with their source and date."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from xlam_backend.errors import UnknownNameError

_FILE = Path(__file__).with_name("paper_tables.json")

Cell = str | float | None
"""What stands in a cell; None where the paper leaves it open."""

CellKind = Literal["text", "share", "percent"]


class PaperTable(msgspec.Struct, frozen=True):
    """One table: its heads with the kind of what stands under each. Shares are 0..1."""

    number: int
    title: str
    heads: tuple[str, ...]
    kinds: tuple[CellKind, ...]
    note: str
    rows: tuple[tuple[Cell, ...], ...]


class Paper(msgspec.Struct, frozen=True):
    """All tables, and where they stand."""

    source: str
    date: str
    tables: tuple[PaperTable, ...]


@cache
def read_paper() -> Paper:
    """Return the paper's tables."""
    return msgspec.json.decode(_FILE.read_bytes(), type=Paper)


def paper_table(number: int) -> PaperTable:
    """Return one table.

    >>> paper_table(5).rows[0][:2]
    ('xLAM-8x22b-r (FC)', 87.31)
    """
    by_number = {table.number: table for table in read_paper().tables}
    if number not in by_number:
        raise UnknownNameError("table of the paper", str(number), map(str, by_number))
    return by_number[number]
