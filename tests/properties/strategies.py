"""The only generators of random records: JSON values, tools, trajectories."""

from __future__ import annotations

from hypothesis import strategies as st

from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory

# Every Unicode text that UTF-8 can hold; control characters, bidi marks and the rest included.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=15)
# And text with halves of surrogate pairs in it, as careless readers let them through.
broken_texts = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=10)

numbers = st.integers() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts


def json_objects(values: st.SearchStrategy) -> st.SearchStrategy[dict]:
    """Objects with any keys over these values."""
    return st.dictionaries(texts, values, max_size=3)


json_values = st.recursive(
    scalars, lambda values: st.lists(values, max_size=3) | json_objects(values), max_leaves=6
)

tools = st.builds(
    Tool, name=texts, description=texts, parameters=json_values, extra=json_objects(json_values)
)
tool_calls = st.builds(
    ToolCall, name=texts, arguments=json_objects(json_values), call_id=texts, unreadable=texts
)
observations = st.builds(Observation, content=json_values, call_id=texts, name=texts)


def tuples(items: st.SearchStrategy, max_size: int = 3) -> st.SearchStrategy[tuple]:
    """Short tuples of these items."""
    return st.lists(items, max_size=max_size).map(tuple)


steps = st.builds(
    Step,
    thought=texts,
    tool_calls=tuples(tool_calls),
    observations=tuples(observations),
    user_input=texts,
    step_id=st.none() | texts | st.integers(-(2**63), 2**63 - 1),
    extra=json_objects(json_values),
)


def _calls_some_offered(trajectory: Trajectory) -> Trajectory:
    """The same, its first call made to the first tool on offer, so that offered calls occur at all."""
    if not (trajectory.tools and trajectory.steps and trajectory.steps[0].tool_calls):
        return trajectory
    first, *others = trajectory.steps
    called = ToolCall(trajectory.tools[0].name, first.tool_calls[0].arguments)
    step = Step(first.thought, (called, *first.tool_calls[1:]), first.observations)
    return Trajectory(trajectory.query, trajectory.tools, (step, *others), extra=trajectory.extra)


trajectories = st.builds(
    Trajectory,
    query=texts,
    tools=tuples(tools),
    steps=tuples(steps),
    task_instruction=texts,
    format_instruction=texts,
    few_shot_examples=tuples(json_values),
    tools_stated=st.booleans(),
    extra=json_objects(json_values),
).map(_calls_some_offered)
