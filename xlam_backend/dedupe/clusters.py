"""What a search for near-duplicates found, as pages and commands show it: clusters, pairs, curve, map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlam_backend.dedupe.curve import curve_points
from xlam_backend.dedupe.grouping import Grouping, group_rows
from xlam_backend.domain.near_duplicate import (
    PAIR_CLASSES,
    Agreement,
    Cluster,
    ClusterLine,
    ClusterPage,
    ClusterQuery,
    CurvePoint,
    KeeperFacts,
    MapPoint,
    MapView,
    Member,
    NearPair,
    PairClass,
    PairPage,
    PairSide,
    Search,
    class_of,
    keeping_reason,
)
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.errors import NotFoundError
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.near_decisions import read_judged_links
from xlam_backend.store.near_duplicates import (
    PairRow,
    RowFacts,
    find_pairs,
    find_rows_by_text,
    find_search_of_run,
    list_searches,
    read_bands,
    read_dataset_numbers,
    read_links,
    read_map,
    read_row_facts,
    read_search,
    read_shown_texts,
    read_unit_sizes,
)
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

__all__ = [
    "count_classes",
    "find_search_of_run",
    "group_matching",
    "latest_search",
    "list_clusters",
    "list_pairs",
    "list_searches",
    "map_points",
    "read_cluster",
    "read_search",
    "threshold_curve",
]

SHOWN_CHARACTERS = 400
MOST_MEMBERS = 50
MOST_POINTS = 5_000
_ABOVE_ALL = 2.0  # more than any similarity


def latest_search(store: Store) -> Search | None:
    """Return the newest search, None before the first."""
    return next(iter(list_searches(store)), None)


def list_clusters(
    store: Store, search_no: int, query: ClusterQuery, *, first: int = 0, count: int = 50
) -> ClusterPage:
    """Return clusters that match, the largest first."""
    found = group_matching(store, search_no, query)
    order = np.lexsort((found.numbers, -found.sizes))
    shown = [int(at) for at in order[first : first + count]]
    keepers = [int(found.rows.version_no[found.starts[at]]) for at in shown]
    texts = read_shown_texts(store, keepers, most_characters=SHOWN_CHARACTERS)
    names = read_dataset_numbers(store)
    lines = []
    for at, keeper in zip(shown, keepers, strict=True):
        part = slice(found.starts[at], found.starts[at + 1])
        decided = found.rows.disposition[part]
        datasets = sorted({names.get(int(number), "") for number in found.rows.dataset_no[part]})
        choices = {str(choice) for choice in found.rows.choice[part]} - {""}
        text = texts[keeper]
        lines.append(
            ClusterLine(
                number=int(found.numbers[at]),
                size=int(found.sizes[at]),
                query=text.query,
                tools=text.tools,
                datasets=tuple(datasets),
                lowest_similarity=float(found.lowest[at]),
                keeper_id=text.trajectory_id,
                dropped_count=int(np.count_nonzero(decided == "drop")),
                kept_count=int(np.count_nonzero(decided == "keep")),
                choice=", ".join(sorted(choices)),
            )
        )
    return ClusterPage(len(found.numbers), int(found.sizes.sum()), _going_count(found), tuple(lines))


def group_matching(store: Store, search_no: int, query: ClusterQuery) -> Grouping:
    """Return the clusters that a query asks for, with all their rows."""
    read_search(store, search_no)
    found = group_rows(store, search_no, query.threshold)
    wanted = np.ones(len(found.numbers), bool)
    if query.state:
        is_decided = ~_any_row(found, found.rows.disposition == "")
        wanted &= is_decided if query.state == "decided" else ~is_decided
    if query.dataset:
        names = read_dataset_numbers(store)
        numbers = [number for number, name in names.items() if name == query.dataset]
        wanted &= _any_row(found, np.isin(found.rows.dataset_no, numbers))
    if query.spans_datasets:
        first = np.repeat(found.rows.dataset_no[found.starts[:-1]], found.sizes)
        wanted &= _any_row(found, found.rows.dataset_no != first)
    if query.evaluation_only:
        wanted &= _any_row(found, found.rows.is_protected.astype(bool))
    if query.text:
        hits = find_rows_by_text(store, search_no, query.text)
        wanted &= _any_row(found, np.isin(found.rows.trajectory_no, hits))
    return _only(found, wanted)


def read_cluster(
    store: Store, search_no: int, number: int, *, threshold: float, most: int = MOST_MEMBERS
) -> Cluster:
    """Return a cluster with its rows side by side, the one to keep first.

    Raises:
        NotFoundError: at this threshold no cluster has the number.
    """
    read_search(store, search_no)
    found = group_rows(store, search_no, threshold)
    at = int(np.searchsorted(found.numbers, number))
    if at >= len(found.numbers) or found.numbers[at] != number:
        raise NotFoundError(
            f"At threshold {threshold:g} there is no cluster {number}.",
            "At a lower threshold it may be part of a larger one; see the list.",
        )
    places = range(int(found.starts[at]), int(found.starts[at + 1]))
    return Cluster(
        number=number,
        search_no=search_no,
        threshold=threshold,
        size=len(places),
        keeper_reason=_why_kept(store, search_no, found, places),
        members=_members(store, search_no, found, places[:most], threshold),
    )


def _why_kept(store: Store, search_no: int, found: Grouping, places: range) -> str:
    best = places[:2]
    facts = read_row_facts(store, search_no, [int(found.rows.trajectory_no[place]) for place in best])
    keeper, *others = [
        _facts(
            facts[int(found.rows.trajectory_no[place])], place, is_dropped=bool(found.rows.is_dropped[place])
        )
        for place in best
    ]
    return keeping_reason(keeper, others)


def _members(
    store: Store, search_no: int, found: Grouping, places: range, threshold: float
) -> tuple[Member, ...]:
    rows = found.rows
    facts = read_row_facts(store, search_no, [int(rows.trajectory_no[place]) for place in places])
    stored = read_trajectories(store, [int(rows.version_no[place]) for place in places])
    strongest = _strongest_links(store, search_no, threshold)
    keeper = facts[int(rows.trajectory_no[places[0]])]
    members = []
    for order, (place, version) in enumerate(zip(places, stored, strict=True)):
        known = facts[int(rows.trajectory_no[place])]
        members.append(
            Member(
                trajectory_no=known.trajectory_no,
                version_no=known.version_no,
                trajectory_id=version.trajectory_id,
                dataset=known.dataset,
                query=version.trajectory.query,
                calls=calls_of(version),
                similarity=1.0 if known.unit_no == keeper.unit_no else strongest.get(known.unit_no, 1.0),
                difference=_text_difference(keeper, known, stored[0], version),
                facts=_facts(known, order, is_dropped=bool(rows.is_dropped[place])),
                is_keeper=order == 0,
                disposition=rows.disposition[place],
                decision_no=int(rows.decision_no[place]),
            )
        )
    return tuple(members)


def _strongest_links(store: Store, search_no: int, threshold: float) -> dict[int, float]:
    links = read_links(store, search_no, threshold)
    strongest: dict[int, float] = {}
    for left, right, similarity in zip(*links, strict=True):  # the strongest first
        strongest.setdefault(int(left), float(similarity))
        strongest.setdefault(int(right), float(similarity))
    return strongest


def _text_difference(keeper: RowFacts, row: RowFacts, kept: StoredTrajectory, other: StoredTrajectory) -> str:
    if row.unit_no != keeper.unit_no:
        return "alike"
    return "same text" if kept.trajectory.query == other.trajectory.query else "same words"


def _facts(row: RowFacts, tie_break: int, *, is_dropped: bool) -> KeeperFacts:
    return KeeperFacts(row.is_protected, row.finding_count, row.rating, row.step_count, tie_break, is_dropped)


def calls_of(stored: StoredTrajectory) -> tuple[ToolCall, ...]:
    """Return every call of a trajectory in order."""
    return tuple(call for step in stored.trajectory.steps for call in step.tool_calls)


def threshold_curve(store: Store, search_no: int) -> tuple[CurvePoint, ...]:
    """Return what each threshold would mean, from the lowest that was searched up to 1."""
    search = read_search(store, search_no)
    links = read_links(store, search_no, 0.0)
    sizes = read_unit_sizes(store, search_no)
    return curve_points(
        links, sizes, read_judged_links(store, search_no), lowest=search.settings.lowest_same_calls
    )


def map_points(
    store: Store, search_no: int, *, threshold: float, most: int = MOST_POINTS, seed: int = 0
) -> MapView:
    """Return where rows lie on the map: those in clusters first, then a draw of the others."""
    read_search(store, search_no)
    columns = read_map(store, search_no)
    found = group_rows(store, search_no, threshold)
    cluster_of = dict(
        zip(found.rows.trajectory_no.tolist(), np.repeat(found.numbers, found.sizes).tolist(), strict=True)
    )
    chosen = _drawn_places(columns.trajectory_no, cluster_of, most, seed)
    numbers = columns.trajectory_no[chosen]
    versions = _versions_of(store, search_no, numbers)
    texts = read_shown_texts(store, list(versions.values()), most_characters=120)
    points = []
    for place, number in zip(chosen.tolist(), numbers.tolist(), strict=True):
        text = texts.get(versions.get(number, -1))
        if text is not None:
            points.append(
                MapPoint(
                    text.trajectory_id,
                    text.query,
                    text.dataset,
                    int(cluster_of.get(number, 0)),
                    float(columns.x[place]),
                    float(columns.y[place]),
                )
            )
    return MapView(len(columns.trajectory_no), tuple(points))


def _versions_of(store: Store, search_no: int, numbers: Integers) -> dict[int, int]:
    facts = read_row_facts(store, search_no, numbers.tolist())
    return {number: row.version_no for number, row in facts.items()}


def _drawn_places(numbers: Integers, cluster_of: dict[int, int], most: int, seed: int) -> Integers:
    if len(numbers) <= most:
        return np.arange(len(numbers))
    in_cluster = np.isin(numbers, list(cluster_of))
    drawn = np.random.default_rng(seed).permutation(len(numbers))
    order = np.concatenate([drawn[in_cluster[drawn]], drawn[~in_cluster[drawn]]])
    return np.sort(order[:most])


# Which pairs a class is made of: their agreement, whether words are alike, whether a text may be cut.
_SIDES: dict[PairClass, tuple[Agreement, str]] = {
    "duplicate": ("same calls", "above"),
    "same_query_other_arguments": ("same tools", "above"),
    "paraphrase": ("same calls", "below"),
    "same_tools_only": ("same tools", "below"),
    "unrelated": ("other tools", "all"),
}


def list_pairs(
    store: Store,
    search_no: int,
    pair_class: PairClass,
    *,
    threshold: float,
    first: int = 0,
    count: int = 20,
) -> PairPage:
    """Return pairs of a class at a threshold, the most alike first.

    Of every unit its nearest pairs are kept to look at; `count_classes` counts them all.
    """
    read_search(store, search_no)
    agreement, side = _SIDES[pair_class]
    low, high = {"above": (threshold, _ABOVE_ALL), "below": (0.0, threshold), "all": (0.0, _ABOVE_ALL)}[side]
    is_cut = False if pair_class == "duplicate" else None
    rows, total = find_pairs(
        store, search_no, agreement, above=(low, high), is_cut=is_cut, first=first, count=count
    )
    return PairPage(total, read_near_pairs(store, search_no, rows))


def read_near_pairs(store: Store, search_no: int, rows: Sequence[PairRow]) -> tuple[NearPair, ...]:
    """Return pairs with what both sides say."""
    versions = sorted({number for row in rows for number in (row.left_version_no, row.right_version_no)})
    stored = {each.version_no: each for each in read_trajectories(store, versions)} if versions else {}
    names = read_dataset_numbers(store)
    return tuple(
        NearPair(
            row.near_pair_no,
            search_no,
            row.similarity,
            row.agreement,
            row.is_cut,
            _side(stored[row.left_version_no], names),
            _side(stored[row.right_version_no], names),
        )
        for row in rows
    )


def _side(stored: StoredTrajectory, names: dict[int, str]) -> PairSide:
    return PairSide(
        stored.trajectory_no,
        stored.version_no,
        stored.trajectory_id,
        names.get(stored.dataset_no, ""),
        stored.trajectory.query,
        calls_of(stored),
    )


def count_classes(store: Store, search_no: int, *, threshold: float) -> dict[PairClass, int]:
    """Return how many pairs of different texts or calls there are of each class, all of them counted.

    Similarities are counted in hundredths: the threshold is taken down to the hundredth.
    """
    counts = dict.fromkeys(PAIR_CLASSES, 0)
    for agreement, is_cut, band, count in read_bands(store, search_no):
        counts[class_of(agreement, (band + 0.5) / 100, threshold, is_cut=is_cut)] += count
    return counts


def _going_count(found: Grouping) -> int:
    protected = (
        np.add.reduceat(found.rows.is_protected.astype(np.int64), found.starts[:-1])
        if len(found.numbers)
        else np.zeros(0, np.int64)
    )
    return int((found.sizes - np.maximum(protected, 1)).sum())


def _any_row(found: Grouping, is_so: Integers) -> Integers:
    if not len(found.numbers):
        return np.zeros(0, bool)
    return np.logical_or.reduceat(is_so, found.starts[:-1])


def _only(found: Grouping, wanted: Integers) -> Grouping:
    if wanted.all():
        return found
    rows = np.repeat(wanted, found.sizes)
    starts = np.concatenate([[0], np.cumsum(found.sizes[wanted])])
    return Grouping(
        type(found.rows)(*(column[rows] for column in found.rows)),
        starts,
        found.numbers[wanted],
        found.lowest[wanted],
    )
