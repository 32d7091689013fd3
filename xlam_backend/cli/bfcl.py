"""`bfcl`: scoring answers to the leaderboard's questions, and holding the scorer against an oracle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from xlam_backend.bfcl.categories import VERSIONS, Version, categories_of, category_by_name
from xlam_backend.bfcl.decoding import DECODERS, decoder_by_name
from xlam_backend.bfcl.oracle import Agreement, CategoryAgreement, Disagreement, compare_with_oracle
from xlam_backend.bfcl.overall import overall_score
from xlam_backend.bfcl.question_files import QuestionSet, find_question_set
from xlam_backend.bfcl.reading import Reading
from xlam_backend.bfcl.readings import StricterTally
from xlam_backend.bfcl.result_files import ModelResults, read_results
from xlam_backend.bfcl.score_files import write_scores
from xlam_backend.bfcl.scored_results import ScoredResults, failures_of, score_results
from xlam_backend.cli import bfcl_files
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.cli.plain_text import one_line, percent, shorten, table_lines
from xlam_backend.domain.evaluation import Tally
from xlam_backend.settings import data_dir

_RAW_WIDTH = 160


@click.group("bfcl", cls=StudioGroup)
def bfcl() -> None:
    """The Berkeley Function Calling Leaderboard: scoring, its files, parity with the official tool."""


@bfcl.command("categories", needs_store=False)
@click.option(
    "--version", type=click.Choice(VERSIONS), default="v4", show_default=True, help="Which edition."
)
@pass_caller
def categories(caller: Caller, version: Version) -> None:
    """List the categories of a version: how many questions, and whether they are scored here."""
    found = categories_of(version)
    rows = [
        (one.name, one.group, one.count(version), _scored_words(one.kind, is_scored=one.is_scored_here))
        for one in found
    ]
    keys = ("name", "group", "questions", "scored")
    records = [dict(zip(keys, row)) for row in rows]
    caller.answer_table(records, ("category", "group", "questions", "scored here"), rows)


def _scored_words(kind: str, *, is_scored: bool) -> str:
    if kind == "executable":
        return "where nothing but calculating is asked for"
    return "yes" if is_scored else "no: not run"


@bfcl.command("decoders", needs_store=False)
@pass_caller
def decoders(caller: Caller) -> None:
    """List the ways in which models write calls, each with an example."""
    records = [{"name": one.name, "title": one.title, "example": one.example} for one in DECODERS]
    rows = [(one.name, one.title, one.example.replace("\n", " ")) for one in DECODERS]
    caller.answer_table(records, ("decoder", "what it reads", "example"), rows)


@bfcl.command("score", needs_store=False)
@click.argument("results", type=CALLER_PATH, metavar="FOLDER")
@click.option("--questions", required=True, metavar="SET", help="A question set, by its name or folder.")
@click.option("--decoder", default="", metavar="NAME", help="How the answers are written; see bfcl decoders.")
@click.option(
    "--names",
    type=click.Choice(["as-they-are", "underscores"]),
    default=None,
    help="Whether a_b stands for the function a.b; without it, only for calls of an API.",
)
@click.option(
    "--edition", type=click.Choice(["v4", "v1"]), default="v4", show_default=True, help="Whose checker."
)
@click.option("--to", "target", type=CALLER_PATH, metavar="FOLDER", help="Write official score files there.")
@pass_caller
def score(caller: Caller, /, results: str, questions: str, target: str | None, **asked: Any) -> None:
    """Score the official result files in a FOLDER, model by model."""
    asked_questions = find_question_set(data_dir(), questions)
    scored = []
    for one in read_results(Path(results), asked_questions):
        caller.progress(f"scoring {one.model}")
        judged = score_results(one, asked_questions, _reading(one, **asked))
        scored.append((one, judged))
        if target:
            _write_scores(Path(target), one, judged, asked_questions)
    record = [_score_record(one, judged) for one, judged in scored]
    lines = [line for one, judged in scored for line in _score_lines(one, judged)]
    caller.answer(record, *lines)


def _reading(results: ModelResults, decoder: str, names: str | None, edition: Any) -> Reading:
    name = decoder_by_name(decoder).name if decoder else "native" if results.is_native else "prompted"
    is_api = name == "native"
    has_underscores = is_api if names is None else names == "underscores"
    return Reading(
        decoder=name, underscore_to_dot=has_underscores, is_function_calling=is_api, edition=edition
    )


def _write_scores(root: Path, results: ModelResults, scored: ScoredResults, questions: QuestionSet) -> None:
    for name, tally in scored.tallies.items():
        failures = failures_of(scored, results, questions, name)
        write_scores(root, results.model, category_by_name(name), tally, failures, version=results.version)


def _score_record(results: ModelResults, scored: ScoredResults) -> dict[str, Any]:
    return {
        "model": results.model,
        "version": results.version,
        "categories": scored.tallies,
        "malformed_credits": {name: one.malformed for name, one in scored.stricter.items() if one.malformed},
        "overall": overall_score(results.version, scored.tallies).value,
        "faults": results.faults,
    }


def _score_lines(results: ModelResults, scored: ScoredResults) -> list[str]:
    rows = [_score_row(name, tally, scored.stricter.get(name)) for name, tally in scored.tallies.items()]
    header = ("category", "scored", "not answered", "correct", "accuracy", "of these malformed calls")
    overall = overall_score(results.version, scored.tallies)
    if overall.value is None:
        missing = ", ".join(overall.missing) or "answers"
        said = f"overall: withheld; not run: {shorten(missing, 90)}"
    else:
        said = f"overall: {overall.value:.2f}"
    faults = [f"{count:,} × {kind}" for kind, count in results.fault_counts().items()]
    return [
        f"{one_line(results.model)}, {results.version}",
        *table_lines(header, rows),
        said,
        *([f"in its files: {', '.join(faults)}"] if faults else []),
        "",
    ]


def _score_row(name: str, tally: Tally, stricter: StricterTally | None) -> tuple[Any, ...]:
    share = percent(tally.correct / tally.total) if tally.total else ""
    malformed = stricter.malformed if stricter else 0
    return (name, tally.total, tally.not_answered or None, tally.correct, share, malformed or None)


@bfcl.command("oracle", needs_store=False)
@click.argument("folder", type=CALLER_PATH, metavar="FOLDER")
@click.option(
    "--category", "names", multiple=True, metavar="NAME", help="Only this category; may be repeated."
)
@pass_caller
def oracle(caller: Caller, folder: str, names: tuple[str, ...]) -> None:
    """Hold the scorer against the verdicts in a FOLDER; print agreement and every disagreement.

    Exit status 1 where a verdict or error type of v4, or of an executable question, is not met.
    """
    agreement = compare_with_oracle(
        Path(folder), names, on_category=lambda name: caller.progress(f"scoring {name}")
    )
    caller.answer(agreement, *_agreement_lines(agreement))
    if not agreement.is_complete:
        click.get_current_context().exit(EXIT_ERROR)


def _agreement_lines(agreement: Agreement) -> list[str]:
    rows = [_agreement_row(one) for one in agreement.categories]
    lines = table_lines(("category", "verdicts", "answers", "agreed", ""), rows)
    for edition in ("v4", "then"):
        some = [one for one in agreement.categories if one.edition == edition]
        agreed, compared = sum(one.agreed for one in some), sum(one.compared for one in some)
        title = "v4" if edition == "v4" else "of their time"
        lines.append(f"verdicts and error types {title}: {agreed:,} of {compared:,} agree")
    if agreement.not_compared:
        left = ", ".join(f"{name} {count:,}" for name, count in agreement.not_compared.items())
        lines.append(f"not compared, only a network could tell: {left}")
    lines += [_disagreement_line(one) for one in agreement.disagreements]
    lines += _kinds_of_disagreement(agreement)
    return lines


def _agreement_row(one: CategoryAgreement) -> tuple[Any, ...]:
    words = _edition_words(one.edition, one.bfcl_version)
    missed = one.compared - one.agreed
    return (one.category, words, one.compared, one.agreed, f"{missed:,} missed" if missed else "all")


def _edition_words(edition: str, version: str) -> str:
    return "v4" if edition == "v4" else f"of {version}, at its time"


def _disagreement_line(one: Disagreement) -> str:
    raw = shorten(one_line(str(one.raw_output)), _RAW_WIDTH)
    edition = _edition_words(one.edition, one.bfcl_version)
    return f"{edition}: {one.model} {one.id}: expected {one.expected}, found {one.found}: {raw}"


def _kinds_of_disagreement(agreement: Agreement) -> list[str]:
    kinds = Counter(f"{one.category}: {one.expected} -> {one.found}" for one in agreement.disagreements)
    return [f"{count:,} × {words}" for words, count in kinds.most_common()]


for part in bfcl_files.FILE_COMMANDS:
    bfcl.add_command(part)

COMMANDS: tuple[click.Command, ...] = (bfcl,)
