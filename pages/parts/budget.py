"""The budget of a run that asks models: three limits in sight, each of which may be left open."""

from __future__ import annotations

import streamlit as st

from xlam_backend.llm.chat import Budget

_NO_LIMIT = "no limit"


def draw_budget(key: str, *, given: Budget | None = None) -> Budget:
    """Draw the limits, as they were given before or open; an empty one is none."""
    given = given or Budget()
    first, second, third = st.columns(3)
    calls = first.number_input(
        "Calls, at most", 1, None, value=given.calls, step=100, placeholder=_NO_LIMIT, key=f"{key}calls"
    )
    tokens = second.number_input(
        "Tokens, at most", 1, None, value=given.tokens, step=10_000, placeholder=_NO_LIMIT, key=f"{key}tokens"
    )
    money = third.number_input(
        "Money, at most",
        0.0,
        None,
        value=given.money,
        step=1.0,
        placeholder=_NO_LIMIT,
        key=f"{key}money",
        help="In the currency of the endpoint's prices; it must have prices.",
    )
    return Budget(
        int(calls) if calls else None, int(tokens) if tokens else None, float(money) if money else None
    )
