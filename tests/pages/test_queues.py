"""Queues and Adjudication, as a lead and as an annotator see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.owner.app import app_store
from xlam_backend.review.adjudication import list_disputes
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.queues import create_queue, list_queues

LEAD = Person("lea", "researcher")


def now():
    return datetime.now(UTC)


@pytest.fixture
def disputed(demo_store):
    """A queue over the demo data with one item that two people see differently."""
    plan = QueuePlan("types", "finding", checks=("argument_type",), size=2, overlap=2)
    queue_no = create_queue(demo_store, plan, person=LEAD, now=now())
    for name, flag in (("ann", "agree"), ("bob", "disagree")):
        person = Person(name, "annotator")
        claim = claim_items(demo_store, queue_no, person=person, count=1, now=now())[0]
        draft = VerdictDraft(f"{name}-1", claim.item_no, claim.lease, flag, "fix")
        assert submit_verdict(demo_store, draft, person=person, now=now()).state == "stored"
    return claim.item_no


def test_an_empty_store_says_what_to_do(pages):
    assert pages.open("review/queues") == "Queues"
    assert "There is no queue yet." in pages.words
    assert pages.open("review/adjudication") == "Adjudication"
    assert "No disagreement waits" in pages.words


def test_a_queue_is_previewed_and_drawn(demo_pages, demo_store):
    demo_pages.open("review/queues", new="finding", check="argument_type")
    assert "check: Wrong argument type" in demo_pages.words
    demo_pages.app.text_input(key="queue_plan_name_finding").set_value("numbers").run()
    demo_pages.app.number_input(key="queue_plan_size").set_value(3).run()
    demo_pages.app.number_input(key="queue_plan_unflagged").set_value(0).run()
    assert demo_pages.fact("flagged") == 3
    demo_pages.button("Draw 3 items").click().run()
    assert demo_pages.title == "Queues"
    assert "the queue is drawn" in demo_pages.words
    assert "desk?queue=" in demo_pages.app.code[0].value
    assert demo_pages.app.number_input(key="queue_plan_size_1").value == 300, "the form begins anew"
    queues = list_queues(app_store(), person=LEAD, now=now())
    assert [(queue.plan.name, queue.progress.item_count) for queue in queues] == [("numbers", 3)]


def test_a_queue_is_paused_and_opened_again(demo_pages, disputed):
    demo_pages.open("review/queues")
    demo_pages.button("Pause").click().run()
    assert list_queues(app_store(), person=LEAD, now=now())[0].progress.state == "paused"
    demo_pages.button("Open again").click().run()
    assert list_queues(app_store(), person=LEAD, now=now())[0].progress.state == "open"


def test_disagreements_are_listed_in_pages_and_opened_one_after_the_other(demo_pages, demo_store):
    plan = QueuePlan("many", "finding", size=27, overlap=2)
    queue_no = create_queue(demo_store, plan, person=LEAD, now=now())
    for name, flag in (("ann", "agree"), ("bob", "disagree")):
        person = Person(name, "annotator")
        for claim in claim_items(demo_store, queue_no, person=person, count=50, now=now()):
            draft = VerdictDraft(f"{name}-{claim.item_no}", claim.item_no, claim.lease, flag, "fix")
            assert submit_verdict(demo_store, draft, person=person, now=now()).state == "stored"
    waiting = [item.item_no for item in list_disputes(app_store(), person=LEAD).waiting]
    assert len(waiting) > 25
    demo_pages.open("review/adjudication", page="2")
    (table,) = demo_pages.app.get("bidi_component")
    assert table.proto.json.count('"href"') == len(waiting) - 25
    demo_pages.open("review/adjudication", item=str(waiting[-1]), page="2")
    (link,) = [link for link in demo_pages.app.get("page_link") if link.label == "Next disagreement"]
    assert f"item={waiting[0]}" in link.proto.query_string
    assert "page=2" in link.proto.query_string


def test_a_disagreement_is_decided_and_teaches(demo_pages, disputed):
    demo_pages.open("review/adjudication")
    assert demo_pages.fact("wait for a last word") == 1
    assert demo_pages.open("review/adjudication", item=str(disputed)) == "Adjudication"
    assert "ann" in demo_pages.words
    assert "Next disagreement" not in [link.label for link in demo_pages.app.get("page_link")]
    app = demo_pages.app
    app.radio(key=f"flag_{disputed}").set_value("agree")
    app.radio(key=f"disposition_{disputed}").set_value("fix")
    demo_pages.button("Decide").click().run()
    assert "Say why the reviewers came apart" in demo_pages.words
    assert list_disputes(app_store(), person=LEAD).decided == ()
    app.selectbox(key=f"cause_{disputed}").set_value("slip of a reviewer")
    demo_pages.button("Decide").click().run()
    assert [item.item_no for item in list_disputes(app_store(), person=LEAD).decided] == [disputed]
    demo_pages.button("Use as regression case").click().run()
    assert demo_pages.open("review/adjudication", show="lessons") == "Adjudication"
    assert "All 1 regression cases are met" in demo_pages.words
    demo_pages.button("Take back").click().run()
    assert "Nothing has been taught yet." in demo_pages.words
