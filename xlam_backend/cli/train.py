"""`train`: training runs, what can be set, and the checkpoints they leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
import msgspec

from xlam_backend.activities.train_run import start_training
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.plain_text import shorten
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.errors import SettingError
from xlam_backend.runs.folder import run_folder
from xlam_backend.settings import data_dir
from xlam_backend.training.checkpoints import list_checkpoints
from xlam_backend.training.plan import (
    METHODS,
    TUNINGS,
    TrainingPlan,
    describe_settings,
    read_plan,
    write_plan,
)
from xlam_backend.training.recipe_shelf import recipe_plan
from xlam_backend.training.recipe_text import read_setting

_DIRECT = ("name", "release", "method", "tuning", "base_model", "start_from")


@click.group("train", cls=StudioGroup)
def train() -> None:
    """Training runs: models learn a release (sft) or preference pairs (dpo)."""


@train.command("settings", needs_store=False)
@pass_caller
def settings(caller: Caller) -> None:
    """List every setting of a training run, with what it is for and its default."""
    found = describe_settings()
    rows = [(one.name, _default(one.default), one.words) for one in found]
    caller.answer_table(found, ("setting", "default", "what it is for"), rows)


def plan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is trained: `plan_from` makes a plan of what they give."""
    options = (
        click.option("--recipe", default="", metavar="RECIPE", help="Begin with a recipe: `train recipes`."),
        click.option("--release", default="", metavar="ID", help="The release that is learnt (sft)."),
        click.option(
            "--method", type=click.Choice(METHODS), default=None, help="What is done; default: sft."
        ),
        click.option(
            "--tuning", type=click.Choice(TUNINGS), default=None, help="What is trained; default: full."
        ),
        click.option(
            "--base",
            "base_model",
            default="",
            metavar="MODEL",
            help="A hub name, a folder, or tiny (the default).",
        ),
        click.option(
            "--start-from",
            default="",
            metavar="MODEL",
            help="A kept model, or RUN/checkpoint-N, to begin with.",
        ),
        click.option("--name", default="", metavar="NAME", help="What the model is to be called."),
        click.option(
            "--set",
            "changes",
            metavar="SETTING=VALUE",
            multiple=True,
            help="Any other setting; may be repeated.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def plan_from(caller: Caller, *, recipe: str, changes: tuple[str, ...], **direct: str | None) -> TrainingPlan:
    """Return the plan that options name: a recipe's settings, and what is set goes before them."""
    values = dict(read_change(text) for text in changes)
    values |= {name: direct[name] for name in _DIRECT if direct[name]}
    if not recipe:
        return read_plan(values)
    version, method = values.pop("recipe_version", 0), values.pop("method", "sft")
    return recipe_plan(caller.store, recipe, method, version=version, **values)


@train.command("run")
@plan_options
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def run(caller: Caller, /, detach: bool, **asked: Any) -> None:
    """Train a model: learn a release, or (--method dpo) the preference pairs that count."""
    begin(caller, plan_from(caller, **asked), detach=detach)


@train.command("checkpoints", needs_store=False)
@click.argument("run_id", metavar="RUN")
@pass_caller
def checkpoints(caller: Caller, run_id: str) -> None:
    """List the checkpoints of a RUN, and whether each is whole."""
    found = list_checkpoints(run_folder(data_dir(), run_id))
    rows = [
        (one.name, f"{one.byte_count:,}", f"{one.made_at:%Y-%m-%d %H:%M}", "; ".join(one.faults) or "whole")
        for one in found
    ]
    caller.answer_table(found, ("checkpoint", "bytes", "when", "state"), rows)


def begin(caller: Caller, plan: TrainingPlan, *, detach: bool) -> None:
    """Start a training and, unless it is to be left alone, wait for its model."""
    run_id = start_training(caller.store, plan, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"train: {progress_words(made)}")
    refuse_not_taken(status)
    outcome = status.outcome
    loss = outcome["loss"]
    caller.answer(
        {"run_id": run_id, "state": status.state, "plan": write_plan(plan), **outcome},
        f"Model {outcome['model']}: {outcome['steps']:,} steps over {outcome['examples']:,} examples"
        + (f", loss {loss:.4f}." if loss is not None else "."),
        f"{outcome['dropped']:,} examples were dropped, {outcome['cut']:,} cut; {outcome['strategy']}, "
        f"{outcome['precision']}.",
    )


def read_change(text: str) -> tuple[str, Any]:
    """Read SETTING=VALUE; what is no JSON is text, names of a list may stand with commas between them."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingError(f"{text!r} is no setting with a value.", "Write it as SETTING=VALUE.")
    given: Any = value
    with suppress(json.JSONDecodeError):
        given = json.loads(value)
    with suppress(SettingError):  # what cannot be read so is refused with the whole plan
        given = msgspec.to_builtins(read_setting(name.strip(), given))
    return name.strip(), given


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shorten(str(value), 24) if isinstance(value, str | int | float) else ""


COMMANDS = (train,)
