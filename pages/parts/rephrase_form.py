"""A new run of rephrasing: which data, which models, what it would ask and cost."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.endpoint_panel import draw_endpoint
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.activities.rephrase_run import RephraseEstimate, estimate_rephrasing, start_rephrasing
from xlam_backend.augment.rephrase_settings import (
    CHECKED_STEPS,
    MOST_REPHRASINGS,
    MOST_TRAJECTORIES,
    CheckedSteps,
    RephraseSettings,
)
from xlam_backend.augment.settings import LONGEST_NAME
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import XlamError
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.owner import app_store

_KEY = "rephrase_"
_STEP_WORDS: dict[CheckedSteps, str] = {
    "first call": "the first step that calls a tool",
    "each call": "each step that calls a tool",
}


def draw_rephrase_form(filters: Filters) -> None:
    """Draw the form of a new run; folded away it costs nothing."""
    is_wanted = st.query_params.get("new", "") == "rephrase"
    box = st.expander(
        "Have task instructions said in other words",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_rephrasing_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            draw_note(
                "A model rephrases the task instruction; the new one is given back to a model, and kept only "
                "where it still makes the calls of the trajectory. The rest is kept as rejects, with reasons."
            )
            if may_or_say("import"):
                _draw_form(filters)


def _draw_form(filters: Filters) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        made = _draw_settings(filters)
    if made is None:
        return
    settings, endpoint = made
    with right:
        estimate = _draw_estimate(settings, endpoint)
    can_start = estimate is not None and bool(estimate.instruction_count) and bool(settings.model)
    label = f"Rephrase {estimate.instruction_count:,}" if estimate and can_start else "Rephrase them"
    if st.button(
        label, type="primary", icon=":material/play_arrow:", disabled=not can_start, key=f"{_KEY}start"
    ):
        _start(settings)


def _draw_settings(filters: Filters) -> tuple[RephraseSettings, Endpoint] | None:
    first, second, third = st.columns(3)
    size = first.number_input("To draw (0: all)", 0, MOST_TRAJECTORIES, 100, 50, key=f"{_KEY}size")
    count = second.number_input("Rephrasings of each", 1, MOST_REPHRASINGS, 1, key=f"{_KEY}count")
    share = third.number_input("For people to review, in %", 0, 100, 5, 5, key=f"{_KEY}share")
    endpoint, models = draw_endpoint(_KEY, picks="Model that rephrases")
    if endpoint is None:
        return None
    offered = list(dict.fromkeys([*endpoint.models, *models]))
    check_model = st.selectbox(
        "Model that must still make the right calls",
        offered,
        key=f"{_KEY}check_{endpoint.name}",
        index=0 if offered else None,
        accept_new_options=True,
    )
    name = st.text_input(
        "Dataset that they go into",
        key=f"{_KEY}name",
        max_chars=LONGEST_NAME,
        placeholder=RephraseSettings(filters=filters).dataset_name,
    )
    st.html('<h4 class="xs-part">Budget</h4>')
    budget = draw_budget(_KEY)
    with st.popover("More settings", icon=":material/tune:"):
        steps = st.radio(
            "Which steps must come right?",
            CHECKED_STEPS,
            format_func=_STEP_WORDS.__getitem__,
            key=f"{_KEY}steps",
        )
        temperature = st.number_input("Temperature", 0.0, 2.0, 0.7, 0.1, key=f"{_KEY}temperature")
        max_tokens = st.number_input("Tokens of one answer at most", 16, 100_000, 2048, 256, key=f"{_KEY}max")
        concurrency = st.number_input("Calls at a time", 1, 256, 8, key=f"{_KEY}concurrency")
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key=f"{_KEY}seed")
    settings = RephraseSettings(
        filters=filters,
        size=int(size),
        seed=int(seed),
        count=int(count),
        endpoint=endpoint.name,
        model=models[0] if models else "",
        check_model=check_model or "",
        steps=steps,
        temperature=float(temperature),
        max_tokens=int(max_tokens),
        concurrency=int(concurrency),
        review_share=share / 100,
        dataset=name.strip(),
        budget=budget,
    )
    return settings, endpoint


def _draw_estimate(settings: RephraseSettings, endpoint: Endpoint) -> RephraseEstimate | None:
    try:
        made = read_cached("rephrase_estimate", estimate_rephrasing, settings, endpoint=endpoint)
    except XlamError as error:
        show_error(error)
        return None
    about = "" if made.looked_at == made.trajectory_count else "about "
    cost = "at no cost" if endpoint.is_scripted else ""
    if made.cost is not None and not endpoint.is_scripted:
        cost = f"cost about {made.cost:,.2f}"
    draw_facts(
        [
            Fact(f"{made.instruction_count:,}", "instructions", f"{about}of {made.trajectory_count:,} drawn"),
            Fact(f"{made.most_requests:,}", "requests at most", cost),
            Fact(f"{made.input_tokens:,}", "tokens in, about", f"{made.output_tokens:,} out"),
        ]
    )
    for reason, count in made.left_out.items():
        draw_note(f"Left out, {about}{count:,}: {reason}.")
    if not made.trajectory_count:
        draw_note("No trajectory matches these filters. Take one away.")
    return made


def _start(settings: RephraseSettings) -> None:
    try:
        start_rephrasing(app_store(), settings, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
