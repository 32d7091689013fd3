"""`dedupe`: near-duplicates are searched for, looked at, decided on; every decision can be taken back."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from xlam_backend.activities.dedupe_run import start_search
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function
from xlam_backend.cli.plain_text import shorten
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.dedupe.clusters import (
    count_classes,
    latest_search,
    list_clusters,
    list_pairs,
    list_searches,
    read_cluster,
    read_search,
    threshold_curve,
)
from xlam_backend.dedupe.decisions import decide, decide_all, list_decisions, undo
from xlam_backend.domain.near_duplicate import (
    CHOICES,
    CLASS_TITLES,
    CLUSTER_STATES,
    PAIR_CLASSES,
    Choice,
    ClusterQuery,
    ClusterState,
    Decision,
    Member,
    PairClass,
    Search,
    SearchSettings,
)
from xlam_backend.errors import InputError, SettingError
from xlam_backend.review.duplicate_precision import read_precision
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.store.connection import Store
from xlam_backend.store.trajectories import find_trajectory

_CALLS_SHOWN = 3
_SHARE = click.FloatRange(0, 1, min_open=True)

SEARCH_OPTION = click.option(
    "--search", "search_no", type=int, default=0, metavar="N", help="The search. Default: the newest."
)
THRESHOLD_OPTION = click.option(
    "--threshold", type=_SHARE, default=None, help="Similarity. Default: the one the search was made with."
)


@click.group("dedupe", cls=StudioGroup)
def dedupe() -> None:
    """Find queries that say nearly the same and call the same tools; decide which of them stay."""


@dedupe.command("run")
@click.option(
    "--evaluation-set",
    "evaluation_sets",
    multiple=True,
    metavar="NAME",
    help="Compare with this dataset too, and never drop anything of it; may be repeated.",
)
@click.option("--model", default="", metavar="NAME", help="A sentence-transformers model, or its folder.")
@click.option("--threshold", type=_SHARE, default=SearchSettings().threshold, help="Alike from here on.")
@click.option(
    "--lowest",
    type=_SHARE,
    default=SearchSettings().lowest_same_calls,
    help="How far down pairs with the same calls are looked for.",
)
@click.option(
    "--lowest-other",
    type=_SHARE,
    default=SearchSettings().lowest_other_calls,
    help="How far down pairs with other calls are looked for.",
)
@click.option("--seed", type=int, default=0, help="Decides among rows that are equally good to keep.")
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@with_filters
@pass_caller
def run(caller: Caller, /, detach: bool, **given: Any) -> None:
    """Embed what is new, compare the trajectories that match, and wait for the end of the run."""
    filters = take_filters(caller.store, given)
    settings = SearchSettings(
        filters=filters,
        evaluation_sets=given["evaluation_sets"],
        model=given["model"],
        threshold=given["threshold"],
        lowest_same_calls=given["lowest"],
        lowest_other_calls=given["lowest_other"],
        seed=given["seed"],
    )
    run_id = start_search(caller.store, settings, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, _progress_line)
    refuse_not_taken(status)
    search = next(each for each in list_searches(caller.store) if each.run_id == run_id)
    found = list_clusters(caller.store, search.search_no, ClusterQuery(settings.threshold), count=0)
    classes = count_classes(caller.store, search.search_no, threshold=settings.threshold)
    record = {
        "run_id": run_id,
        "state": status.state,
        "search": search,
        "clusters": found.total,
        "rows_that_would_go": found.going_count,
        "pairs": classes,
    }
    caller.answer(record, *_search_lines(search, found.total, found.going_count), *_class_lines(classes))


@dedupe.command("list")
@pass_caller
def show_searches(caller: Caller, /) -> None:
    """List the searches there are, the newest first."""
    searches = list_searches(caller.store)
    rows = [
        (f"{one.search_no}", f"{one.made_at:%Y-%m-%d %H:%M}", one.model, f"{one.row_count:,}", one.person)
        for one in searches
    ]
    caller.answer_table(searches, ("search", "made", "model", "trajectories", "by"), rows)


def with_query(command: Function) -> Function:
    """Give a command the options of `ClusterQuery`."""
    for option in reversed(
        (
            SEARCH_OPTION,
            THRESHOLD_OPTION,
            click.option(
                "--state",
                type=click.Choice([state for state in CLUSTER_STATES if state]),
                default=None,
                help="Only clusters that are decided on, or that are not.",
            ),
            click.option("--dataset", default="", metavar="NAME", help="Only with a row of this dataset."),
            click.option("--across", is_flag=True, help="Only with rows of more than one dataset."),
            click.option("--evaluation", is_flag=True, help="Only with a row of an evaluation set."),
            click.option("--text", default="", help="Only where a query holds this text."),
        )
    ):
        command = option(command)
    return command


@dedupe.command("clusters")
@with_query
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def clusters(caller: Caller, /, most: int, **given: Any) -> None:
    """List clusters of near-duplicates, the largest first."""
    search, query = _query(caller.store, given)
    page = list_clusters(caller.store, search.search_no, query, count=most)
    rows = [
        (
            f"{one.number}",
            f"{one.size:,}",
            f"{one.lowest_similarity:.2f}",
            _state(one.kept_count, one.dropped_count),
            shorten(one.query),
        )
        for one in page.clusters
    ]
    caller.note(f"{page.total:,} clusters, {page.going_count:,} of {page.row_count:,} rows would go")
    caller.answer_table(page, ("cluster", "rows", "similarity", "decided", "query of the one to keep"), rows)


@dedupe.command("show")
@click.argument("cluster", type=int)
@SEARCH_OPTION
@THRESHOLD_OPTION
@pass_caller
def show(caller: Caller, /, cluster: int, search_no: int, threshold: float | None) -> None:
    """Show the rows of a cluster, the one to keep first."""
    search = _search(caller.store, search_no)
    found = read_cluster(caller.store, search.search_no, cluster, threshold=_threshold(search, threshold))
    lines = [f"cluster {found.number}: {found.size:,} rows; kept: {found.keeper_reason}"]
    lines += [line for member in found.members for line in _member_lines(member)]
    caller.answer(found, *lines)


@dedupe.command("pairs")
@click.argument("pair_class", type=click.Choice(PAIR_CLASSES), metavar="CLASS")
@SEARCH_OPTION
@THRESHOLD_OPTION
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def pairs(
    caller: Caller, /, pair_class: PairClass, search_no: int, threshold: float | None, most: int
) -> None:
    """Show pairs of a class, the most alike first.

    CLASS is duplicate, same_query_other_arguments, paraphrase, same_tools_only or unrelated.
    """
    search = _search(caller.store, search_no)
    page = list_pairs(
        caller.store, search.search_no, pair_class, threshold=_threshold(search, threshold), count=most
    )
    rows = [
        (f"{one.similarity:.3f}", shorten(one.left.query, 50), shorten(one.right.query, 50))
        for one in page.pairs
    ]
    caller.answer_table(page, ("similarity", "one", "the other"), rows)


@dedupe.command("threshold")
@SEARCH_OPTION
@pass_caller
def threshold(caller: Caller, /, search_no: int) -> None:
    """Show how many rows would go at each threshold, and how many reviewed pairs were duplicates."""
    search = _search(caller.store, search_no)
    curve = threshold_curve(caller.store, search.search_no)
    known = read_precision(caller.store, search.search_no)
    rows = [
        (
            f"{point.threshold:.2f}",
            f"{point.going_count:,}",
            f"{point.cluster_count:,}",
            show_rate(at.share) if at.source else "not reviewed",
            at.source,
        )
        for point, at in zip(curve, known.points, strict=True)
    ]
    record = [
        {**msgspec.structs.asdict(point), "precision": at.share, "precision_from": at.source}
        for point, at in zip(curve, known.points, strict=True)
    ]
    header = ("threshold", "rows that go", "clusters", "precision so far", "from")
    caller.answer_table(record, header, rows)


@dedupe.command("decide")
@click.argument("cluster", type=int, required=False)
@click.option("--all", "is_all", is_flag=True, help="Every cluster that is not decided on.")
@click.option(
    "--keep",
    type=click.Choice([choice.removeprefix("keep ") for choice in CHOICES]),
    default="one",
    help="How many stay: one (by the rule, or the --id), both of a pair, or all.",
)
@click.option("--id", "kept_ids", multiple=True, metavar="ID", help="A trajectory to keep; may be repeated.")
@with_query
@pass_caller
def decide_command(
    caller: Caller, /, cluster: int | None, is_all: bool, keep: str, kept_ids: tuple[str, ...], **given: Any
) -> None:
    """Decide on CLUSTER, or with --all on every one that matches: the others' rows are dropped."""
    search, query = _query(caller.store, given)
    if is_all == (cluster is not None):
        raise SettingError("Name one cluster, or say --all.", "See `dedupe clusters`.")
    if cluster is None:
        if kept_ids:
            raise SettingError("--all keeps by the rule.", "Leave --id away.")
        made = decide_all(
            caller.store,
            search.search_no,
            query,
            choice=_choice(keep),
            person=caller.person(),
            now=caller.now,
        )
    else:
        made = decide(
            caller.store,
            search.search_no,
            cluster,
            _choice(keep),
            threshold=query.threshold,
            keep=[find_trajectory(caller.store, kept_id) for kept_id in kept_ids],
            person=caller.person(),
            now=caller.now,
        )
    caller.answer(made, *_decision_lines(made))


