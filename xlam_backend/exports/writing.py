"""Writes rows in a format, a batch at a time: the data, and what could not be written, with reasons."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.exports.base import Ending, ExportFormat, ExportRow, ExportSettings, Rendered
from xlam_backend.exports.sinks import opened_sink

BATCH_ROWS = 500
Tell = Callable[[int], None]


class Written(msgspec.Struct, frozen=True):
    """What was written: rows read, rows with at least one record, records, bytes and hash of the data.

    refused    reason -> rows (or steps, where each step is a record) that were not written
    left_out   what is not in the records -> rows it was in
    """

    row_count: int
    written_count: int
    record_count: int
    byte_count: int
    sha256: str
    refused: dict[str, int] = {}
    left_out: dict[str, int] = {}
    datasets: dict[str, int] = {}
    licences: dict[str, int] = {}

    @property
    def refused_count(self) -> int:
        """Return how many rows (or steps) were not written."""
        return sum(self.refused.values())


class Places(msgspec.Struct, frozen=True):
    """The files of an export: the data, its card, and the rows that were not written."""

    data: Path
    card: Path
    refused: Path


def places_of(target: Path) -> Places:
    """Return where the files of an export stand.

    >>> [path.name for path in msgspec.structs.astuple(places_of(Path("all.jsonl.gz")))]
    ['all.jsonl.gz', 'all.card.md', 'all.not-written.jsonl']
    """
    stem = target.name.removesuffix(ending_of(target))
    return Places(target, target.with_name(f"{stem}.card.md"), target.with_name(f"{stem}.not-written.jsonl"))


def ending_of(target: Path) -> Ending:
    """Return the ending that says how a file is written; SettingError for another one."""
    endings: tuple[Ending, ...] = (".jsonl.gz", ".jsonl", ".parquet")
    for ending in endings:
        if target.name.endswith(ending) and target.name != ending:
            return ending
    raise SettingError(
        f"{target.name!r} is no name for an export.", "End it in .jsonl, .jsonl.gz or .parquet."
    )


def check_choice(form: ExportFormat, target: Path, settings: ExportSettings) -> None:
    """Refuse what cannot be: an ending that the format does not have, a template without its tokenizer."""
    ending = ending_of(target)
    if ending not in form.endings:
        raise SettingError(
            f"The format {form.name} is not written as {ending}.",
            f"End the file in {' or '.join(form.endings)}.",
        )
    if form.needs_tokenizer and not settings.tokenizer:
        raise SettingError(
            f"The format {form.name} needs a tokenizer.", "Name its folder, or a model on the hub."
        )


def write_rows(
    rows: Iterable[ExportRow],
    form: ExportFormat,
    places: Places,
    *,
    settings: ExportSettings | None = None,
    tell: Tell | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Written:
    """Write rows to drafts of the data and of the list of what was not written; `publish` finishes them.

    The same rows give the same bytes.

    Raises:
        StoppedError: `should_stop` said so; the drafts are gone.
    """
    chosen = settings or ExportSettings()
    check_choice(form, places.data, chosen)
    tally = _Tally()
    try:
        with ExitStack() as files:
            data = files.enter_context(
                opened_sink(draft_of(places.data), ending_of(places.data), form.columns)
            )
            refused = files.enter_context(opened_sink(draft_of(places.refused), ".jsonl", {}))
            for batch in batches(rows, BATCH_ROWS):
                for row, made in zip(batch, form.render_all(batch, chosen), strict=True):
                    tally.add(row, made)
                    for record in made.records:
                        data.write(record)
                    for one in made.refused:
                        refused.write(_refusal_record(one.row_id, one.step, one.reason))
                if tell is not None:
                    tell(tally.row_count)
                _refuse_if(should_stop)
    except BaseException:
        drop_drafts(places)
        raise
    return tally.written(draft_of(places.data))


def _refuse_if(should_stop: Callable[[], bool] | None) -> None:
    if should_stop is not None and should_stop():
        raise StoppedError("The export was stopped; nothing was written.")


def publish(places: Places, card: str | None, *, has_refused: bool) -> None:
    """Put the finished files in their places: the data last, so that whoever sees it has all of it."""
    if card is not None:
        draft_of(places.card).write_text(card, encoding="utf-8")
        draft_of(places.card).replace(places.card)
    if has_refused:
        draft_of(places.refused).replace(places.refused)
    else:
        draft_of(places.refused).unlink(missing_ok=True)
        places.refused.unlink(missing_ok=True)
    draft_of(places.data).replace(places.data)


def drop_drafts(places: Places) -> None:
    """Remove what is not finished."""
    for path in (places.data, places.card, places.refused):
        draft_of(path).unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Return where a file stands until it is finished."""
    return path.with_name(f".{path.name}.part")


def batches(rows: Iterable[ExportRow], size: int) -> Iterator[list[ExportRow]]:
    """Yield rows a batch at a time."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _refusal_record(row_id: str, step: int | None, reason: str) -> dict[str, Any]:
    record: dict[str, Any] = {"id": row_id, "reason": reason}
    return record if step is None else {**record, "step": step + 1}


class _Tally:
    """Counts what becomes of rows."""

    def __init__(self) -> None:
        self.row_count = self.written_count = self.record_count = 0
        self.refused: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.datasets: Counter[str] = Counter()
        self.licences: Counter[str] = Counter()

    def add(self, row: ExportRow, made: Rendered) -> None:
        """Count one row."""
        self.row_count += 1
        self.record_count += len(made.records)
        self.refused.update(one.reason for one in made.refused)
        if not made.records:
            return
        self.written_count += 1
        self.left_out.update(made.left_out)
        self.datasets[row.dataset] += 1
        self.licences[getattr(row, "licence", "")] += 1

    def written(self, data: Path) -> Written:
        """Return the counts with what lies on the disk."""
        with data.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        counts = (self.refused, self.left_out, self.datasets, self.licences)
        return Written(
            self.row_count,
            self.written_count,
            self.record_count,
            data.stat().st_size,
            digest,
            *(dict(sorted(count.items())) for count in counts),
        )
