"""The words of near-duplicates: how alike two samples are, what class a pair is of, and who is kept.

Alike words do not make a duplicate. "Add 2 and 3" and "multiply 2 and 3" lie close together for every
embedding model, and both are worth training on. So two rows are duplicates only when they are worded
alike **and** call the same tools with the same argument values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.trajectory import ToolCall

# same calls: the same tools with the same values. same tools: other values. other tools: anything else.
Agreement = Literal["same calls", "same tools", "other tools"]
AGREEMENTS: tuple[Agreement, ...] = get_args(Agreement)

PairClass = Literal["duplicate", "same_query_other_arguments", "paraphrase", "same_tools_only", "unrelated"]
PAIR_CLASSES: tuple[PairClass, ...] = get_args(PairClass)

CLASS_TITLES: dict[PairClass, str] = {
    "duplicate": "Duplicate",
    "same_query_other_arguments": "Same query, other arguments",
    "paraphrase": "Paraphrase",
    "same_tools_only": "Same tools only",
    "unrelated": "Unrelated",
}
CLASS_MEANINGS: dict[PairClass, str] = {
    "duplicate": "worded alike, and the same tools are called with the same values: one of them can go",
    "same_query_other_arguments": "worded alike, but other argument values: both are worth keeping",
    "paraphrase": "the same calls, asked for in other words: both are worth keeping",
    "same_tools_only": "the same tools, other values, other words",
    "unrelated": "other tools are called, however alike the words are",
}

Choice = Literal["keep one", "keep both", "keep all"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
Act = Literal["keep one", "keep both", "keep all", "undo"]
ClusterState = Literal["", "undecided", "decided"]
CLUSTER_STATES: tuple[ClusterState, ...] = get_args(ClusterState)

DEFAULT_MODEL = ""  # the model that comes with the packages, and needs no network
LOWEST_THRESHOLD = 0.5

KEEPER_RULE = (
    "Kept is a row of an evaluation set before any other, then one that review has not dropped, then the one "
    "with the fewest findings, then the best rated, then the one with the most steps; among equals the seed "
    "decides."
)


class SearchSettings(msgspec.Struct, frozen=True):
    """What a search compares, and how.

    `model` is a sentence-transformers name or path, "" for the one that comes with the packages.
    `threshold` is the similarity from which alike words count as the same (it can be moved later, down to
    `lowest_same_calls`). Pairs with other calls are looked for from `lowest_other_calls`. Trajectories of
    `evaluation_sets` (names of datasets) are compared with the ones that `filters` choose, and never
    dropped. `seed` decides among rows that are equally good to keep.
    """

    filters: Filters = Filters()
    evaluation_sets: tuple[str, ...] = ()
    model: str = DEFAULT_MODEL
    threshold: float = 0.8
    lowest_same_calls: float = LOWEST_THRESHOLD
    lowest_other_calls: float = 0.8
    seed: int = 0


class Search(msgspec.Struct, frozen=True):
    """A search that is in the store; counts are of trajectories and of their different texts."""

    search_no: int
    run_id: str
    settings: SearchSettings
    model: str
    model_sha256: str
    row_count: int
    text_count: int
    new_text_count: int
    no_text_count: int
    cut_count: int
    person: str
    made_at: datetime


class KeeperFacts(msgspec.Struct, frozen=True):
    """What decides whether a row is the one to keep; `rating` is 0..1, None when nobody rated it.

    `tie_break` is drawn from the seed and the trajectory's id. `is_dropped`: review has dropped it.
    """

    is_protected: bool
    finding_count: int
    rating: float | None
    step_count: int
    tie_break: int = 0
    is_dropped: bool = False


def keeping_key(facts: KeeperFacts) -> tuple[bool, bool, int, float, int, int]:
    """Return what rows are sorted by: the first one is kept.

    >>> clean, flagged = KeeperFacts(False, 0, None, 2), KeeperFacts(False, 3, 1.0, 9)
    >>> keeping_key(clean) < keeping_key(flagged)
    True
    """
    rating = -1.0 if facts.rating is None else facts.rating
    return (
        not facts.is_protected,
        facts.is_dropped,
        facts.finding_count,
        -rating,
        -facts.step_count,
        facts.tie_break,
    )


def keeping_reason(kept: KeeperFacts, others: Sequence[KeeperFacts]) -> str:
    """Say in a few words why a row is kept before the others.

    >>> keeping_reason(KeeperFacts(False, 0, None, 2), [KeeperFacts(False, 3, None, 2)])
    'fewest findings'
    """
    names = (
        "of an evaluation set",
        "the others were dropped by review",
        "fewest findings",
        "best rated",
        "most steps",
        "drawn by the seed",
    )
    if not others:
        return "the only one"
    best = min(map(keeping_key, others))
    for name, here, there in zip(names, keeping_key(kept), best, strict=True):
        if here < there:
            return name
        if here > there:
            break
    return names[-1]


def class_of(agreement: Agreement, similarity: float, threshold: float, *, is_cut: bool = False) -> PairClass:
    """Return what a pair is; `is_cut`: the model read only the beginning of one of two different texts.

    >>> class_of("same calls", 0.93, 0.9), class_of("same tools", 0.99, 0.9)
    ('duplicate', 'same_query_other_arguments')
    """
    if agreement == "other tools":
        return "unrelated"
    is_worded_alike = similarity >= threshold
    if agreement == "same calls":
        return "duplicate" if is_worded_alike and not is_cut else "paraphrase"
    return "same_query_other_arguments" if is_worded_alike else "same_tools_only"


class ClusterQuery(msgspec.Struct, frozen=True):
    """Which clusters are wanted; `spans_datasets` asks for those with rows of more than one dataset.

    `evaluation_only`: those with a row of an evaluation set. `text` is looked for in the queries.
    """

    threshold: float
    state: ClusterState = ""
    dataset: str = ""
    spans_datasets: bool = False
    evaluation_only: bool = False
    text: str = ""


class ClusterLine(msgspec.Struct, frozen=True):
    """A cluster in a list; `number` names it within its search and threshold, `query` is its keeper's."""

    number: int
    size: int
    query: str
    tools: tuple[str, ...]
    datasets: tuple[str, ...]
    lowest_similarity: float
    keeper_id: str
    dropped_count: int
    kept_count: int
    choice: str

    @property
    def is_decided(self) -> bool:
        """Whether every row of it was decided on."""
        return self.dropped_count + self.kept_count >= self.size


