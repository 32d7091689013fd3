"""The words of contamination: how training texts are held against evaluation sets."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.errors import SettingError

Method = Literal["n-gram", "embedding"]
METHODS: tuple[Method, ...] = get_args(Method)

SHORTEST_GRAM, LONGEST_GRAM = 2, 50


class ContaminationSettings(msgspec.Struct, frozen=True):
    """How a search compares; both methods read what the user said, the query and the later turns.

    gram_words     n: how many words in a row are one n-gram
    least_share    a training text matches when stretches of n words cover this share of the words that an
                   evaluation text has; texts that are the same word for word always match
    least_cosine   an embedding matches from this cosine on
    model          the embedding model; "" takes the default
    dataset        only training data of this dataset; "" takes all
    """

    methods: tuple[Method, ...] = ("n-gram",)
    gram_words: int = 8
    least_share: float = 0.5
    least_cosine: float = 0.9
    model: str = ""
    dataset: str = ""

    def check(self) -> None:
        """Refuse what cannot be searched for.

        Raises:
            SettingError: a number is out of its range, or no method is chosen.
        """
        if not self.methods:
            raise SettingError("No method is chosen.", f"Choose from: {', '.join(METHODS)}.")
        if not SHORTEST_GRAM <= self.gram_words <= LONGEST_GRAM:
            raise SettingError(
                f"An n-gram of {self.gram_words} words is not looked for.",
                f"Choose {SHORTEST_GRAM} to {LONGEST_GRAM} words.",
            )
        if not 0 < self.least_share <= 1:
            raise SettingError(f"{self.least_share:g} is no share.", "Choose a share above 0, at most 1.")
        if not 0 < self.least_cosine <= 1:
            raise SettingError(f"{self.least_cosine:g} is no threshold.", "Choose one above 0, at most 1.")

    def of_method(self, method: Method) -> dict[str, object]:
        """Return the settings that count for one method, as they are kept with its result."""
        scope: dict[str, object] = {"dataset": self.dataset} if self.dataset else {}
        if method == "n-gram":
            return {"gram_words": self.gram_words, "least_share": self.least_share, **scope}
        return {"model": self.model, "least_cosine": self.least_cosine, **scope}
