"""The local name somebody chose in this browser: kept in a cookie, so that a reload does not lose it.

It proves nothing: whoever has the machine has all its local names. Where that is not enough, people
sign in with a provider, and no cookie of ours is read.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import streamlit as st

from xlam_backend.access import local_name
from xlam_backend.errors import InputError

_COOKIE = "xlam_local_name"
_CHOSEN = "local_name"  # set once somebody chose in this session; "" is the machine's own name
_SCRIPT = Path(__file__).with_name("kept_name.js").read_text(encoding="utf-8")

_keeper = st.components.v2.component("xlam_kept_name", js=_SCRIPT)


def chosen_name() -> str:
    """Return the name chosen in this session, else the one the browser kept; "" when there is none."""
    if _CHOSEN in st.session_state:
        return str(st.session_state[_CHOSEN])
    kept: object = st.context.cookies.get(_COOKIE, "")
    try:  # without a browser (AppTest) there are no cookies, but something that stands for them
        return local_name(unquote(kept)) if isinstance(kept, str) else ""
    except InputError:
        return ""


def choose_name(name: str) -> None:
    """Take a name for this session, "" for the machine's own; the next drawing keeps it."""
    st.session_state[_CHOSEN] = name


def keep_chosen_name() -> None:
    """Have the browser keep what was chosen in this session."""
    if _CHOSEN in st.session_state:
        _keeper(data={"name": chosen_name(), "cookie": _COOKIE}, key="kept_name", height=1)
