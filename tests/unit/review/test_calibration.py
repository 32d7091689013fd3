"""Calibration holds what machines flag against what people settled on, and weighs it by how it was drawn."""

from __future__ import annotations

import msgspec
import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.review_rows import NOW
from xlam_backend.domain.rating import Rating
from xlam_backend.review.calibration import (
    Voice,
    read_calibration,
    read_calibration_detail,
    read_settled_items,
)
from xlam_backend.review.calibration_items import compare_voices, list_comparable, read_calibration_items
from xlam_backend.review.statistics_csv import CALIBRATION_COLUMNS, write_calibration_csv
from xlam_backend.statistics.precision_recall import NOTHING_UNFLAGGED
from xlam_backend.store.ratings import write_ratings


def rate(review_rows, number, *, version=1, flagged=False, score=None, judge="step_quality", **fields):
    """Write a rating of the place that item `number` shows; returns its number."""
    made = Rating(
        run_id="r",
        judge=judge,
        subject="step",
        version_no=number,
        trajectory_no=number,
        step=0,
        call=0,
        model="m",
        prompt_name="p",
        prompt_version=version,
        prompt_hash=f"h{version}",
        input_hash="",
        rated_at=NOW,
        is_flagged=flagged,
        score=score,
    )
    with review_rows.store.write() as cursor:
        write_ratings(cursor, review_rows.store, [msgspec.structs.replace(made, **fields)])
        (found,) = cursor.execute("SELECT max(rating_no) FROM rating").fetchone()
    return found


def settled(review_rows):
    return {item.item_no: item for item in read_settled_items(review_rows.store)}


def test_the_last_word_counts_then_the_majority_and_else_nothing(review_rows):
    for number in (1, 2, 3, 4, 5):
        review_rows.item(number, is_flagged=number != 5)
    for number, flags in ((1, ("agree", "agree")), (2, ("agree", "disagree")), (3, ("agree", "disagree"))):
        for person, flag in zip(("ann", "bob"), flags):
            review_rows.say(number, person, flag)
    review_rows.decide(3, "disagree")
    for person, flag in zip(("ann", "bob", "eve"), ("agree", "agree", "unsure")):
        review_rows.say(4, person, flag)
    review_rows.say(5, "ann", "disagree")
    found = settled(review_rows)
    assert [(found[number].is_bad, found[number].settled) for number in sorted(found)] == [
        (True, "all agree"),
        (None, "open"),
        (False, "last word"),
        (True, "majority"),
        (True, "all agree"),  # not flagged, and that is wrong: the place is bad
    ]


def test_a_last_word_of_unsure_leaves_the_item_open(review_rows):
    review_rows.item(1)
    review_rows.say(1, "ann", "agree")
    review_rows.say(1, "bob", "agree")
    review_rows.decide(1, "unsure")
    assert settled(review_rows)[1].is_bad is None


def test_ratings_settle_when_they_lie_within_a_point(review_rows):
    for number, ratings in ((1, (1, 2)), (2, (4, 5)), (3, (1, 4))):
        rating_no = rate(review_rows, number, score=2.0, flagged=True)
        review_rows.item(number, kind="rating", check="step_quality", rating_no=rating_no)
        for person, given in zip(("ann", "bob"), ratings):
            review_rows.say(number, person, rating=given)
    found = settled(review_rows)
    assert [(found[number].is_bad, found[number].human_rating) for number in (1, 2, 3)] == [
        (True, 1.5),
        (False, 4.5),
        (None, None),
    ]
    detail = read_calibration_detail(review_rows.store, Voice("step_quality", "m", 1))
    assert (detail.within_one.hits, detail.within_one.total) == (1, 2)
    assert detail.flags.counts == ((1, 1), (0, 0))


def test_precision_and_weighted_recall_of_a_check(review_rows):
    # The two strata worked out by hand: 40 flagged (30 bad) at 0.4, 20 unflagged (1 bad) at 0.02.
    for number in range(1, 61):
        is_flagged = number <= 40
        is_right = number <= 30 if is_flagged else number != 60
        review_rows.item(
            number,
            is_flagged=is_flagged,
            stratum="found" if is_flagged else "rest",
            inclusion_probability=0.4 if is_flagged else 0.02,
        )
        review_rows.say(number, "ann", "agree" if is_right else "disagree")
    (found,) = read_calibration(review_rows.store)
    assert found.quality.recall.value == pytest.approx(0.6, abs=1e-9)
    assert (found.quality.precision.hits, found.quality.precision.total) == (30, 40)
    assert (found.answered_count, found.settled_count, found.weighed_count) == (60, 60, 60)


def test_what_stays_open_on_one_side_does_not_bend_recall(review_rows):
    """Half of the flagged items are disputed: those that are settled stand for them too."""
    for number in range(1, 61):
        is_flagged = number <= 40
        review_rows.item(number, is_flagged=is_flagged, inclusion_probability=0.4 if is_flagged else 0.02)
        is_bad = number % 4 > 0 if is_flagged else number == 60
        review_rows.say(number, "ann", "agree" if is_bad == is_flagged else "disagree")
        if number <= 20:
            review_rows.say(number, "bob", "disagree" if is_bad else "agree")
    (found,) = read_calibration(review_rows.store)
    assert (found.answered_count, found.settled_count) == (60, 40)
    assert found.quality.recall.value == pytest.approx(0.6, abs=1e-9)  # 75 caught, 50 missed
    assert found.quality.weighted_precision.value == pytest.approx(0.75, abs=1e-9)


