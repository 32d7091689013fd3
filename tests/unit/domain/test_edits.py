"""Edits: each does what its table says, shares what it leaves alone, and refuses what does not fit."""

from __future__ import annotations

import pytest

from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.domain.edits import apply_edits
from xlam_backend.domain.finding import Edit
from xlam_backend.domain.trajectory import Observation, Step, ToolCall
from xlam_backend.errors import FixRefusedError


def an_edit(target, op, pointer="", value=None, **place):
    where = {"tool": place.get("tool", 0)} if target == "tool" else {"step": 0, "call": place.get("call", 0)}
    return Edit(target, op, pointer=pointer, value=value, **where)


def arguments_after(arguments, *edits):
    after = apply_edits(a_trajectory([ToolCall("get_weather", arguments)]), edits)
    return after.steps[0].tool_calls[0].arguments


def test_an_argument_is_set_deep_inside():
    before = {"filters": [{"days": "3"}, {"days": "4"}], "city": "Oslo"}
    after = arguments_after(before, an_edit("argument", "set", "/filters/1/days", 4))
    assert after == {"filters": [{"days": "3"}, {"days": 4}], "city": "Oslo"}
    assert before["filters"][1] == {"days": "4"}
    assert after["filters"][0] is before["filters"][0]


def test_an_argument_keeps_its_place_when_renamed():
    after = arguments_after({"town": "Oslo", "days": 2}, an_edit("argument", "rename", "/town", "city"))
    assert list(after.items()) == [("city", "Oslo"), ("days", 2)]


def test_an_argument_is_removed_from_an_object_and_from_a_list():
    edits = [an_edit("argument", "remove", "/a"), an_edit("argument", "remove", "/b/0")]
    assert arguments_after({"a": 1, "b": [1, 2]}, *edits) == {"b": [2]}


def test_keys_with_slashes_and_tildes_are_found():
    assert arguments_after({"a/b~c": 1}, an_edit("argument", "set", "/a~1b~0c", 2)) == {"a/b~c": 2}


def test_edits_are_about_the_trajectory_given_whatever_their_order():
    edits = [
        an_edit("argument", "remove", "/list/0"),
        an_edit("argument", "remove", "/list/1"),
        an_edit("argument", "rename", "/list", "items"),
        an_edit("argument", "set", "/list/2", "c"),
    ]
    for ordered in (edits, edits[::-1]):
        assert arguments_after({"list": [0, 1, 2]}, *ordered) == {"items": ["c"]}


def test_the_same_edit_twice_is_made_once():
    edit = an_edit("argument", "rename", "/town", "city")
    assert arguments_after({"town": "Oslo"}, edit, edit) == {"city": "Oslo"}


def test_a_renamed_call_takes_its_observation_along():
    step = Step(
        tool_calls=(ToolCall("get_wether", call_id="a"), ToolCall("get_wether", call_id="b")),
        observations=(Observation("rain", "a", "get_wether"), Observation("sun", "b", "get_wether")),
    )
    after = apply_edits(a_trajectory(steps=[step]), [an_edit("call", "rename", value="get_weather")]).steps[0]
    assert [call.name for call in after.tool_calls] == ["get_weather", "get_wether"]
    assert [seen.name for seen in after.observations] == ["get_weather", "get_wether"]


def test_a_removed_call_takes_its_observation_along():
    step = Step(
        tool_calls=(ToolCall("a", call_id="1"), ToolCall("b", call_id="2")),
        observations=(Observation("x", "1"), Observation("y", "2")),
    )
    after = apply_edits(a_trajectory(steps=[step]), [an_edit("call", "remove")]).steps[0]
    assert [call.name for call in after.tool_calls] == ["b"]
    assert [seen.content for seen in after.observations] == ["y"]


def test_a_renamed_tool_takes_every_call_along():
    before = a_trajectory(
        tools=[a_tool("shelf finder"), a_tool("other")],
        steps=[a_step(a_call("shelf finder", city="Oslo")), a_step(a_call("other", city="Rome"))],
    )
    after = apply_edits(before, [an_edit("tool", "rename", value="shelf_finder")])
    assert [tool.name for tool in after.tools] == ["shelf_finder", "other"]
    assert [step.tool_calls[0].name for step in after.steps] == ["shelf_finder", "other"]


