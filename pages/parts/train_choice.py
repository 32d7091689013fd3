"""What a new training begins with: a recipe or an earlier run, the method, the data, the weights."""

from __future__ import annotations

from typing import Any

import msgspec
import streamlit as st

from pages.parts.page_head import draw_note
from pages.parts.preference_choice import draw_choice as draw_pairs
from pages.parts.routes import MIXTURE, PREFERENCES
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_select
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.preference.figures import read_figures
from xlam_backend.releases.reading import Release, list_releases
from xlam_backend.training.draft import plan_of_run
from xlam_backend.training.models import ModelOnDisk, list_models
from xlam_backend.training.plan import METHODS, Method, TrainingPlan
from xlam_backend.training.recipe import plan_of
from xlam_backend.training.recipe_shelf import ShelfRecipe, list_training_recipes

_METHOD_WORDS: dict[Method, str] = {"sft": "SFT: learn a release", "dpo": "DPO: learn preference pairs"}
_NAME_KEY = "train_name"


class Begun(msgspec.Struct, frozen=True):
    """What was chosen: the plan before any change of a setting, and what stands beside the settings.

    shelf   the recipe, None where the settings are those of an earlier run
    chosen  name, release or pairs, and the weights to begin with
    """

    usual: TrainingPlan
    chosen: dict[str, Any]
    shelf: ShelfRecipe | None


def draw_begin() -> Begun | None:
    """Draw the choices; None while there is nothing that could be trained."""
    run = _plan_of_run()
    shelf = None if run else _draw_recipe()
    if run:
        _draw_run_note(run)
    method = _draw_method(run, shelf)
    if method is None:
        return None
    usual = run or plan_of(shelf.recipe, method, version=shelf.version)  # type: ignore[union-attr] # one of both
    chosen = _draw_data(method, usual)
    chosen |= _draw_weights(usual, method)
    return Begun(usual, chosen, shelf)


def _plan_of_run() -> TrainingPlan | None:
    run_id = st.query_params.get("settings_of", "")
    if not run_id:
        return None
    try:
        return plan_of_run(app_store().folder, run_id)
    except XlamError as error:
        draw_note(f"{one_line(error.what, 200)} A recipe is taken instead.")
        return None


def _draw_run_note(run: TrainingPlan) -> None:
    draw_note(f"With the settings of an earlier run ({run.method.upper()}).")
    st.button(
        "Begin with a recipe instead",
        type="tertiary",
        icon=":material/undo:",
        key="train_no_run",
        on_click=put_in_url,
        args=("settings_of", ""),
    )


def _draw_recipe() -> ShelfRecipe:
    shelf = {one.name: one for one in read_cached("training_recipes", list_training_recipes)}
    name = url_select(
        "Recipe",
        "recipe",
        list(shelf),
        show=lambda each: _recipe_words(shelf[each]) if each in shelf else each,
        placeholder=_recipe_words(next(iter(shelf.values()))),
        only_these=True,
    )
    one = shelf.get(name) or next(iter(shelf.values()))
    if one.fault:
        draw_note(f"This recipe cannot be used any more. {one_line(one.fault, 300)}")
    else:
        draw_note(one_line(one.recipe.description or one.note or "An own recipe.", 400))
    return one


def _recipe_words(one: ShelfRecipe) -> str:
    title = one_line(one.recipe.title or one.name, 80)
    return title if one.is_packaged else f"{title}, version {one.version}"


def _draw_method(run: TrainingPlan | None, shelf: ShelfRecipe | None) -> Method | None:
    if run:
        return run.method
    methods = shelf.recipe.methods if shelf else ()
    if not methods:
        return None
    asked = st.query_params.get("method", "")
    known = next((method for method in METHODS if method == asked and method in methods), methods[0])
    if len(methods) == 1:
        draw_note(f"This recipe is for {_METHOD_WORDS[known]}.")
        return known
    st.session_state["train_method"] = known
    st.segmented_control(
        "Method",
        methods,
        format_func=_METHOD_WORDS.__getitem__,
        key="train_method",
        on_change=_take_method,
        required=True,
    )
    return known


def _take_method() -> None:
    put_in_url("method", st.session_state["train_method"])
    put_in_url("set", "")


def _draw_data(method: Method, usual: TrainingPlan) -> dict[str, Any]:
    if method == "dpo":
        selection = draw_pairs()
        figures = read_cached("preference_figures", read_figures, selection)
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_note(f"{figures.counting:,} of {figures.total:,} pairs count.")
            st.page_link(PREFERENCES, label="Preference pairs", icon=":material/thumbs_up_down:")
        return {"pairs": msgspec.to_builtins(selection), "release": ""}
    releases = {one.release_id: one for one in list_releases(app_store().folder)}
    if not releases:
        draw_note("No release is frozen yet: mix one first.")
        st.page_link(MIXTURE, label="Mixture", icon=":material/blender:")
        return {"release": ""}
    newest = usual.release if usual.release in releases else next(iter(releases))
    chosen = url_select(
        "Release",
        "release",
        list(releases),
        show=lambda each: _release_words(releases[each]) if each in releases else each,
        only_these=True,
        placeholder=_release_words(releases[newest]),
    )
    return {"release": chosen if chosen in releases else newest}


def _release_words(release: Release) -> str:
    manifest = release.manifest
    return f"{one_line(manifest.name, 80)} · {manifest.row_count:,} rows · {release.release_id[:12]}"


def _draw_weights(usual: TrainingPlan, method: Method) -> dict[str, Any]:
    models = {one.name: one for one in list_models(app_store().folder)}
    left, right = st.columns(2)
    with left:
        start_from = url_select(
            "Begin with",
            "start_from",
            list(models),
            show=lambda each: _model_words(models[each]) if each in models else one_line(each, 80),
            placeholder="the base model",
        )
    name = right.text_input(
        "Name of the model",
        key=_NAME_KEY,
        max_chars=80,
        placeholder="made up when empty",
        help="Letters, digits, '.', '-' and '_'.",
    )
    if method == "dpo" and not start_from and not usual.start_from:
        _offer_newest_sft(models)
    return {"start_from": start_from or usual.start_from, "name": name.strip()}


def _offer_newest_sft(models: dict[str, ModelOnDisk]) -> None:
    newest = next((one.name for one in models.values() if one.record.method == "sft"), "")
    if newest:
        st.button(
            f"Begin with {one_line(newest, 60)}, as SFT left it",
            type="tertiary",
            icon=":material/subdirectory_arrow_right:",
            key="train_newest_sft",
            on_click=put_in_url,
            args=("start_from", newest),
        )


def _model_words(model: ModelOnDisk) -> str:
    record = model.record
    return f"{one_line(model.name, 60)} · {record.method}, {record.tuning} · {record.made_at:%Y-%m-%d}"
