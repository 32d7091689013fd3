"""What the desk shows of an item, and what it does not show before a person has voted."""

from __future__ import annotations

import msgspec
import pytest

from tests.review_desk import (
    MADE_UP,
    RIGHT,
    WRONG_NAME,
    WRONG_TYPE,
    a_long_record,
    add_pairs,
    add_ratings,
    versions_of,
)
from tests.review_queues import NOW, RESEARCHER, annotator
from tests.unit.review.conftest import import_records
from xlam_backend.domain.review import QueuePlan
from xlam_backend.review.desk import claim_items
from xlam_backend.review.desk_entries import Entry, take_entry
from xlam_backend.review.item_view import reveal, view_item, view_items
from xlam_backend.review.pair_view import is_chosen_left, resolve_preference
from xlam_backend.review.queues import create_queue

ANN = annotator("ann")


def open_queue(store, kind, records, person=ANN, **plan):
    """A queue over these records, and what a person holds of it: (queue, [(claim, view)])."""
    import_records(store, "records", records)
    if kind == "rating":
        add_ratings(store, versions_of(store))
    if kind == "pair":
        add_pairs(store, versions_of(store))
    queue = create_queue(store, QueuePlan("queue", kind, **plan), person=RESEARCHER, now=NOW)
    claims = claim_items(store, queue, person=person, now=NOW)
    views = view_items(store, [claim.item_no for claim in claims], person=person, now=NOW)
    return queue, list(zip(claims, views, strict=True))


def text_of(view):
    return msgspec.json.encode(view).decode()


def test_a_finding_shows_the_argument_beside_its_schema_and_where_the_value_comes_from(empty_store):
    _, [(_, view)] = open_queue(empty_store, "finding", [WRONG_TYPE])
    (call,) = view.trace.steps[0].calls
    row = next(row for row in call.rows if row.name == "days")
    assert (row.look, row.declared) == ("place", "integer · required")
    assert [(origin.where, origin.words) for origin in row.origins] == [("the request", "3")]
    start, end, own = view.trace.query.marks[-1]
    assert (view.trace.query.text[start:end], own) == ("3", True)
    assert view.guideline.title == "Wrong argument type"
    assert dict(view.guideline.sections)["Way out"].startswith("convert where nothing is lost")
    assert view.repairs[0].is_from_check


def test_a_value_that_nothing_supports_says_so(empty_store):
    _, shown = open_queue(empty_store, "finding", [MADE_UP], checks=("ungrounded_value",))
    ((_, view),) = shown
    row = next(row for row in view.trace.steps[0].calls[0].rows if row.name == "city")
    assert not row.origins[0].is_grounded


def test_a_name_that_is_not_on_offer_comes_with_the_nearest_ones(empty_store):
    _, [(_, view)] = open_queue(empty_store, "finding", [WRONG_NAME])
    assert view.near_names[0] == "get_forecast"


def test_an_unflagged_call_is_asked_about_without_a_claim(empty_store):
    _, shown = open_queue(empty_store, "finding", [WRONG_TYPE, RIGHT], unflagged_share=1.0)
    views = {view.item_no: view for _, view in shown}
    unflagged = [view for view in views.values() if not view.says]
    assert [view.guideline.wrong_flag for view in unflagged] == ["disagree"]


@pytest.mark.parametrize("judge", ["argument_hallucination", "step_quality"])
def test_the_judge_is_hidden_until_the_vote_and_shown_after_it(empty_store, judge):
    queue, [(claim, view)] = open_queue(empty_store, "rating", [MADE_UP], checks=(judge,))
    secrets = ("judge-1", "Nobody named this city", "A needless call", '"unsupported"')
    assert not any(secret in text_of(view) for secret in secrets)
    before = reveal(empty_store, claim.item_no, person=ANN, now=NOW)
    assert before.judge is None
    answer = {"rating": 3} if judge == "step_quality" else {"flag": "agree"}
    entry = Entry("answer", "e-1", claim.item_no, claim.lease, disposition="keep", **answer)
    receipt = take_entry(empty_store, queue, entry, person=ANN, now=NOW)
    assert receipt.reveal.judge.model == "judge-1"
    assert receipt.reveal.mine.flag == "agree"  # within one point; or the claim is true and it was flagged


