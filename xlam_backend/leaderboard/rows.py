"""The rows of the leaderboard: own evaluations, published tables, and the paper's, of one version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from xlam_backend.bfcl.categories import Version, categories_of, version_by_name
from xlam_backend.bfcl.columns import categories_in, columns_of
from xlam_backend.bfcl.overall import Overall, Unfinished, is_of_official_size, overall_score
from xlam_backend.domain.evaluation import Evaluation, Tally
from xlam_backend.domain.published import PublishedRow, PublishedTable
from xlam_backend.leaderboard.model_sizes import ModelSize, measured_size, told_size
from xlam_backend.leaderboard.paper import paper_table, read_paper
from xlam_backend.leaderboard.published_sums import check_sums
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import list_evaluations, read_all_tallies
from xlam_backend.store.published import list_published_tables, read_published_rows
from xlam_backend.training.models import list_models

Origin = Literal["own", "read in", "published"]
ORIGIN_WORDS: dict[Origin, str] = {
    "own": "answered and scored here",
    "read in": "answered elsewhere, scored here",
    "published": "as published",
}


class LeaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model's scores in one version, with who says so and of which day.

    `key` names the row in addresses. `values` holds percents by column, only of columns that were run in
    full; `of_what_was_run` those of which a part was run, made of that part. `intervals` are of 95 %, for
    each column whose questions are counted; `tallies` the counts themselves (of published rows those that
    their percents stand for). `question_set` is "" where the questions are the official ones.
    """

    key: str
    model: str
    origin: Origin
    source: str
    date: str
    version: Version
    values: dict[str, float]
    of_what_was_run: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    tallies: dict[str, Tally]
    missing: tuple[str, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    link: str = ""
    organization: str = ""
    licence: str = ""
    mode: str = ""
    question_set: str = ""
    set_hash: str = ""
    evaluation_no: int = 0
    is_scripted: bool = False
    size: ModelSize | None = None
    notes: tuple[str, ...] = ()

    def best_value(self, column: str) -> float | None:
        """The column's value, or where it was run in part what that part comes to."""
        value = self.values.get(column)
        return self.of_what_was_run.get(column) if value is None else value

    @property
    def is_comparable(self) -> bool:
        """Whether it answers the official questions, so that it stands beside published rows."""
        return not self.question_set


def leaderboard_rows(store: Store, version: Version) -> tuple[LeaderRow, ...]:
    """Return every row of a version: own evaluations, the newest first, then published ones by overall."""
    own = list(_own_rows(store, version))
    published = [*_published_rows(store, version), *_paper_rows(version)]
    published.sort(key=lambda row: (-row.values.get("overall", -1.0), row.model, row.key))
    return (*own, *published)


def usual_version(store: Store) -> Version:
    """Return the version to show first: that of the newest evaluation, or the paper's."""
    newest = next((one.version for one in list_evaluations(store)), "v2")
    return version_by_name(newest)


def _own_rows(store: Store, version: Version) -> Iterable[LeaderRow]:
    tallies = read_all_tallies(store)
    sizes = {
        one.name: measured_size(one.record.parameter_count)
        for one in list_models(store.folder)
        if one.record.parameter_count
    }
    for evaluation in list_evaluations(store):
        if evaluation.version == version:
            counts = tallies.get(evaluation.evaluation_no, {})
            yield _own_row(evaluation, version, counts, sizes.get(evaluation.kept_model))


def _own_row(
    evaluation: Evaluation, version: Version, counts: Mapping[str, Tally], size: ModelSize | None
) -> LeaderRow:
    known = {category.name for category in categories_of(version)}
    tallies = {name: tally for name, tally in counts.items() if name in known}
    score = overall_score(version, tallies)
    columns = score.columns.items()
    is_official = is_of_official_size(version, tallies)
    return LeaderRow(
        key=f"own-{evaluation.evaluation_no}",
        model=evaluation.model,
        origin=evaluation.source,
        source=_own_source(evaluation),
        date=f"{evaluation.made_at:%Y-%m-%d}",
        version=version,
        tallies=tallies,
        missing=score.missing,
        unfinished=score.unfinished,
        mode=evaluation.mode,
        question_set="" if is_official else evaluation.question_set,
        set_hash=evaluation.set_hash,
        evaluation_no=evaluation.evaluation_no,
        is_scripted=evaluation.is_scripted,
        size=size or told_size(evaluation.model),
        notes=tuple(_own_notes(evaluation, score, is_official=is_official)),
        values={name: one.value for name, one in columns if one.value is not None},
        of_what_was_run={
            name: one.of_what_was_run
            for name, one in columns
            if one.value is None and one.of_what_was_run is not None
        },
        intervals=_intervals(score),
    )


def _own_source(evaluation: Evaluation) -> str:
    if evaluation.source == "read in":
        return f"evaluation {evaluation.evaluation_no}, answers of {evaluation.origin or 'a folder'}"
    return f"evaluation {evaluation.evaluation_no}, by {evaluation.person or 'this machine'}"


def _own_notes(evaluation: Evaluation, score: Overall, *, is_official: bool) -> Iterable[str]:
    if not is_official:
        yield f"answers the questions of {evaluation.question_set}: not comparable with published rows"
    if score.missing:
        asked = len(categories_of(score.version))
        yield f"{asked - len(score.missing)} of {asked} categories were run; the overall is withheld"
    for one in score.unfinished:
        yield f"{one.category}: {one.scored:,} of {one.asked:,} questions have a verdict"


def _intervals(score: Overall) -> dict[str, tuple[float, float]]:
    return {
        name: (one.low, one.high)
        for name, one in score.columns.items()
        if one.low is not None and one.high is not None
    }


def _published_rows(store: Store, version: Version) -> Iterable[LeaderRow]:
    tables = {table.table_no: table for table in list_published_tables(store) if table.version == version}
    grouped: dict[tuple[str, str, str], list[PublishedRow]] = {}
    for row in read_published_rows(store, version):
        table = tables[row.table_no]
        grouped.setdefault((table.source, table.source_date, row.model), []).append(row)
    for (source, day, model), rows in grouped.items():
        scores: dict[str, float] = {}
        notes: list[str] = []
        for row in rows:
            notes += _contradictions(scores, row, tables[row.table_no])
            scores = {**row.scores, **scores}
        first = rows[0]
        yield _published_row(
            f"published-{first.table_no}-{first.line}",
            model,
            source,
            day,
            version,
            scores,
            notes=notes,
            link=_first(row.link for row in rows),
            organization=_first(row.organization for row in rows),
            licence=_first(row.licence for row in rows),
        )


def _contradictions(known: Mapping[str, float], row: PublishedRow, table: PublishedTable) -> list[str]:
    titles = {name: column.title for name, column in columns_of(version_by_name(table.version)).items()}
    return [
        f"{titles.get(name, name)}: {known[name]:.2f} in one file, {value:.2f} in {table.file_name}"
        for name, value in row.scores.items()
        if name in known and abs(known[name] - value) > 1e-9
    ]


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _paper_rows(version: Version) -> Iterable[LeaderRow]:
    if version != "v2":
        return
    paper, table = read_paper(), paper_table(5)
    for place, row in enumerate(table.rows, 1):
        scores = {name: float(str(value)) for name, value in zip(table.heads[1:], row[1:], strict=True)}
        model = str(row[0])
        whose = "the authors' own run" if model.startswith("xLAM-") else "taken from the public leaderboard"
        yield _published_row(
            f"paper-{place}",
            model,
            "xLAM paper, Table 5 (arXiv:2409.03215)",
            paper.date,
            version,
            scores,
            notes=[whose],
        )


def _published_row(
    key: str,
    model: str,
    source: str,
    day: str,
    version: Version,
    scores: dict[str, float],
    *,
    notes: Iterable[str] = (),
    link: str = "",
    organization: str = "",
    licence: str = "",
) -> LeaderRow:
    tallies = _tallies_of(version, scores)
    return LeaderRow(
        key=key,
        model=model,
        origin="published",
        source=source,
        date=day,
        version=version,
        values=scores,
        of_what_was_run={},
        intervals=_published_intervals(version, scores, tallies),
        tallies=tallies,
        link=link,
        organization=organization,
        licence=licence,
        size=told_size(model),
        notes=(*notes, *_sum_notes(version, scores)),
    )


def _tallies_of(version: Version, scores: Mapping[str, float]) -> dict[str, Tally]:
    """Return the counts that published percents of categories stand for."""
    return {
        category.name: Tally(
            round(scores[category.name] * category.count(version) / 100), category.count(version)
        )
        for category in categories_of(version)
        if category.name in scores
    }


def _published_intervals(
    version: Version, scores: Mapping[str, float], tallies: Mapping[str, Tally]
) -> dict[str, tuple[float, float]]:
    if not tallies:
        return {}
    columns = columns_of(version)
    return {
        name: interval
        for name, interval in _intervals(overall_score(version, tallies)).items()
        if name in scores and all(part in tallies for part in categories_in(columns[name]))
    }


def _sum_notes(version: Version, scores: Mapping[str, float]) -> Iterable[str]:
    titles = columns_of(version)
    for check in check_sums(version, scores):
        if check.counts_not_run_as_zero and check.is_equal:
            yield "its overall counts what was not run (N/A) as 0"
        elif not check.is_equal:
            yield (
                f"{titles[check.column].title} is published as {check.published:.2f}; "
                f"its parts come to {check.computed:.2f}"
            )
