"""Two samples beside each other as a reviewer sees them: what is asked, what is on offer, what is called."""

from __future__ import annotations

import msgspec

from xlam_backend.dedupe.clusters import calls_of
from xlam_backend.dedupe.compared_row import join_turns
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.domain.word_difference import differing_spans
from xlam_backend.review.pair_view import AlignedRow, aligned_rows
from xlam_backend.review.trace_view import CallView, Said, show_call
from xlam_backend.store.stored_chunk import StoredTrajectory

_LONGEST_REQUEST = 6_000
_LONGEST_WHOLE = 100_000
_MOST_TOOLS = 60


class SampleSide(msgspec.Struct, frozen=True):
    """One sample; marked in `request` and `tools` is what the other one does not have."""

    trajectory_id: str
    version: int
    request: Said
    tools: Said


class SamplesView(msgspec.Struct, frozen=True):
    """Two samples, and their calls aligned."""

    left: SampleSide
    right: SampleSide
    rows: tuple[AlignedRow, ...]


def make_samples_view(left: StoredTrajectory, right: StoredTrajectory, *, whole: bool) -> SamplesView:
    """Return two samples beside each other; `whole`: long requests in full."""
    limit = _LONGEST_WHOLE if whole else _LONGEST_REQUEST
    return SamplesView(
        _side(left, right, limit),
        _side(right, left, limit),
        aligned_rows(calls_of(left), calls_of(right), _Showing(left).call, _Showing(right).call),
    )


class _Showing:
    """Shows the calls of one sample beside the tools it has on offer."""

    def __init__(self, stored: StoredTrajectory) -> None:
        self._tools_stated = stored.trajectory.tools_stated
        self._schemas = schemas_by_name(stored.trajectory.tools)

    def call(self, call: ToolCall) -> CallView:
        return show_call(call, self._schemas.get(call.name), tools_stated=self._tools_stated)


def _side(stored: StoredTrajectory, other: StoredTrajectory, limit: int) -> SampleSide:
    request = _request(stored.trajectory)
    begun = request[:limit]
    marks = tuple((*span, False) for span in differing_spans(begun, _request(other.trajectory)[:limit]))
    return SampleSide(
        stored.trajectory_id,
        stored.version,
        Said(begun, len(request) - len(begun), marks),
        _tools(stored.trajectory, other.trajectory),
    )


def _request(trajectory: Trajectory) -> str:
    return join_turns(trajectory.query, (step.user_input for step in trajectory.steps))


def _tools(trajectory: Trajectory, other: Trajectory) -> Said:
    """Return the names of the tools on offer, one a line; those that only this sample offers are marked."""
    offered = {tool.name for tool in other.tools}
    names = [tool.name[:120] for tool in trajectory.tools[:_MOST_TOOLS]]
    more = len(trajectory.tools) - len(names)
    marks, start = [], 0
    for tool, name in zip(trajectory.tools, names):
        if tool.name not in offered and name:
            marks.append((start, start + len(name), False))
        start += len(name) + 1
    return Said("\n".join([*names, f"and {more:,} more"] if more else names), 0, tuple(marks))
