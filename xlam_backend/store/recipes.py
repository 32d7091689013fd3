"""Recipes as people saved them: every version stays, the highest counts."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, UnknownNameError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store, utc_timestamp


class SavedRecipe(msgspec.Struct, frozen=True):
    """One version of a recipe, as its author wrote it."""

    name: str
    version: int
    text: str
    note: str
    person: str
    made_at: datetime


def list_recipes(store: Store) -> list[SavedRecipe]:
    """Return the version of each recipe that counts, the latest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT * FROM recipe QUALIFY row_number() OVER (PARTITION BY name ORDER BY version DESC) = 1 "
            "ORDER BY made_at DESC, name"
        ).fetchall()
    return [SavedRecipe(*row) for row in rows]


def read_recipe_versions(store: Store, name: str) -> list[SavedRecipe]:
    """Return every version of a recipe, the latest first.

    Raises:
        UnknownNameError: there is no recipe of this name.
    """
    with store.cursor() as cursor:
        rows = cursor.execute("SELECT * FROM recipe WHERE name = ? ORDER BY version DESC", [name]).fetchall()
    if not rows:
        raise UnknownNameError("recipe", name, [one.name for one in list_recipes(store)])
    return [SavedRecipe(*row) for row in rows]


def read_saved_recipe(store: Store, name: str, version: int = 0) -> SavedRecipe:
    """Return a version of a recipe, or (0) the one that counts.

    Raises:
        UnknownNameError: there is no recipe of this name.
        NotFoundError: it has no such version.
    """
    versions = read_recipe_versions(store, name)
    for one in versions:
        if version in (0, one.version):
            return one
    raise NotFoundError(
        f"The recipe {name!r} has no version {version}.", f"Its versions are 1 to {versions[0].version}."
    )


def write_recipe_version(
    store: Store, name: str, text: str, note: str, *, person: Person, now: datetime
) -> SavedRecipe:
    """Add a version of a recipe; a text that counts already is not added again.

    The caller has made sure that the person may do this.
    """
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT * FROM recipe WHERE name = ? ORDER BY version DESC LIMIT 1", [name]
        ).fetchall()
        if rows and rows[0][2] == text:
            return SavedRecipe(*rows[0])
        version = rows[0][1] + 1 if rows else 1
        saved = SavedRecipe(name, version, text, note, person.name, utc_timestamp(now))
        cursor.execute("INSERT INTO recipe VALUES (?, ?, ?, ?, ?, ?)", [*msgspec.structs.astuple(saved)])
        detail = {"version": version, "note": note}
        write_audit(cursor, store, person, "mix", f"recipe {name}", detail, now=now)
    return saved
