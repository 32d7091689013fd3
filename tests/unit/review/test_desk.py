"""What the desk takes and refuses, and who sees whose answers; its claims: properties/test_desk.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.review_queues import NOW, RESEARCHER, an_answer, annotator, make_queue
from xlam_backend.domain.review import MOST_UNDONE
from xlam_backend.errors import InputError, NotFoundError, ReviewRefusedError
from xlam_backend.review.comments import add_comment, comment_on_trajectory, read_comments
from xlam_backend.review.desk import claim_items, queue_progress, submit_verdict, undo_last
from xlam_backend.review.desk_room import room_of
from xlam_backend.review.queues import set_queue_state
from xlam_backend.review.verdicts import read_verdicts
from xlam_backend.store.verdicts import read_all_verdicts

ANN, BOB, ZOE = annotator("ann"), annotator("bob"), annotator("zoe")


@pytest.fixture
def store(empty_store):
    return empty_store


def claim(store, queue_no, person, now=NOW):
    return claim_items(store, queue_no, person=person, count=1, now=now)[0]


def answer(store, entry, claimed, person, now=NOW, **fields):
    return submit_verdict(
        store, an_answer(entry, claimed.item_no, claimed.lease, **fields), person=person, now=now
    )


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("finding", {"flag": ""}, "says nothing"),
        ("finding", {"preference": "chosen"}, "no two sides"),
        ("finding", {"disposition": "flip"}, "no two sides"),
        ("finding", {"flag": "perhaps"}, "no answer"),
        ("rating", {"rating": 0}, "outside 1 to 5"),
        ("finding", {"rating": 5}, "not rated"),
        ("pair", {"flag": "agree"}, "which side"),
        ("pair", {"preference": "chosen", "rating": 5}, "neither rated"),
        ("pair", {"preference": "chosen", "disposition": "fix"}, "nor mended"),
        ("finding", {"note": "x" * 10_001}, "longer"),
        ("finding", {"evidence": {"text": "x" * 20_001}}, "larger"),
        ("finding", {"evidence": {"text": "\ud800"}}, "valid JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_the_item_stays_claimed(store, kind, fields, said):
    queue_no = make_queue(store, 3, kind=kind)
    claimed = claim(store, queue_no, ANN)
    receipt = answer(store, "e", claimed, ANN, **fields)
    assert receipt.state == "refused"
    assert said in receipt.reason
    assert claim(store, queue_no, ANN) == claimed
    assert read_all_verdicts(store) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("finding", {"flag": "", "disposition": "drop"}),
        ("rating", {"flag": "", "rating": 4}),
        ("pair", {"flag": "", "preference": "both_bad", "reason": "wrong tool", "disposition": "drop"}),
        ("finding", {"note": "half \ud83d and \0 and <script>", "seconds": float("nan")}),
    ],
)
def test_an_answer_that_fits_is_stored_as_it_was_given(store, kind, fields):
    queue_no = make_queue(store, 1, kind=kind)
    assert answer(store, "e", claim(store, queue_no, ANN), ANN, **fields).state == "stored"
    (row,) = read_all_verdicts(store, queue_no)
    kept = {name: value for name, value in fields.items() if name not in ("note", "seconds")}
    assert {name: getattr(row, name) for name in kept} == kept
    if "note" in fields:
        assert (row.note, row.seconds) == ("half \ufffd and  and <script>", 0.0)


def test_a_preference_says_what_becomes_of_a_pair_however_it_is_given(store):
    queue_no = make_queue(store, 1, kind="pair", overlap=2)
    for person in (ANN, BOB):
        fields = {"flag": "agree", "disposition": "flip"} if person is BOB else {"flag": ""}
        answer(store, person.name, claim(store, queue_no, person), person, preference="rejected", **fields)
    given = {(row.flag, row.disposition) for row in read_all_verdicts(store, queue_no)}
    assert given == {("disagree", "flip")}


def test_an_item_of_another_queue_or_of_none_is_refused(store):
    first, second = make_queue(store, 1), make_queue(store, 1)
    claimed = claim(store, first, ANN)
    draft = an_answer("e", claimed.item_no, claimed.lease)
    receipt = submit_verdict(store, draft, person=ANN, queue_no=second, now=NOW)
    assert (receipt.state, "another queue" in receipt.reason) == ("refused", True)
    assert submit_verdict(store, an_answer("f", 999), person=ANN, now=NOW).state == "refused"
    assert submit_verdict(store, draft, person=ANN, queue_no=first, now=NOW).state == "stored"
    with pytest.raises(NotFoundError):
        claim_items(store, 99, person=ANN, now=NOW)


def test_a_lease_of_another_item_is_refused_even_where_the_item_is_free(store):
    queue_no = make_queue(store, 5)
    first, second = claim_items(store, queue_no, person=ANN, count=2, now=NOW)
    receipt = submit_verdict(store, an_answer("e", second.item_no, first.lease), person=ANN, now=NOW)
    assert (receipt.state, "another item" in receipt.reason) == ("refused", True)


def test_an_answer_after_the_lease_counts_only_while_there_is_room(store):
    queue_no = make_queue(store, 2, lease_seconds=100)
    first, second = claim_items(store, queue_no, person=ANN, count=2, now=NOW)
    later = NOW + timedelta(seconds=101)
    assert answer(store, "a", first, ANN, now=later).state == "stored"
    assert claim(store, queue_no, BOB, now=later).item_no == second.item_no
    receipt = answer(store, "b", second, ANN, now=later)
    assert (receipt.state, "ran out" in receipt.reason) == ("refused", True)


def test_a_verdict_can_be_changed_on_purpose_and_not_by_an_old_tab(store):
    queue_no = make_queue(store, 2, overlap=2)
    claimed = claim(store, queue_no, ANN)
    assert answer(store, "a", claimed, ANN).state == "stored"
    assert "already" in answer(store, "b", claimed, ANN, flag="disagree").reason
    changed = an_answer("c", claimed.item_no, "", "disagree")
    assert submit_verdict(store, changed, person=ANN, now=NOW).state == "stored"
    seen = read_verdicts(store, claimed.item_no, person=ANN, now=NOW)
    assert seen.mine.flag == "disagree"
    assert [row.flag for row in seen.history] == ["agree", "disagree"]
    assert queue_progress(store, queue_no, person=ANN, now=NOW).my_verdict_count == 1


def test_answers_are_taken_back_one_by_one_and_not_without_end(store):
    queue_no = make_queue(store, 30)
    claims = claim_items(store, queue_no, person=ANN, count=25, now=NOW)
    for claimed in claims:
        answer(store, f"e-{claimed.item_no}", claimed, ANN)
    undone = [undo_last(store, queue_no, person=ANN, now=NOW) for _ in range(MOST_UNDONE)]
    assert [each.claim.item_no for each in undone] == [claimed.item_no for claimed in claims[:4:-1]]
    with pytest.raises(ReviewRefusedError, match="no answer"):
        undo_last(store, queue_no, person=ANN, now=NOW)
    assert answer(store, "again", undone[0].claim, ANN, flag="disagree").state == "stored"
    assert queue_progress(store, queue_no, person=ANN, now=NOW).my_verdict_count == 6
    with pytest.raises(ReviewRefusedError):
        undo_last(store, queue_no, person=BOB, now=NOW)


def test_an_undoing_that_is_sent_twice_takes_one_answer_back(store):
    queue_no = make_queue(store, 3)
    for number in range(2):
        answer(store, f"e-{number}", claim(store, queue_no, ANN), ANN)
    first = undo_last(store, queue_no, person=ANN, now=NOW, entry_id="u-1")
    assert undo_last(store, queue_no, person=ANN, now=NOW, entry_id="u-1") == first
    assert queue_progress(store, queue_no, person=ANN, now=NOW).my_verdict_count == 1


def test_what_others_said_is_hidden_until_one_has_voted(store):
    queue_no = make_queue(store, 1, overlap=2)
    bobs = claim(store, queue_no, BOB)
    answer(store, "b", bobs, BOB, flag="disagree")
    add_comment(store, bobs.item_no, "clearly wrong", person=BOB, now=NOW)
    comment_on_trajectory(store, 1, "an odd record", person=RESEARCHER, now=NOW)
    before = read_verdicts(store, bobs.item_no, person=ANN, now=NOW)
    assert (before.mine, before.others, before.is_hidden) == (None, (), True)
    comments = read_comments(store, bobs.item_no, person=ANN, now=NOW)
    assert comments.is_hidden
    assert [each.words for each in comments.comments] == []
    answer(store, "a", claim(store, queue_no, ANN), ANN)
    after = read_verdicts(store, bobs.item_no, person=ANN, now=NOW)
    assert [row.flag for row in after.others] == ["disagree"]
    assert [each.words for each in read_comments(store, bobs.item_no, person=ANN, now=NOW).comments] == [
        "clearly wrong",
        "an odd record",
    ]
    undo_last(store, queue_no, person=ANN, now=NOW)
    assert read_verdicts(store, bobs.item_no, person=ANN, now=NOW).is_hidden


def test_who_is_not_asked_to_review_may_look_if_they_adjudicate(store):
    queue_no = make_queue(store, 1, reviewers=("ann", "bob"), overlap=2)
    claimed = claim(store, queue_no, BOB)
    answer(store, "b", claimed, BOB)
    assert read_verdicts(store, claimed.item_no, person=ZOE, now=NOW).is_hidden
    assert len(read_verdicts(store, claimed.item_no, person=RESEARCHER, now=NOW).others) == 1
    set_queue_state(store, queue_no, "closed", person=RESEARCHER, now=NOW)
    assert len(read_verdicts(store, claimed.item_no, person=ZOE, now=NOW).others) == 1


def test_a_comment_says_something(store):
    queue_no = make_queue(store, 1)
    claimed = claim(store, queue_no, ANN)
    for words in ("  ", "x" * 10_001):
        with pytest.raises(InputError):
            add_comment(store, claimed.item_no, words, person=ANN, now=NOW)
    with pytest.raises(NotFoundError):
        add_comment(store, 99, "hello", person=ANN, now=NOW)


def test_the_pace_is_the_median_of_the_latest_answers(store):
    queue_no = make_queue(store, 3)
    for number, seconds in enumerate((2.0, 9.0, 4.0)):
        answer(store, f"e-{number}", claim(store, queue_no, ANN), ANN, seconds=seconds)
    progress = queue_progress(store, queue_no, person=BOB, now=NOW)
    assert (progress.seconds_each, progress.my_seconds_each, progress.reviewer_count) == (4.0, None, 1)


def test_items_keep_their_order_through_a_renewal_and_a_restart(store):
    queue_no = make_queue(store, 6, lease_seconds=100)
    claims = claim_items(store, queue_no, person=ANN, count=4, now=NOW)
    later = NOW + timedelta(seconds=60)
    assert claim_items(store, queue_no, person=ANN, count=2, now=later) == claims[:2]
    room_of(store).forget(queue_no)
    assert claim_items(store, queue_no, person=ANN, count=4, now=later) == claims
    much_later = NOW + timedelta(seconds=165)  # every lease was renewed after a minute
    assert queue_progress(store, queue_no, person=ANN, now=much_later).my_held_count == 0
    assert claim_items(store, queue_no, person=BOB, count=1, now=much_later)[0].item_no == claims[0].item_no
