"""A training recipe: the settings of an SFT and of a DPO that belong together, and the packaged ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.training.plan import METHODS, Method, TrainingPlan, read_plan

RECIPES_FOLDER = Path(__file__).with_name("recipes")
# The packaged recipes, in the order people see them.
PACKAGED = ("tiny", "xlam-1b-fc-r", "xlam-7b-fc-r", "xlam-7b-r", "xlam-8x7b-r", "xlam-8x22b-r")
# What belongs to one run, not to a recipe.
NOT_IN_RECIPES = frozenset({"name", "recipe", "recipe_version", "note", "method", "release", "start_from"})

Settings = dict[str, Any]


class TrainingRecipe(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recipe.

    context   how many tokens the published model reads; for the reader, training is set by max_length
    settings  of both methods; names and values as in a plan
    sft, dpo  what that method sets beside or instead; None: the recipe is not for this method
    """

    name: str
    title: str = ""
    description: str = ""
    context: int = 0
    settings: Settings = {}
    sft: Settings | None = None
    dpo: Settings | None = None

    @property
    def methods(self) -> tuple[Method, ...]:
        """Return what the recipe is for."""
        return tuple(method for method in METHODS if self.of(method) is not None)

    def of(self, method: Method) -> Settings | None:
        """Return what a method sets."""
        return self.sft if method == "sft" else self.dpo


def plan_of(recipe: TrainingRecipe, method: Method, /, *, version: int = 0, **chosen: Any) -> TrainingPlan:
    """Return the plan of a recipe for one method; what is chosen goes before what the recipe says.

    Raises:
        SettingError: the recipe is not for this method, or the settings do not fit together.
    """
    own = recipe.of(method)
    if own is None:
        raise SettingError(
            f"The recipe {recipe.name!r} is not for {method}.",
            f"It is for {' and '.join(recipe.methods)}; give it a section `{method}:`, or choose another.",
        )
    named = {"method": method, "recipe": recipe.name, "recipe_version": version}
    return read_plan({**recipe.settings, **own, **named, **chosen})


@cache
def packaged_text(name: str) -> str:
    """Return a packaged recipe as YAML.

    Raises:
        UnknownNameError: none has this name.
    """
    if name not in PACKAGED:
        raise UnknownNameError("packaged training recipe", name, PACKAGED)
    return (RECIPES_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
