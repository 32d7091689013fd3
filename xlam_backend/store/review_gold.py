"""Gold items: places whose right answer was decided before, to be shown again like any other."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from xlam_backend.domain.adjudication import Answer
from xlam_backend.domain.review import ItemKind
from xlam_backend.store.connection import Store
from xlam_backend.store.lessons import read_lessons
from xlam_backend.store.review_items import read_items


class GoldItem(NamedTuple):
    """A place with a known answer; `number` is its finding, rating or pair (0: an unflagged call)."""

    number: int
    version_no: int
    step: int
    call: int
    is_flagged: bool
    answer: str  # JSON of domain.adjudication.Answer


def read_gold_items(store: Store, kind: ItemKind, checks: tuple[str, ...]) -> list[GoldItem]:
    """Return the gold items of a kind, for these checks or judges (all when empty), each place once."""
    answers: dict[int, Answer] = {}
    for lesson in read_lessons(store, kind="gold"):
        if lesson.content.kind == kind and (not checks or lesson.check in checks):
            answers[lesson.item_no] = lesson.content.answer
    places: dict[tuple[int, int, int, int], GoldItem] = {}
    for item in read_items(store, sorted(answers)):
        number = item.finding_no or item.rating_no or item.pair_no
        if not item.is_removed:
            answer = msgspec.json.encode(answers[item.item_no]).decode()
            places[number, item.version_no, item.step, item.call] = GoldItem(
                number, item.version_no, item.step, item.call, item.is_flagged, answer
            )
    return list(places.values())
