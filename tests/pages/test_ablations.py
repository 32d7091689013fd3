"""The page of ablations: what a study lacks, launching one, its cells, its scores beside the paper's."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tests.builders import A_RESEARCHER
from tests.hostile import CORPUS
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities import studies
from xlam_backend.activities.manager import list_runs
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.study import StudyArm, StudyPlan, StudyRun
from xlam_backend.mixture.recipe import Recipe, Rules, Source
from xlam_backend.mixture.recipe_text import write_recipe
from xlam_backend.mixture.recipes import save_recipe
from xlam_backend.runs.folder import IntakeRecord
from xlam_backend.runs.state import RunStatus
from xlam_backend.store.evaluations import write_evaluation, write_items
from xlam_backend.store.models import write_model
from xlam_backend.store.studies import list_studies, write_study, write_study_run

PAGE = "models/ablations"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = CORPUS["attribute breaker"][:50]


@pytest.fixture
def store(demo_store):
    yield demo_store
    end_all_runs(demo_store.folder)


@pytest.fixture
def evaluated(store, monkeypatch):
    """A study of two arms and two seeds whose models are all evaluated: the second arm is always better."""
    arms = (StudyArm(HOSTILE, release="a" * 32), StudyArm("better", release="b" * 32))
    plan = StudyPlan(HOSTILE, arms, (1, 2), {"base_model": "tiny"}, "questions_demo")
    with store.write() as cursor:
        number = write_study(cursor, store, plan, A_RESEARCHER.name, now=NOW)
    for cell in plan.cells:
        run = f"{plan.arms.index(next(arm for arm in arms if arm.name == cell.arm))}-{cell.seed}"
        write_study_run(store, number, StudyRun("train", cell.arm, cell.seed, f"t-{run}"), now=NOW)
        write_study_run(store, number, StudyRun("evaluate", cell.arm, cell.seed, f"e-{run}"), now=NOW)
        write_scores(store, run, right_count=6 if cell.arm == "better" else 2)

    def ended(_folder, run_id):
        return RunStatus(
            run_id=run_id, kind="train", title="", lane="gpu", state="succeeded", person="", created_at=NOW,
            params={}, item_count=0, input_words="", intake=IntakeRecord(is_complete=True),
        )  # fmt: skip

    monkeypatch.setattr(studies, "read_run", ended)
    return number


def write_scores(store, run, *, right_count):
    model = KeptModel(
        name=f"m-{run}", run_id=f"t-{run}", method="sft", tuning="full", base_model="tiny",
        person=A_RESEARCHER.name, made_at=NOW,
    )  # fmt: skip
    evaluation = Evaluation(
        evaluation_no=0, model=model.name, kept_model=model.name, question_set="questions_demo", set_hash="h",
        version="v4", mode="prompt", source="own", made_at=NOW, run_id=f"e-{run}",
    )  # fmt: skip
    items = [
        EvaluationItem(
            category="simple_python",
            item_id=f"q{place}",
            place=place,
            state="answered",
            is_valid=place < right_count,
        )
        for place in range(8)
    ]
    with store.write() as cursor:
        write_model(cursor, store, model)
        write_items(cursor, write_evaluation(cursor, store, evaluation), items)


def test_what_is_missing_for_the_papers_study_is_said_before_it_is_launched(demo_pages, store):
    assert demo_pages.open(PAGE) == "Ablations"
    assert "The source 'augmented' has no row to give" in demo_pages.words
    assert demo_pages.app.button(key="study_launch").disabled
    assert "ToolQuery: success rate +23.4" in demo_pages.words
    assert "2024-09-05" in demo_pages.words


def test_a_study_is_launched_stopped_and_taken_off_the_list(demo_pages, store):
    for name in ("small", "smaller"):
        source = Source("all", datasets=("city_services_60k",), count=9 if name == "small" else 5)
        rules = Rules(licence_unknown="leave out")
        text = write_recipe(Recipe(name, (source,), rules=rules))
        save_recipe(store, text, person=A_RESEARCHER, now=NOW)
    demo_pages.open(PAGE)
    demo_pages.app.segmented_control(key="study_kind").set_value("Mixtures").run()
    demo_pages.app.multiselect(key="study_mixtures").set_value(["small", "smaller"]).run()
    demo_pages.app.number_input(key="study_seeds").set_value(2).run()
    assert "4 trainings, each followed by an evaluation" in demo_pages.words
    demo_pages.app.button(key="study_launch").click().run()
    [study] = list_studies(store)
    assert [arm.mixture for arm in study.plan.arms] == ["small", "smaller"]
    assert study.plan.seeds == (1, 2)
    assert {"release", "seed", "name"}.isdisjoint(study.plan.training)
    assert sum(status.kind == "freeze" for status in list_runs(store.folder)) == 2
    demo_pages.app.button(key="study_stop").click().run()
    assert list_studies(store)[0].event == "stopped"
    assert "stopped, 0 of 4 done" in demo_pages.words
    demo_pages.app.button(key="study_remove").click().run()
    assert list_studies(store) == []


def test_scores_and_gains_stand_beside_the_papers(demo_pages, store, evaluated):
    studies.go_on_with_studies(store, now=NOW)
    assert demo_pages.open(PAGE, study=str(evaluated)) == "Ablations"
    assert demo_pages.html.count("✔ done") == 5
    assert "evaluation?evaluation=1" in demo_pages.html
    assert "75.0 %" in demo_pages.words
    assert "+50.0 points" in demo_pages.words
    assert "1: 2 of 8, 2: 2 of 8" in demo_pages.words
    assert HOSTILE not in demo_pages.html
    progress = studies.read_progress(store, evaluated)
    assert msgspec.structs.asdict(progress.study)["event"] == "ended"
