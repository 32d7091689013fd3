"""One cluster: the row that would stay beside another one, and what is to become of them."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.near_duplicate_acts import decide_one
from pages.parts.near_duplicate_sides import members_html
from pages.parts.near_duplicate_state import NearView
from pages.parts.near_duplicate_words import facts_words
from pages.parts.page_head import draw_note
from pages.parts.record_table import Column, Row, draw_table
from pages.parts.routes import TRAJECTORY
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_number
from xlam_backend.dedupe.around import ClusterNeighbours, find_clusters_around
from xlam_backend.dedupe.clusters import read_cluster
from xlam_backend.domain.near_duplicate import KEEPER_RULE, Choice, Cluster, Member

_COLUMNS = (
    Column("Request", "44%"),
    Column("Dataset", "16%"),
    Column("Similarity", "9%", "number"),
    Column("Findings, rating, steps", "19%"),
    Column("Decided", "12%"),
)
_DIFFERENCE_WORDS = {
    "same text": "the same text, letter by letter",
    "same words": "the same words; case, spaces or punctuation differ",
    "alike": "worded alike",
}


def draw_cluster(view: NearView, number: int) -> None:
    """Draw a cluster with the ways to those before and after it."""
    search_no = view.search.search_no
    around = read_cached("near_around", find_clusters_around, search_no, view.query, number)
    _draw_way(around)
    cluster = read_cached("near_cluster", read_cluster, search_no, number, threshold=view.threshold)
    keeper, others = cluster.members[0], cluster.members[1:]
    other = _chosen(others)
    st.html(_summary_html(cluster, other))
    if may_or_say("dedupe"):
        _draw_choices(view, cluster, other, around)
    left, right = (_title(member) for member in (keeper, other))
    st.html(members_html(keeper, other, left, right))
    with st.container(horizontal=True):
        _link("Open the left one", keeper)
        _link("Open the right one", other)
    if len(others) > 1:
        _draw_members(cluster)


def _draw_way(around: ClusterNeighbours) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="way"):
        _turn("Previous", ":material/arrow_back:", "K", around.previous)
        _turn("Next", ":material/arrow_forward:", "J", around.following)
        place = f"{around.place:,} of {around.total:,} in this list" if around.place else "not in this list"
        st.html(f'<p class="xs-note">{place}</p>', width="content")
        # A button, not a link: a link to the page that is open leaves the address as it was (Streamlit 1.67).
        st.button(
            "Back to the list",
            icon=":material/list:",
            key="back_to_list",
            type="tertiary",
            on_click=_open,
            args=(None,),
        )


def _turn(label: str, icon: str, key: str, number: int | None) -> None:
    st.button(
        label,
        icon=icon,
        key=f"turn_{label}_{number}",
        type="tertiary",
        shortcut=key,
        disabled=number is None,
        on_click=_open,
        args=(number,),
    )


def _open(number: int | None) -> None:
    st.query_params.pop("beside", None)
    if number is None:
        st.query_params.pop("cluster", None)
    else:
        st.query_params["cluster"] = str(number)


def _chosen(others: tuple[Member, ...]) -> Member:
    wanted = read_number("beside", 0)
    return next((member for member in others if member.trajectory_no == wanted), others[0])


def _summary_html(cluster: Cluster, other: Member) -> str:
    same = _DIFFERENCE_WORDS.get(other.difference, other.difference)
    alike = "" if other.difference != "alike" else f", similarity {other.similarity:.2f}"
    return (
        f'<p><span class="xs-chip xs-plain">{counted(cluster.size, "row")}</span> '
        f"The left row would stay: {text_html(cluster.keeper_reason)}. "
        f"The right one is {text_html(same)}{alike}, and calls the same.</p>"
    )


def _title(member: Member) -> str:
    return f"Row {member.trajectory_no}: {_state_words(member)}"


def _state_words(member: Member) -> str:
    would = "would stay" if member.is_keeper or member.facts.is_protected else "would go"
    return {"": would, "keep": "✔ stays", "drop": "✖ goes"}[member.disposition]


def _link(label: str, member: Member) -> None:
    st.page_link(
        TRAJECTORY, label=label, icon=":material/timeline:", query_params={"id": member.trajectory_id}
    )


def _draw_choices(view: NearView, cluster: Cluster, other: Member, around: ClusterNeighbours) -> None:
    keeper = cluster.members[0]
    with st.container(horizontal=True, vertical_alignment="center", key="near_choices"):
        _choice(view, cluster, "Keep the left one", "keep one", (keeper,), "1", around)
        _choice(view, cluster, "Keep the right one", "keep one", (other,), "2", around)
        _choice(view, cluster, "Keep both", "keep both", (keeper, other), "B", around)
        if cluster.size > 2:
            _choice(view, cluster, f"Keep all {cluster.size:,}", "keep all", (), "A", around)
    words = "The choice opens the next cluster and can be undone; each button names its key. "
    if cluster.size > 2:
        words += "All other rows of the cluster go, unless all are kept. "
    if any(member.facts.is_protected for member in cluster.members):
        words += "Rows of an evaluation set stay in any case."
    draw_note(words)


def _choice(
    view: NearView,
    cluster: Cluster,
    label: str,
    choice: Choice,
    kept: tuple[Member, ...],
    key: str,
    around: ClusterNeighbours,
) -> None:
    # The key names the rows: a press that comes late never meets another cluster's button.
    names = "_".join(str(member.trajectory_no) for member in kept)
    st.button(
        label,
        key=f"{choice}_{cluster.number}_{names}",
        type="primary" if key == "1" else "secondary",
        shortcut=key,
        on_click=_decide,
        args=(
            view.search.search_no,
            cluster.number,
            choice,
            view.threshold,
            [member.trajectory_no for member in kept],
            around.following,
        ),
    )


def _decide(
    search_no: int, number: int, choice: Choice, threshold: float, keep: list[int], following: int | None
) -> None:
    if read_number("cluster", -1) != number:  # the page has turned since the key was pressed
        return
    if decide_one(search_no, number, choice, threshold, keep):
        _open(following)


def _draw_members(cluster: Cluster) -> None:
    st.subheader("All rows of the cluster", anchor=False)
    draw_note(f"{KEEPER_RULE} A click lays a row beside the one that would stay.")
    shown = len(cluster.members)
    if shown < cluster.size:
        draw_note(f"The first {shown:,} of {cluster.size:,} are shown.")
    opened = draw_table(_COLUMNS, [_row(member) for member in cluster.members], key="near_members")
    if opened and opened != str(cluster.members[0].trajectory_no):
        st.query_params["beside"] = opened
        st.rerun()


def _row(member: Member) -> Row:
    number = str(member.trajectory_no)
    similarity = "–" if member.is_keeper else f"{member.similarity:.2f}"
    return Row(
        id=number,
        href=f"trajectory?id={member.trajectory_id}",
        cells=(
            one_line(member.query, 220) or "(no request)",
            one_line(member.dataset, 60),
            similarity,
            facts_words(member.facts),
            _state_words(member),
        ),
    )
