"""What verdicts and last words come to for the data."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.builders import AN_ADMIN, a_call, a_trajectory
from tests.review_queues import NOW, RESEARCHER, an_answer, annotator, make_queue
from tests.unit.review.conftest import flagged_records, import_records
from xlam_backend.domain.adjudication import AdjudicationDraft, Answer
from xlam_backend.review.adjudication import adjudicate, withdraw_adjudication
from xlam_backend.review.desk import claim_items, submit_verdict, undo_last
from xlam_backend.review.dispositions import count_dispositions, read_disposition, read_queue_decisions
from xlam_backend.store.fixes import NewAct, NewVersion, record_act, record_undo
from xlam_backend.store.trajectories import read_trajectories


@pytest.fixture
def store(empty_store):
    import_records(empty_store, "north", flagged_records(3, "north"))
    return empty_store


def vote(store, queue_no, *dispositions, flag="agree"):
    """Let one person after the other answer the next item due for them."""
    for number, disposition in enumerate(dispositions):
        person = annotator(f"person {number}")
        (claim,) = claim_items(store, queue_no, person=person, count=1, now=NOW)
        draft = an_answer(
            f"{queue_no}-{number}-{claim.item_no}", claim.item_no, claim.lease, flag, disposition=disposition
        )
        assert submit_verdict(store, draft, person=person, now=NOW).state == "stored"
    return claim.item_no


def state(store, trajectory_no=1):
    """Return what counts, asked for one trajectory and for all, which must be the same."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT state FROM current_disposition WHERE trajectory_no = ?", [trajectory_no]
        ).fetchall()
    found = read_disposition(store, trajectory_no).state
    assert found == (rows[0][0] if rows else "")
    return found


def change(store):
    (stored,) = read_trajectories(store, [1])
    changed = replace(stored.trajectory, steps=a_trajectory([a_call(city="Oslo", days=3)]).steps)
    return record_act(
        store,
        NewAct("one", "Write 3.", AN_ADMIN),
        [NewVersion(1, 1, changed, ())],
        checks=(),
        now=NOW,
    )


def test_nothing_is_decided_before_all_have_answered(store):
    queue_no = make_queue(store, 1, overlap=2)
    vote(store, queue_no, "drop")
    assert state(store) == ""
    person = annotator("somebody else")
    (claim,) = claim_items(store, queue_no, person=person, count=1, now=NOW)
    submit_verdict(
        store, an_answer("x", claim.item_no, claim.lease, disposition="drop"), person=person, now=NOW
    )
    assert state(store) == "drop"
    undo_last(store, queue_no, person=person, now=NOW)
    assert state(store) == ""


def test_reviewers_who_differ_decide_nothing_until_there_is_a_last_word(store):
    item_no = vote(store, make_queue(store, 1, overlap=2), "drop", "keep")
    assert state(store) == ""
    (decision,) = read_queue_decisions(store)
    assert (decision.flag, decision.disposition, decision.decided_by) == ("agree", "", "agreement")
    draft = AdjudicationDraft(item_no, Answer("disagree", "keep"), "guideline unclear")
    adjudicate(store, draft, person=RESEARCHER, now=NOW)
    assert state(store) == "keep"
    (decision,) = read_queue_decisions(store)
    assert (decision.flag, decision.decided_by) == ("disagree", "adjudication")
    withdraw_adjudication(store, item_no, person=RESEARCHER, now=NOW)
    assert state(store) == ""


@pytest.mark.parametrize(
    ("said", "comes_to"), [(("keep", "fix"), "fix"), (("fix", "drop", "keep"), "drop"), (("keep",), "keep")]
)
def test_of_several_items_of_a_version_drop_beats_fix_beats_keep(store, said, comes_to):
    for disposition in said:
        vote(store, make_queue(store, 1), disposition)
    assert state(store) == comes_to
    assert count_dispositions(store) == {comes_to: 1}


def test_a_keep_is_about_the_version_that_was_seen(store):
    vote(store, make_queue(store, 1), "keep")
    act_no = change(store)
    assert state(store) == ""
    record_undo(store, act_no, person=AN_ADMIN, now=NOW)
    assert state(store) == "keep"


def test_a_wish_for_a_fix_is_fixed_by_the_change_and_comes_back_with_its_undoing(store):
    vote(store, make_queue(store, 1), "fix")
    act_no = change(store)
    assert state(store) == "fixed"
    record_undo(store, act_no, person=AN_ADMIN, now=NOW)
    assert state(store) == "fix"


def test_a_drop_outlives_a_change_until_somebody_decides_anew(store):
    vote(store, make_queue(store, 1), "drop")
    change(store)
    assert state(store) == "drop"
    vote(store, make_queue(store, 1, version_no=4), "keep")
    with store.write() as cursor:
        cursor.execute("UPDATE review_item SET trajectory_no = 1 WHERE version_no = 4")
    assert state(store) == "keep"


def test_pairs_gold_items_and_repeats_decide_nothing_about_a_trajectory(store):
    queue_no = make_queue(store, 2, gold={0})
    vote(store, queue_no, "drop")
    assert state(store) == ""
    queue_no = make_queue(store, 1, kind="pair")
    (claim,) = claim_items(store, queue_no, person=annotator("ann"), count=1, now=NOW)
    draft = an_answer("p", claim.item_no, claim.lease, "", preference="rejected", disposition="drop")
    assert submit_verdict(store, draft, person=annotator("ann"), now=NOW).state == "stored"
    assert state(store) == ""
    (decision,) = read_queue_decisions(store, queue_no)
    assert decision.preference == "rejected"
