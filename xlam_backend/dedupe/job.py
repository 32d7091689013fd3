"""What a search works on and what it makes, as files: the owner writes, the worker reads, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xlam_backend.dedupe.compared_row import hash_bytes, join_turns, meaning_of_calls
from xlam_backend.dedupe.units import ComparedRow
from xlam_backend.domain.near_duplicate import KeeperFacts, SearchSettings
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.errors import SettingError
from xlam_backend.store.compared_rows import find_compared, iter_compared, read_keeping_facts
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.near_duplicates import SearchTables
from xlam_backend.store.parquet_file import read_parquet
from xlam_backend.store.table_file import read_facts, read_tables, tables_to_bytes

FOUND = "found.arrow"
_JOB = "job.json"


class SearchJob(msgspec.Struct, frozen=True):
    """What is to be searched: the settings, and how many rows there are."""

    settings: SearchSettings
    row_count: int
    protected_count: int


class SearchFacts(msgspec.Struct, frozen=True):
    """What a search says about itself; see domain.near_duplicate.Search."""

    model: str
    model_sha256: str
    row_count: int
    text_count: int
    new_text_count: int
    no_text_count: int
    cut_count: int


def check_settings(settings: SearchSettings) -> None:
    """Refuse settings that mean nothing.

    Raises:
        SettingError: a similarity is not between 0 and 1, or the threshold lies below what is searched.
    """
    for name in ("threshold", "lowest_same_calls", "lowest_other_calls"):
        value = getattr(settings, name)
        if not 0 < value <= 1:
            raise SettingError(f"{name} is {value:g}.", "A similarity lies above 0 and is at most 1.")
    if settings.threshold < settings.lowest_same_calls:
        raise SettingError(
            f"The threshold {settings.threshold:g} lies below what is searched, "
            f"{settings.lowest_same_calls:g}.",
            "Raise the threshold, or search lower.",
        )


def write_job(store: Store, folder: Path, settings: SearchSettings) -> SearchJob:
    """Write the input of a search.

    Raises:
        SettingError: the settings mean nothing, an evaluation set is not there, or nothing matches.
    """
    check_settings(settings)
    known = {dataset.name for dataset in list_datasets(store)}
    missing = sorted(set(settings.evaluation_sets) - known)
    if missing:
        raise SettingError(f"There is no dataset {missing[0]!r}.", "The Import page lists them all.")
    numbers = find_compared(store, settings.filters, settings.evaluation_sets)
    if not len(numbers.version_nos):
        raise SettingError("No trajectory matches these filters.", "Take a filter away.")
    folder.mkdir(parents=True, exist_ok=True)
    for at, rows in enumerate(iter_compared(store, numbers.version_nos)):
        pq.write_table(rows, folder / f"rows-{at:05}.parquet")
    facts = read_keeping_facts(store)
    protected = pa.table({"version_no": numbers.version_nos[numbers.is_protected]})
    for name, table in (*facts._asdict().items(), ("protected", protected)):
        pq.write_table(table, folder / f"{name}.parquet")
    job = SearchJob(settings, len(numbers.version_nos), int(np.count_nonzero(numbers.is_protected)))
    (folder / _JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> SearchJob:
    """Return what is to be searched."""
    return msgspec.json.decode((folder / _JOB).read_bytes(), type=SearchJob)


def read_rows(folder: Path, seed: int) -> Iterator[ComparedRow]:
    """Yield the rows of a search."""
    findings = _columns(folder / "findings.parquet")
    ratings = _columns(folder / "ratings.parquet")
    tool_names = _columns(folder / "tools.parquet")
    protected = set(read_parquet(folder / "protected.parquet")["version_no"].to_pylist())
    for path in sorted(folder.glob("rows-*.parquet")):
        for row in read_parquet(path).to_pylist():
            number = row["version_no"]
            facts = KeeperFacts(
                is_protected=number in protected,
                finding_count=findings.get(number, 0),
                rating=ratings.get(number),
                step_count=row["step_count"],
                tie_break=_draw(seed, row["trajectory_id"]),
            )
            yield _compared(row, tool_names, facts)


def _columns(path: Path) -> dict[int, Any]:
    """Read a table of two columns as a dict."""
    keys, values = read_parquet(path).columns
    return dict(zip(keys.to_pylist(), values.to_pylist(), strict=True))


def _draw(seed: int, trajectory_id: str) -> int:
    return int.from_bytes(hash_bytes(f"{seed}:{trajectory_id}".encode())[:7], "big")


def _compared(row: dict[str, Any], tool_names: dict[int, str], facts: KeeperFacts) -> ComparedRow:
    calls = [
        ToolCall(call["name"], msgspec.json.decode(call["arguments"]), unreadable=call["unreadable"])
        for call in row["calls"]
    ]
    text = join_turns(row["query"], row["user_inputs"])
    offered = () if calls else [tool_names.get(number, "") for number in row["tools"]]
    meaning = meaning_of_calls(calls, offered, text)
    return ComparedRow(
        row["trajectory_no"],
        row["version_no"],
        row["trajectory_id"],
        row["dataset_no"],
        text,
        meaning.calls,
        meaning.tools,
        bool(calls),
        facts,
    )


def found_to_bytes(found: SearchTables, facts: SearchFacts) -> bytes:
    """Write what a search found as one file."""
    return tables_to_bytes(found, msgspec.to_builtins(facts))


def read_found(path: Path) -> tuple[SearchTables, SearchFacts]:
    """Read what a search found."""
    return SearchTables(*read_tables(path).tables), msgspec.convert(read_facts(path), SearchFacts)
