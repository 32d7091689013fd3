"""What a recipe would give: counts, lengths, shares, what is missing, and what forbids to freeze it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from xlam_backend.mixture.draw import REASONS, RULE_REASONS, Drawn, SourceDraw, draw_mixture
from xlam_backend.mixture.pool import TOKEN_RULE, Pool, estimate_tokens, label_places, read_pool
from xlam_backend.mixture.recipe import RULES, Recipe, RuleName, Source
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.mixture_rows import find_source_rows

HISTOGRAM_BARS = 24
_MOST_KEPT = 8
_NO_CATEGORY = "without a category"
_NO_FORMAT = "as their source has it"

_WAYS_OUT: dict[RuleName, str] = {
    "dropped_by_reviewers": "Leave them out, or change what was decided.",
    "near_duplicates": "Leave them out, or undo the decision on the Near-duplicates page.",
    "rejected_by_checks": "Leave them out, or mend them on the Checks page.",
    "flagged_by_judges": "Leave them out, or have people look at them.",
    "contaminated": "Leave them out.",
    "not_compared": "Mark the evaluation sets and search on the Contamination page.",
    "licence_unknown": "Say what the licence allows on the General instruction page, or leave them out.",
    "licence_non_commercial": "Leave them out, or correct the licence on the General instruction page.",
    "too_long": "Leave them out, or choose a longer context.",
}


class Problem(msgspec.Struct, frozen=True):
    """Why a recipe cannot be frozen as it is, and what to do; about one source, or ("") the mixture."""

    words: str
    way_out: str
    source: str = ""


class SourcePreview(msgspec.Struct, frozen=True):
    """What one source gives; see SourceDraw. `missing` is how many rows it is short of."""

    name: str
    matched: int
    distinct: int
    available: int
    wanted: int
    taken: int
    missing: int
    token_count: int


class LengthBar(msgspec.Struct, frozen=True):
    """How many rows are from `least` tokens up to below `below`; the last bar has no end (0)."""

    least: int
    below: int
    row_count: int


class Count(msgspec.Struct, frozen=True):
    """A name with how many rows it stands for."""

    name: str
    row_count: int


class LicenceCount(msgspec.Struct, frozen=True):
    """A licence of the mixture, and whether it allows commercial use."""

    name: str
    commercial: str
    row_count: int


class StillThere(msgspec.Struct, frozen=True):
    """What the mixture still holds that somebody might not want.

    near_duplicates  rows beside which another row of the mixture says the same and makes the same calls
    not_searched     rows that the latest search for near-duplicates did not see
    """

    contaminated: int
    not_compared: int
    near_duplicates: int
    not_searched: int
    rejected_by_checks: int
    flagged_by_judges: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a mixture before it is frozen. Rows are counted with their copies."""

    row_count: int
    distinct_count: int
    token_count: int
    token_rule: str
    context: int
    over_context_count: int
    longest_tokens: int
    sources: tuple[SourcePreview, ...]
    lengths: tuple[LengthBar, ...]
    tools: tuple[Count, ...]
    calls: tuple[Count, ...]
    datasets: tuple[Count, ...]
    categories: tuple[Count, ...]
    formats: tuple[Count, ...]
    licences: tuple[LicenceCount, ...]
    left_out: tuple[Count, ...]
    still_there: StillThere
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def can_be_frozen(self) -> bool:
        """Whether nothing stands against freezing it."""
        return not self.problems


class Mixture(NamedTuple):
    """A recipe applied to a store: the pool, what was drawn of it, and names that are not there."""

    recipe: Recipe
    pool: Pool
    drawn: Drawn
    lost: tuple[Problem, ...]


_LOCK = threading.Lock()
_KEPT: OrderedDict[tuple[str, int, Recipe], Mixture] = OrderedDict()


def preview_mixture(store: Store, recipe: Recipe) -> Preview:
    """Return what a recipe would give on what the store holds now."""
    return describe(mix(store, recipe))


def mix(store: Store, recipe: Recipe) -> Mixture:
    """Draw the rows of a recipe; the latest results are kept until the store changes."""
    pool = read_pool(store)  # first: measuring new rows changes the store's revision
    key = (str(store.folder), store.revision, recipe)
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            return _KEPT[key]
    lost = tuple(_lost_names(store, recipe))
    matches = [_matches(store, pool, source) for source in recipe.sources]
    mixture = Mixture(recipe, pool, draw_mixture(recipe, pool, matches), lost)
    with _LOCK:
        for old in [kept for kept in _KEPT if kept[:2] != key[:2]]:
            del _KEPT[old]
        _KEPT[key] = mixture
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return mixture


def forget() -> None:
    """Forget what is kept in memory: the next mixture is drawn anew."""
    with _LOCK:
        _KEPT.clear()


