"""The exports that lie in a data folder: their names, the list of them, and taking one away."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.writing import places_of
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store

_ENDINGS = (".jsonl", ".jsonl.gz", ".parquet")
_LISTS = ".not-written.jsonl"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_PART = 60


class ExportFile(msgspec.Struct, frozen=True):
    """A finished export: its files, the size of the data, and when it was written."""

    data: Path
    card: Path
    refused: Path
    byte_count: int
    written_at: float

    @property
    def name(self) -> str:
        """Return the name of the data file."""
        return self.data.name


def exports_folder(data_folder: Path) -> Path:
    """Return the folder that exports are written into."""
    return data_folder / "exports"


def new_target(folder: Path, plan: ExportPlan, *, now: datetime) -> Path:
    """Return a free name in `folder` that says what is in the file.

    >>> from xlam_backend.domain.filters import Filters
    >>> wanted = ExportPlan("unified_1", filters=Filters(dataset="a/../b"))
    >>> new_target(Path("none"), wanted, now=datetime(2026, 1, 2)).name
    'a_b-unified_1-20260102-000000.jsonl.gz'
    """
    named = [
        cleaned for part in _parts(plan) if (cleaned := _UNSAFE.sub("_", part).strip("_-")[:_LONGEST_PART])
    ]
    stem = "-".join([*(named or ["view"]), plan.format_name, now.strftime("%Y%m%d-%H%M%S")])
    taken = {path.name.split(".")[0] for path in folder.glob(f"{stem}*")} if folder.is_dir() else set()
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 2))]
    return folder / (next(name for name in names if name not in taken) + plan.ending)


def _parts(plan: ExportPlan) -> list[str]:
    if plan.origin == "release":
        return ["release", plan.release[:12]]
    filters = plan.pairs.filters if plan.origin == "pairs" else plan.filters
    kind = ["pairs"] if plan.origin == "pairs" else []
    return [*kind, filters.dataset, filters.check] if filters.dataset or filters.check else kind or ["store"]


def list_exports(folder: Path) -> tuple[ExportFile, ...]:
    """Return the finished exports of a folder, the newest first."""
    if not folder.is_dir():
        return ()
    found = [_export_file(path) for path in folder.iterdir() if _is_data(path.name)]
    return tuple(sorted(found, key=lambda export: (-export.written_at, export.name)))


def remove_export(store: Store, name: str, *, person: Person, now: datetime) -> None:
    """Take an export and what lies beside it away.

    Raises:
        AccessDeniedError: the person may not export.
        NotFoundError: no export of this name lies in the folder.
    """
    require(person, "export")
    export = next((one for one in list_exports(exports_folder(store.folder)) if one.name == name), None)
    if export is None:
        raise NotFoundError(f"There is no export named {name!r}.", "It may have been removed already.")
    for path in (export.data, export.card, export.refused):
        path.unlink(missing_ok=True)
    with store.write() as cursor:
        write_audit(cursor, store, person, "export", f"file {name}", {"removed": True}, now=now)


def _is_data(name: str) -> bool:
    return name.endswith(_ENDINGS) and not name.endswith(_LISTS) and not name.startswith(".")


def _export_file(path: Path) -> ExportFile:
    state = path.stat()
    places = places_of(path)
    return ExportFile(path, places.card, places.refused, state.st_size, state.st_mtime)
