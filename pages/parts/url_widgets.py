"""Widgets whose value is a parameter of the URL: they show what it says, and write what a person chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from pages.parts.url_view import put_in_url

Choice = TypeVar("Choice", bound=str)


def _key(name: str) -> str:
    return f"url_{name}"


def _take_over(name: str) -> None:
    put_in_url(name, st.session_state[_key(name)])


def _as_url_says(name: str, value: object) -> str:
    # Set before the widget is made, so that Back, a link or a typed URL always wins over old widget state.
    st.session_state[_key(name)] = value
    return _key(name)


def url_select(
    label: str,
    name: str,
    options: Sequence[str],
    *,
    show: Callable[[str], str] = str,
    can_type: bool = False,
    only_these: bool = False,
    placeholder: str = "any",
    show_label: bool = True,
) -> str:
    """Draw a choice of one, or none, of `options`; another value in the URL is kept, unless `only_these`."""
    value = st.query_params.get(name, "")
    known = [*options, value] if value and value not in options and not only_these else list(options)
    chosen = st.selectbox(
        label,
        known,
        key=_as_url_says(name, value if value in known else None),
        format_func=show,
        placeholder=placeholder,
        label_visibility="visible" if show_label else "collapsed",
        index=None,
        accept_new_options=can_type,
        on_change=_take_over,
        args=(name,),
    )
    return chosen or ""


def url_choice(label: str, name: str, choices: Mapping[Choice, str], *, usual: Choice) -> Choice:
    """Draw a choice of one of these, each with its words; the usual one where the URL names none."""
    by_name: dict[str, Choice] = {choice: choice for choice in choices}
    chosen = url_select(
        label,
        name,
        list(by_name),
        show=lambda key: choices[by_name[key]],
        placeholder=choices[usual],
        only_these=True,
    )
    return by_name.get(chosen, usual)


def url_text(label: str, name: str, placeholder: str = "") -> str:
    """Draw a line of text."""
    return st.text_input(
        label,
        key=_as_url_says(name, st.query_params.get(name, "")),
        placeholder=placeholder,
        on_change=_take_over,
        args=(name,),
    )


def url_number(label: str, name: str) -> None:
    """Draw a whole number from 0 that may be left open."""
    text = st.query_params.get(name, "")
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    st.number_input(
        label,
        min_value=0,
        step=1,
        value=None,
        placeholder="any",
        key=_as_url_says(name, value),
        on_change=_take_over,
        args=(name,),
    )


def url_page(page: int, page_count: int) -> None:
    """Draw the page numbers of a list."""
    key = f"url_page_{page}"  # page numbers always have a default: another page is another widget

    def turn() -> None:
        put_in_url("page", st.session_state[key])

    st.pagination(page_count, default=min(page, page_count), key=key, on_change=turn)
