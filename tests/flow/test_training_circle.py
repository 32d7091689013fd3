"""The whole circle in one walk: demo data, checks, fixes, mixture, SFT, DPO, evaluation, leaderboard."""

from __future__ import annotations

import pytest

from tests.builders import A_RESEARCHER
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.circle import walk_circle
from xlam_backend.leaderboard.rows import leaderboard_rows
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_models

# Few steps of a very small model: the way is walked whole; what it can learn, `make circle` shows.
QUICK = {"tiny_layers": 1, "tiny_hidden": 32, "max_steps": 8, "most_rows": 64, "eval_rows": 0}
FEW = {"most_items": 2, "max_tokens": 24}


@pytest.fixture
def store(demo_data):
    store = Store.open(demo_data)
    yield store
    end_all_runs(demo_data)
    store.close()


@pytest.mark.timeout(600)  # three trainings and three evaluations, each in a process of its own
def test_one_walk_leads_from_demo_data_to_the_leaderboard(store):
    told = []
    report = walk_circle(store, person=A_RESEARCHER, tell=told.append, training=QUICK, evaluation=FEW)
    assert [step.name for step in report.steps] == [
        "Import and check",
        "Fix",
        "Mix and freeze",
        "Plant errors",
        "Train: Untrained",
        "Train: SFT",
        "Train: DPO",
        "Evaluate: untrained",
        "Evaluate: after SFT",
        "Evaluate: after DPO",
    ]
    untrained, sft, dpo = report.scores
    assert (untrained.calls.hits, untrained.calls.total, untrained.irrelevance.total) == (0, 8, 2)
    assert report.sft_gain.only_second == sft.calls.hits
    assert {score.model for score in report.scores} == {model.name for model in read_models(store)}
    on_the_board = {row.evaluation_no for row in leaderboard_rows(store, "v4")}
    assert {score.evaluation_no for score in report.scores} <= on_the_board
    parents = {model.name: model.parent for model in read_models(store)}
    assert parents[dpo.model] == sft.model
    assert told
