"""What the leaderboard's columns are made of, in each of its versions.

v1  all correct answers of its 1,700 questions
v2  the mean of ten columns (the paper's Table 5): four of calls, four executed, irrelevance, relevance
v3  the mean of non-live, live (weighted by questions) and multi-turn
v4  10 % non-live calls, 10 % live calls, 10 % irrelevance, 30 % multi-turn, 40 % agentic
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import msgspec

from xlam_backend.bfcl.categories import Version

How = Literal["category", "mean", "weighted by questions", "weights"]


class Column(msgspec.Struct, frozen=True):
    """A column of the leaderboard: a category, or what is made of other columns.

    `how` says how: the plain mean of its parts, their questions pooled, or by `weights`.
    """

    name: str
    title: str
    words: str
    how: How = "category"
    parts: tuple[Column, ...] = ()
    weights: tuple[float, ...] = ()


def _category(name: str, title: str, words: str) -> Column:
    return Column(name, title, words)


def _mean(name: str, title: str, words: str, *parts: Column) -> Column:
    return Column(name, title, words, "mean", parts)


def _pooled(name: str, title: str, words: str, *parts: Column) -> Column:
    return Column(name, title, words, "weighted by questions", parts)


_PYTHON = _category("simple_python", "Python simple", "one function on offer, one call, in Python values")
_JAVA = _category("simple_java", "Java simple", "one function on offer, one call, in Java values")
_JAVASCRIPT = _category(
    "simple_javascript", "JavaScript simple", "one function on offer, one call, in JavaScript values"
)
_MULTIPLE = _category("multiple", "Multiple", "several functions on offer, one of them is called")
_PARALLEL = _category("parallel", "Parallel", "one function, called several times at once")
_PARALLEL_MULTIPLE = _category(
    "parallel_multiple", "Parallel multiple", "several functions on offer, several calls at once"
)
_IRRELEVANCE = _category("irrelevance", "Non-live irrelevance", "no function fits: nothing may be called")
_LIVE_SIMPLE = _category("live_simple", "Live simple", "questions of users: one function, one call")
_LIVE_MULTIPLE = _category(
    "live_multiple", "Live multiple", "questions of users: several functions, one is called"
)
_LIVE_PARALLEL = _category("live_parallel", "Live parallel", "questions of users: several calls at once")
_LIVE_PARALLEL_MULTIPLE = _category(
    "live_parallel_multiple", "Live parallel multiple", "questions of users: several functions and calls"
)
_LIVE_IRRELEVANCE = _category(
    "live_irrelevance", "Live irrelevance", "questions of users: no function fits, nothing may be called"
)
_LIVE_RELEVANCE = _category(
    "live_relevance", "Relevance", "a function fits, and any call that can be read counts as correct"
)
_EXEC_PYTHON = _category("exec_simple", "Executed Python", "one call is executed, its result compared")
_REST = _category("rest", "Executed REST", "one call to a web service; cannot be repeated without keys")
_EXEC_MULTIPLE = _category("exec_multiple", "Executed multiple", "several functions, one call is executed")
_EXEC_PARALLEL = _category("exec_parallel", "Executed parallel", "several calls are executed")
_EXEC_PARALLEL_MULTIPLE = _category(
    "exec_parallel_multiple", "Executed parallel multiple", "several functions, several calls are executed"
)
_MULTI_TURN_PARTS = (
    _category("multi_turn_base", "Multi-turn base", "several turns in a simulated world"),
    _category("multi_turn_miss_func", "Missing function", "the function comes only in a later turn"),
    _category("multi_turn_miss_param", "Missing argument", "a value is said only in a later turn"),
    _category("multi_turn_long_context", "Long context", "several turns, with very long results"),
)

_CALLS = "the mean of simple, multiple, parallel and parallel multiple"
_SIMPLE = _mean("simple", "Simple", "the mean of Python, Java and JavaScript", _PYTHON, _JAVA, _JAVASCRIPT)
_NON_LIVE_CALLS = (_SIMPLE, _MULTIPLE, _PARALLEL, _PARALLEL_MULTIPLE)
_LIVE_CALLS = (_LIVE_SIMPLE, _LIVE_MULTIPLE, _LIVE_PARALLEL, _LIVE_PARALLEL_MULTIPLE)
_NON_LIVE_AST = _mean("non_live_ast", "Non-live calls", _CALLS, *_NON_LIVE_CALLS)
_LIVE_AST = _pooled(
    "live_ast", "Live calls", "all live questions that want calls, weighted by questions", *_LIVE_CALLS
)
_BOTH_IRRELEVANCE = _mean(
    "irrelevance_both",
    "Irrelevance",
    "the mean of non-live and live irrelevance; a reply that cannot be read counts as correct",
    _IRRELEVANCE,
    _LIVE_IRRELEVANCE,
)
_MULTI_TURN = _mean("multi_turn", "Multi-turn", "the mean of its four categories", *_MULTI_TURN_PARTS)
_NON_LIVE_V3 = _mean(
    "non_live",
    "Non-live",
    "the mean of the four kinds of calls and irrelevance",
    *_NON_LIVE_CALLS,
    _IRRELEVANCE,
)
_LIVE = _pooled(
    "live",
    "Live",
    "all live questions, weighted by questions",
    *_LIVE_CALLS,
    _LIVE_IRRELEVANCE,
    _LIVE_RELEVANCE,
)

_SIMPLE_V1 = _pooled("simple", "Simple", "Python, Java and JavaScript", _PYTHON, _JAVA, _JAVASCRIPT)
_EXEC_SIMPLE_V1 = _pooled("exec_simple_both", "Executed simple", "Python and REST", _EXEC_PYTHON, _REST)
_AST_V1 = _mean("ast", "Calls", _CALLS, _SIMPLE_V1, _MULTIPLE, _PARALLEL, _PARALLEL_MULTIPLE)
_EXEC_V1 = _mean(
    "exec",
    "Executed",
    "the mean of the four executed columns",
    _EXEC_SIMPLE_V1,
    _EXEC_MULTIPLE,
    _EXEC_PARALLEL,
    _EXEC_PARALLEL_MULTIPLE,
)
_V1 = _pooled(
    "overall",
    "Overall",
    "correct answers of all 1,700 questions",
    _SIMPLE_V1,
    _MULTIPLE,
    _PARALLEL,
    _PARALLEL_MULTIPLE,
    _EXEC_SIMPLE_V1,
    _EXEC_MULTIPLE,
    _EXEC_PARALLEL,
    _EXEC_PARALLEL_MULTIPLE,
    msgspec.structs.replace(
        _IRRELEVANCE, title="Irrelevance", words="no function fits (v1 calls it relevance detection)"
    ),
)


def _with_live(name: str, title: str, non_live: Column, live: Column) -> Column:
    return _mean(name, title, "the mean of non-live and live", non_live, live)


_EXEC_SIMPLE_V2 = _mean(
    "exec_simple_both", "Executed simple", "the mean of Python and REST", _EXEC_PYTHON, _REST
)
_AST_V2 = (
    _with_live("simple_both", "Simple", _SIMPLE, _LIVE_SIMPLE),
    _with_live("multiple_both", "Multiple", _MULTIPLE, _LIVE_MULTIPLE),
    _with_live("parallel_both", "Parallel", _PARALLEL, _LIVE_PARALLEL),
    _with_live("parallel_multiple_both", "Parallel multiple", _PARALLEL_MULTIPLE, _LIVE_PARALLEL_MULTIPLE),
)
_EXEC_V2 = (_EXEC_SIMPLE_V2, _EXEC_MULTIPLE, _EXEC_PARALLEL, _EXEC_PARALLEL_MULTIPLE)
_V2 = _mean(
    "overall",
    "Overall",
    "the mean of the ten columns",
    *_AST_V2,
    *_EXEC_V2,
    _BOTH_IRRELEVANCE,
    _LIVE_RELEVANCE,
)
_NON_LIVE_V2 = _mean(
    "non_live",
    "Non-live",
    "the mean of four kinds of calls, four executed and irrelevance",
    *_NON_LIVE_CALLS,
    *_EXEC_V2,
    _IRRELEVANCE,
)

_V3 = _mean(
    "overall", "Overall", "the mean of non-live, live and multi-turn", _NON_LIVE_V3, _LIVE, _MULTI_TURN
)

_WEB_SEARCH = _mean(
    "web_search",
    "Web search",
    "the mean of both categories",
    _category("web_search_base", "Web search base", "questions that take several searches"),
    _category("web_search_no_snippet", "No snippet", "the same without excerpts in the results"),
)
_MEMORY = _mean(
    "memory",
    "Memory",
    "the mean of three kinds of memory",
    _category("memory_kv", "Key-value memory", "what was said earlier is kept under keys"),
    _category("memory_vector", "Vector memory", "what was said earlier is found by likeness"),
    _category("memory_rec_sum", "Summary memory", "what was said earlier is summed up again and again"),
)
_AGENTIC = _mean("agentic", "Agentic", "the mean of web search and memory", _WEB_SEARCH, _MEMORY)
_V4 = Column(
    "overall",
    "Overall",
    "10 % non-live calls, 10 % live calls, 10 % irrelevance, 30 % multi-turn, 40 % agentic",
    "weights",
    (_NON_LIVE_AST, _LIVE_AST, _BOTH_IRRELEVANCE, _MULTI_TURN, _AGENTIC),
    (0.1, 0.1, 0.1, 0.3, 0.4),
)

OVERALL: MappingProxyType[Version, Column] = MappingProxyType({"v1": _V1, "v2": _V2, "v3": _V3, "v4": _V4})
"""The overall accuracy of each version, with all that it is made of."""

_BESIDE: MappingProxyType[Version, tuple[Column, ...]] = MappingProxyType(
    {
        "v1": (_AST_V1, _EXEC_V1),
        "v2": (
            _mean("ast", "Calls", "the mean of its four columns, non-live and live", *_AST_V2),
            _mean("exec", "Executed", "the mean of the four executed columns", *_EXEC_V2),
            _NON_LIVE_V2,
            _LIVE,
            _NON_LIVE_AST,
            _LIVE_AST,
        ),
        "v3": (_NON_LIVE_AST, _LIVE_AST, _BOTH_IRRELEVANCE),
        "v4": (_LIVE_RELEVANCE,),
    }
)
"""Columns that the leaderboard shows beside what its overall is made of."""

MAIN_COLUMNS: MappingProxyType[Version, tuple[str, ...]] = MappingProxyType(
    {
        "v1": (
            "overall",
            "simple",
            "multiple",
            "parallel",
            "parallel_multiple",
            "exec_simple_both",
            "exec_multiple",
            "exec_parallel",
            "exec_parallel_multiple",
            "irrelevance",
        ),
        "v2": ("overall", *(column.name for column in _V2.parts)),
        "v3": ("overall", "non_live", "live", "multi_turn", "irrelevance_both", "live_relevance"),
        "v4": (
            "overall",
            "non_live_ast",
            "live_ast",
            "irrelevance_both",
            "multi_turn",
            "web_search",
            "memory",
            "live_relevance",
        ),
    }
)
"""The columns of a first look; the rest unfold."""


def columns_of(version: Version) -> dict[str, Column]:
    """Every column of a version by its name: the overall, what it is made of, and those beside it.

    >>> list(columns_of("v4"))[:3]
    ['overall', 'non_live_ast', 'simple']
    """
    found: dict[str, Column] = {}

    def add(column: Column) -> None:
        found.setdefault(column.name, column)
        for part in column.parts:
            add(part)

    for column in (OVERALL[version], *_BESIDE[version]):
        add(column)
    return found


def categories_in(column: Column) -> tuple[str, ...]:
    """The categories that a column is made of.

    >>> categories_in(columns_of("v4")["web_search"])
    ('web_search_base', 'web_search_no_snippet')
    """
    if not column.parts:
        return (column.name,)
    return tuple(dict.fromkeys(name for part in column.parts for name in categories_in(part)))
