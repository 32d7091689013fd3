"""`ablations`: studies that compare sets of data: launched, followed, shown with intervals."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import click

from xlam_backend.activities.manager import take_in_runs
from xlam_backend.activities.studies import (
    StudyProgress,
    go_on_with_studies,
    launch_study,
    list_studies,
    read_progress,
    remove_study,
    save_paper_mixtures,
    stop_study,
    take_up_study,
)
from xlam_backend.activities.study_results import CALLS, StudyResults, read_results, render_results
from xlam_backend.cli.caller import Caller, CommandStopped
from xlam_backend.cli.command import CALLER_PATH, EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.cli.train import read_change
from xlam_backend.domain.published_ablation import PUBLISHED_EFFECTS, SOURCE, SOURCE_DATE, SOURCE_URL
from xlam_backend.domain.study import StudyArm, StudyPlan
from xlam_backend.errors import SettingError, SourceUnreadableError
from xlam_backend.statistics.estimate import Estimate
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.training.plan import write_plan
from xlam_backend.training.recipe_shelf import recipe_plan

NUMBER = click.argument("study_no", metavar="STUDY", type=click.IntRange(1))
_LOOK_SECONDS = 0.5
_SET_FOR_EACH = frozenset({"release", "seed", "name", "note"})


@click.group("ablations", cls=StudioGroup)
def ablations() -> None:
    """Studies: the same training with several sets of data and seeds, each model evaluated."""


@ablations.command("launch")
@click.argument("name", metavar="NAME")
@click.option("--paper", is_flag=True, help="Compare raw, augmented, and augmented and cleaned data (5.3).")
@click.option(
    "--mixture", "mixtures", multiple=True, metavar="NAME=MIXTURE", help="A set of data; may be repeated."
)
@click.option(
    "--release", "releases", multiple=True, metavar="NAME=RELEASE", help="A set of data; may be repeated."
)
@click.option("--recipe", default="tiny", show_default=True, metavar="RECIPE", help="The training recipe.")
@click.option("--set", "changes", multiple=True, metavar="SETTING=VALUE", help="Instead of the recipe's.")
@click.option("--seeds", type=click.IntRange(1, 20), default=3, show_default=True, help="How many seeds.")
@click.option("--questions", default="questions_demo", show_default=True, metavar="SET", help="Question set.")
@click.option(
    "--most-tokens", type=click.IntRange(16), default=256, show_default=True, help="Longest answer."
)
@click.option("--note", default="", metavar="TEXT", help="Why it is made.")
@click.option("--wait", "waits", is_flag=True, help="Wait until it ends, and print what it shows.")
@pass_caller
def launch(caller: Caller, /, name: str, waits: bool, **given: Any) -> None:
    """Launch a study called NAME; the first set of data is the one that the others are compared with."""
    arms = [StudyArm(one, mixture=what) for one, what in map(_named, given["mixtures"])]
    arms += [StudyArm(one, release=what) for one, what in map(_named, given["releases"])]
    if given["paper"]:
        arms += save_paper_mixtures(caller.store, person=caller.person(), now=caller.now)
    plan = recipe_plan(caller.store, given["recipe"], "sft", **dict(map(read_change, given["changes"])))
    training = {key: value for key, value in write_plan(plan).items() if key not in _SET_FOR_EACH}
    study = StudyPlan(
        name,
        tuple(arms),
        tuple(range(1, given["seeds"] + 1)),
        training,
        given["questions"],
        {"max_tokens": given["most_tokens"]},
        given["note"],
    )
    number = launch_study(caller.store, study, person=caller.person(), now=caller.now)
    if waits:
        _wait(caller, number)
        return
    caller.answer(
        {"study_no": number, "cells": len(study.cells)},
        f"Study {number}: {len(study.cells)} trainings, each followed by an evaluation.",
        f"It goes on while the app runs, or with: python -m xlam_backend ablations wait {number}",
    )


@ablations.command("list")
@pass_caller
def list_all(caller: Caller) -> None:
    """List the studies, the latest first."""
    found = [read_progress(caller.store, study.study_no) for study in list_studies(caller.store)]
    rows = [
        (
            one.study.study_no,
            one.study.plan.name,
            one.study.event,
            f"{one.count('done')} of {len(one.cells)}",
            one.study.person,
            f"{one.study.made_at:%Y-%m-%d %H:%M}",
        )
        for one in found
    ]
    caller.answer_table(found, ("study", "name", "last", "done", "by", "when"), rows)


@ablations.command("show")
@NUMBER
@click.option("--measure", default=CALLS, show_default=True, help="Or a category of the question set.")
@pass_caller
def show(caller: Caller, study_no: int, measure: str) -> None:
    """Show how far a STUDY is, and what it shows so far, with intervals."""
    _answer(caller, study_no, measure)


@ablations.command("wait")
@NUMBER
@pass_caller
def wait(caller: Caller, study_no: int) -> None:
    """Carry a STUDY on until it ends, and print what it shows; Ctrl-C leaves it where it is."""
    _wait(caller, study_no)


@ablations.command("stop")
@NUMBER
@pass_caller
def stop(caller: Caller, study_no: int) -> None:
    """Stop a STUDY with its open runs; what they have finished is kept."""
    stop_study(caller.store, study_no, person=caller.person(), now=caller.now)
    caller.answer({"study_no": study_no, "state": "stopped"}, f"Study {study_no}: stopped")


@ablations.command("go-on")
@NUMBER
@pass_caller
def go_on(caller: Caller, study_no: int) -> None:
    """Go on with a STUDY that ended early: what failed or was stopped is resumed."""
    take_up_study(caller.store, study_no, person=caller.person(), now=caller.now)
    caller.answer({"study_no": study_no, "state": "taken up"}, f"Study {study_no}: goes on")


@ablations.command("remove")
@NUMBER
@pass_caller
def remove(caller: Caller, study_no: int) -> None:
    """Take a STUDY off the list; its models and evaluations stay."""
    remove_study(caller.store, study_no, person=caller.person(), now=caller.now)
    caller.answer({"study_no": study_no, "state": "removed"}, f"Study {study_no}: taken off the list")


@ablations.command("csv")
@NUMBER
@click.option("--to", "target", type=CALLER_PATH, required=True, metavar="FILE", help="Where to write it.")
@pass_caller
def write_csv(caller: Caller, study_no: int, target: str) -> None:
    """Write what the plots of a STUDY are drawn from, with the paper's figures, as CSV."""
    content = render_results(caller.store, study_no)
    try:
        caller.path(target).write_bytes(content)
    except OSError as error:
        raise SourceUnreadableError(f"{target} cannot be written: {error}.", "Name another file.") from error
    caller.answer({"file": target, "bytes": len(content)}, f"Written: {target}")


