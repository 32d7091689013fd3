"""Which pairs count: the rule in force, in words that a page, a recipe and a command share."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.pair import PAIR_ORIGINS, PairOrigin
from xlam_backend.errors import SettingError

CountRule = Literal["margin", "confirmed", "sampled"]
COUNT_RULES: tuple[CountRule, ...] = get_args(CountRule)

RULE_WORDS: dict[CountRule, str] = {
    "margin": "every pair with a large enough margin, or that a rule decides",
    "confirmed": "only pairs that people confirmed",
    "sampled": "confirmed pairs, and the others of a kind whose sample was confirmed often enough",
}


class PairSelection(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which pairs are wanted.

    rule         margin     a pair counts unless people or the rules speak against it, where a rule flags
                            the rejected side and the ratings do not contradict it, or where the margin is
                            at least `least_margin`
                 confirmed  only what people settled on
                 sampled    that, and pairs nobody has answered whose kind (origin and reason) people
                            have settled `least_settled` times and confirmed in `least_share` of them
    origins      where the rejected side may come from; anywhere when empty
    filters      which trajectories, as in Explore
    has_scripted whether answers of the scripted model for trying out may stand in it
    """

    rule: CountRule = "margin"
    least_margin: float = 1.0
    origins: tuple[PairOrigin, ...] = ()
    least_share: float = 0.9
    least_settled: int = 20
    filters: Filters = Filters()
    has_scripted: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.rule not in COUNT_RULES:
            raise SettingError(f"There is no rule called {self.rule!r}.", f"Choose {', '.join(COUNT_RULES)}.")
        if unknown := set(self.origins) - set(PAIR_ORIGINS):
            raise SettingError(
                f"Pairs do not come from {sorted(unknown)}.", f"Choose among {', '.join(PAIR_ORIGINS)}."
            )
        if not 0 <= self.least_share <= 1 or self.least_settled < 1:
            raise SettingError(
                "The share that must be confirmed lies between 0 and 1, of at least one pair.",
                "Change these settings.",
            )
        if not -10 <= self.least_margin <= 10:
            raise SettingError(
                f"A margin of {self.least_margin:g} is not possible.", "Give one from -10 to 10."
            )

    def wants(self, origin: PairOrigin) -> bool:
        """Whether pairs of this origin may count."""
        return not self.origins or origin in self.origins
