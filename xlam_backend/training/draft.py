"""A training that is being put together: what it begins with, and what a person has changed of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import NotFoundError, SettingError
from xlam_backend.runs.state import read_run
from xlam_backend.training.plan import TrainingPlan, read_plan
from xlam_backend.training.recipe_text import read_setting
from xlam_backend.training.setting_forms import NEVER_IN_ADDRESSES
from xlam_backend.training.watching import plan_of

_LONGEST = 20_000
Changes = dict[str, Any]


def plan_of_run(data_folder: Path, run_id: str) -> TrainingPlan:
    """Return the settings of an earlier training run, for a new one; its model's name is taken.

    Raises:
        NotFoundError: there is no such run, it trained nothing, or it is of another version.
    """
    plan = plan_of(read_run(data_folder, run_id))
    if plan is None:
        raise NotFoundError(f"The settings of the run {run_id} cannot be read.", "Begin with a recipe.")
    return msgspec.structs.replace(plan, name="")


def read_changes(text: str, usual: TrainingPlan) -> Changes:
    """Return the changes that an address holds; what makes no sense, or must not stand there, is left out.

    >>> read_changes('{"epochs": 3, "epoch": 1, "base_model": "/etc", "seed": -1}', TrainingPlan())
    {'epochs': 3.0}
    """
    try:
        given = msgspec.json.decode(text[:_LONGEST] or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}
    return kept_changes({name: each for name, each in given.items() if name not in NEVER_IN_ADDRESSES}, usual)


def kept_changes(given: Mapping[str, Any], usual: TrainingPlan) -> Changes:
    """Return those of the values given that can be used and differ from what is usual."""
    changes = {}
    for name, value in given.items():
        try:
            read = read_setting(name, value)
        except SettingError:
            continue
        if read != getattr(usual, name):
            changes[name] = msgspec.to_builtins(read)
    return changes


def write_changes(changes: Changes) -> str:
    """Return changes as an address holds them; "" where there are none."""
    told = {name: value for name, value in sorted(changes.items()) if name not in NEVER_IN_ADDRESSES}
    return msgspec.json.encode(told).decode() if told else ""


def changed_plan(usual: TrainingPlan, changes: Changes, **chosen: Any) -> TrainingPlan:
    """Return the plan with what was changed, and with what is chosen beside it.

    Raises:
        SettingError: the settings do not fit together.
    """
    return read_plan({**msgspec.to_builtins(usual), **changes, **chosen})
