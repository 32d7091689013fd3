"""Disagreements are found, decided, taken back, and teach what was decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_trajectory
from tests.review_desk import add_pairs, add_ratings, versions_of
from xlam_backend.domain.adjudication import AdjudicationDraft, Answer
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.errors import AccessDeniedError, ReviewRefusedError
from xlam_backend.explore.search import find_trajectories
from xlam_backend.flow import check_all
from xlam_backend.review.adjudication import (
    adjudicate,
    list_disputes,
    open_answered_item,
    withdraw_adjudication,
)
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.desk_entries import Entry, take_entry
from xlam_backend.review.lessons import list_lessons, run_rule_cases, take_back_lesson, teach
from xlam_backend.review.queues import create_queue, set_queue_state
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAD = Person("lea", "researcher")
ANN, BOB = Person("ann", "annotator"), Person("bob", "annotator")


@pytest.fixture
def store(tmp_path):
    """Two records, each with a number given as text: what the check `argument_type` flags."""
    opened = Store.open(tmp_path / "opened", now=NOW)
    builder = ChunkBuilder()
    for line, city in enumerate(("Oslo", "Rome"), 1):
        builder.add(a_trajectory([a_call(city=city, days="3")], query=f"{city}, 3 days"), city, "a", line, "")
    builder.record_count = 2
    with Ingest(opened, NewDataset("weather"), now=NOW) as ingest:
        ingest.add(builder.build())
    check_all(opened, person=LEAD, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def queue_no(store):
    plan = QueuePlan("types", "finding", checks=("argument_type",), overlap=2)
    return create_queue(store, plan, person=LEAD, now=NOW)


def vote(store, queue_no, person, *answers):
    """Answer the person's items in order; returns the item numbers."""
    claims = claim_items(store, queue_no, person=person, count=len(answers), now=NOW)
    for claim, (flag, disposition) in zip(claims, answers, strict=True):
        draft = VerdictDraft(
            f"{person.name}-{claim.item_no}", claim.item_no, claim.lease, flag, disposition, seconds=4.0
        )
        assert submit_verdict(store, draft, person=person, now=NOW + timedelta(seconds=9)).state == "stored"
    return [claim.item_no for claim in claims]


@pytest.fixture
def disputed(store, queue_no):
    """The number of the item on which Ann and Bob disagree; they agree on the other."""
    items = vote(store, queue_no, ANN, ("agree", "fix"), ("agree", "fix"))
    vote(store, queue_no, BOB, ("disagree", "keep"), ("agree", "fix"))
    return items[0]


def decision(item_no, flag="agree", disposition="fix"):
    return AdjudicationDraft(item_no, Answer(flag, disposition), "guideline unclear", "Numbers are numbers.")


def test_only_complete_items_that_differ_wait(store, queue_no):
    vote(store, queue_no, ANN, ("agree", "fix"), ("agree", "fix"))
    assert list_disputes(store, person=LEAD) == list_disputes(store, queue_no, person=LEAD)
    assert (list_disputes(store, person=LEAD).waiting, list_disputes(store, person=LEAD).agreed_count) == (
        (),
        0,
    )
    vote(store, queue_no, BOB, ("disagree", "keep"), ("agree", "fix"))
    disputes = list_disputes(store, person=LEAD)
    assert len(disputes.waiting) == 1
    assert disputes.agreed_count == 1
    assert {given.person: given.answer.flag for given in disputes.waiting[0].verdicts} == {
        "ann": "agree",
        "bob": "disagree",
    }
    assert list_disputes(store, queue_no + 1, person=LEAD).waiting == ()


def test_the_last_word_settles_and_can_be_taken_back(store, disputed):
    adjudicate(store, decision(disputed), person=LEAD, now=NOW)
    disputes = list_disputes(store, person=LEAD)
    assert disputes.waiting == ()
    assert disputes.decided[0].decision.cause == "guideline unclear"
    assert find_trajectories(store, Filters(review="fix")).total == 2
    adjudicate(store, decision(disputed, "disagree", "drop"), person=LEAD, now=NOW)
    assert find_trajectories(store, Filters(review="drop")).total == 1
    withdraw_adjudication(store, disputed, person=LEAD, now=NOW)
    assert [item.item_no for item in list_disputes(store, person=LEAD).waiting] == [disputed]
    assert find_trajectories(store, Filters(review="undecided")).total == 1
    with pytest.raises(ReviewRefusedError):
        withdraw_adjudication(store, disputed, person=LEAD, now=NOW)


