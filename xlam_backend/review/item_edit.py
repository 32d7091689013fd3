"""Editing the calls of one step by hand: read, checked as it is typed, refused while it is wrong, saved."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.finding import Edit, Finding
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import ReviewItem
from xlam_backend.domain.shown_value import json_text
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.domain.trajectory_diff import Change, diff_trajectories
from xlam_backend.errors import AccessDeniedError, FixRefusedError
from xlam_backend.repair.mending import Mended, blocking_finding, try_edits
from xlam_backend.repair.one_fix import checks_run, new_version
from xlam_backend.review.repairs import ENGINE_LOCK, Repair, engine_of
from xlam_backend.store.connection import Store
from xlam_backend.store.fix_history import read_act, read_head_changes
from xlam_backend.store.fixes import NewAct, record_act, record_undo
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

LONGEST_EDIT = 200_000
_DEEPEST = 100
_MOST_LINES = 60
# What a tool's schema says of a call: nothing of it may be left in a call that a person has edited.
_SCHEMA_CHECKS = frozenset(
    {
        "unreadable_call",
        "undefined_function",
        "undefined_argument",
        "missing_argument",
        "argument_type",
        "enum_violation",
    }
)


class ChangeLine(msgspec.Struct, frozen=True):
    """One difference in words: its place, what stood there and what stands there; "" where nothing."""

    place: str
    before: str
    after: str


class EditCheck(msgspec.Struct, frozen=True):
    """What an edit would do. `refused` says why it cannot be saved; `line` and `column` place an error.

    `cleared` and `introduced` are (level, words) of the findings that go and come.
    """

    refused: str = ""
    line: int = 0
    column: int = 0
    changes: tuple[ChangeLine, ...] = ()
    cleared: tuple[tuple[str, str], ...] = ()
    introduced: tuple[tuple[str, str], ...] = ()


class _UnreadableEditError(Exception):
    """The text is not what an edit has to be."""

    def __init__(self, words: str, line: int = 0, column: int = 0) -> None:
        super().__init__(words)
        self.check = EditCheck(words, line, column)


def editable_text(trajectory: Trajectory, step: int, call: int = -1) -> str:
    """Return the JSON a person edits: one call, or (call -1) all calls of the step as a list."""
    calls = trajectory.steps[step].tool_calls if 0 <= step < len(trajectory.steps) else ()
    if 0 <= call < len(calls):
        return _pretty(_plain(calls[call]))
    return _pretty([_plain(made) for made in calls])


def check_edit(store: Store, item: ReviewItem, text: str, *, call: int = -1) -> EditCheck:
    """Say what an edited text would do, or why it cannot be saved; nothing is changed.

    Raises:
        NotFoundError: the item's record is not in the store any more.
    """
    stored = read_trajectories(store, [item.version_no])[0]
    try:
        edits = read_edits(text, stored.trajectory, item.step, call)
    except _UnreadableEditError as error:
        return error.check
    try:
        mended = _try(store, stored, edits)
    except FixRefusedError as error:
        return EditCheck(str(error))
    return describe(stored.trajectory, mended)


def save_edit(
    store: Store, item: ReviewItem, text: str, *, call: int = -1, person: Person, now: datetime
) -> int:
    """Save an edited text as a new version; returns the act's number, which can be undone.

    Saving what stands there already returns the act that brought it: an edit sent twice is made once.

    Raises:
        AccessDeniedError: the person may not edit.
        FixRefusedError: the text is no call, is wrong, or the record was changed since.
    """
    require(person, "edit item")
    stored = read_trajectories(store, [item.version_no])[0]
    try:
        edits = read_edits(text, stored.trajectory, item.step, call)
    except _UnreadableEditError as error:
        raise FixRefusedError(str(error), "Correct it in the editor.") from error
    mended = _try(store, stored, edits)
    return _save(store, stored, mended, f"Edited by hand in step {item.step + 1}.", person, now)


def save_repair(
    store: Store, stored: StoredTrajectory, repair: Repair, *, person: Person, now: datetime
) -> int:
    """Save a repair that was offered as a new version; returns the act's number.

    Raises:
        AccessDeniedError: the person may not edit.
        FixRefusedError: the record was changed since.
    """
    require(person, "edit item")
    return _save(store, stored, repair.mended, repair.summary, person, now)


def describe(trajectory: Trajectory, mended: Mended) -> EditCheck:
    """Return what edits do, in words."""
    changes = diff_trajectories(trajectory, mended.trajectory)
    return EditCheck(
        mended.refused,
        changes=tuple(change_line(change) for change in changes[:_MOST_LINES]),
        cleared=tuple(_words(finding) for finding in mended.cleared[:_MOST_LINES]),
        introduced=tuple(_words(finding) for finding in mended.introduced[:_MOST_LINES]),
    )


def change_line(change: Change) -> ChangeLine:
    """Return one difference in words."""
    inside = f": {show_pointer(change.pointer)}" if change.pointer else ""
    if change.step < 0:
        place = f"tool {change.tool}{inside}"
    else:
        place = f"step {change.step + 1}, call {change.call + 1}, {change.tool}{inside}"
    before = "" if change.before is MISSING else json_text(change.before)
    after = "" if change.after is MISSING else json_text(change.after)
    return ChangeLine(place[:400], before[:2_000], after[:2_000])


def read_edits(text: str, trajectory: Trajectory, step: int, call: int) -> tuple[Edit, ...]:
    """Return the edits that make a step's calls what the text says; an error names line and column."""
    calls = trajectory.steps[step].tool_calls if 0 <= step < len(trajectory.steps) else ()
    value = _read_json(text)
    if 0 <= call < len(calls):
        wanted: list[Any] = [value]
        first, present = call, [calls[call]]
    else:
        if not isinstance(value, list):
            raise _UnreadableEditError("All calls of the step stand in one list: [ … ].")
        wanted, first, present = value, 0, list(calls)
    edits = [
        Edit("call", "set", step=step, call=first + place, value=_as_call(each, first + place))
        for place, each in enumerate(wanted)
        if place >= len(present) or not _is_same(present[place], each)
    ]
    edits += [
        Edit("call", "remove", step=step, call=first + place) for place in range(len(wanted), len(present))
    ]
    if not edits:
        raise _UnreadableEditError("Nothing is changed yet.")
    return tuple(edits)


