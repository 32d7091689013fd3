"""What is known about a tool: calls, values, faults, names near it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, a_call, a_tool, a_trajectory
from xlam_backend.checks.run import run_checks
from xlam_backend.errors import NotFoundError
from xlam_backend.explore import tool_dossier
from xlam_backend.explore.tool_dossier import (
    MOST_VALUES,
    bin_numbers,
    list_tools,
    open_tool,
    summarise_arguments,
)
from xlam_backend.statistics.intervals import rate
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARKUP = "<script>alert(1)</script> **bold** :red[x]"
HOSTILE_NAMES = [
    MARKUP,
    "",
    "  ",
    "a" * 300 + "1",
    "a" * 300 + "2",
    "bell\x07 tu\u202ern\x00zero",
    "a?b=1&c#d%20/+ö",
]


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "tools", now=NOW)
    yield opened
    opened.close()


def fill(store, *trajectories):
    builder = ChunkBuilder()
    for line, trajectory in enumerate(trajectories, 1):
        builder.add(trajectory, str(line), "made.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset("made"), now=NOW) as ingest:
        ingest.add(builder.build())
    run_checks(store, processes=0, person=A_RESEARCHER, now=NOW)


def weather(number, **arguments):
    return a_trajectory(calls=[a_call(**arguments)], query=f"Weather, question {number}?")


def test_calls_and_wrong_calls_are_counted(store):
    fill(
        store,
        weather(1, city="Oslo"),
        weather(2, city="Oslo", days="2"),
        weather(3, days=2),
        a_trajectory(calls=[a_call(city="Oslo"), a_call(city="Rome", days="3", town="Rome")]),
    )
    dossier = open_tool(store, "get_weather")
    assert dossier.wrong_calls == rate(3, 5)
    assert dossier.read_count == 5
    found = {
        (one.check, one.pointer): (one.call_count, one.trajectory_count) for one in dossier.argument_findings
    }
    assert found["argument_type", "/days"] == (2, 2)
    assert found["undefined_argument", "/town"] == (1, 1)
    assert found["missing_argument", "/city"] == (1, 1)


def test_values_of_each_argument(store):
    fill(
        store,
        *(
            weather(at, city="Oslo" if at % 3 else "Rome", **({"days": at} if at % 2 else {}))
            for at in range(30)
        ),
    )
    city, days = open_tool(store, "get_weather").arguments
    assert (city.name, city.is_declared, city.is_required, city.given) == ("city", True, True, rate(30, 30))
    assert city.values == (('"Oslo"', 20), ('"Rome"', 10))
    assert (city.distinct_count, city.kinds, city.bins) == (2, (("string", 30),), ())
    assert (days.is_required, days.given, days.distinct_count) == (False, rate(15, 30), 15)
    assert sum(count for _, _, count in days.bins) == 15


def test_arguments_nobody_declares_are_shown_as_such(store):
    fill(store, weather(1, city="Oslo", town="Oslo"))
    by_name = {argument.name: argument for argument in open_tool(store, "get_weather").arguments}
    assert [name for name, argument in by_name.items() if not argument.is_declared] == ["town"]


def test_faults_are_apart_from_what_is_read_all_the_same(store):
    tool = a_tool("book", {"day": {"type": "Str", "default": 3}, "other": {"type": "nonsense"}})
    fill(store, a_trajectory(tools=[tool], calls=[a_call("book", day="Monday", other=1)]))
    dossier = open_tool(store, "book")
    assert {fault.level for _, fault in dossier.mendable} == {"fix"}
    assert [fault.check for _, fault in dossier.mendable] == ["type_alias"]
    assert "fix" not in {fault.level for _, fault in dossier.faults}
    assert dossier.faults
    assert {index for index, _ in dossier.faults} == {0}
    assert list_tools(store).lines[0].row.fault_count == len(dossier.faults)


def test_near_names_are_found_nearest_first(store):
    tools = [a_tool(name) for name in ("get_weather", "Get_Weather", "get_weathers", "launch_rocket")]
    fill(store, a_trajectory(tools=tools, calls=[a_call("get_weathers", city="Oslo")]))
    siblings = open_tool(store, "get_weather").siblings
    assert [(sibling.name, sibling.call_count) for sibling in siblings] == [
        ("Get_Weather", 0),
        ("get_weathers", 1),
    ]
    assert siblings[0].similarity == 1


def test_many_calls_are_read_as_an_even_sample(store, monkeypatch):
    monkeypatch.setattr(tool_dossier, "MOST_CALLS_READ", 10)
    fill(store, *(weather(at, city="Oslo", days=at) for at in range(100)))
    dossier = open_tool(store, "get_weather")
    assert (dossier.wrong_calls.total, dossier.read_count) == (100, 10)
    days = next(argument for argument in dossier.arguments if argument.name == "days")
    assert (days.bins or days.values)[0] != (days.bins or days.values)[-1]
    assert days.distinct_count == 10


def test_every_listed_name_opens_whatever_stands_in_it(store):
    fill(
        store,
        *(
            a_trajectory(
                tools=[a_tool(name, {MARKUP: {}})], calls=[a_call(name, **{MARKUP: MARKUP})], query=f"q{at}"
            )
            for at, name in enumerate(HOSTILE_NAMES)
        ),
    )
    lines = list_tools(store).lines
    assert Counter(line.row.name for line in lines) == Counter(HOSTILE_NAMES)
    for line in lines:
        dossier = open_tool(store, line.row.name)
        assert (dossier.name, dossier.wrong_calls.total, len(dossier.schemas)) == (line.row.name, 1, 1)


def test_a_name_that_is_only_called_opens_and_another_does_not(store):
    fill(store, a_trajectory(calls=[a_call("launch_rocket")]))
    assert open_tool(store, "launch_rocket").schemas == ()
    with pytest.raises(NotFoundError, match="nobody"):
        open_tool(store, "nobody")


@pytest.fixture
def unevenly_called(store):
    """Three tools: the first is called most, the second is most wrong, the third has the highest share."""
    calls = [a_call("often", x=1)] * 1
    fill(
        store,
        *(a_trajectory(tools=TOOLS, calls=calls, query=f"often {at}") for at in range(9)),
        *(a_trajectory(tools=TOOLS, calls=[a_call("wrong", x="1")], query=f"wrong {at}") for at in range(4)),
        *(a_trajectory(tools=TOOLS, calls=[a_call("wrong", x=1)], query=f"right {at}") for at in range(2)),
        *(
            a_trajectory(tools=TOOLS, calls=[a_call("Always", x="1")], query=f"always {at}")
            for at in range(2)
        ),
    )
    return store


TOOLS = [
    a_tool(name, {"x": {"type": "integer", "description": "A number."}})
    for name in ("often", "wrong", "Always")
]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("calls", ["often", "wrong", "Always"]),
        ("wrong", ["wrong", "Always", "often"]),
        ("share", ["Always", "wrong", "often"]),
        ("name", ["Always", "often", "wrong"]),
        ("faults", ["often", "wrong", "Always"]),
    ],
)
def test_tools_are_sorted(unevenly_called, sort, names):
    assert [line.row.name for line in list_tools(unevenly_called, sort=sort).lines] == names


def test_tools_are_found_by_a_part_of_their_name_and_paged(unevenly_called):
    assert [line.row.name for line in list_tools(unevenly_called, text="WAY").lines] == ["Always"]
    second = list_tools(unevenly_called, page=2, page_size=2)
    assert ([line.row.name for line in second.lines], second.total) == (["Always"], 3)
    beyond = list_tools(unevenly_called, page=9, page_size=2)
    assert (beyond.page, len(beyond.lines)) == (1, 2)
    assert list_tools(unevenly_called, text="%").total == 0


def test_numbers_no_float_can_hold_are_values_and_no_bins():
    (argument,) = summarise_arguments([{"n": 10**400 + at} for at in range(20)], ())
    assert argument.bins == ()
    assert len(argument.values) == MOST_VALUES
    assert argument.distinct_count == 20


def test_values_that_look_the_same_when_cut_are_counted_apart():
    calls = [{"text": "a" * 5_000 + str(at % 2)} for at in range(6)]
    (argument,) = summarise_arguments(calls, ())
    assert [count for _, count in argument.values] == [3, 3]
    assert all(len(text) < 200 for text, _ in argument.values)


def test_a_value_nested_too_deep_is_still_counted():
    deep = "[" * 900 + "]" * 900
    (argument,) = summarise_arguments([json.loads('{"x": ' + deep + "}")] * 2, ())
    assert (argument.distinct_count, argument.given) == (1, rate(2, 2))


def test_far_numbers_fall_into_the_outer_bins():
    bins = bin_numbers([float(at) for at in range(200)] + [1e12, -1e12], bin_count=10)
    assert sum(count for _, _, count in bins) == 202
    assert (bins[0][0], bins[-1][1]) == (1.0, 198.0)
    assert bin_numbers([float("nan"), float("inf")]) == []
    assert bin_numbers([5.0] * 3) == [(5.0, 5.0, 3)]
