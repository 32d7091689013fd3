"""The recipes there are: the packaged ones, which never change, and people's own, in versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, NotFoundError, UnknownNameError, XlamError
from xlam_backend.mixture.recipe_text import RecipeFaultError
from xlam_backend.store.connection import Store
from xlam_backend.store.recipes import SavedRecipe
from xlam_backend.store.training_recipes import list_saved, read_saved_versions, write_saved_version
from xlam_backend.training.plan import Method, TrainingPlan
from xlam_backend.training.recipe import PACKAGED, TrainingRecipe, packaged_text, plan_of
from xlam_backend.training.recipe_text import read_training_recipe, write_training_recipe

LONGEST_NOTE = 500


class ShelfRecipe(msgspec.Struct, frozen=True):
    """A recipe with its text; a packaged one has version 0 and nobody who made it.

    `fault` says why a text that was saved once cannot be used any more; its recipe is then for no method.
    """

    recipe: TrainingRecipe
    text: str
    version: int = 0
    note: str = ""
    person: str = ""
    made_at: datetime | None = None
    fault: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.recipe.name

    @property
    def is_packaged(self) -> bool:
        """Whether it came with the product."""
        return self.version == 0


def packaged_recipe(name: str) -> ShelfRecipe:
    """Return a packaged recipe."""
    text = packaged_text(name)
    return ShelfRecipe(read_training_recipe(text), text)


def list_training_recipes(store: Store) -> list[ShelfRecipe]:
    """Return all recipes: the packaged ones, then people's own, the one saved last first."""
    return [*(packaged_recipe(name) for name in PACKAGED), *(_own(saved) for saved in list_saved(store))]


def read_training_recipe_versions(store: Store, name: str) -> list[ShelfRecipe]:
    """Return every version of a recipe, the latest first; a packaged one has one.

    Raises:
        UnknownNameError: there is no recipe of this name.
    """
    if name in PACKAGED:
        return [packaged_recipe(name)]
    versions = read_saved_versions(store, name)
    if not versions:
        known = [*PACKAGED, *(saved.name for saved in list_saved(store))]
        raise UnknownNameError("training recipe", name, known)
    return [_own(saved) for saved in versions]


def open_training_recipe(store: Store, name: str, version: int = 0) -> ShelfRecipe:
    """Return a recipe in one version, or (0) the one that counts.

    Raises:
        UnknownNameError: there is no recipe of this name.
        NotFoundError: it has no such version.
    """
    versions = read_training_recipe_versions(store, name)
    for one in versions:
        if version in (0, one.version):
            return one
    newest = versions[0].version
    way_out = f"Its versions are 1 to {newest}." if newest else "It is a packaged one and has no versions."
    raise NotFoundError(f"The training recipe {name!r} has no version {version}.", way_out)


def save_training_recipe(
    store: Store, text: str, *, person: Person, now: datetime, note: str = ""
) -> ShelfRecipe:
    """Save a text as the next version of the recipe that it names; equal text makes no new version.

    Raises:
        RecipeFaultError: the text is no recipe.
        InputError: a packaged recipe has this name.
        AccessDeniedError: the person may not train.
    """
    require(person, "train")
    recipe = read_training_recipe(text)
    if recipe.name in PACKAGED:
        raise InputError(f"A packaged recipe is called {recipe.name!r}.", "Give yours another name.")
    note = note.strip()[:LONGEST_NOTE]
    return _own(write_saved_version(store, recipe.name, text, note, person=person, now=now))


def changed_recipe_text(base: TrainingRecipe, method: Method, name: str, changes: dict[str, Any]) -> str:
    """Return a recipe as YAML that is `base` under another name, with changes to one method's settings."""
    own = {**(base.of(method) or {}), **msgspec.to_builtins(changes)}
    title = base.title if name == base.name else ""
    made = msgspec.structs.replace(base, name=name, title=title)
    made = (
        msgspec.structs.replace(made, sft=own) if method == "sft" else msgspec.structs.replace(made, dpo=own)
    )
    return write_training_recipe(made)


def recipe_plan(
    store: Store, name: str, method: Method, /, *, version: int = 0, **chosen: Any
) -> TrainingPlan:
    """Return the plan of a recipe by its name; what is chosen goes before what the recipe says."""
    shelf = open_training_recipe(store, name, version)
    return plan_of(shelf.recipe, method, version=shelf.version, **chosen)


def plan_of_recipe_alone(store: Store, plan: TrainingPlan) -> TrainingPlan | None:
    """Return what the recipe of a plan says without anything chosen beside it; None where it names none."""
    if not plan.recipe:
        return None
    try:
        return recipe_plan(store, plan.recipe, plan.method, version=plan.recipe_version)
    except XlamError:  # the recipe was another's, or is not for this method any more
        return None


def _own(saved: SavedRecipe) -> ShelfRecipe:
    recipe, fault = TrainingRecipe(name=saved.name), ""
    try:
        recipe = read_training_recipe(saved.text)
    except RecipeFaultError as error:  # settings change from one version of the product to the next
        fault = error.what
    return ShelfRecipe(recipe, saved.text, saved.version, saved.note, saved.person, saved.made_at, fault)