def _read_json(text: str) -> Any:
    if len(text) > LONGEST_EDIT:
        raise _UnreadableEditError(f"The text is longer than {LONGEST_EDIT:,} characters.")
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_without_doubles,
        )
    except json.JSONDecodeError as error:
        raise _UnreadableEditError(
            f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            error.lineno,
            error.colno,
        ) from error
    except (RecursionError, ValueError) as error:
        words = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise _UnreadableEditError(f"This is not JSON that can be stored: {words}.") from error
    if any("\ud800" <= letter <= "\udfff" for letter in json.dumps(value, ensure_ascii=False)):
        raise _UnreadableEditError("A half of a surrogate pair stands in it, which is no character.")
    if _depth(value) > _DEEPEST:
        raise _UnreadableEditError("It is nested too deeply.")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is larger than any number that can be stored")
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {double!r} stands twice in one object")
    return made


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        held, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(held, dict):
            waiting += [(inner, depth + 1) for inner in held.values()]
        elif isinstance(held, list):
            waiting += [(inner, depth + 1) for inner in held]
    return deepest


def _as_call(value: Any, place: int) -> dict[str, Any]:
    """Return a call as an edit takes it; says what is missing when it is none."""
    what = f"Call {place + 1}"
    if not isinstance(value, dict):
        raise _UnreadableEditError(f'{what} is not an object like {{"name": …, "arguments": …}}.')
    unknown = ", ".join(sorted(map(repr, value.keys() - {"name", "arguments"})))
    if unknown:
        raise _UnreadableEditError(f"{what} has the key {unknown}; a call has a name and arguments.")
    if not isinstance(value.get("name"), str) or not value["name"]:
        raise _UnreadableEditError(f"{what} has no name.")
    if not isinstance(value.get("arguments", {}), dict):
        raise _UnreadableEditError(f"The arguments of {what.lower()} are not an object.")
    return {"name": value["name"], "arguments": value.get("arguments", {})}


def _try(store: Store, stored: StoredTrajectory, edits: tuple[Edit, ...]) -> Mended:
    with ENGINE_LOCK:
        mended = try_edits(engine_of(store), stored.trajectory, edits, tool_keys=stored.tool_nos)
    return mended if mended.refused else msgspec.structs.replace(mended, refused=_left_invalid(mended))


def _left_invalid(mended: Mended) -> str:
    """Say what is wrong with an edited call that was wrong before, too; "" when nothing is."""
    edited = {(edit.step, edit.call) for edit in mended.edits if edit.op == "set"}
    left = [
        finding
        for finding in mended.outcome.findings
        if (finding.step, finding.call) in edited and finding.check in _SCHEMA_CHECKS
    ]
    blocking = blocking_finding(left)
    return "" if blocking is None else f"The call is still wrong: {blocking.message}"


def _save(
    store: Store, stored: StoredTrajectory, mended: Mended, summary: str, person: Person, now: datetime
) -> int:
    if mended.refused:
        raise FixRefusedError(f"It is not saved. {mended.refused}", "Correct it in the editor.")
    if made := _made_already(store, stored, mended.trajectory):
        return made
    act = NewAct("one", summary, person)
    return record_act(store, act, [new_version(stored, mended)], checks=checks_run(engine_of(store)), now=now)


def undo_edit(store: Store, act_no: int, *, person: Person, now: datetime) -> None:
    """Take back what a person's own edit or accepted repair changed; one that was undone stays undone.

    Raises:
        AccessDeniedError: the person may not edit, or it was somebody else's edit.
        FixRefusedError: a later act changed the record.
        NotFoundError: there is no such act.
    """
    require(person, "edit item")
    if read_act(store, act_no).actor != person.name:
        raise AccessDeniedError("This edit was made by somebody else.", "A researcher can undo it.")
    record_undo(store, act_no, person=person, now=now)


def _made_already(store: Store, stored: StoredTrajectory, wanted: Trajectory) -> int:
    """Return the act that has brought exactly this already, 0 when none has.

    Raises:
        FixRefusedError: the record was changed in another way since.
    """
    changes = read_head_changes(store, stored.trajectory_no)
    head = changes[-1].to_version_no if changes else stored.trajectory_no
    if head == stored.version_no:
        return 0
    if changes and read_trajectories(store, [head])[0].trajectory == wanted:
        return changes[-1].act_no
    raise FixRefusedError(
        "Somebody has changed this record since it was drawn for review.",
        "Answer without a fix, or open the record to see what was changed.",
    )


def _words(finding: Finding) -> tuple[str, str]:
    return finding.level, finding.message[:400]


def _plain(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": call.arguments}


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _is_same(call: ToolCall, value: Any) -> bool:
    if call.unreadable or not isinstance(value, dict):
        return False
    return msgspec.json.encode(_plain(call)) == msgspec.json.encode(value)
