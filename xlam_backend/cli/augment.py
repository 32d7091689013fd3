"""`augment`: trajectories told in another way; `augment preview` shows what would become of one."""

from __future__ import annotations

import click

from xlam_backend.augment.augmented import augment
from xlam_backend.augment.meaning import find_change
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import write_answer, write_prompt
from xlam_backend.augment.section_styles import STYLES
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.errors import SettingError
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.output_formats import OUTPUT_FORMATS


@click.group("augment", cls=StudioGroup)
def augment_group() -> None:
    """Tell trajectories in another way: other order, other marks, another output format."""


@augment_group.command("preview")
@click.argument("trajectory_id", metavar="TRAJECTORY")
@click.option("--seed", type=int, required=True, help="What chance depends on, beside the trajectory.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice([form.name for form in OUTPUT_FORMATS]),
    help="An output format to choose from; may be repeated. Without any, the format stays.",
)
@click.option(
    "--style",
    "styles",
    multiple=True,
    type=click.Choice([style.name for style in STYLES]),
    help="A section style to choose from; may be repeated. Without any, those of the paper.",
)
@click.option("--keep-order", is_flag=True, help="Shuffle nothing.")
@click.option("--step", type=click.IntRange(min=1), default=1, show_default=True, help="Which step to write.")
@pass_caller
def preview(
    caller: Caller,
    /,
    trajectory_id: str,
    seed: int,
    formats: tuple[str, ...],
    styles: tuple[str, ...],
    keep_order: bool,
    step: int,
) -> None:
    """Show the prompt and the answer that would be made of one step; nothing is stored."""
    page = open_trajectory_page(caller.store, trajectory_id)
    count = len(page.trajectory.steps)
    if step > count:
        raise SettingError(f"The trajectory has {count} steps.", "Choose one of them with --step.")
    shuffles = not keep_order
    plan = AugmentPlan(
        tools=shuffles,
        tool_keys=shuffles,
        parameters=shuffles,
        call_keys=shuffles,
        sections=shuffles,
        formats=formats,
        styles=styles or AugmentPlan().styles,
    ).check()
    made = augment(page.trajectory, plan, seed=seed, parent_id=page.trajectory_id)
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


COMMANDS = (augment_group,)