def test_no_line_is_drawn_among_flagged_items_alone(review_rows):
    for number in range(1, 21):
        rating_no = rate(review_rows, number, score=1.0 + number % 2, flagged=True)
        review_rows.item(number, kind="rating", check="step_quality", rating_no=rating_no)
        review_rows.say(number, "ann", rating=1 + 3 * (number % 2))
    detail = read_calibration_detail(review_rows.store, Voice("step_quality", "m", 1))
    assert detail.lines == ()
    assert {each.undefined_because for each in detail.suggestions} == {NOTHING_UNFLAGGED}


def test_a_queue_of_flagged_items_alone_tells_no_recall(review_rows):
    review_rows.item(1)
    review_rows.say(1, "ann", "agree")
    (found,) = read_calibration(review_rows.store)
    assert found.quality.recall.value is None
    assert "misses are unknown" in found.quality.recall.undefined_because
    assert found.quality.precision.share == 1.0


def test_calls_that_several_checks_left_unmarked_belong_to_all_of_them(review_rows):
    review_rows.item(1, check="argument_type")
    review_rows.item(2, check="undefined_function")
    review_rows.item(3, check="", is_flagged=False)
    for number in (1, 2, 3):
        review_rows.say(number, "ann", "agree")
    voices = {each.voice.name: each for each in read_calibration(review_rows.store)}
    assert set(voices) == {"", "argument_type", "undefined_function"}
    assert voices[""].answered_count == 3
    assert voices[""].quality.recall.value == 1.0
    assert voices["argument_type"].quality.recall.value is None


def test_known_answers_and_repeats_are_left_out(review_rows):
    review_rows.item(1)
    review_rows.item(2, gold='{"flag":"agree"}')
    review_rows.item(3, repeats=1)
    for number in (1, 2, 3):
        review_rows.say(number, "ann", "agree")
    assert list(settled(review_rows)) == [1]


def test_pairs_tell_how_often_the_chosen_side_is_better(review_rows):
    for number, preference in enumerate(("chosen", "chosen", "rejected", "equal"), 1):
        review_rows.item(number, kind="pair", check="preference")
        review_rows.say(number, "ann", preference=preference)
    (found,) = read_calibration(review_rows.store)
    assert (found.quality.precision.hits, found.quality.precision.total) == (2, 4)


def test_two_prompt_versions_on_the_same_places(review_rows):
    # Version 1 flags 1 and 2, version 2 flags 1 and 3; people say 1 and 3 are bad.
    for number in (1, 2, 3, 4):
        rating_no = rate(review_rows, number, flagged=number in (1, 2))
        rate(review_rows, number, version=2, flagged=number in (1, 3))
        review_rows.item(
            number, kind="rating", check="step_quality", rating_no=rating_no, is_flagged=number in (1, 2)
        )
        is_bad = number in (1, 3)
        review_rows.say(number, "ann", "agree" if is_bad == (number in (1, 2)) else "disagree")
    first, second = list_comparable(review_rows.store, "step_quality")
    assert (first.prompt_version, second.prompt_version) == (1, 2)
    found = compare_voices(review_rows.store, first, second)
    assert (found.test.both, found.test.only_first, found.test.only_second) == (2, 0, 2)
    assert (found.only_first_items, found.only_second_items) == ((), (2, 3))
    assert found.test.exact_p == 0.5


def test_items_behind_a_number_and_who_may_see_them(review_rows):
    for number, flag in ((1, "agree"), (2, "disagree"), (3, "disagree")):
        review_rows.item(number)
        for person in ("ann", "bob")[: 1 if number == 3 else 2]:
            review_rows.say(number, person, flag)
    voice = Voice("argument_type")
    wrong = read_calibration_items(review_rows.store, voice, viewer=A_RESEARCHER)
    assert [item.item_no for item in wrong.shown] == [2]
    assert (wrong.total, wrong.withheld_count) == (2, 1)  # item 3 waits for its second answer
    assert read_calibration_items(review_rows.store, voice, viewer=AN_ANNOTATOR).shown == ()
    caught = read_calibration_items(review_rows.store, voice, which="caught", viewer=A_RESEARCHER)
    assert [item.item_no for item in caught.shown] == [1]


def test_the_csv_of_a_judge_has_its_plots(review_rows):
    for number in range(1, 21):
        score = float(1 + number % 5)
        rating_no = rate(review_rows, number, score=score, flagged=score <= 2, is_scripted=True)
        review_rows.item(
            number, kind="rating", check="step_quality", rating_no=rating_no, is_flagged=score <= 2
        )
        review_rows.say(number, "ann", rating=min(5, 1 + (number + number // 7) % 5))
    voice = Voice("step_quality", "m", 1)
    detail = read_calibration_detail(review_rows.store, voice)
    assert detail.calibration.is_scripted
    lines = write_calibration_csv(read_calibration(review_rows.store), detail).splitlines()
    assert lines[0].split(",") == list(CALIBRATION_COLUMNS)
    assert {line.partition(",")[0] for line in lines[1:]} == {
        "quality",
        "flags",
        "ratings",
        "scores",
        "bad by score",
        "line",
        "length",
    }
    assert read_calibration_detail(review_rows.store, Voice("nobody")) is None
