"""Freezes a mixture: the owner writes down what is to be frozen, a worker makes the files of the release.

Rows come out of the store in its own order, because that is how it reads fast. The worker throws them into
piles, one for each part of the release, and sorts each pile: what is kept in memory is one pile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from xlam_backend.domain.model_name import portable_name
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.training_row import LineageStep, TrainingRow
from xlam_backend.errors import InputError, RunError, StoppedError
from xlam_backend.mixture.card import write_card
from xlam_backend.mixture.draw import in_order
from xlam_backend.mixture.pool import Pool, estimate_tokens
from xlam_backend.mixture.preview import Mixture, Preview, describe, mix
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.mixture.recipe_text import read_recipe, write_recipe
from xlam_backend.releases.manifest import (
    CARD,
    MANIFEST,
    Manifest,
    ReleaseFile,
    SourceShare,
    manifest_bytes,
)
from xlam_backend.releases.row_table import encode_row, rows_to_parquet
from xlam_backend.runs.base import RunContext
from xlam_backend.store.chunk_files import read_chunk, write_chunk
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.derivations import read_tellings
from xlam_backend.store.mixture_lineage import LineageReader
from xlam_backend.store.stored_chunk import StoredTrajectory, decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks
from xlam_backend.training_text import sections, write_training_text
from xlam_backend.training_text.base import UntellableError

CHUNK_ROWS = 5_000
PART_ROWS = 20_000
JOB = "job.json"
PILED = "piled"
UNKNOWN_LICENCE = "not stated"

CountTokens = Callable[[TrainingRow], int]


class MixtureRefusedError(InputError):
    """A recipe cannot be frozen on what the store holds now."""


class FreezeJob(msgspec.Struct, frozen=True):
    """What is to be frozen: the recipe as it is written into the release, and the counts of the preview."""

    recipe: str
    row_count: int
    chunk_count: int
    token_rule: str
    left_out: dict[str, int]


class RowFacts(msgspec.Struct, frozen=True):
    """What is known of a row beside its trajectory; `positions` are its places in the release."""

    version_no: int
    positions: tuple[int, ...]
    source: str
    dataset: str
    category: str
    format_name: str
    licence: str
    token_count: int
    telling: Telling | None
    lineage: tuple[LineageStep, ...]


class _PiledRow(msgspec.Struct, frozen=True):
    position: int
    row: dict[str, Any]


def refuse_what_cannot_be_frozen(preview: Preview) -> None:
    """Raise MixtureRefusedError when something stands against freezing a mixture."""
    if preview.problems:
        words = " ".join(problem.words for problem in preview.problems)
        ways_out = dict.fromkeys(problem.way_out for problem in preview.problems)
        raise MixtureRefusedError(f"This mixture cannot be frozen. {words}", " ".join(ways_out))


def write_job(store: Store, folder: Path, recipe: Recipe) -> FreezeJob:
    """Write what is to be frozen into a folder.

    Raises:
        MixtureRefusedError: a gate of the recipe or a missing row forbids it.
    """
    mixture = mix(store, recipe)
    preview = describe(mixture)
    refuse_what_cannot_be_frozen(preview)
    place, copy = in_order(recipe, mixture.pool, mixture.drawn)
    del copy  # the order alone says which copy comes first
    taken = np.flatnonzero(mixture.drawn.copies)
    by_version = taken[np.argsort(mixture.pool.columns.version_no[mixture.drawn.row[taken]])]
    positions = _Positions(place)
    reader = _FactReader(store, mixture)
    chunk_count = 0
    for start in range(0, len(by_version), CHUNK_ROWS):
        wanted = by_version[start : start + CHUNK_ROWS]
        numbers = mixture.pool.columns.version_no[mixture.drawn.row[wanted]]
        chunk = next(iter_stored_chunks(store, numbers, chunk_rows=CHUNK_ROWS))
        if len(chunk.trajectories) < len(numbers):
            raise RunError("Rows left the store while they were being frozen.", "Freeze the recipe again.")
        write_chunk(folder, chunk_count, chunk)
        facts = [
            reader.facts(at, positions.of(at), lineage, telling)
            for at, lineage, telling in reader.read(wanted)
        ]
        (folder / _facts_name(chunk_count)).write_bytes(msgspec.json.Encoder().encode_lines(facts))
        chunk_count += 1
    job = FreezeJob(
        write_recipe(recipe),
        preview.row_count,
        chunk_count,
        preview.token_rule,
        {count.name: count.row_count for count in preview.left_out},
    )
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return job


def make_release(context: RunContext, folder: Path, *, tokenizer: CountTokens | None) -> None:
    """Make the files of the release as parts of a run; what is finished already is not made again.

    Raises:
        StoppedError: a person stopped the run.
    """
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=FreezeJob)
    recipe = read_recipe(job.recipe)
    total = 2 * job.row_count
    piles = context.folder / "state" / "piles"
    if not (context.folder / "state" / PILED).exists():
        _pile(context, folder, job, piles, tokenizer=tokenizer)
        (context.folder / "state" / PILED).write_bytes(b"")
    tally = _Tally(recipe.context)
    files = []
    for number in range(-(-job.row_count // PART_ROWS)):
        _stop_if_asked(context)
        rows = _sorted_rows(piles / _pile_name(number))
        for row in rows:
            tally.add(row)
        content = rows_to_parquet(rows)
        name = f"part-{number:05}.parquet"
        if not context.has_part(name):
            context.write_part(name, content)
        files.append(_file(name, content, len(rows)))
        context.progress(job.row_count + tally.row_count, total, f"{tally.row_count:,} rows written")
    if tally.row_count != job.row_count:
        raise RunError(
            f"{tally.row_count:,} rows were written instead of {job.row_count:,}.", "Freeze the recipe again."
        )
    rule = job.token_rule
    if tokenizer is not None:
        name = portable_name(recipe.tokenizer)
        rule = f"tokens of {name}: the prompt before the last step with its answer, in full"
    manifest = tally.manifest(recipe, job, tuple(files), rule)
    card = write_card(manifest, recipe).encode()
    manifest = msgspec.structs.replace(manifest, card=_file(CARD, card, 0))
    context.write_part(CARD, card)
    context.write_part(MANIFEST, manifest_bytes(manifest))


def token_counter(tokenizer: Any) -> CountTokens:
    """Return what counts a row's tokens with a tokenizer of transformers."""

    def count(row: TrainingRow) -> int:
        text = _whole_text(row)
        return len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    return count