def test_annotators_do_not_decide(store, disputed):
    with pytest.raises(AccessDeniedError):
        adjudicate(store, decision(disputed), person=ANN, now=NOW)
    with pytest.raises(AccessDeniedError):
        teach(store, disputed, "gold", person=ANN, now=NOW)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(),
        Answer(preference="chosen"),
        Answer("agree", rating=9),
        Answer("agree", rating=2),
        Answer("agree", "flip"),
        Answer("agree", preference="chosen"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(store, disputed, answer):
    with pytest.raises(ReviewRefusedError):
        adjudicate(store, replace(decision(disputed), answer=answer), person=LEAD, now=NOW)
    assert len(list_disputes(store, person=LEAD).waiting) == 1


def test_the_better_side_of_a_pair_decides_what_becomes_of_it(store):
    add_pairs(store, versions_of(store)[:1])
    queue = create_queue(store, QueuePlan("pairs", "pair"), person=LEAD, now=NOW)
    (claim,) = claim_items(store, queue, person=ANN, now=NOW)
    draft = VerdictDraft("e", claim.item_no, claim.lease, preference="chosen")
    assert submit_verdict(store, draft, person=ANN, now=NOW).state == "stored"
    last_word = AdjudicationDraft(claim.item_no, Answer(preference="rejected"), "other", "half \ud83d")
    adjudicate(store, last_word, person=LEAD, now=NOW)
    (decided,) = list_disputes(store, queue, person=LEAD).decided
    assert decided.decision.answer == Answer("disagree", "flip", None, "rejected")
    assert decided.decision.note == "half \ufffd"


def test_whoever_may_still_be_asked_sees_no_answers(store, queue_no):
    (first, second) = vote(store, queue_no, ANN, ("agree", "fix"), ("agree", "fix"))
    for viewer in (BOB, LEAD):
        with pytest.raises(ReviewRefusedError, match="not shown to you now"):
            open_answered_item(store, first, person=viewer)
    assert open_answered_item(store, first, person=ANN).verdicts[0].answer.flag == "agree"
    vote(store, queue_no, BOB, ("disagree", "keep"))
    assert [item.item_no for item in list_disputes(store, person=LEAD).waiting] == [first]
    assert open_answered_item(store, first, person=LEAD).is_complete
    eve = Person("eve", "annotator")
    assert list_disputes(store, person=eve).waiting == ()
    set_queue_state(store, queue_no, "closed", person=LEAD, now=NOW)
    assert [item.item_no for item in list_disputes(store, person=eve).waiting] == [first]
    assert open_answered_item(store, second, person=eve).verdicts


def test_an_answer_of_one_alone_teaches_nothing(store, queue_no):
    first, _ = vote(store, queue_no, ANN, ("agree", "fix"), ("agree", "fix"))
    with pytest.raises(ReviewRefusedError, match="have not all answered"):
        teach(store, first, "gold", person=LEAD, now=NOW)


def test_known_answers_are_not_for_those_who_are_tested_by_them(store, disputed):
    for read in (list_lessons, run_rule_cases):
        with pytest.raises(AccessDeniedError):
            read(store, person=ANN)


def test_nobody_decides_before_the_reviewers(store, queue_no):
    item_no = claim_items(store, queue_no, person=ANN, count=1, now=NOW)[0].item_no
    with pytest.raises(ReviewRefusedError, match="Nobody has answered"):
        adjudicate(store, decision(item_no), person=LEAD, now=NOW)


def test_a_rule_case_holds_the_rule_to_what_was_decided(store, disputed):
    with pytest.raises(ReviewRefusedError, match="disagree"):
        teach(store, disputed, "rule_case", person=LEAD, now=NOW)
    adjudicate(store, decision(disputed), person=LEAD, now=NOW)
    teach(store, disputed, "rule_case", person=LEAD, now=NOW)
    assert [(one.is_expected, one.is_found, one.passes) for one in run_rule_cases(store, person=LEAD)] == [
        (True, True, True)
    ]
    adjudicate(store, decision(disputed, "disagree", "keep"), person=LEAD, now=NOW)
    teach(store, disputed, "rule_case", person=LEAD, now=NOW)  # a later lesson of the item replaces it
    assert [(one.is_expected, one.is_found, one.passes) for one in run_rule_cases(store, person=LEAD)] == [
        (False, True, False)
    ]


def test_a_gold_item_is_mixed_into_the_next_queue(store, disputed):
    adjudicate(store, decision(disputed), person=LEAD, now=NOW)
    lesson_no = teach(store, disputed, "gold", person=LEAD, now=NOW)
    plan = QueuePlan(
        "again", "finding", Filters(text="Rome"), checks=("argument_type",), gold_share=1.0, overlap=1
    )
    queue_no = create_queue(store, plan, person=LEAD, now=NOW)
    assert len(claim_items(store, queue_no, person=ANN, count=9, now=NOW)) == 2
    take_back_lesson(store, lesson_no, person=LEAD, now=NOW)
    assert list_lessons(store, person=LEAD) == []


def test_what_people_rate_is_bad_where_they_say_so_and_not_where_they_agree_with_the_judge(store):
    """The judge gives 2 of 5 and flags it; 3 of 5 is within a point of that, but is no bad step."""
    add_ratings(store, versions_of(store)[:1])
    plan = QueuePlan("steps", "rating", checks=("step_quality",), overlap=2)
    queue = create_queue(store, plan, person=LEAD, now=NOW)
    for person, rating in ((ANN, 3), (BOB, 4)):
        (claim,) = claim_items(store, queue, person=person, now=NOW)
        entry = Entry("answer", f"{person.name}-1", claim.item_no, claim.lease, rating=rating)
        assert take_entry(store, queue, entry, person=person, now=NOW).state == "stored"
    assert (
        list_disputes(store, queue, person=LEAD).agreed_count == 1
    )  # one says agree, one disagree: both rated
    for kind in ("judge_example", "gold"):
        teach(store, claim.item_no, kind, person=LEAD, now=NOW)
    assert [lesson.content.is_bad for lesson in list_lessons(store, person=LEAD)] == [False, False]


def test_a_finding_is_no_example_for_a_judge(store, disputed):
    adjudicate(store, decision(disputed), person=LEAD, now=NOW)
    with pytest.raises(ReviewRefusedError, match="cannot become"):
        teach(store, disputed, "judge_example", person=LEAD, now=NOW)
