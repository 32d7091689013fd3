"""Unified format 2.0 (ActionStudio): {task_instruction, tools as functions, conversation}.

Read by `formats.unified_2`, which also writes it; this file recognises it and turns faults into rejects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xlam_backend.formats import unified_2
from xlam_backend.importers.base import Companions, Importer, Kept, RawRecord, Rejected
from xlam_backend.importers.unified_1 import convert_unified, from_columns


def recognise(samples: Sequence[Any], file: str) -> str:
    """Recognise records whose `conversation` is a list of role messages, beside `tools`."""
    for sample in map(from_columns, samples):
        if (
            not isinstance(sample, dict)
            or not isinstance(sample.get("conversation"), list)
            or "tools" not in sample
        ):
            return ""
        if any(not isinstance(message, dict) or "role" not in message for message in sample["conversation"]):
            return ""
    return "Records have tools and a conversation of messages with roles." if samples else ""


def convert(record: RawRecord, companions: Companions) -> Iterable[Kept | Rejected]:
    """Give the record's trajectory, or why there is none."""
    return convert_unified(record, unified_2.parse)


IMPORTER = Importer(
    name="unified_2",
    title="Unified format 2.0 (ActionStudio)",
    recognise=recognise,
    convert=convert,
    suffixes=(".json", ".jsonl", ".parquet"),
)