def _whole_text(row: TrainingRow) -> str:
    """Return the prompt before the last step with its answer; what cannot be told so, as JSON."""
    last = len(row.trajectory.steps) - 1
    try:
        return write_training_text(row.trajectory, last, sections.STYLE.name, row.telling).text
    except UntellableError:
        return msgspec.json.encode(row.trajectory).decode()


class _Positions:
    """Where each drawn row stands in the release: as many places as it has copies."""

    def __init__(self, places: Integers) -> None:
        order = np.argsort(places, kind="stable")
        self._places, self._order = places[order], order

    def of(self, place: int) -> tuple[int, ...]:
        first, behind = np.searchsorted(self._places, [place, place + 1])
        return tuple(int(at) for at in self._order[first:behind])


class _FactReader:
    """Reads what is known of drawn rows, chunk by chunk."""

    def __init__(self, store: Store, mixture: Mixture) -> None:
        self._store, self._mixture = store, mixture
        self._lineage = LineageReader(store)
        self._tokens = estimate_tokens(mixture.pool.columns)
        labels = mixture.pool.categories
        self._categories = dict(zip(labels.trajectory_no.tolist(), labels.texts))

    def read(self, wanted: Integers) -> Iterator[tuple[int, tuple[LineageStep, ...], Telling | None]]:
        pool, drawn = self._mixture.pool, self._mixture.drawn
        rows = drawn.row[wanted]
        trajectory_nos = pool.columns.trajectory_no[rows].tolist()
        version_nos = pool.columns.version_no[rows].tolist()
        lineages = self._lineage.read(dict(zip(trajectory_nos, version_nos)))
        with self._store.cursor() as cursor:
            tellings = read_tellings(cursor, trajectory_nos)
        for at, number in zip(wanted.tolist(), trajectory_nos):
            yield at, lineages[number], tellings.get(number)

    def facts(
        self,
        place: int,
        positions: tuple[int, ...],
        lineage: tuple[LineageStep, ...],
        telling: Telling | None,
    ) -> RowFacts:
        pool: Pool = self._mixture.pool
        drawn = self._mixture.drawn
        row = int(drawn.row[place])
        columns = pool.columns
        return RowFacts(
            version_no=int(columns.version_no[row]),
            positions=positions,
            source=self._mixture.recipe.sources[int(drawn.source[place])].name,
            dataset=pool.names[int(columns.dataset_no[row])],
            category=self._categories.get(int(columns.trajectory_no[row]), ""),
            format_name=telling.format_name if telling else "",
            licence=pool.licences[int(pool.licence_place[row])].key,
            token_count=int(self._tokens[row]),
            telling=telling,
            lineage=lineage,
        )


