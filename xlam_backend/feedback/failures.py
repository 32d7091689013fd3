"""What a model fails at: failed items by category, error type and SpecTool pattern, counted and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.domain.finding import SpecToolCode
from xlam_backend.errors import UnknownNameError
from xlam_backend.feedback.error_codes import code_of
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import ItemSelection, read_all_tallies, read_evaluation, read_items
from xlam_backend.store.evaluations import list_evaluations as list_evaluations


class Slice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which failed items of an evaluation are meant; "" leaves it open."""

    category: str = ""
    code: str = ""
    error_type: str = ""
    item: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every failed item is meant."""
        return self == Slice()


class Failure(msgspec.Struct, frozen=True):
    """A failed item, and its SpecTool pattern."""

    item: EvaluationItem
    code: SpecToolCode


class FailureCount(msgspec.Struct, frozen=True):
    """How many items failed so, in one category."""

    category: str
    error_type: str
    code: SpecToolCode
    count: int


class CategoryFailures(msgspec.Struct, frozen=True):
    """A category: how many of its answers are wrong, and how many questions have no answer."""

    category: str
    wrong: Rate
    not_answered_count: int


class FailureStatistics(msgspec.Struct, frozen=True):
    """What failed in an evaluation; items without an answer are counted, and are no failures."""

    evaluation: Evaluation
    wrong: Rate
    not_answered_count: int
    categories: tuple[CategoryFailures, ...]
    counts: tuple[FailureCount, ...]

    def count(self, *, category: str = "", code: str = "", error_type: str = "") -> int:
        """Return how many failures have this category, code and error type ("": any)."""
        return sum(
            one.count
            for one in self.counts
            if category in ("", one.category)
            and code in ("", one.code)
            and error_type in ("", one.error_type)
        )


class FailurePage(msgspec.Struct, frozen=True):
    """Some failures in the order of the question set, and how many there are in all."""

    failures: tuple[Failure, ...]
    total: int


def read_failures(store: Store, evaluation_no: int, wanted: Slice | None = None) -> tuple[Failure, ...]:
    """Return the failed items of an evaluation that a slice means, in the order of the question set."""
    chosen = wanted or Slice()
    selection = ItemSelection(category=chosen.category, outcome="wrong", error_type=chosen.error_type)
    found = (Failure(item, code_of(item)) for item in read_items(store, evaluation_no, selection).items)
    return tuple(
        failure
        for failure in found
        if chosen.code in ("", failure.code) and chosen.item in ("", failure.item.item_id)
    )


def count_failures(store: Store, evaluation_no: int) -> FailureStatistics:
    """Count what failed in an evaluation.

    Raises:
        NotFoundError: there is no such evaluation.
    """
    evaluation = read_evaluation(store, evaluation_no)
    tallies = read_all_tallies(store, (evaluation_no,)).get(evaluation_no, {})
    lines = tuple(
        CategoryFailures(name, rate(tally.total - tally.correct, tally.total), tally.not_answered)
        for name, tally in tallies.items()
    )
    return FailureStatistics(
        evaluation,
        rate(sum(line.wrong.hits for line in lines), sum(line.wrong.total for line in lines)),
        sum(line.not_answered_count for line in lines),
        lines,
        tuple(_count(read_failures(store, evaluation_no))),
    )


def list_failures(
    store: Store, evaluation_no: int, wanted: Slice, *, page: int = 1, page_size: int = 25
) -> FailurePage:
    """Return one page (from 1) of the failures of a slice."""
    found = read_failures(store, evaluation_no, wanted)
    first = (page - 1) * page_size
    return FailurePage(found[first : first + page_size], len(found))


class Neighbours(msgspec.Struct, frozen=True):
    """The failures before and after one in a slice ("" at its ends), its place from 1, and the total."""

    before: str
    after: str
    place: int
    total: int


def find_neighbours(store: Store, evaluation_no: int, wanted: Slice) -> Neighbours:
    """Return what stands before and after the item of a slice among the failures of the slice."""
    around = read_failures(store, evaluation_no, msgspec.structs.replace(wanted, item=""))
    ids = [failure.item.item_id for failure in around]
    if wanted.item not in ids:
        return Neighbours("", "", 0, len(ids))
    place = ids.index(wanted.item)
    padded = ["", *ids, ""]
    return Neighbours(padded[place], padded[place + 2], place + 1, len(ids))


def find_evaluation(store: Store, name: str) -> Evaluation:
    """Return an evaluation by its number, or by its model: then the newest one of it.

    Raises:
        NotFoundError: there is no evaluation of this number.
        UnknownNameError: no evaluation is of a model of this name.
    """
    if name.isascii() and name.isdigit() and len(name) < 10:
        return read_evaluation(store, int(name))
    known = list_evaluations(store)
    for evaluation in known:
        if evaluation.model == name:
            return evaluation
    raise UnknownNameError("evaluated model", name, (one.model for one in known))


def _count(failures: Iterable[Failure]) -> list[FailureCount]:
    counted = Counter((one.item.category, one.item.error_type, one.code) for one in failures)
    return [FailureCount(*key, count) for key, count in counted.items()]
