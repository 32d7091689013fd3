"""The page of general-instruction data: filters, the list of words, licences, categories."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.builders import AN_ADMIN
from xlam_backend.curation.categories import read_scheme
from xlam_backend.curation.licences import count_licences, list_source_licences
from xlam_backend.domain.category import CategorySettings, NewCategory
from xlam_backend.store.categories import write_scheme

PAGE = "shape/categories"
HOSTILE = "<b onclick=alert(1)>x</b> :red[no] $x$"


def now():
    return datetime.now(UTC)


@pytest.fixture
def store(demo_store):
    """The demo data, its conversations in two categories, one with a hostile name."""
    with demo_store.cursor() as cursor:
        numbers = [
            row[0]
            for row in cursor.execute(
                "SELECT trajectory_no FROM current_trajectory "
                "WHERE len(tools) = 0 AND call_count = 0 ORDER BY 1"
            ).fetchall()
        ]
    members = pa.table(
        {
            "trajectory_no": numbers,
            "category_no": pa.array([1 + number % 2 for number in numbers], pa.int32()),
            "similarity": [0.5] * len(numbers),
        }
    )
    made = [NewCategory(1, HOSTILE, ("x",)), NewCategory(2, "soup, bread", ("soup", "bread"))]
    with demo_store.write() as cursor:
        write_scheme(
            cursor, demo_store, "run", "", CategorySettings(), made, members, person=AN_ADMIN, now=now()
        )
    return demo_store


def test_it_shows_what_each_filter_flags(demo_pages, store):
    assert demo_pages.open(PAGE) == "General instruction"
    assert demo_pages.fact("general-instruction records") == 44
    assert demo_pages.fact("pass every filter") == 40
    assert "offers=no_tools" in demo_pages.html
    for title in (
        "Repeated, copied or empty text",
        "Inappropriate content",
        "Non-commercial or unknown licence",
    ):
        assert title in demo_pages.words
    assert "&lt;b onclick" in demo_pages.html
    assert "<b onclick" not in demo_pages.html


def test_the_list_is_replaced_and_checked_again(demo_pages, store, tmp_path, monkeypatch):
    own = tmp_path / "own.txt"
    own.write_text("[gardens: reject]\ntomatoes\n", encoding="utf-8")
    monkeypatch.setenv("XLAM_CONTENT_RULES", str(own))
    demo_pages.open(PAGE)
    assert "1 rule of the list own.txt" in demo_pages.words
    demo_pages.app.button(key="check_again").click().run()
    assert "2 findings taken back" in demo_pages.words
    with store.cursor() as cursor:
        found = cursor.execute(
            "SELECT DISTINCT level, evidence ->> 'rule' FROM current_finding "
            "WHERE check_name = 'inappropriate_content'"
        ).fetchall()
    assert found == [("reject", "tomatoes")]
    own.write_text("tomatoes\n", encoding="utf-8")
    demo_pages.app.run()
    assert "stands before the first category" in demo_pages.words


def test_a_licence_is_corrected_by_a_person(demo_pages, store):
    demo_pages.open(PAGE)
    demo_pages.app.selectbox(key="source_dataset").set_value("everyday_questions").run()
    demo_pages.app.text_input(key="source_licence").set_value("CC-BY-NC-SA-4.0").run()
    demo_pages.app.button(key="save_source").click().run()
    assert "Saved. 42 records newly flagged." in demo_pages.words
    [source] = [each for each in list_source_licences(store) if each.dataset == "everyday_questions"]
    assert (source.licence.commercial, source.is_corrected) == ("no", True)
    demo_pages.app.selectbox(key="term_licence").set_value("cc-by-nc-sa-4.0").run()
    demo_pages.app.radio(key="term_commercial").set_value("yes").run()
    demo_pages.app.button(key="save_term").click().run()
    said = {each.licence.key: each for each in count_licences(store)}
    assert said["cc-by-nc-sa-4.0"].licence.commercial == "yes"
    assert "a person said so" in demo_pages.words


def test_a_category_is_renamed_and_merged_and_stands_alone_again(demo_pages, store):
    demo_pages.open(PAGE)
    demo_pages.app.selectbox(key="edited_category").set_value(1).run()
    demo_pages.app.text_input(key="name_1").set_value("Gardens").run()
    demo_pages.app.button(key="rename_category").click().run()
    demo_pages.app.selectbox(key="edited_category").set_value(2).run()
    demo_pages.app.selectbox(key="into_2").set_value(1).run()
    demo_pages.app.button(key="merge_category").click().run()
    [only] = read_scheme(store).categories
    assert (only.name, only.count, only.merged) == ("Gardens", 44, (2,))
    demo_pages.app.button(key="apart_2").click().run()
    assert [each.name for each in read_scheme(store).categories] == ["Gardens", "soup, bread"]


def test_an_annotator_may_look_and_change_nothing(demo_pages, store):
    demo_pages.open(PAGE)
    demo_pages.take_name("newcomer")
    keys = {button.key for button in demo_pages.app.button}
    assert not keys & {"check_again", "save_source", "save_term", "rename_category", "start_sorting"}
