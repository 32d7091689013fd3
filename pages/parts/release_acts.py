"""What can be done with a release: hash it anew, compare it, export it, put it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.routes import EXPORTS, RELEASES
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import remember
from pages.parts.url_widgets import url_select
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.releases.archive import archive_release
from xlam_backend.releases.comparing import Comparison, compare_releases
from xlam_backend.releases.keeping import Verification, verify_release
from xlam_backend.releases.reading import Release


def draw_acts(release: Release) -> None:
    """Draw what can be done with a release."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_asked = st.button("Verify", icon=":material/verified:", key="verify_release")
        if not release.is_archived:
            st.page_link(
                EXPORTS,
                label="Export",
                icon=":material/ios_share:",
                query_params={"origin": "release", "release": release.release_id},
            )
            if may(current_person(), "remove data"):
                _draw_archive(release)
    if is_asked:
        _draw_verification(verify_release(app_store().folder, release.release_id))


def draw_comparison(release: Release, others: Sequence[Release]) -> None:
    """Draw the choice of another release, and how the two differ."""
    by_id = {one.release_id: one for one in others if one.release_id != release.release_id}
    if not by_id:
        draw_note("There is no other release to compare it with.")
        return
    chosen = url_select(
        "Compare with", "with", list(by_id), show=lambda each: release_words(by_id[each]), only_these=True
    )
    if not chosen:
        return
    found = remember(
        ("compare", str(release.folder), chosen),
        lambda: compare_releases(app_store().folder, release.release_id, chosen),
    )
    _draw_compared(found)


def release_words(release: Release) -> str:
    """Return a release as a list names it."""
    manifest = release.manifest
    state = ", archived" if release.is_archived else ""
    return f"{one_line(manifest.name, 60)} · {manifest.row_count:,} rows · {release.release_id[:12]}{state}"


def _draw_verification(found: Verification) -> None:
    if found.is_whole:
        st.html(
            f'<p><span class="xs-chip xs-good">✔ all {found.file_count:,} files are what they were '
            f"({found.byte_count:,} bytes hashed)</span></p>"
        )
        return
    lines = "".join(
        f"<li>{text_html(one.file, 120)} {text_html(one.words, 200)}</li>" for one in found.damages
    )
    st.html(f'<div class="xs-error" role="alert"><b>This release is damaged.</b><ul>{lines}</ul></div>')


def _draw_archive(release: Release) -> None:
    with st.popover("Put away", icon=":material/inventory:", type="tertiary"):
        draw_note(
            "It is not offered any more; its files stay in the folder releases/archived of the data folder. "
            "Freezing its recipe on the same data brings it back."
        )
        st.code(release.release_id[:12], language=None)
        typed = st.text_input("Type these letters to confirm", key=f"confirm_{release.release_id}")
        because = st.text_input("Why (optional)", key=f"because_{release.release_id}")
        if st.button("Put away", key=f"archive_{release.release_id}", type="primary"):
            try:
                archive_release(
                    app_store(),
                    release.release_id,
                    confirmed=typed,
                    because=because,
                    person=current_person(),
                    now=datetime.now(UTC),
                )
            except XlamError as error:
                show_error(error)
            else:
                st.switch_page(RELEASES)


def _draw_compared(found: Comparison) -> None:
    st.html(
        f'<p class="xs-note">{found.common_rows:,} rows stand in both; {found.only_left:,} only in this one, '
        f"{found.only_right:,} only in the other.</p>"
    )
    rows = [
        LinkRow(
            one_line(one.name, 100) or "(none)",
            (
                f"{one.left:,}",
                f"{one.right:,}",
                f"{one.right - one.left:+,}" if one.left != one.right else "=",
            ),
            words=one.part,
        )
        for one in found.figures
    ]
    st.html(table_html(("", "This one", "The other", "Difference"), rows))
    if found.recipe_lines:
        st.html('<h4 class="xs-part">The recipes differ</h4>')
        st.code("\n".join(found.recipe_lines), language="diff")