@dedupe.command("undo")
@click.argument("decision", type=int)
@pass_caller
def undo_command(caller: Caller, /, decision: int) -> None:
    """Take a decision back."""
    made = undo(caller.store, decision, person=caller.person(), now=caller.now)
    caller.answer(made, f"Decision {decision} is taken back; {made.dropped_count:,} rows stay.")


@dedupe.command("decisions")
@SEARCH_OPTION
@pass_caller
def decisions(caller: Caller, /, search_no: int) -> None:
    """List what was decided, the newest first; without --search about all searches."""
    made = list_decisions(caller.store, search_no)
    rows = [
        (
            f"{one.decision_no}",
            f"{one.decided_at:%Y-%m-%d %H:%M}",
            one.person,
            one.choice,
            f"{one.cluster_count:,}",
            f"{one.dropped_count:,}",
            "taken back" if one.is_undone else "",
        )
        for one in made
    ]
    caller.answer_table(made, ("decision", "when", "by", "what", "clusters", "dropped", ""), rows)


def _choice(keep: str) -> Choice:
    return next(choice for choice in CHOICES if choice == f"keep {keep}")


def _query(store: Store, given: dict[str, Any]) -> tuple[Search, ClusterQuery]:
    search = _search(store, given["search_no"])
    state: ClusterState = given["state"] or ""
    query = ClusterQuery(
        _threshold(search, given["threshold"]),
        state,
        given["dataset"],
        given["across"],
        given["evaluation"],
        given["text"],
    )
    return search, query


