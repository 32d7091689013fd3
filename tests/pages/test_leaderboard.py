"""The Leaderboard page: versions, comparison, published tables, the paper's tables."""

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.unit.leaderboard.conftest import v4_csv, v4_line
from xlam_backend.leaderboard.published import read_in_published
from xlam_backend.owner.app import app_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def published_pages(pages):
    """The page with a published table read in, one of its models hostile."""
    pages.open("models/leaderboard")
    content = v4_csv(v4_line("<b>pwned</b>", "56.00%"), v4_line("part", "36.00%", web="N/A", memory="N/A"))
    read_in_published(
        app_store(),
        content,
        "v4_2025-12-16_overall.csv",
        source="a leaderboard",
        person=A_RESEARCHER,
        now=NOW,
    )
    return pages


def test_the_papers_rows_stand_there_from_the_start(pages):
    assert pages.open("models/leaderboard") == "Leaderboard"
    assert pages.fact("published rows") == 55
    assert "Table 1: The released models" in pages.words
    assert "46.7B" in pages.words
    assert "xLAM-8x22b-r (FC), 2024-09-05" in pages.words


def test_a_version_without_rows_says_what_to_do(pages):
    pages.open("models/leaderboard", version="v3")
    assert "There is no row of v3 yet." in pages.words


def test_rows_are_compared_by_their_address(published_pages):
    pages = published_pages
    pages.open("models/leaderboard", version="v4", compare="published-1-2,published-1-3,nonsense")
    assert "Compared" in [one.value for one in pages.app.subheader]
    assert "&lt;b&gt;pwned&lt;/b&gt;" in pages.html
    assert "-20.00" in pages.words
    assert "2 minus 1" in pages.words


def test_a_published_table_is_taken_off_and_put_back(published_pages):
    pages = published_pages
    pages.open("models/leaderboard", version="v4")
    assert pages.fact("published rows") == 2
    pages.button("Take off").click().run()
    assert "There is no row of v4 yet." in pages.words
    pages.button("Put back").click().run()
    assert pages.fact("published rows") == 2


def test_tables_are_read_in_with_their_source(pages):
    pages.open("models/leaderboard", version="v4")
    content = v4_csv(v4_line("m", "66.00%"))
    pages.app.file_uploader(key="published_files").set_value(("data_overall.csv", content, "text/csv"))
    pages.app.text_input(key="published_source").set_value("a leaderboard")
    pages.app.text_input(key="published_date").set_value("2025-12-16")
    pages.button("Read in").click().run()
    assert pages.fact("published rows") == 1
    assert "its parts come to 56.00" in pages.words


def test_what_is_missing_in_the_form_is_said(pages):
    pages.open("models/leaderboard", version="v4")
    pages.app.file_uploader(key="published_files").set_value(
        ("data_overall.csv", v4_csv(v4_line("m", "56.00%")), "text/csv")
    )
    pages.button("Read in").click().run()
    assert "It is not said who published these numbers." in pages.words
