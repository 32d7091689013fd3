"""No page shows an annotator what others or a judge say of what they are still to answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.review_desk import add_pairs, add_ratings, versions_of
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.queues import create_queue, set_queue_state

ANN, BOB = Person("Ann", "annotator"), Person("Bob", "annotator")


def now():
    return datetime.now(UTC)


def draw(store, kind, **plan):
    return create_queue(store, QueuePlan(kind, kind, **plan), person=A_RESEARCHER, now=now())


def vote(store, queue_no, person, **answer):
    """Answer the person's next item; returns its number."""
    (claim,) = claim_items(store, queue_no, person=person, count=1, now=now())
    draft = VerdictDraft(f"{person.name}-{claim.item_no}", claim.item_no, claim.lease, **answer)
    assert submit_verdict(store, draft, person=person, now=now()).state == "stored"
    return claim.item_no


@pytest.fixture
def as_ann(demo_pages):
    """The app with Ann at the browser."""
    demo_pages.open()
    demo_pages.take_name("Ann")
    return demo_pages


def test_answers_of_others_wait_for_ones_own(as_ann, demo_store):
    queue_no = draw(demo_store, "finding", checks=("argument_type",), size=2, overlap=2)
    item_no = vote(demo_store, queue_no, BOB, flag="disagree", disposition="keep", note="Bob's reasons")
    assert as_ann.open("review/adjudication", item=str(item_no)) == "Adjudication"
    assert "not shown to you now" in as_ann.words
    assert "Bob" not in as_ann.words
    assert vote(demo_store, queue_no, ANN, flag="agree") == item_no
    as_ann.open("review/adjudication", item=str(item_no))
    assert "Bob's reasons" in as_ann.words


def test_what_was_taught_is_not_for_whoever_is_tested_by_it(as_ann):
    assert as_ann.open("review/adjudication", show="lessons") == "Adjudication"
    assert "lessons taught" not in as_ann.words
    assert as_ann.app.session_state["adjudication_show"] == "waiting"


def test_what_a_hidden_judge_says_waits_on_the_page_of_the_trajectory(as_ann, demo_store):
    version, trajectory = versions_of(demo_store)[0]
    add_ratings(demo_store, [(version, trajectory)])
    queue_no = draw(demo_store, "rating", checks=("argument_hallucination",))
    with demo_store.cursor() as cursor:
        (name,) = cursor.execute(
            "SELECT trajectory_id FROM trajectory WHERE version_no = ?", [version]
        ).fetchone()
    as_ann.open("trajectory", id=name)
    assert "Nobody named this city." not in as_ann.words
    assert "A needless call." in as_ann.words  # nobody is asked about this one
    vote(demo_store, queue_no, ANN, flag="agree")
    as_ann.open("trajectory", id=name)
    assert "Nobody named this city." in as_ann.words


def test_the_chosen_side_waits_on_the_page_of_the_pairs(as_ann, demo_store):
    add_pairs(demo_store, versions_of(demo_store)[:1])
    queue_no = draw(demo_store, "pair")
    assert as_ann.open("review/responses", pair="1") == "Responses"
    assert "Pairs wait for your answer." in as_ann.words
    assert "Bergen" not in as_ann.words
    set_queue_state(demo_store, queue_no, "closed", person=A_RESEARCHER, now=now())
    as_ann.open("review/responses", pair="1")
    assert "Bergen" in as_ann.words
