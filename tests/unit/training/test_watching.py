"""How a run goes is told from its lines; panels hold what was told; runs stand beside each other."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from tests.training_runs import BEGAN, write_samples, write_steps, write_training
from xlam_backend.charts.training_curves import COLOURS, CurveLine, StepMark, training_chart
from xlam_backend.errors import InputError
from xlam_backend.training.comparing import compare_trainings
from xlam_backend.training.curve_panels import PANELS, CurvesOfRun, draw_panels
from xlam_backend.training.curves import read_curves
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.setting_words import setting_rows
from xlam_backend.training.watching import read_training

LATER = BEGAN + timedelta(hours=1)
DPO = TrainingPlan(method="dpo", tuning="lora", name="pairs", seed=3)


def panels_of(folder, weight=0.9):
    return {one.panel.key: one for one in draw_panels([CurvesOfRun("", read_curves(folder))], weight=weight)}


def test_a_run_says_where_it_is_and_what_its_loss_is(data_folder):
    write_training(data_folder, "one", steps=40)
    view = read_training(data_folder, "one", now=LATER)
    assert (view.step, view.total_steps, view.is_measured) == (40, 40, True)
    assert 0.4 < view.loss < 2.0
    assert view.worries == ()
    assert view.seconds_left is None  # it has ended
    assert view.plan.release == "0" * 32


def test_a_loss_that_is_no_number_is_a_worry_with_its_step(data_folder):
    write_training(data_folder, "one", steps=9, more={"loss": lambda step: math.nan if step > 6 else 1.0})
    (worry,) = read_training(data_folder, "one", now=LATER).worries
    assert "since step 7" in worry


def test_a_loss_that_stays_high_is_a_worry_and_one_peak_is_none(data_folder):
    write_training(data_folder, "high", steps=400, more={"loss": lambda step: 1.0 if step < 300 else 5.0})
    write_training(data_folder, "peak", steps=400, more={"loss": lambda step: 1.0 if step != 300 else 5.0})
    assert "learning rate" in read_training(data_folder, "high", now=LATER).worries[0]
    assert read_training(data_folder, "peak", now=LATER).worries == ()


def test_settings_of_another_version_are_no_plan(data_folder):
    folder = write_training(data_folder, "one", steps=2)
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(manifest.replace('"params":{', '"params":{"unheard_of":1,'))
    view = read_training(data_folder, "one", now=LATER)
    assert view.plan is None
    assert view.step == 2


def test_panels_show_what_was_told_and_nothing_else(data_folder):
    sft = panels_of(write_training(data_folder, "sft", steps=40))
    assert list(sft) == ["loss", "token_accuracy", "gradient", "rate", "speed", "memory"]
    dpo = panels_of(write_training(data_folder, "dpo", DPO, steps=40))
    assert {"accuracies", "margins", "rewards", "logps"} <= set(dpo)
    assert [line.look for line in sft["loss"].lines] == ["raw", "line", "points"]
    assert [line.look for line in sft["rate"].lines] == ["line"]
    assert max(sft["memory"].lines[0].values) == pytest.approx(9.1e8 / 2**30, rel=1e-5)
    assert [line.look for line in panels_of(data_folder / "runs" / "sft", 0)["loss"].lines] == [
        "line",
        "points",
    ]


def test_a_figure_that_nobody_named_gets_a_panel_of_its_own(data_folder):
    folder = write_training(data_folder, "one", steps=5, more={"router_loss": lambda step: float(step)})
    assert panels_of(folder)["other_router_loss"].panel.title == "router loss"


def test_a_hundred_thousand_steps_become_few_points_that_keep_the_peak(data_folder):
    folder = write_training(data_folder, "one", steps=0)
    write_steps(folder, range(1, 20_001), more={"loss": lambda step: 9.0 if step == 12_345 else 1.0})
    raw = panels_of(folder)["loss"].lines[0]
    assert len(raw.steps) < 1_300
    assert max(raw.values) == 9.0


def test_a_later_attempt_is_marked_at_the_step_where_it_began(data_folder):
    folder = write_training(data_folder, "one", steps=30)
    write_steps(folder, range(21, 35), attempt=2)
    assert panels_of(folder)["loss"].marks == (StepMark(21, "attempt 2"),)


def test_every_panel_explains_itself_and_has_a_key_of_its_own():
    assert len({panel.key for panel in PANELS}) == len(PANELS)
    assert all(panel.words.endswith(".") for panel in PANELS)


def test_runs_beside_each_other_show_only_what_differs(data_folder):
    write_training(data_folder, "one", TrainingPlan(release="0" * 32, name="small"))
    write_training(data_folder, "two", DPO, state="stopped")
    found = compare_trainings(data_folder, ["one", "two", "one"])
    assert [run.label for run in found.runs] == ["small", "pairs"]
    settings = {row.name: row.values for row in found.settings}
    assert settings["method"] == ("sft", "dpo")
    assert settings["seed"] == ("0", "3")
    assert "batch_size" not in settings
    assert found.shared_count > 30
    figures = {row.name: row.values for row in found.figures}
    assert figures["state"] == ("succeeded", "stopped")
    assert figures["rewards/margins"][0] == ""


def test_runs_of_one_name_are_told_apart(data_folder):
    for run_id in ("one", "two"):
        write_training(data_folder, run_id, DPO)
    assert [run.label for run in compare_trainings(data_folder, ["one", "two"]).runs] == [
        "pairs one",
        "pairs two",
    ]


@pytest.mark.parametrize("wanted", [["one"], [], [f"run{number}" for number in range(6)]])
def test_too_few_or_too_many_runs_are_refused(data_folder, wanted):
    with pytest.raises(InputError, match="cannot be compared"):
        compare_trainings(data_folder, wanted)


def test_compared_runs_have_a_colour_each_and_their_names(data_folder):
    runs = [CurvesOfRun(name, read_curves(write_training(data_folder, name, DPO, steps=20))) for name in "ab"]
    rewards = next(one for one in draw_panels(runs, weight=0) if one.panel.key == "rewards")
    assert [(line.name, line.colour, line.dash) for line in rewards.lines] == [
        ("a, chosen", 0, 0),
        ("a, rejected", 0, 1),
        ("b, chosen", 1, 0),
        ("b, rejected", 1, 1),
    ]


def test_changed_settings_are_told_from_those_left_as_they_are():
    rows = {row.name: row for row in setting_rows(TrainingPlan(lora_targets=("q_proj",), packing=True))}
    assert (rows["lora_targets"].value, rows["lora_targets"].is_changed) == ("q_proj", True)
    assert rows["packing"].value == "yes"
    assert not rows["seed"].is_changed


def test_a_chart_has_a_legend_only_for_several_names_and_shows_markup_as_text():
    one = training_chart([CurveLine("<b>x</b>", [1, 2], [3, 4], look="raw"), CurveLine("y", [1, 2], [3, 4])])
    assert not one.layout.showlegend
    assert one.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    two = training_chart([CurveLine("x", [1], [3]), CurveLine("y", [1], [3], 1)], is_log=True)
    assert two.layout.showlegend
    assert two.layout.yaxis.type == "log"
    assert [trace.line.color for trace in two.data] == list(COLOURS[:2])


def test_samples_stand_with_their_step(data_folder):
    folder = write_training(data_folder, "one", steps=10)
    write_samples(folder, 5)
    (told,) = read_training(data_folder, "one", now=LATER).curves.samples
    assert (told.step, told.samples[0].written) == (5, told.samples[0].wanted)
