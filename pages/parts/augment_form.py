"""A new augmentation: which data, what may change, and real rows before and after."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.augment_preview import draw_preview
from pages.parts.guard import show_error
from pages.parts.names import FORMAT_NAMES, STYLE_NAMES, format_title, style_title
from pages.parts.page_head import draw_note
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.activities.augment_run import start_augmentation
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.settings import LONGEST_NAME, MOST_VARIANTS, AugmentSettings
from xlam_backend.augment.showing import AugmentPreview, preview_augmentation
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store

_KEY = "augment_"
_MOST_SEED = 2**31 - 1
_ORDERS = {
    "tools": "the tools",
    "tool_keys": "name, description and parameters of a tool",
    "parameters": "the parameters of a tool",
    "call_keys": "the keys inside calls",
    "sections": "the sections of the prompt",
}


def draw_telling_form(filters: Filters, *, is_first: bool) -> None:
    """Draw the form of a new run; folded away it costs nothing."""
    is_wanted = is_first or st.query_params.get("new", "") in ("1", "run")
    box = st.expander(
        "Tell trajectories in another way",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_augmentation_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            if may_or_say("import"):
                _draw_form(filters)


def _draw_form(filters: Filters) -> None:
    settings = _draw_settings(filters)
    if settings is None:
        return
    try:
        made = read_cached("augment_preview", preview_augmentation, settings)
    except XlamError as error:
        show_error(error)
        return
    _draw_start(settings, made)
    draw_preview(made)


def _draw_settings(filters: Filters) -> AugmentSettings | None:
    left, right = st.columns([1, 1], gap="large")
    with left:
        first, second, third = st.columns(3)
        size = first.number_input("To draw (0: all)", 0, 10_000_000, 0, 100, key=f"{_KEY}size")
        variants = second.number_input("Made of each", 1, MOST_VARIANTS, 1, key=f"{_KEY}variants")
        seed = third.number_input("Seed", 0, _MOST_SEED, 0, key=f"{_KEY}seed")
        name = st.text_input(
            "Dataset that they go into",
            key=f"{_KEY}name",
            max_chars=LONGEST_NAME,
            placeholder=AugmentSettings(filters=filters).dataset_name,
        )
    with right:
        plan = _draw_plan()
    try:
        return AugmentSettings(
            filters=filters,
            size=int(size),
            seed=int(seed),
            variants=int(variants),
            plan=plan.check(),
            dataset=name.strip(),
        )
    except XlamError as error:
        show_error(error)
        return None


def _draw_plan() -> AugmentPlan:
    formats = st.multiselect(
        "Output formats of the answers",
        FORMAT_NAMES,
        FORMAT_NAMES,
        format_func=format_title,
        key=f"{_KEY}formats",
        placeholder="none: answers and format instruction stay",
    )
    styles = st.multiselect(
        "Marks around the sections",
        STYLE_NAMES,
        list(AugmentPlan().styles),
        format_func=style_title,
        key=f"{_KEY}styles",
        placeholder="choose at least one",
    )
    orders = st.multiselect(
        "Put into another order",
        list(_ORDERS),
        list(_ORDERS),
        format_func=_ORDERS.__getitem__,
        key=f"{_KEY}orders",
        placeholder="nothing",
    )
    return AugmentPlan(
        **{name: name in orders for name in _ORDERS}, formats=tuple(formats), styles=tuple(styles)
    )


def _draw_start(settings: AugmentSettings, made: AugmentPreview) -> None:
    count = made.trajectory_count * settings.variants
    if made.left_out_count:
        draw_note(f"Left out, {made.left_out_count:,}: they were augmented themselves.")
    if not count:
        draw_note("No trajectory matches these filters. Take one away.")
    label = f"Make {count:,} from {made.trajectory_count:,}" if count else "Make them"
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=not count, key=f"{_KEY}start"):
        try:
            start_augmentation(app_store(), settings, person=current_person(), now=datetime.now(UTC))
        except XlamError as error:
            show_error(error)
        else:
            st.rerun()
