"""How the arguments of a tool are used: in how many calls, with which values, as small bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.link_table import name_html
from pages.parts.safe_text import one_line, text_html
from xlam_backend.explore.tool_dossier import ArgumentValues
from xlam_backend.statistics.intervals import show_rate

SHOWN_FIRST = 8  # arguments drawn at once; the others are folded
VALUES_FIRST = 5  # of one argument
LONGEST_VALUE = 60


def draw_arguments(arguments: Sequence[ArgumentValues]) -> None:
    """Draw every argument: the first ones open, the others folded."""
    st.html(_arguments_html(arguments[:SHOWN_FIRST]))
    if len(arguments) > SHOWN_FIRST:
        with st.expander(f"{len(arguments) - SHOWN_FIRST:,} more arguments"):
            st.html(_arguments_html(arguments[SHOWN_FIRST:]))


def _arguments_html(arguments: Sequence[ArgumentValues]) -> str:
    return f'<div class="xs-trace">{"".join(_argument_html(argument) for argument in arguments)}</div>'


def _argument_html(argument: ArgumentValues) -> str:
    if not argument.is_declared:
        chip = '<span class="xs-chip xs-reject">in no description</span>'
    else:
        chip = f'<span class="xs-chip xs-plain">{"required" if argument.is_required else "optional"}</span>'
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in argument.kinds)
    words = (
        f"given in {show_rate(argument.given)} calls · {kinds} · {argument.distinct_count:,} different"
        if argument.given.hits
        else "never given"
    )
    return (
        f'<section class="xs-argument"><header><span class="xs-arg">{name_html(argument.name)}</span>{chip}'
        f'<span class="xs-note">{escape(words)}</span></header>{_spread_html(argument)}</section>'
    )


def _spread_html(argument: ArgumentValues) -> str:
    if argument.bins:
        return _columns_html(argument.bins) + _folded("The same as numbers", _bins_html(argument.bins))
    first, rest = argument.values[:VALUES_FIRST], argument.values[VALUES_FIRST:]
    if not first:
        return ""
    most = first[0][1]
    left = argument.distinct_count - len(argument.values)
    more = f'<p class="xs-note">and {left:,} more</p>' if left else ""
    folded = _folded(f"{len(rest):,} more values", _bars_html(rest, most) + more) if rest else ""
    return _bars_html(first, most) + folded


def _folded(label: str, inner: str) -> str:
    return f"<details><summary>{escape(label)}</summary><div>{inner}</div></details>"


def _bars_html(values: Sequence[tuple[str, int]], most: int) -> str:
    rows = "".join(
        f'<code title="{escape(one_line(value, 300))}">{text_html(one_line(value, LONGEST_VALUE))}</code>'
        f'<span><i style="width:{count / most:.1%}"></i></span><b>{count:,}</b>'
        for value, count in values
    )
    return f'<div class="xs-values">{rows}</div>'


def _columns_html(bins: Sequence[tuple[float, float, int]]) -> str:
    most = max(count for _, _, count in bins)
    columns = "".join(
        f'<i style="height:{count / most:.1%}" title="{low:,.6g} to {high:,.6g}: {count:,} calls"></i>'
        for low, high, count in bins
    )
    return (
        f'<div class="xs-columns" aria-hidden="true">{columns}</div>'
        f'<div class="xs-axis"><span>{bins[0][0]:,.6g}</span><span>{bins[-1][1]:,.6g}</span></div>'
    )


def _bins_html(bins: Sequence[tuple[float, float, int]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{low:,.6g} to {high:,.6g}</th><td>{count:,}</td></tr>'
        for low, high, count in bins
    )
    return f'<table class="xs-table"><tbody>{rows}</tbody></table>'
