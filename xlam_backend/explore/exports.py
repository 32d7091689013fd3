"""The exports that lie in a data folder: their names, the list of them, and taking one away."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError
from xlam_backend.explore.export import ExportForm, card_path
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store

_ENDINGS = (".jsonl", ".jsonl.gz")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_PART = 60


class ExportFile(msgspec.Struct, frozen=True):
    """A finished export: its two files, the size of the data, and when it was written."""

    data: Path
    card: Path
    byte_count: int
    written_at: float

    @property
    def name(self) -> str:
        """Return the name of the data file."""
        return self.data.name


def exports_folder(data_folder: Path) -> Path:
    """Return the folder that exports are written into."""
    return data_folder / "exports"


def new_target(folder: Path, filters: Filters, *, form: ExportForm, packed: bool, now: datetime) -> Path:
    """Return a free name in `folder` that says what is in the file.

    >>> wanted = Filters(dataset="a/../b")
    >>> new_target(Path("none"), wanted, form="unified_1", packed=True, now=datetime(2026, 1, 2)).name
    'a_b-unified_1-20260102-000000.jsonl.gz'
    """
    parts = [filters.dataset, filters.check] if filters.dataset or filters.check else ["store"]
    named = [cleaned for part in parts if (cleaned := _UNSAFE.sub("_", part).strip("_-")[:_LONGEST_PART])]
    stem = "-".join([*(named or ["view"]), form, now.strftime("%Y%m%d-%H%M%S")])
    ending = ".jsonl.gz" if packed else ".jsonl"
    taken = {path.name.split(".")[0] for path in folder.glob(f"{stem}*")} if folder.is_dir() else set()
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 2))]
    return folder / (next(name for name in names if name not in taken) + ending)


def list_exports(folder: Path) -> tuple[ExportFile, ...]:
    """Return the finished exports of a folder, the newest first."""
    if not folder.is_dir():
        return ()
    found = [_export_file(path) for path in folder.iterdir() if path.name.endswith(_ENDINGS)]
    return tuple(sorted(found, key=lambda export: (-export.written_at, export.name)))


def remove_export(store: Store, name: str, *, person: Person, now: datetime) -> None:
    """Take an export and its card away.

    Raises:
        AccessDeniedError: the person may not export.
        NotFoundError: no export of this name lies in the folder.
    """
    require(person, "export")
    export = next((one for one in list_exports(exports_folder(store.folder)) if one.name == name), None)
    if export is None:
        raise NotFoundError(f"There is no export named {name!r}.", "It may have been removed already.")
    export.data.unlink(missing_ok=True)
    export.card.unlink(missing_ok=True)
    with store.write() as cursor:
        write_audit(cursor, store, person, "export", f"file {name}", {"removed": True}, now=now)


def _export_file(path: Path) -> ExportFile:
    state = path.stat()
    return ExportFile(path, card_path(path), state.st_size, state.st_mtime)
