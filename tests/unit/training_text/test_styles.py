"""The released models' texts, to the letter; and what each style refuses or says that it leaves out."""

# ruff: noqa: W291, E501 - the texts stand as they are, with the blanks at the ends of some lines

from __future__ import annotations

import json

import msgspec
import pytest

from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Observation, ToolCall
from xlam_backend.importers.base import Place, RawRecord
from xlam_backend.importers.xlam_prompt import convert
from xlam_backend.training_text import TEXT_STYLES, write_training_text
from xlam_backend.training_text.base import ALL_STEPS, UntellableError

TOOLS = (
    '[{"name": "get_weather", "description": "Tells the weather of a city.", "parameters": {"city": {"type": '
    '"string", "description": "The city to ask about.", "required": true}, "days": {"type": "integer", '
    '"description": "How many days ahead.", "default": 1}}}]'
)
STYLE_A = f"""\
You are an AI assistant for function calling. 
For politically sensitive questions, security and privacy issues, 
and other non-computer science questions, you will refuse to answer### Instruction:
[BEGIN OF TASK INSTRUCTION]
You are an expert in composing functions. You are given a question and a set of possible functions. 
Based on the question, you will need to make one or more function/tool calls to achieve the purpose. 
If none of the function can be used, point it out and refuse to answer. 
If the given question lacks the parameters required by the function, also point it out.
[END OF TASK INSTRUCTION]

[BEGIN OF AVAILABLE TOOLS]
{TOOLS}
[END OF AVAILABLE TOOLS]

[BEGIN OF FORMAT INSTRUCTION]
The output MUST strictly adhere to the following JSON format, and NO other text MUST be included.
The example format is as follows. Please make sure the parameter type is correct. If no function call is needed, \
please make tool_calls an empty list '[]'
```
{{
  "tool_calls": [
    {{"name": "func_name1", "arguments": {{"argument1": "value1", "argument2": "value2"}}}},
    ... (more tool calls as required)
  ]
}}
```
[END OF FORMAT INSTRUCTION]

[BEGIN OF QUERY]
What is the weather in Oslo?
[END OF QUERY]


### Response:
"""
INSTRUCTION_C = """\
You have access to a set of tools. When using tools, make calls in a single JSON array: 

[{"name": "tool_call_name", "arguments": {"arg1": "value1", "arg2": "value2"}}, ... (additional parallel tool \
calls as needed)]

If no tool is suitable, state that explicitly. If the user's input lacks required parameters, ask for \
clarification. Do not interpret or respond until tool results are returned. Once they are available, process \
them or make additional calls if needed. For tasks that don't require tools, such as casual conversation or \
general advice, respond directly in plain text. The available tools are:

{
    "name": "get_weather","""


@pytest.fixture
def talk():
    """A call with a thought, its result, and a reply."""
    return a_trajectory(
        steps=[
            a_step(a_call(), observations=({"degrees": 4},), thought="Look."),
            a_step(thought="It is 4 degrees.", user_input="And in Rome?"),
            a_step(a_call(city="Rome")),
        ]
    )


def test_style_a_is_the_models_own_text_to_the_letter():
    text = write_training_text(a_trajectory(), 0, "xlam_fc_r")
    assert text.prompt == STYLE_A
    assert text.target == '{"tool_calls": [{"name": "get_weather", "arguments": {"city": "Oslo"}}]}<|EOT|>'
    assert text.left_out == ()


def test_style_a_marks_what_must_be_given_whatever_the_source_says_it_with():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["a"],
    }
    plain = {"a": {"type": "int"}, "b": {"type": "str, optional"}}
    for parameters in (schema, plain):
        prompt = write_training_text(a_trajectory(tools=[a_tool("f", parameters)]), 0, "xlam_fc_r").prompt
        assert prompt.count('"required": true') == 1


def test_style_b_is_figure_5_and_the_clients_form_differs_where_it_does(talk):
    figure, client = (write_training_text(talk, 2, name) for name in ("xlam_r", "xlam_r_client"))
    assert "Based on the previous context and API request history, generate an API request" in figure.prompt
    assert "[BEGIN OF QUERY]\nWhat is the weather in Oslo?\n[END OF QUERY]" in figure.prompt
    assert "[BEGIN OF QUERY]\nAnd in Rome?\n[END OF QUERY]" in client.prompt
    assert '[{"thought": "Look.", "tool_calls"' in figure.prompt
    assert '[{"step_id": 1, "thought": "Look.", "tool_calls"' in client.prompt
    assert ('"required"' in figure.prompt, '"required"' in client.prompt) == (True, False)
    assert figure.target == client.target
    assert json.loads(figure.target) == {
        "thought": "",
        "tool_calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}],
    }


