"""`failures`: what a model gets wrong, beside another one, and the training data behind it."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.options import Function, option_names, with_options
from xlam_backend.cli.plain_text import shorten
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.evaluation.item_view import read_item_view
from xlam_backend.feedback.analysis import SliceAnalysis, analyse_slice
from xlam_backend.feedback.comparing import OUTCOMES, ComparedCategory, compare_models
from xlam_backend.feedback.error_codes import error_words
from xlam_backend.feedback.failures import (
    FailureStatistics,
    Slice,
    count_failures,
    find_evaluation,
    list_failures,
)
from xlam_backend.feedback.nearest import MOST_SAMPLES, NearestSample
from xlam_backend.feedback.requests import plan_review, send_to_review, write_data_request
from xlam_backend.feedback.trained_on import ModelWith, TrainedOn, find_trained_on
from xlam_backend.review.queues import preview_queue
from xlam_backend.statistics.estimate import show_estimate
from xlam_backend.statistics.intervals import show_rate

EVALUATION = click.argument("evaluation", metavar="EVALUATION")
RELEASE = click.option(
    "--release", default="", metavar="ID", help="The release to look into. Default: what the model learnt."
)
MOST = click.option(
    "--most", type=click.IntRange(1, MOST_SAMPLES), default=25, show_default=True, help="How many samples."
)
SLICE_OPTIONS = (
    click.option("--category", default="", metavar="NAME", help="Only failures of this category."),
    click.option(
        "--code",
        default="",
        type=click.Choice(["", *SPECTOOL_CODES]),
        help="Only failures of this SpecTool pattern.",
    ),
    click.option("--error-type", default="", metavar="NAME", help="Only failures of this official type."),
    click.option("--item", default="", metavar="ID", help="Only this question."),
)


def with_slice(command: Function) -> Function:
    """Give a command the options that narrow the failures down."""
    return with_options(command, SLICE_OPTIONS)


def take_slice(given: dict[str, Any]) -> Slice:
    """Take the slice out of the arguments of a command."""
    return Slice(**{name: given.pop(name) for name in option_names(SLICE_OPTIONS)})


@click.group("failures", cls=StudioGroup)
def failures() -> None:
    """What a model gets wrong; an EVALUATION is named by its number or by its model (then the newest)."""


@failures.command("count")
@EVALUATION
@pass_caller
def count(caller: Caller, evaluation: str) -> None:
    """Count the wrong answers of an EVALUATION by category, error type and SpecTool pattern."""
    found = count_failures(caller.store, find_evaluation(caller.store, evaluation).evaluation_no)
    caller.answer(found, *_count_lines(found))


@failures.command("list")
@EVALUATION
@with_slice
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Which page.")
@click.option("--page-size", type=click.IntRange(1, 1000), default=25, show_default=True, help="Its length.")
@pass_caller
def list_all(caller: Caller, /, evaluation: str, page: int, page_size: int, **given: Any) -> None:
    """List wrong answers of an EVALUATION."""
    number = find_evaluation(caller.store, evaluation).evaluation_no
    found = list_failures(caller.store, number, take_slice(given), page=page, page_size=page_size)
    rows = [
        (one.item.item_id, one.code, error_words(one.item.error_type), shorten(str(one.item.output), 70))
        for one in found.failures
    ]
    caller.answer_table(found, ("question", "pattern", "what is wrong", "answer"), rows)


@failures.command("show")
@EVALUATION
@click.argument("item", metavar="QUESTION")
@pass_caller
def show(caller: Caller, evaluation: str, item: str) -> None:
    """Show one answer of an EVALUATION beside what is allowed."""
    found = read_item_view(caller.store, find_evaluation(caller.store, evaluation).evaluation_no, item)
    allowed = () if found.question is None else found.question.possible_answer or ()
    answer = found.item
    verdict = {None: "not answered", True: "right", False: error_words(answer.error_type)}[answer.is_valid]
    caller.answer(
        found,
        f"{answer.item_id}: {verdict}",
        *answer.errors,
        f"  answered: {shorten(str(answer.output), 400)}",
        *(f"  allowed:  {shorten(msgspec.json.encode(one).decode(), 400)}" for one in allowed),
        *(f"  {one.kind}: {one.name} {one.argument} {one.words}".rstrip() for one in found.differences),
        *([found.set_words] if found.set_words else []),
    )


@failures.command("compare")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option("--outcome", default="", type=click.Choice(["", *OUTCOMES]), help="List these questions.")
@pass_caller
def compare(caller: Caller, before: str, after: str, outcome: str) -> None:
    """Compare two evaluations question by question: what AFTER wins and loses against BEFORE."""
    store = caller.store
    numbers = [find_evaluation(store, name).evaluation_no for name in (before, after)]
    found = compare_models(store, *numbers)
    lines = [f"Take care: {words}" for words in found.warnings]
    lines += [_compared_line(one) for one in (found.overall, *found.categories)]
    chosen = found.of(outcome=outcome) if outcome else ()
    lines += [f"  {one.outcome}: {one.first.item_id}" for one in chosen]
    left_out = {"only_before": found.only_first_count, "only_after": found.only_second_count}
    caller.answer(
        {
            "before": found.first,
            "after": found.second,
            "overall": found.overall,
            "categories": found.categories,
            "warnings": found.warnings,
            "questions": [{"item": one.first.item_id, "outcome": one.outcome} for one in chosen],
            **left_out,
        },
        *lines,
    )


@failures.command("nearest")
@EVALUATION
@with_slice
@RELEASE
@MOST
@pass_caller
def nearest(caller: Caller, /, evaluation: str, release: str, most: int, **given: Any) -> None:
    """Find the training samples nearest to wrong answers, and what the release holds of what they need."""
    found = _analyse(caller, evaluation, given, release, most)
    caller.answer(found, *_analysis_lines(found))


@failures.command("request")
@EVALUATION
@with_slice
@RELEASE
@pass_caller
def request(caller: Caller, /, evaluation: str, release: str, **given: Any) -> None:
    """Write what data would answer wrong answers, as a JSON document for whoever collects or writes it."""
    found = _analyse(caller, evaluation, given, release, 1)
    document = write_data_request(
        found.evaluation, found.wanted, found.lack, found.coverage, found.release_id
    )
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    caller.answer(document, *text.splitlines())


@failures.command("review")
@EVALUATION
@with_slice
@RELEASE
@MOST
@click.option("--name", default="", metavar="NAME", help="Name of the queue. Default: made of the slice.")
@click.option("--overlap", type=click.IntRange(1, 20), default=2, show_default=True, help="People an item.")
@click.option("--dry-run", is_flag=True, help="Only say what would be drawn.")
@pass_caller
def review(
    caller: Caller,
    /,
    evaluation: str,
    release: str,
    most: int,
    name: str,
    overlap: int,
    dry_run: bool,
    **given: Any,
) -> None:
    """Draw a review queue over the training samples nearest to wrong answers."""
    found = _analyse(caller, evaluation, given, release, most)
    plan = plan_review(found.evaluation, found.wanted, found.samples, found.lack, overlap=overlap)
    plan = msgspec.structs.replace(plan, name=name or plan.name)
    preview = preview_queue(caller.store, plan)
    words = f"{preview.drawn_flagged_count:,} flagged and {preview.drawn_unflagged_count:,} unflagged places"
    if dry_run:
        caller.answer({"plan": plan, "preview": preview}, f"{plan.name}: {words} would be drawn.")
        return
    number = send_to_review(caller.store, plan, person=caller.person(), now=caller.now)
    caller.answer({"queue_no": number, "plan": plan}, f"Queue {number}, {plan.name}: {words}.")


@failures.command("trained-on")
@click.argument("trajectory", metavar="TRAJECTORY")
@pass_caller
def trained_on(caller: Caller, trajectory: str) -> None:
    """Show the releases that hold a TRAJECTORY, the runs and models that learnt it, and their scores."""
    found = find_trained_on(caller.store, trajectory)
    caller.answer(found, *_trained_lines(found))


def _analyse(
    caller: Caller, evaluation: str, given: dict[str, Any], release: str, most: int
) -> SliceAnalysis:
    number = find_evaluation(caller.store, evaluation).evaluation_no
    return analyse_slice(caller.store, number, take_slice(given), release_name=release, most=most)


def _count_lines(found: FailureStatistics) -> list[str]:
    lines = [f"{found.evaluation.model}: {found.wrong.hits:,} wrong answers, {show_rate(found.wrong)}"]
    if found.not_answered_count:
        lines.append(f"{found.not_answered_count:,} questions without an answer, never scored")
    for line in found.categories:
        lines.append(f"  {line.category}: {line.wrong.hits:,}, {show_rate(line.wrong)}")
        lines += [
            f"    {one.count:>6,}  {one.code:<5}  {error_words(one.error_type)} ({one.error_type})"
            for one in sorted(found.counts, key=lambda one: -one.count)
            if one.category == line.category
        ]
    return lines


def _compared_line(one: ComparedCategory) -> str:
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in one.counts.items())
    p = "" if one.test.exact_p is None else f", McNemar exact p = {one.test.exact_p:.4f}"
    return f"{one.category or 'all'}: {counts}; gain {show_estimate(one.test.gain)}{p}"


def _analysis_lines(found: SliceAnalysis) -> list[str]:
    lines = [found.question_words] if found.question_words else []
    lines.append(f"{found.lack.failure_count:,} failures held against release {found.release_id[:12]}")
    lines += [
        f"  {tool.name}: needed by {tool.failure_count:,}; {tool.same_rows:,} rows call it, "
        f"{tool.near_rows:,} one like it"
        for tool in found.coverage.tools
    ]
    for one in (*found.coverage.shapes, *found.coverage.kinds, *found.coverage.errors):
        lines.append(f"  {one.words}: needed by {one.failure_count:,}; {one.rows_words}")
    lines.append("Nearest training samples:")
    return [*lines, *(_sample_line(one) for one in found.samples)]


def _sample_line(one: NearestSample) -> str:
    known = one.known
    said = "not in the store" if known is None else known.state
    checks = ", ".join(sorted({each.check for each in known.findings})) if known else ""
    return (
        f"  {one.score:.2f}  {one.row.trajectory_id[:12]}  {one.tool}  [{checks}] {said}  "
        f"{shorten(one.row.query, 60)}"
    )


def _trained_lines(found: TrainedOn) -> list[str]:
    if not found.releases and not found.runs:
        return ["No release holds it, and no training run was given a pair of it."]
    lines = []
    for one in found.releases:
        state = "as it is today" if one.is_current else "as it was before it was changed"
        how = state if one.how == "itself" else "something that was made from it"
        lines.append(f"release {one.release_id[:12]} {one.name}: {len(one.row_ids):,} rows, {how}")
    lines += [f"run {run.run_id} ({run.method}): {run.state}, {run.title}" for run in found.runs]
    return [*lines, *(line for model in found.models for line in _model_lines(model))]


def _model_lines(model: ModelWith) -> list[str]:
    through = f", which went on from {model.through}" if model.through else ""
    scores = [
        f"    {one.question_set}, {one.version}: {one.correct:,} of {one.total:,} right"
        for one in model.scores
    ]
    return [f"model {model.model.name}{through}", *(scores or ["    not evaluated"])]


COMMANDS = (failures,)
