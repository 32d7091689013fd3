"""Repairs a reviewer can accept with one key, the likeliest first; each was tried before it is offered.

The finding's own fix stands first. The others are what a person would try next: the nearest tool name,
another parameter's name, without the argument, converted, filled from what was said. A repair is offered
only when the checks find the place mended and nothing new wrong.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from xlam_backend.checks.engine import CheckEngine
from xlam_backend.domain.call_fit import accepts_argument
from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.evidence import SaidBefore, find_evidence, texts_before
from xlam_backend.domain.finding import Edit, Finding
from xlam_backend.domain.json_pointer import join_pointer, split_pointer
from xlam_backend.domain.lossless_cast import cast_losslessly
from xlam_backend.domain.near_names import near_names, nearest_names
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.said_numbers import read_numbers
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.tool_schema import Parameter, ToolSchema, schemas_by_name
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.errors import FixRefusedError
from xlam_backend.repair.mending import Mended, make_engine, try_edits
from xlam_backend.store.connection import Store
from xlam_backend.store.stored_chunk import StoredTrajectory

MOST_REPAIRS = 6
MOST_TRIED = 12
_MOST_NEAR = 3
# Where leaving out the whole call is what a person would try; elsewhere it would hide the mistake.
_NEEDLESS = frozenset({"repeated_call", "undefined_function", "unreadable_call"})
_QUOTED = re.compile(r"[\"“‘'«]([^\"”’'»]{1,80})[\"”’'»]")
_MOST_KEPT = 200
_LONG = 60  # steps; each trial checks the whole trajectory


class Repair(msgspec.Struct, frozen=True):
    """One repair that may be made: its key (the same as long as it does the same), words, edits, result."""

    key: str
    summary: str
    is_from_check: bool
    mended: Mended


class _Proposal(msgspec.Struct, frozen=True):
    summary: str
    edits: tuple[Edit, ...]
    is_from_check: bool = False


class _Place(msgspec.Struct, frozen=True):
    """The call in question with all that is known about it."""

    trajectory: Trajectory
    step: int
    index: int
    call: ToolCall
    schemas: dict[str, ToolSchema]
    schema: ToolSchema | None
    pointer: str

    @property
    def argument(self) -> str:
        """The name of the argument in question, "" when it is the call as a whole."""
        parts = split_pointer(self.pointer)
        return parts[0] if parts else ""

    def edit(self, target: Any, op: Any, value: Any = None, pointer: str = "") -> Edit:
        """Return an edit of this call."""
        return Edit(target, op, step=self.step, call=self.index, pointer=pointer, value=value)


_ENGINES: WeakKeyDictionary[Store, CheckEngine] = WeakKeyDictionary()
# What was found at a place of a version, which never changes: asked again when the repair is accepted.
_FOUND: WeakKeyDictionary[Store, dict[tuple[int, int, int, str, str], tuple[Repair, ...]]] = (
    WeakKeyDictionary()
)
ENGINE_LOCK = threading.Lock()


def engine_of(store: Store) -> CheckEngine:
    """Return the engine kept for a store's tools; used under ENGINE_LOCK: it keeps what it compiles."""
    return _ENGINES.setdefault(store, make_engine())


def find_repairs(
    store: Store, stored: StoredTrajectory, *, step: int, call: int, pointer: str, finding: Finding | None
) -> tuple[Repair, ...]:
    """Return the repairs that may be made at a place, the likeliest first.

    Args:
        store: whose tools the engine knows.
        stored: the version the place is in.
        step: the step in question.
        call: the call in question; -1: none, then only the finding's own fix is tried.
        pointer: the argument in question.
        finding: what is to be gone afterwards; None: nothing in particular.
    """
    asked = (stored.version_no, step, call, pointer, finding.check if finding else "")
    with ENGINE_LOCK:
        kept = _FOUND.setdefault(store, {})
        if asked not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[asked] = _find(store, stored, step, call, pointer, finding)
        return kept[asked]


