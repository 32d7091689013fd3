"""Agreement counts the sample alone; repeats, known answers and other people's eyes are kept apart."""

from __future__ import annotations

import msgspec
import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.review_rows import NOW
from xlam_backend.domain.adjudication import Answer
from xlam_backend.domain.person import Person
from xlam_backend.review.agreement import read_agreement, read_agreement_choices
from xlam_backend.review.agreement_items import read_agreement_items
from xlam_backend.review.statistics_csv import AGREEMENT_COLUMNS, write_agreement_csv
from xlam_backend.store.review_queues import write_queue_event


def both_say(review_rows, answers):
    for number, (first, second) in enumerate(answers, 1):
        review_rows.item(number)
        review_rows.say(number, "ann", first)
        review_rows.say(number, "bob", second)


def test_two_people_as_worked_out_by_hand(review_rows):
    # 50 items: both agree 20, both disagree 15, apart 5 and 10: kappa 0.4, alike 35.
    answers = [("agree", "agree")] * 20 + [("agree", "disagree")] * 5
    answers += [("disagree", "agree")] * 10 + [("disagree", "disagree")] * 15
    both_say(review_rows, answers)
    report = read_agreement(review_rows.store)
    assert report.pairs[0].kappa.value == pytest.approx(0.4, abs=1e-9)
    assert (report.overall.same.hits, report.overall.shared_count) == (35, 50)
    # 100 answers, 55 agree, 45 disagree: alpha = 1 - 99 * 15 / (55 * 45).
    assert report.overall.alpha.value == pytest.approx(1 - 99 * 15 / (55 * 45), abs=1e-9)
    assert [person.verdict_count for person in report.people] == [50, 50]
    assert report.people[0].seconds.median == 4.0


def test_unanimous_answers_are_undefined(review_rows):
    both_say(review_rows, [("agree", "agree")] * 12)
    report = read_agreement(review_rows.store)
    assert report.overall.alpha.undefined_because == "everyone gave the same answer"
    assert report.overall.alpha.value is None
    assert report.pairs[0].kappa.value is None


def test_repeats_and_known_answers_are_no_part_of_the_sample(review_rows):
    both_say(review_rows, [("agree", "disagree"), ("agree", "agree")])
    review_rows.item(3, repeats=1)
    review_rows.say(3, "ann", "disagree")
    review_rows.item(4, repeats=2)
    review_rows.say(4, "ann", "agree")
    review_rows.item(5, gold=msgspec.json.encode(Answer("agree")).decode())
    review_rows.say(5, "ann", "agree")
    review_rows.say(5, "bob", "disagree")
    report = read_agreement(review_rows.store)
    assert (report.verdict_count, report.overall.verdict_count, report.overall.item_count) == (8, 4, 2)
    ann, bob = report.people
    assert (ann.repeats.same.hits, ann.repeats.same.total) == (1, 2)
    assert (ann.gold.hits, bob.gold.hits, bob.gold.total) == (1, 0, 1)
    assert bob.repeats.same.total == 0


def test_a_rating_one_point_beside_the_known_one_is_right(review_rows):
    review_rows.item(1, gold=msgspec.json.encode(Answer(rating=4)).decode())
    review_rows.say(1, "ann", rating=3)
    review_rows.say(1, "bob", rating=2)
    ann, bob = read_agreement(review_rows.store).people
    assert (ann.gold.share, bob.gold.share) == (1.0, 0.0)


def test_withdrawn_and_removed_answers_do_not_count(review_rows):
    both_say(review_rows, [("agree", "agree"), ("agree", "disagree")])
    review_rows.item(3, is_removed=True)
    review_rows.say(3, "ann", "agree")
    review_rows.say(2, "bob", "agree")  # a later row changes the answer
    report = read_agreement(review_rows.store)
    assert report.verdict_count == 4
    assert report.overall.same.hits == 2


def test_the_question_answered_most_often_is_asked_unless_told(review_rows):
    both_say(review_rows, [("agree", "agree")] * 3)
    review_rows.say(1, "eve", rating=3)
    assert read_agreement(review_rows.store).question.name == "flag"
    assert read_agreement(review_rows.store, question="rating").question.name == "rating"
    assert read_agreement(review_rows.store, question="preference").question.name == "flag"
    assert read_agreement_choices(review_rows.store).queues[0].verdict_count == 7


