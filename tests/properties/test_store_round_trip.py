"""What goes into the store comes out of it, whatever it is."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import strategies
from xlam_backend.domain.tool import tool_id
from xlam_backend.domain.trajectory import Trajectory, content_id
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.stored_chunk import decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks, open_trajectory, read_trajectories

NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Each example is a whole import.
few_examples = settings(max_examples=15)
# Each is a whole chunk of records.
some_examples = settings(max_examples=40)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = Store.open(tmp_path_factory.mktemp("round-trip"), now=NOW)
    yield opened
    opened.close()


def built(trajectories):
    builder = ChunkBuilder()
    for trajectory in trajectories:
        builder.add(trajectory)
    return builder.build()


def written(store, trajectories):
    with Ingest(store, NewDataset("drawn"), now=NOW) as ingest:
        ingest.add(built(trajectories))


@few_examples
@given(st.lists(strategies.trajectories, min_size=1, max_size=4))
def test_a_trajectory_comes_back_as_it_was(store, trajectories):
    written(store, trajectories)
    for trajectory in trajectories:
        stored = open_trajectory(store, content_id(trajectory))
        assert stored.trajectory == trajectory
        # Equal to Python is not enough: 1, 1.0 and True are, and the order of keys is not looked at.
        assert msgspec.json.encode(stored.trajectory) == msgspec.json.encode(trajectory)
        assert content_id(stored.trajectory) == stored.content_id == stored.trajectory_id


@some_examples
@given(st.lists(strategies.trajectories, max_size=4))
def test_a_chunk_knows_the_ids_that_the_records_have(trajectories):
    chunk = built(trajectories)
    assert chunk.trajectories["content_id"].to_pylist() == [content_id(each) for each in trajectories]
    assert set(chunk.tools["tool_id"].to_pylist()) == {
        tool_id(tool) for trajectory in trajectories for tool in trajectory.tools
    }


@some_examples
@given(st.lists(strategies.trajectories, max_size=4))
def test_calls_are_found_with_the_first_tool_of_their_name(trajectories):
    chunk = built(trajectories)
    expected = [
        (
            row,
            step_index,
            call_index,
            call.name,
            next((tool_id(tool) for tool in trajectory.tools if tool.name == call.name), None),
        )
        for row, trajectory in enumerate(trajectories)
        for step_index, step in enumerate(trajectory.steps)
        for call_index, call in enumerate(step.tool_calls)
    ]
    ids = chunk.tools["tool_id"].to_pylist()
    calls = [
        (
            call["row"],
            call["step"],
            call["call"],
            call["name"],
            ids[call["tool"]] if call["tool"] >= 0 else None,
        )
        for call in chunk.tool_calls.to_pylist()
    ]
    assert calls == expected


@few_examples
@given(st.lists(strategies.trajectories, min_size=1, max_size=6), st.integers(1, 4))
def test_reading_in_chunks_gives_the_same_as_reading_at_once(store, trajectories, chunk_rows):
    written(store, trajectories)
    numbers = [open_trajectory(store, content_id(each)).version_no for each in trajectories]
    known = {}
    chunks = iter_stored_chunks(store, numbers, chunk_rows=chunk_rows)
    in_chunks = [stored for chunk in chunks for stored in decode_chunk(chunk, known)]
    assert in_chunks == read_trajectories(store, sorted(set(numbers)))


@few_examples
@given(strategies.trajectories, strategies.broken_texts)
def test_halves_of_surrogate_pairs_are_replaced_and_nothing_else(store, trajectory, broken):
    query = f"q\ud800{broken}"
    written(store, [msgspec.structs.replace(trajectory, query=query), trajectory])
    clean = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in query)
    expected = msgspec.structs.replace(trajectory, query=clean)
    assert open_trajectory(store, content_id(expected)).trajectory == expected
    assert open_trajectory(store, content_id(trajectory)).trajectory == trajectory


@given(strategies.trajectories)
def test_the_id_depends_on_what_is_said_and_on_its_order(trajectory):
    copied = msgspec.json.decode(msgspec.json.encode(trajectory), type=Trajectory)
    assert content_id(copied) == content_id(trajectory)
    said_more = msgspec.structs.replace(trajectory, query=trajectory.query + "!")
    assert content_id(said_more) != content_id(trajectory)
    turned = dict(reversed(trajectory.extra.items()))
    if list(turned) != list(trajectory.extra):
        assert content_id(msgspec.structs.replace(trajectory, extra=turned)) != content_id(trajectory)
