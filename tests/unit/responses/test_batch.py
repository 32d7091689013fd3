"""A run in parts: each step stands in one part, whatever ends an attempt, and the next goes on from there."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_trajectory
from tests.judging import FolderContext
from tests.store.conftest import chunk_of
from xlam_backend.errors import BudgetSpentError, JudgeUnavailableError, StoppedError
from xlam_backend.llm.chat import AskSummary, Reply
from xlam_backend.responses import batch
from xlam_backend.responses.batch import RespondBatch, read_parts, step_key
from xlam_backend.responses.intake import take_in_steps
from xlam_backend.responses.job import draw_versions, read_job, write_job
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.store.candidates import count_by_model
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.pairs import PairFilters, find_pairs

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CITIES = [f"Town {number}" for number in range(7)]
PLAN = RespondPlan(endpoint="here", models=("small",), count=2)
WRONG = json.dumps({"thought": "", "tool_calls": [{"name": "no_tool", "arguments": {}}]})


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "opened", now=NOW)
    with Ingest(opened, NewDataset("weather"), now=NOW) as ingest:
        ingest.add(
            chunk_of([a_trajectory([a_call(city=city)], query=f"Weather in {city}?") for city in CITIES])
        )
    yield opened
    opened.close()


class Asker:
    """Gives the same wrong answer to everything, up to a number of replies; then it says why not."""

    def __init__(self, most=None, reason=""):
        self.most = most
        self.reason = reason
        self.count = 0

    def __call__(self, endpoint, requests, on_reply):
        for request in requests:
            if self.most is not None and self.count >= self.most:
                on_reply(Reply(request.key, "not_asked", reason=self.reason))
                continue
            self.count += 1
            on_reply(Reply(request.key, "answered", WRONG))
        return AskSummary(0, 0, 0, 0, 0, 0, 0, 0, None, self.reason, "Do something.")


@pytest.fixture
def attempt(store, tmp_path, monkeypatch):
    """Carry out one attempt at a run of seven steps, in groups of three."""
    monkeypatch.setattr(batch, "GROUP_STEPS", 3)
    write_job(store, tmp_path / "run" / "input", PLAN)

    def carry_out(asker, is_stopped=False):
        context = FolderContext(tmp_path / "run")
        context.is_stopped = is_stopped
        try:
            RespondBatch(context, read_job(context.folder / "input"), asker).carry_out()
        finally:
            context.keys = [step_key(step) for step in read_parts(context.folder / "output")]
        return context

    return carry_out


def test_every_step_stands_in_one_part(attempt):
    context = attempt(Asker())
    assert context.keys == [(number, 0) for number in range(1, 8)]
    assert len(list((context.folder / "output").iterdir())) == 3
    assert context.outcome["answered"] == context.outcome["steps"] == 7
    assert context.told[-1][:2] == (14, 14)


@pytest.mark.parametrize(
    ("reason", "is_stopped", "error"),
    [
        ("The budget of calls is spent.", False, BudgetSpentError),
        ("A person stopped the run.", True, StoppedError),
        ("The key was refused.", False, JudgeUnavailableError),
    ],
)
def test_an_attempt_that_ends_early_keeps_whole_steps_and_the_next_goes_on(
    attempt, tmp_path, reason, is_stopped, error
):
    with pytest.raises(error):
        attempt(Asker(9, reason), is_stopped)
    kept = [step_key(step) for step in read_parts(tmp_path / "run" / "output")]
    assert kept == [(number, 0) for number in range(1, 5)]  # four whole steps; the fifth has one of two
    asker = Asker()
    context = attempt(asker)
    assert sorted(context.keys) == [(number, 0) for number in range(1, 8)]
    assert asker.count == 6  # what stands in a part is not even asked of the cache
    assert context.outcome["answered"] == 7


def test_what_is_taken_in_is_numbered_and_equal_answers_are_one_pair(attempt, store, tmp_path):
    attempt(Asker())
    for part in sorted((tmp_path / "run" / "output").iterdir()):
        with store.write() as cursor:
            assert take_in_steps(store, cursor, list(batch.read_part(part))) > 0
    [small] = count_by_model(store, "run-1")
    assert (small.asked_count, small.classified["rejected"], small.pair_count) == (14, 14, 7)
    assert find_pairs(store, PairFilters()).total == 7
    assert {row.pair.reason for row in find_pairs(store, PairFilters()).rows} == {"wrong tool"}


def test_a_part_without_steps_is_nothing(store):
    with store.write() as cursor:
        assert take_in_steps(store, cursor, []) == 0


def test_the_draw_is_decided_by_the_seed(store):
    def drawn(**fields):
        return draw_versions(store, replace(PLAN, **fields)).tolist()

    assert drawn(size=0) == drawn(size=100) == list(range(1, 8))
    assert drawn(size=3) == drawn(size=3)
    assert len({tuple(drawn(size=3, seed=seed)) for seed in range(20)}) > 1
    assert len(set(drawn(size=3))) == 3
