"""Which trajectories a person wants to see: the one vocabulary of pages, command line and library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

Sort = Literal["imported", "newest", "findings", "steps", "calls", "fewest_steps"]
SORTS: tuple[Sort, ...] = get_args(Sort)

LevelChoice = Literal["", "flagged", "clean", "reject", "fix", "warn", "judge"]
LEVEL_CHOICES: tuple[LevelChoice, ...] = get_args(LevelChoice)

FixedChoice = Literal["", "fixed", "unfixed", "fixable"]
FIXED_CHOICES: tuple[FixedChoice, ...] = get_args(FixedChoice)

ReviewChoice = Literal["", "queued", "undecided", "keep", "fix", "fixed", "drop"]
REVIEW_CHOICES: tuple[ReviewChoice, ...] = get_args(ReviewChoice)

MadeChoice = Literal["", "original", "made"]
MADE_CHOICES: tuple[MadeChoice, ...] = get_args(MadeChoice)

OfferChoice = Literal["", "tools", "no_tools"]
OFFER_CHOICES: tuple[OfferChoice, ...] = get_args(OfferChoice)


ANY_JUDGE = "any"  # as the name of a judge
ID_LETTERS = 16  # so many letters of its id tell a trajectory from every other one
MOST_IDS = 200  # more do not fit into an address


class Filters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything a view can be narrowed by; "" and None leave it open.

    `level` "flagged" means a finding of level reject or fix, "clean" means none of these. As soon as
    one of check, level, code, step, argument or family is set, `tool` asks for a finding at that tool
    and not just for a call of it: the list then holds exactly the records behind a bar of a chart.
    `review` is what people decided, "undecided", or "queued" for what stands in a review queue. `judge`
    asks for a place that this judge flagged; ANY_JUDGE for one that some judge flagged. `made` asks for what
    was made from another trajectory (augmented, rephrased) or was not; `output_format` for the format its
    answers are told in. `offers` "no_tools" means neither tools nor calls: general instructions. `min_rating`
    is the least mean rating by judges as a share of the scale, 0..1; what nobody rated does not match.
    `ids` names trajectories one by one: the first ID_LETTERS letters of their ids, or all, between commas.
    """

    dataset: str = ""
    source: str = ""
    check: str = ""
    level: LevelChoice = ""
    code: str = ""
    tool: str = ""
    argument: str = ""
    step: int | None = None
    family: str = ""
    min_steps: int | None = None
    max_steps: int | None = None
    text: str = ""
    fixed: FixedChoice = ""
    review: ReviewChoice = ""
    judge: str = ""
    made: MadeChoice = ""
    output_format: str = ""
    category: str = ""
    offers: OfferChoice = ""
    min_rating: float | None = None
    ids: str = ""

    @property
    def asks_for_finding(self) -> bool:
        """Whether only trajectories with some particular finding are wanted."""
        return bool(
            self.check
            or self.level not in ("", "clean")
            or self.code
            or self.argument
            or self.step is not None
            or self.family
            or self.fixed == "fixable"
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return self == Filters()


def join_ids(trajectory_ids: Iterable[str]) -> str:
    """Return trajectories as the filter `ids` names them, each once, at most MOST_IDS.

    >>> join_ids(["00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"])
    '0011223344556677,ffeeddccbbaa9988'
    """
    return ",".join([*dict.fromkeys(one[:ID_LETTERS] for one in trajectory_ids)][:MOST_IDS])


def split_ids(ids: str) -> list[str]:
    """Return what the filter `ids` names, each by its first ID_LETTERS letters.

    >>> split_ids("0011223344556677,  ffeeddccbbaa99887766554433221100,")
    ['0011223344556677', 'ffeeddccbbaa9988']
    """
    return [one.strip().lower()[:ID_LETTERS] for one in ids.split(",") if one.strip()]
