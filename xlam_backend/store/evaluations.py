"""Writes evaluations and reads them back: listed, counted by category, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.domain.evaluation import Evaluation, EvaluationItem, Tally
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.columns import json_column
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_JSON = frozenset({"settings", "output", "decoded", "errors"})
_TYPES: dict[str, pa.DataType] = {
    "evaluation_no": pa.int32(),
    "place": pa.int32(),
    "is_scripted": pa.bool_(),
    "is_valid": pa.bool_(),
    "seconds": pa.float64(),
    "input_tokens": pa.int64(),
    "output_tokens": pa.int64(),
    "cost": pa.float64(),
    "made_at": pa.timestamp("us"),
}
_FIELDS: tuple[str, ...] = Evaluation.__struct_fields__
_ITEM_FIELDS: tuple[str, ...] = EvaluationItem.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)
_ITEM_COLUMNS = ", ".join(_ITEM_FIELDS)


class ItemSelection(msgspec.Struct, frozen=True, kw_only=True):
    """Which items are meant; "" and None mean all.

    `outcome`: right, wrong, or not answered. `words` stand in the id or the output.
    """

    category: str = ""
    outcome: str = ""
    error_type: str = ""
    words: str = ""


class ItemPage(msgspec.Struct, frozen=True):
    """Some items in the order of the set, and how many there are in all."""

    items: tuple[EvaluationItem, ...]
    total: int


class ErrorCount(msgspec.Struct, frozen=True):
    """How often an error type stands in a category; "" for right answers."""

    category: str
    error_type: str
    count: int


def write_evaluation(cursor: Cursor, store: Store, evaluation: Evaluation) -> int:
    """Write an evaluation inside an open transaction; returns its number, which is new."""
    number = store.numbers.reserve("model_evaluation")
    rows = [msgspec.structs.replace(evaluation, evaluation_no=number)]
    added = pa.table({name: _column(name, [getattr(row, name) for row in rows]) for name in _FIELDS})
    insert_rows(cursor, f"INSERT INTO evaluation ({_COLUMNS}) SELECT {_COLUMNS} FROM added", added)
    return number


def write_items(cursor: Cursor, evaluation_no: int, items: Sequence[EvaluationItem]) -> int:
    """Write items of an evaluation, as its next attempt; returns how many."""
    if not items:
        return 0
    query = "SELECT coalesce(max(attempt), 0) + 1 FROM evaluation_item WHERE evaluation_no = ?"
    attempt = cursor.execute(query, [evaluation_no]).fetchall()[0][0]
    columns = {name: _column(name, [getattr(item, name) for item in items]) for name in _ITEM_FIELDS}
    columns["evaluation_no"] = pa.array(np.full(len(items), evaluation_no, np.int32))
    columns["attempt"] = pa.array(np.full(len(items), attempt, np.int32))
    names = f"evaluation_no, attempt, {_ITEM_COLUMNS}"
    insert_rows(cursor, f"INSERT INTO evaluation_item ({names}) SELECT {names} FROM added", pa.table(columns))
    return len(items)


def write_change(
    cursor: Cursor, store: Store, evaluation_no: int, change: str, *, person: str, now: datetime
) -> None:
    """Write down that an evaluation was removed or put back."""
    number = store.numbers.reserve("evaluation_change")
    cursor.execute(
        "INSERT INTO evaluation_change VALUES (?, ?, ?, ?, ?)",
        [number, evaluation_no, change, person, utc_timestamp(now)],
    )


def list_evaluations(store: Store, *, removed: bool = False) -> list[Evaluation]:
    """Return the evaluations, newest first; with `removed`, those that were taken away instead."""
    source = (
        "evaluation AS e ANTI JOIN current_evaluation USING (evaluation_no)"
        if removed
        else "current_evaluation AS e"
    )
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM {source} ORDER BY evaluation_no DESC").fetchall()
    return [_evaluation(row) for row in rows]


def read_evaluation(store: Store, evaluation_no: int) -> Evaluation:
    """Return one evaluation, also where it was removed.

    Raises:
        NotFoundError: there is none of this number.
    """
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM evaluation WHERE evaluation_no = ?", [evaluation_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(
            f"No evaluation has the number {evaluation_no}.", "See the Evaluate page for what there is."
        )
    return _evaluation(rows[0])


def evaluation_of_run(store: Store, run_id: str) -> int:
    """Return the number of the evaluation that a run made; 0 when it made none (yet)."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT max(evaluation_no) FROM evaluation WHERE run_id = ?", [run_id]
        ).fetchall()
    return rows[0][0] or 0


def unanswered_ids(store: Store, evaluation_no: int) -> frozenset[str]:
    """Return the items of an evaluation that have no answer."""
    query = "SELECT item_id FROM current_evaluation_item WHERE evaluation_no = ? AND is_valid IS NULL"
    with store.cursor() as cursor:
        return frozenset(item_id for (item_id,) in cursor.execute(query, [evaluation_no]).fetchall())


def read_tallies(store: Store, evaluation_no: int) -> dict[str, Tally]:
    """Return how many answers of each category are right."""
    return read_all_tallies(store, (evaluation_no,)).get(evaluation_no, {})