def _find(
    store: Store, stored: StoredTrajectory, step: int, call: int, pointer: str, finding: Finding | None
) -> tuple[Repair, ...]:
    """Try what may be proposed; the lock is held."""
    found: list[Repair] = []
    seen: set[str] = set()
    meant_for = (finding,) if finding is not None else ()
    engine = engine_of(store)
    before = engine.check_trajectory(stored.trajectory, stored.tool_nos)
    for tried, proposal in enumerate(_proposals(stored.trajectory, step, call, pointer, finding)):
        key = content_hash(msgspec.json.encode(proposal.edits))[:16]
        if tried >= MOST_TRIED or len(found) >= MOST_REPAIRS:
            break
        if key in seen:
            continue
        seen.add(key)
        try:
            mended = try_edits(
                engine,
                stored.trajectory,
                proposal.edits,
                tool_keys=stored.tool_nos,
                meant_for=meant_for,
                before=before,
            )
        except FixRefusedError:
            continue
        if not mended.refused:
            found.append(Repair(key, proposal.summary, proposal.is_from_check, mended))
    return tuple(found)


def _proposals(
    trajectory: Trajectory, step: int, call: int, pointer: str, finding: Finding | None
) -> Iterator[_Proposal]:
    if finding is not None and finding.fix is not None:
        yield _Proposal(finding.fix.summary, finding.fix.edits, is_from_check=True)
    place = _find_place(trajectory, step, call, pointer)
    if place is None or (finding is not None and finding.fix is not None and len(trajectory.steps) > _LONG):
        return
    if trajectory.tools_stated and place.schema is None:
        yield from _other_names(place)
    elif place.argument:
        yield from _of_argument(place)
    if finding is not None and finding.check in _NEEDLESS:
        yield from _without_call(place)


def _find_place(trajectory: Trajectory, step: int, call: int, pointer: str) -> _Place | None:
    if not 0 <= step < len(trajectory.steps):
        return None
    calls = trajectory.steps[step].tool_calls
    if not 0 <= call < len(calls):
        return None
    schemas = schemas_by_name(trajectory.tools)
    made = calls[call]
    return _Place(trajectory, step, call, made, schemas, schemas.get(made.name), pointer)


def _other_names(place: _Place) -> Iterator[_Proposal]:
    """Propose to call a tool that is on offer instead: names written alike, near names."""
    names = list(place.schemas)[:500]
    for name in nearest_names(place.call.name, names)[:_MOST_NEAR]:
        yield _Proposal(
            f"Call {name!r} instead of {place.call.name!r}.", (place.edit("call", "rename", name),)
        )


def _of_argument(place: _Place) -> Iterator[_Proposal]:
    schema, name = place.schema, place.argument
    parameter = schema.parameters.get(name) if schema else None
    if name not in place.call.arguments:
        if parameter is not None:
            yield from _fillings(place, parameter)
        return
    if schema is not None and parameter is None:
        yield from _other_parameters(place, schema)
        yield _removal(place, f"Leave out {name!r}: the tool does not declare it.")
        return
    if parameter is not None:
        yield from _other_values(place, parameter)
        if not parameter.required:
            yield _removal(place, f"Leave out {name!r}: the tool does not need it.")


def _other_parameters(place: _Place, schema: ToolSchema) -> Iterator[_Proposal]:
    """Propose another name for an argument: near ones, then unused ones that take the value."""
    value = place.call.arguments[place.argument]
    unused = [known for known in schema.parameters if known not in place.call.arguments]
    near = near_names(place.argument, unused)
    fitting = [known for known in unused if accepts_argument(schema.parameters[known], value)]
    fitting.sort(key=lambda known: known not in schema.required)
    for known in list(dict.fromkeys([*near, *fitting]))[:_MOST_NEAR]:
        edit = place.edit("argument", "rename", known, place.pointer)
        yield _Proposal(f"Rename the argument {place.argument!r} to {known!r}.", (edit,))


