"""Reads a table that the leaderboard has published, with every fault named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import msgspec

from xlam_backend.bfcl.categories import VERSIONS, Version
from xlam_backend.bfcl.columns import columns_of
from xlam_backend.bfcl.overall import value_of_column
from xlam_backend.errors import InputError, SourceUnreadableError
from xlam_backend.leaderboard.published_layouts import (
    LAYOUTS,
    OTHER_HEADS,
    WORD_HEADS,
    Layout,
    Part,
)

LARGEST_FILE = 5_000_000
LONGEST_CELL = 500
_NOTHING = frozenset({"", "n/a", "na", "-", "none", "nan"})
_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_VERSION = re.compile(r"(?<![a-z0-9])v([1-4])(?![0-9])", re.IGNORECASE)
# Sums of rounded values: a value of the sum may be off by the rounding of all its parts.
_NEAR = 0.02


class CsvFault(msgspec.Struct, frozen=True):
    """What is wrong with one line of the table."""

    line: int
    words: str


class PublishedScores(msgspec.Struct, frozen=True):
    """One model's row: its scores in percent by column; columns without a value are absent."""

    line: int
    model: str
    link: str
    organization: str
    licence: str
    values: dict[str, float]


class PublishedCsv(msgspec.Struct, frozen=True):
    """A table as it was read. `date` is what the file's name says, or ""."""

    version: Version
    part: Part
    date: str
    rows: tuple[PublishedScores, ...]
    faults: tuple[CsvFault, ...]
    ignored_heads: tuple[str, ...]


def read_published_csv(content: bytes, name: str, *, version: Version | None = None) -> PublishedCsv:
    """Read a published table; its version is told by its heads, by its file's name, or by `version`.

    Raises:
        SourceUnreadableError: it is no CSV text, too large, or none of the leaderboard's tables.
        InputError: its heads fit several versions, and nothing says which.
    """
    heads, lines = _cells(content, name)
    layout = _layout(heads, name, version)
    if doubled := [head for head in layout.columns if heads.count(head) > 1]:
        raise SourceUnreadableError(
            f"The column {doubled[0]!r} stands in {name} {heads.count(doubled[0])} times.",
            "Leave one of them in the file.",
        )
    faults: list[CsvFault] = []
    rows: dict[str, PublishedScores] = {}
    for number, cells in lines:
        row = _row(number, dict(zip(heads, cells, strict=False)), layout, faults)
        if row is None:
            continue
        if row.model in rows:
            faults.append(
                CsvFault(number, f"{row.model!r} stands here again; its line {rows[row.model].line} counts")
            )
        else:
            rows[row.model] = row
    if not rows:
        raise SourceUnreadableError(f"{name} holds no row with a model and a score.", "Choose another file.")
    ignored = tuple(head for head in heads if head and head not in layout.columns and head not in OTHER_HEADS)
    kept = tuple(_settle_live_column(layout, list(rows.values())))
    return PublishedCsv(layout.version, layout.part, date_in_name(name), kept, tuple(faults), ignored)


def date_in_name(name: str) -> str:
    """Return the day that a file's name holds, as YYYY-MM-DD, or "".

    >>> date_in_name("v3_2025-06-14_live.csv"), date_in_name("data_overall.csv")
    ('2025-06-14', '')
    """
    found = _DATE.search(name)
    return "-".join(found.groups()) if found else ""


def _cells(content: bytes, name: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    if len(content) > LARGEST_FILE:
        raise SourceUnreadableError(
            f"{name} has {len(content):,} bytes; no table of the leaderboard has more than {LARGEST_FILE:,}.",
            "Choose the CSV file of the leaderboard itself.",
        )
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        heads = [head.strip() for head in next(reader, [])]
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceUnreadableError(
            f"{name} cannot be read as CSV: {error}.", "Save the leaderboard's table as CSV in UTF-8."
        ) from error
    return heads, lines


def _layout(heads: list[str], name: str, version: Version | None) -> Layout:
    scores = {head for head in heads if head} - OTHER_HEADS
    fitting = [
        layout
        for layout in LAYOUTS
        if len(scores & layout.columns.keys()) > 1 and scores <= layout.columns.keys()
    ]
    if "Model" not in heads or not fitting:
        fitting = [layout for layout in LAYOUTS if len(scores & layout.columns.keys()) > len(scores) / 2]
    if "Model" not in heads or not fitting:
        raise SourceUnreadableError(
            f"{name} has not the columns of a table of the leaderboard.",
            "Its first line must name Model and the scores, as in data_overall.csv.",
        )
    said = version or _version_in_name(name)
    chosen = [layout for layout in fitting if said in {None, layout.version}]
    if not chosen:
        known = ", ".join(layout.version for layout in fitting)
        raise InputError(
            f"The columns of {name} are those of {known}, not of {said}.", "Say another version."
        )
    fewest = min(len(layout.columns.keys() - scores) for layout in chosen)
    nearest = [layout for layout in chosen if len(layout.columns.keys() - scores) == fewest]
    if len({layout.version for layout in nearest}) > 1:
        known = " and ".join(layout.version for layout in nearest)
        raise InputError(
            f"The columns of {name} fit {known}.", "Say which version of the leaderboard it belongs to."
        )
    return nearest[0]


def _version_in_name(name: str) -> Version | None:
    found = _VERSION.search(name.replace("_", " "))
    return next((version for version in VERSIONS if found and version == f"v{found.group(1)}"), None)


def _row(
    number: int, cells: dict[str, str], layout: Layout, faults: list[CsvFault]
) -> PublishedScores | None:
    model = cells.get("Model", "").strip()
    if not model:
        faults.append(CsvFault(number, "no model is named; the line is left out"))
        return None
    values: dict[str, float] = {}
    for head, column in layout.columns.items():
        text = cells.get(head, "").strip()
        if text.lower() in _NOTHING:
            continue
        value = _percent(text)
        if value is None:
            faults.append(
                CsvFault(number, f"{head} is {text[:40]!r}, which is no percentage; it counts as not run")
            )
        else:
            values[column] = value
    words = {name: cells.get(head, "").strip()[:LONGEST_CELL] for head, name in WORD_HEADS.items()}
    return PublishedScores(number, model[:LONGEST_CELL], values=values, **words)


def _percent(text: str) -> float | None:
    if "_" in text:
        return None  # Python reads 1_0 as ten, people do not
    try:
        value = float(text.removesuffix("%").strip())
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None


def _settle_live_column(layout: Layout, rows: list[PublishedScores]) -> list[PublishedScores]:
    """Tell from the numbers what v3 means by "Live Acc": some of its tables mean all live questions.

    Then the value is more or less than what the four columns of calls come to.
    """
    if layout.version != "v3" or layout.part != "overall":
        return rows
    column = columns_of("v3")["live_ast"]
    as_calls = as_all = 0
    for row in rows:
        made = value_of_column(column, "v3", row.values.get, is_given=False)
        given = row.values.get("live_ast")
        if made is not None and given is not None:
            is_calls = abs(made - given) < _NEAR
            as_calls, as_all = as_calls + is_calls, as_all + (not is_calls)
    if as_all <= as_calls:
        return rows
    return [msgspec.structs.replace(row, values=_renamed(row.values)) for row in rows]


def _renamed(values: Mapping[str, float]) -> dict[str, float]:
    return {"live" if name == "live_ast" else name: value for name, value in values.items()}
