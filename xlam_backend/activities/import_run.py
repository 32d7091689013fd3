"""The run that imports much: converts in a process of its own; the store takes it in whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.check_run import check_what_came
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import SourceUnreadableError
from xlam_backend.importers import by_name
from xlam_backend.importers.container import MIB, Limits, SkippedFile, SourceFile, find_files
from xlam_backend.importers.hub import is_hub_name
from xlam_backend.importers.pipeline import (
    Conversion,
    default_dataset_name,
    describe_dataset,
    make_report,
)
from xlam_backend.importers.plan import Plan, on_disk, plan_import
from xlam_backend.importers.report import Progress
from xlam_backend.importers.uploads import drop_uploads, is_upload, source_as_told
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTCOME, OUTPUT, STATE, part_names, write_record
from xlam_backend.runs.versions import code_and_library_versions
from xlam_backend.store.chunk import chunk_to_bytes, read_chunk
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.import_transaction import ImportCounts, ImportedFile, NewDataset
from xlam_backend.store.ingest import Ingest

KIND = "import"
# Below this the import itself is over before anybody would look at a run.
WORTH_A_RUN_BYTES = 20 * MIB

_SOURCE = "source.json"
_UPLOADED, _COMPANIONS = "uploaded", "companions"
_FACTS = "import.json"
_FINGERPRINT = "fingerprint"
_EDGE_BYTES = 64 * 1024


class ImportParams(msgspec.Struct, frozen=True):
    """The parameters of an import: `told` is how its source is recorded."""

    source: str
    dataset: str
    told: str
    importer: str | None = None
    licence: str | None = None
    companions: tuple[str, ...] = ()
    processes: int = 0


class SourcePlace(msgspec.Struct, frozen=True):
    """Where the worker finds the source and what belongs to it: paths below input/, or anywhere else."""

    source: str
    companions: tuple[str, ...] = ()


class ConvertedSource(msgspec.Struct, frozen=True):
    """What the worker knows of the source when all its chunks are made."""

    dataset: NewDataset
    files: tuple[ImportedFile, ...]
    skipped: tuple[SkippedFile, ...]
    seconds: float


def is_import_worth_a_run(source: str) -> bool:
    """Tell whether a source is so large (or so far away) that a run of its own should import it."""
    if is_hub_name(source):
        return True
    return sum(file.byte_count() for file in find_files(Path(source))) >= WORTH_A_RUN_BYTES


def start_import_run(
    store: Store,
    source: str,
    *,
    person: Person,
    now: datetime,
    dataset: str | None = None,
    importer: str | None = None,
    licence: str | None = None,
    companions: Sequence[Path] = (),
    processes: int = 0,
) -> str:
    """Import a source in a run of its own, and check it afterwards; returns the run's id.

    Uploads go into the run's folder; the run can be repeated only as long as its source is there.
    """
    require(person, "import")
    name = dataset or default_dataset_name(source)
    params = ImportParams(
        source,
        name,
        source_as_told(store.folder, source),
        importer,
        licence,
        tuple(map(str, companions)),
        processes or os.cpu_count() or 1,
    )
    run_id = start_run(
        store, KIND, msgspec.to_builtins(params), title=f"Import {name}", person=person, now=now
    )
    for kept in (Path(source), *companions):
        drop_uploads(store.folder, kept)
    return run_id


def _prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    wanted = msgspec.convert(params, ImportParams)
    if is_hub_name(wanted.source):
        place = SourcePlace(wanted.source)
        words = "from the Hugging Face hub"
        count = 0
    else:
        if not Path(wanted.source).exists():
            raise SourceUnreadableError(
                "The source is not there any more.", "Import it anew: an upload is kept for its own run only."
            )
        files = find_files(Path(wanted.source))
        count = sum(file.byte_count() for file in files)
        size = f"{count / MIB:,.1f} MB" if count >= MIB else f"{count / 1024:,.0f} kB"
        words = f"{size} in {len(files):,} {'file' if len(files) == 1 else 'files'}"
        place = SourcePlace(_keep(store, folder, Path(wanted.source), _UPLOADED))
    companions = tuple(
        _keep(store, folder, Path(each), f"{_COMPANIONS}/{number}")
        for number, each in enumerate(wanted.companions)
    )
    place = msgspec.structs.replace(place, companions=companions)
    write_record(folder / INPUT / _SOURCE, place)
    return Prepared(count, words)


def _keep(store: Store, folder: Path, source: Path, name: str) -> str:
    """Keep an upload in the run's folder; what lies elsewhere is read where it lies."""
    if not is_upload(store.folder, source):
        return str(source)
    target = folder / INPUT / name
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link)
        return name
    target.mkdir(parents=True)
    os.link(source, target / source.name)
    return f"{name}/{source.name}"


