"""The one place where pages draw errors: what happened, the way out, and an id that stands in the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts.safe_text import text_html
from xlam_backend.errors import XlamError

RETRY_SECONDS = 3
INTERNAL_ERROR = "Something went wrong inside xLAM Studio."

_log = logging.getLogger("xlam_studio")


@contextmanager
def guarded() -> Iterator[None]:
    """Draw any error of the block; an error that may pass by itself is tried again every few seconds."""
    try:
        yield
    except XlamError as error:
        show_error(error)
        if error.retryable:
            _try_again()
    except Exception:  # noqa: BLE001 - the border: a bug is shown as one and logged whole
        error_id = uuid.uuid4().hex[:8]
        _log.exception("Error %s on a page", error_id)
        _draw(INTERNAL_ERROR, f"The log has the details under {error_id}.", error_id)


def show_error(error: XlamError) -> None:
    """Draw an error that is understood: its words may quote data, so they are drawn as text."""
    _draw(error.what, error.way_out)


def _draw(what: str, way_out: str, error_id: str = "") -> None:
    shown_id = f"<br><code>error {error_id}</code>" if error_id else ""
    st.html(
        f'<div class="xs-error" role="alert"><b>{text_html(what)}</b>{text_html(way_out)}{shown_id}</div>'
    )


def _try_again() -> None:
    tries = {"count": 0}

    @st.fragment(run_every=RETRY_SECONDS)
    def again() -> None:
        tries["count"] += 1
        if tries["count"] > 1:  # the first run belongs to the page that has just failed
            st.rerun()

    again()
