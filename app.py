"""The app: what `streamlit run app.py` serves. The pages begin at pages/router.py.

The router stands inside pages/, not here: Streamlit takes a folder `pages` beside its main script for
the pages of its older kind, and then tells the first visitor of a deep link that the page is missing.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.allowed_hosts import AllowedHosts
from pages.parts.desk_route import desk_route


@asynccontextmanager
async def hold_store(_app: st.App) -> AsyncIterator[None]:
    """Hold the store while the app is served.

    It is opened beside the start of the server, and while the first visitor's browser loads.
    """
    opening = threading.Thread(target=_open, name="opening", daemon=True)
    opening.start()
    try:
        yield
    finally:
        opening.join()
        from xlam_backend.owner.app import release_app_store

        release_app_store()


def _open() -> None:
    from pages.parts.warm_up import warm_up

    warm_up()


app = st.App(
    "pages/router.py",
    lifespan=hold_store,
    routes=[desk_route()],
    middleware=[Middleware(AllowedHosts)],
)
