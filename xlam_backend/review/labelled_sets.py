"""Freezes sets of places with a known right answer, so that two versions of a prompt meet the same test.

gold      what was taught as a gold item or as an example for the judge
reviewed  items of queues that people have settled: by agreement, or by a last word
planted   records of the demo data that say which error was planted in them; only where a rule knows
          the place of such an error
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.json_pointer import join_pointer, split_pointer
from xlam_backend.domain.labelled import LABEL_ORIGINS, LabelledPlace, LabelOrigin
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.judges import judge_by_name
from xlam_backend.judges.base import Judge
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.review.calibration import read_settled_items
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.labelled_sets import LabelledSet as LabelledSet
from xlam_backend.store.labelled_sets import (
    read_found_places,
    read_planted,
    read_sets,
    write_set,
)
from xlam_backend.store.lessons import read_lessons
from xlam_backend.store.review_items import read_items
from xlam_backend.store.trajectories import read_trajectories

MOST_PLACES = 5_000
LONGEST_NAME = 120
# Planted errors that a judge has to see, by the check that knows their place.
PLANTED_FOR: dict[str, tuple[str, ...]] = {
    "argument_hallucination": ("ungrounded_value", "placeholder_value", "value_before_source")
}

_Key = tuple[int, int, int, str]


class LabelCount(msgspec.Struct, frozen=True):
    """How many labelled places one origin offers for a judge."""

    origin: LabelOrigin
    good: int
    bad: int


def count_labels(store: Store, judge: str) -> list[LabelCount]:
    """Return what a set for a judge could be made from."""
    found = Counter((one.origin, one.is_bad) for one in gather_labels(store, judge))
    return [LabelCount(origin, found[origin, False], found[origin, True]) for origin in LABEL_ORIGINS]


def list_sets(store: Store, judge: str = "") -> list[LabelledSet]:
    """Return the frozen sets for a judge, or ("") all."""
    return read_sets(store, judge)


def freeze_set(
    store: Store,
    name: str,
    judge: str,
    *,
    origins: Sequence[LabelOrigin] = LABEL_ORIGINS,
    size: int = 200,
    seed: int = 0,
    person: Person,
    now: datetime,
) -> int:
    """Draw a set and keep it for good; half of it bad places where there are enough. Returns its number.

    Raises:
        SettingError: there is nothing to draw from, or the name or size cannot be used.
    """
    require(person, "prompt")
    judge_by_name(judge)
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise SettingError(f"A set needs a name of 1 to {LONGEST_NAME} characters.", "Give it one.")
    if not 1 <= size <= MOST_PLACES:
        raise SettingError(f"A set has 1 to {MOST_PLACES:,} places.", "Choose a size between these.")
    labelled = [one for one in gather_labels(store, judge) if one.origin in origins]
    if not labelled:
        raise SettingError(
            f"Nothing is labelled for the judge {judge} yet.",
            "Review its ratings in a queue, teach gold items, or add the demo data.",
        )
    places = _draw(labelled, size, seed)
    made_from = dict(Counter(one.origin for one in places))
    with store.write() as cursor:
        set_no = write_set(
            cursor,
            store,
            name,
            judge,
            places,
            content_hash=content_hash(msgspec.json.encode(places)),
            made_from=msgspec.json.encode({"places": made_from, "seed": seed}).decode(),
            person=person.name,
            now=now,
        )
        detail = {"judge": judge, "places": len(places)}
        write_audit(cursor, store, person, "prompt", f"labelled set {set_no}", detail, now=now)
    return set_no


def gather_labels(store: Store, judge: str) -> list[LabelledPlace]:
    """Return every labelled place for a judge once, in order; a gold answer beats a reviewed one."""
    known = judge_by_name(judge)
    found: dict[_Key, LabelledPlace] = {}
    for one in (*_gold(store, judge), *_reviewed(store, judge), *_planted(store, known)):
        found.setdefault((one.version_no, one.step, one.call, one.pointer), one)
    return [found[key] for key in sorted(found)]


def _gold(store: Store, judge: str) -> Iterator[LabelledPlace]:
    lessons = {
        lesson.item_no: lesson
        for lesson in read_lessons(store, check=judge)
        if lesson.kind != "rule_case" and lesson.content.is_bad is not None
    }
    for item in read_items(store, sorted(lessons)):
        is_bad = bool(lessons[item.item_no].content.is_bad)
        yield LabelledPlace(
            item.version_no, item.trajectory_no, item.step, item.call, item.pointer, is_bad, "gold"
        )


def _reviewed(store: Store, judge: str) -> Iterator[LabelledPlace]:
    settled = {
        item.item_no: item.is_bad
        for item in read_settled_items(store)
        if item.kind == "rating" and item.name == judge and item.is_bad is not None
    }
    for item in read_items(store, sorted(settled)):
        is_bad = bool(settled[item.item_no])
        yield LabelledPlace(
            item.version_no, item.trajectory_no, item.step, item.call, item.pointer, is_bad, "reviewed"
        )


def _planted(store: Store, judge: Judge) -> Iterator[LabelledPlace]:
    checks = PLANTED_FOR.get(judge.name, ())
    if not checks:
        return
    records = read_planted(store, checks)
    trajectory_of = {version_no: trajectory_no for version_no, trajectory_no, _ in records}
    for check in checks:
        numbers = [version_no for version_no, _, planted in records if planted == check]
        for version_no, step, call, pointer in read_found_places(store, numbers, check):
            argument = join_pointer(split_pointer(pointer)[:1])
            if argument:
                yield LabelledPlace(
                    version_no, trajectory_of[version_no], step, call, argument, True, "planted"
                )
    clean = [version_no for version_no, _, planted in records if not planted]
    for stored in read_trajectories(store, clean):
        version_no, trajectory_no = stored.version_no, stored.trajectory_no
        for place in _places(judge, JudgedSample(stored.trajectory)):
            at = (place.step, place.call, place.pointer)
            yield LabelledPlace(version_no, trajectory_no, *at, is_bad=False, origin="planted")


def _places(judge: Judge, sample: JudgedSample) -> Iterable[Place]:
    return (found for found in judge.find(sample, True) if isinstance(found, Place))


def _draw(labelled: Sequence[LabelledPlace], size: int, seed: int) -> list[LabelledPlace]:
    """Return `size` places in order, as many bad as good as far as there are enough of both."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    sides = [[one for one in labelled if one.is_bad is is_bad] for is_bad in (True, False)]
    for side in sides:
        dice.shuffle(side)
    bad, good = sides
    bad_count = min(len(bad), max(size // 2, size - len(good)))
    chosen = bad[:bad_count] + good[: size - bad_count]
    return sorted(chosen, key=lambda one: (one.version_no, one.step, one.call, one.pointer))
