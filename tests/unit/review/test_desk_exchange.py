"""Exchanges between a screen and the desk: nothing lost, nothing doubled, nothing trusted."""

from __future__ import annotations

import msgspec
import pytest

from tests.review_desk import WRONG_TYPE
from tests.review_queues import NOW, RESEARCHER, annotator
from tests.unit.review.conftest import flagged_records, import_records
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import InputError
from xlam_backend.review.desk_entries import flag_of_rating
from xlam_backend.review.desk_exchange import (
    FEWEST_HELD,
    MOST_HELD,
    MOST_SENT,
    EditQuestion,
    Message,
    exchange,
    exchange_on_item,
    read_message,
)
from xlam_backend.review.queues import create_queue, set_queue_state
from xlam_backend.store.fix_history import read_acts
from xlam_backend.store.verdicts import read_all_verdicts

ANN = annotator("ann")


@pytest.fixture
def queue(empty_store):
    """A queue of 30 findings of wrong types."""
    import_records(empty_store, "records", flagged_records(30, "record"))
    return create_queue(empty_store, QueuePlan("queue", "finding"), person=RESEARCHER, now=NOW)


def say(store, queue, number=1, have=(), entries=(), **more):
    return exchange(store, queue, Message(number, tuple(have), tuple(entries), **more), person=ANN, now=NOW)


def answer(item, lease, entry_id="e-1", **fields):
    return {
        "kind": "answer",
        "entry_id": entry_id,
        "item_no": item,
        "lease": lease,
        "flag": "agree",
        **fields,
    }


def test_only_what_the_screen_does_not_have_is_sent(empty_store, queue):
    first = say(empty_store, queue)
    assert (len(first.order), len(first.items)) == (MOST_HELD, MOST_SENT)
    have = [held.view.item_no for held in first.items]
    second = say(empty_store, queue, 2, have)
    assert not set(have) & {held.view.item_no for held in second.items}
    everything = [claim.item_no for claim in second.order]
    assert say(empty_store, queue, 3, everything).items == ()


def test_an_entry_is_stored_once_however_often_it_is_sent(empty_store, queue):
    claim = say(empty_store, queue).order[0]
    sent = [answer(claim.item_no, claim.lease)]
    states = [say(empty_store, queue, number, (), sent).receipts[0].state for number in (2, 3)]
    assert states == ["stored", "repeated"]
    assert len(read_all_verdicts(empty_store)) == 1


def test_a_repair_that_is_sent_twice_is_made_once(empty_store, queue):
    held = say(empty_store, queue).items[0]
    sent = [answer(held.view.item_no, held.lease, repair=held.view.repairs[0].key)]
    receipts = [say(empty_store, queue, number, (), sent).receipts[0] for number in (2, 3)]
    assert receipts[0].act_no == receipts[1].act_no > 0
    assert len(read_acts(empty_store)) == 1


def test_an_edit_whose_verdict_is_refused_is_not_made(empty_store, queue):
    held = say(empty_store, queue).items[0]
    text = held.view.edit_text.replace('"3"', "3")
    sent = [answer(held.view.item_no, "999-1", edit=text, edit_call=0)]
    receipt = say(empty_store, queue, 2, (), sent).receipts[0]
    assert (receipt.state, receipt.act_no) == ("refused", 0)
    assert read_acts(empty_store) == []


def test_an_edit_that_was_taken_back_is_not_made_again_by_what_is_sent_twice(empty_store, queue):
    held = say(empty_store, queue).items[0]
    item_no = held.view.item_no
    sent = [
        answer(item_no, held.lease, repair=held.view.repairs[0].key),
        {"kind": "undo", "entry_id": "u-1", "item_no": item_no},
    ]
    first, again = (say(empty_store, queue, number, (), sent) for number in (2, 3))
    assert [act.kind for act in read_acts(empty_store)] == ["undo", "one"]
    assert [receipt.state for receipt in again.receipts] == ["repeated", "stored"]
    assert again.receipts[0].act_no == first.receipts[0].act_no


def test_undoing_an_answer_that_was_refused_leaves_the_one_before_it(empty_store, queue):
    before, refused = say(empty_store, queue).order[:2]
    say(empty_store, queue, 2, (), [answer(before.item_no, before.lease)])
    undo = {"kind": "undo", "entry_id": "u-1", "item_no": refused.item_no}
    reply = say(empty_store, queue, 3, (), [answer(refused.item_no, "999-1", "e-2"), undo])
    assert [receipt.state for receipt in reply.receipts] == ["refused", "refused"]
    assert [row.is_withdrawn for row in read_all_verdicts(empty_store)] == [False]


def test_an_answer_its_undoing_and_another_answer_in_one_message(empty_store, queue):
    claim = say(empty_store, queue).order[0]
    reply = say(
        empty_store,
        queue,
        2,
        (),
        [
            answer(claim.item_no, claim.lease),
            {"kind": "undo", "entry_id": "u-1", "item_no": claim.item_no},
            answer(claim.item_no, claim.lease, "e-2", flag="disagree"),
        ],
    )
    assert [receipt.state for receipt in reply.receipts] == ["stored"] * 3
    assert [(row.flag, row.is_withdrawn) for row in read_all_verdicts(empty_store)] == [
        ("agree", False), ("", True), ("disagree", False),
    ]  # fmt: skip


