"""Evaluations: written from runs and files, counted by category, read item by item, removed and put back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from xlam_backend.domain.evaluation import Evaluation, EvaluationItem, Tally
from xlam_backend.errors import NotFoundError
from xlam_backend.store.evaluations import (
    ErrorCount,
    ItemSelection,
    count_errors,
    evaluation_of_run,
    list_evaluations,
    read_all_tallies,
    read_evaluation,
    read_item,
    read_items,
    read_tallies,
    write_change,
    write_evaluation,
    write_items,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVALUATION = Evaluation(
    evaluation_no=0,
    model="tiny",
    question_set="small",
    set_hash="h",
    version="v4",
    mode="prompt",
    source="own",
    made_at=NOW.replace(tzinfo=None),
    settings={"max_tokens": 10},
    run_id="r",
)
RIGHT = EvaluationItem(
    category="simple_python",
    item_id="simple_python_0",
    place=0,
    state="answered",
    output='[f(a="Ærø \U0001f600")]',
    decoded=[{"f": {"a": 1}}],
    is_valid=True,
    seconds=0.5,
    input_tokens=7,
    output_tokens=3,
)
WRONG = EvaluationItem(
    category="simple_python",
    item_id="simple_python_1",
    place=1,
    state="answered",
    output=[{"g": '{"b": 1}'}],
    is_valid=False,
    error_type="simple_function_checker:wrong_func_name",
    errors=("Function name 'f' not found.",),
)
MISSING = EvaluationItem(
    category="irrelevance",
    item_id="irrelevance_0",
    place=2,
    state="not answered",
    reason="The endpoint did not answer.",
)


@pytest.fixture
def number(store):
    with store.write() as cursor:
        made = write_evaluation(cursor, store, EVALUATION)
        write_items(cursor, made, [RIGHT, WRONG, MISSING])
    return made


def test_an_evaluation_is_read_as_it_was_written(store, number):
    assert read_evaluation(store, number) == replace(EVALUATION, evaluation_no=number)
    assert read_items(store, number).items == (RIGHT, WRONG, MISSING)
    assert read_item(store, number, "simple_python_1") == WRONG
    assert evaluation_of_run(store, "r") == number
    assert evaluation_of_run(store, "another") == 0


def test_what_was_not_answered_is_not_scored(store, number):
    assert read_tallies(store, number) == {
        "simple_python": Tally(1, 2),
        "irrelevance": Tally(0, 0, not_answered=1),
    }
    assert count_errors(store, number) == [
        ErrorCount("simple_python", "", 1),
        ErrorCount("simple_python", "simple_function_checker:wrong_func_name", 1),
    ]


def test_a_later_attempt_fills_what_was_missing_and_takes_no_answer_away(store, number):
    with store.write() as cursor:
        lost = replace(RIGHT, state="not answered", is_valid=None, output="")
        write_items(cursor, number, [lost, replace(MISSING, state="answered", is_valid=True)])
    assert read_tallies(store, number) == {"simple_python": Tally(1, 2), "irrelevance": Tally(1, 1)}


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (ItemSelection(outcome="right"), ["simple_python_0"]),
        (ItemSelection(outcome="wrong"), ["simple_python_1"]),
        (ItemSelection(outcome="not answered"), ["irrelevance_0"]),
        (ItemSelection(category="irrelevance"), ["irrelevance_0"]),
        (ItemSelection(error_type="simple_function_checker:wrong_func_name"), ["simple_python_1"]),
        (ItemSelection(words="ærø"), ["simple_python_0"]),
        (ItemSelection(words="PYTHON_1"), ["simple_python_1"]),
        (ItemSelection(words="%"), []),
    ],
)
def test_items_are_chosen(store, number, selection, ids):
    page = read_items(store, number, selection)
    assert [item.item_id for item in page.items] == ids
    assert page.total == len(ids)


def test_a_page_of_items_knows_how_many_there_are(store, number):
    page = read_items(store, number, offset=1, limit=1)
    assert (page.items, page.total) == ((WRONG,), 3)


def test_a_removed_evaluation_is_listed_apart_and_comes_back(store, number):
    with store.write() as cursor:
        write_change(cursor, store, number, "removed", person="ada", now=NOW)
    assert list_evaluations(store) == []
    assert [kept.evaluation_no for kept in list_evaluations(store, removed=True)] == [number]
    assert read_all_tallies(store) == {}
    with store.write() as cursor:
        write_change(cursor, store, number, "put back", person="ada", now=NOW)
    assert [kept.evaluation_no for kept in list_evaluations(store)] == [number]
    assert list(read_all_tallies(store)) == [number]


def test_what_is_not_there_is_said(store, number):
    with pytest.raises(NotFoundError, match="No evaluation has the number 99"):
        read_evaluation(store, 99)
    with pytest.raises(NotFoundError, match="no item 'nobody'"):
        read_item(store, number, "nobody")
