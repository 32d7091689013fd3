"""What people say of an item, once it is settled: the last word, else what the majority agrees on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from xlam_backend.domain.adjudication import deserves_flag
from xlam_backend.domain.review import Flag
from xlam_backend.store.review_labels import ItemAnswers

Settled = Literal["last word", "all agree", "majority", "open"]

PREFERENCE = "preference"  # what pairs calibrate: that the chosen side is the better
BAD_AT_MOST = 2  # a human rating this low calls the place bad, as a judge's score does by default
CLOSE = 1.0  # a score this near a human rating agrees with it


class SettledItem(msgspec.Struct, frozen=True):
    """An item of a sample with what the machine and what people say of it.

    `is_bad` is None while people have not settled it. `human_rating` and `score` lie on the scale of 1 to
    5 (None where nobody rated, or the judge gives a word). Lengths are in characters, steps in steps.
    `response` is the share of what was drawn like it that is settled, against the other side's (1: alike).
    """

    item_no: int
    queue_no: int
    kind: str
    name: str
    model: str
    prompt_name: str
    prompt_version: int
    is_scripted: bool
    stratum: str
    inclusion_probability: float
    is_flagged: bool
    score: float | None
    is_bad: bool | None
    human_rating: float | None
    settled: Settled
    answer_count: int
    place: tuple[int, int, int, str, int]
    rationale_length: int
    step_count: int
    query_length: int
    response: float = 1.0

    @property
    def weight(self) -> float:
        """Return how many items this one stands for."""
        return 1.0 / (self.inclusion_probability * self.response)

    @property
    def is_right(self) -> bool | None:
        """Whether the flag is what people say; None while they have not settled it."""
        return None if self.is_bad is None else self.is_flagged == self.is_bad


def settle(given: ItemAnswers) -> SettledItem:
    """Return an item with what people say of it."""
    rating = _human_rating(given)
    is_bad = _is_bad_by_flag(given) if rating is None else is_bad_rating(rating)
    return SettledItem(
        item_no=given.item_no,
        queue_no=given.queue_no,
        kind=given.kind,
        name=PREFERENCE if given.kind == "pair" else given.check,
        model=given.model,
        prompt_name=given.prompt_name,
        prompt_version=given.prompt_version,
        is_scripted=given.is_scripted,
        stratum=f"{given.queue_no} {given.stratum}",
        inclusion_probability=given.inclusion_probability,
        is_flagged=given.is_flagged,
        score=None if given.score is None else on_human_scale(given.score, given.scale_low, given.scale_high),
        is_bad=is_bad,
        human_rating=rating,
        settled=_how(given, is_settled=is_bad is not None),
        answer_count=given.answer_count,
        place=(given.version_no, given.step, given.call, given.pointer, given.candidate_no),
        rationale_length=given.rationale_length,
        step_count=given.step_count,
        query_length=given.query_length,
    )


def is_bad_rating(rating: float) -> bool:
    """Tell whether a human rating calls what it rates bad.

    >>> is_bad_rating(2), is_bad_rating(2.5)
    (True, False)
    """
    return rating <= BAD_AT_MOST


def with_response(items: Sequence[SettledItem], drawn: Mapping[tuple[int, bool], int]) -> list[SettledItem]:
    """Return items that know how much of what was drawn like them is settled.

    What is flagged is disputed more often than what is not, and stays open for longer. Without this the
    flagged items of a queue would weigh too little, and recall would come out too low. `drawn` counts the
    sample by queue and flag.
    """
    known = Counter((item.queue_no, item.is_flagged) for item in items if item.is_bad is not None)
    shares = {side: count / max(drawn.get(side, 0), count) for side, count in known.items()}
    highest: dict[int, float] = {}
    for (queue_no, _), share in shares.items():
        highest[queue_no] = max(share, highest.get(queue_no, 0.0))

    def response(item: SettledItem) -> float:
        share = shares.get((item.queue_no, item.is_flagged))
        return 1.0 if share is None else share / highest[item.queue_no]

    return [msgspec.structs.replace(item, response=response(item)) for item in items]


def on_human_scale(score: float, low: float, high: float) -> float:
    """Return a judge's score as one of 1 to 5.

    Scales up to 5 mean the same by the same number (0 to 5 has one word more at its lower end); others
    are stretched.

    >>> on_human_scale(0, 0, 5), on_human_scale(0.5, 0, 1), on_human_scale(4, 1, 5)
    (1.0, 3.0, 4.0)
    """
    if high == 5:
        return max(1.0, float(score))
    return 1.0 + 4.0 * (score - low) / (high - low) if high > low else 1.0


def _human_rating(given: ItemAnswers) -> float | None:
    """Return the rating people settled on: the last word, else the median of ratings at most one apart."""
    if given.is_decided:
        return None if given.decided_rating is None else float(given.decided_rating)
    lowest, highest = given.lowest_rating, given.highest_rating
    if lowest is None or highest is None or highest - lowest > CLOSE:
        return None
    return given.median_rating


def _is_bad_by_flag(given: ItemAnswers) -> bool | None:
    if given.is_decided:
        confirms = given.decided_preference == "chosen" or given.decided_flag == "agree"
        refutes = given.decided_preference not in ("", "chosen") or given.decided_flag == "disagree"
    else:
        confirms = 2 * given.agreeing > given.answer_count
        refutes = 2 * given.disagreeing > given.answer_count
    word: Flag = "agree" if confirms else "disagree" if refutes else "unsure"
    return deserves_flag(word, is_flagged=given.is_flagged)


def _how(given: ItemAnswers, *, is_settled: bool) -> Settled:
    if not is_settled:
        return "open"
    if given.is_decided:
        return "last word"
    same = max(given.agreeing, given.disagreeing, given.rating_count)
    return "all agree" if same == given.answer_count else "majority"
