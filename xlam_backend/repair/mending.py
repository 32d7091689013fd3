"""Tries fixes on one trajectory: which findings go, which come, and whether that is allowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from xlam_backend.checks import CHECKS
from xlam_backend.checks.engine import CheckEngine, CheckOutcome, compile_checks
from xlam_backend.domain.edits import apply_edits
from xlam_backend.domain.finding import Edit, Finding
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import FixRefusedError
from xlam_backend.settings import default_means_optional

# A fix that brings a finding of one of these levels is refused.
BLOCKING_LEVELS = frozenset({"reject", "fix"})
_Place = tuple[str, str, int, int, str, str]


class Mended(msgspec.Struct, frozen=True):
    """A trajectory after edits, what the checks say about it, and how that differs from before.

    `refused` says why these edits must not be applied; "" when they may.
    """

    trajectory: Trajectory
    edits: tuple[Edit, ...]
    outcome: CheckOutcome
    cleared: tuple[Finding, ...]
    introduced: tuple[Finding, ...]
    refused: str


def make_engine() -> CheckEngine:
    """Return an engine with all registered checks, as the check stage runs them."""
    return compile_checks(CHECKS, default_means_optional=default_means_optional())


def mend(
    engine: CheckEngine, trajectory: Trajectory, findings: Sequence[Finding], *, tool_keys: Sequence[int]
) -> Mended:
    """Apply the fixes of these findings together, and check what comes out.

    Args:
        engine: checks before and after; the same one, so that both are judged alike.
        trajectory: the version the findings are about.
        findings: what is to be mended, each with its fix.
        tool_keys: the tools' numbers, which the engine keys what it compiled by.

    Raises:
        FixRefusedError: the edits do not fit the trajectory, or change nothing.
    """
    edits = tuple(edit for finding in findings if finding.fix is not None for edit in finding.fix.edits)
    if not edits:
        raise FixRefusedError("There is no fix to apply.", findings[0].no_fix_reason if findings else "")
    return try_edits(engine, trajectory, edits, tool_keys=tool_keys, meant_for=findings)


def try_edits(
    engine: CheckEngine,
    trajectory: Trajectory,
    edits: tuple[Edit, ...],
    *,
    tool_keys: Sequence[int],
    meant_for: Sequence[Finding] = (),
    before: CheckOutcome | None = None,
) -> Mended:
    """Make edits that a fix or a person asks for, and check what comes out.

    Args:
        engine: checks before and after; the same one, so that both are judged alike.
        trajectory: the version the edits are about.
        edits: what is to be changed.
        tool_keys: the tools' numbers, which the engine keys what it compiled by.
        meant_for: the findings that must be gone afterwards, or the edits are refused.
        before: what the engine says about the trajectory, when that is known already.

    Raises:
        FixRefusedError: the edits do not fit the trajectory, or change nothing.
    """
    mended = apply_edits(trajectory, edits)
    if mended == trajectory:
        raise FixRefusedError("The fix changes nothing.", "It may have been applied already.")
    before = before or engine.check_trajectory(trajectory, tool_keys)
    same_tools = mended.tools == trajectory.tools
    after = engine.check_trajectory(mended, tool_keys if same_tools else None)
    were, are = list(before.findings), list(after.findings)
    if not same_tools:
        were += _tool_findings(engine, trajectory, mended)
        are += _tool_findings(engine, mended, trajectory)
    cleared, introduced = _without(were, are), _without(are, were)
    silent = {skipped.check for skipped in after.not_checked}
    refused = _blocked_by(introduced) or _still_there(meant_for, were, are, silent)
    return Mended(mended, edits, after, cleared, introduced, refused)


def _tool_findings(engine: CheckEngine, trajectory: Trajectory, other: Trajectory) -> list[Finding]:
    """Return what the checks say about the tools of a trajectory that the other does not have."""
    own = [tool for tool in trajectory.tools if tool not in other.tools]
    return [finding for tool in own for finding in engine.check_tool(tool).findings]


def _place(finding: Finding) -> _Place:
    """Return what makes two findings the same one: check, level and place, whatever the words."""
    tool = finding.tool if finding.step < 0 else ""
    return (finding.check, finding.level, finding.step, finding.call, tool, finding.pointer)


def _without(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are not among the others, each counted as often as it stands there."""
    remaining = Counter(map(_place, others))
    left = []
    for finding in findings:
        place = _place(finding)
        if remaining[place]:
            remaining[place] -= 1
        else:
            left.append(finding)
    return tuple(left)


def blocking_finding(introduced: Iterable[Finding]) -> Finding | None:
    """Return the first new finding for which a fix is refused."""
    return next((finding for finding in introduced if finding.level in BLOCKING_LEVELS), None)


def _blocked_by(introduced: Iterable[Finding]) -> str:
    blocking = blocking_finding(introduced)
    return "" if blocking is None else f"It would bring a new error: {blocking.message}"


def _still_there(
    findings: Sequence[Finding], before: Iterable[Finding], after: Iterable[Finding], silent: set[str]
) -> str:
    """Say why the fix does not mend what it is for, "" when it does; `silent` checks said nothing."""
    if any(finding.check in silent for finding in findings):
        return "The check could not be run on what would come out."
    were, are = Counter(map(_place, before)), Counter(map(_place, after))
    mended = Counter(map(_place, findings))
    if any(are[place] > max(0, were[place] - count) for place, count in mended.items()):
        return "The error would still be there."
    return ""
