"""The tables that the leaderboard has published: the columns of each, and what they are called here."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import msgspec

from xlam_backend.bfcl.categories import Version

Part = Literal["overall", "non_live", "live", "multi_turn", "agentic"]
PART_WORDS: MappingProxyType[Part, str] = MappingProxyType(
    {
        "overall": "overall",
        "non_live": "non-live",
        "live": "live",
        "multi_turn": "multi-turn",
        "agentic": "agentic",
    }
)


class Layout(msgspec.Struct, frozen=True):
    """A kind of published table: `columns` maps its heads to the names of bfcl/columns.py."""

    version: Version
    part: Part
    columns: dict[str, str]


_CALLS = ("multiple", "parallel", "parallel_multiple")
_HEADS = ("Multiple", "Parallel", "Parallel Multiple")


def _named(pattern: str, name: str) -> dict[str, str]:
    """Return heads and names of the three kinds of calls beside simple ones."""
    return {pattern.format(head): name.format(kind) for head, kind in zip(_HEADS, _CALLS, strict=True)}


_V1 = {
    "Overall Acc": "overall",
    "AST Summary": "ast",
    "Exec Summary": "exec",
    "Simple Function AST": "simple",
    "Python Simple Function AST": "simple_python",
    "Java Simple Function AST": "simple_java",
    "JavaScript Simple Function AST": "simple_javascript",
    "Multiple Functions AST": "multiple",
    "Parallel Functions AST": "parallel",
    "Parallel Multiple AST": "parallel_multiple",
    "Simple Function Exec": "exec_simple_both",
    "Python Simple Function Exec": "exec_simple",
    "REST Simple Function Exec": "rest",
    "Multiple Functions Exec": "exec_multiple",
    "Parallel Functions Exec": "exec_parallel",
    "Parallel Multiple Exec": "exec_parallel_multiple",
    "Relevance Detection": "irrelevance",
}
_EXECUTED = {"Simple Exec": "exec_simple_both", **_named("{} Exec", "exec_{}")}
_V2 = {
    "Overall Acc": "overall",
    "AST Summary": "ast",
    "Exec Summary": "exec",
    "Simple AST": "simple_both",
    **_named("{} AST", "{}_both"),
    **_EXECUTED,
    "Irrelevance Detection": "irrelevance_both",
    "Relevance Detection": "live_relevance",
}
_LIVE = {
    "AST Summary": "live_ast",
    "Python Simple AST": "live_simple",
    **_named("Python {} AST", "live_{}"),
    "Irrelevance Detection": "live_irrelevance",
    "Relevance Detection": "live_relevance",
}
_NON_LIVE = {
    "AST Summary": "non_live_ast",
    "Simple AST": "simple",
    "Python Simple AST": "simple_python",
    "Java Simple AST": "simple_java",
    "JavaScript Simple AST": "simple_javascript",
    **_named("{} AST", "{}"),
    "Irrelevance Detection": "irrelevance",
}
_NON_LIVE_V2 = {
    **_NON_LIVE,
    "Overall Acc": "non_live",
    "Exec Summary": "exec",
    **_EXECUTED,
    "Python Simple Exec": "exec_simple",
    "REST Simple Exec": "rest",
}
_MULTI_TURN = {
    "Multi Turn Overall Acc": "multi_turn",
    "Base": "multi_turn_base",
    "Miss Func": "multi_turn_miss_func",
    "Miss Param": "multi_turn_miss_param",
    "Long Context": "multi_turn_long_context",
}
_V3 = {
    "Overall Acc": "overall",
    "Non-Live AST Acc": "non_live_ast",
    "Non-Live Simple AST": "simple",
    **_named("Non-Live {} AST", "{}"),
    # Meant all live questions in some tables, only those that want calls in others: see published_csv.py.
    "Live Acc": "live_ast",
    "Live Simple AST": "live_simple",
    **_named("Live {} AST", "live_{}"),
    "Multi Turn Acc": "multi_turn",
    **{f"Multi Turn {head}": name for head, name in list(_MULTI_TURN.items())[1:]},
    "Relevance Detection": "live_relevance",
    "Irrelevance Detection": "irrelevance_both",
}
_WEB_SEARCH = {"Web Search Base": "web_search_base", "Web Search No Snippet": "web_search_no_snippet"}
_MEMORY = {
    "Memory KV": "memory_kv",
    "Memory Vector": "memory_vector",
    "Memory Recursive Summarization": "memory_rec_sum",
}
_V4 = {**_V3, "Web Search Acc": "web_search", **_WEB_SEARCH, "Memory Acc": "memory", **_MEMORY}
_AGENTIC = {
    "Agentic Overall Acc": "agentic",
    "Web Search Summary": "web_search",
    **_WEB_SEARCH,
    "Memory Summary": "memory",
    **_MEMORY,
}

LAYOUTS: tuple[Layout, ...] = (
    Layout("v1", "overall", _V1),
    Layout("v2", "overall", _V2),
    Layout("v2", "non_live", _NON_LIVE_V2),
    Layout("v2", "live", {"Overall Acc": "live", **_LIVE}),
    Layout("v3", "overall", _V3),
    Layout(
        "v3",
        "non_live",
        {**_NON_LIVE, "Non_Live Overall Acc": "non_live", "Non-Live Overall Acc": "non_live"},
    ),
    Layout("v3", "live", {"Live Overall Acc": "live", **_LIVE}),
    Layout("v3", "multi_turn", _MULTI_TURN),
    Layout("v4", "overall", _V4),
    Layout("v4", "non_live", {**_NON_LIVE, "Non-Live Overall Acc": "non_live_ast"}),
    Layout("v4", "live", {"Live Overall Acc": "live_ast", **_LIVE}),
    Layout("v4", "multi_turn", _MULTI_TURN),
    Layout("v4", "agentic", _AGENTIC),
)

WORD_HEADS: MappingProxyType[str, str] = MappingProxyType(
    {"Model Link": "link", "Organization": "organization", "License": "licence"}
)
OTHER_HEADS = frozenset(
    {
        "Rank",
        "Model",
        *WORD_HEADS,
        "Total Cost ($)",
        "Cost ($ Per 1k Function Calls)",
        "Latency Mean (s)",
        "Latency Standard Deviation (s)",
        "Latency 95th Percentile (s)",
        "Format Sensitivity Max Delta",
        "Format Sensitivity Standard Deviation",
    }
)
"""Heads that hold no score of a column."""
