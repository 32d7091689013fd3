"""The words of categories: which trajectories are sorted into how many groups, and what a group is."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.errors import SettingError

MOST_CATEGORIES = 200
LONGEST_NAME = 80

Kind = Literal["general instruction", "all"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class CategorySettings(msgspec.Struct, frozen=True):
    """How trajectories are sorted.

    count    how many categories; fewer where there are fewer different requests
    kind     only general-instruction data (no tools, no calls), or all
    dataset  only of this dataset; "" takes all
    seed     decides where the search for groups begins
    model    the embedding model; "" takes the default
    """

    count: int = 12
    kind: Kind = "general instruction"
    dataset: str = ""
    seed: int = 0
    model: str = ""

    def check(self) -> None:
        """Refuse what cannot be sorted.

        Raises:
            SettingError: the count is out of its range.
        """
        if not 1 <= self.count <= MOST_CATEGORIES:
            raise SettingError(
                f"{self.count} categories cannot be made.", f"Choose between 1 and {MOST_CATEGORIES}."
            )


class NewCategory(msgspec.Struct, frozen=True):
    """A category as a run made it: its number, its words (most telling first), and a name made of them."""

    category_no: int
    name: str
    words: tuple[str, ...]
