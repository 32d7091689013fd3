"""Failures: the map leads to a slice, a slice to answers, to training samples, and to a review queue."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.failing import WRONG_TYPE, fail_as_known, write_answers
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories
from xlam_backend.review.queues import list_queues


@pytest.fixture
def failed(demo_store):
    """The demo data with a model that fails in known ways; the number of its evaluation."""
    return fail_as_known(demo_store)[1]


def test_an_empty_store_says_what_to_do(pages):
    assert pages.open("models/failures") == "Failures"
    assert "No model was evaluated yet." in pages.words


def test_failures_are_counted_and_a_slice_is_listed(demo_pages, failed):
    assert demo_pages.open("models/failures") == "Failures"
    assert demo_pages.fact("wrong answers") == 14
    assert demo_pages.fact("without an answer") == 2
    assert "14 failures" in demo_pages.words
    demo_pages.open("models/failures", evaluation=str(failed), category="simple_python", code="IAT")
    assert "3 failures" in demo_pages.words


def test_one_answer_is_opened(demo_pages, failed):
    demo_pages.open("models/failures", evaluation=str(failed), item="simple_python_5")
    assert "a value of the wrong type" in demo_pages.words
    assert "Incorrect type for parameter 'days'." in demo_pages.words
    assert 'call 1, forecast, city: wrong value − "Oslo" + "Tallinn"' in demo_pages.words
    assert "call 1, forecast, days: missing argument + 4" in demo_pages.words
    demo_pages.open("models/failures", evaluation=str(failed), code="IAT", item="simple_python_5")
    assert "1 of 3 failures of the slice" in demo_pages.words
    demo_pages.button("Next").click().run()
    assert "2 of 3 failures of the slice" in demo_pages.words
    assert "simple_python_6" in demo_pages.words
    assert "[forecast(city='Oslo')]" in [element.value for element in demo_pages.app.code]


def test_a_slice_leads_to_training_samples_and_to_a_queue(demo_pages, demo_store, failed):
    demo_pages.open("models/failures", evaluation=str(failed), code="IAV", show="data")
    assert demo_pages.fact("failures looked into") == 5
    flagged = demo_pages.fact("of the nearest samples are flagged")
    assert flagged
    assert "The nearest training samples" in [one.value for one in demo_pages.app.subheader]
    assert "What the release holds of this" in [one.value for one in demo_pages.app.subheader]
    demo_pages.app.button(key="send_slice").click().run()
    assert "the queue is drawn" in demo_pages.words
    (queue,) = list_queues(demo_store, person=A_RESEARCHER, now=datetime.now(UTC))
    assert queue.plan.name.startswith("Failures of trained-model: IAV")
    assert queue.plan.filters.ids.count(",") == flagged - 1


def test_one_failure_leads_to_its_own_samples_whatever_slice_is_chosen(demo_pages, failed):
    demo_pages.open(
        "models/failures", evaluation=str(failed), code="IAV", item="simple_python_5", show="data"
    )
    assert demo_pages.fact("failure looked into") == 1
    demo_pages.button("Of all failures of the slice").click().run()
    assert demo_pages.fact("failures looked into") == 5


def test_a_model_of_unknown_data_asks_for_the_release(demo_pages, demo_store, failed):
    other = write_answers(demo_store, {"multiple_0": WRONG_TYPE}, model="from elsewhere")
    demo_pages.open("models/failures", evaluation=str(other), show="data")
    assert "It is not known what this model was trained on." in demo_pages.words


def test_two_models_are_compared(demo_pages, demo_store, failed):
    second = write_answers(demo_store, {"multiple_9": WRONG_TYPE}, model="better")
    demo_pages.open("models/failures", evaluation=str(second), beside=str(failed), show="compare")
    assert (demo_pages.fact("won"), demo_pages.fact("lost")) == (14, 1)
    assert re.search(r"McNemar, exact p (< )?0\.00\d", demo_pages.words)


def test_hostile_text_of_a_model_stays_text(demo_pages, demo_store, failed):
    hostile = "<img src=x onerror=alert(1)> **bold** \u202e"
    number = write_answers(
        demo_store,
        {"multiple_0": {**WRONG_TYPE, "output": hostile, "errors": (hostile,), "error_type": hostile}},
        model=hostile,
    )
    for params in ({}, {"item": "multiple_0"}, {"show": "compare"}, {"by": "error"}):
        assert demo_pages.open("models/failures", evaluation=str(number), **params) == "Failures"
        assert "<img" not in demo_pages.html


def test_a_trajectory_says_where_it_was_learnt(demo_pages, demo_store, failed):
    trajectory_id = find_trajectories(demo_store, Filters()).rows[0].trajectory_id
    demo_pages.open("trajectory", id=trajectory_id)
    assert "all of it" not in demo_pages.words, "nobody looks for what is folded away"
    demo_pages.open("trajectory", id=trajectory_id, learnt="yes")
    assert "all of it" in demo_pages.words
    assert "the record itself" in demo_pages.words
    assert "trained-model" in demo_pages.words
    assert "88 of 102" in demo_pages.words, "what the model scored that learnt it"


def test_a_senseless_address_breaks_nothing(demo_pages, failed):
    for text in ("-1", "9" * 30, "<b>x</b>"):
        for show in ("items", "data", "compare"):
            names = (
                "evaluation",
                "category",
                "code",
                "error",
                "item",
                "beside",
                "release",
                "by",
                "outcome",
                "page",
            )
            params = {**dict.fromkeys(names, text), "show": show}
            assert demo_pages.open("models/failures", **params) == "Failures"
            assert "<b>x</b>" not in demo_pages.html
