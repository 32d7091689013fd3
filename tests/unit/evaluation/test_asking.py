"""How questions are put: every way says the functions and the request, and the scripted model understands."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from xlam_backend.bfcl.question import Question
from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.errors import InputError
from xlam_backend.evaluation.asking import UnaskableError, as_trajectory, ask_question, told_tools
from xlam_backend.evaluation.plan import ASKED_AS_WORDS, EvaluationPlan, check_plan, plan_of, told_settings
from xlam_backend.llm.scripted_answers.base import read_question
from xlam_backend.llm.scripted_answers.questions import answer_question, is_question
from xlam_backend.training_text.base import UntellableError

AREA = {
    "name": "math.area",
    "description": "Area of a triangle.",
    "parameters": {
        "type": "dict",
        "properties": {"base": {"type": "integer"}, "sizes": {"type": "array", "items": {"type": "float"}}},
        "required": ["base"],
    },
}
SAID = ({"role": "user", "content": "What is the area with base 7?"},)
QUESTION = Question("simple_python_0", "simple_python", (SAID,), (AREA,))
LONG = (
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi."},
    {"role": "user", "content": "And the area with base 7?"},
)


def plan(**given):
    return EvaluationPlan(question_set="q", endpoint="e", model="m", **given)


@pytest.mark.parametrize("way", ASKED_AS_WORDS)
def test_every_way_says_the_request_and_the_functions(way):
    asked = ask_question(QUESTION, plan(asked_as=way))
    told = json.dumps(asked.tools or "") + "".join(message.content for message in asked.messages)
    assert "What is the area with base 7?" in told
    assert "math.area" in told
    assert "integer" in told
    assert (asked.tools is not None) == (way == "template")


def test_native_names_hold_no_dot_and_parameters_are_json_schema():
    (tool,) = ask_question(QUESTION, plan(mode="native")).tools
    assert tool["name"] == "math_area"
    assert tool["parameters"]["type"] == "object"
    assert tool["parameters"]["properties"]["sizes"]["items"] == {"type": "number"}


@pytest.mark.parametrize(
    ("category", "title"), [("simple_java", "Java"), ("simple_javascript", "JavaScript")]
)
def test_values_of_other_languages_are_asked_for_as_text(category, title):
    (tool,) = told_tools(Question("x_0", category, (SAID,), (AREA,)))
    assert {spec["type"] for spec in tool.parameters["properties"].values()} == {"string"}
    assert f"A {title} value of type integer" in tool.parameters["properties"]["base"]["description"]
    assert '"float"' in tool.parameters["properties"]["sizes"]["description"], "what the list holds"
    assert AREA["parameters"]["properties"]["base"] == {"type": "integer"}, "the question stays as it is"


def test_what_was_said_before_stands_in_its_order():
    question = Question("live_simple_0", "live_simple", (LONG,), (AREA,))
    asked = ask_question(question, plan())
    assert [message.role for message in asked.messages] == ["system", "user", "assistant", "user"]
    assert asked.messages[0].content.endswith("Be short.")
    trajectory = as_trajectory(question)
    assert (trajectory.task_instruction, trajectory.query) == ("Be short.", "Hello")
    assert trajectory.steps[0].user_input == "And the area with base 7?"
    with pytest.raises(UntellableError, match="no place for steps"):
        ask_question(question, plan(asked_as="xlam_fc_r"))


def test_what_cannot_be_asked_is_said():
    with pytest.raises(UnaskableError, match="2 turns"):
        ask_question(Question("multi_turn_base_0", "multi_turn_base", (SAID, SAID), (AREA,)), plan())
    with pytest.raises(UnaskableError, match="does not end with the user"):
        as_trajectory(Question("live_simple_0", "live_simple", (LONG[:3],), (AREA,)))


def test_the_scripted_model_reads_our_prompt():
    asked = ask_question(QUESTION, plan())
    question = read_question(
        [message.content for message in asked.messages], model="scripted-careful", seed=0
    )
    assert is_question(question)
    assert answer_question(question, SAID[0]["content"]) == "[math.area(base=7)]"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Either a kept model answers"),
        ({"kept_model": "a", "endpoint": "b", "model": "c"}, "Either a kept model answers"),
        ({"endpoint": "b"}, "No model of the endpoint"),
        ({"kept_model": "a", "mode": "native"}, "no interface for tools"),
        ({"endpoint": "b", "model": "c", "asked_as": "template"}, "writes its chat template itself"),
        ({"kept_model": "a", "max_tokens": 0}, "must be 1 or more"),
        ({"kept_model": "a", "temperature": 3.0}, "between 0 and 2"),
        ({"kept_model": "a", "asked_as": "sections", "output_format": "jsn"}, "output format"),
    ],
)
def test_plans_that_cannot_work_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        check_plan(EvaluationPlan(question_set="q", **given))


@pytest.mark.parametrize(
    "given",
    [
        {"endpoint": "e", "model": "m", "title": "Mine", "asked_as": "sections", "output_format": "yaml"},
        {"endpoint": "e", "model": "m", "title": "m", "mode": "native", "most_items": 3},
        {"kept_model": "k", "title": "k", "categories": ("irrelevance",), "temperature": 0.5, "seed": 4},
    ],
)
def test_an_evaluation_keeps_how_it_was_asked(given):
    asked = EvaluationPlan(question_set="q", **given)
    kept = Evaluation(
        evaluation_no=1,
        model=asked.shown_model,
        kept_model=asked.kept_model,
        endpoint=asked.endpoint,
        question_set="q",
        set_hash="h",
        version=asked.version,
        mode=asked.mode,
        settings=told_settings(asked),
        source="own",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    again = plan_of(kept)
    assert again == replace(asked, asked_as=again.asked_as)
    assert again.way == asked.way or asked.mode == "native"
