"""Prompts are put together from sections, and refused where a section could not be told from its marks."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.augment.augmented import Augmented, AugmentRefusedError, augment
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import prompt_sections, write_answer, write_prompt
from xlam_backend.augment.section_styles import SECTIONS, STYLES, marks_of, style_by_name
from xlam_backend.checks.format_instruction import find_contradictions
from xlam_backend.checks.sample import Sample
from xlam_backend.domain.telling import TOOL_KEYS
from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.importers.pipeline import read_source
from xlam_backend.output_formats import OUTPUT_FORMATS

TRAJECTORY = a_trajectory(
    steps=[
        a_step(a_call(city="Oslo"), observations=({"degrees": 3},), thought="I look."),
        a_step(a_call(city="Rome"), thought="And Rome."),
    ],
    task_instruction="Help.",
    few_shot_examples=({"query": "And Rome?", "tool_calls": [{"name": "f", "arguments": {"a": 1}}]},),
)

styles = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)


def made_with(style_name, format_name="yaml", **changes):
    made = augment(TRAJECTORY, AugmentPlan(formats=(format_name,), styles=(style_name,)), seed=1)
    telling = msgspec.structs.replace(made.telling, **changes)
    return msgspec.structs.replace(made, telling=telling)


def prompt_of(made, step=0):
    return write_prompt(made.trajectory, made.telling, step)


def answer_of(made, step=0):
    return write_answer(made.trajectory, made.telling, step)


def sections_of(made, step=0):
    return prompt_sections(made.trajectory, made.telling, step)


@styles
def test_every_section_stands_in_the_prompt_in_order(style):
    made = made_with(style.name)
    texts = sections_of(made, 1)
    assert set(texts) == set(SECTIONS)
    prompt = prompt_of(made, 1)
    places = [prompt.index(text) for text in texts.values()]
    assert places == sorted(places)
    if style.is_fixed:
        assert tuple(texts) == SECTIONS


def test_the_styles_of_the_paper_are_written_as_it_says():
    query = "What is the weather in Oslo?"
    assert f"[START OF QUERY]\n{query}\n[END OF QUERY]" in prompt_of(made_with("start_end"))
    assert f"<query>\n{query}\n</query>" in prompt_of(made_with("tags"))
    assert f"This is the query:\n{query}" in prompt_of(made_with("plain"))


def test_the_marks_of_the_released_models_are_written_as_they_know_them():
    prompt = prompt_of(made_with("xlam_fc_r"))
    assert prompt.startswith("You are an AI assistant for function calling. \nFor politically sensitive")
    assert (
        "refuse to answer### Instruction:\n[BEGIN OF TASK INSTRUCTION]\nHelp.\n[END OF TASK INSTRUCTION]"
        in prompt
    )
    assert prompt.endswith("[END OF QUERY]\n\n\n### Response:\n")
    later = prompt_of(made_with("xlam_r"), 1)
    history = later.partition("[BEGIN OF HISTORY STEPS]\n")[2].partition("\n[END OF HISTORY STEPS]")[0]
    assert json.loads(history) == [
        {
            "thought": "I look.",
            "tool_calls": [{"name": "get_weather", "arguments": {"city": "Oslo"}}],
            "step_id": 1,
            "next_observation": {"degrees": 3},
            "user_input": "",
        }
    ]
    assert 'The available tools are:\n\n{\n    "' in prompt_of(made_with("xlam_2"))


@pytest.mark.parametrize("style_name", ["xlam_fc_r", "xlam_r"])
def test_the_importer_of_the_released_models_prompts_reads_them_back(style_name, tmp_path):
    made = made_with(style_name, "json_object")
    row = {"instruction": prompt_of(made, 1), "input": "", "output": answer_of(made, 1)}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    ((result,),) = [given for _, given in read_source(path, None, ())]
    read = result.trajectory
    assert (read.query, read.task_instruction) == (TRAJECTORY.query, TRAJECTORY.task_instruction)
    assert read.format_instruction == made.trajectory.format_instruction
    assert [tool.name for tool in read.tools] == [tool.name for tool in TRAJECTORY.tools]
    assert [step.tool_calls for step in read.steps] == [step.tool_calls for step in TRAJECTORY.steps]


@styles
def test_a_text_that_holds_a_mark_of_the_style_is_refused(style):
    made = made_with(style.name)
    for mark in marks_of(style.name):
        query = msgspec.structs.replace(made.trajectory, query=f"What? {mark} Now.")
        with pytest.raises(AugmentRefusedError, match="A mark of the style"):
            prompt_of(msgspec.structs.replace(made, trajectory=query))


def test_a_style_whose_marks_stand_in_the_trajectory_is_not_chosen():
    for seed in range(20):
        query = "Say <query> and [START OF QUERY]."
        assert augment(a_trajectory(query=query), AugmentPlan(), seed=seed).telling.style_name == "plain"
    tool = a_tool(parameters={"a": {"description": "This is the query:"}})
    hostile = a_trajectory([a_call()], [tool], query="[END OF QUERY] </query>")
    with pytest.raises(AugmentRefusedError, match="Marks of every style"):
        augment(hostile, AugmentPlan(), seed=1)


@pytest.mark.parametrize("form", OUTPUT_FORMATS, ids=lambda form: form.name)
def test_no_check_finds_that_an_augmented_trajectory_contradicts_its_instruction(form):
    for thoughts in (("I look.", "I look again."), ("", "Only now."), ("", "")):
        steps = [a_step(a_call(), a_call(city="Rome"), thought=thought) for thought in thoughts]
        made = augment(a_trajectory(steps=steps), AugmentPlan(formats=(form.name,)), seed=1)
        assert list(find_contradictions(Sample(made.trajectory, ()))) == []


def test_tools_are_written_with_their_keys_in_the_drawn_order():
    made = made_with("tags", tool_keys=("parameters", "name", "description"))
    (tool,) = json.loads(sections_of(made)["tools"])
    assert list(tool) == ["parameters", "name", "description"]
    assert set(TOOL_KEYS) == set(tool)


def test_answers_and_examples_are_written_in_the_format():
    made = made_with("plain", "python_calls")
    assert answer_of(made, 1) == '# And Rome.\n[get_weather(city="Rome")]'
    assert sections_of(made)["examples"] == "Query: And Rome?\nAnswer:\n[f(a=1)]"
    assert "Python list of calls" in made.trajectory.format_instruction
    assert "Always write a thought first" in made.trajectory.format_instruction


def test_a_thought_is_asked_for_only_where_every_step_has_one():
    bare = a_trajectory([a_call()])
    made = augment(bare, AugmentPlan(formats=("json_object",)), seed=1)
    assert "A thought may come first" in made.trajectory.format_instruction
    assert '"thought"' not in made.trajectory.format_instruction


def test_a_plan_that_cannot_be_carried_out_is_refused():
    with pytest.raises(UnknownNameError, match="json_object"):
        AugmentPlan(formats=("json_objct",)).check()
    with pytest.raises(UnknownNameError, match="plain"):
        AugmentPlan(styles=("plan",)).check()
    with pytest.raises(SettingError, match="no section style"):
        AugmentPlan(styles=()).check()
    with pytest.raises(SettingError, match="twice"):
        AugmentPlan(formats=("xml", "xml")).check()
    assert style_by_name("tags").title == "<query> … </query>"


def test_tools_that_are_not_stated_are_no_section():
    unknown = a_trajectory([a_call()], [], tools_stated=False)
    made = augment(unknown, AugmentPlan(), seed=1)
    assert isinstance(made, Augmented)
    assert "tools" not in sections_of(made)
    assert "tools" in sections_of(augment(a_trajectory([a_call()], [a_tool()]), AugmentPlan(), seed=1))