def describe(mixture: Mixture) -> Preview:
    """Count everything that a mixture is made of."""
    recipe, pool, drawn, _ = mixture
    taken = np.flatnonzero(drawn.copies)
    row, copies = drawn.row[taken], drawn.copies[taken]
    tokens = estimate_tokens(pool.columns)[row]
    sources = tuple(_sources(drawn, taken, tokens, copies))
    counting = _Counting(pool, row, copies)
    return Preview(
        row_count=drawn.row_count,
        distinct_count=len(taken),
        token_count=int((tokens * copies).sum()),
        token_rule=TOKEN_RULE,
        context=recipe.context,
        over_context_count=int(copies[tokens > recipe.context].sum()),
        longest_tokens=int(tokens.max(initial=0)),
        sources=sources,
        lengths=_lengths(tokens, copies, recipe.context),
        tools=counting.tools(),
        calls=counting.calls(),
        datasets=counting.datasets(),
        categories=counting.categories(),
        formats=counting.formats(),
        licences=counting.licences(),
        left_out=tuple(_left_out(drawn)),
        still_there=_still_there(pool, drawn, taken),
        problems=(*mixture.lost, *_problems(recipe, drawn, taken)),
        notes=tuple(_notes(recipe, drawn, pool)),
    )


def _lost_names(store: Store, recipe: Recipe) -> Iterator[Problem]:
    datasets = {one.name for one in list_datasets(store)}
    for source in recipe.sources:
        named = [*source.datasets, *([source.filters.dataset] if source.filters.dataset else [])]
        for name in named:
            if name not in datasets:
                yield Problem(
                    f"The dataset {name!r} of the source {source.name!r} is not in the store.",
                    "Import it, or take it out of the recipe.",
                    source.name,
                )


def _matches(store: Store, pool: Pool, source: Source) -> Integers:
    numbers = find_source_rows(store, source.filters, datasets=source.datasets, read_as=source.read_as)
    places = _places(pool, numbers)
    if source.versions == "as imported":
        # A trajectory has the number of its first version.
        return _places(pool, np.unique(pool.columns.trajectory_no[places]))
    return places


def _places(pool: Pool, version_nos: Integers) -> Integers:
    """Return where these versions stand in the pool; those that came in a moment ago are not there yet."""
    known = pool.columns.version_no
    if not len(known):
        return np.zeros(0, np.int64)
    places = np.minimum(np.searchsorted(known, version_nos), len(known) - 1)
    found: Integers = places[known[places] == version_nos]
    return found


def _sources(drawn: Drawn, taken: Integers, tokens: Integers, copies: Integers) -> Iterator[SourcePreview]:
    for at, one in enumerate(drawn.sources):
        own = drawn.source[taken] == at
        yield SourcePreview(*one, one.missing, int((tokens[own] * copies[own]).sum()))


