"""The settings of a run of the judges: what is rarely touched is folded away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.names import JUDGE_NAMES, judge_title
from pages.parts.store_cache import read_cached
from xlam_backend.judges.answer import SCALES
from xlam_backend.judges.examples import newest_lessons, usable_lessons
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import LOST_ANSWERS
from xlam_backend.owner import app_store

_USUAL = JudgeSettings()
_MOST_EXAMPLES = 20


def draw_examples(key: str, judges: tuple[str, ...]) -> tuple[int, ...]:
    """Draw how many taught examples each judge is shown, where there are any; returns their lessons."""
    usable = read_cached("usable_lessons", usable_lessons)
    most = max((len(usable.get(judge, [])) for judge in judges), default=0)
    if not most:
        return ()
    count = st.number_input(
        "Examples that people taught, shown to each judge",
        0,
        min(most, _MOST_EXAMPLES),
        value=0,
        key=f"{key}examples",
        help="The newest ones. Adjudication teaches them; each makes every question longer.",
    )
    return newest_lessons(app_store(), judges, int(count))


def draw_rare(key: str) -> dict[str, Any]:
    """Draw what is rarely touched; returns fields of `JudgeSettings`."""
    with st.expander("Settings", icon=":material/tune:", key=f"{key}settings"):
        return {**_draw_scope(key), **_draw_answer(key), **_draw_client(key)}


def _draw_scope(key: str) -> dict[str, Any]:
    everything = st.multiselect(
        "Ask also about what rules could settle",
        JUDGE_NAMES,
        format_func=judge_title,
        placeholder="none of the judges",
        key=f"{key}everything",
        help="Dearer; needed to learn what the rules miss.",
    )
    skips_rejected = st.checkbox(
        "Leave out places that a rule rejects", value=_USUAL.skips_rejected, key=f"{key}skips_rejected"
    )
    skips_judged = st.checkbox(
        "Leave out places that the same prompt and models have judged",
        value=_USUAL.skips_judged,
        key=f"{key}skips_judged",
    )
    return {
        "everything": tuple(everything),
        "skips_rejected": skips_rejected,
        "skips_judged": skips_judged,
    }


def _draw_answer(key: str) -> dict[str, Any]:
    asks_questions = st.checkbox(
        "Ask sub-questions on the way to the verdict",
        value=_USUAL.asks_questions,
        key=f"{key}questions",
        help="Plan, tools, use of observations and the like, each answered on its own.",
    )
    first, second, third = st.columns(3)
    scale = first.selectbox(
        "Scale",
        list(SCALES),
        key=f"{key}scale",
        help="1-5 as criticLAM of xLAM rates, 0-5 as AgentRater of AgentOhana.",
    )
    flag_at_most = second.number_input(
        "A score this low is a flag", 0.0, 5.0, value=_USUAL.flag_at_most, step=1.0, key=f"{key}flag_at_most"
    )
    room = third.number_input(
        "Characters of context", 2_000, 1_000_000, value=_USUAL.room, step=2_000, key=f"{key}room"
    )
    return {
        "asks_questions": asks_questions,
        "scale": scale,
        "flag_at_most": float(flag_at_most),
        "room": int(room),
    }


def _draw_client(key: str) -> dict[str, Any]:
    first, second, third = st.columns(3)
    concurrency = first.number_input(
        "Calls at a time", 1, 1_000, value=_USUAL.concurrency, key=f"{key}concurrency"
    )
    timeout = second.number_input(
        "Seconds for one call", 1.0, 3_600.0, value=_USUAL.timeout_seconds, key=f"{key}timeout"
    )
    retries = third.number_input(
        "Tries again of a failed call", 0, 20, value=_USUAL.most_retries, key=f"{key}retries"
    )
    first, second, third = st.columns(3)
    temperature = first.number_input(
        "Temperature", 0.0, 2.0, value=_USUAL.temperature, step=0.1, key=f"{key}temperature"
    )
    max_tokens = second.number_input(
        "Tokens of an answer", 16, 32_000, value=_USUAL.max_tokens, step=64, key=f"{key}max_tokens"
    )
    lost_answers = third.selectbox(
        "Calls under way when a run is killed",
        LOST_ANSWERS,
        key=f"{key}lost_answers",
        help="Asked again, an endpoint that knows no idempotency keys may bill them twice.",
    )
    return {
        "concurrency": int(concurrency),
        "timeout_seconds": float(timeout),
        "most_retries": int(retries),
        "lost_answers": lost_answers,
        "temperature": temperature,
        "max_tokens": int(max_tokens),
    }
