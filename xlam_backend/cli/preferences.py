"""`preferences`: the chosen/rejected pairs, which of them count, and errors planted to make more."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.corrupt_run import start_corruptions
from xlam_backend.checks.sound_steps import STEP_CHOICES
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.domain.corruption import CORRUPTION_KINDS
from xlam_backend.domain.pair import PAIR_ORIGINS
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.preference.counting import OUTCOMES
from xlam_backend.preference.figures import PreferenceFigures, read_figures
from xlam_backend.preference.listing import ListedPair, ListWish, PairList, list_pairs
from xlam_backend.preference.plan import MOST_PER_STEP, CorruptionPlan
from xlam_backend.preference.previewing import CorruptionPreview, preview_corruptions
from xlam_backend.preference.removing import list_corruption_runs, take_back
from xlam_backend.preference.selection import COUNT_RULES, RULE_WORDS, PairSelection
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.store.connection import Store

SELECTION_OPTIONS = (
    click.option(
        "--rule",
        type=click.Choice(COUNT_RULES),
        default="margin",
        help="Which pairs count. "
        + "; ".join(f"{rule}: {words}" for rule, words in RULE_WORDS.items())
        + ".",
    ),
    click.option(
        "--least-margin",
        type=click.FloatRange(-10, 10),
        default=1.0,
        help="How much higher the chosen side must be rated, where both are.",
    ),
    click.option(
        "--origin",
        "origins",
        multiple=True,
        type=click.Choice(PAIR_ORIGINS),
        help="Only pairs of this origin; may be repeated.",
    ),
    click.option(
        "--least-share",
        type=click.FloatRange(0, 1),
        default=0.9,
        help="Rule `sampled`: which share of a kind's settled pairs must be confirmed.",
    ),
    click.option(
        "--least-settled",
        type=click.IntRange(min=1),
        default=20,
        help="Rule `sampled`: how many pairs of a kind people must have settled.",
    ),
    click.option("--without-scripted", is_flag=True, help="Leave out what the scripted model wrote."),
)


def with_selection(command: Function) -> Function:
    """Give a command the options of `PairSelection`."""
    return with_filters(with_options(command, SELECTION_OPTIONS))


@click.group("preferences", cls=StudioGroup)
def preferences() -> None:
    """Chosen/rejected pairs: which count and why, and pairs made by planting errors."""


@preferences.command("list")
@with_selection
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only pairs that this became of.")
@click.option("--reason", type=click.Choice(PAIR_REASONS), help="Only rejected for this reason.")
@click.option("--kind", type=click.Choice(CORRUPTION_KINDS), help="Only with a planted error of this kind.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def show_list(caller: Caller, /, outcome: Any, reason: str, kind: str, most: int, **given: Any) -> None:
    """List the pairs with what becomes of each: it counts, or why it does not."""
    selection = _selection(caller.store, given)
    wish = ListWish(outcome=outcome or "", reason=reason or "", kind=kind or "")
    _answer_list(caller, list_pairs(caller.store, selection, wish, count=most))


@preferences.command("alarm")
@with_selection
@click.option("--most", type=click.IntRange(1, 10_000), default=20, help="At most this many.")
@pass_caller
def show_alarms(caller: Caller, /, most: int, **given: Any) -> None:
    """List the pairs whose sides may stand the wrong way round, and why."""
    selection = _selection(caller.store, given)
    _answer_list(caller, list_pairs(caller.store, selection, ListWish(is_alarmed=True), count=most))


@preferences.command("stats")
@with_selection
@pass_caller
def show_figures(caller: Caller, /, **given: Any) -> None:
    """Count the pairs: origins, what became of them, margins, reasons, alarms, planted errors by run."""
    selection = _selection(caller.store, given)
    figures = read_figures(caller.store, selection)
    runs = list_corruption_runs(caller.store)
    lines = _figure_lines(figures, selection)
    lines += [f"planted by run {run.run_id}: {run.pair_count:,} pairs, seed {run.seed}" for run in runs]
    caller.answer({"selection": selection, "figures": figures, "runs": runs}, *lines)


@preferences.command("corrupt")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(CORRUPTION_KINDS),
    help="Plant only errors of this kind; may be repeated. Default: all kinds.",
)
@click.option(
    "--size", type=click.IntRange(min=0), default=1_000, help="Draw this many trajectories; 0: all."
)
@click.option("--steps", type=click.Choice(STEP_CHOICES), default="each call", help="In which steps.")
@click.option(
    "--per-step",
    type=click.IntRange(1, MOST_PER_STEP),
    default=1,
    help="How many pairs a step gives at most, each with an error of another kind.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Decides what is planted where.")
@click.option("--preview", is_flag=True, help="Only show examples, and what is left out; plant nothing.")
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@with_filters
@pass_caller
def corrupt(caller: Caller, /, preview: bool, detach: bool, **given: Any) -> None:
    """Plant errors in correct steps: each gives a pair that is shown to be worse, and why."""
    filters = take_filters(caller.store, given)
    plan = CorruptionPlan(filters=filters, **{**given, "kinds": tuple(given["kinds"])})
    if preview:
        made = preview_corruptions(caller.store, plan)
        caller.answer(made, *_preview_lines(made))
        return
    run_id = start_corruptions(caller.store, plan, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"corrupt: {progress_words(made)}")
    refuse_not_taken(status)
    new_count = status.intake.row_count
    kinds = status.outcome.get("by kind", {})
    caller.answer(
        {"run_id": run_id, "state": status.state, "new pairs": new_count, "outcome": status.outcome},
        f"{new_count:,} new pairs; run {run_id}",
        *(f"  {count:,} {kind}" for kind, count in kinds.items()),
        f"To take them back: python -m xlam_backend preferences remove {run_id}",
    )


@preferences.command("remove")
@click.argument("run_id", metavar="RUN")
@pass_caller
def remove(caller: Caller, /, run_id: str) -> None:
    """Take back all pairs that a RUN has planted errors for."""
    count = take_back(caller.store, run_id, person=caller.person(), now=caller.now)
    caller.answer({"run_id": run_id, "removed": count}, f"{count:,} pairs were taken back.")


def _selection(store: Store, given: dict[str, Any]) -> PairSelection:
    has_scripted = not given.pop("without_scripted")
    filters = take_filters(store, given)
    given["origins"] = tuple(given["origins"])
    return PairSelection(filters=filters, has_scripted=has_scripted, **given)


def _answer_list(caller: Caller, found: PairList) -> None:
    header = ("pair", "trajectory", "step", "origin", "reason", "margin", "what becomes of it", "alarm")
    caller.answer_table(found, header, [_row(each) for each in found.rows])


def _row(each: ListedPair) -> tuple[Any, ...]:
    facts, margin = each.judged.facts, each.judged.margin
    origin = facts.kind or facts.model + (" (scripted)" if facts.is_scripted else "")
    return (
        f"{facts.pair_no}",
        each.row.trajectory_id[:12],
        f"{facts.step}",
        f"{facts.origin}: {origin}",
        facts.reason,
        "" if margin is None else f"{margin:g}",
        each.judged.outcome + (" (turned round)" if each.judged.standing == "flipped" else ""),
        "; ".join(each.alarms),
    )


def _figure_lines(figures: PreferenceFigures, selection: PairSelection) -> list[str]:
    lines = [
        f"{figures.counting:,} of {figures.total:,} pairs count ({selection.rule}: "
        f"{RULE_WORDS[selection.rule]})"
    ]
    for one in figures.origins:
        scripted = f", {one.scripted:,} by the {SCRIPTED_LABEL}" if one.scripted else ""
        lines.append(f"{one.origin}: {one.counting:,} of {one.total:,} count{scripted}")
        lines += [f"  {count:,} {standing}" for standing, count in one.standings.items()]
    lines += [f"{count:,} {outcome}" for outcome, count in figures.outcomes.items()]
    lines += [
        f"margin {each.low:g} to {each.high:g}: {each.total:,}, {each.counting:,} count"
        for each in figures.margins
    ]
    lines.append(f"no margin: {figures.unrated:,}")
    lines += [f"reason {reason}: {sum(by.values()):,}" for reason, by in figures.reasons.items()]
    lines += [
        f"confirmed, {known.origin}, {known.reason}: {show_rate(known.rate)}" for known in figures.confirmed
    ]
    return lines + [f"ALARM {alarm}: {count:,}" for alarm, count in figures.alarms.items()]


def _preview_lines(made: CorruptionPreview) -> list[str]:
    lines = [
        f"{made.trajectory_count:,} trajectories are drawn; of the {made.looked_at:,} looked at here, "
        f"{made.step_count:,} steps are sound and give {made.pair_count:,} pairs"
    ]
    lines += [f"  left out, {count:,}: {reason}" for reason, count in made.left_out.items()]
    for each in made.examples:
        planted = each.corruption
        shown = planted.flagged_by or "the calls themselves"
        lines += [f"{planted.kind}: {planted.words} (shown by {shown})"]
        lines += [f"  chosen    {_shown(call)}" for call in each.pair.chosen.tool_calls]
        lines += [f"  rejected  {_shown(call)}" for call in each.pair.rejected.tool_calls]
        if not each.pair.rejected.tool_calls:
            lines.append(f"  rejected  says: {show_value(each.pair.rejected.thought, 300)}")
    return lines


def _shown(call: ToolCall) -> str:
    return f"{call.name} {call.unreadable or show_value(call.arguments, 300)}"


COMMANDS = (preferences,)
