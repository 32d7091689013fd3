"""Evaluate and Evaluation: from the form to the score, to one answer; read in, removed, put back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from tests.failing import fail_as_known, write_answers
from tests.hostile import EVERYTHING
from tests.scripted_endpoint import scripted_server_of
from xlam_backend.activities.manager import list_runs
from xlam_backend.evaluation.writing_out import write_official
from xlam_backend.store.evaluations import list_evaluations

SET = "questions_demo"


@pytest.fixture
def answered(demo_store):
    """The demo data with a model that fails in known ways; the number of its evaluation."""
    return fail_as_known(demo_store)[1]


def test_an_empty_store_says_what_to_do(pages):
    assert pages.open("models/evaluate") == "Evaluate"
    assert "No model was evaluated yet." in pages.words
    assert "is downloaded with pip, its checksum is compared" in pages.words
    assert pages.open("models/evaluation") == "Evaluation"
    assert "No evaluation is chosen." in pages.words


def test_questions_that_cannot_be_fetched_say_why(pages, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    pages.open("models/evaluate")
    pages.button("Fetch them").click().run()
    assert "Check the network; behind a mirror, set PIP_INDEX_URL." in pages.words


def test_the_form_says_what_it_will_ask_and_starts_a_run(demo_pages, demo_store):
    with scripted_server_of(demo_store.folder):
        demo_pages.open("models/evaluate")
        assert demo_pages.fact("questions") > 50
        assert "at no cost" in demo_pages.words
        demo_pages.app.multiselect(key=f"evaluate_categories_{SET}").set_value(["irrelevance"]).run()
        demo_pages.app.number_input(key="evaluate_most").set_value(4).run()
        assert demo_pages.fact("questions") == 4
        demo_pages.button("Ask 4 questions").click().run()
    [run] = list_runs(demo_store.folder)
    assert (run.kind, run.params["categories"], run.params["most_items"]) == ("evaluate", ["irrelevance"], 4)


def test_the_list_leads_to_an_evaluation_with_its_numbers(demo_pages, answered):
    demo_pages.open("models/evaluate")
    assert f"evaluation?evaluation={answered}" in demo_pages.html
    assert "trained-model" in demo_pages.words
    demo_pages.open("models/evaluation", evaluation=str(answered))
    assert demo_pages.fact("not answered") == 2
    assert "withheld" in demo_pages.words
    assert "Not run, so without a score" in demo_pages.words
    assert "Stricter readings" in [one.label for one in demo_pages.app.expander]


def test_answers_are_chosen_and_one_is_opened(demo_pages, answered):
    demo_pages.open("models/evaluation", evaluation=str(answered), outcome="not answered")
    assert "2 answers" in demo_pages.words
    demo_pages.open("models/evaluation", evaluation=str(answered), item="simple_python_5")
    assert "a value of the wrong type" in demo_pages.words
    assert "What sets it apart from the nearest allowed answer" in demo_pages.words
    codes = [element.value for element in demo_pages.app.code]
    assert "[forecast(city='Oslo')]" in codes
    before = demo_pages.title
    demo_pages.button("Next").click().run()
    assert demo_pages.title == before
    assert demo_pages.app.query_params["item"] != ["simple_python_5"]
    demo_pages.button("All answers").click().run()
    assert "item" not in demo_pages.app.query_params


def test_a_removed_evaluation_can_be_put_back(demo_pages, demo_store, answered):
    count = len(list_evaluations(demo_store))
    demo_pages.open("models/evaluation", evaluation=str(answered))
    demo_pages.button("Remove").click().run()
    assert "It was removed" in demo_pages.words
    assert len(list_evaluations(demo_store)) == count - 1
    demo_pages.open("models/evaluate")
    demo_pages.app.button(key=f"put_back_{answered}").click().run()
    assert len(list_evaluations(demo_store)) == count


def test_result_files_are_read_in_with_their_faults(demo_pages, demo_store, answered, tmp_path):
    write_official(demo_store, answered, tmp_path, person=A_RESEARCHER, now=datetime(2026, 1, 1, tzinfo=UTC))
    broken = next(tmp_path.glob("result/*/*/BFCL_v4_simple_python_result.json"))
    lines = broken.read_text("utf-8").splitlines()
    broken.write_text(
        "\n".join([*lines[1:], lines[2], '{"id": "simple_python_99999", "result": ""}', "{"]), "utf-8"
    )
    demo_pages.open("models/evaluate")
    demo_pages.app.session_state["read_in_done"] = []
    demo_pages.app.run()
    demo_pages.app.text_input(key="read_in_folder").set_value(str(tmp_path)).run()
    demo_pages.app.selectbox(key="read_in_set").set_value(SET).run()
    count = len(list_evaluations(demo_store))
    demo_pages.button("Read in").click().run()
    assert len(list_evaluations(demo_store)) == count + 1
    assert "1 × doubled id" in demo_pages.words
    assert "1 × unknown id" in demo_pages.words
    assert "1 × unreadable line" in demo_pages.words


def test_who_may_not_evaluate_is_told_so(demo_pages, answered):
    demo_pages.open("models/evaluate")
    demo_pages.take_name("bo")
    demo_pages.open("models/evaluate", new="1")
    assert not [button.label for button in demo_pages.app.button if button.label.startswith("Ask")]
    demo_pages.open("models/evaluation", evaluation=str(answered))
    assert "Remove" not in [button.label for button in demo_pages.app.button]


def test_hostile_answers_are_shown_and_do_nothing(demo_pages, demo_store):
    wrong = {"error_type": EVERYTHING, "errors": (EVERYTHING,), "output": EVERYTHING}
    number = write_answers(
        demo_store, {"simple_python_0": {**wrong, "decoded": [{EVERYTHING: {}}]}}, model=EVERYTHING
    )
    alive = EVERYTHING[EVERYTHING.index("<img") :][:20]
    for place in ({}, {"item": "simple_python_0"}):
        demo_pages.open("models/evaluation", evaluation=str(number), **place)
        assert alive not in demo_pages.html
        assert "&lt;img" in demo_pages.html
    demo_pages.open("models/evaluate")
    assert alive not in demo_pages.html