def read_all_tallies(store: Store, numbers: Sequence[int] = ()) -> dict[int, dict[str, Tally]]:
    """Return the tallies of these evaluations, or of all that were not removed, by number and category."""
    condition = (
        "evaluation_no IN (SELECT unnest($numbers))"
        if numbers
        else "evaluation_no IN (SELECT evaluation_no FROM current_evaluation)"
    )
    query = f"""
        SELECT evaluation_no, category, count(*) FILTER (is_valid), count(is_valid),
            count(*) FILTER (is_valid IS NULL), min(place) AS first_place
        FROM current_evaluation_item WHERE {condition} GROUP BY ALL ORDER BY evaluation_no, first_place
    """
    found: dict[int, dict[str, Tally]] = {}
    with store.cursor() as cursor:
        rows = cursor.execute(query, {"numbers": list(numbers)} if numbers else {}).fetchall()
    for number, category, correct, total, missing, _ in rows:
        found.setdefault(number, {})[category] = Tally(correct, total, missing)
    return found


def count_errors(store: Store, evaluation_no: int) -> list[ErrorCount]:
    """Return how often each error type stands in each category, of the items that were scored."""
    query = """
        SELECT category, error_type, count(*) FROM current_evaluation_item
        WHERE evaluation_no = ? AND is_valid IS NOT NULL GROUP BY ALL ORDER BY ALL
    """
    with store.cursor() as cursor:
        return [ErrorCount(*row) for row in cursor.execute(query, [evaluation_no]).fetchall()]


def read_items(
    store: Store,
    evaluation_no: int,
    selection: ItemSelection | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> ItemPage:
    """Return items of an evaluation in the order of its set."""
    condition, values = _condition(selection or ItemSelection())
    source = f"FROM current_evaluation_item WHERE evaluation_no = ? {condition}"
    pages = "" if limit is None else f"LIMIT {int(limit)} OFFSET {int(offset)}"
    with store.cursor() as cursor:
        total = cursor.execute(f"SELECT count(*) {source}", [evaluation_no, *values]).fetchall()[0][0]
        rows = cursor.execute(
            f"SELECT {_ITEM_COLUMNS} {source} ORDER BY place, item_id {pages}", [evaluation_no, *values]
        ).fetchall()
    return ItemPage(tuple(map(_item, rows)), total)


def item_neighbours(
    store: Store, evaluation_no: int, item: EvaluationItem, selection: ItemSelection
) -> tuple[str, str]:
    """Return the ids of the selected items before and after one, "" where there is none."""
    condition, values = _condition(selection)
    query = f"""
        SELECT arg_max(item_id, place) FILTER (place < ?), arg_min(item_id, place) FILTER (place > ?)
        FROM current_evaluation_item WHERE evaluation_no = ? {condition}
    """
    with store.cursor() as cursor:
        row = cursor.execute(query, [item.place, item.place, evaluation_no, *values]).fetchall()[0]
    return row[0] or "", row[1] or ""


def read_item(store: Store, evaluation_no: int, item_id: str) -> EvaluationItem:
    """Return one item.

    Raises:
        NotFoundError: the evaluation has none of this id.
    """
    query = f"SELECT {_ITEM_COLUMNS} FROM current_evaluation_item WHERE evaluation_no = ? AND item_id = ?"
    with store.cursor() as cursor:
        rows = cursor.execute(query, [evaluation_no, item_id]).fetchall()
    if not rows:
        raise NotFoundError(
            f"Evaluation {evaluation_no} has no item {item_id[:80]!r}.", "See its list of items."
        )
    return _item(rows[0])


def _condition(selection: ItemSelection) -> tuple[str, list[str]]:
    parts, values = [""], []
    if selection.category:
        parts.append("category = ?")
        values.append(selection.category)
    if selection.error_type:
        parts.append("error_type = ?")
        values.append(selection.error_type)
    if selection.words:
        parts.append("(contains(lower(item_id), lower(?)) OR contains(lower(output), lower(?)))")
        values += [selection.words, selection.words]
    outcome = {"right": "is_valid", "wrong": "NOT is_valid", "not answered": "is_valid IS NULL"}
    if selection.outcome in outcome:
        parts.append(outcome[selection.outcome])
    return " AND ".join(parts), values


def _column(name: str, values: list[Any]) -> pa.Array:
    if name in _JSON:
        return json_column(values)
    if name == "made_at":
        values = [utc_timestamp(value) for value in values]
    return pa.array(values, _TYPES.get(name, pa.string()))


def _evaluation(row: tuple[Any, ...]) -> Evaluation:
    return msgspec.convert(_read_row(_FIELDS, row), Evaluation)


def _item(row: tuple[Any, ...]) -> EvaluationItem:
    return msgspec.convert(_read_row(_ITEM_FIELDS, row), EvaluationItem)


def _read_row(names: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    values = dict(zip(names, row, strict=True))
    return {name: msgspec.json.decode(value) if name in _JSON else value for name, value in values.items()}
