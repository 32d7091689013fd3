"""`judge` asks language models about what rules cannot settle; lists the judges and what they said."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.judge_run import start_judging
from xlam_backend.cli.asking import ENDPOINT_OPTION, LIMIT_OPTIONS, endpoint_meant, read_limits
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import read_filters, take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, tell_started
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.judges import JUDGES, judge_by_name
from xlam_backend.judges.answer import SCALES
from xlam_backend.judges.estimate import Estimate, estimate_run
from xlam_backend.judges.examples import newest_lessons
from xlam_backend.judges.explanation import explain
from xlam_backend.judges.overview import RatingCount, count_ratings, find_ratings
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import rate, show_rate
from xlam_backend.store.connection import Store

NAMES = tuple(judge.name for judge in JUDGES)

SETTING_OPTIONS = (
    click.option(
        "--judge",
        "judges",
        multiple=True,
        type=click.Choice(NAMES),
        help="Ask this judge; may be repeated. Default: argument_hallucination.",
    ),
    ENDPOINT_OPTION,
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME",
        help="The model; several make a committee. Default: the endpoint's first.",
    ),
    click.option(
        "--everything",
        multiple=True,
        type=click.Choice(NAMES),
        help="This judge asks also about what rules could settle; may be repeated.",
    ),
    click.option("--questions", is_flag=True, help="Ask sub-questions on the way to the verdict."),
    click.option(
        "--examples",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Show each judge the N newest examples that people taught.",
    ),
    click.option("--scale", type=click.Choice(list(SCALES)), default="1-5", help="Scale of scores."),
    click.option("--flag-at-most", type=float, default=2.0, help="A score this low marks the place."),
    click.option("--with-rejected", is_flag=True, help="Ask also where a rule rejects something."),
    click.option("--again", is_flag=True, help="Ask also where the same prompt and models have judged."),
    *LIMIT_OPTIONS,
)


def with_settings(command: Function) -> Function:
    """Give a command the options of `JudgeSettings`."""
    return with_options(command, SETTING_OPTIONS)


@click.group("judge", cls=StudioGroup)
def judge() -> None:
    """Language models judge what rules cannot settle; through any OpenAI-compatible endpoint."""


@judge.command("run")
@with_settings
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@with_filters
@pass_caller
def run(caller: Caller, /, detach: bool, **wanted: Any) -> None:
    """Ask the judges about the records that match, and wait for the end of the run."""
    filters = take_filters(caller.store, wanted)
    run_id = start_judging(
        caller.store,
        _settings(caller.store, wanted, needs_endpoint=True),
        filters,
        person=caller.person(),
        now=caller.now,
    )
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, _progress_line)
    caller.answer(
        {"run_id": run_id, "state": status.state, "outcome": status.outcome}, *_outcome_lines(status)
    )


@judge.command("estimate")
@with_settings
@with_filters
@pass_caller
def estimate(caller: Caller, /, **wanted: Any) -> None:
    """Say what a run would ask, what the grounding check saves, and what it would cost. Asks nothing."""
    filters = take_filters(caller.store, wanted)
    settings = _settings(caller.store, wanted, needs_endpoint=False)
    endpoint = endpoint_by_name(settings.endpoint, caller.store.folder) if settings.endpoint else None
    made = estimate_run(caller.store, filters, settings, endpoint=endpoint)
    caller.answer(made, *estimate_lines(made))


@judge.command("list")
@pass_caller
def show_judges(caller: Caller, /) -> None:
    """List the judges, and what each has said so far, by model and version of its prompt."""
    counts = count_ratings(caller.store)
    record = {
        "judges": [
            {
                "name": one.name,
                "rule_id": one.rule_id,
                "title": one.title,
                "subject": one.subject,
                "prompt": one.prompt,
                "explanation": explain(one),
            }
            for one in JUDGES
        ],
        "ratings": counts,
    }
    rows = [row for one in JUDGES for row in _judge_rows(one.name, counts)]
    header = ("judge", "model", "prompt", "judged", "flagged", "mean", "not judged", "")
    caller.answer_table(record, header, rows)


@judge.command("show")
@click.option("--judge", "judge_name", default="", metavar="NAME", help="Only ratings of this judge.")
@click.option("--flagged/--fine", "is_flagged", default=None, help="Only what was flagged, or was not.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@with_filters
@pass_caller
def show(caller: Caller, /, judge_name: str, is_flagged: bool | None, most: int, **wanted: Any) -> None:
    """Show the latest ratings of the records that match, with the reason each gave."""
    if judge_name:
        judge_by_name(judge_name)
    filters = read_filters(caller.store, wanted)
    found = find_ratings(caller.store, filters, judge=judge_name, is_flagged=is_flagged, most=most)
    rows = []
    for trajectory_id, stored in found:
        rating = stored.rating
        said = rating.verdict or ("" if rating.score is None else f"{rating.score:g}")
        mark = "flagged" if rating.is_flagged else rating.not_judged_reason and "not judged"
        scripted = "scripted" if rating.is_scripted else ""
        place = f"{trajectory_id[:12]} {rating.step}.{rating.call}{rating.pointer}"
        words = rating.rationale or rating.not_judged_reason
        rows.append((place, rating.judge, rating.model, said, mark, scripted, words[:80]))
    record = [
        {"trajectory_id": trajectory_id, "rating_no": stored.rating_no, "rating": stored.rating}
        for trajectory_id, stored in found
    ]
    caller.answer_table(record, ("place", "judge", "model", "said", "", "", "why"), rows)


def estimate_lines(made: Estimate) -> list[str]:
    """Write an estimate for people."""
    about = "" if made.is_exact else "about "
    lines = [f"{made.trajectory_count:,} trajectories, {about}{made.asked:,} places to ask about"]
    for one in made.judges:
        left = ", ".join(f"{count:,} {reason}" for reason, count in one.left_out.items())
        lines.append(f"  {one.judge}: {about}{one.asked:,} asked{f'; left out: {left}' if left else ''}")
    lines += [
        f"  {saving.dataset}: grounding settles {saving.settled:,} of {saving.arguments:,} arguments and "
        f"spares {saving.spared_calls:,} of {saving.calls:,} calls; "
        f"of planted foreign values it leaves to the judge {show_rate(saving.recall)}"
        for saving in made.savings
    ]
    if made.savings:
        known = "not known yet" if made.confirmed.total == 0 else show_rate(made.confirmed)
        lines.append(f"  recall on arguments that people found unsupported: {known}")
    money = "" if made.cost is None else f", cost about {made.cost:,.4f}"
    lines.append(
        f"{about}{made.requests:,} requests, about {made.input_tokens:,} tokens in and "
        f"{made.output_tokens:,} out{money}"
    )
    return lines


def _settings(store: Store, given: dict[str, Any], *, needs_endpoint: bool) -> JudgeSettings:
    endpoint = endpoint_meant(given["endpoint"], store.folder, is_needed=needs_endpoint)
    models = given["models"] or (endpoint.models[:1] if endpoint else ())
    judges = given["judges"] or (JUDGES[0].name,)
    return JudgeSettings(
        judges=judges,
        endpoint=endpoint.name if endpoint else "",
        models=tuple(models),
        everything=given["everything"],
        skips_rejected=not given["with_rejected"],
        skips_judged=not given["again"],
        asks_questions=given["questions"],
        scale=given["scale"],
        flag_at_most=given["flag_at_most"],
        lessons=newest_lessons(store, judges, given["examples"]),
        **read_limits(given),
    )


def _progress_line(status: RunStatus) -> str:
    made = status.progress
    if made is None:
        return f"judge: {status.state}"
    return f"judge: {made.done:,} of {made.total:,} places, {made.words}"


def _outcome_lines(status: RunStatus) -> list[str]:
    outcome = status.outcome
    label = f" ({SCRIPTED_LABEL})" if outcome.get("scripted") else ""
    cost = outcome.get("cost")
    lines = [
        f"{outcome['asked']:,} places asked about: {outcome['judged']:,} judged, "
        f"{outcome['flagged']:,} flagged{label}",
        f"{outcome['calls']:,} calls, {outcome['input tokens']:,} tokens in, "
        f"{outcome['output tokens']:,} out{'' if cost is None else f', cost {cost:,.4f}'}",
    ]
    lines += [f"  not judged, {count:,}: {reason}" for reason, count in outcome["not judged"].items()]
    return lines


def _judge_rows(name: str, counts: tuple[RatingCount, ...]) -> list[tuple[str, ...]]:
    of_judge = [count for count in counts if count.judge == name]
    if not of_judge:
        return [(name, "", "", "0", "", "", "", "")]
    return [
        (
            name,
            one.model,
            f"{one.prompt_name} v{one.prompt_version}",
            f"{one.judged_count:,}",
            show_rate(rate(one.flagged_count, one.judged_count)),
            "" if one.mean_score is None else f"{one.mean_score:.2f} of {one.scale_high:g}",
            f"{one.not_judged_count:,}",
            "scripted" if one.is_scripted else "",
        )
        for one in of_judge
    ]


COMMANDS = (judge,)