def test_what_a_flag_follows_from_is_asked_before_it(review_rows):
    review_rows.item(1)
    review_rows.say(1, "ann", "agree", preference="chosen")
    assert read_agreement(review_rows.store).question.name == "preference"
    review_rows.item(2)
    review_rows.say(2, "ann", "agree", rating=3)
    review_rows.say(2, "bob", "agree", rating=3)
    assert read_agreement(review_rows.store).question.name == "flag"  # of more answers
    assert read_agreement(review_rows.store, check="nothing").question.name == "flag"


def test_whoever_may_still_be_asked_does_not_see_the_answers(review_rows):
    review_rows.item(1)
    review_rows.say(1, "ann", "agree")
    review_rows.item(2)
    review_rows.say(2, "ann", "agree")
    review_rows.say(2, "bob", "disagree")

    def seen(viewer):
        items = read_agreement_items(review_rows.store, which="all", viewer=viewer)
        return {item.item_no: len(item.answers) for item in items.shown if not item.is_withheld}

    assert seen(Person("ann", "annotator")) == {2: 2}
    assert seen(Person("new", "annotator")) == {}
    assert seen(A_RESEARCHER) == {2: 2}
    review_rows.queue(2, overlap=3)
    review_rows.item(3, queue_no=2)
    with review_rows.store.write() as cursor:
        cursor.execute("UPDATE verdict SET queue_no = 2 WHERE item_no = 3")
    review_rows.say(3, "ann", "agree")
    review_rows.say(3, "bob", "agree")
    with review_rows.store.write() as cursor:
        cursor.execute("UPDATE verdict SET queue_no = 2 WHERE item_no = 3")
    assert 3 not in seen(A_RESEARCHER)  # a third answer is still due
    assert 3 in seen(AN_ANNOTATOR)  # she is Ann, who has answered


def test_which_items_are_gold_is_shown_when_the_queue_is_closed(review_rows):
    review_rows.item(1, gold=msgspec.json.encode(Answer("agree")).decode())
    review_rows.say(1, "ann", "disagree")
    ann = Person("ann", "annotator")

    def shown(viewer):
        (item,) = read_agreement_items(review_rows.store, which="gold", viewer=viewer).shown
        return item.is_withheld, item.known

    assert shown(ann) == (True, "")
    with review_rows.store.write() as cursor:
        write_queue_event(cursor, 1, "closed", person="rita", now=NOW)
    assert shown(ann) == (False, "agree")


def test_items_behind_each_number(review_rows):
    both_say(review_rows, [("agree", "disagree"), ("agree", "agree"), ("disagree", "disagree")])
    review_rows.item(4, repeats=1)
    review_rows.say(4, "ann", "disagree")
    review_rows.item(5, gold=msgspec.json.encode(Answer("agree")).decode())
    review_rows.say(5, "bob", "disagree")

    def numbers(which, *people):
        found = read_agreement_items(review_rows.store, which=which, people=people, viewer=A_RESEARCHER)
        return [item.item_no for item in found.shown]

    assert numbers("differ") == [1]
    assert numbers("same") == [2, 3]
    assert numbers("all") == [1, 2, 3]
    assert numbers("repeats") == [4]
    assert numbers("repeats", "bob") == []
    assert numbers("gold") == [5]
    assert numbers("differ", "ann", "bob") == [1]
    assert numbers("differ", "ann", "nobody") == []


def test_the_csv_has_every_number_and_no_formula(review_rows):
    review_rows.item(1, check="=cmd()")
    review_rows.say(1, "ann", "agree")
    review_rows.say(1, "@bob", "disagree")
    lines = write_agreement_csv(read_agreement(review_rows.store)).splitlines()
    assert lines[0].split(",") == list(AGREEMENT_COLUMNS)
    assert not any(cell.startswith(("=", "@")) for line in lines for cell in line.split(","))
    assert any("krippendorff alpha" in line for line in lines)
    assert any(line.startswith("pair of people") and "'@bob" in line for line in lines)
