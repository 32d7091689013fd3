"""From a trajectory to its near-duplicates: the cluster it stands in, and why it was dropped if it was."""

from __future__ import annotations

import streamlit as st

from pages.parts.routes import NEAR_DUPLICATES, TRAJECTORY
from pages.parts.safe_text import text_html
from pages.parts.store_cache import read_cached
from xlam_backend.dedupe.around import stands_in_cluster
from xlam_backend.dedupe.decisions import read_drop_reason


def draw_near_link(trajectory_no: int) -> None:
    """Draw the way to the cluster of a trajectory; nothing where it stands in none."""
    dropped = read_cached("near_dropped", read_drop_reason, trajectory_no)
    if dropped is None and not read_cached("near_stands", stands_in_cluster, trajectory_no):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="near_link"):
        if dropped is None:
            st.html('<span class="xs-note">Others say and call the same.</span>', width="content")
        else:
            st.html(
                '<span class="xs-chip xs-fix">✖ dropped as a near-duplicate</span> '
                f'<span class="xs-note">by {text_html(dropped.person, 60)}</span>',
                width="content",
            )
            if dropped.kept_id:
                st.page_link(
                    TRAJECTORY,
                    label="The one that stays for it",
                    icon=":material/timeline:",
                    query_params={"id": dropped.kept_id},
                )
        st.page_link(
            NEAR_DUPLICATES,
            label="See them beside each other",
            icon=":material/content_copy:",
            query_params={"of": str(trajectory_no)},
        )
