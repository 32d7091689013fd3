"""Queues: what a plan draws, what is stored of it, and who may do it."""

from __future__ import annotations

import json

import pytest

from tests.builders import AN_ADMIN
from tests.review_queues import NOW, RESEARCHER, an_answer, annotator
from tests.unit.review.conftest import flagged_records, import_records
from xlam_backend.domain.adjudication import Answer, LessonContent
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import (
    AccessDeniedError,
    InputError,
    NotFoundError,
    ReviewRefusedError,
    SettingError,
    UnknownNameError,
)
from xlam_backend.review.desk import claim_items, submit_verdict, undo_last
from xlam_backend.review.queues import (
    create_queue,
    list_queues,
    open_queue,
    preview_queue,
    set_queue_state,
)
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.lessons import write_lesson
from xlam_backend.store.removal import remove_dataset
from xlam_backend.store.review_items import read_items
from xlam_backend.store.trajectories import read_trajectories

PLAN = QueuePlan("types", "finding", checks=("argument_type",), size=12)


def items_of(store, queue_no):
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT item_no FROM review_item WHERE queue_no = ? ORDER BY place", [queue_no]
        ).fetchall()
    return read_items(store, [number for (number,) in rows])


def changed(plan=PLAN, **fields):
    return QueuePlan(**{**{name: getattr(plan, name) for name in plan.__struct_fields__}, **fields})


def test_a_preview_and_the_queue_agree(checked_store):
    plan = changed(unflagged_share=0.5, repeat_share=0.25, overlap=2)
    preview = preview_queue(checked_store, plan)
    assert (preview.flagged_count, preview.unflagged_count) == (48, 50)
    assert (preview.drawn_flagged_count, preview.drawn_unflagged_count, preview.repeat_count) == (12, 6, 4)
    assert (preview.item_count, preview.verdict_count) == (22, 44)
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    items = items_of(checked_store, queue_no)
    sample = [item for item in items if not item.repeats]
    assert (len(items), len(sample)) == (22, 18)
    assert [item.place for item in items] == list(range(22))
    for stratum in preview.strata:
        drawn = [item for item in sample if item.stratum == stratum.name]
        assert len(drawn) == stratum.drawn
        assert all(item.inclusion_probability == pytest.approx(stratum.probability) for item in drawn)
    assert {stratum.name: stratum.population for stratum in preview.strata} == {
        "north · argument_type": 40,
        "south · argument_type": 8,
        "north · not flagged": 20,
        "south · not flagged": 30,
    }


def test_flagged_items_point_at_their_finding_and_the_others_at_a_call_without_one(checked_store):
    queue_no = create_queue(checked_store, changed(unflagged_share=1.0), person=RESEARCHER, now=NOW)
    with checked_store.cursor() as cursor:
        rows = cursor.execute("SELECT finding_no, version_no, check_name, step, call, pointer FROM finding")
        findings = {row[0]: row[1:] for row in rows.fetchall()}
    flagged_versions = {row[0] for row in findings.values() if row[1] == "argument_type"}
    for item in items_of(checked_store, queue_no):
        if item.is_flagged:
            place = (item.version_no, item.check, item.step, item.call, item.pointer)
            assert findings[item.finding_no] == place
        else:
            assert (item.finding_no, item.check, item.step, item.call) == (0, "argument_type", 0, 0)
            assert item.version_no not in flagged_versions
        assert item.trajectory_no == item.version_no


def test_an_unflagged_call_of_several_checks_speaks_for_none_of_them(checked_store):
    plan = changed(checks=("argument_type", "undefined_function"), unflagged_share=0.5)
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    assert {item.check for item in items_of(checked_store, queue_no) if not item.is_flagged} == {""}


def test_a_call_that_no_check_has_looked_at_is_not_unflagged(checked_store):
    with checked_store.write() as cursor:
        cursor.execute("DELETE FROM checked WHERE version_no <= 60")
    preview = preview_queue(checked_store, changed(unflagged_share=1.0))
    assert preview.unflagged_count == 30


def test_size_0_takes_everything(checked_store):
    queue_no = create_queue(checked_store, changed(size=0), person=RESEARCHER, now=NOW)
    items = items_of(checked_store, queue_no)
    assert len(items) == 48
    assert {item.inclusion_probability for item in items} == {1.0}


