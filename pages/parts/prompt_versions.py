"""The versions of one prompt: their text, how they differ, a new draft, promotion and going back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from pages.parts.store_cache import read_cached
from pages.parts.text_diff import text_diff_html
from pages.parts.url_view import put_in_url
from pages.parts.url_widgets import url_select
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.prompts.versions import (
    PromotionRow,
    PromptSummary,
    PromptVersion,
    promote,
    read_prompt_history,
    read_prompt_versions,
    roll_back,
    save_draft,
)

_SAID = "prompt_said"


def draw_versions(summary: PromptSummary) -> None:
    """Draw the chosen version, and what can be done with it."""
    name = summary.form.name
    versions = read_cached("prompt_versions", read_prompt_versions, name)
    if said := st.session_state.pop(_SAID, ""):
        st.html(f'<p><span class="xs-chip xs-good">✔ {escape(said)}</span></p>')
    chosen = _choose(versions)
    current = next(one for one in versions if one.is_current)
    _draw_origin(chosen)
    if not chosen.is_current:
        st.html(f'<h4 class="xs-part">What differs from version {current.version}, which counts</h4>')
        st.html(text_diff_html(current.text, chosen.text))
    with st.expander(f"The text of version {chosen.version}", expanded=chosen.is_current):
        st.code(chosen.text, language=None, wrap_lines=True)
    history = read_cached("prompt_history", read_prompt_history, name)
    if may_or_say("prompt"):
        if history or not chosen.is_current:
            _draw_promotion(name, chosen)
        _draw_draft(name, chosen)
    _draw_history(history)


def _choose(versions: Sequence[PromptVersion]) -> PromptVersion:
    by_number = {str(one.version): one for one in versions}
    current = next(one for one in versions if one.is_current)
    if len(versions) == 1:
        return current
    number = url_select(
        "Version",
        "version",
        list(by_number),
        show=lambda number: _version_label(by_number[number]),
        only_these=True,
        placeholder=_version_label(current),
    )
    return by_number.get(number, current)


def _version_label(version: PromptVersion) -> str:
    made = "the file" if version.made_at is None else f"{version.made_at:%Y-%m-%d %H:%M}"
    return f"Version {version.version} · {made}{' · counts' if version.is_current else ''}"


def _draw_origin(version: PromptVersion) -> None:
    chip = '<span class="xs-chip xs-good">✔ counts</span> ' if version.is_current else ""
    by = "as it comes with the project" if version.made_at is None else f"by {text_html(version.person, 80)}"
    note = f" · {text_html(version.note, 400)}" if version.made_at and version.note else ""
    st.html(
        f'<p>{chip}Version {version.version} {by}{note} <span class="xs-note">{version.hash[:12]}</span></p>'
    )


def _draw_promotion(name: str, chosen: PromptVersion) -> None:
    with st.expander(
        "Make it count, or go back" if not chosen.is_current else "Go back to the version before",
        icon=":material/published_with_changes:",
    ):
        because = st.text_input("Why?", key=f"because_{name}", placeholder="fewer false alarms on set 2")
        left, right, _ = st.columns([2, 2, 2])
        if not chosen.is_current and left.button(f"Make version {chosen.version} count", type="primary"):
            _act(
                lambda: promote(
                    app_store(),
                    name,
                    chosen.version,
                    because=because,
                    person=current_person(),
                    now=datetime.now(UTC),
                ),
                f"version {chosen.version} counts from now on",
            )
        if right.button("Go back to the version before", icon=":material/undo:"):
            _act(
                lambda: roll_back(
                    app_store(), name, because=because, person=current_person(), now=datetime.now(UTC)
                ),
                "the version before counts again",
            )


def _draw_draft(name: str, chosen: PromptVersion) -> None:
    with st.expander("Write a new version", icon=":material/edit:"):
        draw_note(
            "It starts from the version above. Every blank must stay; a draft is not asked before somebody "
            "makes it count."
        )
        text = st.text_area("Text", chosen.text, height=420, key=f"draft_{name}_{chosen.version}")
        note = st.text_input("What is new?", key=f"draft_note_{name}_{chosen.version}")
        if text != chosen.text:
            st.html(text_diff_html(chosen.text, text))
        if st.button("Save as a new version", type="primary", key=f"save_draft_{name}"):
            _act(lambda: _save(name, text, note), "the version is kept; rehearse it before it counts")


def _save(name: str, text: str, note: str) -> None:
    saved = save_draft(app_store(), name, text, note=note, person=current_person(), now=datetime.now(UTC))
    put_in_url("version", str(saved.version))


def _act(change: Callable[[], object], said: str) -> None:
    try:
        change()
    except XlamError as error:
        show_error(error)
        return
    st.session_state[_SAID] = said
    st.rerun()


def _draw_history(history: Sequence[PromotionRow]) -> None:
    if not history:
        return
    with st.expander("Which version counted when"):
        rows = [
            LinkRow(f"version {one.version}", (f"{one.promoted_at:%Y-%m-%d %H:%M}", one.person, one.because))
            for one in reversed(history)
        ]
        st.html(table_html(("Counts", "since", "by", "because"), rows))
