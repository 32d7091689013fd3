"""The items behind a number of a calibration, and two voices compared on the places both judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from xlam_backend.domain.person import Person, may
from xlam_backend.review.calibration import Voice, group_by_voice, read_settled_items
from xlam_backend.review.settled import SettledItem
from xlam_backend.statistics.mcnemar import McNemar, mcnemar
from xlam_backend.store.connection import Store
from xlam_backend.store.review_labels import read_place_ratings
from xlam_backend.store.review_queues import read_queues

MOST_ITEMS = 500
ItemChoice = Literal["wrong", "false_alarm", "missed", "caught", "passed", "open", "all"]

ITEM_CHOICES: dict[ItemChoice, str] = {
    "wrong": "machine and people differ",
    "false_alarm": "flagged, people say fine",
    "missed": "not flagged, people say bad",
    "caught": "flagged, people say bad",
    "passed": "not flagged, people say fine",
    "open": "not settled yet",
    "all": "people answered",
}

_CHOOSE: dict[ItemChoice, Callable[[SettledItem], bool]] = {
    "wrong": lambda item: item.is_right is False,
    "false_alarm": lambda item: item.is_flagged and item.is_bad is False,
    "missed": lambda item: not item.is_flagged and item.is_bad is True,
    "caught": lambda item: item.is_flagged and item.is_bad is True,
    "passed": lambda item: not item.is_flagged and item.is_bad is False,
    "open": lambda item: item.is_bad is None,
    "all": lambda _: True,
}


class CalibrationItems(msgspec.Struct, frozen=True):
    """The items behind a number: how many, and the first of them.

    `withheld_count` of them are not shown because whoever looks may still be asked about them.
    """

    total: int
    withheld_count: int
    shown: tuple[SettledItem, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Two voices on the places that both judged and people settled; the items only one of them gets right."""

    first: Voice
    second: Voice
    test: McNemar
    only_first_items: tuple[int, ...]
    only_second_items: tuple[int, ...]


def read_calibration_items(
    store: Store,
    voice: Voice,
    queue_no: int = 0,
    *,
    which: ItemChoice = "wrong",
    score: int | None = None,
    human: int | None = None,
    viewer: Person,
) -> CalibrationItems:
    """Return the items of a voice behind a number, if asked only those with a score or human rating.

    An item is shown to whoever may adjudicate, once it has all the answers its queue asks for.
    """
    items = group_by_voice(read_settled_items(store, queue_no)).get(voice, [])
    found = [
        item
        for item in items
        if _CHOOSE[which](item) and _is_near(item.score, score) and _is_near(item.human_rating, human)
    ]
    overlaps = {queue.queue_no: queue.plan.overlap for queue in read_queues(store)}
    open_to_all = [item for item in found if item.answer_count >= overlaps.get(item.queue_no, 1)]
    shown = open_to_all if may(viewer, "adjudicate") else []
    return CalibrationItems(len(found), len(found) - len(shown), tuple(shown[:MOST_ITEMS]))


def list_comparable(store: Store, judge: str) -> tuple[Voice, ...]:
    """Return the models and prompt versions of a judge that judged places which reviewers were shown."""
    return tuple(
        sorted({Voice(row.judge, row.model, row.prompt_version) for row in read_place_ratings(store, judge)})
    )


def compare_voices(store: Store, first: Voice, second: Voice, queue_no: int = 0) -> Comparison:
    """Compare two models or prompt versions of one judge on the same places (paired McNemar)."""
    truth = {
        item.place: item
        for item in read_settled_items(store, queue_no)
        if item.kind == "rating" and item.name == first.name and item.is_bad is not None
    }
    said: dict[Voice, dict[tuple[int, int, int, str, int], bool]] = {first: {}, second: {}}
    for row in read_place_ratings(store, first.name):
        flags = said.get(Voice(row.judge, row.model, row.prompt_version))
        place = (row.version_no, row.step, row.call, row.pointer, row.candidate_no)
        if flags is not None and place in truth:
            flags[place] = row.is_flagged == truth[place].is_bad
    both = [place for place in said[first] if place in said[second]]
    return Comparison(
        first,
        second,
        mcnemar((said[first][place], said[second][place]) for place in both),
        _numbers(truth[place] for place in both if said[first][place] and not said[second][place]),
        _numbers(truth[place] for place in both if said[second][place] and not said[first][place]),
    )


def _numbers(items: Iterable[SettledItem]) -> tuple[int, ...]:
    return tuple(sorted(item.item_no for item in items))


def _is_near(value: float | None, wanted: int | None) -> bool:
    return wanted is None or (value is not None and round(value) == wanted)
