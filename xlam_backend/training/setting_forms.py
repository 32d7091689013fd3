"""The settings of a plan as a form shows them: in groups, each with its kind, its bounds and its words."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal

import msgspec

from xlam_backend.training.plan import TINY, TrainingPlan, describe_settings
from xlam_backend.training.recipe_text import setting_types

SettingKind = Literal["choice", "flag", "whole", "number", "several", "names", "text"]

# What people change most, in sight; the others are folded away in their groups.
IN_SIGHT = (
    "base_model",
    "tuning",
    "max_length",
    "epochs",
    "learning_rate",
    "batch_size",
    "accumulation",
    "device",
    "devices",
)
# Where these may come from is a person's own word, never an address: they make this machine load something.
NEVER_IN_ADDRESSES = frozenset({"base_model", "revision", "report_to"})
# Chosen by widgets of their own.
ELSEWHERE = frozenset({"pairs"})


class SettingForm(msgspec.Struct, frozen=True):
    """One setting; `low` and `high` bound a number, None where nothing does."""

    name: str
    title: str
    words: str
    kind: SettingKind
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


class SettingGroup(msgspec.Struct, frozen=True):
    """Settings that belong together."""

    title: str
    names: tuple[str, ...]

    def is_for(self, plan: TrainingPlan) -> bool:
        """Whether these settings do anything in a plan."""
        if self.title == ADAPTER:
            return plan.is_adapter
        if self.title == PREFERENCES:
            return plan.method == "dpo"
        return plan.base_model == TINY and not plan.start_from if self.title == TINY_MODEL else True


ADAPTER, PREFERENCES, TINY_MODEL = "Adapter", "Preferences", "Tiny model"
SETTING_GROUPS: tuple[SettingGroup, ...] = (
    SettingGroup(
        "Model and data",
        (
            "base_model",
            "revision",
            "template",
            "example_of",
            "with_thoughts",
            "max_length",
            "too_long",
            "packing",
            "by_length",
            "most_rows",
            "eval_rows",
        ),
    ),
    SettingGroup(
        "Learning",
        (
            "tuning",
            "epochs",
            "max_steps",
            "batch_size",
            "accumulation",
            "learning_rate",
            "scheduler",
            "warmup_steps",
            "weight_decay",
            "max_grad_norm",
            "adam_beta1",
            "adam_beta2",
            "neftune_noise",
            "seed",
        ),
    ),
    SettingGroup(ADAPTER, ("lora_rank", "lora_alpha", "lora_dropout", "lora_targets")),
    SettingGroup(PREFERENCES, ("dpo_beta", "dpo_loss", "dpo_label_smoothing")),
    SettingGroup(
        "Devices", ("device", "devices", "sharding", "offload", "precision", "gradient_checkpointing")
    ),
    SettingGroup(
        "Watching and keeping",
        (
            "log_steps",
            "save_steps",
            "keep_checkpoints",
            "eval_steps",
            "sample_count",
            "sample_tokens",
            "report_to",
        ),
    ),
    SettingGroup(TINY_MODEL, ("tiny_layers", "tiny_hidden", "tiny_vocabulary")),
)


@cache
def setting_forms() -> dict[str, SettingForm]:
    """Return every setting that a recipe may set, by its name."""
    words = {setting.name: setting.words for setting in describe_settings()}
    return {
        name: _form(name, words[name], kind)
        for name, kind in setting_types().items()
        if name not in ELSEWHERE
    }


def _form(name: str, words: str, annotation: Any) -> SettingForm:
    info = msgspec.inspect.type_info(annotation)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    title = name.replace("_", " ").capitalize()
    if isinstance(info, msgspec.inspect.LiteralType):
        return SettingForm(name, title, words, "choice", tuple(str(value) for value in info.values))
    if isinstance(info, msgspec.inspect.BoolType):
        return SettingForm(name, title, words, "flag")
    if isinstance(info, msgspec.inspect.IntType):
        return SettingForm(name, title, words, "whole", (), *_bounds(info, 1))
    if isinstance(info, msgspec.inspect.FloatType):
        return SettingForm(name, title, words, "number", (), *_bounds(info, 0))
    if isinstance(info, msgspec.inspect.VarTupleType):
        item = info.item_type
        choices = tuple(map(str, item.values)) if isinstance(item, msgspec.inspect.LiteralType) else ()
        return SettingForm(name, title, words, "several" if choices else "names", choices)
    return SettingForm(name, title, words, "text")


def _bounds(
    info: msgspec.inspect.IntType | msgspec.inspect.FloatType, step: int
) -> tuple[float | None, float | None]:
    """Return the lowest and the highest value; a bound that is itself forbidden counts one step inside."""
    low: float | None = info.ge
    if low is None and info.gt is not None:
        low = info.gt + step if step else math.nextafter(info.gt, math.inf)
    high: float | None = info.le
    if high is None and info.lt is not None:
        high = info.lt - step if step else math.nextafter(info.lt, -math.inf)
    return low, high