def _search(store: Store, search_no: int) -> Search:
    if search_no:
        return read_search(store, search_no)
    newest = latest_search(store)
    if newest is None:
        raise InputError("Nothing was searched yet.", "Run `dedupe run` first.")
    return newest


def _threshold(search: Search, given: float | None) -> float:
    return search.settings.threshold if given is None else given


def _state(kept_count: int, dropped_count: int) -> str:
    return f"{kept_count:,} kept, {dropped_count:,} dropped" if kept_count or dropped_count else ""


def _search_lines(search: Search, cluster_count: int, going_count: int) -> list[str]:
    lines = [
        f"search {search.search_no}: {search.row_count:,} trajectories, {search.text_count:,} different "
        f"texts, {search.new_text_count:,} embedded now by {search.model}",
        f"{cluster_count:,} clusters at {search.settings.threshold:g}; {going_count:,} rows would go",
    ]
    if search.no_text_count:
        lines.append(f"left out, because nothing is asked: {search.no_text_count:,}")
    if search.cut_count:
        lines.append(
            f"longer than what the model reads: {search.cut_count:,} texts; they are duplicates only of the "
            "very same text"
        )
    return lines


def _class_lines(classes: dict[PairClass, int]) -> list[str]:
    return [f"  {CLASS_TITLES[name]}: {count:,} pairs" for name, count in classes.items()]


def _member_lines(member: Member) -> list[str]:
    mark = "keep" if member.is_keeper else (member.disposition or member.difference)
    facts = member.facts
    rated = "not rated" if facts.rating is None else f"rated {facts.rating:.2f}"
    lines = [
        f"{mark:>10}  {member.trajectory_id}  {member.dataset}, {member.similarity:.3f}, "
        f"{facts.finding_count} findings, {rated}, {facts.step_count} steps",
        f"            {shorten(member.query, 100)}",
    ]
    lines += [
        f"            {call.name} {shorten(str(call.arguments), 90)}" for call in member.calls[:_CALLS_SHOWN]
    ]
    if len(member.calls) > _CALLS_SHOWN:
        lines.append(f"            and {len(member.calls) - _CALLS_SHOWN} more calls")
    return lines


def _decision_lines(made: Decision) -> list[str]:
    return [
        f"decision {made.decision_no}: {made.choice} of {made.cluster_count:,} clusters; "
        f"{made.kept_count:,} rows kept, {made.dropped_count:,} dropped",
        f"undo: dedupe undo {made.decision_no}",
    ]


def _progress_line(status: RunStatus) -> str:
    return f"dedupe: {progress_words(status)}"


COMMANDS = (dedupe,)