def test_filters_narrow_what_is_drawn_from_and_unflagged_calls_need_no_finding(checked_store):
    plan = changed(filters=Filters(dataset="south", check="argument_type"), size=4, unflagged_share=1.0)
    preview = preview_queue(checked_store, plan)
    assert (preview.flagged_count, preview.unflagged_count) == (8, 30)
    by_hand = changed(filters=Filters(text="NORTH 3"), size=0, checks=())
    assert preview_queue(checked_store, by_hand).flagged_count == 11


def test_the_same_seed_draws_the_same_and_another_does_not(checked_store):
    def places(name, seed):
        plan = changed(name=name, seed=seed, unflagged_share=0.5)
        items = items_of(checked_store, create_queue(checked_store, plan, person=RESEARCHER, now=NOW))
        return [(item.version_no, item.stratum) for item in items]

    assert places("first", 5) == places("second", 5)
    assert places("third", 6) != places("first again", 5)


def test_gold_items_are_mixed_in_once_and_look_like_any_other(checked_store):
    first = create_queue(checked_store, changed(size=0), person=RESEARCHER, now=NOW)
    taught = items_of(checked_store, first)[:5]
    answer = Answer("disagree", "keep")
    with checked_store.write() as cursor:
        for item in taught:
            (stored,) = read_trajectories(checked_store, [item.version_no])
            content = LessonContent(
                "finding", item.check, stored.trajectory, item.step, item.call, item.pointer, answer, False
            )
            write_lesson(cursor, checked_store, "gold", item.item_no, content, person="rita", now=NOW)
    plan = changed(name="with gold", size=10, gold_share=0.3)
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    items = items_of(checked_store, queue_no)
    gold = [item for item in items if item.gold]
    assert len(gold) == 3
    assert all(json.loads(item.gold)["flag"] == "disagree" for item in gold)
    known = {(item.finding_no, item.version_no, item.pointer) for item in taught}
    assert {(item.finding_no, item.version_no, item.pointer) for item in gold} <= known
    assert len({item.finding_no for item in items}) == len(items) == 13


def test_ratings_and_pairs_make_items_too(checked_store, rated):
    plan = QueuePlan("ratings", "rating", size=4, strata=("check", "score", "prompt"), unflagged_share=1.0)
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    items = items_of(checked_store, queue_no)
    assert [item.is_flagged for item in sorted(items, key=lambda item: item.rating_no)] == [True] * 4 + [
        False
    ] * 4
    assert {item.check for item in items} == {"step_quality"}
    assert {item.stratum for item in items} == {
        "step_quality · score part 1 of 5 · small, judge_step 1",
        "step_quality · score part 5 of 5 · small, judge_step 1",
    }
    plan = QueuePlan("pairs", "pair", strata=("check", "score"))
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    items = items_of(checked_store, queue_no)
    assert [(item.pair_no, item.stratum) for item in items] == [(1, "wrong tool · margin 1 to 2")]


@pytest.fixture
def rated(checked_store):
    """Ratings of eight steps, half of them flagged, and one pair with a preference and one without."""
    with checked_store.write() as cursor:
        for number in range(1, 9):
            cursor.execute(
                "INSERT INTO rating BY NAME SELECT ? AS rating_no, 'run' AS run_id, 'step_quality' AS judge, "
                "'step' AS subject, ? AS version_no, ? AS trajectory_no, 0 AS step, "
                "-1 AS call, '' AS pointer, "
                "0 AS candidate_no, 'single' AS member, 'judged' AS state, '' AS not_judged_reason, "
                "'' AS verdict, ? AS score, 1.0 AS scale_low, 5.0 AS scale_high, ? AS is_flagged, "
                "'because' AS rationale, '{}' AS details, 'small' AS model, '' AS endpoint, "
                "false AS is_scripted, 'judge_step' AS prompt_name, 1 AS prompt_version, 'h' AS prompt_hash, "
                "'{}' AS settings, '' AS input_hash, '' AS raw_reply, 0 AS input_tokens, 0 AS output_tokens, "
                "TIMESTAMP '2026-01-01' AS rated_at",
                [number, number, number, 1.0 if number <= 4 else 5.0, number <= 4],
            )
        for number, is_equal in ((1, False), (2, True)):
            cursor.execute(
                "INSERT INTO pair BY NAME SELECT ? AS pair_no, 1 AS version_no, 1 AS trajectory_no, "
                "0 AS step, 0 AS candidate_no, 'generated' AS origin, '{}' AS chosen, '{}' AS rejected, "
                "'wrong tool' AS reason, ? AS is_equal, 1.5 AS margin, TIMESTAMP '2026-01-01' AS made_at",
                [number, is_equal],
            )


