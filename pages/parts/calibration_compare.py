"""Two versions of a judge's prompt, or two models, on the same places."""

from __future__ import annotations

import streamlit as st

from pages.parts.calibration_list import voice_key, voice_title
from pages.parts.item_links import desk_address
from pages.parts.link_table import LinkRow, draw_as_table
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_select
from xlam_backend.review.calibration import Voice
from xlam_backend.review.calibration_items import Comparison, compare_voices, list_comparable
from xlam_backend.statistics.mcnemar import McNemar

MOST_LISTED = 200


def draw_comparison(voice: Voice, queue_no: int) -> None:
    """Draw the choice of another voice of the same judge, and what it wins and loses."""
    others = [each for each in read_cached("comparable", list_comparable, voice.name) if each != voice]
    st.subheader("Against another prompt or model", anchor=False)
    if not others:
        draw_note("No other model or version of the prompt has judged these places.")
        return
    by_key = {voice_key(each): each for each in others}
    chosen = url_select(
        "Compare with",
        "second",
        list(by_key),
        show=lambda key: voice_title(by_key[key]) if key in by_key else key,
        placeholder="choose one",
        only_these=True,
    )
    if chosen not in by_key:
        draw_note("Choose one: both are held against people on the places that both judged.")
        return
    _draw(read_cached("comparison", compare_voices, voice, by_key[chosen], queue_no))


def _draw(found: Comparison) -> None:
    test = found.test
    total = test.both + test.only_first + test.only_second + test.neither
    draw_facts(
        [
            Fact(
                f"{total:,}",
                "settled places that both judged",
                f"{test.both:,} both right, {test.neither:,} neither",
            ),
            Fact(f"{test.only_first:,}", "only this one gets right"),
            Fact(f"{test.only_second:,}", "only the other gets right"),
            Fact(_gain(test), "the other is right more often by", _gain_bounds(test)),
            Fact(_p(test.mid_p), "p, McNemar (mid-p)", _p_words(test)),
        ]
    )
    draw_note(
        "The places are those that reviewers were shown: a queue drawn by the flags of one of the two "
        "tells more about the mistakes of that one."
    )
    for label, numbers in (
        ("Only this one gets right", found.only_first_items),
        ("Only the other gets right", found.only_second_items),
    ):
        draw_as_table(
            ("Item",),
            [LinkRow(f"Item {number:,}", (), desk_address(number)) for number in numbers[:MOST_LISTED]],
            label=f"{label}: {len(numbers):,} items",
        )


def _gain(test: McNemar) -> str:
    return "undefined" if test.gain.value is None else f"{test.gain.value * 100:+.1f} points"


def _gain_bounds(test: McNemar) -> str:
    low, high = test.gain.low, test.gain.high
    if low is None or high is None:
        return test.gain.undefined_because
    return f"{low * 100:+.1f} to {high * 100:+.1f} of {test.gain.n:,}"


def _p(value: float | None) -> str:
    return "undefined" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _p_words(test: McNemar) -> str:
    return test.undefined_because or f"exact: {_p(test.exact_p)}"
