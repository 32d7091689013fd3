"""Releases: frozen training sets, what is in each, where its rows come from."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.counted import counted
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head
from pages.parts.release_acts import draw_acts, draw_comparison
from pages.parts.release_rows import draw_rows, draw_rows_note
from pages.parts.routes import MIXTURE, RELEASES
from pages.parts.safe_text import one_line, text_html
from xlam_backend.activities import freeze_run
from xlam_backend.errors import NotFoundError
from xlam_backend.owner import app_store
from xlam_backend.releases.manifest import CARD
from xlam_backend.releases.reading import Release, is_release_id, list_releases


def draw_list(releases: list[Release]) -> None:
    """Draw every release as a row that leads to it."""
    st.html(
        table_html(("Release", "Rows", "Tokens", "Frozen", "By", "Id"), [_list_row(one) for one in releases])
    )


def _list_row(release: Release) -> LinkRow:
    frozen, manifest = release.frozen, release.manifest
    words = "archived" if release.is_archived else ""
    return LinkRow(
        manifest.name,
        (
            f"{manifest.row_count:,}",
            f"{manifest.token_count:,}",
            frozen.at.replace("T", " ") + " UTC" if frozen else "",
            one_line(frozen.person, 40) if frozen else "",
            release.release_id[:12],
        ),
        f"releases?{urlencode({'release': release.release_id})}",
        words,
    )


def draw_release(release: Release, others: list[Release]) -> None:
    """Draw one release."""
    manifest, frozen = release.manifest, release.frozen
    made = ""
    if frozen:
        made = (
            f"frozen {frozen.at.replace('T', ' ')} UTC by {text_html(frozen.person, 80)} from "
            f"{text_html(frozen.recipe_name, 80)}, version {frozen.recipe_version} · "
        )
    state = ' <span class="xs-chip xs-warn">archived</span>' if release.is_archived else ""
    st.html(
        f'<h3>{text_html(manifest.name, 120)}{state}</h3><p class="xs-note">{made}id {release.release_id}</p>'
    )
    draw_facts(
        [
            Fact(f"{manifest.row_count:,}", "rows", counted(len(manifest.sources), "source")),
            Fact(f"{manifest.token_count:,}", "tokens"),
            Fact(f"{manifest.over_context_count:,}", f"longer than {manifest.context:,} tokens"),
            Fact(f"{sum(manifest.left_out.values()):,}", "rows left out"),
        ]
    )
    draw_acts(release)
    rows, card, compared = st.tabs(["Rows and lineage", "Card", "Compare"], key="release_tabs")
    with rows:
        draw_rows_note(release)
        draw_rows(release)
    with card:
        # As text: a card quotes names from data, and those must not be drawn as Markdown.
        st.code((release.folder / CARD).read_text(encoding="utf-8"), language="markdown", wrap_lines=True)
    with compared:
        draw_comparison(release, others)


def draw_page() -> None:
    """Draw the page."""
    draw_head(
        "Releases",
        "Frozen training sets. A release never changes; its id is the hash of what is in it, and each row "
        "says where it comes from.",
    )
    draw_kind_runs(freeze_run.KIND)
    show_archived = st.query_params.get("archived", "") == "yes"
    found = list_releases(app_store().folder, with_archived=True)
    offered = [one for one in found if show_archived or not one.is_archived]
    wanted = st.query_params.get("release", "")
    if is_release_id(wanted):
        chosen = next((one for one in found if one.release_id == wanted), None)
        if chosen is None:
            raise NotFoundError(f"There is no release {wanted}.", "The list of releases shows them all.")
        st.page_link(RELEASES, label="All releases", icon=":material/arrow_back:")
        draw_release(chosen, offered)
        return
    if not offered:
        draw_empty("There is no release yet.", "Write a recipe on the Mixture page and freeze it.")
        st.page_link(MIXTURE, label="Mixture", icon=":material/blender:")
    else:
        draw_list(offered)
    archived = sum(one.is_archived for one in found)
    if archived and not show_archived:
        st.page_link(
            RELEASES,
            label=f"Show {archived:,} archived",
            icon=":material/inventory:",
            query_params={"archived": "yes"},
        )


draw_page()
