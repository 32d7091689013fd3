"""Keeps a run inside its budget: room is taken before a call is sent, at the most it can cost."""

from __future__ import annotations

from xlam_backend.llm.chat import Budget
from xlam_backend.llm.reply_cache import Usage


class Ledger:
    """What a run has used (`used`), and what its calls under way may still take (`reserved`)."""

    def __init__(self, budget: Budget, used: Usage) -> None:
        self.budget = budget
        self.used = used
        self._reserved: list[Usage] = []

    @property
    def reserved(self) -> Usage:
        """What calls under way may take; summed anew, so that fractions of money leave nothing behind."""
        return sum(self._reserved, Usage())

    def reserve(self, most: Usage) -> bool:
        """Take room for a call; False when the budget has none left for it now."""
        if self.over(self.used + self.reserved + most):
            return False
        self._reserved.append(most)
        return True

    def take_over(self, most: Usage) -> None:
        """Make a call of an earlier start, which is counted as used, one that is under way."""
        self.used = self.used - most
        self._reserved.append(most)

    def settle(self, most: Usage, used: Usage) -> None:
        """Give back the room of a call and count what it took."""
        self._reserved.remove(most)
        self.used = self.used + used

    def over(self, usage: Usage) -> str:
        """Return which limit a sum exceeds, "" when none."""
        budget = self.budget
        if budget.calls is not None and usage.calls > budget.calls:
            return "calls"
        if budget.tokens is not None and usage.input_tokens + usage.output_tokens > budget.tokens:
            return "tokens"
        if budget.money is not None and usage.cost > budget.money:
            return "money"
        return ""
