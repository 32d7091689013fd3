"""What a training row asks for, in the words of the leaderboard's categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from xlam_backend.bfcl.categories import Category, Kind

Shape = Literal[
    "simple",
    "multiple",
    "parallel",
    "parallel_multiple",
    "no_call",
    "several_steps",
    "no_tools",
]
"""Which calls a row makes, and among how many tools it chooses."""

SHAPES: tuple[Shape, ...] = get_args(Shape)

SHAPE_WORDS: dict[Shape, str] = {
    "simple": "one call, one tool on offer",
    "multiple": "one call, several tools on offer",
    "parallel": "several calls at once, one tool on offer",
    "parallel_multiple": "several calls at once, several tools on offer",
    "no_call": "tools on offer, none called",
    "several_steps": "calls in several steps",
    "no_tools": "no tools on offer: general instruction",
}

_OF_KIND: dict[Kind, tuple[Shape, ...]] = {
    "simple": ("simple",),
    "multiple": ("multiple",),
    "parallel": ("parallel",),
    "parallel_multiple": ("parallel_multiple",),
    "irrelevance": ("no_call",),
    "relevance": ("simple", "multiple"),
    "multi_turn": ("several_steps",),
    "memory": ("several_steps",),
    "web_search": ("several_steps",),
}
_OF_EXECUTABLE: dict[str, Shape] = {
    "exec_simple": "simple",
    "exec_multiple": "multiple",
    "exec_parallel": "parallel",
    "exec_parallel_multiple": "parallel_multiple",
    "rest": "simple",
}


def shape_of_row(tool_count: int, calls_by_step: Sequence[int]) -> Shape:
    """Return the shape of a row that offers so many tools and makes so many calls at each step.

    >>> shape_of_row(1, [1]), shape_of_row(4, [2, 0]), shape_of_row(2, [0]), shape_of_row(3, [1, 1])
    ('simple', 'parallel_multiple', 'no_call', 'several_steps')
    """
    calling = [count for count in calls_by_step if count]
    if not calling:
        return "no_call" if tool_count else "no_tools"
    if len(calling) > 1:
        return "several_steps"
    if calling[0] > 1:
        return "parallel_multiple" if tool_count > 1 else "parallel"
    return "multiple" if tool_count > 1 else "simple"


def shapes_of_category(category: Category) -> tuple[Shape, ...]:
    """Return the shapes of the rows that practise what a category asks.

    >>> from xlam_backend.bfcl.categories import category_by_name
    >>> shapes_of_category(category_by_name("live_irrelevance"))
    ('no_call',)
    """
    if category.name in _OF_EXECUTABLE:
        return (_OF_EXECUTABLE[category.name],)
    return _OF_KIND[category.kind]
