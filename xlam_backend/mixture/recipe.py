"""A recipe: which rows a training set is drawn from, in which shares, and what is left out of it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters

Handling = Literal["keep", "leave out", "refuse"]
HANDLINGS: tuple[Handling, ...] = get_args(Handling)

WhenShort = Literal["refuse", "take fewer", "shrink"]
WHEN_SHORT: tuple[WhenShort, ...] = get_args(WhenShort)

RowState = Literal["current", "as imported"]
ROW_STATES: tuple[RowState, ...] = get_args(RowState)

RuleName = Literal[
    "dropped_by_reviewers",
    "near_duplicates",
    "rejected_by_checks",
    "flagged_by_judges",
    "contaminated",
    "not_compared",
    "licence_unknown",
    "licence_non_commercial",
    "too_long",
]
RULES: tuple[RuleName, ...] = get_args(RuleName)

DEFAULT_CONTEXT = 4096
MOST_EPOCHS = 100


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where rows come from.

    share     of all rows of the mixture, 0..1; `count` is a number of rows; neither: all there are
    epochs    how often a row may stand in the mixture
    datasets  names of datasets; none = every dataset
    read_as   formats that datasets were read as (names of importers); none = every format
    versions  the versions that count today, or the records as they were imported
    filters   the filters of Explore
    """

    name: str
    share: float | None = None
    count: int | None = None
    epochs: int = 1
    datasets: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    versions: RowState = "current"
    filters: Filters = Filters()


class Rules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happens to rows that somebody might not want: kept, left out, or the freeze is refused.

    dropped_by_reviewers   people decided to drop it
    near_duplicates        people decided to drop it, for a near-duplicate that stays
    rejected_by_checks     it has a finding of level reject, and nobody decided to keep it
    flagged_by_judges      a judge flagged a place of it
    contaminated           it resembles an evaluation set, or stands in one
    not_compared           it was never held against the evaluation sets, or no set is marked as one
    licence_unknown        nobody can say whether its licence allows commercial use
    licence_non_commercial its licence forbids commercial use
    too_long               it is longer than the model's context, by the estimate of tokens
    """

    dropped_by_reviewers: Handling = "leave out"
    near_duplicates: Handling = "leave out"
    rejected_by_checks: Handling = "leave out"
    flagged_by_judges: Handling = "keep"
    contaminated: Handling = "leave out"
    not_compared: Handling = "keep"
    licence_unknown: Handling = "refuse"
    licence_non_commercial: Handling = "leave out"
    too_long: Handling = "keep"

    def of(self, rule: RuleName) -> Handling:
        """Return what a rule says."""
        handling: Handling = getattr(self, rule)
        return handling


class Recipe(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recipe.

    size        rows in all, where every source has a share; None: as many as the shares allow
    when_short  a source that has too few rows: refuse to freeze, take fewer of it, or shrink the mixture
    context     how many tokens the model can read
    tokenizer   a folder or a name on the hub: its tokens are counted when the mixture is frozen
    """

    name: str
    sources: tuple[Source, ...]
    description: str = ""
    seed: int = 0
    size: int | None = None
    when_short: WhenShort = "refuse"
    context: int = DEFAULT_CONTEXT
    tokenizer: str = ""
    rules: Rules = Rules()
