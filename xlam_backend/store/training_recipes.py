"""Training recipes as people saved them: every version stays, the highest counts."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.recipes import SavedRecipe


def list_saved(store: Store) -> list[SavedRecipe]:
    """Return the version of each training recipe that counts, the latest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT * FROM training_recipe "
            "QUALIFY row_number() OVER (PARTITION BY name ORDER BY version DESC) = 1 "
            "ORDER BY made_at DESC, name"
        ).fetchall()
    return [SavedRecipe(*row) for row in rows]


def read_saved_versions(store: Store, name: str) -> list[SavedRecipe]:
    """Return every version of a training recipe, the latest first; none where there is no such recipe."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT * FROM training_recipe WHERE name = ? ORDER BY version DESC", [name]
        ).fetchall()
    return [SavedRecipe(*row) for row in rows]


def write_saved_version(
    store: Store, name: str, text: str, note: str, *, person: Person, now: datetime
) -> SavedRecipe:
    """Add a version of a training recipe; a text that counts already is not added again.

    The caller has made sure that the person may do this.
    """
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT * FROM training_recipe WHERE name = ? ORDER BY version DESC LIMIT 1", [name]
        ).fetchall()
        if rows and rows[0][2] == text:
            return SavedRecipe(*rows[0])
        version = rows[0][1] + 1 if rows else 1
        saved = SavedRecipe(name, version, text, note, person.name, utc_timestamp(now))
        cursor.execute(
            "INSERT INTO training_recipe VALUES (?, ?, ?, ?, ?, ?)", [*msgspec.structs.astuple(saved)]
        )
        detail = {"version": version, "note": note}
        write_audit(cursor, store, person, "train", f"training recipe {name}", detail, now=now)
    return saved
