"""Recipes in the store: saved in versions, read back."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.mixture.recipe_text import read_recipe
from xlam_backend.store.connection import Store
from xlam_backend.store.recipes import SavedRecipe as SavedRecipe
from xlam_backend.store.recipes import list_recipes as list_recipes
from xlam_backend.store.recipes import read_recipe_versions as read_recipe_versions
from xlam_backend.store.recipes import read_saved_recipe as read_saved_recipe
from xlam_backend.store.recipes import write_recipe_version

LONGEST_NOTE = 500


def save_recipe(
    store: Store, text: str, *, person: Person, now: datetime, note: str = "", name: str = ""
) -> SavedRecipe:
    """Save a text as the next version of the recipe that it names; equal text makes no new version.

    With `name`, the text must be a recipe of that name.

    Raises:
        RecipeFaultError: the text is no recipe.
        AccessDeniedError: the person may not mix.
    """
    require(person, "mix")
    recipe = read_recipe(text)
    if name and recipe.name != name:
        raise InputError(
            f"The text names the recipe {recipe.name!r}, not {name!r}.", "Change the name in the text."
        )
    return write_recipe_version(store, recipe.name, text, note.strip()[:LONGEST_NOTE], person=person, now=now)


def open_recipe(store: Store, name: str, version: int = 0) -> Recipe:
    """Return the recipe of this name, in one version or (0) the one that counts."""
    return read_recipe(read_saved_recipe(store, name, version).text)
