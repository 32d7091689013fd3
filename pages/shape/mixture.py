"""Mixture: recipes of training sets, what they would give, what is missing, and freezing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.guard import show_error
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.mixture_draft import begin_draft, draft_text, replace_draft, take_text, widget_key
from pages.parts.mixture_form import draw_form
from pages.parts.mixture_left_out import draw_left_out
from pages.parts.mixture_preview import draw_preview, draw_summary
from pages.parts.page_head import draw_empty, draw_head, draw_note
from pages.parts.routes import RELEASES
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.text_diff import text_diff_html
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_select
from xlam_backend.activities import freeze_run
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.explore.search import read_filter_choices
from xlam_backend.mixture.presets import PRESETS, preset_by_name
from xlam_backend.mixture.preview import Preview, preview_mixture
from xlam_backend.mixture.recipe import Recipe
from xlam_backend.mixture.recipe_text import RecipeFaultError, read_recipe, write_recipe
from xlam_backend.mixture.recipes import SavedRecipe, list_recipes, read_recipe_versions, save_recipe
from xlam_backend.owner import app_store
from xlam_backend.releases.reading import list_releases

_VIEW = "mixture_view"
_SAID = "mixture_said"


def draw_presets(names: set[str]) -> None:
    """Draw the paper's recipes, each to begin with."""
    for preset in PRESETS:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                preset.title,
                key=f"preset_{preset.name}",
                on_click=take_preset,
                args=(preset.name, tuple(names)),
                disabled=not may(current_person(), "mix"),
            )
            draw_note(preset.words)


def take_preset(preset: str, names: tuple[str, ...]) -> None:
    """Save a preset under a name that is free, and open it."""
    recipe = preset_by_name(preset).make()
    name = recipe.name
    number = 2
    while name in names:
        name, number = f"{recipe.name}-{number}", number + 1
    text = write_recipe(msgspec.structs.replace(recipe, name=name))
    save_recipe(app_store(), text, person=current_person(), now=datetime.now(UTC))
    put_in_url("recipe", name)


def choose_recipe(saved: list[SavedRecipe]) -> SavedRecipe:
    """Draw the choice of recipe, and the presets folded away; return the one that is open."""
    by_name = {one.name: one for one in saved}
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    with left:
        name = url_select(
            "Recipe",
            "recipe",
            list(by_name),
            show=lambda each: f"{each}, version {by_name[each].version}" if each in by_name else each,
            placeholder=one_line(f"{saved[0].name}, version {saved[0].version}"),
            only_these=True,
        )
    with right, st.popover("New recipe", icon=":material/add:"):
        draw_note("Begin with a recipe of the paper:")
        draw_presets(set(by_name))
    return by_name.get(name, saved[0])


def draw_editor(chosen: SavedRecipe) -> Recipe | None:
    """Draw the draft as form or text; return the recipe, None while it has faults."""
    view = st.segmented_control("Edit as", ["form", "text"], default="form", key="mixture_as") or "form"
    if st.session_state.get(_VIEW) != view:
        st.session_state[_VIEW] = view
        replace_draft(draft_text())
    if view == "form":
        try:
            draw_form()
        except RecipeFaultError as error:
            _draw_faults(error, has_lines=True)
            draw_note(
                "The form comes back when the text has no faults: choose text, and correct these lines."
            )
            return None
    else:
        take_text(st.text_area("Recipe as YAML", draft_text(), height=520, key=widget_key("text")))
    _draw_history(chosen)
    try:
        return read_recipe(draft_text())
    except RecipeFaultError as error:
        _draw_faults(error, has_lines=view == "text")
        return None


def _draw_faults(error: RecipeFaultError, *, has_lines: bool) -> None:
    lines = "".join(
        f"<li>{f'line {fault.line}: ' if has_lines else ''}{text_html(fault.words, 300)}</li>"
        for fault in error.faults
    )
    st.html(f'<div class="xs-error" role="alert"><b>This recipe cannot be used.</b><ul>{lines}</ul></div>')


