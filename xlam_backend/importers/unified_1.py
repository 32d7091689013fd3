"""Unified format 1.0 (xLAM paper, Figure 4): {query, tools with flat parameters, steps}.

Read by `formats.unified_1`, which also writes it; this file recognises it and turns faults into rejects.
In Parquet what is nested stands as JSON text, and fields without a column of their own in `other_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xlam_backend.errors import UnreadableRecordError
from xlam_backend.formats import unified_1
from xlam_backend.importers.base import Companions, Importer, Kept, RawRecord, Rejected
from xlam_backend.importers.json_text import JsonTextError, parse_inner

_JSON_COLUMNS = frozenset({"tools", "steps", "conversation", "few_shot_examples"})
_OTHER_FIELDS = "other_fields"
_STEP_FIELDS = {"thought", "tool_calls", "next_observation", "user_input"}


def recognise(samples: Sequence[Any], file: str) -> str:
    """Recognise records with `query` and `steps`, the steps holding thought, calls and observation."""
    for sample in map(from_columns, samples):
        if not isinstance(sample, dict) or not isinstance(sample.get("steps"), list) or "query" not in sample:
            return ""
        if any(not isinstance(step, dict) or not step.keys() & _STEP_FIELDS for step in sample["steps"]):
            return ""
    return "Records have query and steps with thought, tool_calls and next_observation." if samples else ""


def convert(record: RawRecord, companions: Companions) -> Iterable[Kept | Rejected]:
    """Give the record's trajectory, or why there is none."""
    return convert_unified(record, unified_1.parse)


def convert_unified(record: RawRecord, parse: Any) -> Iterable[Kept | Rejected]:
    """Read one record with a unified format's `parse`."""
    value = from_columns(record.value)
    try:
        trajectory = parse(value)
    except UnreadableRecordError as error:
        return (Rejected(error.what),)
    if not trajectory.query and not trajectory.steps:
        return (Rejected("The record has neither a query nor a step."),)
    source_id = value.get("unique_trajectory_id", "")
    return (Kept(trajectory, source_id if isinstance(source_id, str) else str(source_id)),)


def from_columns(value: Any) -> Any:
    """Return a record whose nested fields stand as JSON text as the record it was; any other as it is."""
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in _marks_of(value)):
        return value
    try:
        read = {key: _read_column(key, field) for key, field in value.items() if key != _OTHER_FIELDS}
        others = _read_column("tools", value.get(_OTHER_FIELDS, "{}"))
    except JsonTextError:
        return value
    return {**read, **others} if isinstance(others, dict) else value


def _marks_of(value: dict[str, Any]) -> tuple[str, ...]:
    return ("tools", "conversation" if "conversation" in value else "steps")


def _read_column(key: str, field: Any) -> Any:
    return parse_inner(field) if key in _JSON_COLUMNS and isinstance(field, str) else field


IMPORTER = Importer(
    name="unified_1",
    title="Unified format 1.0 (xLAM)",
    recognise=recognise,
    convert=convert,
    suffixes=(".json", ".jsonl", ".parquet"),
)
