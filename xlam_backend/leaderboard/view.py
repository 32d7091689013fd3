"""What of the leaderboard is shown, in which order; and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.bfcl.categories import Version
from xlam_backend.bfcl.columns import MAIN_COLUMNS, columns_of
from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.domain.person import Person
from xlam_backend.errors import UnknownNameError
from xlam_backend.leaderboard.rows import LeaderRow
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store


class LeaderView(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are wanted; "" leaves it open. `text` stands in the model, organization, licence or source.

    `pinned` names rows that stand on top, whatever the rest says.
    """

    sort: str = "overall"
    text: str = ""
    origin: str = ""
    source: str = ""
    pinned: tuple[str, ...] = ()


def arrange(rows: Iterable[LeaderRow], view: LeaderView) -> tuple[LeaderRow, ...]:
    """Return the wanted rows, the pinned on top, then by the column, the best first, those without it last.

    Rows whose column was run only in part cannot be ranked among the others: they stand before them.
    """
    held = list(rows)
    order = {key: place for place, key in enumerate(view.pinned)}
    pinned = sorted((row for row in held if row.key in order), key=lambda row: order[row.key])
    others = [row for row in held if row.key not in order and _is_wanted(row, view)]
    if view.sort == "model":
        others.sort(key=lambda row: (row.model.lower(), row.date, row.key))
    elif view.sort == "date":
        others.sort(key=lambda row: (row.date, row.key), reverse=True)
    else:
        others.sort(key=lambda row: _place(row, view.sort))
    return (*pinned, *others)


def rows_by_key(rows: Iterable[LeaderRow], keys: Sequence[str]) -> tuple[LeaderRow, ...]:
    """Return the rows of these keys, in the order of the keys.

    Raises:
        UnknownNameError: no row has one of the keys.
    """
    known = {row.key: row for row in rows}
    for key in keys:
        if key not in known:
            raise UnknownNameError("row of the leaderboard", key, known)
    return tuple(known[key] for key in keys)


def sources_of(rows: Iterable[LeaderRow]) -> tuple[str, ...]:
    """Return every source of published rows with its date, as `LeaderView.source` takes it."""
    return tuple(dict.fromkeys(source_text(row) for row in rows if row.origin == "published"))


def source_text(row: LeaderRow) -> str:
    """Return who says so, and of which day."""
    return f"{row.source}, {row.date}"


def render_rows(
    store: Store, rows: Sequence[LeaderRow], version: Version, *, person: Person, now: datetime
) -> bytes:
    """Return rows as CSV for a person to keep, and note it in the log.

    Raises:
        AccessDeniedError: the person may not.
    """
    require(person, "export")
    with store.write() as cursor:
        detail = {"rows": len(rows), "version": version}
        write_audit(cursor, store, person, "export", "leaderboard", detail, now=now)
    return rows_csv(rows, version)


def rows_csv(rows: Iterable[LeaderRow], version: Version) -> bytes:
    """Return the rows as CSV, every column of the version; what was not run is N/A."""
    columns = columns_of(version)
    first = list(MAIN_COLUMNS[version])
    names = [*first, *(name for name in columns if name not in first)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "Row",
            "Model",
            "Kind of row",
            "Source",
            "Date",
            "Version",
            "Questions",
            "Scripted model",
            *(columns[name].title for name in names),
            "Overall of what was run",
            "95 % from",
            "95 % to",
            "Not run",
            "Parameters (billions)",
            "Organization",
            "Licence",
            "Link",
            "Notes",
        ]
    )
    for row in rows:
        writer.writerow([csv_cell(cell) for cell in _cells(row, names)])
    return text.getvalue().encode()


def _cells(row: LeaderRow, names: Sequence[str]) -> list[str]:
    low, high = row.intervals.get("overall", (None, None))
    return [
        row.key,
        row.model,
        row.origin,
        row.source,
        row.date,
        row.version,
        row.question_set or "official",
        "yes" if row.is_scripted else "no",
        *(_number(row.values.get(name)) for name in names),
        _number(row.of_what_was_run.get("overall")),
        _number(low),
        _number(high),
        " ".join(row.missing),
        "" if row.size is None else f"{row.size.billions:g}",
        row.organization,
        row.licence,
        row.link,
        "; ".join(row.notes),
    ]


def _number(value: float | None) -> str:
    return "N/A" if value is None else f"{value:.2f}"


def _is_wanted(row: LeaderRow, view: LeaderView) -> bool:
    words = f"{row.model} {row.organization} {row.licence} {row.source}".lower()
    return (
        (not view.text or all(word in words for word in view.text.lower().split()))
        and view.origin in {"", row.origin}
        and view.source in {"", source_text(row)}
    )


def _place(row: LeaderRow, column: str) -> tuple[int, float]:
    value, part = row.values.get(column), row.of_what_was_run.get(column)
    if value is not None:
        return 1, -value
    return (2, 0.0) if part is None else (0, -part)