def test_a_queue_may_show_the_judge_at_once(empty_store):
    _, [(_, view), *_] = open_queue(
        empty_store, "rating", [MADE_UP], checks=("step_quality",), is_rationale_hidden=False
    )
    assert view.judge.rationale == "A needless call."


def test_a_claim_that_is_denied_disagrees_with_a_judge_that_had_flagged_it(empty_store):
    queue, [(claim, _)] = open_queue(empty_store, "rating", [MADE_UP], checks=("argument_hallucination",))
    entry = Entry("answer", "e-1", claim.item_no, claim.lease, flag="disagree", disposition="keep")
    assert take_entry(empty_store, queue, entry, person=ANN, now=NOW).reveal.mine.flag == "disagree"


def test_the_sides_of_a_pair_are_drawn_by_lot_and_their_source_is_hidden(empty_store):
    _, shown = open_queue(
        empty_store,
        "pair",
        [RIGHT] + [msgspec.structs.replace(RIGHT, query=f"{number}") for number in range(11)],
    )
    seen = set()
    for _, view in shown:
        left = view.pair.rows[0].left
        city = next(row.value.text for row in left.rows if row.name == "city")
        assert (city == '"Oslo"') == is_chosen_left(view.item_no, "ann")
        assert "chosen" not in text_of(view)
        assert "rejected" not in text_of(view)
        assert view.pair.rows[0].differing == ("city",)
        assert view.trace.steps == ()  # only what stands before the step
        seen.add(city)
    assert seen == {'"Oslo"', '"Bergen"'}


def test_what_is_stored_of_a_pair_is_the_side_that_was_on_the_screen(empty_store):
    queue, [(claim, _)] = open_queue(empty_store, "pair", [RIGHT])
    pressed = "left" if is_chosen_left(claim.item_no, "ann") else "right"
    assert resolve_preference(claim.item_no, "ann", pressed) == "chosen"
    entry = Entry("answer", "e-1", claim.item_no, claim.lease, pressed=pressed, reason="wrong value")
    mine = take_entry(empty_store, queue, entry, person=ANN, now=NOW).reveal.mine
    assert (mine.preference, mine.flag, mine.disposition, mine.reason) == (
        "chosen", "agree", "keep", "wrong value",
    )  # fmt: skip


def test_a_long_record_is_shown_around_the_place_and_the_sources_of_its_values(empty_store):
    _, shown = open_queue(empty_store, "finding", [a_long_record()], checks=("argument_type",))
    ((_, view),) = shown
    full = [step.index for step in view.trace.steps if not step.is_outline]
    assert full == [3, 117, 118, 119]
    assert any(step.is_outline for step in view.trace.steps)
    assert len(text_of(view)) < 60_000
    whole = view_item(empty_store, view.item_no, person=ANN, now=NOW, whole=True)
    assert not any(step.is_outline for step in whole.trace.steps)


def test_long_texts_are_cut_and_come_whole_on_demand(empty_store):
    record = msgspec.structs.replace(WRONG_TYPE, query="Oslo, 3 days. " + "x" * 50_000)
    _, [(_, view)] = open_queue(empty_store, "finding", [record])
    assert (len(view.trace.query.text), view.trace.query.cut) == (6_000, 44_014)
    whole = view_item(empty_store, view.item_no, person=ANN, now=NOW, whole=True)
    assert len(whole.trace.query.text) == 50_014


def test_a_record_that_was_changed_since_says_so_and_offers_no_repair(empty_store):
    queue, [(claim, view)] = open_queue(empty_store, "finding", [WRONG_TYPE], overlap=2)
    entry = Entry("answer", "e-1", claim.item_no, claim.lease, flag="agree", repair=view.repairs[0].key)
    assert take_entry(empty_store, queue, entry, person=ANN, now=NOW).act_no > 0
    seen = view_item(empty_store, claim.item_no, person=annotator("bob"), now=NOW)
    assert [remark.person for remark in seen.changed_since] == ["ann"]
    assert (seen.repairs, seen.edit_text) == ((), "")
