"""The Training page: live and ended runs, samples, checkpoints, runs beside each other."""

from __future__ import annotations

import os

import msgspec
import pytest

from tests.training_runs import write_checkpoint, write_samples, write_steps, write_training
from xlam_backend.owner.app import app_store
from xlam_backend.runs.base import Places
from xlam_backend.runs.folder import STATUS, Status, read_record, write_record
from xlam_backend.runs.lanes import take_places, take_ticket
from xlam_backend.runs.locks import try_lock
from xlam_backend.training.checkpoints import list_checkpoints
from xlam_backend.training.plan import TrainingPlan

DPO = TrainingPlan(method="dpo", tuning="lora", name="pairs", seed=3)


@pytest.fixture
def folder(pages):
    return app_store().folder


def open_run(pages, run_id):
    return pages.open("models/training", run=run_id)


def charts(pages):
    return pages.app.get("plotly_chart")


def test_without_runs_the_page_says_where_to_begin(pages):
    assert pages.open("models/training") == "Training"
    assert "No model has been trained yet." in pages.words
    assert "Train a model" in [link.label for link in pages.app.get("page_link")]


def test_an_ended_run_shows_its_curves_and_how_to_go_on(pages, folder):
    run = write_training(folder, "run-1", TrainingPlan(name="<b>x</b>", release="0" * 32), state="stopped")
    write_checkpoint(run, 30)
    open_run(pages, "run-1")
    assert "Loss" in pages.words
    assert len(charts(pages)) == 6
    assert pages.fact("steps") == 40
    assert "Goes on after step 30." in pages.words
    assert {"Resume", "Do it anew"} <= {button.label for button in pages.app.button}
    links = {link.label: link.proto.query_string for link in pages.app.get("page_link")}
    assert "start_from=run-1%2Fcheckpoint-30" in links["New run from checkpoint-30"]
    assert "<b>x</b>" not in pages.html


def test_a_run_at_work_can_be_stopped_and_moves_as_it_goes(pages, folder):
    run = write_training(folder, "run-1", state="running", steps=10)
    lock = try_lock(run / "lock")
    try:
        open_run(pages, "run-1")
        assert "Stop" in {button.label for button in pages.app.button}
        assert "Nothing was told for" in pages.words  # its lines are of long ago
        write_steps(run, range(11, 21))
        pages.app.run()
        assert pages.fact("steps") == 20
        assert len(charts(pages)) == 4  # the others are drawn when they are unfolded
        pages.app.session_state["live_more"] = True
        pages.app.run()
        assert len(charts(pages)) == 6
        pages.app.session_state["training_tabs"] = "Log"
        pages.app.run()
        assert not charts(pages)
        pages.button("Stop").click().run()
        assert (run / "stop").exists()
    finally:
        os.close(lock)


def test_runs_say_on_which_devices_they_are_and_for_which_they_wait(pages, folder):
    at_work = write_training(folder, "run-1", state="running")
    waiting = write_training(folder, "run-2", state="queued", steps=0)
    two_of = Places(2, ("0", "1", "2"))
    tickets = [take_ticket(run.parent, "gpu", run.name, two_of) for run in (at_work, waiting)]
    taken = take_places(tickets[0].path)
    status = read_record(at_work / STATUS, Status)
    write_record(at_work / STATUS, msgspec.structs.replace(status, devices=taken.places))
    locks = [try_lock(run / "lock") for run in (at_work, waiting)]
    waits = "Waits for 2 of GPUs 0, 1 and 2 (1 is free): place 1 in the queue"
    try:
        for page in ("models/training", "runs"):
            pages.open(page)
            assert "on GPUs 0 and 1" in pages.words
            assert waits in pages.words
            pages.open(page, run="run-1")
            assert "on GPUs 0 and 1" in pages.words
            pages.open(page, run="run-2")
            assert waits in pages.words
    finally:
        for held in (*locks, *taken.descriptors, *(ticket.descriptor for ticket in tickets)):
            os.close(held)


def test_what_the_model_writes_is_shown_as_text_beside_what_was_wanted(pages, folder):
    run = write_training(folder, "run-1", state="stopped")
    write_samples(run, 10)
    write_samples(run, 20)
    open_run(pages, "run-1")
    assert "Word for word what was wanted: 1 of 2." in pages.words
    assert "✔ as wanted" in pages.words
    assert "<b>user</b> *Book* a table 0" in [code.value for code in pages.app.code]


def test_checkpoints_are_listed_and_deleted(pages, folder):
    run = write_training(folder, "run-1", state="stopped")
    write_checkpoint(run, 10)
    write_checkpoint(run, 20)
    write_checkpoint(run, 30, is_whole=False)
    open_run(pages, "run-1")
    assert "not whole: it was not written to its end" in pages.words
    pages.app.multiselect(key="drop_which").set_value(["checkpoint-10", "checkpoint-30"]).run()
    pages.app.button(key="drop_checkpoints").click().run()
    assert [one.name for one in list_checkpoints(run)] == ["checkpoint-20"]
    assert not pages.app.exception


def test_figures_that_are_no_numbers_are_said_and_drawn_around(pages, folder):
    write_training(
        folder, "run-1", state="stopped", more={"loss": lambda step: float("nan") if step > 30 else 1.0}
    )
    run = folder / "runs" / "run-1"
    text = (run / "state" / "metrics.jsonl").read_text()
    assert '"loss":null' in text
    open_run(pages, "run-1")
    assert "no number any more since step 31" in pages.words


def test_two_runs_stand_beside_each_other(pages, folder):
    write_training(folder, "run-1", state="stopped")
    write_training(folder, "run-2", DPO, state="failed")
    pages.open("models/training", compare="run-1,run-2,unheard-of")
    assert pages.fact("failed or lost") == 1
    assert "Settings that differ" in pages.words
    assert "dpo_beta" not in pages.words  # the same in both
    assert len(charts(pages)) > 6
    pages.app.multiselect(key="compare_runs").set_value(["run-2"]).run()
    assert "Choose one more." in pages.words
    assert len(charts(pages)) == 0


def test_a_run_before_its_first_step_says_what_it_waits_for(pages, folder):
    write_training(folder, "run-1", state="failed", steps=0)
    open_run(pages, "run-1")
    assert "The trainer has told no figures yet" in pages.words


def test_a_run_that_is_no_training_is_not_shown_as_one(pages, folder):
    open_run(pages, "../../etc")
    assert "There is no run" in pages.words
