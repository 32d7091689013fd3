"""The categories of the leaderboard: what each asks, in which version it counts, and with how many questions.

>>> category_by_name("live_multiple").count("v4")
1053
>>> sum(category.count("v1") for category in CATEGORIES)
1700
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import msgspec

from xlam_backend.errors import UnknownNameError

Version = Literal["v1", "v2", "v3", "v4"]
"""Editions of the leaderboard; scores compare only within one."""

Group = Literal["non_live", "live", "executable", "multi_turn", "agentic"]
"""The sections in which the leaderboard lists its categories."""

Language = Literal["python", "java", "javascript"]
"""The language whose values the arguments are written in."""

Kind = Literal[
    "simple",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
    "relevance",
    "executable",
    "rest",
    "multi_turn",
    "memory",
    "web_search",
]
"""What is asked for, and with it how an answer is judged."""

VERSIONS: tuple[Version, ...] = ("v1", "v2", "v3", "v4")

GROUP_WORDS: MappingProxyType[Group, str] = MappingProxyType(
    {
        "non_live": "Non-live",
        "live": "Live",
        "executable": "Executable",
        "multi_turn": "Multi-turn",
        "agentic": "Agentic",
    }
)

CALL_KINDS: frozenset[Kind] = frozenset({"simple", "multiple", "parallel", "parallel_multiple"})
"""Kinds whose answers are held against allowed calls, argument by argument."""


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One category, under the name it has in v4; `old_names` are those of earlier versions."""

    name: str
    group: Group
    kind: Kind
    language: Language = "python"
    counts: tuple[tuple[Version, int], ...]
    old_names: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions in which this category counts."""
        return tuple(version for version, _ in self.counts)

    def count(self, version: Version) -> int:
        """How many questions it has in this version; 0 where it does not count."""
        return dict(self.counts).get(version, 0)

    @property
    def is_scored_here(self) -> bool:
        """Whether an answer can be judged without a network, keys or a simulated world.

        Of the executable questions this holds for those whose functions are only calculations:
        `xlam_backend/bfcl/executables.py` says which.
        """
        return self.kind in CALL_KINDS or self.kind in {"irrelevance", "relevance", "executable"}


def _every(count: int, first: Version = "v1", last: Version = "v4") -> tuple[tuple[Version, int], ...]:
    chosen = VERSIONS[VERSIONS.index(first) : VERSIONS.index(last) + 1]
    return tuple((version, count) for version in chosen)


def _live(v2: int, v3: int, v4: int) -> tuple[tuple[Version, int], ...]:
    return (("v2", v2), ("v3", v3), ("v4", v4))


def _category(
    name: str, group: Group, kind: Kind, counts: tuple[tuple[Version, int], ...], *old_names: str
) -> Category:
    return Category(name=name, group=group, kind=kind, counts=counts, old_names=old_names)


CATEGORIES: tuple[Category, ...] = (
    _category("simple_python", "non_live", "simple", _every(400), "simple"),
    Category(
        name="simple_java",
        group="non_live",
        kind="simple",
        language="java",
        counts=_every(100),
        old_names=("java",),
    ),
    Category(
        name="simple_javascript",
        group="non_live",
        kind="simple",
        language="javascript",
        counts=_every(50),
        old_names=("javascript",),
    ),
    _category("multiple", "non_live", "multiple", _every(200), "multiple_function"),
    _category("parallel", "non_live", "parallel", _every(200), "parallel_function"),
    _category(
        "parallel_multiple", "non_live", "parallel_multiple", _every(200), "parallel_multiple_function"
    ),
    _category("irrelevance", "non_live", "irrelevance", _every(240), "relevance"),
    # Retired in April 2025; the counts of v3 are those after it.
    _category("exec_simple", "executable", "executable", _every(100, last="v2"), "executable_simple"),
    _category(
        "exec_multiple", "executable", "executable", _every(50, last="v2"), "executable_multiple_function"
    ),
    _category(
        "exec_parallel", "executable", "executable", _every(50, last="v2"), "executable_parallel_function"
    ),
    _category(
        "exec_parallel_multiple",
        "executable",
        "executable",
        _every(40, last="v2"),
        "executable_parallel_multiple_function",
    ),
    _category("rest", "executable", "rest", _every(70, last="v2")),
    _category("live_simple", "live", "simple", _live(258, 258, 258)),
    _category("live_multiple", "live", "multiple", _live(1037, 1053, 1053)),
    _category("live_parallel", "live", "parallel", _live(16, 16, 16)),
    _category("live_parallel_multiple", "live", "parallel_multiple", _live(24, 24, 24)),
    _category("live_irrelevance", "live", "irrelevance", _live(875, 882, 884)),
    _category("live_relevance", "live", "relevance", _live(41, 18, 16)),
    _category("multi_turn_base", "multi_turn", "multi_turn", _every(200, "v3")),
    _category("multi_turn_miss_func", "multi_turn", "multi_turn", _every(200, "v3")),
    _category("multi_turn_miss_param", "multi_turn", "multi_turn", _every(200, "v3")),
    _category("multi_turn_long_context", "multi_turn", "multi_turn", _every(200, "v3")),
    _category("memory_kv", "agentic", "memory", _every(155, "v4")),
    _category("memory_vector", "agentic", "memory", _every(155, "v4")),
    _category("memory_rec_sum", "agentic", "memory", _every(155, "v4")),
    _category("web_search_base", "agentic", "web_search", _every(100, "v4")),
    _category("web_search_no_snippet", "agentic", "web_search", _every(100, "v4")),
)
"""Every category that counts in some version, in the order in which the leaderboard lists them."""

_BY_NAME = {category.name: category for category in CATEGORIES}


def version_by_name(name: str) -> Version:
    """The version called so; an UnknownNameError names those that there are."""
    for version in VERSIONS:
        if version == name:
            return version
    raise UnknownNameError("version of the leaderboard", name, VERSIONS)


def category_by_name(name: str) -> Category:
    """The category called so today; an UnknownNameError names the nearest one.

    "relevance" is not looked up as an old name here, because it changed its meaning: ask
    `category_by_old_name` for the names in files of earlier versions.
    """
    if name not in _BY_NAME:
        raise UnknownNameError("category of the leaderboard", name, _BY_NAME)
    return _BY_NAME[name]


def category_by_old_name(name: str) -> Category:
    """The category that an earlier version called so, or that is called so today.

    >>> category_by_old_name("java").name, category_by_old_name("relevance").name
    ('simple_java', 'irrelevance')
    """
    for category in CATEGORIES:
        if name in category.old_names:
            return category
    return category_by_name(name)


def categories_of(version: Version, group: Group | None = None) -> tuple[Category, ...]:
    """The categories that count in this version, of one group or of all."""
    return tuple(
        category
        for category in CATEGORIES
        if category.count(version) and (group is None or category.group == group)
    )
