"""What judges said about a trajectory: verdict, reason, who said it, and the reply as it came."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.counted import counted
from pages.parts.json_html import json_text
from pages.parts.names import judge_title
from pages.parts.page_head import draw_note
from pages.parts.rating_words import rating_chip, scripted_chip
from pages.parts.routes import JUDGES
from pages.parts.safe_text import text_html
from pages.parts.trajectory_view import call_anchor
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.rating import Rating
from xlam_backend.explore.trajectory_page import StoredRating, TrajectoryPage
from xlam_backend.judges.outcome import ANSWERED_BY

MOST_CARDS = 60
_LONGEST_REASON = 2_000
_LONGEST_REPLY = 6_000


def draw_ratings(page: TrajectoryPage) -> None:
    """Draw what judges said: flagged places first, the others folded away."""
    st.subheader("Ratings", anchor=False)
    if not page.ratings:
        draw_note("No judge has looked at this version.")
        st.page_link(JUDGES, label="Judges", icon=":material/balance:")
        return
    spoken = [one for one in page.ratings if one.rating.member != "member"]
    flagged = [one for one in spoken if one.rating.is_flagged]
    others = [one for one in spoken if not one.rating.is_flagged]
    if any(one.rating.is_scripted for one in page.ratings):
        st.html(f"<p>{scripted_chip()}</p>")
    if flagged:
        _draw_cards(page, flagged)
    else:
        st.html('<p><span class="xs-chip xs-good">✔ nothing is flagged by a judge</span></p>')
    if others:
        judged = sum(one.rating.state == "judged" for one in others)
        places = counted(judged, "place")
        with st.expander(f"{places} judged and not flagged, {len(others) - judged:,} not judged"):
            _draw_cards(page, others)


def _draw_cards(page: TrajectoryPage, ratings: Sequence[StoredRating]) -> None:
    st.html("".join(_card(page, one) for one in ratings[:MOST_CARDS]))
    if len(ratings) > MOST_CARDS:
        draw_note(f"{len(ratings) - MOST_CARDS:,} more stand at their places in the record below.")


def _card(page: TrajectoryPage, stored: StoredRating) -> str:
    rating = stored.rating
    look = "judge" if rating.is_flagged else "warn" if rating.state == "not_judged" else "plain"
    words = rating.rationale if rating.state == "judged" else rating.not_judged_reason
    members = [one.rating for one in page.ratings if _is_member_of(one.rating, rating)]
    return (
        f'<div class="xs-finding xs-{look}">{rating_chip(rating)} '
        f"<b>{text_html(judge_title(rating.judge))}</b><p>{text_html(words, _LONGEST_REASON)}</p>"
        f'<div class="xs-where">{_where(rating)} · {_who(rating)}</div>{_more(rating, members)}</div>'
    )


def _where(rating: Rating) -> str:
    if rating.step < 0:
        return "the trajectory as a whole"
    call = f", call {rating.call + 1}" if rating.call >= 0 else ""
    inside = f" · {text_html(show_pointer(rating.pointer), 200)}" if rating.pointer else ""
    return f'<a href="#{call_anchor(rating.step, rating.call)}">step {rating.step + 1}{call}</a>{inside}'


def _who(rating: Rating) -> str:
    scripted = f" · {scripted_chip()}" if rating.is_scripted else ""
    return (
        f"{text_html(rating.model, 200)} · prompt {text_html(rating.prompt_name, 80)} "
        f"version {rating.prompt_version}{scripted}"
    )


def _more(rating: Rating, members: Sequence[Rating]) -> str:
    """Return what is folded away: sub-questions, the members of a committee, the reply as it came."""
    parts = [
        f"<p>{rating_chip(one)} {text_html(one.model, 200)}: "
        f"{text_html(one.rationale or one.not_judged_reason, _LONGEST_REASON)}</p>"
        for one in members
    ]
    if rating.details.get("questions"):
        parts.append(
            f"<p>Sub-questions: <code>{text_html(json_text(rating.details['questions']), 1_000)}</code></p>"
        )
    if answered_by := rating.details.get(ANSWERED_BY):
        parts.append(f"<p>The endpoint says that {text_html(str(answered_by), 200)} answered.</p>")
    replies = [one.raw_reply for one in (members or [rating]) if one.raw_reply]
    parts += [f'<pre class="xs-text">{text_html(reply, _LONGEST_REPLY)}</pre>' for reply in replies]
    if not parts:
        return ""
    title = "Votes and replies as they came" if members else "The reply as it came"
    return f'<details class="xs-reply"><summary>{title}</summary><div>{"".join(parts)}</div></details>'


def _is_member_of(one: Rating, committee: Rating) -> bool:
    place = (one.judge, one.prompt_hash, one.step, one.call, one.pointer)
    return (
        one.member == "member"
        and committee.member == "committee"
        and place
        == (committee.judge, committee.prompt_hash, committee.step, committee.call, committee.pointer)
    )
