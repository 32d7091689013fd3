"""The two sides of a pair as a reviewer sees them: left and right by lot, beside each other call by call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xlam_backend.domain.call_alignment import CallPair, align_calls
from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.json_pointer import split_pointer
from xlam_backend.domain.pair import Pair
from xlam_backend.domain.review import Preference
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.review.trace_view import CallView, Said, show_call, show_text

Pressed = Literal["left", "right", "equal", "both_bad"]
_LONGEST_THOUGHT = 4_000


class AlignedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Two calls that stand for each other; one is missing where the other side has none.

    `differing` are the names of the arguments that differ.
    """

    kind: Literal["same", "other arguments", "other tool", "left only", "right only"]
    left: CallView | None = None
    right: CallView | None = None
    differing: tuple[str, ...] = ()


class PairView(msgspec.Struct, frozen=True):
    """Two sides without their origin."""

    left_thought: Said
    right_thought: Said
    rows: tuple[AlignedRow, ...]


def is_chosen_left(item_no: int, person: str) -> bool:
    """Tell whether this person sees the chosen side of this item on the left: a lot that stays the same.

    >>> len({is_chosen_left(7, name) for name in ("ann", "bob", "cleo", "dan", "eve", "finn")})
    2
    """
    return int(content_hash(f"{item_no}\0{person}".encode())[:2], 16) % 2 == 0


def resolve_preference(item_no: int, person: str, pressed: Pressed) -> Preference:
    """Return what a press means, from what was on this person's screen."""
    if pressed in ("equal", "both_bad"):
        return "equal" if pressed == "equal" else "both_bad"
    return "chosen" if (pressed == "left") == is_chosen_left(item_no, person) else "rejected"


def make_pair_view(
    pair: Pair, schemas: dict[str, ToolSchema], *, tools_stated: bool, is_left: bool
) -> PairView:
    """Return the sides of a pair; `is_left`: the chosen one stands on the left."""
    left, right = (pair.chosen, pair.rejected) if is_left else (pair.rejected, pair.chosen)

    def show(call: ToolCall) -> CallView:
        return show_call(call, schemas.get(call.name), tools_stated=tools_stated)

    rows = aligned_rows(left.tool_calls, right.tool_calls, show, show)
    return PairView(
        show_text(left.thought, _LONGEST_THOUGHT), show_text(right.thought, _LONGEST_THOUGHT), rows
    )


def aligned_rows(
    left: Sequence[ToolCall],
    right: Sequence[ToolCall],
    show_left: Callable[[ToolCall], CallView],
    show_right: Callable[[ToolCall], CallView],
) -> tuple[AlignedRow, ...]:
    """Return two lists of calls beside each other, each shown as its side shows calls."""
    return tuple(
        _row(
            pair,
            None if pair.left is None else show_left(left[pair.left]),
            None if pair.right is None else show_right(right[pair.right]),
        )
        for pair in align_calls(tuple(left), tuple(right)).pairs
    )


def _row(pair: CallPair, left: CallView | None, right: CallView | None) -> AlignedRow:
    kind: Literal["same", "other arguments", "other tool", "left only", "right only"]
    if pair.kind == "missing call":
        kind = "left only"
    elif pair.kind == "extra call":
        kind = "right only"
    else:
        kind = pair.kind
    names = [split_pointer(difference.pointer)[:1] for difference in pair.differences]
    return AlignedRow(kind, left, right, tuple(dict.fromkeys(name[0] for name in names if name)))