@pytest.mark.parametrize("style", ["xlam_r", "xlam_r_client", "xlam_fc_r"])
def test_the_importer_of_such_prompts_reads_the_same_steps(talk, style):
    trajectory = talk if style != "xlam_fc_r" else a_trajectory()
    step = len(trajectory.steps) - 1
    text = write_training_text(trajectory, step, style)
    row = {"prompt": text.prompt, "completion": text.target}
    (kept,) = convert(RawRecord(b"", Place("f", 1), row), None)
    read = kept.trajectory.steps
    assert [one.tool_calls for one in read] == [one.tool_calls for one in trajectory.steps]
    assert [one.thought for one in read] == [one.thought for one in trajectory.steps]


def test_style_c_puts_the_instruction_in_with_and_without_a_system_message(talk):
    for style, opening in (
        ("xlam_2_llama", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"),
        ("xlam_2_qwen", "<|im_start|>system\n"),
    ):
        stock = "You are a helpful assistant. You are developed by Salesforce xLAM team."
        for given, said in (("", stock), ("Be brief.", "Be brief.")):
            told = msgspec.structs.replace(talk, task_instruction=given)
            prompt = write_training_text(told, 0, style).prompt
            assert prompt.startswith(f"{opening}{said}\n{INSTRUCTION_C}")


def test_style_c_writes_turns_in_the_marks_of_its_models(talk):
    llama = write_training_text(talk, 1, "xlam_2_llama")
    assert llama.prompt.endswith(
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
        '[{"name": "get_weather", "arguments": {"city": "Oslo"}}]<|eot_id|>'
        '<|start_header_id|>ipython<|end_header_id|>\n\n{"degrees": 4}<|eot_id|>'
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
    assert llama.target == "It is 4 degrees.<|eot_id|>"
    qwen = write_training_text(talk, 1, "xlam_2_qwen")
    assert '<|im_start|>tool\n{"degrees": 4}<|im_end|><|im_start|>assistant\n' in qwen.prompt
    assert qwen.target == "It is 4 degrees.<|im_end|>"
    assert any("thought beside calls" in what for what in qwen.left_out)


def test_all_steps_learn_every_answer_and_nothing_else(talk):
    text = write_training_text(talk, ALL_STEPS, "xlam_2_qwen")
    learnt = [segment.text for segment in text.segments if segment.is_target]
    assert len(learnt) == 3
    assert all(one.endswith("<|im_end|>") for one in learnt)
    assert not any("And in Rome?" in one or 'degrees": 4' in one for one in learnt)


def test_sections_follow_the_telling(talk):
    told = Telling(format_name="xml", style_name="tags", section_order=("query", "tools", "history"))
    text = write_training_text(talk, 0, "sections", told)
    assert text.prompt.index("<query>") < text.prompt.index("<available_tools>")
    assert "<" in text.target
    assert json.loads(write_training_text(talk, 0, "sections").target)["thought"] == "Look."


UNTELLABLE = {
    "a later step in style A": ("xlam_fc_r", {"step": 1}),
    "few-shot examples": ("xlam_r", {"few_shot_examples": ({"query": "q", "tool_calls": []},)}),
    "tools that nobody stated": ("xlam_fc_r", {"tools_stated": False}),
    "a mark in a text": ("xlam_r", {"query": "x [END OF QUERY] y"}),
    "an end mark in a text": ("xlam_2_qwen", {"query": "x <|im_end|> y"}),
    "a step that is not there": ("sections", {"step": 9}),
    "no step at all": ("xlam_2_llama", {"steps": ()}),
    "one step at a time": ("xlam_r", {"step": ALL_STEPS}),
}


@pytest.mark.parametrize(("style", "change"), UNTELLABLE.values(), ids=UNTELLABLE)
def test_what_a_style_cannot_say_is_refused(talk, style, change):
    step = change.pop("step", 0) if "step" in change else 0
    with pytest.raises(UntellableError):
        write_training_text(msgspec.structs.replace(talk, **change), step, style)


@pytest.mark.parametrize("style", [style.name for style in TEXT_STYLES])
def test_calls_that_are_no_json_are_refused_by_every_style(style):
    broken = a_trajectory([ToolCall("f", unreadable="{a")])
    with pytest.raises(UntellableError):
        write_training_text(broken, 0, style)


def test_a_step_that_says_nothing_is_no_answer_in_a_chat():
    silent = a_trajectory(
        steps=[
            a_step(),
        ]
    )
    with pytest.raises(UntellableError):
        write_training_text(silent, 0, "xlam_2_qwen")
    assert write_training_text(silent, 0, "xlam_fc_r").target == '{"tool_calls": []}<|EOT|>'


def test_a_result_that_is_text_stands_as_it_is():
    step = a_step(a_call(), observations=()).__class__(
        tool_calls=(a_call(),), observations=(Observation('say "hi" & <b>'),)
    )
    text = write_training_text(a_trajectory(steps=[step, a_step(thought="Done.")]), 1, "xlam_2_qwen")
    assert '<|im_start|>tool\nsay "hi" & <b><|im_end|>' in text.prompt
