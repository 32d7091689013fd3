"""The browser's address follows links from a page to itself."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

_DRAWN = "address_drawn"


def follow_address(page: str) -> None:
    """Tell the browser where it is, after a link from a page to the same page.

    Streamlit 1.67 draws what such a link asks for and leaves the browser's address as it was: the next click
    on anything would lead back. An address that the browser has already is not noted twice.
    """
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    before, now = st.session_state.get(_DRAWN), (page, urlencode(params, doseq=True))
    st.session_state[_DRAWN] = now
    if before is not None and before[0] == page and before != now:
        st.query_params.from_dict(params)