def _other_values(place: _Place, parameter: Parameter) -> Iterator[_Proposal]:
    """Propose other values for an argument: converted, a near choice, the default, one that was said."""
    value = place.call.arguments[place.argument]
    before = texts_before(place.trajectory, place.step)
    candidates: list[tuple[Any, str]] = []
    cast = cast_losslessly(parameter.type, value)
    if cast.is_done:
        candidates.append((cast.value, "written as the tool wants it"))
    candidates += _near_choices(value, parameter)
    if parameter.default is not MISSING:
        candidates.append((parameter.default, "the tool's default"))
    candidates += _said_values(place, parameter, before)
    for candidate, why in candidates:
        if candidate != value or type(candidate) is not type(value):
            edit = place.edit("argument", "set", candidate, join_pointer([place.argument]))
            yield _Proposal(f"Set {place.argument!r} to {show_value(candidate)} ({why}).", (edit,))


def _near_choices(value: Any, parameter: Parameter) -> list[tuple[Any, str]]:
    choices = [choice for choice in parameter.enum or () if isinstance(choice, str)]
    if not isinstance(value, str) or not choices:
        return []
    return [(choice, "the nearest allowed value") for choice in nearest_names(value, choices)[:_MOST_NEAR]]


def _fillings(place: _Place, parameter: Parameter) -> Iterator[_Proposal]:
    """Propose values for an argument that is missing: what was said, then the default."""
    before = texts_before(place.trajectory, place.step)
    candidates = _said_values(place, parameter, before)
    if parameter.default is not MISSING:
        candidates.append((parameter.default, "the tool's default"))
    for value, why in candidates:
        arguments = {**place.call.arguments, parameter.name: value}
        edit = place.edit("call", "set", {"name": place.call.name, "arguments": arguments})
        yield _Proposal(f"Give {parameter.name!r} the value {show_value(value)} ({why}).", (edit,))


def _said_values(place: _Place, parameter: Parameter, before: list[SaidBefore]) -> list[tuple[Any, str]]:
    """Return values of the parameter's type that were said before and no other argument uses."""
    used = [value for name, value in place.call.arguments.items() if name != parameter.name]
    said: list[Any] = [
        choice
        for choice in parameter.enum or ()
        if find_evidence(choice, before, None, None).is_grounded and not isinstance(choice, bool)
    ]
    if parameter.enum is None:
        for text in before[:8]:
            said += _values_in(text.said.text[:4_000], parameter)
    fresh: list[Any] = []
    for value in said:
        if value not in used and value not in fresh and accepts_argument(parameter, value):
            fresh.append(value)
    return [(value, "it was said") for value in fresh[:_MOST_NEAR]]


def _values_in(text: str, parameter: Parameter) -> list[Any]:
    """Return the numbers, or the words in quotes, that a text holds."""
    if parameter.type.kind in ("integer", "number"):
        numbers = _numbers_meant(text)
        whole = [int(number) if number == int(number) else number for number in numbers if abs(number) < 1e15]
        return list(whole)
    if parameter.type.kind == "string":
        return [match.group(1) for match in _QUOTED.finditer(text)]
    return []


def _numbers_meant(text: str) -> list[float]:
    """Return the numbers of a text: not those inside a name such as "A-17"; the dash of "3-5" is no sign."""
    meant = []
    for mention in read_numbers(text):
        before = text[mention.start - 1 : mention.start]
        if not before.isalpha():
            meant.append(abs(mention.value) if before.isdigit() else mention.value)
    return meant


def _removal(place: _Place, summary: str) -> _Proposal:
    return _Proposal(summary, (place.edit("argument", "remove", None, join_pointer([place.argument])),))


def _without_call(place: _Place) -> Iterator[_Proposal]:
    step = place.trajectory.steps[place.step]
    if len(step.tool_calls) > 1 or step.thought or len(place.trajectory.steps) > 1:
        yield _Proposal(f"Leave out this call of {place.call.name!r}.", (place.edit("call", "remove"),))
