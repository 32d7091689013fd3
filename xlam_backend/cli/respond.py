"""`respond` has less powerful models answer steps; lists what came of it, and the pairs it gave."""

from __future__ import annotations

from typing import Any, get_args

import click

from xlam_backend.activities.respond_run import start_responses
from xlam_backend.cli.asking import ENDPOINT_OPTION, LIMIT_OPTIONS, endpoint_meant, read_limits
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, tell_started
from xlam_backend.domain.call_alignment import CallPair
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.domain.review import PairReason
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.judges.answer import SCALES
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.responses.estimate import RespondEstimate, estimate_responses
from xlam_backend.responses.funnel import ResponseFunnel, read_funnel
from xlam_backend.responses.pairs import PairFilters, PairRow, PairView, find_pairs, open_pair
from xlam_backend.responses.plan import RATED_CHOICES, STEP_CHOICES, RespondPlan
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.store.connection import Store

PLAN_OPTIONS = (
    ENDPOINT_OPTION,
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME",
        help="A model that answers; may be repeated. Default: the endpoint's last.",
    ),
    click.option("--count", type=click.IntRange(1, 16), default=1, help="Answers of each model to a step."),
    click.option(
        "--size", type=click.IntRange(min=0), default=100, help="Draw this many trajectories; 0: all."
    ),
    click.option("--seed", type=int, default=0, help="Decides which are drawn."),
    click.option(
        "--steps", type=click.Choice(STEP_CHOICES), default="first call", help="Which steps are answered."
    ),
    click.option(
        "--temperature", type=click.FloatRange(0, 2), default=0.7, help="Of the models that answer."
    ),
    click.option("--max-tokens", type=click.IntRange(min=1), default=1024, help="Of one answer."),
    click.option(
        "--rated",
        type=click.Choice(RATED_CHOICES),
        default="none",
        help="Which answers the step quality judge rates, beside the trajectory's own step.",
    ),
    click.option("--judge-endpoint", default="", metavar="NAME", help="Default: the same endpoint."),
    click.option(
        "--judge-model",
        "judge_models",
        multiple=True,
        metavar="NAME",
        help="The model that rates; several make a committee. Default: the endpoint's first.",
    ),
    click.option("--scale", type=click.Choice(list(SCALES)), default="1-5", help="Scale of the ratings."),
    click.option(
        "--least-margin",
        type=click.FloatRange(min=0, min_open=True),
        default=1.0,
        help="How much lower an answer must be rated to be rejected for it.",
    ),
    *LIMIT_OPTIONS,
)


def with_plan(command: Function) -> Function:
    """Give a command the options of `RespondPlan`."""
    return with_options(command, PLAN_OPTIONS)


@click.group("respond", cls=StudioGroup)
def respond() -> None:
    """Less powerful models answer steps; what is worse becomes the rejected side of a pair."""


@respond.command("run")
@with_plan
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@with_filters
@pass_caller
def run(caller: Caller, /, detach: bool, **wanted: Any) -> None:
    """Have the records that match answered, and wait for the end of the run."""
    plan = _plan(caller.store, wanted)
    run_id = start_responses(caller.store, plan, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, _progress_line)
    funnel = read_funnel(caller.store, run_id)
    caller.answer(
        {"run_id": run_id, "state": status.state, "outcome": status.outcome, "funnel": funnel},
        *_funnel_lines(funnel),
    )


@respond.command("estimate")
@with_plan
@with_filters
@pass_caller
def estimate(caller: Caller, /, **wanted: Any) -> None:
    """Say which steps a run would ask about, and what it would cost. Asks nothing."""
    plan = _plan(caller.store, wanted, needs_endpoint=False)
    endpoint = endpoint_by_name(plan.endpoint, caller.store.folder) if plan.endpoint else None
    made = estimate_responses(caller.store, plan, endpoint=endpoint)
    caller.answer(made, *_estimate_lines(made))


@respond.command("list")
@click.option("--run", "run_id", default="", metavar="ID", help="Only of this run.")
@pass_caller
def show_funnel(caller: Caller, /, run_id: str) -> None:
    """Say how far the answers came: generated, read, checked, rated, classified; by model, with reasons."""
    funnel = read_funnel(caller.store, run_id)
    caller.answer(funnel, *_funnel_lines(funnel))


@respond.command("pairs")
@click.option("--run", "run_id", default="", metavar="ID", help="Only of this run.")
@click.option("--model", default="", metavar="NAME", help="Only with a rejected side of this model.")
@click.option(
    "--reason", type=click.Choice(get_args(PairReason)), default="", help="Only rejected for this reason."
)
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def show_pairs(caller: Caller, /, run_id: str, model: str, reason: PairReason, most: int) -> None:
    """List the chosen/rejected pairs that answers gave, the newest first."""
    found = find_pairs(caller.store, PairFilters(run_id, model, reason, "generated"), count=most)
    header = ("pair", "trajectory", "step", "model", "reason", "margin", "because", "")
    caller.answer_table(found, header, [_pair_row(row) for row in found.rows])


