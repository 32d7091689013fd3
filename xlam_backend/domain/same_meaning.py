"""Tells whether two lists of calls mean the same though they are written differently.

Beyond equal calls (`call_alignment`): defaults written out or left out, 5 and "5" and "5.0", "1,000" and
1000, other case and spaces, another notation of the same date. Between such calls nothing is to be
preferred, as long as no rule has something against one of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from xlam_backend.domain.call_alignment import CallAlignment, align_calls, without_defaults
from xlam_backend.domain.said_text import SaidText
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.domain.type_values import is_same_value
from xlam_backend.domain.value_match import match_text

_NUMBER = re.compile(
    r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?"
)
_LONGEST_NUMBER = 40
_BETWEEN_WORDS = re.compile(r"(?<=\w)[\s_-]+(?=[^\W\d_])")
_LONGEST_DATE = 60


def mean_the_same(
    one: Sequence[ToolCall], other: Sequence[ToolCall], schemas: Mapping[str, ToolSchema]
) -> bool:
    """Tell whether two lists of calls mean the same, with the tools on offer by name.

    >>> five = [ToolCall("f", {"city": "Oslo", "n": 5})]
    >>> mean_the_same(five, [ToolCall("f", {"n": "5", "city": "oslo"})], {})
    True
    >>> mean_the_same(five, [ToolCall("f", {"n": -5, "city": "Oslo"})], {})
    False
    """
    if len(one) != len(other):
        return False
    plain = align_calls(without_defaults(one, schemas), without_defaults(other, schemas))
    return _is_same_meaning(plain)


def is_same_meaning(one: Any, other: Any) -> bool:
    """Tell whether two JSON values say the same.

    >>> is_same_meaning("1,000", 1000), is_same_meaning("New York", "new  york"), is_same_meaning("C", "C++")
    (True, True, False)
    >>> is_same_meaning("2024-03-05", "March 5, 2024"), is_same_meaning(True, "true")
    (True, False)
    """
    waiting = [(one, other)]  # not recursive: values may be nested deeper than Python calls may
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            waiting += zip(one, other, strict=True)
        elif isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            waiting += ((one[key], other[key]) for key in one)
        elif not _is_same_leaf(one, other):
            return False
    return True


def _is_same_leaf(one: Any, other: Any) -> bool:
    first, second = _number(one), _number(other)
    if first is None or second is None:
        is_text = isinstance(one, str) and isinstance(other, str)
        return is_same_value(one, other) or (is_text and _is_same_text(one, other))
    if isinstance(first, int) and isinstance(second, int):
        return first == second
    try:
        return math.isclose(first, second, rel_tol=1e-9)
    except OverflowError:  # a whole number beyond every float
        return first == second


def _is_same_meaning(alignment: CallAlignment) -> bool:
    """Tell whether what differs between calls is only how values are written."""
    if alignment.other_order:
        return False
    for pair in alignment.pairs:
        if pair.kind == "same":
            continue
        if pair.kind != "other arguments":
            return False
        for difference in pair.differences:
            is_written = difference.kind in ("other value", "other type")
            if not is_written or not is_same_meaning(difference.left, difference.right):
                return False
    return True


def _number(value: Any) -> int | float | None:
    """Return the number that a value is, or is the text of; "007" is a name, no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value.strip()):
        return None
    plain = value.strip().replace(",", "")
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)


def _is_same_text(one: str, other: str) -> bool:
    return _plain(one) == _plain(other) or _is_same_date(one, other)


def _plain(text: str) -> str:
    """Return a text without what people do not count: case, spaces around, and what joins its words."""
    return _BETWEEN_WORDS.sub(" ", text.strip().casefold())


def _is_same_date(one: str, other: str) -> bool:
    """Tell whether each text, read as a date, is found in the other."""
    if max(len(one), len(other)) > _LONGEST_DATE:
        return False
    there, back = match_text(one, SaidText(other)), match_text(other, SaidText(one))
    return bool(there and back) and {there.rule, back.rule} == {"date"}  # type: ignore[union-attr]
