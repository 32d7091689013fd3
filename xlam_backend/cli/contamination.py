"""`contamination` marks evaluation sets, looks for them in training data, and lists what it found."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.contamination_run import start_search
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.runs import finish_run, refuse_not_taken, tell_started
from xlam_backend.curation import evaluation_sets
from xlam_backend.curation.evaluation_sets import MatchedPair, SearchResult
from xlam_backend.domain.contamination import METHODS, ContaminationSettings, Method
from xlam_backend.runs.state import RunStatus


@click.group("contamination", cls=StudioGroup)
def contamination() -> None:
    """Evaluation sets, and what of them stands in training data."""


@contamination.command("sets")
@pass_caller
def show_sets(caller: Caller, /) -> None:
    """List every dataset, and whether it is an evaluation set."""
    sets = evaluation_sets.list_evaluation_sets(caller.store)
    rows = [
        (each.dataset, f"{each.trajectory_count:,}", "evaluation set" if each.is_evaluation else "")
        for each in sets
    ]
    caller.answer_table(sets, ("dataset", "trajectories", ""), rows)


@contamination.command("mark")
@click.argument("dataset")
@pass_caller
def mark(caller: Caller, /, dataset: str) -> None:
    """Mark a DATASET as an evaluation set: nothing like it may be trained on."""
    _mark(caller, dataset, is_evaluation=True)


@contamination.command("unmark")
@click.argument("dataset")
@pass_caller
def unmark(caller: Caller, /, dataset: str) -> None:
    """Take the mark of a DATASET back; what was found of it counts no more."""
    _mark(caller, dataset, is_evaluation=False)


def _mark(caller: Caller, dataset: str, *, is_evaluation: bool) -> None:
    found = evaluation_sets.set_by_name(caller.store, dataset)
    evaluation_sets.mark(
        caller.store, found.dataset_no, is_evaluation=is_evaluation, person=caller.person(), now=caller.now
    )
    words = "is an evaluation set" if is_evaluation else "is no evaluation set"
    caller.answer({"dataset": dataset, "is_evaluation": is_evaluation}, f"{dataset} {words}")


@contamination.command("search")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="May be repeated. Default: n-gram, which needs no model.",
)
@click.option("--gram-words", type=int, default=8, help="How many words in a row make an n-gram.")
@click.option(
    "--least-share",
    type=float,
    default=0.5,
    help="Share of the words of an evaluation text that must stand in common n-grams.",
)
@click.option("--least-cosine", type=float, default=0.9, help="Cosine from which embeddings match.")
@click.option("--model", default="", metavar="NAME", help="Embedding model: a name or a folder.")
@click.option("--dataset", default="", metavar="NAME", help="Search only this training data.")
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def search(caller: Caller, /, methods: tuple[Method, ...], detach: bool, **given: Any) -> None:
    """Look in training data for what stands in the evaluation sets, and flag it."""
    if given["dataset"]:
        evaluation_sets.set_by_name(caller.store, given["dataset"])
    settings = ContaminationSettings(methods=methods or ("n-gram",), **given)
    run_id = start_search(caller.store, settings, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, _progress_line)
    refuse_not_taken(status)
    results = [each for each in evaluation_sets.read_results(caller.store) if each.run_id == run_id]
    caller.answer_table({"run_id": run_id, "results": results}, _RESULT_HEADER, map(_result_row, results))


@contamination.command("results")
@pass_caller
def show_results(caller: Caller, /) -> None:
    """Say what the searches that count found, by evaluation set and method."""
    results = evaluation_sets.read_results(caller.store)
    caller.answer_table(results, _RESULT_HEADER, map(_result_row, results))


@contamination.command("pairs")
@click.option("--set", "dataset", default="", metavar="NAME", help="Only of this evaluation set.")
@click.option("--method", type=click.Choice(["", *METHODS]), default="", help="Only found like this.")
@click.option("--first", type=click.IntRange(min=0), default=0, help="Leave out this many.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def show_pairs(caller: Caller, /, dataset: str, method: str, first: int, most: int) -> None:
    """List training requests beside the evaluation items they resemble, the surest first."""
    number = evaluation_sets.set_by_name(caller.store, dataset).dataset_no if dataset else 0
    found = evaluation_sets.find_matches(
        caller.store, method=method, dataset_no=number, first=first, count=most
    )
    lines = [line for row in found.rows for line in _pair_lines(row)]
    caller.answer(found, *lines, f"{len(found.rows):,} of {found.total:,} pairs")


@contamination.command("undo")
@click.argument("search_no", metavar="SEARCH", type=int)
@pass_caller
def undo(caller: Caller, /, search_no: int) -> None:
    """Take back what SEARCH found, with its findings; the search before it counts again, if there is one."""
    name = evaluation_sets.undo(caller.store, search_no, person=caller.person(), now=caller.now)
    record = {"search_no": search_no, "evaluation_set": name, "undone": True}
    caller.answer(record, f"search {search_no} of {name}: taken back")


_RESULT_HEADER = ("search", "evaluation set", "method", "searched", "contaminated", "of the set", "newer")


def _result_row(result: SearchResult) -> tuple[str, ...]:
    return (
        f"{result.search_no}",
        result.dataset,
        result.method,
        f"{result.trajectory_count:,}",
        f"{result.match_count:,}",
        f"{result.matched_evaluation_count:,} of {result.evaluation_count:,}",
        f"{result.newer_count:,}" if result.newer_count else "",
    )


def _pair_lines(pair: MatchedPair) -> list[str]:
    return [
        f"{pair.method} {pair.score:.2f}: {pair.dataset} {pair.trajectory_id}",
        f"  training    {pair.query}",
        f"  {pair.evaluation_set}: {pair.evaluation_id}",
        f"  evaluation  {pair.evaluation_query}",
        "",
    ]


def _progress_line(status: RunStatus) -> str:
    made = status.progress
    return f"contamination: {made.words}" if made else f"contamination: {status.state}"


COMMANDS = (contamination,)
