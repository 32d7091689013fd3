"""How far the answers of each model came, and why they ended where they did."""

from __future__ import annotations

import msgspec

from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.candidates import ModelCount, count_becauses, count_by_model, list_candidate_runs
from xlam_backend.store.connection import Store

__all__ = ["ModelFunnel", "ResponseFunnel", "list_candidate_runs", "read_funnel"]


class ModelFunnel(msgspec.Struct, frozen=True):
    """One model's answers.

    `rejected` is of those that could be read. `repeated_count`: rejected, and no pair of their own,
    because another answer to the same step makes the same calls. `becauses` counts the reasons why
    answers were classified as they are, the most frequent first.
    """

    count: ModelCount
    rejected: Rate
    repeated_count: int
    becauses: dict[str, int]


class ResponseFunnel(msgspec.Struct, frozen=True):
    """The answers of one run, or ("") of all."""

    run_id: str
    models: tuple[ModelFunnel, ...]

    @property
    def is_scripted(self) -> bool:
        """Whether the scripted local model gave answers among these."""
        return any(one.count.is_scripted for one in self.models)


def read_funnel(store: Store, run_id: str = "") -> ResponseFunnel:
    """Return how far the answers of each model came."""
    becauses: dict[str, dict[str, int]] = {}
    for reason in count_becauses(store, run_id):
        of_model = becauses.setdefault(reason.model, {})
        of_model[reason.because] = of_model.get(reason.because, 0) + reason.count
    return ResponseFunnel(
        run_id, tuple(_of_model(count, becauses[count.model]) for count in count_by_model(store, run_id))
    )


def _of_model(count: ModelCount, becauses: dict[str, int]) -> ModelFunnel:
    rejected = count.classified["rejected"]
    return ModelFunnel(count, rate(rejected, count.parsed_count), rejected - count.pair_count, becauses)
