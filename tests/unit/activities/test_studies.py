"""Studies: what is started when, what a failure does, stopping and going on, what the scores come to."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from xlam_backend.activities import studies
from xlam_backend.activities.studies import Hands, go_on_with_studies, read_progress, take_up_study
from xlam_backend.activities.study_results import read_results, render_results, results_of
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.domain.study import StudyArm, StudyPlan, check_plan
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, SettingError, UnknownNameError
from xlam_backend.runs.folder import IntakeRecord
from xlam_backend.runs.state import RunStatus
from xlam_backend.store.evaluations import write_evaluation, write_items
from xlam_backend.store.studies import list_studies, read_study, write_study

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ARMS = (StudyArm("raw", mixture="raw"), StudyArm("ready", release="abc123"))
PLAN = StudyPlan("cleaning", ARMS, (1, 2), {"base_model": "tiny"}, "questions_demo")


class Workshop:
    """Hands that do nothing themselves: runs are open until a test says how they ended."""

    def __init__(self, store):
        self.store = store
        self.states = {}
        self.made = {}
        self.hands = Hands(
            freeze=lambda _store, mixture, **_: self._start(f"freeze {mixture}"),
            train=lambda _store, plan, **_: self._start(f"train {plan.name} {plan.release} {plan.seed}"),
            evaluate=lambda _store, plan, **_: self._start(f"evaluate {plan.kept_model} {plan.asked_as}"),
            status=lambda _store, run_id: self._status(run_id),
            release_of=lambda _store, run_id: self.made.get(run_id, ""),
            model_of=lambda _store, run_id: self.made.get(run_id, ""),
            evaluation_of=lambda _store, run_id: self.made.get(run_id, 0),
        )

    def _start(self, run_id):
        self.states[run_id] = "running"
        return run_id

    def _status(self, run_id):
        if run_id not in self.states:
            return None
        state = self.states[run_id]
        fields = {"run_id": run_id, "kind": "k", "title": "", "lane": "cpu", "person": "", "params": {}}
        intake = IntakeRecord(is_complete=state != "running")
        return RunStatus(
            **fields, state=state, created_at=NOW, item_count=0, input_words="", intake=intake, what="no luck"
        )

    def end(self, run_id, made=None, state="succeeded"):
        self.states[run_id] = state
        if made is not None:
            self.made[run_id] = made

    def go_on(self):
        return go_on_with_studies(self.store, now=NOW, hands=self.hands)

    def open_runs(self):
        return [run_id for run_id, state in self.states.items() if state == "running"]

    def progress(self):
        return read_progress(self.store, 1, hands=self.hands)


@pytest.fixture
def workshop(store):
    with store.write() as cursor:
        assert write_study(cursor, store, check_plan(PLAN), A_RESEARCHER.name, now=NOW) == 1
    return Workshop(store)


def write_scores(store, right):
    """An evaluation in which these of ten questions were answered correctly; None: not answered."""
    evaluation = Evaluation(
        evaluation_no=0, model="m", question_set="q", set_hash="h", version="v4", mode="prompt", source="own",
        made_at=NOW,
    )  # fmt: skip
    items = [
        EvaluationItem(
            category="simple_python" if place < 8 else "irrelevance",
            item_id=f"q{place}",
            place=place,
            state="not answered" if valid is None else "answered",
            is_valid=valid,
        )
        for place, valid in enumerate(right)
    ]
    with store.write() as cursor:
        number = write_evaluation(cursor, store, evaluation)
        write_items(cursor, number, items)
    return number


def test_a_study_freezes_trains_and_evaluates_every_cell_two_runs_at_a_time(workshop):
    seen, limit = [], 0
    while workshop.progress().study.is_open:
        limit += 1
        assert limit < 30
        workshop.go_on()
        assert len(workshop.open_runs()) <= studies.MOST_OPEN
        for run_id in workshop.open_runs()[:1]:
            seen.append(run_id)
            task, name = run_id.split()[:2]
            made = {"freeze": "release-of-raw", "train": name, "evaluate": len(seen)}[task]
            workshop.end(run_id, made)
    assert workshop.progress().study.event == "ended"
    assert {cell.state for cell in workshop.progress().cells} == {"done"}
    assert seen[0] == "freeze raw"
    assert sorted(one for one in seen if one.startswith("train")) == [
        "train study-1-raw-seed-1 release-of-raw 1",
        "train study-1-raw-seed-2 release-of-raw 2",
        "train study-1-ready-seed-1 abc123 1",
        "train study-1-ready-seed-2 abc123 2",
    ]
    assert sum(one.startswith("evaluate") and one.endswith("template") for one in seen) == 4


def test_a_failed_freeze_stops_its_arm_alone_and_the_study_ends_with_the_reason(workshop):
    workshop.go_on()
    workshop.end("freeze raw", state="failed")
    for _ in range(12):
        workshop.go_on()
        for run_id in workshop.open_runs():
            workshop.end(run_id, run_id.split()[1] if run_id.startswith("train") else 1)
    progress = workshop.progress()
    assert progress.study.event == "ended"
    assert [cell.state for cell in progress.cells] == ["failed", "done", "failed", "done"]
    assert progress.failed_count == 2
    assert progress.cells[0].why == "no luck"


def test_what_cannot_be_started_stops_the_study_and_says_why(workshop):
    def refuse(_store, _mixture, **_):
        raise SettingError("There is no room.", "Make some.")

    go_on_with_studies(workshop.store, now=NOW, hands=msgspec_replace(workshop.hands, freeze=refuse))
    study = read_study(workshop.store, 1)
    assert (study.event, study.note) == ("stopped", "There is no room. Make some.")
    assert workshop.go_on() == 0


def msgspec_replace(hands, **changes):
    return Hands(**{**vars(hands), **changes})


def test_runs_that_were_deleted_are_started_anew_when_the_study_is_taken_up(workshop, store):
    workshop.go_on()
    workshop.states.clear()
    assert [cell.state for cell in workshop.progress().cells] == ["lost", "lost", "lost", "waiting"]
    workshop.go_on()
    workshop.states.clear()
    workshop.go_on()
    assert read_study(store, 1).event == "ended"
    take_up_study(store, 1, person=A_RESEARCHER, now=NOW, hands=workshop.hands)
    assert workshop.open_runs() == ["freeze raw", "train study-1-ready-seed-1 abc123 1"]


def test_a_study_that_is_removed_is_gone_from_the_list(workshop, store):
    studies.stop_study(store, 1, person=A_RESEARCHER, now=NOW)
    studies.remove_study(store, 1, person=A_RESEARCHER, now=NOW)
    assert list_studies(store) == []
    with pytest.raises(NotFoundError):
        take_up_study(store, 1, person=A_RESEARCHER, now=NOW)


def test_stopping_and_going_on(workshop, store):
    with pytest.raises(InputError, match="goes on by itself"):
        take_up_study(store, 1, person=A_RESEARCHER, now=NOW)
    with pytest.raises(InputError, match="still open"):
        studies.remove_study(store, 1, person=A_RESEARCHER, now=NOW)
    with pytest.raises(AccessDeniedError):
        studies.stop_study(store, 1, person=AN_ANNOTATOR, now=NOW)
    studies.stop_study(store, 1, person=A_RESEARCHER, now=NOW)
    assert (read_study(store, 1).event, workshop.go_on()) == ("stopped", 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "no name of a study"),
        ({"arms": ARMS[:1]}, "2 to 8 arms"),
        ({"arms": (ARMS[0], ARMS[0])}, "stands there twice"),
        ({"arms": (ARMS[0], StudyArm("both", "m", 0, "r"))}, "either a mixture or a release"),
        ({"seeds": ()}, "1 to 20 seeds"),
        ({"seeds": (1, 1)}, "stands there twice"),
        (
            {"arms": (ARMS[0], StudyArm(f"{ARMS[0].name.upper()}!", mixture="other"))},
            "would have the same name",
        ),
        ({"training": {"seed": 3}}, "set for each run"),
        ({"training": {"method": "dpo"}}, "learnt by SFT"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change, words):
    with pytest.raises(SettingError, match=words):
        check_plan(msgspec.structs.replace(PLAN, **change))


def test_scores_gains_and_their_intervals(workshop, store):
    rights = {("raw", 1): [True] * 4 + [False] * 6, ("raw", 2): [True] * 3 + [False] * 7}
    rights |= {("ready", 1): [True] * 8 + [False, True], ("ready", 2): [True] * 7 + [None, False, True]}
    progress = workshop.progress()
    cells = tuple(
        msgspec.structs.replace(
            cell, state="done", model="m", evaluation_no=write_scores(store, rights[cell.arm, cell.seed])
        )
        for cell in progress.cells
    )
    found = results_of(store, msgspec.structs.replace(progress, cells=cells))
    raw, ready = found.arms
    # The eighth question was not answered by one of the models, so it counts for nobody.
    assert (found.question_count, found.left_out_count) == (7, 1)
    assert [score.rate.hits for score in raw.seeds] == [4, 3]
    assert raw.gain is None
    assert ready.mean.value == 1.0
    assert ready.mean.low < 1.0
    assert ready.gain.value == pytest.approx(0.5)
    assert ready.gain.low < 0.5 < ready.gain.high
    alone = results_of(store, msgspec.structs.replace(progress, cells=cells), "irrelevance")
    assert [arm.mean.value for arm in alone.arms] == [0.0, 0.5]
    with pytest.raises(UnknownNameError):
        results_of(store, msgspec.structs.replace(progress, cells=cells), "web_search")


def test_nothing_evaluated_is_no_zero_and_the_papers_figures_stand_in_the_file(workshop, store):
    found = read_results(store, 1)
    assert [arm.mean.value for arm in found.arms] == [None, None]
    rows = list(csv.DictReader(io.StringIO(render_results(store, 1).decode())))
    published = [float(row["value"]) for row in rows if row["kind"] == "published gain"]
    assert published == pytest.approx([0.023, 0.058, 0.183, 0.234])
    assert all("2024-09-05" in row["source"] for row in rows if row["kind"] == "published gain")
