"""The recipe that is being edited: a text in the session, by which form and text view agree."""

from __future__ import annotations

import streamlit as st

from xlam_backend.mixture.recipe import Recipe
from xlam_backend.mixture.recipe_text import read_draft, write_recipe
from xlam_backend.mixture.recipes import SavedRecipe

_TEXT, _OF, _GENERATION = "mixture_text", "mixture_of", "mixture_generation"


def begin_draft(saved: SavedRecipe) -> None:
    """Begin with a saved version, unless a draft of that very version is there."""
    name = f"{saved.name}\n{saved.version}"
    if st.session_state.get(_OF) != name:
        st.session_state[_OF] = name
        replace_draft(saved.text)


def draft_text() -> str:
    """Return the draft as YAML."""
    return str(st.session_state[_TEXT])


def replace_draft(text: str) -> None:
    """Put another text in the draft's place; every widget begins anew."""
    st.session_state[_TEXT] = text
    st.session_state[_GENERATION] = int(st.session_state.get(_GENERATION, 0)) + 1


def take_recipe(recipe: Recipe) -> None:
    """Take over what the form says; a text that says the same stays as its author wrote it."""
    if read_draft(draft_text()) != recipe:
        st.session_state[_TEXT] = write_recipe(recipe)


def take_text(text: str) -> None:
    """Take over what the text view says."""
    st.session_state[_TEXT] = text


def widget_key(name: str) -> str:
    """Return the key of a widget of this draft."""
    return f"mix_{st.session_state[_GENERATION]}_{name}"
