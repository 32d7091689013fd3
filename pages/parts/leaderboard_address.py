"""Which rows of the leaderboard the address names: pinned, or compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from pages.parts.url_view import put_in_url
from xlam_backend.leaderboard.rows import LeaderRow

_MOST = 40


def in_url(name: str, rows: Iterable[LeaderRow]) -> tuple[str, ...]:
    """Return the keys under this name that are keys of rows, in their order; others mean nothing."""
    known = {row.key for row in rows}
    given = st.query_params.get(name, "").split(",")[:_MOST]
    return tuple(dict.fromkeys(key for key in given if key in known))


def put_keys(name: str, keys: Sequence[str]) -> None:
    """Write keys into the address; none of them takes the name out."""
    put_in_url(name, ",".join(keys))
