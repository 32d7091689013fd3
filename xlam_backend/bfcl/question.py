"""One question of the leaderboard, as its files tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Category, category_by_name


class Question(msgspec.Struct, frozen=True):
    """What a model is asked, what it may call, and which calls are allowed as answers.

    `turns` holds messages ({"role", "content"}) turn by turn. `functions` are as in the files: `name`,
    `description`, `parameters`. `possible_answer` lists one {function: {argument: [allowed values]}}
    for each call ("" among the values: the argument may be left out). For executable questions it
    lists the calls as text, and `result_types` says how the result of each is compared. It is None
    where no call is the answer, or where nobody wrote one down.
    """

    id: str
    category: str
    turns: tuple[tuple[dict[str, Any], ...], ...]
    functions: tuple[dict[str, Any], ...]
    possible_answer: tuple[Any, ...] | None = None
    result_types: tuple[str, ...] = ()

    @property
    def its_category(self) -> Category:
        """The category with all that is known of it."""
        return category_by_name(self.category)
