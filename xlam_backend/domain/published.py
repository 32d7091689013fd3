"""A table of the leaderboard that somebody has published, and that a person has read in."""

from __future__ import annotations

from datetime import datetime

import msgspec


class PublishedFault(msgspec.Struct, frozen=True):
    """What could not be read at one line of the file."""

    line: int
    words: str


class PublishedTable(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was read in: whose numbers these are, of which day, and which bytes they stood in.

    `version` is the edition of the leaderboard, `part` which of its tables (overall, live, ...).
    """

    table_no: int
    version: str
    part: str
    source: str
    source_date: str
    file_name: str
    file_hash: str
    row_count: int
    faults: tuple[PublishedFault, ...]
    person: str
    read_at: datetime


class PublishedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model's published scores, in percent by column; what was not run is absent."""

    table_no: int
    line: int
    model: str
    link: str
    organization: str
    licence: str
    scores: dict[str, float]