@ablations.command("published", needs_store=False)
@pass_caller
def published(caller: Caller) -> None:
    """Print what the paper published (section 5.3, Figure 3), with its source and date."""
    rows = [
        (f"{e.after}, over {e.before}", f"{e.benchmark}: {e.measure}", e.points) for e in PUBLISHED_EFFECTS
    ]
    record = {"source": SOURCE, "url": SOURCE_URL, "date": SOURCE_DATE, "effects": PUBLISHED_EFFECTS}
    caller.answer_table(record, ("compared", "measured by", "gain in points"), rows)
    if not caller.as_json:
        caller.say(f"{SOURCE}, {SOURCE_DATE}, {SOURCE_URL}")


def _named(text: str) -> tuple[str, str]:
    name, is_given, what = text.partition("=")
    if not is_given or not name or not what:
        raise SettingError(f"{text!r} names no set of data.", "Write it as NAME=MIXTURE, or NAME=RELEASE.")
    return name, what


def _wait(caller: Caller, study_no: int) -> None:
    while True:
        take_in_runs(caller.store, now=datetime.now(UTC))
        go_on_with_studies(caller.store, now=datetime.now(UTC))
        progress = read_progress(caller.store, study_no)
        caller.progress(f"Study {study_no}: {_progress_words(progress)}")
        if not progress.study.is_open:
            break
        if caller.should_stop():
            caller.note(f"Study {study_no} is left where it is. See: ablations show {study_no}")
            raise CommandStopped
        time.sleep(_LOOK_SECONDS)
    _answer(caller, study_no, CALLS)
    if progress.count("done") < len(progress.cells):
        click.get_current_context().exit(EXIT_ERROR)


def _progress_words(progress: StudyProgress) -> str:
    working = [
        f"{cell.arm}, seed {cell.seed}: {cell.state}"
        for cell in progress.cells
        if cell.state in ("freezing", "training", "evaluating")
    ]
    return "; ".join([f"{progress.count('done')} of {len(progress.cells)} done", *working[:2]])


def _answer(caller: Caller, study_no: int, measure: str) -> None:
    progress = read_progress(caller.store, study_no)
    results = read_results(caller.store, study_no, measure)
    record = {"progress": progress, "results": results, "published": PUBLISHED_EFFECTS}
    caller.answer(record, *_lines(progress, results))


def _lines(progress: StudyProgress, results: StudyResults) -> list[str]:
    study = progress.study
    lines = [f"Study {study.study_no}: {study.plan.name} ({study.event}, {_progress_words(progress)})"]
    lines += [study.note] if study.note else []
    lines += [
        f"  {cell.arm}, seed {cell.seed}: {cell.state} {cell.why} (run {cell.run_id})"
        for cell in progress.cells
        if cell.state in ("failed", "stopped", "lost")
    ]
    if not any(arm.seeds for arm in results.arms):
        return [*lines, "No model is evaluated yet."]
    lines.append(f"{results.measure}: {results.question_count} questions")
    for arm in results.arms:
        lines.append(f"{arm.arm}: {_share(arm.mean)}" + (f", gain {_share(arm.gain)}" if arm.gain else ""))
        lines += [f"  seed {score.seed}: {show_rate(score.rate)} ({score.model})" for score in arm.seeds]
    lines.append(f"As published ({SOURCE}, {SOURCE_DATE}):")
    return lines + [
        f"  {each.after}, over {each.before}: +{each.points} points ({each.benchmark}, {each.measure})"
        for each in PUBLISHED_EFFECTS
    ]


def _share(shown: Estimate) -> str:
    if shown.value is None:
        return f"undefined, {shown.undefined_because}"
    bounds = "no interval"
    if shown.low is not None and shown.high is not None:
        bounds = f"{shown.low * 100:.1f} to {shown.high * 100:.1f}"
    return f"{shown.value * 100:.1f} % ({bounds})"


COMMANDS = (ablations,)
