"""What a run of an export works on, as files: the store's owner writes them, the worker reads them.

Rows of a view stand as chunks of the store, pairs as JSON Lines; a release is read where it lies, for it
never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.tool import Tool
from xlam_backend.errors import NotFoundError, SettingError
from xlam_backend.exports.base import ExportRow
from xlam_backend.exports.facts import SourceFacts, facts_of_pairs, facts_of_release, facts_of_view
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.exports.sources import Beside, rows_of_chunk, view_chunks
from xlam_backend.preference.rows import read_rows as read_pair_rows
from xlam_backend.releases.keeping import find_whole_release
from xlam_backend.releases.reading import read_manifest
from xlam_backend.releases.reading import read_rows as read_release_rows
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.connection import Store
from xlam_backend.store.search import find_all_numbers

_JOB = "job.json"
_PAIRS = "pairs.jsonl"
NOTHING = "Nothing matches: there is no row to export."


class ExportJob(msgspec.Struct, frozen=True):
    """The plan, how many rows there are, and what the card says of them."""

    plan: ExportPlan
    total: int
    facts: SourceFacts
    release_folder: str = ""
    chunk_count: int = 0


def write_job(store: Store, folder: Path, plan: ExportPlan) -> ExportJob:
    """Write the input of a run.

    Raises:
        SettingError: nothing matches.
    """
    if plan.origin == "release":
        job = _release_job(store, plan)
    elif plan.origin == "pairs":
        job = _pairs_job(store, folder, plan)
    else:
        job = _view_job(store, folder, plan)
    if not job.total:
        raise SettingError(NOTHING, "Take a filter away, or choose another source.")
    (folder / _JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> ExportJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / _JOB).read_bytes(), type=ExportJob)


def job_rows(folder: Path, job: ExportJob) -> Iterator[ExportRow]:
    """Yield the rows of a run."""
    if job.plan.origin == "release":
        yield from read_release_rows(_release_folder(job))
    elif job.plan.origin == "pairs":
        with (folder / _PAIRS).open("rb") as lines:
            for line in lines:
                yield msgspec.json.decode(line, type=PreferenceRow)
    else:
        tools: dict[int, Tool] = {}
        for number in range(job.chunk_count):
            beside = msgspec.json.decode(_beside(folder, number).read_bytes(), type=Beside)
            yield from rows_of_chunk(read_chunk(folder, number), beside, tools)


def _release_folder(job: ExportJob) -> Path:
    folder = Path(job.release_folder)
    if not folder.is_dir():
        raise NotFoundError("The release is not there any more.", "Choose another one.")
    read_manifest(folder)
    return folder


def _release_job(store: Store, plan: ExportPlan) -> ExportJob:
    release = find_whole_release(store.folder, plan.release)
    return ExportJob(plan, release.manifest.row_count, facts_of_release(release), str(release.folder))


def _pairs_job(store: Store, folder: Path, plan: ExportPlan) -> ExportJob:
    total = 0
    with (folder / _PAIRS).open("wb") as lines:
        for row in read_pair_rows(store, plan.pairs):
            lines.write(msgspec.json.encode(row) + b"\n")
            total += 1
    return ExportJob(plan, total, facts_of_pairs(store, plan.pairs))


def _view_job(store: Store, folder: Path, plan: ExportPlan) -> ExportJob:
    numbers = find_all_numbers(store, plan.filters)
    count = 0
    for at, (chunk, beside) in enumerate(view_chunks(store, numbers, plan.filters.dataset)):
        write_chunk(folder, at, chunk)
        _beside(folder, at).write_bytes(msgspec.json.encode(beside))
        count = at + 1
    facts = facts_of_view(store, plan.filters, numbers)
    return ExportJob(plan, len(numbers), facts, chunk_count=count)


def _beside(folder: Path, number: int) -> Path:
    return folder / f"beside-{number:05}.json"
