"""A plan as the command that does the same in a shell, ready to be copied."""

from __future__ import annotations

import json
import shlex
from typing import Any

import msgspec

from xlam_backend.training.plan import TrainingPlan

PROGRAM = "python -m xlam_backend train"
# Settings that have an option of their own, in the order they are written.
_OPTIONS = {
    "release": "--release",
    "method": "--method",
    "tuning": "--tuning",
    "base_model": "--base",
    "start_from": "--start-from",
    "name": "--name",
}
_OF_THE_RECIPE = ("recipe", "recipe_version")


def command_of(plan: TrainingPlan, *, of_recipe: TrainingPlan | None = None, verb: str = "run") -> str:
    r"""Return the command that starts a plan; with the plan of its recipe only what differs from that.

    >>> print(command_of(TrainingPlan(release="abcdef", epochs=2.0)))
    python -m xlam_backend train run \
      --release abcdef \
      --set epochs=2.0
    """
    usual = of_recipe or TrainingPlan()
    words = []
    if of_recipe is not None:
        words.append(f"--recipe {shlex.quote(of_recipe.recipe)}")
        words.append(f"--method {plan.method}")
    for name, option in _OPTIONS.items():
        if getattr(plan, name) != getattr(usual, name):
            words.append(f"{option} {shlex.quote(getattr(plan, name))}")
    words += _changes(plan, usual, has_recipe=of_recipe is not None)
    return " \\\n  ".join([f"{PROGRAM} {verb}", *words])


def _changes(plan: TrainingPlan, usual: TrainingPlan, *, has_recipe: bool) -> list[str]:
    said = []
    for name in TrainingPlan.__struct_fields__:
        value = getattr(plan, name)
        differs = value != getattr(usual, name)
        if has_recipe and name in _OF_THE_RECIPE:
            differs = name == "recipe_version" and value > 0
        if differs and name not in _OPTIONS:
            said.append(f"--set {shlex.quote(f'{name}={_value_text(value)}')}")
    return said


def _value_text(value: Any) -> str:
    """Return a value as `--set` reads it: JSON, or text that is no JSON."""
    plain = msgspec.to_builtins(value)
    if not isinstance(plain, str):
        return json.dumps(plain)
    try:
        json.loads(plain)
    except json.JSONDecodeError:
        return plain
    return json.dumps(plain)
