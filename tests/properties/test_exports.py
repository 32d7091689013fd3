"""Every export format on any trajectory: held whole or refused with a reason; read back, it is equal."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.strategies import (
    json_objects,
    json_values,
    observations,
    texts,
    trajectories,
    tuples,
)
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import is_json_schema
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.exports import EXPORT_FORMATS, export_format_by_name
from xlam_backend.exports.base import ExportSettings
from xlam_backend.formats.chat import observation_text
from xlam_backend.formats.tool_forms import as_json_schema
from xlam_backend.importers import by_name
from xlam_backend.importers.base import Kept, Place, RawRecord

# Each example looks at several formats, and records are large.
FEW = settings(max_examples=40)
FORMATS = [form for form in EXPORT_FORMATS if form.subject == "trajectory" and not form.needs_tokenizer]
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
CALLS = st.builds(ToolCall, name=NAMES, arguments=json_objects(json_values))
PARAMETERS = st.dictionaries(
    texts, st.fixed_dictionaries({"type": st.sampled_from(["str", "int, optional", "List[int]"])}), max_size=3
) | st.builds(
    lambda names: {
        "type": "object",
        "properties": {name: {"type": "string", "description": name} for name in names},
        "required": names[:1],
    },
    st.lists(texts, max_size=3, unique=True),
)
TOOLS = st.builds(Tool, name=NAMES, description=texts, parameters=PARAMETERS)


def one_each(calls):
    """Results for calls, one for each."""
    return st.tuples(*(observations for _ in calls)).map(
        lambda seen: tuple(Observation(one.content) for one in seen)
    )


CALLING = (
    st.lists(CALLS, min_size=1, max_size=2)
    .map(tuple)
    .flatmap(lambda calls: st.builds(Step, texts, st.just(calls), one_each(calls), st.just("")))
)
REPLYING = st.builds(Step, thought=words, user_input=words)
LAST = st.builds(Step, thought=words)


@st.composite
def talks(draw):
    """Trajectories as most chats are: requests, calls with a result each, a reply at the end."""
    steps = draw(st.lists(CALLING | REPLYING, max_size=3))
    return Trajectory(
        query=draw(words),
        tools=draw(tuples(TOOLS)),
        steps=(*steps, draw(LAST)),
        task_instruction=draw(texts),
        extra=draw(json_objects(json_values)),
    )


@st.composite
def single_calls(draw):
    """Trajectories as those of the 60k set."""
    calls = draw(tuples(CALLS))
    return Trajectory(query=draw(texts), tools=draw(tuples(TOOLS)), steps=(Step(tool_calls=calls),))


def row_of(trajectory):
    return TrainingRow("row-1", trajectory, None, "", "d", "", "", ())


def rendered(name, trajectory):
    """What a format makes of a trajectory: its record as in the file, or None when it is refused."""
    (made,) = export_format_by_name(name).render_all([row_of(trajectory)], ExportSettings())
    assert bool(made.records) != bool(made.refused)
    return json.loads(msgspec.json.encode(made.records[0])) if made.records else None


def read_back(name, record):
    importer = by_name(export_format_by_name(name).importer)
    (kept,) = importer.convert(RawRecord(b"", Place("f", 1), record), None)
    assert isinstance(kept, Kept), kept
    return kept


@FEW
@given(trajectory=trajectories)
def test_whatever_it_is_given_a_format_writes_it_or_says_why_not(trajectory):
    for form in FORMATS:
        (made,) = form.render_all([row_of(trajectory)], ExportSettings())
        assert made.records or made.refused
        assert all(one.row_id == "row-1" and one.reason for one in made.refused)
        for record in made.records:
            assert msgspec.json.decode(msgspec.json.encode(record)) is not None


@pytest.mark.parametrize("name", ["unified_1", "unified_2"])
@FEW
@given(trajectory=trajectories)
def test_unified_comes_back_equal(name, trajectory):
    if not trajectory.query and not trajectory.steps:
        return  # nothing was asked and nothing done: importers refuse such a record
    kept = read_back(name, rendered(name, trajectory))
    assert kept.source_id == "row-1"
    assert kept.trajectory == trajectory


def as_chats_hold_it(trajectory, *, with_names=True, with_ids=True):
    """The trajectory without what chats leave out and say that they leave out."""
    steps = [
        Step(
            step.thought,
            tuple(ToolCall(c.name, c.arguments, c.call_id if with_ids else "") for c in step.tool_calls),
            tuple(
                Observation(
                    observation_text(o.content), o.call_id if with_ids else "", o.name if with_names else ""
                )
                for o in step.observations
            ),
            step.user_input,
        )
        for step in trajectory.steps
    ]
    return Trajectory(
        trajectory.query,
        tuple(Tool(tool.name, tool.description, as_json_schema(tool)) for tool in trajectory.tools),
        tuple(steps),
        trajectory.task_instruction,
        tools_stated=trajectory.tools_stated,
    )


@FEW
@given(trajectory=talks() | trajectories)
def test_trl_comes_back_equal(trajectory):
    record = rendered("trl_sft", trajectory)
    if record is not None:
        assert read_back("trl_sft", record).trajectory == as_chats_hold_it(trajectory)


@FEW
@given(trajectory=talks())
def test_most_talks_are_held_by_every_chat(trajectory):
    assert rendered("trl_sft", trajectory) is not None
    assert rendered("openai_fine_tuning", trajectory) is not None


@FEW
@given(trajectory=talks() | trajectories)
def test_openai_comes_back_equal(trajectory):
    record = rendered("openai_fine_tuning", trajectory)
    if record is None:
        return
    for message in record["messages"]:
        assert all(isinstance(call["function"]["arguments"], str) for call in message.get("tool_calls", ()))
    read = read_back("openai_fine_tuning", record).trajectory
    wanted = as_chats_hold_it(trajectory, with_names=False)
    assert read == msgspec.structs.replace(wanted, tools_stated=bool(trajectory.tools))


@FEW
@given(trajectory=talks() | trajectories)
def test_sharegpt_comes_back_equal(trajectory):
    record = rendered("sharegpt", trajectory)
    if record is None:
        return
    speakers = [turn["from"] in ("human", "observation") for turn in record["conversations"]]
    assert speakers == [True, False] * (len(speakers) // 2)
    read = read_back("sharegpt", record).trajectory
    assert read == as_chats_hold_it(trajectory, with_names=False, with_ids=False)


@FEW
@given(trajectory=single_calls() | trajectories)
def test_the_60k_form_comes_back_equal(trajectory):
    record = rendered("xlam_60k", trajectory)
    if record is None:
        return
    read = read_back("xlam_60k", record).trajectory
    assert [step.tool_calls for step in read.steps] == [step.tool_calls for step in trajectory.steps]
    assert (read.query, read.extra) == (trajectory.query, trajectory.extra)
    for mine, given_tool in zip(read.tools, trajectory.tools, strict=True):
        if isinstance(given_tool.parameters, dict) and is_json_schema(given_tool.parameters):
            assert mine.name == given_tool.name
        else:
            assert mine == given_tool


@FEW
@given(trajectory=single_calls())
def test_most_single_calls_are_held_by_the_60k_form(trajectory):
    assert rendered("xlam_60k", trajectory) is not None


SIDES = st.builds(PairSide, thought=texts, tool_calls=tuples(CALLS))


@FEW
@given(trajectory=talks(), step=st.integers(0, 3), chosen=SIDES, rejected=SIDES)
def test_a_pair_comes_back_equal(trajectory, step, chosen, rejected):
    step = min(step, len(trajectory.steps) - 1)
    row = PreferenceRow("p", trajectory, step, chosen, rejected, "other", None, "generated")
    (made,) = export_format_by_name("trl_dpo").render_all([row], ExportSettings())
    assert bool(made.records) != bool(made.refused)
    if not made.records:
        return
    record = json.loads(msgspec.json.encode(made.records[0]))
    own = Step(chosen.thought, chosen.tool_calls)
    whole = msgspec.structs.replace(trajectory, steps=(*trajectory.steps[:step], own))
    read = read_back("trl_dpo", record).trajectory
    assert read.extra == {"rejected": record["rejected"]}
    assert msgspec.structs.replace(read, extra={}) == as_chats_hold_it(whole)
    (other,) = record["rejected"]
    assert other["content"] == rejected.thought
