"""Near-duplicates in words: what a pair is, why it stays or goes, what was decided about a row."""

from __future__ import annotations

from pages.parts.counted import counted
from pages.parts.safe_text import one_line
from xlam_backend.domain.near_duplicate import Choice, ClusterLine, Decision, KeeperFacts, PairClass, Search

# Why a pair of each class stays or goes, for somebody who has never thought about it.
CLASS_REASONS: dict[PairClass, str] = {
    "duplicate": "Goes: worded alike, and the same tools are called with the same values. The second one "
    "teaches nothing new; one of each cluster is kept.",
    "same_query_other_arguments": "Stays: worded alike, but other values are called for, as for Oslo and for "
    "Bergen. That is how a model learns to take values from the request.",
    "paraphrase": "Stays: the same calls, asked for in other words. That is how a model learns that "
    "words vary.",
    "same_tools_only": "Stays: the same tools, but other words and other values.",
    "unrelated": "Stays: other tools are called, however alike the words are, as for adding and for "
    "multiplying 2 and 3.",
}
# What becomes of a pair of each class, with a shape that tells them apart without colour.
CLASS_VERBS: dict[PairClass, str] = {
    "duplicate": "✖ one goes",
    "same_query_other_arguments": "✔ stay",
    "paraphrase": "✔ stay",
    "same_tools_only": "✔ stay",
    "unrelated": "✔ stay",
}
CHOICE_WORDS: dict[Choice | str, str] = {
    "keep one": "kept one",
    "keep both": "kept both",
    "keep all": "kept all",
    "undo": "taken back",
}


def search_words(search: Search) -> str:
    """Return a search on one line, to be chosen by."""
    dataset = search.settings.filters.dataset
    about = f", {one_line(dataset, 40)}" if dataset else ""
    when = f"{search.made_at:%d %B %H:%M}"
    return f"{when}{about}: {counted(search.row_count, 'trajectory', 'trajectories')}"


def state_words(line: ClusterLine) -> str:
    """Return what was decided about a cluster.

    >>> state_words(ClusterLine(1, 2, "", (), (), 1.0, "", 0, 0, ""))
    'undecided'
    """
    if not line.dropped_count and not line.kept_count:
        return "undecided"
    said = f"{line.kept_count:,} stay, {line.dropped_count:,} go"
    return said if line.is_decided else f"{said}, the rest undecided"


def decision_words(decision: Decision) -> str:
    """Return an act of deciding on one line."""
    clusters = counted(decision.cluster_count, "cluster")
    said = CHOICE_WORDS[decision.choice]
    return f"{said} in {clusters}: {decision.dropped_count:,} go, {decision.kept_count:,} stay"


def facts_words(facts: KeeperFacts) -> str:
    """Return what decides who is kept.

    >>> facts_words(KeeperFacts(False, 1, 0.5, 2))
    '1 finding, rated 50 %, 2 steps'
    """
    rated = "not rated" if facts.rating is None else f"rated {facts.rating:.0%}".replace("%", " %")
    words = [counted(facts.finding_count, "finding"), rated, counted(facts.step_count, "step")]
    return ", ".join(["of an evaluation set", *words] if facts.is_protected else words)