def _work(context: RunContext) -> None:
    params = msgspec.convert(context.params, ImportParams)
    place = msgspec.json.decode((context.folder / INPUT / _SOURCE).read_bytes(), type=SourcePlace)
    companions = tuple(_found(context, each) for each in place.companions)
    source = place.source if is_hub_name(place.source) else _found(context, place.source)
    limits = Limits()

    def tell(made: Progress) -> None:
        words = f"{made.kept_count:,} kept, {made.rejected_count:,} rejected"
        context.progress(made.read_bytes, made.total_bytes, words)

    def tell_fetched(rows: int) -> None:
        context.progress(0, 0, f"{rows:,} rows fetched")

    with on_disk(source, limits, fetched=tell_fetched, should_stop=context.should_stop) as root:
        plan = plan_import(root, by_name(params.importer) if params.importer else None, limits)
        _begin_anew_if_changed(context, plan)
        if not part_names(context.folder):
            context.progress(0, plan.total_bytes(), f"Reading as {plan.importer.title} …")
        conversion = Conversion(plan, companions, limits, tell, context.should_stop)
        with conversion.hashed_files() as files:
            for number, chunk in conversion.chunks(
                params.processes, lambda number: context.has_part(_part(number))
            ):
                context.write_part(_part(number), chunk_to_bytes(chunk))
            described = describe_dataset(
                plan, name=params.dataset, source=params.told, licence=params.licence
            )
            facts = ConvertedSource(described, files(), plan.skipped, conversion.seconds)
    write_record(context.folder / STATE / _FACTS, facts)


def _found(context: RunContext, place: str) -> Path:
    return context.folder / INPUT / place  # an absolute path stays what it is


def _part(number: int) -> str:
    return f"chunk-{number:06d}.arrow"


def _begin_anew_if_changed(context: RunContext, plan: Plan) -> None:
    """Drop the chunks of an earlier attempt that read other files, or read them in another way."""
    digest = hashlib.sha256(code_and_library_versions()["code"].encode())
    for planned in plan.files:
        digest.update(_edges(planned.file))
    fingerprint = context.folder / STATE / _FINGERPRINT
    if fingerprint.is_file() and fingerprint.read_text("ascii") != digest.hexdigest():
        context.log("The source or the program has changed since the last attempt: begun anew.")
        for name in part_names(context.folder):
            (context.folder / OUTPUT / name).unlink()
    fingerprint.write_text(digest.hexdigest(), "ascii")


def _edges(file: SourceFile) -> bytes:
    """Return what tells a file from another without reading it whole."""
    size = file.byte_count()
    with file.path.open("rb") as stream:
        head = stream.read(_EDGE_BYTES)
        stream.seek(max(0, size - _EDGE_BYTES))
        return b"\0".join(
            (file.name.encode("utf-8", "surrogateescape"), str(size).encode(), head, stream.read())
        )


def _take_in(taking: Taking) -> int:
    """Write all chunks in one transaction."""
    facts = msgspec.json.decode((taking.folder / STATE / _FACTS).read_bytes(), type=ConvertedSource)
    parts = [taking.folder / OUTPUT / name for name in part_names(taking.folder)]

    def note(cursor: Cursor, counts: ImportCounts) -> None:
        taking.mark(cursor, counts.new_count)

    with Ingest(taking.store, facts.dataset, now=taking.now) as ingest:
        ingest.note_person(taking.person)
        ingest.before_commit(note)
        for part in parts:
            ingest.add(read_chunk(part))
        for file in facts.files:
            ingest.add_file(file)
    report = make_report(facts.dataset, ingest.counts, facts.files, facts.skipped, facts.seconds)
    write_record(taking.folder / OUTCOME, report)
    return ingest.counts.new_count


RUN_KIND: RunKind = RunKind(
    KIND, "Import", "cpu", _prepare, _work, take_in_whole=_take_in, then=check_what_came
)
