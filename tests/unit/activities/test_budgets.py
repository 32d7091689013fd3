"""Budgets of runs that ask models: what an endpoint cannot be kept to is refused before anything is paid."""

from __future__ import annotations

import pytest

from tests.unit.activities.conftest import ANN, NOW
from xlam_backend.activities import manager
from xlam_backend.activities.judge_run import start_judging
from xlam_backend.activities.respond_run import start_responses
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import Budget
from xlam_backend.responses.plan import RespondPlan
from xlam_backend.store.connection import Store

MONEY = Budget(money=1.0)


@pytest.fixture
def store(demo_data, tmp_path, monkeypatch):
    """The demo data, an endpoint with prices and one without; nobody listens at either."""
    secrets = tmp_path / "secrets.toml"
    table = 'base_url = "http://127.0.0.1:9/v1"\nmodels = ["m"]\n'
    priced = f"{table}price_input = 1.0\nprice_output = 1.0\n"
    secrets.write_text(f"[endpoints.free]\n{table}[endpoints.priced]\n{priced}", "utf-8")
    monkeypatch.setenv("XLAM_SECRETS_FILE", str(secrets))
    opened = Store.open(demo_data)
    yield opened
    opened.close()


def judge(endpoint):
    return JudgeSettings(judges=("step_quality",), endpoint=endpoint, models=("m",), budget=MONEY)


def test_judges_whose_calls_have_no_price_are_not_started_with_a_limit_of_money(store):
    with pytest.raises(SettingError, match="free has no prices"):
        start_judging(store, judge("free"), Filters(), person=ANN, now=NOW)
    assert manager.list_runs(store.folder) == []


def test_neither_are_responses_that_are_rated_where_calls_have_no_price(store):
    plan = RespondPlan(
        endpoint="priced", models=("m",), rated="all that differ", judge=judge("free"), budget=MONEY
    )
    with pytest.raises(SettingError, match="free has no prices"):
        start_responses(store, plan, person=ANN, now=NOW)
    assert manager.list_runs(store.folder) == []