def _pile(
    context: RunContext, folder: Path, job: FreezeJob, piles: Path, *, tokenizer: CountTokens | None
) -> None:
    """Write every row into the pile of its part; begun anew when it was not finished."""
    piles.mkdir(exist_ok=True)
    for left in piles.iterdir():
        left.unlink()
    encoder = msgspec.json.Encoder()
    done = 0
    for number in range(job.chunk_count):
        _stop_if_asked(context)
        lines: dict[int, list[_PiledRow]] = {}
        for piled in _chunk_rows(folder, number, tokenizer):
            lines.setdefault(piled.position // PART_ROWS, []).append(piled)
            done += 1
        for pile, rows in lines.items():
            with (piles / _pile_name(pile)).open("ab") as file:
                file.write(encoder.encode_lines(rows))
        context.progress(done, 2 * job.row_count, f"{done:,} of {job.row_count:,} rows read")


def _chunk_rows(folder: Path, number: int, tokenizer: CountTokens | None) -> Iterator[_PiledRow]:
    decoder = msgspec.json.Decoder(RowFacts)
    with (folder / _facts_name(number)).open("rb") as lines:
        facts = {one.version_no: one for one in map(decoder.decode, lines)}
    for stored in decode_chunk(read_chunk(folder, number)):
        known = facts[stored.version_no]
        row = _row(stored, known)
        if tokenizer is not None:
            row = msgspec.structs.replace(row, token_count=tokenizer(row))
        values = encode_row(row)
        for copy, position in enumerate(sorted(known.positions), start=1):
            again = values if copy == 1 else {**values, "row_id": f"{row.row_id}-{copy}"}
            yield _PiledRow(position, again)


def _row(stored: StoredTrajectory, facts: RowFacts) -> TrainingRow:
    return TrainingRow(
        row_id=stored.content_id,
        trajectory=stored.trajectory,
        telling=facts.telling,
        source=facts.source,
        dataset=facts.dataset,
        category=facts.category,
        format_name=facts.format_name,
        lineage=facts.lineage,
        trajectory_id=stored.trajectory_id,
        licence=facts.licence,
        token_count=facts.token_count,
    )


def _sorted_rows(pile: Path) -> list[dict[str, Any]]:
    decoder = msgspec.json.Decoder(_PiledRow)
    with pile.open("rb") as lines:
        rows = sorted(map(decoder.decode, lines), key=lambda piled: piled.position)
    return [piled.row for piled in rows]


class _Tally:
    """Counts the rows of a release for its manifest."""

    def __init__(self, context: int) -> None:
        self.row_count = self._tokens = self._over = 0
        self._context = context
        self._by: dict[str, dict[str, int]] = {
            "dataset": {},
            "category": {},
            "format_name": {},
            "licence": {},
            "source": {},
        }
        self._source_tokens: dict[str, int] = {}

    def add(self, row: dict[str, Any]) -> None:
        self.row_count += 1
        tokens: int = row["token_count"]
        self._tokens += tokens
        self._over += tokens > self._context
        for name, counts in self._by.items():
            counts[row[name]] = counts.get(row[name], 0) + 1
        self._source_tokens[row["source"]] = self._source_tokens.get(row["source"], 0) + tokens

    def manifest(
        self, recipe: Recipe, job: FreezeJob, files: tuple[ReleaseFile, ...], token_rule: str
    ) -> Manifest:
        of_source = self._by["source"]
        return Manifest(
            name=recipe.name,
            seed=recipe.seed,
            # The folders of a machine say nothing about the data.
            recipe=write_recipe(msgspec.structs.replace(recipe, tokenizer=portable_name(recipe.tokenizer))),
            row_count=self.row_count,
            token_count=self._tokens,
            token_rule=token_rule,
            context=recipe.context,
            over_context_count=self._over,
            sources=tuple(
                SourceShare(one.name, of_source.get(one.name, 0), self._source_tokens.get(one.name, 0))
                for one in recipe.sources
            ),
            datasets=_ordered(self._by["dataset"]),
            categories=_ordered(self._by["category"]),
            formats=_ordered(self._by["format_name"]),
            licences=_ordered({name or UNKNOWN_LICENCE: n for name, n in self._by["licence"].items()}),
            left_out=job.left_out,
            parts=files,
        )


def _ordered(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _file(name: str, content: bytes, row_count: int) -> ReleaseFile:
    return ReleaseFile(name, hashlib.sha256(content).hexdigest(), len(content), row_count)


def _stop_if_asked(context: RunContext) -> None:
    if context.should_stop():
        raise StoppedError("The run was stopped before the release was whole.", "Resume it to go on.")


def _facts_name(number: int) -> str:
    return f"facts-{number:05}.jsonl"


def _pile_name(number: int) -> str:
    return f"pile-{number:05}.jsonl"
