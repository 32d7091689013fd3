"""What a person sets when a set of trajectories is augmented: of which data, how often, in which ways."""

from __future__ import annotations

import msgspec

from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError

MOST_VARIANTS = 50
LONGEST_NAME = 200


class AugmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which trajectories are augmented, into which dataset.

    filters   which trajectories, as in Explore; of those, `size` are drawn by `seed` (0: all)
    variants  how many are made of each; no format comes twice before all of the plan have come once
    dataset   the name of the dataset they go into; "" for that of the data with a word behind it
    """

    filters: Filters = Filters()
    size: int = 0
    seed: int = 0
    variants: int = 1
    plan: AugmentPlan = AugmentPlan()
    dataset: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        if not 1 <= self.variants <= MOST_VARIANTS:
            raise SettingError(
                f"A trajectory gives 1 to {MOST_VARIANTS} variants, not {self.variants:,}.",
                "Change their number.",
            )
        if self.size < 0:
            raise SettingError("The number of trajectories is below 0.", "Draw 1 or more; 0 means all.")
        refuse_seed(self.seed)
        refuse_name(self.dataset)

    @property
    def dataset_name(self) -> str:
        """The name of the dataset that what is made goes into."""
        return self.dataset.strip() or made_name(self.filters, "augmented")


def made_name(filters: Filters, word: str) -> str:
    """Return the name of a dataset made from the data that match.

    >>> made_name(Filters(dataset="weather"), "augmented"), made_name(Filters(), "rephrased")
    ('weather augmented', 'all datasets rephrased')
    """
    return f"{filters.dataset or 'all datasets'} {word}"


def refuse_seed(seed: int) -> None:
    """Refuse a seed that the store has no room for."""
    if not -(2**63) <= seed < 2**63:
        raise SettingError("The seed has more than 64 bits.", "Choose a smaller number.")


def refuse_name(name: str) -> None:
    """Refuse a name that no dataset should have."""
    if len(name) > LONGEST_NAME:
        raise SettingError(
            f"The name of the dataset is longer than {LONGEST_NAME} characters.", "Choose a shorter one."
        )
