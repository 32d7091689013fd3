"""Shows that a planted error makes the step worse, and does nothing else.

Both must hold. The calls differ at the planted place, in the way of the error's kind, and nowhere else;
and they do not mean the same. The check that knows this kind of error flags the rejected side at that
place, and says nothing of the kind about the chosen side. For kinds without a check the calls decide alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xlam_backend.domain.call_alignment import CallPair, align_calls
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.json_pointer import split_pointer
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.same_meaning import mean_the_same
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.preference.kinds import Kind, Shape
from xlam_backend.preference.planting import Planted


def is_shown(
    kind: Kind,
    own: PairSide,
    planted: Planted,
    *,
    schemas: Mapping[str, ToolSchema],
    own_findings: Sequence[Finding],
    findings: Sequence[Finding],
) -> bool:
    """Tell whether a planted error is really one, and the only one.

    Args:
        kind: the error that was to be planted.
        own: the correct step.
        planted: the same step with the error.
        schemas: the tools on offer, by name.
        own_findings: what the rules say about the correct step.
        findings: what they say about the step with the error.
    """
    return (
        differs_only_there(kind.shape, own.tool_calls, planted)
        and not mean_the_same(own.tool_calls, planted.side.tool_calls, schemas)
        and (not kind.check or _is_flagged(kind, planted, own_findings, findings))
    )


def differs_only_there(shape: Shape, own: Sequence[ToolCall], planted: Planted) -> bool:
    """Tell whether the calls differ in this way at the planted place, and nowhere else."""
    alignment = align_calls(own, planted.side.tool_calls)
    if alignment.other_order:
        return False
    differing = [pair for pair in alignment.pairs if pair.kind != "same"]
    if shape == "no call":
        return not planted.side.tool_calls and len(differing) == len(own) > 0
    if len(differing) != 1 or differing[0].kind != shape:
        return False
    [pair] = differing
    place = pair.right if shape == "extra call" else pair.left
    return _is_same_call_again(own, planted, pair) if place != planted.call else _is_at(pair, own, planted)


def _is_same_call_again(own: Sequence[ToolCall], planted: Planted, pair: CallPair) -> bool:
    """Tell whether the call beside is equal to the planted one, so that it does not matter which it is."""
    if pair.kind == "missing call" and pair.left is not None:
        return align_calls([own[pair.left]], [own[planted.call]]).is_equal
    if pair.kind == "extra call" and pair.right is not None:
        calls = planted.side.tool_calls
        return align_calls([calls[pair.right]], [calls[planted.call]]).is_equal
    return False


def _is_at(pair: CallPair, own: Sequence[ToolCall], planted: Planted) -> bool:
    """Tell whether what differs inside a call is the planted argument; a renamed one differs twice."""
    if pair.kind != "other arguments" or not planted.pointer:
        return True
    names = {split_pointer(difference.pointer)[0] for difference in pair.differences}
    before, after = own[planted.call], planted.side.tool_calls[planted.call]
    renamed = set(before.arguments) ^ set(after.arguments)
    return names <= {split_pointer(planted.pointer)[0], *renamed} and len(renamed) <= 2


def _is_flagged(
    kind: Kind, planted: Planted, own_findings: Iterable[Finding], findings: Iterable[Finding]
) -> bool:
    def at_the_place(found: Iterable[Finding]) -> list[Finding]:
        return [
            each
            for each in found
            if each.check == kind.check
            and each.call in (planted.call, -1)
            and _is_inside(each.pointer, planted.pointer)
        ]

    return bool(at_the_place(findings)) and not at_the_place(own_findings)


def _is_inside(found: str, planted: str) -> bool:
    """Tell whether a finding is about the planted argument, or about no argument in particular."""
    if not found or not planted:
        return True
    return split_pointer(found)[0] == split_pointer(planted)[0]
