"""Leaderboard: own and published scores side by side, each with its source and date."""

from __future__ import annotations

import streamlit as st

from pages.parts.counted import counted
from pages.parts.leaderboard_compare import draw_comparison
from pages.parts.leaderboard_paper import draw_column_words, draw_paper
from pages.parts.leaderboard_published import draw_published
from pages.parts.leaderboard_size import draw_sizes
from pages.parts.leaderboard_table import draw_rows
from pages.parts.page_head import Fact, draw_empty, draw_facts, draw_head, draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.routes import EVALUATE
from pages.parts.safe_text import one_line
from pages.parts.store_cache import read_cached
from pages.parts.url_widgets import url_choice
from xlam_backend.bfcl.categories import VERSIONS, Version
from xlam_backend.bfcl.columns import OVERALL
from xlam_backend.leaderboard.rows import LeaderRow, leaderboard_rows, usual_version

_VERSION_WORDS: dict[Version, str] = {
    "v1": "v1 (2024: 1,700 questions)",
    "v2": "v2 (+ live questions; the paper's Table 5)",
    "v3": "v3 (+ multi-turn)",
    "v4": "v4 (+ web search and memory)",
}


def choose_version() -> Version:
    """Draw the choice of version; return the chosen one."""
    choice, words = st.columns([2, 5], vertical_alignment="bottom")
    with choice:
        version = url_choice(
            "Version of the leaderboard",
            "version",
            {version: _VERSION_WORDS[version] for version in VERSIONS},
            usual=read_cached("leaderboard_usual", usual_version),
        )
    with words:
        draw_note(
            f"Overall in {version}: {OVERALL[version].words}. Rows compare only within a version, and each "
            "says whose number it is, and of which day."
        )
    return version


def draw_numbers(rows: tuple[LeaderRow, ...]) -> None:
    """Draw the few numbers of a version."""
    own = [row for row in rows if row.origin != "published"]
    published = [row for row in rows if row.origin == "published" and "overall" in row.values]
    best = max(published, key=lambda row: row.values["overall"], default=None)
    withheld = sum("overall" not in row.values for row in own)
    draw_facts(
        [
            Fact(
                f"{len(own):,}",
                "own evaluations",
                f"{counted(withheld, 'overall', 'overalls')} withheld: not all was run" if withheld else "",
            ),
            Fact(f"{len(rows) - len(own):,}", "published rows", counted(_source_count(rows), "source")),
            Fact(
                f"{best.values['overall']:.2f} %" if best else "none",
                "highest published overall",
                f"{one_line(best.model, 40)}, {best.date}" if best else "",
            ),
        ]
    )
    if any(row.is_scripted for row in own):
        st.html(f"<p>Among these: {scripted_chip()}</p>")


def _source_count(rows: tuple[LeaderRow, ...]) -> int:
    return len({(row.source, row.date) for row in rows if row.origin == "published"})


def draw_scores(rows: tuple[LeaderRow, ...], version: Version) -> None:
    """Draw the rows, and those that are compared."""
    if not rows:
        draw_empty(
            f"There is no row of {version} yet.",
            "Evaluate a model, or read a published table in under Published tables.",
        )
        st.page_link(EVALUATE, label="Evaluate a model", icon=":material/quiz:")
        return
    draw_numbers(rows)
    draw_comparison(rows, version)
    draw_rows(rows, version)


def draw_page() -> None:
    """Draw the page."""
    draw_head(
        "Leaderboard",
        "Own evaluations beside published scores: of the Berkeley Function-Calling Leaderboard, and of the "
        "xLAM paper.",
    )
    version = choose_version()
    rows = read_cached("leaderboard", leaderboard_rows, version)
    scores, sizes, words, published, paper = st.tabs(
        [
            "Scores",
            "Accuracy against size",
            "What the columns mean",
            "Published tables",
            "The paper's tables",
        ],
        key="leaderboard_tabs",
    )
    with scores:
        draw_scores(rows, version)
    with sizes:
        draw_sizes(rows, version)
    with words:
        draw_column_words(version)
    with published:
        draw_published()
    with paper:
        draw_paper()


draw_page()
