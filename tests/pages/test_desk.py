"""The plain desk, walked without a browser: answers, late clicks, undo, pairs, ratings, who may."""

from __future__ import annotations

import pytest

from tests.review_desk import RIGHT, add_pairs, add_ratings, versions_of
from tests.review_queues import NOW, RESEARCHER
from tests.unit.review.conftest import import_records
from xlam_backend.domain.review import QueuePlan
from xlam_backend.owner.app import app_store
from xlam_backend.review.queues import create_queue
from xlam_backend.settings import person_name
from xlam_backend.store.verdicts import read_all_verdicts


@pytest.fixture
def queue(demo_store):
    """A queue of everything the checks found in the demo data."""
    return create_queue(demo_store, QueuePlan("demo", "finding"), person=RESEARCHER, now=NOW)


def press(pages, verb, item):
    pages.app.button(key=f"{verb}-{item}").click().run()


def answers():
    rows = read_all_verdicts(app_store())
    return [(row.item_no, row.flag, row.disposition) for row in rows if not row.is_withdrawn]


def test_without_a_queue_the_queues_are_listed(demo_pages, queue):
    assert demo_pages.open("review/desk") == "Review desk"
    (table,) = demo_pages.app.get("bidi_component")
    assert '"demo"' in table.proto.json


def test_nothing_to_do_says_where_a_queue_comes_from(demo_pages, demo_store):
    assert demo_pages.open("review/desk") == "Review desk"
    assert "There is no queue to work on" in demo_pages.words


def test_a_queue_that_is_not_there_is_an_error_that_says_so(demo_pages, queue):
    assert demo_pages.open("review/desk", queue="99") == "Review desk"
    assert "There is no" in demo_pages.words


def test_answers_are_stored_under_the_item_that_was_shown(demo_pages, queue):
    demo_pages.open("review/desk", queue=str(queue), plain="1")
    assert "You are answering item 1." in demo_pages.words
    press(demo_pages, "agree", 1)
    assert "You are answering item 2." in demo_pages.words
    press(demo_pages, "disagree", 2)
    assert [(item, flag) for item, flag, _ in answers()] == [(1, "agree"), (2, "disagree")]
    assert {row.person for row in read_all_verdicts(app_store())} == {person_name()}


def test_an_undo_brings_the_item_back(demo_pages, queue):
    demo_pages.open("review/desk", queue=str(queue), plain="1")
    press(demo_pages, "agree", 1)
    press(demo_pages, "undo", 0)
    assert "You are answering item 1." in demo_pages.words
    press(demo_pages, "drop", 1)
    assert answers()[-1] == (1, "agree", "drop")


def test_a_skipped_item_comes_later(demo_pages, queue):
    demo_pages.open("review/desk", queue=str(queue), plain="1")
    press(demo_pages, "skip", 1)
    assert "You are answering item 2." in demo_pages.words
    assert answers() == []


def test_a_repair_is_made(demo_pages, demo_store):
    plan = QueuePlan("types", "finding", checks=("argument_type",))
    queue = create_queue(demo_store, plan, person=RESEARCHER, now=NOW)
    demo_pages.open("review/desk", queue=str(queue), plain="1")
    press(demo_pages, "repair1", 1)
    (row,) = read_all_verdicts(app_store())
    assert row.disposition == "fix"
    assert row.act_no > 0


def test_ratings_and_pairs_have_buttons_of_their_own(pages, data_folder):
    pages.open("review/desk")
    store = app_store()
    import_records(store, "records", [RIGHT])
    add_ratings(store, versions_of(store))
    add_pairs(store, versions_of(store))
    plans = [QueuePlan("ratings", "rating", checks=("step_quality",)), QueuePlan("pairs", "pair")]
    ratings, pairs = [create_queue(store, plan, person=RESEARCHER, now=NOW) for plan in plans]
    pages.open("review/desk", queue=str(ratings), plain="1")
    press(pages, "rate4", 1)
    pages.open("review/desk", queue=str(pairs), plain="1")
    press(pages, "both_bad", 2)
    first, second = read_all_verdicts(store)
    assert (first.rating, first.flag) == (4, "disagree")  # the judge had given 2 of 5
    assert (second.preference, second.disposition) == ("both_bad", "drop")


def test_one_item_is_opened_by_its_link(demo_pages, queue):
    assert demo_pages.open("review/desk", item="3") == "Review desk"
    (desk,) = demo_pages.app.get("bidi_component")
    assert "You have not answered this item" in desk.proto.json


def test_what_the_desk_gets_is_plain_data(demo_pages, queue):
    demo_pages.open("review/desk", queue=str(queue))
    (desk,) = demo_pages.app.get("bidi_component")
    assert '"desk_key"' in desk.proto.json
    assert "gold" not in desk.proto.json
