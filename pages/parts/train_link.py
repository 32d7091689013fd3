"""The way to the Train page with something filled in: weights to begin with, or the settings of a run."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st


def draw_train_link(label: str, **filled: str) -> None:
    """Draw a link to a new training run; `start_from` names weights, `settings_of` a run."""
    st.html(f'<p class="xs-note"><a href="train?{escape(urlencode(filled))}">{escape(label)}</a></p>')