def test_only_a_researcher_may_make_and_close_queues(checked_store):
    with pytest.raises(AccessDeniedError):
        create_queue(checked_store, PLAN, person=annotator("ann"), now=NOW)
    queue_no = create_queue(checked_store, PLAN, person=RESEARCHER, now=NOW)
    with pytest.raises(AccessDeniedError):
        set_queue_state(checked_store, queue_no, "closed", person=annotator("ann"), now=NOW)
    with checked_store.cursor() as cursor:
        log = cursor.execute("SELECT action, subject FROM audit WHERE action = 'manage queue'").fetchall()
    assert log == [("manage queue", f"queue {queue_no}")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "  "}, "no name"),
        ({"overlap": 0}, "overlap of 0"),
        ({"overlap": 3, "reviewers": ("ann", "bob", "bob")}, "only 2"),
        ({"lease_seconds": 1}, "lease of 1"),
        ({"gold_share": 1.5}, "gold share"),
        ({"size": -1}, "fewer than 0"),
        ({"seed": -1}, "seed of -1"),
        ({"unflagged_share": float("nan")}, "unflagged share"),
        ({"name": "x" * 1_001}, "too long"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_reason(checked_store, fields, said):
    with pytest.raises(SettingError, match=said):
        preview_queue(checked_store, changed(**fields))
    with pytest.raises(SettingError, match=said):
        create_queue(checked_store, changed(**fields), person=RESEARCHER, now=NOW)


def test_a_mistyped_check_or_judge_is_told(checked_store):
    with pytest.raises(UnknownNameError, match="argument_type"):
        preview_queue(checked_store, changed(checks=("argument_typ",)))
    with pytest.raises(UnknownNameError, match="no judge"):
        preview_queue(checked_store, changed(kind="rating"))


def test_a_name_is_given_once_and_an_empty_queue_is_not_made(checked_store):
    create_queue(checked_store, PLAN, person=RESEARCHER, now=NOW)
    with pytest.raises(SettingError, match="already"):
        create_queue(checked_store, PLAN, person=RESEARCHER, now=NOW)
    with pytest.raises(InputError, match="Nothing"):
        create_queue(
            checked_store, changed(name="none", checks=("repeated_call",)), person=RESEARCHER, now=NOW
        )
    assert [queue.plan.name for queue in list_queues(checked_store, person=RESEARCHER, now=NOW)] == ["types"]


def test_a_paused_queue_gives_nothing_out_and_a_closed_one_takes_nothing(checked_store):
    ann = annotator("ann")
    queue_no = create_queue(checked_store, PLAN, person=RESEARCHER, now=NOW)
    claims = claim_items(checked_store, queue_no, person=ann, count=3, now=NOW)

    def answer(claim):
        draft = an_answer(f"e-{claim.item_no}", claim.item_no, claim.lease)
        return submit_verdict(checked_store, draft, person=ann, now=NOW).state

    set_queue_state(checked_store, queue_no, "paused", person=RESEARCHER, now=NOW)
    with pytest.raises(ReviewRefusedError, match="paused"):
        claim_items(checked_store, queue_no, person=ann, now=NOW)
    assert answer(claims[0]) == "stored"
    set_queue_state(checked_store, queue_no, "closed", person=RESEARCHER, now=NOW)
    assert answer(claims[1]) == "refused"
    assert answer(claims[0]) == "repeated"
    set_queue_state(checked_store, queue_no, "opened", person=RESEARCHER, now=NOW)
    assert answer(claims[1]) == "stored"
    progress = open_queue(checked_store, queue_no, person=ann, now=NOW).progress
    assert (progress.state, progress.my_verdict_count) == ("open", 2)
    with pytest.raises(NotFoundError):
        open_queue(checked_store, 99, person=ann, now=NOW)


def test_a_queue_is_for_its_reviewers(checked_store):
    queue_no = create_queue(checked_store, changed(reviewers=("ann",)), person=RESEARCHER, now=NOW)
    with pytest.raises(ReviewRefusedError, match="other people"):
        claim_items(checked_store, queue_no, person=annotator("bob"), now=NOW)
    (claim,) = claim_items(checked_store, queue_no, person=annotator("ann"), count=1, now=NOW)
    draft = an_answer("e", claim.item_no, claim.lease)
    assert submit_verdict(checked_store, draft, person=annotator("bob"), now=NOW).state == "refused"
    (queue,) = list_queues(checked_store, person=annotator("bob"), now=NOW)
    assert (queue.progress.is_reviewer, queue.progress.my_due_count) == (False, 0)


def test_records_that_leave_the_store_leave_the_queues(checked_store):
    ann = annotator("ann")
    queue_no = create_queue(checked_store, changed(size=0), person=RESEARCHER, now=NOW)
    claims = claim_items(checked_store, queue_no, person=ann, count=48, now=NOW)
    numbers = {dataset.name: dataset.dataset_no for dataset in list_datasets(checked_store)}
    remove_dataset(checked_store, numbers["south"], person=AN_ADMIN, now=NOW)
    progress = open_queue(checked_store, queue_no, person=ann, now=NOW).progress
    assert (progress.item_count, progress.my_due_count, progress.my_held_count) == (40, 40, 40)
    gone = {item.item_no for item in items_of(checked_store, queue_no) if item.is_removed}
    states = [
        submit_verdict(
            checked_store, an_answer(f"e-{claim.item_no}", claim.item_no, claim.lease), person=ann, now=NOW
        ).state
        for claim in claims
    ]
    assert states == ["refused" if claim.item_no in gone else "stored" for claim in claims]
    import_records(checked_store, "east", flagged_records(3, "east"))
    assert preview_queue(checked_store, changed(size=0)).flagged_count == 43


def test_what_left_the_store_cannot_be_answered_again_by_an_undoing(checked_store):
    ann = annotator("ann")
    queue_no = create_queue(checked_store, changed(size=0), person=RESEARCHER, now=NOW)
    for claim in claim_items(checked_store, queue_no, person=ann, count=48, now=NOW):
        draft = an_answer(f"e-{claim.item_no}", claim.item_no, claim.lease)
        submit_verdict(checked_store, draft, person=ann, now=NOW)
    numbers = {dataset.name: dataset.dataset_no for dataset in list_datasets(checked_store)}
    remove_dataset(checked_store, numbers["south"], person=AN_ADMIN, now=NOW)
    undoable = open_queue(checked_store, queue_no, person=ann, now=NOW).progress.my_undoable_count
    undone = [undo_last(checked_store, queue_no, person=ann, now=NOW).claim.item_no for _ in range(undoable)]
    gone = {item.item_no for item in items_of(checked_store, queue_no) if item.is_removed}
    assert undone
    assert not gone & set(undone)
    with pytest.raises(ReviewRefusedError):
        undo_last(checked_store, queue_no, person=ann, now=NOW)


def test_texts_of_a_plan_can_be_stored_and_reviewers_are_named_as_they_sign_in(checked_store):
    plan = changed(name="half \ud83d", guideline="\0no", reviewers=("  Ann  Lee", "Bob@Example.org"), size=2)
    queue_no = create_queue(checked_store, plan, person=RESEARCHER, now=NOW)
    (queue,) = list_queues(checked_store, person=annotator("bob@example.org"), now=NOW)
    assert (queue.plan.name, queue.plan.guideline) == ("half \ufffd", "no")
    assert queue.progress.is_reviewer
    assert claim_items(checked_store, queue_no, person=annotator("Ann Lee"), now=NOW)


def test_a_check_that_the_filters_ask_for_is_what_the_queue_is_about(checked_store):
    """Otherwise recall would set one check's flags against calls that no check at all marks."""
    by_filter = QueuePlan("by filter", "finding", Filters(check="argument_type"), unflagged_share=1.0)
    by_choice = QueuePlan("by choice", "finding", checks=("argument_type",), unflagged_share=1.0)
    numbers = [
        create_queue(checked_store, plan, person=RESEARCHER, now=NOW) for plan in (by_filter, by_choice)
    ]
    drawn = [
        {
            (item.version_no, item.call, item.is_flagged, item.check)
            for item in items_of(checked_store, number)
        }
        for number in numbers
    ]
    assert {check for *_, check in drawn[0]} == {"argument_type"}
    assert len(drawn[0]) == len(drawn[1])