def _draw_history(chosen: SavedRecipe) -> None:
    versions = read_cached("recipe_versions", read_recipe_versions, chosen.name)
    with st.expander(f"Versions ({len(versions)})"):
        for at, one in enumerate(versions):
            note = f" · {text_html(one.note, 200)}" if one.note else ""
            st.html(
                f"<b>Version {one.version}</b>"
                f'<p class="xs-note">{text_html(one.person, 80)}, {one.made_at:%Y-%m-%d %H:%M} UTC{note}</p>'
            )
            if at + 1 < len(versions):
                st.html(text_diff_html(versions[at + 1].text, one.text))
            if at:
                st.button(
                    "Take this text",
                    key=f"take_{one.version}",
                    type="tertiary",
                    on_click=replace_draft,
                    args=(one.text,),
                )


def draw_acts(chosen: SavedRecipe, recipe: Recipe, found: Preview) -> None:
    """Draw the buttons that save and freeze, for whoever may."""
    if not may_or_say("mix"):
        return
    is_changed = draft_text() != chosen.text
    note, save, freeze = st.columns([4, 2, 2], vertical_alignment="bottom")
    words = note.text_input("What changed (optional)", key=widget_key("note"), disabled=not is_changed)
    if save.button("Save", icon=":material/save:", key="save_recipe", disabled=not is_changed):
        _act(lambda: _save(recipe, words))
    if freeze.button(
        "Save and freeze" if is_changed else "Freeze",
        type="primary",
        icon=":material/ac_unit:",
        key="freeze_recipe",
        disabled=not found.can_be_frozen,
        help=None if found.can_be_frozen else "See above what stands against it.",
    ):
        _act(lambda: _freeze(recipe, words))


def _act(act: Callable[[], object]) -> None:
    try:
        act()
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()


def _save(recipe: Recipe, note: str) -> SavedRecipe:
    saved = save_recipe(app_store(), draft_text(), person=current_person(), now=datetime.now(UTC), note=note)
    put_in_url("recipe", recipe.name)
    st.session_state[_SAID] = f"Saved as version {saved.version}."
    return saved


def _freeze(recipe: Recipe, note: str) -> None:
    saved = _save(recipe, note)
    start_freeze(
        app_store(), saved.name, person=current_person(), now=datetime.now(UTC), version=saved.version
    )


def _draw_way_on(chosen: SavedRecipe) -> None:
    frozen = (
        one
        for one in list_releases(app_store().folder)
        if one.frozen and (one.frozen.recipe_name, one.frozen.recipe_version) == (chosen.name, chosen.version)
    )
    with st.container(horizontal=True):
        if release := next(frozen, None):
            st.page_link(
                RELEASES,
                label=f"The release of version {chosen.version}",
                icon=":material/ac_unit:",
                query_params={"release": release.release_id},
            )
        st.page_link(RELEASES, label="Releases", icon=":material/inventory_2:")


def draw_page() -> None:
    """Draw the page."""
    draw_head(
        "Mixture",
        "A recipe says which rows a training set is drawn from, in which shares. See what it would give and "
        "what is missing, then freeze it: the same recipe on the same data gives the same release.",
    )
    draw_kind_runs(freeze_run.KIND)
    if not read_cached("choices", read_filter_choices).datasets:
        draw_empty("There is nothing to mix yet.", "Import trajectories first.")
        return
    saved = read_cached("recipes", list_recipes)
    if not saved:
        draw_empty("There is no recipe yet.", "Begin with one of the paper's, and change what you like.")
        draw_presets(set())
        return
    chosen = choose_recipe(saved)
    begin_draft(chosen)
    if said := st.session_state.pop(_SAID, ""):
        st.html(f'<p><span class="xs-chip xs-good">✔ {text_html(str(said), 100)}</span></p>')
    editor, result = st.columns([5, 6], gap="large")
    with editor:
        recipe = draw_editor(chosen)
    with result:
        if recipe is None:
            draw_note("The preview comes back when the recipe has no faults.")
            return
        with st.spinner("Counting …", show_time=True):
            found = read_cached("mixture", preview_mixture, recipe)
        draw_summary(found)
        draw_acts(chosen, recipe, found)
        _draw_way_on(chosen)
        draw_preview(found)
    draw_left_out(recipe, found)


draw_page()