def test_a_tool_is_changed_and_a_second_listing_removed():
    before = a_trajectory(tools=[a_tool(), a_tool()])
    edits = [an_edit("tool", "remove", tool=1), an_edit("tool", "set", "/days/type", "int")]
    (tool,) = apply_edits(before, edits).tools
    assert tool.parameters["days"]["type"] == "int"
    assert before.tools[0].parameters["days"]["type"] == "integer"


@pytest.mark.parametrize(
    "edit",
    [
        an_edit("argument", "set", "/nowhere", 1),
        an_edit("argument", "set", "/city/0", 1),
        an_edit("argument", "set", "", {}),
        an_edit("argument", "rename", "/city", "days"),
        an_edit("argument", "rename", "/city", ""),
        an_edit("call", "rename", value="x", call=7),
        an_edit("tool", "rename", value="get_tides"),
        an_edit("tool", "remove", tool=9),
        an_edit("tool", "remove", tool=-1),
    ],
    ids=lambda edit: f"{edit.target}-{edit.op}-{edit.pointer or edit.value}",
)
def test_what_does_not_fit_is_refused(edit):
    before = a_trajectory([a_call(city="Oslo", days=2)], [a_tool(), a_tool("get_tides")])
    with pytest.raises(FixRefusedError):
        apply_edits(before, [edit])


def test_of_two_tools_with_one_name_none_is_renamed():
    with pytest.raises(FixRefusedError, match="two tools"):
        apply_edits(a_trajectory(tools=[a_tool(), a_tool()]), [an_edit("tool", "rename", value="x")])


def test_a_call_is_set_whole_and_what_came_back_follows_its_name():
    call = ToolCall("get_wether", {"town": "Oslo"}, "c-1")
    seen = Observation("rain", "c-1", "get_wether")
    before = a_trajectory(steps=[Step(tool_calls=(call,), observations=(seen,))])
    value = {"name": "get_weather", "arguments": {"city": "Oslo"}}
    (step,) = apply_edits(before, [Edit("call", "set", 0, 0, value=value)]).steps
    assert step.tool_calls == (ToolCall("get_weather", {"city": "Oslo"}, "c-1"),)
    assert step.observations == (Observation("rain", "c-1", "get_weather"),)


def test_calls_past_the_last_are_added_in_their_order():
    before = a_trajectory([a_call(city="Oslo")])
    edits = [
        Edit("call", "set", 0, place, value={"name": "get_weather", "arguments": {"city": name}})
        for place, name in ((2, "Rome"), (1, "Bern"))
    ]
    (step,) = apply_edits(before, edits).steps
    assert [call.arguments["city"] for call in step.tool_calls] == ["Oslo", "Bern", "Rome"]


def test_an_unreadable_call_becomes_readable():
    before = a_trajectory([ToolCall("get_weather", {}, unreadable="{city")])
    value = {"name": "get_weather", "arguments": {"city": "Oslo"}}
    (step,) = apply_edits(before, [Edit("call", "set", 0, 0, value=value)]).steps
    assert step.tool_calls == (a_call(city="Oslo"),)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit("call", "set", 0, 2, value={"name": "f"}), "has no call 3"),
        (Edit("call", "set", 9, 0, value={"name": "f"}), "has no call 1"),
        (Edit("call", "set", 0, 0, value={"name": ""}), "a call has a name"),
        (Edit("call", "set", 0, 0, value={"name": "f", "arguments": []}), "that are an object"),
        (Edit("call", "set", 0, 0, value={"name": "f", "id": 1}), "a name and arguments"),
        (Edit("call", "set", 0, 0, value=None), "a name and arguments"),
    ],
)
def test_a_call_is_not_set_to_something_else(edit, words):
    with pytest.raises(FixRefusedError, match=words):
        apply_edits(a_trajectory([a_call(city="Oslo")]), [edit])
