"""A chosen/rejected pair as HTML: the two sides beside each other, call by call, what differs marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pages.parts.json_html import value_html
from pages.parts.safe_text import text_html
from xlam_backend.domain.call_alignment import (
    ArgumentDifference,
    CallAlignment,
    CallPair,
    DifferenceKind,
    PairedAs,
)
from xlam_backend.domain.json_pointer import join_pointer, show_pointer, split_pointer
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.responses.pairs import PairView

_LONGEST_VALUE = 4_000
_LONGEST_THOUGHT = 6_000
_KIND_WORDS: dict[PairedAs, str] = {
    "same": "the same call",
    "other arguments": "other arguments",
    "other tool": "another tool",
    "missing call": "a call that is missing",
    "extra call": "a call too many",
}
_DIFFERENCE_WORDS: dict[DifferenceKind, str] = {
    "missing": "missing",
    "extra": "extra",
    "other value": "other value",
    "other type": "other type",
    "unreadable": "cannot be read",
}


def pair_html(view: PairView, *, left_title: str = "Chosen", right_title: str = "Rejected") -> str:
    """Return a pair as a table: a block of rows for each two calls that stand for each other."""
    pair = view.row.pair
    return sides_html(view.alignment, pair.chosen, pair.rejected, left_title, right_title)


def sides_html(
    alignment: CallAlignment,
    left: PairSide,
    right: PairSide,
    left_title: str,
    right_title: str,
    *,
    first_rows: str = "",
) -> str:
    """Return any two sides as such a table; `first_rows` (HTML, see `side_row`) stand above their calls."""
    blocks = "".join(_call_rows(pair, left.tool_calls, right.tool_calls) for pair in alignment.pairs)
    order = ""
    if alignment.other_order:
        order = '<p class="xs-note">The same calls in another order; the order counts here.</p>'
    return (
        '<table class="xs-table xs-pair"><colgroup><col style="width:14rem"><col><col></colgroup>'
        f'<thead><tr><th></th><th scope="col">{text_html(left_title)}</th>'
        f'<th scope="col">{text_html(right_title)}</th></tr></thead>'
        f"<tbody>{first_rows}{_thought_row(left, right)}{blocks or _no_calls_row()}</tbody></table>{order}"
    )


def side_row(name: str, left: str, right: str) -> str:
    """Return a row of two cells (HTML) under its name, in our own words."""
    return f'<tr><th scope="row">{text_html(name)}</th><td>{left}</td><td>{right}</td></tr>'


def _thought_row(left: PairSide, right: PairSide) -> str:
    cells = "".join(
        f"<td>{text_html(side.thought, _LONGEST_THOUGHT) or _nothing('none')}</td>" for side in (left, right)
    )
    return f'<tr><th scope="row">thought or reply</th>{cells}</tr>' if left.thought or right.thought else ""


def _no_calls_row() -> str:
    return f'<tr><th scope="row">calls</th><td>{_nothing("none")}</td><td>{_nothing("none")}</td></tr>'


def _call_rows(pair: CallPair, left: tuple[ToolCall, ...], right: tuple[ToolCall, ...]) -> str:
    here = None if pair.left is None else left[pair.left]
    there = None if pair.right is None else right[pair.right]
    is_other_name = pair.kind in ("other tool", "missing call", "extra call")
    names = "".join(f"<td>{_name(call, is_marked=is_other_name)}</td>" for call in (here, there))
    chip = '<span class="xs-chip xs-plain">' + text_html(_KIND_WORDS[pair.kind]) + "</span>"
    head = f'<tr class="xs-pair-call"><th scope="row">{chip}</th>{names}</tr>'
    return head + "".join(_argument_rows(pair.differences, here, there))


def _name(call: ToolCall | None, *, is_marked: bool) -> str:
    if call is None:
        return _nothing("no call")
    shown = f"<code>{text_html(call.name or '(no name)', 300)}</code>"
    return f"<mark>{shown}</mark>" if is_marked else shown


def _argument_rows(
    differences: Iterable[ArgumentDifference], left: ToolCall | None, right: ToolCall | None
) -> Iterable[str]:
    by_argument: dict[str, list[ArgumentDifference]] = {}
    for difference in differences:
        if not difference.pointer:
            yield _row(_DIFFERENCE_WORDS["unreadable"], _raw(left), _raw(right))
            return
        by_argument.setdefault(split_pointer(difference.pointer)[0], []).append(difference)
    sides = left.arguments if left else {}, right.arguments if right else {}
    for name in {**sides[0], **sides[1]}:
        yield from _rows_of_argument(name, by_argument.get(name, []), *sides)


def _rows_of_argument(
    name: str,
    differences: list[ArgumentDifference],
    left: Mapping[str, Any],
    right: Mapping[str, Any],
) -> Iterable[str]:
    whole = join_pointer([name])
    if len(differences) != 1 or differences[0].pointer != whole:  # the value, with what is inside it below
        yield _row(name, _value(left.get(name, MISSING)), _value(right.get(name, MISSING)))
    for difference in differences:
        words = f"{show_pointer(difference.pointer)}"
        kind = f' <span class="xs-chip xs-plain">{_DIFFERENCE_WORDS[difference.kind]}</span>'
        yield _row(
            words,
            _value(difference.left, is_marked=True),
            _value(difference.right, is_marked=True),
            note=kind,
        )


def _row(name: str, left: str, right: str, *, note: str = "") -> str:
    return f'<tr><td class="xs-arg">{text_html(name, 300)}{note}</td><td>{left}</td><td>{right}</td></tr>'


def _value(value: Any, *, is_marked: bool = False) -> str:
    if value is MISSING:
        return _nothing("not given")
    shown = value_html(value, _LONGEST_VALUE)
    return f"<mark>{shown}</mark>" if is_marked else shown


def _raw(call: ToolCall | None) -> str:
    if call is None:
        return _nothing("no call")
    if call.unreadable:
        return f"<mark><pre>{text_html(call.unreadable, _LONGEST_VALUE)}</pre></mark>"
    return value_html(call.arguments, _LONGEST_VALUE)


def _nothing(words: str) -> str:
    return f'<span class="xs-gap">{words}</span>'
