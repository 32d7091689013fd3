"""Two models on the same questions: what one gets right and the other does not."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.statistics.mcnemar import McNemar, mcnemar
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation, read_items

Outcome = Literal["lost", "won", "both wrong", "both right"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

OUTCOME_WORDS: dict[Outcome, str] = {
    "lost": "right before, wrong now",
    "won": "wrong before, right now",
    "both wrong": "wrong both times",
    "both right": "right both times",
}

_OUTCOME: dict[tuple[bool, bool], Outcome] = {
    (True, False): "lost",
    (False, True): "won",
    (False, False): "both wrong",
    (True, True): "both right",
}


class ComparedItem(msgspec.Struct, frozen=True):
    """One question that both models answered."""

    first: EvaluationItem
    second: EvaluationItem
    outcome: Outcome


class ComparedCategory(msgspec.Struct, frozen=True):
    """How two models did on the same questions of one category; "" for all of them together."""

    category: str
    counts: dict[Outcome, int]
    test: McNemar


class ModelComparison(msgspec.Struct, frozen=True):
    """Two evaluations side by side; only questions that both answered are compared.

    `warnings` say what stands against comparing them at all.
    """

    first: Evaluation
    second: Evaluation
    items: tuple[ComparedItem, ...]
    overall: ComparedCategory
    categories: tuple[ComparedCategory, ...]
    only_first_count: int
    only_second_count: int
    warnings: tuple[str, ...]

    def of(self, *, outcome: str = "", category: str = "") -> tuple[ComparedItem, ...]:
        """Return the questions with this outcome and category ("": any)."""
        return tuple(
            one for one in self.items if outcome in ("", one.outcome) and category in ("", one.first.category)
        )


def compare_models(store: Store, first_no: int, second_no: int) -> ModelComparison:
    """Compare two evaluations question by question, the first one as what was before.

    Raises:
        NotFoundError: there is no such evaluation.
    """
    first, second = read_evaluation(store, first_no), read_evaluation(store, second_no)
    before, after = _scored(store, first_no), _scored(store, second_no)
    items = tuple(
        ComparedItem(item, after[key], _OUTCOME[bool(item.is_valid), bool(after[key].is_valid)])
        for key, item in before.items()
        if key in after
    )
    names = dict.fromkeys(one.first.category for one in items)
    return ModelComparison(
        first,
        second,
        items,
        _count("", items),
        tuple(_count(name, [one for one in items if one.first.category == name]) for name in names),
        len(before.keys() - after.keys()),
        len(after.keys() - before.keys()),
        tuple(_warnings(first, second)),
    )


def _scored(store: Store, evaluation_no: int) -> dict[tuple[str, str], EvaluationItem]:
    items = read_items(store, evaluation_no).items
    return {(item.category, item.item_id): item for item in items if item.is_valid is not None}


def _count(category: str, items: list[ComparedItem] | tuple[ComparedItem, ...]) -> ComparedCategory:
    counts = {outcome: sum(one.outcome == outcome for one in items) for outcome in OUTCOMES}
    test = mcnemar((bool(one.first.is_valid), bool(one.second.is_valid)) for one in items)
    return ComparedCategory(category, counts, test)


def _warnings(first: Evaluation, second: Evaluation) -> list[str]:
    found = []
    if first.set_hash != second.set_hash:
        found.append(
            "They were asked other editions of the questions: what is compared has the same id, "
            "not always the same words."
        )
    if first.version != second.version:
        found.append(f"They were scored by other rules: {first.version} and {second.version}.")
    if first.mode != second.mode:
        found.append(f"One was asked in {first.mode} mode, the other in {second.mode} mode.")
    return found
