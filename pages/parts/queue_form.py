"""A new queue: what it is drawn from, how it is sampled, who works on it; the draw is shown before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import streamlit as st

from pages.parts.answer_words import KIND_WORDS, ORIGIN_WORDS
from pages.parts.chosen_records import draw_chosen_records
from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.names import check_title, machine_title, source_title
from pages.parts.near_duplicate_state import read_threshold
from pages.parts.near_duplicate_words import search_words
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.queue_list import queue_link
from pages.parts.routes import DESK
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number, read_view
from xlam_backend.access import list_people
from xlam_backend.dedupe.clusters import list_searches
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.pair import PAIR_ORIGINS
from xlam_backend.domain.review import ITEM_KINDS, ItemKind, QueuePlan, Stratifier
from xlam_backend.errors import XlamError
from xlam_backend.explore.search import read_filter_choices
from xlam_backend.judges import JUDGES
from xlam_backend.owner import app_store
from xlam_backend.review.queues import QueuePreview, create_queue, preview_queue
from xlam_backend.review.sampling import Stratum

_STRATA: dict[Stratifier, str] = {
    "source": "source",
    "check": "check or judge",
    "score": "judge's score",
    "prompt": "prompt version",
}
_MOST_STRATA = 200
_PLAN = "queue_plan_"
_MADE = "queue_just_made"
_DRAWN = "queues_drawn"  # how many were drawn in this session


def draw_made() -> None:
    """Say once that a queue was drawn, with the ways to it: one's own, and the link for others."""
    made = st.session_state.pop(_MADE, 0)
    if not made:
        return
    with st.container(border=True, key="queue_made"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html('<span class="xs-chip xs-good">✔ the queue is drawn</span>', width="content")
            st.page_link(
                DESK, label="Open it", icon=":material/rate_review:", query_params={"queue": str(made)}
            )
        draw_note("The link for those who review it:")
        st.code(queue_link(made), language=None)


def _key(name: str) -> str:
    """Return the key of a widget of the form; after each draw they are others, and begin anew."""
    drawn = st.session_state.get(_DRAWN, 0)
    return f"{_PLAN}{name}_{drawn}" if drawn else f"{_PLAN}{name}"


def draw_new_queue(*, is_first: bool) -> None:
    """Draw the form of a new queue, with what it would draw; unfolded where the URL asks for it."""
    is_open = is_first or "new" in st.query_params
    with st.expander("New queue", icon=":material/add:", expanded=is_open, key=_key("unfolded")):
        if may_or_say("manage queue"):
            _draw_form()


def _draw_form() -> None:
    filters = read_view().filters
    kind = _draw_kind()
    draw_chosen_records(filters)
    left, right = st.columns([3, 2], gap="large")
    with left:
        plan = _draw_plan(kind, filters)
    with right:
        preview = _draw_preview(plan)
    if st.button(
        f"Draw {counted(preview.item_count, 'item')}" if preview else "Draw the queue",
        type="primary",
        icon=":material/inbox:",
        disabled=preview is None or not preview.item_count,
        key="draw_queue",  # one button whatever number it shows: a click on the way is not lost
    ):
        _create(plan)


def _draw_kind() -> ItemKind:
    wanted = st.query_params.get("new", "")
    key = _key(f"kind_{wanted}")
    chosen: ItemKind | None = st.segmented_control(
        "What should people look at?",
        ITEM_KINDS,
        format_func=KIND_WORDS.__getitem__,
        default=next((kind for kind in ITEM_KINDS if kind == wanted), "finding"),
        key=key,
    )
    return chosen or "finding"


def _draw_plan(kind: ItemKind, filters: Filters) -> QueuePlan:
    name = st.text_input(
        "Name of the queue",
        value=f"{KIND_WORDS[kind].capitalize()}, {datetime.now(UTC):%d %B %H:%M}",
        key=_key(f"name_{kind}"),
        max_chars=80,
    )
    checks = () if kind == "duplicate" else _draw_checks(kind)
    pairs = _draw_near() if kind == "duplicate" else {}
    first, second = st.columns(2)
    size = first.number_input("Items to draw (0: all)", 0, 1_000_000, 300, 50, key=_key("size"))
    overlap = second.number_input("People for each item", 1, 20, 2, key=_key("overlap"))
    unflagged = 0
    if kind != "pair":
        unflagged = _draw_unflagged(kind)
    guideline = st.text_area(
        "Guideline for the reviewers",
        key=_key("guideline"),
        height=90,
        placeholder="What counts, what does not",
    )
    rare = _draw_rare(kind)
    return QueuePlan(
        name=name,
        kind=kind,
        filters=filters,
        checks=tuple(checks),
        size=int(size),
        overlap=int(overlap),
        unflagged_share=unflagged / 100,
        guideline=guideline,
        **pairs,
        **rare,
    )


def _draw_unflagged(kind: ItemKind) -> int:
    if kind == "duplicate":
        return st.number_input(
            "Pairs a little below the threshold on top, in % of the draw",
            0,
            100,
            50,
            5,
            key=_key("below"),
            help="Without them nothing is known of what a lower threshold would bring.",
        )
    return st.number_input(
        "Unflagged items on top, in % of the draw",
        0,
        100,
        20,
        5,
        key=_key("unflagged"),
        help="Places that nothing flagged. Without them only precision can be measured, not recall.",
    )


def _draw_near() -> dict[str, Any]:
    """Draw which search's pairs are wanted, around which threshold."""
    searches = {search.search_no: search for search in read_cached("near_searches", list_searches)}
    if not searches:
        return {}
    wanted = read_number("near", 0)
    left, right = st.columns([3, 1])
    chosen = left.selectbox(
        "Search",
        list(searches),
        index=list(searches).index(wanted) if wanted in searches else 0,
        format_func=lambda number: search_words(searches[number]),
        key=_key(f"near_{wanted}"),
    )
    search = searches[chosen]
    at = read_threshold(st.query_params.get("near_at", ""), search)
    threshold = right.number_input("Threshold", 0.01, 1.0, at, 0.01, key=_key(f"near_at_{chosen}_{at}"))
    return {"search_no": chosen, "threshold": round(threshold, 2)}


def _draw_checks(kind: ItemKind) -> Sequence[str]:
    if kind == "pair":
        return _draw_origins()
    if kind == "finding":
        known = list(read_cached("choices", read_filter_choices).checks)
        return st.multiselect(
            "Checks", known, format_func=check_title, placeholder="all of them", key=_key("checks")
        )
    titles = {judge.name: judge.title for judge in JUDGES}
    return st.multiselect(
        "Judges",
        list(titles),
        format_func=titles.__getitem__,
        placeholder="all of them",
        key=_key("judges"),
    )


def _draw_origins() -> Sequence[str]:
    wanted = st.query_params.get("origin", "")
    return st.multiselect(
        "Where the rejected side comes from",
        PAIR_ORIGINS,
        default=[origin for origin in PAIR_ORIGINS if origin == wanted],
        format_func=ORIGIN_WORDS.__getitem__,
        placeholder="anywhere",
        key=_key(f"origins_{wanted}"),
    )


def _draw_rare(kind: ItemKind) -> dict[str, Any]:
    with st.popover("More settings", icon=":material/tune:"):
        gold = 0
        if kind != "duplicate":
            gold = st.number_input(
                "Gold items mixed in, in %",
                0,
                100,
                5,
                key=_key("gold"),
                help="Items with a known answer: they measure how often people are right.",
            )
        repeats = st.number_input(
            "Items shown twice to the same person, in %",
            0,
            100,
            5,
            key=_key("repeat"),
            help="They measure whether people agree with themselves.",
        )
        strata: Sequence[Stratifier] = ()
        if kind == "duplicate":
            draw_note("Drawn evenly over bands of similarity around the threshold.")
        else:
            strata = st.multiselect(
                "Draw evenly over",
                [name for name in _STRATA if kind == "rating" or name in ("source", "check")],
                default=["source", "check"],
                format_func=_STRATA.__getitem__,
                key=_key(f"strata_{kind}"),
            )
        hidden = st.toggle("Hide the judge's words until the person has voted", True, key=_key("hidden"))
        minutes = st.number_input("Minutes an item is held for a person", 1, 1440, 15, key=_key("lease"))
        people = {known.name: known for known in read_cached("people", list_people) if known.role}
        reviewers = st.multiselect(
            "Only these people",
            list(people),
            format_func=lambda name: one_line(name, 60),
            placeholder="everybody who may review",
            accept_new_options=True,
            key=_key("reviewers"),
        )
        seed = st.number_input("Seed of the draw", 0, 2**31 - 1, 0, key=_key("seed"))
    return {
        "gold_share": gold / 100,
        "repeat_share": repeats / 100,
        "strata": tuple(strata),
        "is_rationale_hidden": hidden,
        "lease_seconds": int(minutes) * 60,
        "reviewers": tuple(reviewers),
        "seed": int(seed),
    }


def _draw_preview(plan: QueuePlan) -> QueuePreview | None:
    named = plan if plan.name.strip() else msgspec.structs.replace(plan, name="queue")
    try:
        preview = read_cached("queue_preview", preview_queue, named)
    except XlamError as error:
        show_error(error)
        return None
    is_near = plan.kind == "duplicate"
    marked, unmarked = ("from the threshold up", "below it") if is_near else ("flagged", "not flagged")
    draw_facts(
        [
            Fact(f"{preview.item_count:,}", "items", f"{preview.verdict_count:,} verdicts asked for"),
            Fact(f"{preview.drawn_flagged_count:,}", marked, f"of {preview.flagged_count:,} that match"),
            Fact(
                f"{preview.drawn_unflagged_count:,}",
                unmarked,
                f"of {preview.unflagged_count:,}" if preview.unflagged_count else "",
            ),
        ]
    )
    if not preview.flagged_count:
        draw_note("Nothing that is flagged matches. Take a filter away, or run the checks or judges first.")
    if preview.gold_count or preview.repeat_count:
        draw_note(f"{preview.gold_count:,} gold items and {preview.repeat_count:,} repeats are mixed in.")
    _draw_strata(preview)
    return preview


def _draw_strata(preview: QueuePreview) -> None:
    if not preview.strata:
        return
    rows = "".join(_stratum_html(stratum) for stratum in preview.strata[:_MOST_STRATA])
    more = len(preview.strata) - _MOST_STRATA
    note = f'<p class="xs-note">and {more:,} more</p>' if more > 0 else ""
    pooled = (
        f'<p class="xs-note">{preview.pooled_count:,} strata are too small for a draw of this size and were '
        "thrown together.</p>"
        if preview.pooled_count
        else ""
    )
    with st.expander(f"{len(preview.strata):,} strata", expanded=len(preview.strata) <= 8):
        st.html(
            '<table class="xs-table"><thead><tr><th scope="col">stratum</th><th scope="col">there are</th>'
            '<th scope="col">drawn</th><th scope="col">chance of each</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>{note}{pooled}"
        )


def _stratum_html(stratum: Stratum) -> str:
    mark = "" if stratum.is_flagged else ' <span class="xs-chip xs-plain">not flagged</span>'
    return (
        f'<tr><th scope="row">{text_html(_stratum_title(stratum.name), 120)}{mark}</th>'
        f"<td>{stratum.population:,}</td><td>{stratum.drawn:,}</td><td>{stratum.probability:.1%}</td></tr>"
    )


def _stratum_title(name: str) -> str:
    """Return the name of a stratum with titles in place of what is stored."""
    return " · ".join(source_title(machine_title(part)) for part in name.split(" · ")) or "all"


def _create(plan: QueuePlan) -> None:
    try:
        number = create_queue(app_store(), plan, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
        return
    st.session_state[_DRAWN] = st.session_state.get(_DRAWN, 0) + 1
    st.session_state[_MADE] = number
    st.query_params.clear()
    st.rerun()