def _lengths(tokens: Integers, copies: Integers, context: int) -> tuple[LengthBar, ...]:
    """Count rows in bars of equal width up to the context, then twice as far, then all longer ones."""
    width = max(1, -(-context // (HISTOGRAM_BARS // 2)))
    place = np.minimum(tokens // width, HISTOGRAM_BARS)
    counts = np.bincount(place, weights=copies, minlength=HISTOGRAM_BARS + 1).astype(np.int64)
    bars = [LengthBar(at * width, (at + 1) * width, int(count)) for at, count in enumerate(counts[:-1])]
    return (*bars, LengthBar(HISTOGRAM_BARS * width, 0, int(counts[-1])))


class _Counting:
    """Counts the rows of a mixture by what they are."""

    def __init__(self, pool: Pool, row: Integers, copies: Integers) -> None:
        self._pool, self._row, self._copies = pool, row, copies

    def tools(self) -> tuple[Count, ...]:
        counts = self._counted(np.minimum(self._pool.columns.tool_count[self._row], 10))
        return tuple(Count("10 or more" if at == 10 else str(at), count) for at, count in counts)

    def calls(self) -> tuple[Count, ...]:
        columns = self._pool.columns
        one, two, more = (
            int((values[self._row].astype(np.int64) * self._copies).sum())
            for values in (columns.one_call_count, columns.two_call_count, columns.more_call_count)
        )
        steps = int((columns.step_count[self._row].astype(np.int64) * self._copies).sum())
        counts = (("none", steps - one - two - more), ("1", one), ("2", two), ("3 or more", more))
        return tuple(Count(name, count) for name, count in counts if count)

    def datasets(self) -> tuple[Count, ...]:
        counts = self._counted(self._pool.columns.dataset_no[self._row])
        return _by_count((self._pool.names.get(number, "?"), count) for number, count in counts)

    def categories(self) -> tuple[Count, ...]:
        labels = self._pool.categories
        return self._labelled(labels.texts, label_places(labels, self._trajectories()), _NO_CATEGORY)

    def formats(self) -> tuple[Count, ...]:
        labels = self._pool.formats
        return self._labelled(labels.texts, label_places(labels, self._trajectories()), _NO_FORMAT)

    def licences(self) -> tuple[LicenceCount, ...]:
        counts = self._counted(self._pool.licence_place[self._row])
        found = [(self._pool.licences[place], count) for place, count in counts]
        ordered = sorted(found, key=lambda one: (-one[1], one[0].key))
        return tuple(LicenceCount(one.title, one.commercial, count) for one, count in ordered)

    def _trajectories(self) -> Integers:
        return self._pool.columns.trajectory_no[self._row]

    def _counted(self, places: Integers) -> list[tuple[int, int]]:
        counts = np.bincount(places.astype(np.int64), weights=self._copies)
        return [(int(at), int(counts[at])) for at in np.flatnonzero(counts)]

    def _labelled(self, texts: Sequence[str], places: Integers, otherwise: str) -> tuple[Count, ...]:
        by_text: dict[str, int] = {}
        for place, count in self._counted(places + 1):
            name = (texts[place - 1] if place else "") or otherwise
            by_text[name] = by_text.get(name, 0) + count
        return _by_count(by_text.items())


def _by_count(counts: Iterable[tuple[str, int]]) -> tuple[Count, ...]:
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return tuple(Count(name, count) for name, count in ordered)


def _left_out(drawn: Drawn) -> Iterator[Count]:
    counts = np.bincount(drawn.reason, minlength=len(REASONS))
    for place, words in enumerate(REASONS):
        if words and counts[place]:
            yield Count(words, int(counts[place]))


def _still_there(pool: Pool, drawn: Drawn, taken: Integers) -> StillThere:
    version_no = pool.columns.version_no[drawn.row[taken]]
    compared = pool.units.version_no
    if len(compared):
        places = np.minimum(np.searchsorted(compared, version_no), len(compared) - 1)
        is_seen = compared[places] == version_no
        units, counts = np.unique(pool.units.unit_no[places[is_seen]], return_counts=True)
        repeated = int((counts - 1).sum()) if len(units) else 0
        unseen = int((~is_seen).sum())
    else:
        repeated, unseen = 0, len(taken)
    count = {rule: int(drawn.against[rule][taken].sum()) for rule in RULES}
    return StillThere(
        count["contaminated"],
        count["not_compared"],
        repeated,
        unseen,
        count["rejected_by_checks"],
        count["flagged_by_judges"],
    )


def _problems(recipe: Recipe, drawn: Drawn, taken: Integers) -> Iterator[Problem]:
    if recipe.when_short == "refuse":
        for source in drawn.sources:
            if source.missing:
                yield _short(source)
    for source in drawn.sources:
        if not source.available and not source.missing:
            yield Problem(
                f"The source {source.name!r} has no row to give: {_why_none(source)}.",
                "Widen its filters, or take it out of the recipe.",
                source.name,
            )
    if not drawn.row_count:
        yield Problem("The mixture is empty.", "Widen its sources, or import what they ask for.")
    for rule in RULES:
        count = int(drawn.against[rule][taken].sum())
        if count and recipe.rules.of(rule) == "refuse":
            rows = "1 row is" if count == 1 else f"{count:,} rows are"
            yield Problem(
                f"{rows} refused: {RULE_REASONS[rule]} (rule {rule}).",
                f"{_WAYS_OUT[rule]} The recipe says what happens to such rows: keep, leave out or refuse.",
            )


def _short(source: SourceDraw) -> Problem:
    has = f"the store has {source.available:,}" if source.available else "the store has none"
    return Problem(
        f"{source.name}: needs {source.missing:,} more rows; {has} of the {source.wanted:,} asked for.",
        "Import or augment more, raise its epochs, lower its share, or let the recipe take fewer of it or "
        "shrink when a source has too few (when_short).",
        source.name,
    )


def _why_none(source: SourceDraw) -> str:
    return "every row that matches is left out" if source.matched else "nothing in the store matches"


def _notes(recipe: Recipe, drawn: Drawn, pool: Pool) -> Iterator[str]:
    if recipe.when_short != "refuse":
        for source in drawn.sources:
            if source.missing:
                yield f"{_short(source).words} The mixture takes what there is."
    if recipe.when_short == "shrink" and recipe.size and drawn.row_count < recipe.size:
        yield f"The mixture shrank from {recipe.size:,} to {drawn.row_count:,} rows, so that its shares hold."
    if pool.marks.compared_up_to is None:
        yield "Contamination was not searched for in every evaluation set, or no dataset is marked as one."
    if not len(pool.units.version_no):
        yield "Near-duplicates were never searched for."
