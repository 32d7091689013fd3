"""The Responses page: what became of the answers, the pairs, one pair whole, a new run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import a_call
from tests.scripted_endpoint import scripted_server_of
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.manager import list_runs, wait_for_run
from xlam_backend.activities.respond_run import start_responses
from xlam_backend.domain.candidate import Candidate
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.person import Person
from xlam_backend.llm.chat import Budget
from xlam_backend.responses.answering import AnsweredStep
from xlam_backend.responses.intake import take_in_steps
from xlam_backend.responses.plan import RespondPlan

AT = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)> **bold** \u202e"


def an_answer(version_no=1, **fields):
    told = {
        "run_id": "r1",
        "version_no": version_no,
        "trajectory_no": version_no,
        "step": 0,
        "model": "small",
        "endpoint": "here",
        "attempt": 0,
        "prompt_name": "respond_next_step",
        "prompt_version": 1,
        "prompt_hash": "ab",
        "state": "parsed",
        "classification": "rejected",
        "classified_because": "A rule flags it: Undefined argument.",
        "generated_at": AT,
        "tool_calls": (a_call(city="Rome"),),
        "difference": "wrong value",
        "raw_reply": HOSTILE,
        **fields,
    }
    return Candidate(**told)


def fill(store, *candidates):
    own = PairSide("I look.", (a_call(city=HOSTILE, days=1),))
    steps = [AnsweredStep(one.version_no, one.trajectory_no, 0, own, (one,), ((),)) for one in candidates]
    with store.write() as cursor:
        take_in_steps(store, cursor, steps)


@pytest.fixture
def filled(demo_store):
    """A store with three answers and two pairs."""
    fill(
        demo_store,
        an_answer(),
        an_answer(
            2, model="tiny", is_scripted=True, difference="wrong tool", tool_calls=(a_call("f", a=HOSTILE),)
        ),
        an_answer(3, classification="same", classified_because="It makes the same calls.", difference=""),
    )


def test_without_answers_the_page_says_what_to_do(demo_pages):
    assert demo_pages.open("review/responses") == "Responses"
    assert "No model has answered a step yet." in demo_pages.words
    assert "endpoint start-scripted" in demo_pages.words


def test_the_answers_are_counted_by_what_became_of_them(filled, demo_pages):
    assert demo_pages.open("review/responses") == "Responses"
    assert (demo_pages.fact("answers"), demo_pages.fact("rejected"), demo_pages.fact("pairs")) == (3, 2, 2)
    assert demo_pages.fact("no preference") == 1
    assert "not a real judgement" in demo_pages.words


def test_pairs_are_narrowed_by_the_address(filled, demo_pages):
    demo_pages.open("review/responses", reason="wrong tool")
    assert "1 pairs" in demo_pages.words
    demo_pages.open("review/responses", reason="wrong tool", model="small")
    assert "No pair matches." in demo_pages.words


def test_a_pair_is_shown_call_by_call_and_its_text_is_inert(filled, demo_pages):
    assert demo_pages.open("review/responses", pair="1") == "Responses"
    assert "<mark>" in demo_pages.html
    assert "<img" not in demo_pages.html
    assert "other value" in demo_pages.words
    assert "U+202E" in demo_pages.words
    assert "⟨U+202E⟩" in demo_pages.app.code[0].value


def test_a_pair_that_is_not_there_is_explained(filled, demo_pages):
    demo_pages.open("review/responses", pair="99")
    assert "No pair has the number 99." in demo_pages.words


def test_a_run_whose_budget_is_spent_goes_on_with_a_larger_one(demo_store, demo_pages):
    person = Person("ann", "researcher")
    plan = RespondPlan(
        size=3, endpoint="scripted", models=("scripted-weak-b",), budget=Budget(calls=1), concurrency=1
    )
    try:
        with scripted_server_of(demo_store.folder):
            run_id = start_responses(demo_store, plan, person=person, now=AT)
            wait_for_run(demo_store, run_id)
            demo_pages.open("review/responses")
            assert "The budget of calls is spent; 1 of" in demo_pages.words
            demo_pages.app.number_input(key=f"{run_id}_calls").set_value(100)
            demo_pages.button("Resume").click()
            demo_pages.app.run()
            assert demo_pages.title == "Responses"
            assert wait_for_run(demo_store, run_id).state == "succeeded"
    finally:
        end_all_runs(demo_store.folder)


def test_the_form_asks_for_as_many_answers_as_it_says(demo_store, demo_pages):
    try:
        with scripted_server_of(demo_store.folder):
            demo_pages.open("review/responses")
            demo_pages.app.number_input(key="respond_size").set_value(4)
            demo_pages.app.number_input(key="respond_count").set_value(2)
            demo_pages.app.run()
            asked = demo_pages.fact("answers asked for")
            assert asked == 2 * 2 * demo_pages.fact("steps") > 0
            demo_pages.button(f"Ask for {asked}").click()
            demo_pages.app.run()
            assert demo_pages.title == "Responses"
            [status] = list_runs(demo_store.folder)
            assert wait_for_run(demo_store, status.run_id).state == "succeeded"
            demo_pages.open("review/responses")
            assert demo_pages.fact("answers") == asked
    finally:
        end_all_runs(demo_store.folder)
