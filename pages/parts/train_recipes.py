"""Recipes on the Train page: read one, see its versions, write one anew, save what was changed."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.text_diff import text_diff_html
from pages.parts.train_choice import Begun
from pages.parts.train_settings import forget_changes, subject_of
from pages.parts.url_view import put_in_url
from xlam_backend.errors import XlamError
from xlam_backend.mixture.recipe_text import RecipeFaultError
from xlam_backend.owner import app_store
from xlam_backend.training.draft import Changes
from xlam_backend.training.recipe_shelf import (
    ShelfRecipe,
    changed_recipe_text,
    read_training_recipe_versions,
    save_training_recipe,
)

_HEIGHT = 360


def draw_recipe_text(shelf: ShelfRecipe) -> None:
    """Draw a recipe as YAML, to be read or changed."""
    with st.expander("The recipe as text", icon=":material/description:", key=f"train_text_{shelf.name}"):
        if shelf.is_packaged:
            draw_note("A packaged recipe never changes: give yours another name, and save it.")
        text = st.text_area(
            "Recipe as YAML", shelf.text, height=_HEIGHT, key=f"train_yaml_{shelf.name}_{shelf.version}"
        )
        note = st.text_input("What changed (optional)", key=f"train_text_note_{shelf.name}_{shelf.version}")
        if st.button(
            "Save this text", icon=":material/save:", key="train_save_text", disabled=text == shelf.text
        ):
            _save(text, note)
        _draw_versions(shelf)


def draw_save_changes(begun: Begun, changes: Changes) -> None:
    """Draw the way to keep changed settings as a recipe."""
    shelf = begun.shelf
    if shelf is None or not changes:
        return
    with st.expander(f"Keep {counted(len(changes), 'change')} as a recipe", icon=":material/bookmark_add:"):
        usual = "" if shelf.is_packaged else shelf.name
        name = st.text_input("Name of the recipe", usual, max_chars=80, key=f"train_recipe_name_{shelf.name}")
        note = st.text_input("What changed (optional)", key=f"train_recipe_note_{shelf.name}")
        if st.button(
            "Save the recipe", icon=":material/save:", key="train_save_recipe", disabled=not name.strip()
        ):
            text = changed_recipe_text(shelf.recipe, begun.usual.method, name.strip(), changes)
            _save(text, note, subject=subject_of(begun))


def _save(text: str, note: str, *, subject: str = "") -> None:
    try:
        saved = save_training_recipe(
            app_store(), text, person=current_person(), now=datetime.now(UTC), note=note
        )
    except RecipeFaultError as error:
        lines = "".join(
            f"<li>line {fault.line}: {text_html(fault.words, 300)}</li>" for fault in error.faults
        )
        st.html(
            f'<div class="xs-error" role="alert"><b>This recipe cannot be used.</b><ul>{lines}</ul></div>'
        )
        return
    except XlamError as error:
        show_error(error)
        return
    if subject:
        forget_changes(subject)
    put_in_url("recipe", saved.name)
    st.rerun()


def _draw_versions(shelf: ShelfRecipe) -> None:
    if shelf.is_packaged:
        return
    versions = read_cached("training_recipe_versions", read_training_recipe_versions, shelf.name)
    for at, one in enumerate(versions):
        when = f"{one.made_at:%Y-%m-%d %H:%M} UTC" if one.made_at else ""
        note = f" · {text_html(one.note, 200)}" if one.note else ""
        st.html(
            f'<b>Version {one.version}</b><p class="xs-note">{text_html(one.person, 80)}, {when}{note}</p>'
        )
        if at + 1 < len(versions):
            st.html(text_diff_html(versions[at + 1].text, one.text))