@respond.command("show")
@click.argument("pair_no", metavar="PAIR", type=int)
@pass_caller
def show_pair(caller: Caller, /, pair_no: int) -> None:
    """Show one PAIR, call by call."""
    view = open_pair(caller.store, pair_no)
    caller.answer(view, *_pair_lines(view))


def _plan(store: Store, given: dict[str, Any], *, needs_endpoint: bool = True) -> RespondPlan:
    filters = take_filters(store, given)
    endpoint = endpoint_meant(given["endpoint"], store.folder, is_needed=needs_endpoint)
    judge_endpoint = endpoint
    if given["judge_endpoint"]:
        judge_endpoint = endpoint_by_name(given["judge_endpoint"], store.folder)
    return RespondPlan(
        filters=filters,
        size=given["size"],
        seed=given["seed"],
        steps=given["steps"],
        endpoint=endpoint.name if endpoint else "",
        models=tuple(given["models"] or (endpoint.models[-1:] if endpoint else ())),
        count=given["count"],
        temperature=given["temperature"],
        max_tokens=given["max_tokens"],
        rated=given["rated"],
        judge=JudgeSettings(
            judges=("step_quality",),
            endpoint=judge_endpoint.name if judge_endpoint else "",
            models=tuple(given["judge_models"] or (judge_endpoint.models[:1] if judge_endpoint else ())),
            scale=given["scale"],
        ),
        least_margin=given["least_margin"],
        **read_limits(given),
    )


def _progress_line(status: RunStatus) -> str:
    made = status.progress
    if made is None:
        return f"respond: {status.state}"
    return f"respond: {made.done:,} of {made.total:,} answers, {made.words}"


def _estimate_lines(made: RespondEstimate) -> list[str]:
    about = "" if made.is_exact else "about "
    lines = [f"{made.trajectory_count:,} trajectories, {about}{made.step_count:,} steps to answer"]
    lines += [f"  left out, {about}{count:,}: {reason}" for reason, count in made.left_out.items()]
    money = "" if made.cost is None else f", cost about {made.cost:,.4f}"
    lines.append(
        f"{about}{made.requests:,} requests, about {made.input_tokens:,} tokens in and "
        f"{made.output_tokens:,} out{money}"
    )
    if made.most_ratings:
        lines.append(f"and at most {made.most_ratings:,} requests to rate answers")
    return lines


def _funnel_lines(funnel: ResponseFunnel) -> list[str]:
    if not funnel.models:
        return ["No model has answered yet. Start with: python -m xlam_backend respond run"]
    lines = []
    for one in funnel.models:
        count = one.count
        label = f" ({SCRIPTED_LABEL})" if count.is_scripted else ""
        lines += [
            f"{count.model}{label}",
            f"  {count.asked_count:,} asked, {count.generated_count:,} generated, "
            f"{count.parsed_count:,} read, {count.flagged_count:,} flagged by rules, "
            f"{count.rated_count:,} rated",
            f"  rejected {show_rate(one.rejected)}; "
            + ", ".join(f"{word} {hits:,}" for word, hits in count.classified.items() if word != "rejected"),
            f"  {count.tokens:,} tokens{'' if count.cost is None else f', cost {count.cost:,.4f}'}",
            f"  {count.pair_count:,} pairs"
            + (f", {one.repeated_count:,} make the same calls as one of them" if one.repeated_count else ""),
        ]
        lines += [f"    {hits:,}: {because}" for because, hits in one.becauses.items()]
    return lines


def _pair_row(row: PairRow) -> tuple[str, ...]:
    pair = row.pair
    margin = "" if pair.margin is None else f"{pair.margin:g}"
    scripted = "scripted" if row.is_scripted else ""
    return (
        f"{pair.pair_no}",
        row.trajectory_id[:12],
        f"{pair.step}",
        row.model,
        pair.reason,
        margin,
        row.classified_because,
        scripted,
    )


def _pair_lines(view: PairView) -> list[str]:
    row, pair = view.row, view.row.pair
    label = f" ({SCRIPTED_LABEL})" if row.is_scripted else ""
    lines = [
        f"pair {pair.pair_no}: trajectory {row.trajectory_id}, step {pair.step}",
        f"rejected side by {row.model}{label}: {pair.reason}. {row.classified_because}",
    ]
    for one in view.alignment.pairs:
        lines += _call_lines(one, pair.chosen.tool_calls, pair.rejected.tool_calls)
    return lines


def _call_lines(one: CallPair, chosen: tuple[ToolCall, ...], rejected: tuple[ToolCall, ...]) -> list[str]:
    here = "-" if one.left is None else _shown(chosen[one.left])
    there = "-" if one.right is None else _shown(rejected[one.right])
    lines = [f"{one.kind}:", f"  chosen    {here}", f"  rejected  {there}"]
    return lines + [
        f"    {show_pointer(each.pointer) or 'arguments'}: {each.kind}" for each in one.differences
    ]


def _shown(call: ToolCall) -> str:
    given = call.unreadable or show_value(call.arguments, 300)
    return f"{call.name} {given}"


COMMANDS = (respond,)
