"""Takes a source into the store: files -> batches -> records -> trajectories -> chunks -> one transaction."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import StoppedError
from xlam_backend.importers import by_name
from xlam_backend.importers.base import (
    BrokenRecord,
    Companions,
    Importer,
    Kept,
    RawRecord,
    Rejected,
    unstated_licence,
)
from xlam_backend.importers.companions import NearbyFiles
from xlam_backend.importers.container import MIB, Limits, SkippedFile, SourceFile
from xlam_backend.importers.hub import PREFIX as HUB_PREFIX
from xlam_backend.importers.hub import is_hub_name
from xlam_backend.importers.json_text import take_repairs
from xlam_backend.importers.plan import Plan, PlannedFile, on_disk, plan_import
from xlam_backend.importers.reader import Batch, batch_records, read_batches
from xlam_backend.importers.report import ImportReport, Progress
from xlam_backend.importers.uploads import source_as_told
from xlam_backend.processes import map_in_processes, without_cycle_collection
from xlam_backend.store.chunk import Chunk
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import ImportCounts, ImportedFile, NewDataset
from xlam_backend.store.ingest import Ingest

Results = list[Kept | Rejected]

# A chunk is large enough that its cost per chunk vanishes, small enough that memory stays flat.
CHUNK_BYTES = 24 * MIB
CHUNK_RECORDS = 10_000
# Below this, starting worker processes takes longer than converting.
WORTH_PROCESSES_BYTES = 64 * MIB
_HASH_BLOCK = 4 * MIB


class Task(msgspec.Struct, frozen=True):
    """Work for one process: batches that become one chunk."""

    importer: Importer
    root: Path
    companions: tuple[Path, ...]
    batches: tuple[Batch, ...]


class Done(msgspec.Struct, frozen=True):
    """A finished task: its chunk, how many results its records gave, and how many bytes were read by then."""

    chunk: Chunk
    result_count: int
    batches: tuple[tuple[str, int], ...]


def import_source(
    store: Store,
    source: Path | str,
    *,
    person: Person,
    now: datetime,
    dataset: str | None = None,
    importer: str | None = None,
    licence: str | None = None,
    companions: Sequence[Path] = (),
    processes: int = 0,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> ImportReport:
    """Import a file, a folder, a zip file or a hub data set; all of it in one transaction.

    Args:
        store: where it goes.
        source: the file or folder, or `hf:owner/name` (see hub.py).
        person: who imports it.
        now: the time to record.
        dataset: the name people will call it; by default that of the file or folder.
        importer: the name of the format; by default it is recognised from the content.
        licence: what the person says; by default that none was stated, and the public source's.
        companions: files that belong to it but stand elsewhere (tool lists, schemas).
        processes: worker processes that convert records; small sources are converted here all the same.
        progress: called after each chunk.
        should_stop: asked after each chunk; True ends the import and leaves the store as it was.
        limits: how much the source may unpack to.

    Raises:
        SourceUnreadableError: nothing can be read, the format is not known, or a bomb was found.
        StoppedError: `should_stop` said so.
        AccessDeniedError: the person may not import.
    """
    require(person, "import")
    bounds = limits or Limits()
    with on_disk(source, bounds, fetched=_fetch_progress(progress), should_stop=should_stop) as root:
        plan = plan_import(root, by_name(importer) if importer else None, bounds)
        conversion = Conversion(plan, tuple(companions), bounds, progress, should_stop)
        described = describe_dataset(
            plan,
            name=dataset or default_dataset_name(str(source)),
            source=source_as_told(store.folder, str(source)),
            licence=licence,
        )
        with conversion.hashed_files() as files, Ingest(store, described, now=now) as ingest:
            ingest.note_person(person)
            for _, chunk in conversion.chunks(processes):
                ingest.add(chunk)
            for file in files():
                ingest.add_file(file)
        return make_report(described, ingest.counts, files(), plan.skipped, conversion.seconds)


def describe_dataset(plan: Plan, *, name: str, source: str, licence: str | None) -> NewDataset:
    """Return what is recorded about a dataset that this plan brings in."""
    return NewDataset(
        name=name,
        source=source,
        importer=plan.importer.name,
        importer_version=plan.importer.version,
        recognised_by=plan.reason,
        licence=licence or unstated_licence(plan.importer),
    )


def default_dataset_name(source: str) -> str:
    """Return what a dataset is called when nobody names it.

    >>> default_dataset_name("colleague/train.jsonl.gz"), default_dataset_name("hf:owner/name:train")
    ('train', 'owner/name:train')
    """
    if is_hub_name(source):
        return source.removeprefix(HUB_PREFIX)
    name = Path(source).resolve().name
    return name.split(".")[0] or name


def _fetch_progress(progress: Callable[[Progress], None] | None) -> Callable[[int], None] | None:
    if progress is None:
        return None
    started = time.perf_counter()
    return lambda rows: progress(Progress(0, 0, rows, 0, 0, time.perf_counter() - started))


def read_source(
    path: Path | str, importer_name: str | None = None, companions: Sequence[Path] = ()
) -> Iterator[tuple[RawRecord | BrokenRecord, Results]]:
    """Yield every record of a file or folder with what its importer gave, without a store."""
    limits = Limits()
    with on_disk(path, limits) as root:
        plan = plan_import(root, by_name(importer_name) if importer_name else None, limits)
        nearby = NearbyFiles(root, companions, limits)
        for planned in plan.files:
            beside = nearby.beside(planned.file.name)
            for batch in _batches_of(planned, limits):
                for record in batch_records(batch, plan.importer.record_type):
                    yield record, list(convert_record(plan.importer, record, beside))


def convert_record(
    importer: Importer, record: RawRecord | BrokenRecord, companions: Companions
) -> Sequence[Kept | Rejected]:
    """Return what a record gave, at least one result, whatever happens inside the importer."""
    if isinstance(record, BrokenRecord):
        # What has no bytes of its own is named by its file.
        return (Rejected(record.reason, "" if record.raw else record.place.file),)
    take_repairs()  # what a companion file needed is not this record's
    try:
        results = tuple(importer.convert(record, companions))
    except Exception as error:  # noqa: BLE001 one record must not stop an import; the reason is kept
        return (Rejected(_failure(error)),)
    if not results:
        return (Rejected("The importer gave nothing for this record."),)
    replaced = record.replaced + take_repairs()
    return [_with_repairs(result, replaced) for result in results] if replaced else results


def build_chunk(task: Task) -> Done:
    """Parse and convert the records of a task into a chunk; runs in any process."""
    with without_cycle_collection():
        return _build_chunk(task)


def _build_chunk(task: Task) -> Done:
    builder = ChunkBuilder()
    nearby = NearbyFiles(task.root, task.companions)
    result_count = 0
    for batch in task.batches:
        beside = nearby.beside(batch.file)
        for record in batch_records(batch, task.importer.record_type):
            builder.record_count += 1
            results = convert_record(task.importer, record, beside)
            result_count += len(results)
            _add_results(builder, record, results)
    ends = tuple((batch.file, batch.read_bytes) for batch in task.batches)
    return Done(builder.build(), result_count, ends)


def _add_results(
    builder: ChunkBuilder, record: RawRecord | BrokenRecord, results: Sequence[Kept | Rejected]
) -> None:
    place = record.place
    for result in results:
        if isinstance(result, Kept):
            builder.add(result.trajectory, result.source_id, place.file, place.line, place.key)
        else:
            builder.add_reject(place.file, place.line, place.key, result.part, result.reason, record.raw)


class Conversion:
    """A source on its way to chunks: its plan, what it may take, and whom it tells how far it is."""

    def __init__(
        self,
        plan: Plan,
        companions: tuple[Path, ...],
        limits: Limits,
        progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._plan = plan
        self._companions = companions
        self._limits = limits
        self._progress = progress
        self._should_stop = should_stop
        self._total_bytes = plan.total_bytes()
        self._read_bytes: dict[str, int] = {}
        self._result_count = 0
        self._record_count = 0
        self._rejected_count = 0
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._started

    @contextmanager
    def hashed_files(self) -> Iterator[Callable[[], tuple[ImportedFile, ...]]]:
        """Hash the files beside the work; gives the function that waits for the hashes."""
        with ExitStack() as stack:
            hashing = stack.enter_context(ThreadPoolExecutor(1, "hash"))
            files = [hashing.submit(_describe_file, planned.file) for planned in self._plan.files]
            stack.callback(hashing.shutdown, wait=True, cancel_futures=True)
            yield lambda: tuple(file.result() for file in files)

    def chunks(
        self, processes: int, is_kept: Callable[[int], bool] | None = None
    ) -> Iterator[tuple[int, Chunk]]:
        """Yield the chunks with their numbers, from 1, in order; those that are kept already are left out.

        The same files give the same chunks.

        Raises:
            StoppedError: the person has stopped it.
        """
        workers = processes if self._total_bytes >= WORTH_PROCESSES_BYTES else 0
        numbers: deque[int] = deque()

        def tasks() -> Iterator[Task]:
            for number, task in enumerate(self._tasks(), 1):
                if is_kept is not None and is_kept(number):
                    self._read_bytes.update((batch.file, batch.read_bytes) for batch in task.batches)
                else:
                    numbers.append(number)
                    yield task

        results = map_in_processes(build_chunk, tasks(), workers)
        try:
            for done in results:
                yield numbers.popleft(), done.chunk
                self._tell(done)
                if self._should_stop is not None and self._should_stop():
                    raise StoppedError(
                        "The import was stopped.", "Nothing was changed; import it again at any time."
                    )
        finally:
            results.close()

    def _tasks(self) -> Iterator[Task]:
        batches: list[Batch] = []
        size = records = 0
        for planned in self._plan.files:
            for batch in _batches_of(planned, self._limits):
                batches.append(batch)
                size += len(batch.lines) + sum(len(piece.raw) for piece in batch.pieces)
                records += batch.lines.count(b"\n") + len(batch.pieces)
                if size >= CHUNK_BYTES or records >= CHUNK_RECORDS:
                    yield self._task(batches)
                    batches, size, records = [], 0, 0
        if batches:
            yield self._task(batches)

    def _task(self, batches: list[Batch]) -> Task:
        return Task(self._plan.importer, self._plan.root, self._companions, tuple(batches))

    def _tell(self, done: Done) -> None:
        stored = len(done.chunk.trajectories) + len(done.chunk.rejects)
        if stored != done.result_count:
            raise AssertionError(f"read {done.result_count}, but kept and rejected {stored}")
        self._read_bytes.update(done.batches)
        self._result_count += done.result_count
        self._record_count += done.chunk.record_count
        self._rejected_count += len(done.chunk.rejects)
        if self._progress is not None:
            self._progress(
                Progress(
                    read_bytes=sum(self._read_bytes.values()),
                    total_bytes=self._total_bytes,
                    record_count=self._record_count,
                    kept_count=self._result_count - self._rejected_count,
                    rejected_count=self._rejected_count,
                    seconds=time.perf_counter() - self._started,
                )
            )


def make_report(
    dataset: NewDataset,
    counts: ImportCounts,
    files: tuple[ImportedFile, ...],
    skipped: tuple[SkippedFile, ...],
    seconds: float,
) -> ImportReport:
    """Return what an import says about itself."""
    return ImportReport(
        dataset=dataset.name,
        importer=dataset.importer,
        importer_version=dataset.importer_version,
        reason=dataset.recognised_by,
        licence=dataset.licence,
        record_count=counts.record_count,
        read_count=counts.read_count,
        kept_count=counts.kept_count,
        new_count=counts.new_count,
        repeated_count=counts.repeated_count,
        rejected_count=counts.rejected_count,
        files=files,
        skipped=skipped,
        seconds=seconds,
    )


def _batches_of(planned: PlannedFile, limits: Limits) -> Iterator[Batch]:
    return read_batches(planned.file, planned.form, planned.shape, limits)


def _describe_file(file: SourceFile) -> ImportedFile:
    digest = hashlib.sha256()
    with file.path.open("rb") as stream:
        while block := stream.read(_HASH_BLOCK):
            digest.update(block)
    return ImportedFile(file.name, file.byte_count(), digest.hexdigest())


def _failure(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})" if trace else ""
    return f"The importer failed: {type(error).__name__}: {str(error)[:300]}{place}"


def _with_repairs(result: Kept | Rejected, replaced: int) -> Kept | Rejected:
    """Note on the trajectory itself how many unreadable characters became U+FFFD."""
    if isinstance(result, Rejected):
        return result
    extra = {**result.trajectory.extra, "replaced_characters": replaced}
    return Kept(msgspec.structs.replace(result.trajectory, extra=extra), result.source_id)
