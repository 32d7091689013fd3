"""Models as the store knows them: how each came about, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

ModelAct = Literal["deleted", "restored"]

_COLUMNS = tuple(name for name in KeptModel.__struct_fields__)


class ModelEvent(msgspec.Struct, frozen=True):
    """One thing that was done with a model after it was made."""

    name: str
    event: ModelAct
    person: str
    note: str
    at_time: datetime


def write_model(cursor: Cursor, store: Store, model: KeptModel) -> int:
    """Note a model that was made; returns its number."""
    number = store.numbers.reserve("model")
    values = [getattr(model, name) for name in _COLUMNS]
    values[_COLUMNS.index("plan")] = msgspec.json.encode(model.plan).decode()
    values[_COLUMNS.index("made_at")] = utc_timestamp(model.made_at)
    marks = ", ".join("?" for _ in values)
    cursor.execute(
        f"INSERT INTO model (model_no, {', '.join(_COLUMNS)}) VALUES (?, {marks})", [number, *values]
    )
    return number


def write_model_event(cursor: Cursor, event: ModelEvent) -> None:
    """Note what was done with a model."""
    cursor.execute("INSERT INTO model_event VALUES (?, ?, ?, ?, ?)", [*msgspec.structs.astuple(event)])


def read_models(store: Store, *, with_deleted: bool = False) -> list[KeptModel]:
    """Return the models there are, the newest first."""
    chosen = "" if with_deleted else f"WHERE coalesce(({_LATEST_EVENT}), '') <> 'deleted'"
    return _read(store, f"{chosen} ORDER BY model_no DESC", [])


def read_model_of_run(store: Store, run_id: str) -> KeptModel | None:
    """Return the model that a run made; None when it made none."""
    found = _read(store, "WHERE run_id = ? ORDER BY model_no DESC LIMIT 1", [run_id])
    return found[0] if found else None


def read_model_names(store: Store) -> set[str]:
    """Return every name that was ever given to a model: none is given twice."""
    with store.cursor() as cursor:
        return {name for (name,) in cursor.execute("SELECT DISTINCT name FROM model").fetchall()}


def read_scripted_ids(store: Store) -> set[str]:
    """Return the permalinks of the trajectories that the scripted model for trying out has written."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT trajectory_id FROM trajectory WHERE trajectory_no IN "
            "(SELECT trajectory_no FROM derivation WHERE is_scripted)"
        ).fetchall()
    return {text for (text,) in rows}


def read_model_events(store: Store, name: str) -> list[ModelEvent]:
    """Return what was done with a model, the first act first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT * FROM model_event WHERE name = ? ORDER BY at_time, event", [name]
        ).fetchall()
    return [ModelEvent(*row) for row in rows]


_LATEST_EVENT = "SELECT arg_max(event, at_time) FROM model_event WHERE model_event.name = model.name"


def _read(store: Store, rest: str, values: list[Any]) -> list[KeptModel]:
    with store.cursor() as cursor:
        rows = cursor.execute(f"SELECT {', '.join(_COLUMNS)} FROM model {rest}", values).fetchall()
    return [_model(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _model(values: dict[str, Any]) -> KeptModel:
    made_at = values["made_at"].replace(tzinfo=UTC)  # the store keeps UTC without saying so
    plan = msgspec.json.decode(values["plan"])
    return msgspec.convert({**values, "plan": plan, "made_at": made_at}, KeptModel)
