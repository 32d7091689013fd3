"""Evidence: where a value comes from, by which rule, and the exact place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_call, a_step, a_tool, a_trajectory
from tests.properties import strategies
from xlam_backend.domain.evidence import evidence_of_call, find_evidence, leaves, texts_before
from xlam_backend.domain.json_pointer import value_at
from xlam_backend.domain.said_text import SaidText
from xlam_backend.domain.tool_schema import read_schema
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.domain.value_match import match_value


def found_in(text, value):
    """The rule a value is found by in a text, and the words it is found at; ("", "") when it is not."""
    match = match_value(value, SaidText(text))
    return ("", "") if match is None else (match.rule, text[match.start : match.end])


@pytest.mark.parametrize(
    ("text", "value", "rule", "words"),
    [
        ("Weather in Oslo?", "Oslo", "exact", "Oslo"),
        ("Weather in oslo?", "Oslo", "case", "oslo"),
        ("Call +1 (555) 010-99 now", "155501099", "spelling", "1 (555) 010-99"),
        ("Take 1,200 of them", 1200, "number", "1,200"),
        ("Take twenty-five of them", 25, "number", "twenty-five"),
        ("Two hundred and five people", 205, "number", "Two hundred and five"),
        ("The factorial of 5,10", 10, "number", "5,10"),
        ("Half of it", 0.5, "number", "Half"),
        ("It costs $2.5k", 2500, "number", "2.5k"),
        ("At 5% interest", 0.05, "unit", "5%"),
        ("It is 3 km away", 3000, "unit", "3"),
        ("Minus three degrees", -3, "number", "Minus three"),
        ("On March 5th, 2024", "2024-03-05", "date", "March 5th, 2024"),
        ("On the 5th of March", "2024-03-05", "date", "5th of March"),
        ("On 03/05/2024", "2024-03-05", "date", "03/05/2024"),
        ("In May 2023", "2023-05-01", "date", "May 2023"),
        ("Book it for tomorrow", "2024-03-06", "relative date", "tomorrow"),
        ("At 6:30 pm", "18:30", "time", "6:30 pm"),
        ("From noon on", "12:00", "time", "noon"),
        ("A flight to New York", "NY", "short name", "New York"),
        ("The price in euros", "EUR", "short name", "euros"),
        ("Ask the World Health Organization", "WHO", "words", "World Health Organization"),
        ("Investing in green energy", "green energy investment", "words", "Investing in green energy"),
    ],
)
def test_a_value_is_found_by_the_strictest_rule(text, value, rule, words):
    assert found_in(text, value) == (rule, words)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Weather in Oslo?", "Bergen"),
        ("Take 1,200 of them", 1201),
        ("Take 12 of them", 1),
        ("Take 12 of them", 1200),
        ("On March 5th, 2024", "2024-03-06"),
        ("On March 5th, 2024", "2023-03-05"),
        ("In 2024", "2024-03-05"),
        ("The 10 best hotels", "2021-10-10"),
        ("Smart people", "art"),
        ("Are you now working?", "2024-03-05"),
        ("Anything", True),
        ("Anything", None),
    ],
)
def test_what_was_not_said_is_not_found(text, value):
    assert found_in(text, value) == ("", "")


def evidence_for(trajectory, step=0):
    tools = {tool.name: read_schema(tool) for tool in trajectory.tools}
    call = trajectory.steps[step].tool_calls[0]
    return evidence_of_call(call, tools.get(call.name), texts_before(trajectory, step))


def test_the_place_of_each_value_is_named():
    step = a_step(
        a_call("find", name="Ada"), observations=({"users": [{"mail": "ada@x.org"}]},), user_input="ok"
    )
    trajectory = a_trajectory(
        steps=[step, a_step(a_call("send", to=["ada@x.org"], note="ok"))], tools=[], query="Write to Ada."
    )
    first, second = evidence_for(trajectory), evidence_for(trajectory, 1)
    query = first["/name"]
    assert (query.source, trajectory.query[query.start : query.end]) == ("query", "Ada")
    seen = second["/to/0"]
    assert (seen.source, seen.step, seen.observation, seen.pointer) == ("observation", 0, 0, "/users/0/mail")
    assert (second["/note"].source, second["/note"].step) == ("user", 0)


def test_only_what_stood_before_the_call_supports_it():
    steps = [a_step(a_call(city="Lima"), observations=("Lima is warm",), user_input="Lima")]
    assert not evidence_for(a_trajectory(steps=steps, query="Where is it warm?"))["/city"].is_grounded


def test_the_tool_speaks_last():
    parameters = {
        "unit": {"type": "string", "enum": ["metric", "imperial"]},
        "days": {"type": "integer", "default": 3},
        "style": {"type": "string", "description": "Such as 'brief'."},
        "city": {"type": "string"},
    }
    call = a_call(unit="metric", days=3, style="brief", city="metric")
    found = evidence_for(a_trajectory([call], [a_tool(parameters=parameters)], query="Weather?"))
    sources = {pointer: evidence.source for pointer, evidence in found.items()}
    assert sources == {"/unit": "enum", "/days": "default", "/style": "tool", "/city": "nothing"}


def test_the_request_comes_before_the_instruction_and_an_exact_place_before_a_near_one():
    trajectory = a_trajectory(
        [a_call(city="Oslo")], query="weather in oslo", task_instruction="Answer for Oslo only."
    )
    assert evidence_for(trajectory)["/city"].source == "instruction"


@given(strategies.texts.filter(lambda text: text.strip()), strategies.texts, strategies.texts)
def test_what_stands_alone_in_a_text_is_always_found(value, before, after):
    text = f"{before} {value} {after}"
    match = match_value(value, SaidText(text))
    assert match is not None
    assert 0 <= match.start < match.end <= len(text)


@given(strategies.broken_texts | strategies.texts, strategies.scalars)
def test_no_text_and_no_value_breaks_the_search(text, value):
    match = match_value(value, SaidText(text))
    assert match is None or 0 <= match.start <= match.end <= len(text)


@given(st.integers(-(10**12), 10**12), strategies.texts)
def test_a_number_written_in_digits_is_found(number, text):
    assert match_value(number, SaidText(f"{text} : {number:,} ;")) is not None


@given(strategies.json_values)
def test_leaves_are_places_of_the_value(value):
    for pointer, leaf in leaves(value):
        assert value_at(value, pointer) == leaf


@given(strategies.json_values, strategies.trajectories)
def test_every_leaf_of_a_call_has_evidence(value, trajectory):
    call = ToolCall("x", {"argument": value})
    steps = (*trajectory.steps, a_step(call))
    asked = Trajectory(trajectory.query, trajectory.tools, steps)
    found = evidence_of_call(call, None, texts_before(asked, len(steps) - 1))
    assert set(found) == {pointer for pointer, _ in leaves(value, ("argument",))}


def test_a_long_hostile_text_is_searched_in_a_moment():
    said = SaidText("one" + " " * 100_000 + "-" * 50_000 + "1" * 5_000 + "a." * 40_000)
    assert (
        find_evidence("Bergen", texts_before(a_trajectory(query=said.text), 0), None, None).source
        == "nothing"
    )


@pytest.mark.parametrize("text", ["1" * 300_000, "12:" * 100_000, "[" * 300_000, "2024-01-" * 40_000])
def test_a_value_that_stands_everywhere_inside_others_ends_the_search(text):
    assert not find_evidence("1" * 90, texts_before(a_trajectory(query=text), 0), None, None).is_grounded
