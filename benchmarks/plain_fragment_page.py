"""The obvious review page, to compare the desk with: a fragment, native elements, a button with a shortcut.

It draws what the desk draws of an item (XLAM_BENCH_ITEMS: a JSON list of item views), stores nothing, and
shows the item's name last, so that it stands there when everything else does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import streamlit as st


@st.cache_resource
def _items() -> list[dict[str, Any]]:
    """Return the items, read once for all sessions."""
    items: list[dict[str, Any]] = json.loads(Path(os.environ["XLAM_BENCH_ITEMS"]).read_text(encoding="utf-8"))
    return items


def _go_on() -> None:
    st.session_state["place"] = st.session_state.get("place", 0) + 1


def _draw_step(step: dict[str, Any]) -> None:
    if step.get("is_outline"):
        st.text(f"{step['index'] + 1} {step['outline']}")
        return
    if "thought" in step:
        st.text(step["thought"]["text"])
    for call in step.get("calls", ()):
        st.text(call["name"])
        for row in call.get("rows", ()):
            st.text(f"{row['name']} = {row['value']['text']}   {row.get('declared', '')}")
    for seen in step.get("observations", ()):
        st.code(seen["content"]["text"], language=None)


@st.fragment
def _draw() -> None:
    items = _items()
    view = items[st.session_state.get("place", 0) % len(items)]
    left, right = st.columns([3, 1])
    with left:
        st.text(view["trace"]["query"]["text"])
        for step in view["trace"].get("steps", ()):
            _draw_step(step)
    with right:
        st.text(view["guideline"]["title"])
        st.text(view["guideline"]["question"])
        st.text(view.get("says", ""))
        for repair in view.get("repairs", ()):
            st.text(repair["summary"])
    with st.container(horizontal=True):
        st.button("Agree", key="agree", shortcut="a", on_click=_go_on)
        st.button("Disagree", key="disagree", shortcut="d", on_click=_go_on)
    with st.container(key="which"):
        st.text(f"Item {view['item_no']}")


st.set_page_config(layout="wide")
_draw()
