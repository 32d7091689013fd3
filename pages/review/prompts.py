"""Prompts: what the judges and the less powerful models are asked, word by word, and every version of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.page_head import Fact, draw_facts, draw_head, draw_note
from pages.parts.prompt_rehearsals import draw_rehearsals
from pages.parts.prompt_versions import draw_versions
from pages.parts.store_cache import read_cached
from pages.parts.url_view import put_in_url
from xlam_backend.judges import JUDGES
from xlam_backend.prompts.versions import PromptSummary, list_prompts
from xlam_backend.review.labelled_sets import list_sets


def draw_prompts(found: Sequence[PromptSummary]) -> None:
    """Draw the choice of a prompt, and beneath it the one that the URL names."""
    by_name = {one.form.name: one for one in found}
    wanted = st.query_params.get("prompt", "")
    st.session_state["chosen_prompt"] = wanted if wanted in by_name else found[0].form.name
    left, _ = st.columns([2, 3])
    left.selectbox(
        "Prompt",
        list(by_name),
        format_func=lambda name: _label(by_name[name]),
        key="chosen_prompt",
        on_change=_take_over,
    )
    # Beneath, not beside: the text of a prompt has lines of its own, which a narrow column would break anew.
    chosen = by_name[st.session_state["chosen_prompt"]]
    st.subheader(chosen.form.title, anchor=False)
    draw_note(
        f"It {chosen.form.purpose}. Stored as {chosen.form.name}; filled in for each call: "
        f"{', '.join(chosen.form.blanks)}."
    )
    draw_versions(chosen)
    judge = next((one for one in JUDGES if one.prompt == chosen.form.name), None)
    if judge is not None:
        draw_rehearsals(judge, chosen)


def _take_over() -> None:
    st.query_params.pop("version", None)
    st.query_params.pop("rehearsal", None)
    put_in_url("prompt", st.session_state["chosen_prompt"])


def _label(summary: PromptSummary) -> str:
    # Our own words and numbers only: labels are read as Markdown.
    drafts = f" · {summary.version_count} versions" if summary.version_count > 1 else ""
    return f"{summary.form.title} · version {summary.current_version}{drafts}"


draw_head(
    "Prompts",
    "What models are asked, word by word; a new wording is tried on known answers before it counts.",
)
listed = read_cached("prompts", list_prompts)
draw_facts(
    [
        Fact(str(len(listed)), "prompts", "each a file of the project, version 1"),
        Fact(str(sum(one.version_count - 1 for one in listed)), "versions made by people"),
        Fact(str(len(read_cached("labelled_sets", list_sets))), "labelled sets", "known answers, frozen"),
    ]
)
draw_prompts(listed)
