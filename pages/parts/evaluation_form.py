"""A new evaluation: which model, which questions, how it is asked; the estimate beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import streamlit as st

from pages.parts.budget import draw_budget
from pages.parts.endpoint_panel import draw_endpoint
from pages.parts.guard import show_error
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.question_fetch import draw_fetch
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from xlam_backend.activities.evaluate_run import start_evaluation
from xlam_backend.bfcl.categories import VERSIONS, Version
from xlam_backend.bfcl.official_package import SET_NAME
from xlam_backend.bfcl.question_files import QuestionSetSummary, list_question_sets
from xlam_backend.domain.evaluation import EvaluationMode
from xlam_backend.errors import XlamError
from xlam_backend.evaluation.estimate import EvaluationEstimate, estimate_evaluation
from xlam_backend.evaluation.plan import (
    ASKED_AS_WORDS,
    ENGINES,
    MODE_WORDS,
    AskedAs,
    Engine,
    EvaluationPlan,
    check_plan,
)
from xlam_backend.llm.chat import Budget
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.owner import app_store
from xlam_backend.training.models import list_models

_KEY = "evaluate_"
_WHO = {"model": "A model that is kept here", "endpoint": "A model at an endpoint"}
_ASKED_TITLES: dict[AskedAs, str] = {
    "calls": "for a list of calls",
    "sections": "in sections, with an output format",
    "xlam_fc_r": "as xLAM-fc-r",
    "xlam_r": "as xLAM-r",
    "template": "through its chat template",
}
_ENGINE_WORDS: dict[Engine, str] = {
    "auto": "vLLM where a GPU and vLLM are, else transformers",
    "transformers": "transformers, in the run's own process",
    "vllm": "a vLLM server of the run's own",
}


class _Who(msgspec.Struct, frozen=True):
    """Who answers: a kept model, or a model of an endpoint."""

    kept_model: str = ""
    endpoint: Endpoint | None = None
    model: str = ""

    @property
    def is_chosen(self) -> bool:
        return bool(self.kept_model or (self.endpoint and self.model))


class _Rare(msgspec.Struct, frozen=True):
    """Settings that are seldom touched."""

    title: str
    version: Version
    max_tokens: int
    temperature: float
    seed: int
    concurrency: int
    timeout_seconds: float
    engine: Engine
    batch_size: int


def draw_new_evaluation(*, is_first: bool) -> None:
    """Draw the form of a new evaluation; folded away it costs nothing."""
    is_wanted = is_first or "new" in st.query_params or "model" in st.query_params
    box = st.expander(
        "Evaluate a model",
        icon=":material/add:",
        expanded=is_wanted,
        key=f"new_evaluation_{is_wanted}",
        on_change="rerun",
    )
    if box.open:
        with box:
            if may_or_say("evaluate"):
                _draw_form()


def _draw_form() -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        who = _draw_who()
        chosen_set = _draw_set()
        if chosen_set is None:
            return
        categories, most = _draw_part(chosen_set)
        mode, asked_as, output_format = _draw_how(who)
        budget = Budget()
        if who.endpoint is not None:
            st.html('<h4 class="xs-part">Budget</h4>')
            budget = draw_budget(_KEY)
        rare = _draw_rare(chosen_set, is_kept=bool(who.kept_model))
    plan = EvaluationPlan(
        question_set=chosen_set.name,
        kept_model=who.kept_model,
        endpoint=who.endpoint.name if who.endpoint else "",
        model=who.model,
        title=rare.title,
        version=rare.version,
        categories=categories,
        most_items=most,
        mode=mode,
        asked_as=asked_as,
        output_format=output_format,
        max_tokens=rare.max_tokens,
        temperature=rare.temperature,
        seed=rare.seed,
        engine=rare.engine,
        batch_size=rare.batch_size,
        concurrency=rare.concurrency,
        timeout_seconds=rare.timeout_seconds,
        budget=budget,
    )
    with right:
        made = _draw_estimate(plan, who)
    label = f"Ask {made.question_count:,} questions" if made else "Evaluate"
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=made is None):
        _start(plan)


def _draw_who() -> _Who:
    names = [model.name for model in list_models(app_store().folder)]
    wanted = st.query_params.get("model", "")
    usual = 0 if names else 1
    kind = st.radio(
        "Who answers?", list(_WHO), usual, format_func=_WHO.__getitem__, key=f"{_KEY}who", horizontal=True
    )
    if kind == "model":
        if not names:
            draw_note("No model is kept here yet: a training run leaves one.")
            return _Who()
        at = names.index(wanted) if wanted in names else 0
        name = st.selectbox(
            "Model", names, at, format_func=lambda name: one_line(name, 80), key=f"{_KEY}kept"
        )
        return _Who(kept_model=name)
    endpoint, models = draw_endpoint(_KEY, picks="Model that answers")
    if len(models) > 1:
        draw_note("One evaluation is of one model: the first one is asked.")
    return _Who(endpoint=endpoint, model=models[0] if models else "")


def _draw_set() -> QuestionSetSummary | None:
    found = {one.name: one for one in list_question_sets(app_store().folder)}
    if not found:
        draw_note("There is no question set here yet.")
        draw_fetch()
        return None
    usual = max(found, key=lambda name: sum(found[name].counts.values()))
    chosen = st.selectbox(
        "Question set",
        list(found),
        list(found).index(usual),
        format_func=lambda name: _set_words(found[name]),
        key=f"{_KEY}set",
    )
    if SET_NAME not in found:
        draw_fetch()
    return found[chosen]


def _set_words(one: QuestionSetSummary) -> str:
    return f"{one_line(one.name, 60)} · {one.version} · {sum(one.counts.values()):,} questions"


def _draw_part(chosen: QuestionSetSummary) -> tuple[tuple[str, ...], int]:
    left, right = st.columns([3, 1])
    picked = left.multiselect(
        "Categories",
        list(chosen.counts),
        placeholder="all that can be scored here",
        format_func=lambda name: f"{name} ({chosen.counts[name]:,})",
        key=f"{_KEY}categories_{chosen.name}",
    )
    most = right.number_input(
        "Of each, the first",
        0,
        100_000,
        0,
        10,
        key=f"{_KEY}most",
        help="0: all questions. With fewer the score is of a part, and says so.",
    )
    return tuple(picked), int(most)


def _draw_how(who: _Who) -> tuple[EvaluationMode, AskedAs, str]:
    mode: EvaluationMode = "prompt"
    if who.endpoint is not None:
        mode = st.radio("Tools", list(MODE_WORDS), format_func=MODE_WORDS.__getitem__, key=f"{_KEY}mode")
    if mode == "native":
        return mode, "calls", "json_object"
    ways = [way for way in ASKED_AS_WORDS if way != "template" or who.kept_model]
    usual: AskedAs = "template" if who.kept_model else "calls"
    asked_as = st.selectbox(
        "It is asked",
        ways,
        ways.index(usual),
        format_func=_ASKED_TITLES.__getitem__,
        key=f"{_KEY}asked_{usual}",
    )
    draw_note(ASKED_AS_WORDS[asked_as])
    output_format = "json_object"
    if asked_as == "sections":
        titles = {form.name: form.title for form in OUTPUT_FORMATS}
        output_format = st.selectbox(
            "Output format", list(titles), format_func=titles.__getitem__, key=f"{_KEY}format"
        )
    return mode, asked_as, output_format


def _draw_rare(chosen: QuestionSetSummary, *, is_kept: bool) -> _Rare:
    with st.popover("More settings", icon=":material/tune:"):
        title = st.text_input("Shown as", key=f"{_KEY}title", placeholder="the model's name", max_chars=120)
        version = st.selectbox(
            "Edition of the leaderboard",
            VERSIONS,
            VERSIONS.index(chosen.version),
            key=f"{_KEY}version_{chosen.version}",
            help="By whose sums it is counted. Scores compare only within one edition.",
        )
        most = st.number_input("Tokens of one answer at most", 1, 100_000, 1024, 256, key=f"{_KEY}max")
        temperature = st.number_input("Temperature", 0.0, 2.0, 0.0, 0.1, key=f"{_KEY}temperature")
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key=f"{_KEY}seed")
        concurrency = st.number_input("Calls at a time", 1, 256, 8, key=f"{_KEY}concurrency")
        timeout = st.number_input("Seconds for one call", 1.0, 3600.0, 60.0, 10.0, key=f"{_KEY}timeout")
        engine: Engine = "auto"
        batch = 8
        if is_kept:
            engine = st.radio("Engine", ENGINES, format_func=_ENGINE_WORDS.__getitem__, key=f"{_KEY}engine")
            batch = st.number_input("Questions at a time (transformers)", 1, 1024, 8, key=f"{_KEY}batch")
    return _Rare(
        title,
        version,
        int(most),
        float(temperature),
        int(seed),
        int(concurrency),
        float(timeout),
        engine,
        int(batch),
    )


def _draw_estimate(plan: EvaluationPlan, who: _Who) -> EvaluationEstimate | None:
    if not who.is_chosen:
        draw_note("Choose a model.")
        return None
    try:
        check_plan(plan)
        made = read_cached("evaluation_estimate", estimate_evaluation, plan, endpoint=who.endpoint)
    except XlamError as error:
        show_error(error)
        return None
    cost = "" if made.cost is None else f"cost about {made.cost:,.2f}"
    if who.endpoint is not None and who.endpoint.is_scripted:
        cost = "at no cost"
    draw_facts(
        [
            Fact(f"{made.question_count:,}", "questions", f"in {len(made.by_category):,} categories"),
            Fact(f"{made.input_tokens:,}", "tokens in, about", cost),
            Fact(f"{made.output_tokens:,}", "tokens out, about", "more where a model thinks first"),
        ]
    )
    if made.unaskable:
        draw_note(
            f"About {made.unaskable:,} questions cannot be put in this way: they count as not answered."
        )
    if made.not_read:
        names = ", ".join(made.not_read)
        draw_note(
            f"Not run, for they need a network or a simulated world: {names}. They show as N/A, and the "
            "overall accuracy is withheld."
        )
    return made


def _start(plan: EvaluationPlan) -> None:
    try:
        start_evaluation(app_store(), plan, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
