"""The settings of a plan as people read them: each with its line, its value, and whether it was changed."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.training.plan import TrainingPlan, describe_settings


class SettingRow(msgspec.Struct, frozen=True):
    """A setting with its value in words; `is_changed` says that it is not the default."""

    name: str
    words: str
    value: str
    is_changed: bool


def setting_rows(plan: TrainingPlan) -> tuple[SettingRow, ...]:
    """Return every setting of a plan, in the order of the plan."""
    usual = TrainingPlan()
    return tuple(
        SettingRow(
            setting.name,
            setting.words,
            value_words(getattr(plan, setting.name)),
            getattr(plan, setting.name) != getattr(usual, setting.name),
        )
        for setting in describe_settings()
    )


def value_words(value: Any) -> str:
    """Write the value of a setting.

    >>> value_words(("q_proj", "v_proj")), value_words(False), value_words(5e-06), value_words(())
    ('q_proj, v_proj', 'no', '5e-06', 'none')
    """
    if isinstance(value, msgspec.Struct):
        told = msgspec.to_builtins(value)
        return ", ".join(f"{name}: {value_words(each)}" for name, each in told.items()) or "as usual"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {value_words(each)}" for name, each in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(value_words(each) for each in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
