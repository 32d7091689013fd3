"""A new run of responses: which data, which models, how their answers are weighed; the estimate beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.chosen_data import draw_chosen_data
from pages.parts.endpoint_panel import draw_endpoint
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.activities.respond_run import start_responses
from xlam_backend.errors import XlamError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.owner import app_store
from xlam_backend.responses.estimate import RespondEstimate, estimate_responses
from xlam_backend.responses.plan import RATED_CHOICES, STEP_CHOICES, RatedChoice, RespondPlan, StepChoice

_KEY = "respond_"
_STEP_WORDS: dict[StepChoice, str] = {
    "first call": "the first step that calls a tool",
    "each call": "each step that calls a tool",
}
_RATED_WORDS: dict[RatedChoice, str] = {
    "none": "none: only the rules decide",
    "what the rules leave open": "those that differ and that no rule flags",
    "all that differ": "all that differ",
}


def draw_new_responses(*, is_first: bool) -> None:
    """Draw the form of a new run; folded away it costs nothing."""
    is_wanted = is_first or "new" in st.query_params
    box = st.expander(
        "Have steps answered",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_responses_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            if may_or_say("run"):
                _draw_form()


def _draw_form() -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        filters = draw_chosen_data()
        size, count = _draw_amounts()
        endpoint, models = draw_endpoint(_KEY, picks="Less powerful models", first_models=-2)
        if endpoint is None:
            return
        rated = st.radio(
            "Which answers does the step quality judge rate?",
            RATED_CHOICES,
            format_func=_RATED_WORDS.__getitem__,
            key=f"{_KEY}rated",
        )
        judge = _draw_judge() if rated != "none" else JudgeSettings(judges=("step_quality",))
        st.html('<h4 class="xs-part">Budget</h4>')
        budget = draw_budget(_KEY)
        rare = _draw_rare(rated)
    plan = RespondPlan(
        filters=filters,
        size=size,
        count=count,
        endpoint=endpoint.name,
        models=models,
        rated=rated,
        judge=judge,
        budget=budget,
        steps=rare.steps,
        temperature=rare.temperature,
        max_tokens=rare.max_tokens,
        least_margin=rare.least_margin,
        concurrency=rare.concurrency,
        seed=rare.seed,
    )
    with right:
        estimate = _draw_estimate(plan, endpoint)
    can_start = estimate is not None and bool(estimate.requests) and bool(models)
    label = f"Ask for {estimate.requests:,} answers" if estimate and can_start else "Have steps answered"
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=not can_start):
        _start(plan)


def _draw_amounts() -> tuple[int, int]:
    """Draw how many trajectories, and how many answers of each model."""
    first, second = st.columns(2)
    size = first.number_input("Trajectories to draw (0: all)", 0, 100_000, 100, 50, key=f"{_KEY}size")
    count = second.number_input("Answers of each model", 1, 16, 1, key=f"{_KEY}count")
    return int(size), int(count)


def _draw_judge() -> JudgeSettings:
    endpoint, models = draw_endpoint(f"{_KEY}judge_", label="Endpoint of the judge", picks="Model that rates")
    draw_note("It should be more powerful than the models that answer. Several make a committee.")
    name = endpoint.name if endpoint else ""
    return JudgeSettings(judges=("step_quality",), endpoint=name, models=models)


class _Rare(msgspec.Struct, frozen=True):
    """Settings that are seldom touched."""

    steps: StepChoice
    temperature: float
    max_tokens: int
    concurrency: int
    least_margin: float
    seed: int


def _draw_rare(rated: RatedChoice) -> _Rare:
    with st.popover("More settings", icon=":material/tune:"):
        steps = st.radio(
            "Which steps are answered?", STEP_CHOICES, format_func=_STEP_WORDS.__getitem__, key=f"{_KEY}steps"
        )
        temperature = st.number_input("Temperature", 0.0, 2.0, 0.7, 0.1, key=f"{_KEY}temperature")
        max_tokens = st.number_input("Tokens of one answer at most", 16, 100_000, 1024, 256, key=f"{_KEY}max")
        concurrency = st.number_input("Calls at a time", 1, 256, 8, key=f"{_KEY}concurrency")
        margin = st.number_input(
            "Rated lower by at least",
            0.5,
            5.0,
            1.0,
            0.5,
            key=f"{_KEY}margin",
            disabled=rated == "none",
            help="How much lower than the own step an answer must be rated to be rejected for it.",
        )
        seed = st.number_input("Seed of the draw", 0, 2**31 - 1, 0, key=f"{_KEY}seed")
    return _Rare(
        steps,
        float(temperature),
        int(max_tokens),
        int(concurrency),
        float(margin),
        int(seed),
    )


def _draw_estimate(plan: RespondPlan, endpoint: Endpoint) -> RespondEstimate | None:
    try:
        made = read_cached("respond_estimate", estimate_responses, plan, endpoint=endpoint)
    except XlamError as error:
        show_error(error)
        return None
    about = "" if made.is_exact else "about "
    cost = "" if made.cost is None else f"cost about {made.cost:,.2f}"
    if endpoint.is_scripted:
        cost = "at no cost"
    draw_facts(
        [
            Fact(f"{made.step_count:,}", "steps", f"{about}of {made.trajectory_count:,} trajectories drawn"),
            Fact(f"{made.requests:,}", "answers asked for", cost),
            Fact(f"{made.input_tokens:,}", "tokens in, about", f"{made.output_tokens:,} out"),
        ]
    )
    for reason, count in made.left_out.items():
        draw_note(f"Left out, {about}{count:,}: {reason}.")
    if made.most_ratings:
        draw_note(
            f"And at most {made.most_ratings:,} requests to rate answers; how many, the answers decide."
        )
    if not made.trajectory_count:
        draw_note("No trajectory matches these filters. Take one away.")
    return made


def _start(plan: RespondPlan) -> None:
    try:
        start_responses(app_store(), plan, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
