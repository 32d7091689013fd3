"""`train recipes`, `recipe`, `save-recipe`, `preflight`: what a training begins with, the check before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, pass_caller
from xlam_backend.cli.plain_text import shorten
from xlam_backend.cli.train import COMMANDS as COMMANDS
from xlam_backend.cli.train import plan_from, plan_options, train
from xlam_backend.errors import SourceUnreadableError
from xlam_backend.training.command_line import command_of
from xlam_backend.training.plan import write_plan
from xlam_backend.training.preflight import Preflight, preflight, summary_lines
from xlam_backend.training.preflight_points import gigabytes
from xlam_backend.training.recipe_shelf import (
    ShelfRecipe,
    list_training_recipes,
    open_training_recipe,
    plan_of_recipe_alone,
    read_training_recipe_versions,
    save_training_recipe,
)

EXIT_REFUSED = 1


@train.command("recipes")
@pass_caller
def recipes(caller: Caller) -> None:
    """List the training recipes: the packaged ones, then your own."""
    found = list_training_recipes(caller.store)
    rows = [
        (one.name, one.version or "packaged", ", ".join(one.recipe.methods), shorten(_words(one), 70))
        for one in found
    ]
    caller.answer_table(found, ("recipe", "version", "for", "what it is"), rows)


@train.command("recipe")
@click.argument("name", metavar="RECIPE")
@click.option(
    "--version", type=click.IntRange(0), default=0, metavar="N", help="Another version than the latest."
)
@click.option("--history", is_flag=True, help="List its versions instead of printing one.")
@pass_caller
def recipe(caller: Caller, name: str, version: int, history: bool) -> None:
    """Print a training RECIPE as YAML."""
    if history:
        versions = read_training_recipe_versions(caller.store, name)
        rows = [
            (
                one.version or "packaged",
                one.person,
                f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "",
                one.note,
            )
            for one in versions
        ]
        caller.answer_table(versions, ("version", "by", "when", "note"), rows)
        return
    one = open_training_recipe(caller.store, name, version)
    caller.answer(one, *one.text.splitlines())


@train.command("save-recipe")
@click.argument("file", type=CALLER_PATH, metavar="FILE")
@click.option("--note", default="", metavar="TEXT", help="Why this version was made.")
@pass_caller
def save_recipe(caller: Caller, file: str, note: str) -> None:
    """Save the training recipe in FILE (YAML), as the first or the next version of its name."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(f"{file} cannot be read: {error}.", "Give a recipe as YAML.") from error
    saved = save_training_recipe(caller.store, text, person=caller.person(), now=caller.now, note=note)
    caller.answer(saved, f"{saved.name}, version {saved.version}.")


@train.command("preflight")
@plan_options
@click.option(
    "--rows",
    "row_count",
    type=click.IntRange(0, 1000),
    default=0,
    help="List so many rows that are not learnt whole.",
)
@pass_caller
def check(caller: Caller, /, row_count: int, **asked: Any) -> int:
    """Say what a training would do before it starts; exit status 1 where something stops it."""
    found = preflight(caller.store, plan_from(caller, **asked))
    command = command_of(found.plan, of_recipe=plan_of_recipe_alone(caller.store, found.plan))
    lines = _lines(found, row_count)
    if found.may_start:
        lines += ["To start it:", *command.splitlines()]
    caller.answer({**_record(found), "command": command}, *lines)
    return 0 if found.may_start else EXIT_REFUSED


def _words(one: ShelfRecipe) -> str:
    return one.fault or one.recipe.description or one.note


def _record(found: Preflight) -> dict[str, Any]:
    return {
        "may_start": found.may_start,
        "plan": write_plan(found.plan),
        "points": found.points,
        "work": found.work,
        "data": found.data,
        "memory": found.memory,
        "memory_rows": found.memory_rows,
        "disk": found.disk,
        "free_disk_bytes": found.free_disk_bytes,
        "duration": found.duration,
        "pace_run": found.pace_run,
        "parameter_count": found.shape.parameter_count if found.shape else None,
        "trained_count": found.trained_count,
    }


def _lines(found: Preflight, row_count: int) -> list[str]:
    lines = list(summary_lines(found))
    if found.shape:
        lines.append(f"{found.shape.parameter_count:,} parameters, {found.trained_count:,} of them trained")
    for row in found.memory_rows:
        each = ", ".join(gigabytes(size) for size in row.bytes_per_device)
        lines.append(
            f"{row.tuning:<6} on 1, 2, 4, 8 GPUs with FSDP: {each}" + (" (this)" if row.is_chosen else "")
        )
    problems = found.data.problems[:row_count] if found.data else ()
    return [
        *lines,
        *(f"{one.outcome}: {one.reason}, trajectory {one.trajectory_id or one.row_id}" for one in problems),
    ]
