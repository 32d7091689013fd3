"""The list of pairs, with what becomes of each; and one pair whole."""

from __future__ import annotations

import streamlit as st

from pages.parts.page_head import draw_empty, draw_note
from pages.parts.pair_view import sides_html
from pages.parts.preference_choice import NAMES
from pages.parts.preference_figures import preference_address
from pages.parts.rating_words import scripted_chip
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import EXPORTS, PREFERENCES, QUEUES, RESPONSES, TRAJECTORY
from pages.parts.safe_text import one_line, text_html
from pages.parts.store_cache import read_cached
from pages.parts.url_view import View, read_number, read_view, view_params
from pages.parts.url_widgets import url_page, url_select
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.domain.corruption import CORRUPTION_KINDS
from xlam_backend.domain.review import PAIR_REASONS
from xlam_backend.preference.counting import OUTCOMES
from xlam_backend.preference.figures import Alarm
from xlam_backend.preference.kinds import kind_by_name
from xlam_backend.preference.listing import ListedPair, ListWish, OpenedPair, list_pairs, open_pair
from xlam_backend.preference.selection import PairSelection

_PAGE_SIZE = 20
_ALARMS_SHOWN = 10
_COLUMNS = (
    Column("Request", "34%"),
    Column("Rejected for", "13%"),
    Column("Comes from", "17%"),
    Column("What becomes of it", "24%"),
    Column("Margin", "7%", "number"),
    Column("Step", "5%", "number"),
)
_CHECK_TITLES = {check.name: check.title for check in ALL_CHECKS}


def draw_alarms(selection: PairSelection, counts: dict[Alarm, int]) -> None:
    """Draw the pairs whose sides may stand the wrong way round, each one click away; nothing without any."""
    if not counts:
        return
    st.subheader("Sides that may stand the wrong way round", anchor=False)
    words = ", ".join(f"{alarm}: {count:,}" for alarm, count in counts.items())
    st.html(f'<p class="xs-note" role="alert">{text_html(words)}.</p>')
    found = read_cached(
        "preference_list", list_pairs, selection, ListWish(is_alarmed=True), count=_ALARMS_SHOWN
    )
    columns = (*_COLUMNS[:3], Column("Why", "24%"), *_COLUMNS[4:])
    opened = draw_table(columns, [_row(each, "; ".join(each.alarms)) for each in found.rows], key="alarms")
    if opened:
        _open(opened)
    if found.total > len(found.rows):
        draw_note(f"And {found.total - len(found.rows):,} more: python -m xlam_backend preferences alarm")


