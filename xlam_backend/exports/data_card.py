"""The data card of an export: what it holds, where from, under which licences, what is not in it and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

import msgspec

from xlam_backend.domain.model_name import portable_name
from xlam_backend.exports.base import ExportFormat, ExportSettings
from xlam_backend.exports.facts import SourceFacts
from xlam_backend.exports.writing import Written

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_MARKDOWN = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>#|!"} | {"\n": " ", "\r": " "})


class CardFacts(msgspec.Struct, frozen=True):
    """Everything the card says."""

    data_file: str
    written_at: datetime
    form: ExportFormat
    settings: ExportSettings
    written: Written
    source: SourceFacts


def write_card(facts: CardFacts) -> str:
    """Return the card as Markdown with the header the Hugging Face hub reads."""
    parts = (_header, _contents, _not_written, _sources, _lineage, _quality)
    return "\n".join(chain.from_iterable(part(facts) for part in parts)) + "\n"


def licences_of(facts: CardFacts) -> list[str]:
    """Return the licences of what was written; "" stands for one that nobody stated."""
    by_dataset = {dataset.name: dataset.licence for dataset in facts.source.datasets}
    named = {by_dataset.get(name, "") for name in facts.written.datasets}
    stated = {licence for licence in facts.written.licences if licence}
    return sorted(stated | (named if by_dataset else set())) or [""]


def _header(facts: CardFacts) -> Iterator[str]:
    licences = licences_of(facts)
    is_known = len(licences) == 1 and licences[0]
    yield from (
        "---",
        f"license: {msgspec.json.encode(licences[0]).decode() if is_known else 'other'}",
    )
    yield f"size_categories: [{_size(facts.written.record_count)}]"
    yield from ("tags: [function-calling, tool-use, agent-trajectories]", "---", "")


def _size(count: int) -> str:
    return next((name for limit, name in _SIZES if count < limit), "n>1M")


def _contents(facts: CardFacts) -> Iterator[str]:
    written = facts.written
    subject = "pairs" if facts.form.subject == "pair" else "trajectories"
    yield from (f"# {_plain(facts.data_file)}", "")
    rows = [(subject, f"{written.written_count:,}")]
    if written.record_count != written.written_count:
        rows.append(("records", f"{written.record_count:,}"))
    rows += [(name, f"{count:,}") for name, count in facts.source.counts.items()]
    rows += [
        ("format", f"{facts.form.name}: {facts.form.title}"),
        ("bytes", f"{written.byte_count:,}"),
        ("SHA-256", written.sha256),
        ("written", facts.written_at.isoformat(timespec="seconds")),
        ("narrowed to", facts.source.narrowed),
    ]
    if facts.form.needs_tokenizer:
        rows.append(("tokenizer", portable_name(facts.settings.tokenizer)))
    yield from _table(("what", "value"), rows)


def _not_written(facts: CardFacts) -> Iterator[str]:
    written = facts.written
    if written.refused:
        what = "steps" if facts.form.is_per_step else "rows"
        yield from ("## What is not in it", "")
        yield f"The format cannot hold these; each is listed by its id in the file *{_plain('not-written')}*."
        yield ""
        yield from _table(("why", what), [(why, f"{count:,}") for why, count in written.refused.items()])
    if written.left_out:
        yield from ("## What its rows do not say", "")
        yield from _table(
            ("left out", "rows that had it"),
            [(what, f"{count:,}") for what, count in written.left_out.items()],
        )


def _sources(facts: CardFacts) -> Iterator[str]:
    yield from ("## Where it comes from", "")
    known = {dataset.name: dataset for dataset in facts.source.datasets}
    rows = []
    for name, count in facts.written.datasets.items():
        dataset = known.get(name)
        more = (dataset.read_as, dataset.licence, dataset.source) if dataset else ("", "", "")
        rows.append((name or "not stated", f"{count:,}", *more))
    yield from _table(("dataset", "rows here", "read as", "licence", "source"), rows)
    stated = {name: count for name, count in facts.written.licences.items() if name}
    if stated:
        yield from ("### Licences", "")
        yield from _table(("licence", "rows"), [(name, f"{count:,}") for name, count in stated.items()])
    files = [file for file in facts.source.files if file.dataset in facts.written.datasets]
    if files:
        yield from ("### Files read", "")
        yield from _table(
            ("dataset", "file", "bytes", "SHA-256"),
            [(file.dataset, file.file, f"{file.byte_count:,}", file.sha256) for file in files],
        )


def _lineage(facts: CardFacts) -> Iterator[str]:
    if facts.source.lineage:
        yield from ("## How it came about", "")
        yield from _table(("what", "value"), facts.source.lineage.items())


def _quality(facts: CardFacts) -> Iterator[str]:
    if facts.source.findings is None:
        return
    yield from ("## What the checks still say", "")
    if not facts.source.findings:
        yield from ("No check has a finding about these trajectories.", "")
        return
    yield from _table(
        ("check", "level", "trajectories"),
        [(check, level, f"{count:,}") for check, level, count in facts.source.findings],
    )


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(header)
    yield f"| {' | '.join(names)} |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"
    yield ""


def _plain(text: str) -> str:
    """Write a name from data so that Markdown shows it and does nothing with it."""
    return text.translate(_MARKDOWN)
