"""People: everybody sees who works here; admins give roles and read the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN
from xlam_backend.access import role_of, set_role
from xlam_backend.settings import person_name

PEOPLE = "review/people"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def give(pages, name, role):
    pages.app.selectbox(key="role_person").set_value(name)
    pages.app.selectbox(key="role_given").set_value(role).run()
    pages.app.button(key="role_give").click().run()


def as_annotator(pages):
    pages.open()
    pages.app.text_input(key="typed_name").set_value("ann").run()
    pages.app.button(key="use_name").click().run()


@pytest.fixture
def people(demo_pages):
    assert demo_pages.open(PEOPLE) == "People"
    return demo_pages


def test_an_admin_gives_and_takes_roles(people, demo_store):
    set_role(demo_store, "rita", "annotator", person=AN_ADMIN, now=NOW)
    people.app.run()
    give(people, "rita", "researcher")
    assert role_of(demo_store, "rita") == "researcher"
    give(people, "rita", "taken out")
    assert role_of(demo_store, "rita") is None
    assert "person rita" in people.words


def test_the_last_admin_is_told_why_not(people, demo_store):
    give(people, person_name(), "annotator")
    assert "Nobody would be left who is an admin" in people.words
    assert role_of(demo_store, person_name()) == "admin"


def test_the_log_is_filtered_by_the_address(people):
    assert people.open(PEOPLE, action="import", text="help_desk") == "People"
    assert "1 entry" in people.words
    assert "help_desk_unified_2" in people.words
    assert people.open(PEOPLE, text="nothing like it") == "People"
    assert "Nothing is in the log" in people.words
    assert "Choose another filter" in people.words


def test_an_empty_log_does_not_speak_of_filters(pages):
    assert pages.open(PEOPLE) == "People"
    assert "Nothing is in the log" in pages.words
    assert "Choose another filter" not in pages.words


def test_the_log_is_taken_out_by_admins_only(people):
    assert people.app.selectbox(key="review_table").options[-1] == "Log of what was done"


def test_an_annotator_sees_who_works_here_and_nothing_else(demo_pages):
    as_annotator(demo_pages)
    assert demo_pages.open(PEOPLE) == "People"
    assert demo_pages.fact("people") >= 1
    assert not [one for one in demo_pages.app.selectbox if one.key in ("role_person", "review_table")]
    assert "What was done" not in [one.value for one in demo_pages.app.subheader]
    assert "help_desk" not in demo_pages.words