def draw_list(selection: PairSelection) -> None:
    """Draw the pairs that the address asks for."""
    st.subheader("Pairs", anchor=False)
    wish = _draw_wish()
    page = max(1, read_number("page", 1))
    found = read_cached(
        "preference_list", list_pairs, selection, wish, first=(page - 1) * _PAGE_SIZE, count=_PAGE_SIZE
    )
    st.html(f'<p class="xs-note" role="status"><b>{found.total:,}</b> pairs</p>')
    if found.rows:
        opened = draw_table(_COLUMNS, [_row(each, _becomes(each)) for each in found.rows], key="pairs")
        if opened:
            _open(opened)
    else:
        draw_empty("No pair matches.", "Take a filter away.")
    if found.total > _PAGE_SIZE:
        url_page(page, -(-found.total // _PAGE_SIZE))
    _draw_ways_on(selection)


def draw_pair(pair_no: int, selection: PairSelection) -> None:
    """Draw one pair: what was asked, both sides call by call, what becomes of it and why."""
    opened = read_cached("preference_pair", open_pair, pair_no, selection)
    row = opened.listed.row
    with st.container(horizontal=True):
        st.page_link(
            PREFERENCES, label="Back to the list", icon=":material/list:", query_params=_params_of_list()
        )
        st.page_link(
            TRAJECTORY,
            label="The trajectory",
            icon=":material/timeline:",
            query_params={"id": row.trajectory_id},
        )
        if row.pair.candidate_no:
            st.page_link(
                RESPONSES,
                label="The answer and its ratings",
                icon=":material/compare_arrows:",
                query_params={"pair": str(pair_no)},
            )
    st.html(_head_html(opened))
    st.html(sides_html(opened.alignment, row.pair.chosen, row.pair.rejected, "Chosen", "Rejected"))


def _draw_wish() -> ListWish:
    first, second, third = st.columns(3)
    with first:
        outcome = url_select("What becomes of it", "outcome", OUTCOMES, only_these=True)
    with second:
        reason = url_select("Rejected for", "reason", PAIR_REASONS, only_these=True)
    with third:
        kind = url_select(
            "Planted error",
            "kind",
            CORRUPTION_KINDS,
            show=lambda name: kind_by_name(name).title,
            only_these=True,
        )
    return ListWish(
        outcome=next((known for known in OUTCOMES if known == outcome), ""),
        reason=reason if reason in PAIR_REASONS else "",
        kind=kind if kind in CORRUPTION_KINDS else "",
    )


def _draw_ways_on(selection: PairSelection) -> None:
    origin = {"origin": selection.origins[0]} if selection.origins else {}
    given = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    filters = View(read_view().filters)
    with st.container(horizontal=True):
        st.page_link(
            QUEUES,
            label="Send a sample to a review queue",
            icon=":material/rate_review:",
            query_params=view_params(filters, new="pair", **origin),
        )
        st.page_link(
            EXPORTS,
            label="Export the pairs that count",
            icon=":material/ios_share:",
            query_params={**view_params(filters, origin="pairs"), **given},
        )


def _params_of_list() -> dict[str, str]:
    return {name: text for name, text in st.query_params.to_dict().items() if name != "pair"}


def _open(number: str) -> None:
    st.switch_page(PREFERENCES, query_params={**_params_of_list(), "pair": number})


def _row(each: ListedPair, words: str) -> Row:
    pair, margin = each.row.pair, each.judged.margin
    return Row(
        id=str(pair.pair_no),
        href=preference_address(pair=str(pair.pair_no)),
        cells=(
            one_line(each.row.query, 200) or "(no request)",
            pair.reason,
            _origin_words(each),
            words,
            "" if margin is None else f"{margin:+g}",
            pair.step + 1,
        ),
    )


def _origin_words(each: ListedPair) -> str:
    facts = each.judged.facts
    if facts.origin == "corruption":
        return f"planted: {kind_by_name(facts.kind).title.lower()}"
    return one_line(facts.model, 40) + (" (scripted)" if facts.is_scripted else "")


def _becomes(each: ListedPair) -> str:
    standing = {"confirmed": ", confirmed", "flipped": ", turned round", "not reviewed": ""}
    return each.judged.outcome + standing[each.judged.standing]


def _head_html(opened: OpenedPair) -> str:
    listed = opened.listed
    row, facts = listed.row, listed.judged.facts
    scripted = f" {scripted_chip()}" if facts.is_scripted else ""
    look = "xs-good" if listed.judged.outcome == "counts" else "xs-plain"
    lines = [
        f'<p class="xs-user">{text_html(row.query, 2000)}</p>',
        f'<p><span class="xs-chip xs-reject">✖ {text_html(row.pair.reason)}</span> '
        f'<span class="xs-chip {look}">{text_html(_becomes(listed))}</span>{scripted}</p>',
        *(f'<p role="alert"><b>Alarm:</b> {text_html(alarm)}.</p>' for alarm in listed.alarms),
        f"<p>{text_html(_why(opened), 600)}</p>",
        f'<p class="xs-note">Pair {row.pair.pair_no} · step {row.pair.step + 1} · findings: '
        f"{facts.own_finding_count:,} on the chosen side, {facts.finding_count:,} on the rejected one"
        f"{_margin_words(listed)}</p>",
    ]
    return f'<div class="xs-card">{"".join(lines)}</div>'


def _why(opened: OpenedPair) -> str:
    planted = opened.corruption
    if planted is None:
        return opened.listed.row.classified_because
    check = _CHECK_TITLES.get(planted.flagged_by, planted.flagged_by)
    shown = f"the check “{check}” flags it" if check else "the calls differ at this place alone"
    return f"Planted error, {kind_by_name(planted.kind).title.lower()}: {planted.words}; {shown}."


def _margin_words(listed: ListedPair) -> str:
    margin = listed.judged.margin
    return "" if margin is None else f" · margin {margin:+g}"
