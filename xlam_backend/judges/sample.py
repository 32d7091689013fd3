"""A trajectory as the judges see it: its tools read, what supports each value, what rules reject in it."""

from __future__ import annotations

from functools import cached_property

import msgspec

from xlam_backend.domain.evidence import Evidence, SaidBefore, evidence_of_argument, said_in
from xlam_backend.domain.tool_schema import ToolSchema, schemas_by_name
from xlam_backend.domain.trajectory import ToolCall, Trajectory

# Sources that say nothing for a value: none at all, and the tool's text, which is often an example.
UNSETTLED = frozenset({"nothing", "tool"})


class Place(msgspec.Struct, frozen=True, order=True):
    """A place of a trajectory, as in a finding: indexes from 0, -1 for a whole; a pointer into arguments."""

    step: int = -1
    call: int = -1
    pointer: str = ""


class JudgedSample:
    """One version of a trajectory; what is costly is computed when first asked for.

    `rejected` are the places at which a rule has a finding of level reject: a judge is not asked there.
    """

    def __init__(self, trajectory: Trajectory, rejected: frozenset[Place] = frozenset()) -> None:
        self.trajectory = trajectory
        self.rejected = rejected
        self._evidence: dict[tuple[int, int], dict[str, dict[str, Evidence]]] = {}

    @cached_property
    def schemas(self) -> dict[str, ToolSchema]:
        """The tools as read, by name; of equal names the first."""
        return schemas_by_name(self.trajectory.tools)

    @cached_property
    def said(self) -> list[SaidBefore]:
        """All that was said, with the step it stands at."""
        return said_in(self.trajectory)

    def call_at(self, place: Place) -> ToolCall:
        """Return the call at a place."""
        return self.trajectory.steps[place.step].tool_calls[place.call]

    def calls(self) -> list[tuple[Place, ToolCall]]:
        """Return every call that can be read, with its place."""
        return [
            (Place(step, at), call)
            for step, made in enumerate(self.trajectory.steps)
            for at, call in enumerate(made.tool_calls)
            if not call.unreadable
        ]

    def evidence(self, place: Place) -> dict[str, dict[str, Evidence]]:
        """Return what supports the values of a call: argument name -> pointer -> evidence."""
        key = (place.step, place.call)
        if key not in self._evidence:
            call = self.call_at(place)
            schema = self.schemas.get(call.name)
            before = [text for text in self.said if text.step < place.step]
            self._evidence[key] = {
                name: evidence_of_argument(name, value, schema, before)
                for name, value in call.arguments.items()
            }
        return self._evidence[key]

    def is_rejected(self, place: Place) -> bool:
        """Tell whether a rule rejects this place, something inside it, or the call it belongs to."""
        return any(_touches(rejected, place) for rejected in self.rejected)


def unsettled(evidence: dict[str, Evidence]) -> list[str]:
    """Return the places inside an argument that nothing said before the call supports."""
    return [pointer for pointer, found in evidence.items() if found.source in UNSETTLED]


def _touches(rejected: Place, place: Place) -> bool:
    if place.step < 0:
        return True
    if rejected.step != place.step:
        return False
    if place.call < 0 or rejected.call < 0:
        return True
    if rejected.call != place.call:
        return False
    if not place.pointer or not rejected.pointer:
        return True
    return f"{rejected.pointer}/".startswith(f"{place.pointer}/")
