"""Which endpoint and which of its models are asked; how to set one up, test it, or start the scripted one."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.page_head import draw_empty, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.safe_text import text_html
from pages.parts.signed_in import current_person, may_or_say
from xlam_backend.errors import XlamError
from xlam_backend.llm.endpoint import Endpoint, has_key, list_endpoints
from xlam_backend.llm.endpoint_check import check_endpoint
from xlam_backend.llm.scripted_process import start_scripted_server, stop_scripted_server
from xlam_backend.owner import app_store

_TESTED = "endpoint_tested"  # what the last test said, by the name of the endpoint

_ENVIRONMENT = """\
export OPENAI_BASE_URL=https://api.example.com/v1
export OPENAI_API_KEY=...
export OPENAI_MODEL=one-model        # several: XLAM_MODELS=one,another"""
_SECRETS = """\
[endpoints.lab]
base_url = "https://api.example.com/v1"
models = ["one-model", "another"]
api_key = "..."          # or key_variable = "NAME_OF_A_VARIABLE"
price_input = 0.15       # money per million tokens, for budgets in money
price_output = 0.60"""


def draw_endpoint(
    key: str, *, label: str = "Endpoint", picks: str = "Models", first_models: int = 1
) -> tuple[Endpoint | None, tuple[str, ...]]:
    """Draw the choice; returns the endpoint, None where there is none, and the chosen models.

    `first_models` of the endpoint's models are chosen at first; a negative number takes the last ones.
    """
    try:
        endpoints = list_endpoints(app_store().folder)
    except XlamError as error:
        show_error(error)
        endpoints = []
    if not endpoints:
        draw_no_endpoint(key)
        return None, ()
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    left, right = st.columns([2, 3])
    # Names of endpoints are checked where they are read: letters, digits, dots, dashes.
    chosen = by_name[left.selectbox(label, list(by_name), key=f"{key}endpoint")]
    offered = chosen.models
    models = right.multiselect(
        picks,
        offered,
        offered[:first_models] if first_models >= 0 else offered[first_models:],
        accept_new_options=True,
        placeholder="type a model's name",
        key=f"{key}models_{chosen.name}",
    )
    if chosen.is_scripted:
        st.html(f"<p>{scripted_chip()}</p>")
    with st.expander("Test it, or set up another", icon=":material/power:", key=f"{key}endpoint_setup"):
        _draw_test(key, chosen)
        _draw_setup(key)
    return chosen, tuple(models)


def draw_no_endpoint(key: str) -> None:
    """Say that no model can be asked, and draw the ways to change that."""
    draw_empty(
        "No model can be asked yet.",
        "Set up an OpenAI-compatible endpoint, or start the scripted local server to try everything out.",
    )
    _draw_setup(key)


def _draw_setup(key: str) -> None:
    _draw_scripted_server(key)
    st.html('<h4 class="xs-part">An endpoint of your own</h4>')
    draw_note("In the environment of the app, before it is started:")
    st.code(_ENVIRONMENT, language="bash")
    draw_note("Or in .streamlit/secrets.toml, one table for each; it counts from the next click on:")
    st.code(_SECRETS, language="toml")
    draw_note("Keys stay there: they are never written to the store, a run, a log or a page.")


def _draw_scripted_server(key: str) -> None:
    st.html('<h4 class="xs-part">The scripted local server</h4>')
    draw_note(
        "It answers on this machine by simple rules, at no cost. Everything it says is labelled as such: it "
        "is for trying out, and no real judgement. In a shell: python -m xlam_backend endpoint start-scripted"
    )
    if not may_or_say("judge"):
        return
    with st.container(horizontal=True):
        if st.button("Start the scripted server", key=f"{key}start_scripted", icon=":material/play_arrow:"):
            _act(start_scripted_server)
        if st.button("Stop it", key=f"{key}stop_scripted", icon=":material/stop:", type="tertiary"):
            _act(stop_scripted_server)


def _act(change: Callable[..., object]) -> None:
    try:
        with st.spinner("One moment"):
            change(app_store().folder, person=current_person())
    except XlamError as error:
        show_error(error)
        return
    st.rerun()


def _draw_test(key: str, endpoint: Endpoint) -> None:
    key_words = "a key is set" if has_key(endpoint) else "no key is set"
    prices = "with prices" if endpoint.has_prices else "without prices, so money cannot be limited"
    st.html(
        f"<p>{text_html(endpoint.base_url, 200)} "
        f'<span class="xs-note">set in: {escape(endpoint.origin)}; {key_words}; {prices}</span></p>'
    )
    if st.button("Test the connection", key=f"{key}test_endpoint", icon=":material/network_check:"):
        with st.spinner("Asking for its models"):
            st.session_state[_TESTED] = _test_words(endpoint)
            st.session_state[f"{_TESTED}_name"] = endpoint.name
    if st.session_state.get(f"{_TESTED}_name") == endpoint.name:
        st.text(str(st.session_state.get(_TESTED, "")))


def _test_words(endpoint: Endpoint) -> str:
    check = check_endpoint(endpoint)
    if not check.is_reachable:
        return f"✘ {check.what} {check.way_out}"
    words = f"✔ It answers, in {check.seconds * 1000:.0f} ms, and lists {len(check.models):,} models"
    missing = f"; it does not list {', '.join(check.missing)}" if check.missing else ""
    shown = ", ".join(check.models[:12]) + (", …" if len(check.models) > 12 else "")
    return f"{words}{missing}: {shown}" if shown else f"{words}{missing}."