def test_an_item_that_was_opened_again_is_sent_first_and_none_is_lost(empty_store, queue):
    first = say(empty_store, queue)
    claim = first.order[0]
    say(empty_store, queue, 2, (), [answer(claim.item_no, claim.lease)])
    reply = say(empty_store, queue, 3, (), [{"kind": "undo", "entry_id": "u-1"}])
    assert reply.items[0].view.item_no == claim.item_no
    assert claim.item_no in {each.item_no for each in reply.order}


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "steal", "entry_id": "x"},
        {"kind": "answer", "entry_id": "x", "item_no": "one"},
        {"kind": "answer", "entry_id": "x", "item_no": 10**12, "flag": "agree"},
        {"kind": "answer", "entry_id": "x", "flag": "maybe"},
        {"kind": "comment", "entry_id": "x", "item_no": 1, "words": "   "},
        {"kind": "undo", "entry_id": "x"},
    ],
)
def test_nonsense_is_refused_with_a_reason_and_the_rest_goes_through(empty_store, queue, entry):
    claim = say(empty_store, queue).order[0]
    reply = say(empty_store, queue, 2, (), [entry, answer(claim.item_no, claim.lease)])
    assert [receipt.state for receipt in reply.receipts] == ["refused", "stored"]
    assert reply.receipts[0].entry_id == "x"
    assert reply.receipts[0].reason


def test_a_comment_sent_twice_stands_once(empty_store, queue):
    item = say(empty_store, queue).order[0].item_no
    entry = {"kind": "comment", "entry_id": "c-1", "item_no": item, "words": "Look here."}
    for number in (2, 3):
        receipt = say(empty_store, queue, number, (), [entry]).receipts[0]
    assert [remark.words for remark in receipt.reveal.comments] == ["Look here."]


def test_a_paused_queue_says_so_and_still_takes_what_was_begun(empty_store, queue):
    claim = say(empty_store, queue).order[0]
    set_queue_state(empty_store, queue, "paused", person=RESEARCHER, now=NOW)
    reply = say(empty_store, queue, 2, (), [answer(claim.item_no, claim.lease)])
    assert reply.receipts[0].state == "stored"
    assert "paused" in reply.problem
    assert reply.order == ()


def test_an_edit_is_checked_on_the_way(empty_store, queue):
    held = say(empty_store, queue).items[0]
    question = EditQuestion(7, held.view.item_no, held.view.edit_text.replace('"3"', "3"), 0)
    reply = say(empty_store, queue, 2, (), (), check=question)
    assert (reply.check.number, reply.check.check.refused) == (7, "")


def test_one_item_is_changed_by_whoever_answered_it(empty_store, queue):
    claim = say(empty_store, queue).order[0]
    say(empty_store, queue, 2, (), [answer(claim.item_no, claim.lease)])
    changed = Message(3, (), (answer(claim.item_no, "", "e-2", flag="unsure"),))
    reply = exchange_on_item(empty_store, claim.item_no, changed, person=ANN, now=NOW)
    assert reply.items[0].reveal.mine.flag == "unsure"
    assert [row.flag for row in read_all_verdicts(empty_store)] == ["agree", "unsure"]


@pytest.mark.parametrize("text", [b'{"number": "one"}', b"[]", b"", b"\xff{", b"[" * 100_000])
def test_a_message_of_another_kind_is_an_error_that_says_what_to_do(text):
    with pytest.raises(InputError, match="Reload the page"):
        read_message(text)


def test_items_come_some_at_a_time_before_the_last_one_held_is_reached(empty_store, queue):
    have, number = {}, 1
    reply = say(empty_store, queue)
    held_counts = []
    while reply.order and number < 60:
        number += 1
        have |= {held.view.item_no: held for held in reply.items}
        claim = next(claim for claim in reply.order if claim.item_no in have)
        reply = say(empty_store, queue, number, have, [answer(claim.item_no, claim.lease, f"e-{number}")])
        assert reply.receipts[0].state == "stored"
        held_counts.append(len(reply.order))
    assert len(read_all_verdicts(empty_store)) == 30
    assert max(held_counts) == MOST_HELD
    assert all(count >= min(FEWEST_HELD, 30 - place) for place, count in enumerate(held_counts, 1))


def test_nothing_of_gold_or_strata_reaches_the_screen(empty_store, queue):
    text = msgspec.json.encode(say(empty_store, queue)).decode()
    assert not any(
        word in text for word in ("gold", "stratum", "inclusion_probability", "repeat_", "repeats")
    )
    assert WRONG_TYPE.query not in text


@pytest.mark.parametrize(
    ("low", "score", "given", "flag"),
    [(1.0, 3.0, 2, "agree"), (0.0, 3.0, 2, "agree"), (0.0, 2.0, 4, "disagree"), (0.0, 0.0, 2, "agree")],
)
def test_a_rating_agrees_within_one_point_on_each_scale_up_to_five(low, score, given, flag):
    rating = Rating("r", "j", "step", 1, 1, "m", "p", 1, "h", "i", NOW, score=score, scale_low=low)
    assert flag_of_rating(given, rating) == flag
