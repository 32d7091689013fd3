"""Answers are read as they were asked for: each way of asking has its notation, and faults are told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import NATIVE, PROMPTED
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.reading_answers import OWN_PARSER, native_output, read_answer
from xlam_backend.evaluation.scored import scored_items
from xlam_backend.evaluation.template_answer import read_template_answer
from xlam_backend.llm.chat import CalledTool
from xlam_backend.output_formats import OUTPUT_FORMATS
from xlam_backend.output_formats.answer import Answer as Written
from xlam_backend.output_formats.answer import AnswerTextError

AREA = {
    "name": "math.area",
    "description": "Area of a triangle.",
    "parameters": {"type": "dict", "properties": {"base": {"type": "integer"}}, "required": ["base"]},
}
SAID = ({"role": "user", "content": "What is the area with base 7?"},)
QUESTION = Question("simple_python_0", "simple_python", (SAID,), (AREA,), ({"math.area": {"base": [7]}},))
NONE_HELPS = Question("irrelevance_0", "irrelevance", (SAID,), (AREA,))
CALL = ToolCall("math.area", {"base": 7})
JSON_CALL = '{"name": "math.area", "arguments": {"base": 7}}'


def plan(**given):
    return EvaluationPlan(question_set="q", kept_model="m", **given)


@pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)
def test_an_answer_in_each_output_format_is_right(form):
    read = read_answer(
        form.render(Written("I look.", (CALL,))), plan(asked_as="sections", output_format=form.name)
    )
    assert (read.reading, read.fault) == (OWN_PARSER, "")
    assert score_item(QUESTION, read.output, read.reading).is_valid


@pytest.mark.parametrize(
    "text",
    [
        f"[{JSON_CALL}]",
        f"I look.\n[{JSON_CALL}]",
        f"<tool_call>\n{JSON_CALL}\n</tool_call>",
        f"I look.\n<tool_call>{JSON_CALL}</tool_call>",
        JSON_CALL,
        f'{{"tool_calls": [{JSON_CALL}]}}',
        '[{"name": "math.area", "parameters": {"base": 7}}]',
        '[{"function": {"name": "math.area", "arguments": "{\\"base\\": 7}"}}]',
    ],
)
def test_the_notations_of_chat_templates_are_read(text):
    assert read_template_answer(text) == (CALL,)
    read = read_answer(text, plan())
    assert score_item(QUESTION, read.output, read.reading).is_valid


@pytest.mark.parametrize("text", ["", "None of them can help.", "[]", "See [1] and {x}.", "A list:\n[1, 2]"])
def test_words_are_no_call(text):
    assert read_template_answer(text) == ()
    read = read_answer(text, plan())
    assert read.fault == ""
    assert not score_item(QUESTION, read.output, read.reading).is_valid
    assert score_item(NONE_HELPS, read.output, read.reading).is_valid


@pytest.mark.parametrize(
    "text",
    [
        f"[{JSON_CALL}",
        f"[{JSON_CALL}] and then",
        '[{"name": "math.area"}]',
        '[{"name": 3, "arguments": {}}]',
        "<tool_call>{</tool_call>",
        '[{"name": "f", "arguments": {"a": NaN}}]',
    ],
)
def test_a_call_that_cannot_be_read_is_a_fault_and_never_right(text):
    with pytest.raises(AnswerTextError):
        read_template_answer(text)
    read = read_answer(text, plan())
    assert read.fault
    answers = {"simple_python_0": Answer(item_id="simple_python_0", state="answered", output=text)}
    (item,) = scored_items([QUESTION], answers, plan(), {"simple_python_0": 0})
    assert item.is_valid is False
    assert "cannot be read" in item.decode_error


def test_what_has_no_answer_has_no_verdict():
    lost = Answer(item_id="irrelevance_0", state="not answered", reason="The endpoint did not answer.")
    items = list(
        scored_items(
            [QUESTION, NONE_HELPS],
            {"irrelevance_0": lost},
            plan(),
            {"simple_python_0": 0, "irrelevance_0": 1},
        )
    )
    assert [(item.state, item.is_valid) for item in items] == [("not answered", None)] * 2
    assert [item.reason for item in items] == ["It was not asked.", "The endpoint did not answer."]


def test_calls_through_the_interface_are_read_natively():
    output = native_output("", [CalledTool("math_area", '{"base": 7}')])
    read = read_answer(output, EvaluationPlan(question_set="q", endpoint="e", model="m", mode="native"))
    assert read.reading == NATIVE
    assert score_item(QUESTION, read.output, read.reading).is_valid
    assert native_output("No.", []) == "No."


def test_a_list_of_calls_is_read_by_the_official_decoder():
    read = read_answer("[math.area(base=7)]", EvaluationPlan(question_set="q", endpoint="e", model="m"))
    assert read.reading == PROMPTED
    assert score_item(QUESTION, read.output, read.reading).is_valid


@given(st.text() | st.text("[]{}\"':,nameargumets \n1"))
def test_no_text_breaks_the_reader(text):
    read = read_answer(text, plan())
    verdict = score_item(QUESTION, read.output, read.reading)
    assert not verdict.is_valid or json.loads(json.dumps(verdict.decoded)) == [{"math.area": {"base": 7}}]