class ClusterPage(msgspec.Struct, frozen=True):
    """Some clusters, the largest first; totals are over all that match."""

    total: int
    row_count: int
    going_count: int  # rows that go if one of each cluster is kept
    clusters: tuple[ClusterLine, ...]


class Member(msgspec.Struct, frozen=True):
    """A row of a cluster, beside the one that is kept.

    `similarity` is that of the strongest link that joins it to the cluster, 1 for the same text.
    `difference` says how its text relates to the keeper's: same text | same words | alike.
    `disposition` is what was decided ("" nothing), by `decision_no`.
    """

    trajectory_no: int
    version_no: int
    trajectory_id: str
    dataset: str
    query: str
    calls: tuple[ToolCall, ...]
    similarity: float
    difference: str
    facts: KeeperFacts
    is_keeper: bool
    disposition: Literal["", "keep", "drop"]
    decision_no: int


class Cluster(msgspec.Struct, frozen=True):
    """A cluster with its rows, the one to keep first; `keeper_reason` says why it is."""

    number: int
    search_no: int
    threshold: float
    size: int
    keeper_reason: str
    members: tuple[Member, ...]  # at most as many as were asked for


class PairSide(msgspec.Struct, frozen=True):
    """One side of a pair."""

    trajectory_no: int
    version_no: int
    trajectory_id: str
    dataset: str
    query: str
    calls: tuple[ToolCall, ...]


class NearPair(msgspec.Struct, frozen=True):
    """Two rows that are alike in some way."""

    near_pair_no: int
    search_no: int
    similarity: float
    agreement: Agreement
    is_cut: bool
    left: PairSide
    right: PairSide


class PairPage(msgspec.Struct, frozen=True):
    """Some pairs of one class, the most alike first; `total` counts those that are kept to look at."""

    total: int
    pairs: tuple[NearPair, ...]


class CurvePoint(msgspec.Struct, frozen=True):
    """What a threshold would mean: rows that go, clusters, and what people say of pairs at or above it.

    `right_count` of `judged_count` pairs are duplicates for the people who decided on their clusters one
    by one: those they kept one of, beside those they kept whole.
    """

    threshold: float
    going_count: int
    cluster_count: int
    judged_count: int
    right_count: int


class MapPoint(msgspec.Struct, frozen=True):
    """A row on the map; `cluster` is 0 for a row that has no duplicate at the threshold."""

    trajectory_id: str
    query: str
    dataset: str
    cluster: int
    x: float
    y: float


class MapView(msgspec.Struct, frozen=True):
    """Rows on the map: all of them, or (above `most`) all in clusters first and a seeded draw of the rest."""

    total: int
    points: tuple[MapPoint, ...]


class Decision(msgspec.Struct, frozen=True):
    """An act of deciding; `can_undo` until it is taken back."""

    decision_no: int
    search_no: int
    choice: Act
    threshold: float
    cluster_count: int
    kept_count: int
    dropped_count: int
    person: str
    decided_at: datetime
    is_undone: bool


def called_tools(calls: Iterable[ToolCall]) -> tuple[str, ...]:
    """Return the names of the tools that are called, each once, in order."""
    return tuple(dict.fromkeys(call.name for call in calls))
