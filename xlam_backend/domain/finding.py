"""What a check says about one place, and the edit that would mend it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from xlam_backend.domain.json_pointer import join_pointer, split_pointer

Level = Literal["reject", "fix", "warn", "judge"]
LEVELS: tuple[Level, ...] = ("reject", "fix", "warn", "judge")
ERROR_LEVELS: tuple[Level, ...] = ("reject", "fix")  # the others only ask for a look

SpecToolCode = Literal["IAC", "IAV", "IAN", "IAT", "RAC", "IFN", "IFE", "other"]
SPECTOOL_CODES: dict[str, str] = {
    "IAC": "insufficient API calls",
    "IAV": "incorrect argument value",
    "IAN": "incorrect argument name",
    "IAT": "incorrect argument type",
    "RAC": "repeated API calls",
    "IFN": "incorrect function name",
    "IFE": "invalid format",
    "other": "outside SpecTool's seven patterns",
}


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change to a trajectory.

    target  op      meaning
    call    rename  the call at (step, call) gets the function name `value`
    call    set     the call at (step, call) becomes `value`, an object with name and arguments; with
                    `call` one past the last of the step, it is added there
    call    remove  the call at (step, call) goes
    argument set    the argument at `pointer` of the call gets `value`
    argument rename the argument at `pointer` gets the key `value`, place kept
    argument remove the argument at `pointer` goes
    tool    rename  the tool at index `tool`, and every call of it, gets the name `value`
    tool    set     the spec of the tool at index `tool` gets `value` at `pointer` (from its parameters)
    tool    remove  the tool at index `tool` goes (a second listing of the same tool)
    """

    target: Literal["call", "argument", "tool"]
    op: Literal["set", "rename", "remove"]
    step: int = -1
    call: int = -1
    tool: int = -1
    pointer: str = ""
    value: Any = None


class Fix(msgspec.Struct, frozen=True):
    """A repair that loses nothing: what it does in plain words, and the edits that do it."""

    summary: str
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one check says about one place of one trajectory (or of one tool).

    Place: `step` and `call` are indexes from 0 (-1: the trajectory as a whole), `tool` is the
    called or described function's name, `pointer` the JSON Pointer inside the call's arguments or
    the tool's parameters. `evidence` holds JSON values a page can show (expected, actual, nearest).
    `no_fix_reason` says why there is no automatic fix where a person would expect one.
    """

    check: str
    version: int
    level: Level
    code: SpecToolCode
    message: str
    step: int = -1
    call: int = -1
    tool: str = ""
    pointer: str = ""
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)
    fix: Fix | None = None
    no_fix_reason: str = ""


class NotChecked(msgspec.Struct, frozen=True):
    """A check that could say neither yes nor no about a trajectory (or tool), and why."""

    check: str
    version: int
    reason: str


def gravest_error(findings: Iterable[Finding]) -> Finding | None:
    """Return the first finding of the gravest level of error, None when there is none."""
    errors = [finding for finding in findings if finding.level in ERROR_LEVELS]
    return min(errors, key=lambda finding: ERROR_LEVELS.index(finding.level), default=None)


def family_of(finding: Finding) -> str:
    """Return the family of a finding: same check, tool, argument, kind of repair; "" without a fix.

    Places in lists count as one: `/days/0` and `/days/3` are the same argument.

    >>> fix = Fix("Write it as a number.", (Edit("argument", "set", 0, 0, pointer="/days/3", value=2),))
    >>> family_of(Finding("argument_type", 1, "fix", "IAT", "", 0, 0, "get_weather", "/days/3", fix=fix))
    '["argument_type","get_weather","/days/*","argument set"]'
    """
    if finding.fix is None:
        return ""
    repair = ", ".join(sorted({f"{edit.target} {edit.op}" for edit in finding.fix.edits}))
    parts = ("*" if part.isdigit() else part for part in split_pointer(finding.pointer))
    return msgspec.json.encode([finding.check, finding.tool, join_pointer(parts), repair]).decode()
