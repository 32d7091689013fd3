"""Which endpoint and which of its models are asked; without one, how to set one up."""

from __future__ import annotations

import streamlit as st

from xlam_backend.llm.endpoint import Endpoint, list_endpoints

_ONE, _COMMITTEE = "one model", "a committee"


def draw_endpoint(key: str) -> tuple[Endpoint | None, tuple[str, ...]]:
    """Draw the choice; returns the endpoint, None where there is none, and the models."""
    endpoints = list_endpoints()
    if not endpoints:
        return None, ()
    names = [one.name for one in endpoints]
    chosen = st.selectbox("Endpoint", names, key=f"{key}endpoint")
    endpoint = next(one for one in endpoints if one.name == chosen)
    models = st.multiselect("Models", endpoint.models, endpoint.models[:1], accept_new_options=True)
    return endpoint, tuple(models)
