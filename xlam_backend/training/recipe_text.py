"""Training recipes as YAML: read with every fault named by its line, and written."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_names import nearest_names
from xlam_backend.errors import SettingError
from xlam_backend.mixture.recipe_text import LONGEST_NAME, RecipeFaultError
from xlam_backend.mixture.yaml_places import Path, Placed, PlacedFault, YamlFaultError, read_placed
from xlam_backend.preference.selection import PairSelection
from xlam_backend.training.plan import METHODS, TrainingPlan
from xlam_backend.training.recipe import NOT_IN_RECIPES, Settings, TrainingRecipe, plan_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_SECTIONS = ("settings", *METHODS)


def read_training_recipe(text: str) -> TrainingRecipe:
    """Return the recipe that a text says.

    Raises:
        RecipeFaultError: it says none; its faults name the lines.
    """
    placed = _placed(text)
    _refuse(tuple(_faults(placed)))
    try:
        recipe = msgspec.convert(_plain(placed.value), TrainingRecipe)
    except msgspec.ValidationError as error:
        raise RecipeFaultError((_misfit(placed, str(error)),)) from error
    _refuse(tuple(_misfits(placed, recipe)))
    return recipe


def write_training_recipe(recipe: TrainingRecipe) -> str:
    """Return a recipe as YAML; reading it again gives the same recipe."""
    import yaml  # here: pages and commands that write no recipe need not wait for it

    told = msgspec.to_builtins(recipe)
    ordered = {key: told[key] for key in TrainingRecipe.__struct_fields__ if key in told}
    text: str = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    return text


@cache
def setting_types() -> dict[str, Any]:
    """Return what each setting of a recipe may be, with its bounds."""
    hints = typing.get_type_hints(TrainingPlan, include_extras=True)
    return {name: hints[name] for name in TrainingPlan.__struct_fields__ if name not in NOT_IN_RECIPES}


def read_setting(name: str, value: Any) -> Any:
    """Return the value of a setting as a plan holds it.

    Raises:
        SettingError: there is no such setting in a recipe, or its bounds forbid the value.
    """
    kinds = setting_types()
    if name not in kinds:
        near = nearest_names(name, kinds)
        hint = f"did you mean {near[0]!r}?" if near else "`train settings` lists all."
        if name in TrainingPlan.__struct_fields__:
            hint = "it belongs to a run, not to a recipe."
        raise SettingError(f"there is no setting {name[:80]!r} here; {hint}")
    if name == "pairs":
        _refuse_unknown_keys(value)
    if kinds[name] in _LISTS and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        # Not strict: YAML takes 5e-6 for a word.
        return msgspec.convert(value, kinds[name], strict=False)
    except (msgspec.ValidationError, SettingError) as error:
        words = error.what if isinstance(error, SettingError) else _PLACE.sub("", str(error))
        raise SettingError(f"{name}: {_lower(words)}") from error


def _refuse_unknown_keys(pairs: Any) -> None:
    """Refuse a choice of pairs with a key that would be passed over in silence."""
    given = pairs if isinstance(pairs, dict) else {}
    filters = given.get("filters")
    for some, kind in ((given, PairSelection), (filters if isinstance(filters, dict) else {}, Filters)):
        for key in some:
            if key not in kind.__struct_fields__:
                known = ", ".join(kind.__struct_fields__)
                raise SettingError(f"pairs: there is no key {key[:80]!r} here; known are {known}")


def _placed(text: str) -> Placed:
    try:
        placed = read_placed(text)
    except YamlFaultError as error:
        raise RecipeFaultError((error.fault,)) from error
    if not isinstance(placed.value, dict):
        raise RecipeFaultError((PlacedFault(1, "a recipe is a list of keys, beginning with `name:`"),))
    return placed


def _refuse(faults: tuple[PlacedFault, ...]) -> None:
    if faults:
        raise RecipeFaultError(faults)


def _faults(placed: Placed) -> Iterator[PlacedFault]:
    recipe = placed.value
    known = TrainingRecipe.__struct_fields__
    for key in recipe:
        if key not in known:
            near = nearest_names(key, known)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            yield PlacedFault(placed.line_of((key,)), f"there is no key {key[:80]!r} here; {hint}")
    name = recipe.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        words = f"a name has letters, digits, spaces, . _ + - and at most {LONGEST_NAME} characters"
        yield PlacedFault(placed.line_of(("name",)), words)
    if not any(method in recipe for method in METHODS):
        yield PlacedFault(
            1, "a recipe has a section `sft:` or `dpo:`, or both (`sft: {}` where nothing is set)"
        )
    for section in _SECTIONS:
        yield from _section_faults(placed, section, recipe.get(section))


def _section_faults(placed: Placed, section: str, settings: Any) -> Iterator[PlacedFault]:
    if settings is None:
        return
    if not isinstance(settings, dict):
        yield PlacedFault(placed.line_of((section,)), f"`{section}:` holds settings, one on a line")
        return
    for name, value in settings.items():
        path: Path = (section, name)
        try:
            read_setting(name, value)
        except SettingError as error:
            yield PlacedFault(placed.line_of(path), error.what)


def _misfit(placed: Placed, words: str) -> PlacedFault:
    """Place what msgspec says of one of the recipe's own keys: its words end in "at `$.key`"."""
    found = _PLACE.search(words)
    key = found.group(1) if found else ""
    return PlacedFault(placed.line_of((key,)), f"{key}: {_lower(_PLACE.sub('', words))}")


def _misfits(placed: Placed, recipe: TrainingRecipe) -> Iterator[PlacedFault]:
    """Yield what is impossible only together: each setting by itself was looked at before."""
    for method in recipe.methods:
        try:
            plan_of(recipe, method)
        except SettingError as error:
            yield PlacedFault(placed.line_of((method,)), f"{method}: {error}")


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe with its settings as a plan holds them; an empty section stands for no settings."""
    plain = dict(value)
    for section in _SECTIONS:
        if section in plain:
            plain[section] = _settings(plain[section] or {})
    return plain


def _settings(given: Settings) -> Settings:
    return {name: msgspec.to_builtins(read_setting(name, value)) for name, value in given.items()}


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


_LISTS = (setting_types()["lora_targets"], setting_types()["report_to"])
