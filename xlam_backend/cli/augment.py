"""`augment`: trajectories told in another way, as datasets of their own; shown first, listed, removed."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.augment_run import start_augmentation
from xlam_backend.activities.rephrase_run import RephraseEstimate, estimate_rephrasing, start_rephrasing
from xlam_backend.augment.augmented import augment
from xlam_backend.augment.made_sets import (
    MadeSet,
    list_made_sets,
    preview_made_removal,
    remove_made_set,
)
from xlam_backend.augment.meaning import find_change
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import write_answer, write_prompt
from xlam_backend.augment.rephrase_settings import CHECKED_STEPS, MOST_REPHRASINGS, RephraseSettings
from xlam_backend.augment.section_styles import STYLES
from xlam_backend.augment.settings import MOST_VARIANTS, AugmentSettings
from xlam_backend.cli.asking import ENDPOINT_OPTION, LIMIT_OPTIONS, endpoint_meant, read_limits
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.errors import SettingError
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.runs.state import RunStatus
from xlam_backend.store.connection import Store

_FORMAT_NAMES = [form.name for form in OUTPUT_FORMATS]
_STYLE_NAMES = [style.name for style in STYLES]

PLAN_OPTIONS = (
    click.option("--seed", type=int, required=True, help="What chance depends on, beside the trajectory."),
    click.option(
        "--format",
        "formats",
        multiple=True,
        type=click.Choice([*_FORMAT_NAMES, "all"]),
        help="An output format to choose from; may be repeated. Without any, the format stays.",
    ),
    click.option(
        "--style",
        "styles",
        multiple=True,
        type=click.Choice([*_STYLE_NAMES, "all"]),
        help="A section style to choose from; may be repeated. Without any, those of the paper.",
    ),
    click.option("--keep-order", is_flag=True, help="Shuffle nothing."),
)
INTO_OPTION = click.option(
    "--into", default="", metavar="NAME", help="The dataset that what is made goes into; made when missing."
)
DETACH_OPTION = click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
REPHRASE_OPTIONS = (
    ENDPOINT_OPTION,
    click.option(
        "--model", default="", metavar="NAME", help="The model that rephrases. Default: the endpoint's first."
    ),
    click.option(
        "--check-model",
        default="",
        metavar="NAME",
        help="The model that must make the right calls with the new instruction. Default: the same.",
    ),
    click.option("--seed", type=int, default=0, help="Decides which are drawn."),
    click.option(
        "--count",
        type=click.IntRange(1, MOST_REPHRASINGS),
        default=1,
        help="Rephrasings of each instruction.",
    ),
    click.option(
        "--size", type=click.IntRange(min=0), default=100, help="Draw this many trajectories; 0: all."
    ),
    click.option(
        "--steps", type=click.Choice(CHECKED_STEPS), default="first call", help="Which steps must come right."
    ),
    click.option("--temperature", type=click.FloatRange(0, 2), default=0.7, help="Of the rephrasing model."),
    click.option("--max-tokens", type=click.IntRange(min=1), default=2048, help="Of one answer."),
    click.option(
        "--review-share",
        type=click.FloatRange(0, 1),
        default=0.0,
        help="Draw this share of what is kept into a review queue.",
    ),
    INTO_OPTION,
    *LIMIT_OPTIONS,
)


@click.group("augment", cls=StudioGroup)
def augment_group() -> None:
    """Tell trajectories in another way: other order, other marks, another output format, other words."""


def with_plan(command: Function) -> Function:
    """Give a command the options of an `AugmentPlan` and its seed."""
    return with_options(command, PLAN_OPTIONS)


def read_plan(given: dict[str, Any]) -> AugmentPlan:
    """Take what the options gave out of the arguments of a command, and return it as a plan."""
    formats, styles = given.pop("formats"), given.pop("styles")
    shuffles = not given.pop("keep_order")
    return AugmentPlan(
        tools=shuffles,
        tool_keys=shuffles,
        parameters=shuffles,
        call_keys=shuffles,
        sections=shuffles,
        formats=tuple(_FORMAT_NAMES) if "all" in formats else formats,
        styles=(tuple(_STYLE_NAMES) if "all" in styles else styles) or AugmentPlan().styles,
    ).check()


def with_rephrase_options(command: Function) -> Function:
    """Give a command the options of `RephraseSettings`."""
    return with_options(command, REPHRASE_OPTIONS)


@augment_group.command("preview")
@click.argument("trajectory_id", metavar="TRAJECTORY")
@with_plan
@click.option("--step", type=click.IntRange(min=1), default=1, show_default=True, help="Which step to write.")
@pass_caller
def preview(caller: Caller, /, trajectory_id: str, seed: int, step: int, **given: Any) -> None:
    """Show the prompt and the answer that would be made of one step; nothing is stored."""
    page = open_trajectory_page(caller.store, trajectory_id)
    count = len(page.trajectory.steps)
    if step > count:
        raise SettingError(f"The trajectory has {count} steps.", "Choose one of them with --step.")
    shown = next(one for one in page.versions if one.version_no == page.version_no)
    made = augment(page.trajectory, read_plan(given), seed=seed, parent_id=shown.content_id)
    told = made.telling
    prompt = write_prompt(made.trajectory, told, step - 1)
    answer = write_answer(made.trajectory, told, step - 1)
    change = find_change(page.trajectory, made)
    caller.answer(
        {
            "parent_id": made.parent_id,
            "format": told.format_name,
            "style": told.style_name,
            "section_order": told.section_order,
            "prompt": prompt,
            "answer": answer,
            "change_of_meaning": change,
        },
        f"Style {told.style_name}, format {told.format_name or 'as it was'}",
        f"Meaning: {change or 'unchanged'}",
        "",
        *prompt.split("\n"),
        "",
        "Answer:",
        *answer.split("\n"),
    )


@augment_group.command("run")
@with_plan
@click.option(
    "--variants", type=click.IntRange(1, MOST_VARIANTS), default=1, help="How many are made of each."
)
@click.option("--size", type=click.IntRange(min=0), default=0, help="Draw this many trajectories; 0: all.")
@INTO_OPTION
@DETACH_OPTION
@with_filters
@pass_caller
def run(
    caller: Caller, /, seed: int, variants: int, size: int, into: str, detach: bool, **given: Any
) -> None:
    """Augment the records that match, as a dataset of their own, and wait for the end of the run.

    The same run twice adds nothing. `augment remove` takes what was made out again.
    """
    plan = read_plan(given)
    filters = take_filters(caller.store, given)
    settings = AugmentSettings(
        filters=filters, size=size, seed=seed, variants=variants, plan=plan, dataset=into
    )
    run_id = start_augmentation(caller.store, settings, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"augment: {progress_words(made)}")
    refuse_not_taken(status)
    caller.answer({"run_id": run_id, "state": status.state, **status.outcome}, *_outcome_lines(status))


@augment_group.command("rephrase")
@with_rephrase_options
@click.option(
    "--estimate", "only_estimate", is_flag=True, help="Say what it would ask and cost; ask nothing."
)
@DETACH_OPTION
@with_filters
@pass_caller
def rephrase(caller: Caller, /, only_estimate: bool, detach: bool, **given: Any) -> None:
    """Have a model say task instructions in other words, as a dataset of their own.

    Each is given back to a model; kept is what still brings the right calls, the rest is kept as a reject
    with its reason.
    """
    settings = _rephrase_settings(caller.store, given, needs_endpoint=not only_estimate)
    if only_estimate:
        endpoint = endpoint_by_name(settings.endpoint, caller.store.folder) if settings.endpoint else None
        made = estimate_rephrasing(caller.store, settings, endpoint=endpoint)
        caller.answer(made, *_estimate_lines(made))
        return
    run_id = start_rephrasing(caller.store, settings, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"rephrase: {progress_words(made)}")
    refuse_not_taken(status)
    answer = {"run_id": run_id, "state": status.state, **status.outcome}
    caller.answer(answer, *_rephrased_lines(status.outcome))


def _rephrase_settings(store: Store, given: dict[str, Any], *, needs_endpoint: bool) -> RephraseSettings:
    filters = take_filters(store, given)
    endpoint = endpoint_meant(given["endpoint"], store.folder, is_needed=needs_endpoint)
    model = given["model"] or (endpoint.models[0] if endpoint and endpoint.models else "")
    return RephraseSettings(
        filters=filters,
        size=given["size"],
        seed=given["seed"],
        count=given["count"],
        endpoint=endpoint.name if endpoint else "",
        model=model,
        check_model=given["check_model"] or model,
        steps=given["steps"],
        temperature=given["temperature"],
        max_tokens=given["max_tokens"],
        review_share=given["review_share"],
        dataset=given["into"],
        **read_limits(given),
    )


@augment_group.command("list")
@pass_caller
def show_made(caller: Caller) -> None:
    """List the datasets that were made from others, with the reasons where something could not be made."""
    made = list_made_sets(caller.store)
    lines = [line for one in made for line in _set_lines(one)]
    nothing = "Nothing was made yet. Start with: python -m xlam_backend augment run --seed 1"
    caller.answer(made, *(lines or [nothing]))


@augment_group.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is shown.")
@pass_caller
def remove(caller: Caller, name: str, yes: bool) -> None:
    """Take a dataset that was made out of the store; what it was made from is not touched."""
    if yes:
        removal = remove_made_set(caller.store, name, person=caller.person(), now=caller.now)
    else:
        removal = preview_made_removal(caller.store, name)
    caller.answer(
        {"removed": yes, "removal": removal},
        f"{'Removed' if yes else 'This would remove'} {removal.name}: "
        f"{removal.trajectory_count:,} trajectories, {removal.finding_count:,} findings, "
        f"{removal.reject_count:,} reasons why something was not made",
    )
    if not yes:
        caller.note("Nothing was removed. To do it, add --yes.")


def _outcome_lines(status: RunStatus) -> list[str]:
    outcome = status.outcome
    lines = [
        f"{outcome['trajectories']:,} trajectories gave {outcome['made']:,}, {outcome['new']:,} of them new",
        f"They are in the dataset {outcome['dataset']}.",
    ]
    if outcome["left out"]:
        lines.append(f"{outcome['left out']:,} were left out: they were augmented themselves.")
    return lines + [f"  not made, {count:,}: {reason}" for reason, count in outcome["not made"].items()]


def _estimate_lines(made: RephraseEstimate) -> list[str]:
    money = "" if made.cost is None else f", cost about {made.cost:,.4f}"
    return [
        f"{made.trajectory_count:,} trajectories, about {made.instruction_count:,} instructions to rephrase",
        *(f"  left out, about {count:,}: {reason}" for reason, count in made.left_out.items()),
        f"at most about {made.most_requests:,} requests, {made.input_tokens:,} tokens in and "
        f"{made.output_tokens:,} out{money}",
    ]


def _rephrased_lines(outcome: dict[str, Any]) -> list[str]:
    label = f" ({SCRIPTED_LABEL})" if outcome["scripted"] else ""
    return [
        f"{outcome['kept']:,} of {outcome['instructions']:,} rephrased instructions are kept{label}",
        f"They are in the dataset {outcome['dataset']}.",
        *(f"  left out, {count:,}: {reason}" for reason, count in outcome["left out"].items()),
        *(f"  not kept, {count:,}: {reason}" for reason, count in outcome["not kept"].items()),
    ]


def _set_lines(one: MadeSet) -> list[str]:
    made = one.dataset
    label = f" ({SCRIPTED_LABEL})" if made.is_scripted else ""
    lines = [f"{made.name}: {made.trajectory_count:,} {made.kind} from {made.parent_count:,}{label}"]
    if made.lost_parent_count:
        lines.append(f"  {made.lost_parent_count:,} of these are not in the store any more")
    return lines + [f"  not made, {group.record_count:,}: {group.example}" for group in one.not_made]


COMMANDS = (augment_group,)
