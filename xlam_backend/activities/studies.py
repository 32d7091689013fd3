"""Carries out studies: whenever something of one has ended, what comes next is started.

A study is no run of its own. Every freeze, training and evaluation of it is a run like any other, with its
own page, log and way to resume; nothing is kept of how far a study is but the ids of these runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from xlam_backend.access import person_of, require
from xlam_backend.activities.evaluate_run import start_evaluation
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import list_runs, read_run, resume_run, stop_run
from xlam_backend.activities.train_run import KIND as TRAIN
from xlam_backend.activities.train_run import start_training
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.person import Person
from xlam_backend.domain.study import Study, StudyArm, StudyPlan, StudyRun, check_plan, model_name
from xlam_backend.errors import InputError, NotFoundError, XlamError
from xlam_backend.evaluation.plan import read_plan as read_evaluation_plan
from xlam_backend.mixture.freeze import refuse_what_cannot_be_frozen
from xlam_backend.mixture.presets import preset_by_name
from xlam_backend.mixture.preview import Preview, preview_mixture
from xlam_backend.mixture.recipe_text import write_recipe
from xlam_backend.mixture.recipes import list_recipes, open_recipe, read_saved_recipe, save_recipe
from xlam_backend.releases.reading import find_release
from xlam_backend.runs.state import OPEN_STATES, RunStatus
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import evaluation_of_run
from xlam_backend.store.models import read_model_of_run
from xlam_backend.store.studies import (
    list_open_studies,
    list_studies,
    read_release_of_run,
    read_study,
    read_study_runs,
    write_study,
    write_study_event,
    write_study_run,
)
from xlam_backend.training.plan import read_plan as read_training_plan

__all__ = [
    "go_on_with_studies",
    "launch_study",
    "list_studies",
    "preview_arm",
    "read_progress",
    "read_study",
    "remove_study",
    "save_paper_mixtures",
    "stop_study",
    "take_up_study",
]

CellState = Literal[
    "waiting", "freezing", "training", "trained", "evaluating", "done", "failed", "stopped", "lost"
]
# As Figure 3 of the paper names them -> the presets of mixtures.
PAPER_SETS = {
    "raw": "ablation-raw",
    "augmented": "ablation-augmented",
    "augmented and cleaned": "ablation-augmented-cleaned",
}
MOST_OPEN = 2  # one at work, and the next one ready behind it

_going_on = threading.Lock()


class CellProgress(msgspec.Struct, frozen=True):
    """How far one training with its evaluation is; `run_id` is the run that it waits for, or failed at."""

    arm: str
    seed: int
    state: CellState
    run_id: str = ""
    why: str = ""
    release: str = ""
    model: str = ""
    evaluation_no: int = 0


class StudyProgress(msgspec.Struct, frozen=True):
    """How far a study is."""

    study: Study
    cells: tuple[CellProgress, ...]

    def count(self, *states: CellState) -> int:
        """Return how many cells are in one of these states."""
        return sum(cell.state in states for cell in self.cells)

    @property
    def failed_count(self) -> int:
        """How many cells will not get further by themselves."""
        return self.count("failed", "stopped", "lost")


@dataclass(frozen=True)
class Hands:
    """What a study does its work with, and how it learns what came of it."""

    freeze: Callable[..., str] = start_freeze
    train: Callable[..., str] = start_training
    evaluate: Callable[..., str] = start_evaluation
    status: Callable[[Store, str], RunStatus | None] = lambda store, run_id: _status(store, run_id)
    release_of: Callable[[Store, str], str] = read_release_of_run
    model_of: Callable[[Store, str], str] = lambda store, run_id: _model(store, run_id)
    evaluation_of: Callable[[Store, str], int] = evaluation_of_run


HANDS = Hands()


def save_paper_mixtures(store: Store, *, person: Person, now: datetime) -> tuple[StudyArm, ...]:
    """Save the paper's three recipes where there are none of their names, and return them as arms."""
    saved = {recipe.name for recipe in list_recipes(store)}
    for name in PAPER_SETS.values():
        if name not in saved:
            save_recipe(store, write_recipe(preset_by_name(name).make()), person=person, now=now)
    return tuple(StudyArm(words, mixture=name) for words, name in PAPER_SETS.items())


def preview_arm(store: Store, arm: StudyArm) -> Preview:
    """Return what a mixture of an arm would give; the paper's own recipe where none was saved."""
    if arm.mixture in {recipe.name for recipe in list_recipes(store)}:
        return preview_mixture(store, open_recipe(store, arm.mixture, arm.mixture_version))
    return preview_mixture(store, preset_by_name(arm.mixture).make())


def launch_study(store: Store, plan: StudyPlan, *, person: Person, now: datetime) -> int:
    """Launch a study, and start its first runs; returns its number.

    Raises:
        SettingError: the plan cannot be carried out.
        MixtureRefusedError: a mixture cannot be frozen on what the store holds now.
    """
    for action in ("train", "evaluate", "mix"):
        require(person, action)
    plan = _ready(store, check_plan(plan))
    with store.write() as cursor:
        number = write_study(cursor, store, plan, person.name, now=now)
        detail = {"arms": len(plan.arms), "seeds": len(plan.seeds), "question set": plan.question_set}
        write_audit(cursor, store, person, "train", f"study {number}", detail, now=now)
    go_on_with_studies(store, now=now)
    return number


def _ready(store: Store, plan: StudyPlan) -> StudyPlan:
    """Return the plan with versions and releases named in full; refuse what is not there."""
    find_question_set(store.folder, plan.question_set)
    arms = tuple(_ready_arm(store, arm) for arm in plan.arms)
    read_training_plan({**plan.training, "release": arms[0].release})
    read_evaluation_plan({**plan.evaluation, "question_set": plan.question_set})
    return msgspec.structs.replace(plan, arms=arms)


def _ready_arm(store: Store, arm: StudyArm) -> StudyArm:
    if arm.release:
        return msgspec.structs.replace(arm, release=find_release(store.folder, arm.release).release_id)
    saved = read_saved_recipe(store, arm.mixture, arm.mixture_version)
    refuse_what_cannot_be_frozen(preview_mixture(store, open_recipe(store, saved.name, saved.version)))
    return msgspec.structs.replace(arm, mixture_version=saved.version)


def go_on_with_studies(store: Store, *, now: datetime, hands: Hands = HANDS) -> int:
    """Start what comes next in every open study; returns how many runs were started.

    Returns 0 at once when another thread is at it.
    """
    if not _going_on.acquire(blocking=False):
        return 0
    try:
        return sum(_go_on(store, study, hands, now=now) for study in list_open_studies(store))
    finally:
        _going_on.release()


def read_progress(store: Store, study_no: int, *, hands: Hands = HANDS) -> StudyProgress:
    """Return how far a study is."""
    return _Look(store, read_study(store, study_no), hands).progress()


def stop_study(store: Store, study_no: int, *, person: Person, now: datetime) -> None:
    """Stop a study with the runs of it that are open; it can be taken up again."""
    require(person, "train")
    study = read_study(store, study_no)
    _note(store, study, "stopped", person, now=now)
    for run in read_study_runs(store, study_no):
        status = _status(store, run.run_id)
        if status is not None and status.is_open:
            stop_run(store, run.run_id, person=person, now=now)


def take_up_study(
    store: Store, study_no: int, *, person: Person, now: datetime, hands: Hands = HANDS
) -> None:
    """Go on with a study: runs that failed or were stopped are resumed, those that are gone started anew.

    Raises:
        InputError: it goes on by itself already.
    """
    require(person, "train")
    study = read_study(store, study_no)
    if study.is_open:
        raise InputError("This study goes on by itself.", "Wait until it ends, or stop it first.")
    for run in read_study_runs(store, study_no):
        status = hands.status(store, run.run_id)
        if status is None:
            write_study_run(store, study_no, msgspec.structs.replace(run, run_id=""), now=now)
        elif not status.is_open and status.state != "succeeded":
            resume_run(store, run.run_id, person=person, now=now)
    _note(store, study, "taken up", person, now=now)
    go_on_with_studies(store, now=now, hands=hands)


def remove_study(store: Store, study_no: int, *, person: Person, now: datetime) -> None:
    """Take a study off the list; its models and evaluations stay.

    Raises:
        InputError: it is still open.
    """
    require(person, "train")
    study = read_study(store, study_no)
    if study.is_open:
        raise InputError("This study is still open.", "Stop it first.")
    _note(store, study, "removed", person, now=now)


def _note(
    store: Store,
    study: Study,
    event: Literal["stopped", "taken up", "removed"],
    person: Person,
    *,
    now: datetime,
) -> None:
    with store.write() as cursor:
        write_study_event(cursor, study.study_no, event, person.name, now=now)
        write_audit(cursor, store, person, "train", f"study {study.study_no}", {"act": event}, now=now)


def _go_on(store: Store, study: Study, hands: Hands, *, now: datetime) -> int:
    look = _Look(store, study, hands)
    room = MOST_OPEN - look.open_count
    started = 0
    try:
        for run, start in look.next_runs():
            if started >= room:
                return started
            person = person_of(store, study.person, "command")
            made = msgspec.structs.replace(run, run_id=start(person, now))
            write_study_run(store, study.study_no, made, now=now)
            started += 1
    except XlamError as error:
        _end(store, study, "stopped", str(error), now=now)
        return started
    if not started and look.is_at_its_end():
        _end(store, study, "ended", "", now=now)
    return started


def _end(store: Store, study: Study, event: Literal["stopped", "ended"], note: str, *, now: datetime) -> None:
    with store.write() as cursor:
        write_study_event(cursor, study.study_no, event, "", now=now, note=note)


_Start = Callable[[Person, datetime], str]


class _Look:
    """One look at a study: how its runs stand, and what follows."""

    def __init__(self, store: Store, study: Study, hands: Hands) -> None:
        self._store, self._study, self._hands = store, study, hands
        self._runs = {
            (run.task, run.arm, run.seed): run.run_id for run in read_study_runs(store, study.study_no)
        }
        self._statuses = {run_id: hands.status(store, run_id) for run_id in self._runs.values()}
        self._cells = tuple(self._cell(arm, seed) for seed in study.plan.seeds for arm in study.plan.arms)

    @property
    def open_count(self) -> int:
        return sum(status is not None and status.is_open for status in self._statuses.values())

    def progress(self) -> StudyProgress:
        return StudyProgress(self._study, self._cells)

    def is_at_its_end(self) -> bool:
        """Whether nothing more will happen by itself."""
        return all(cell.state in ("done", "failed", "stopped", "lost") for cell in self._cells)

    def next_runs(self) -> Iterator[tuple[StudyRun, _Start]]:
        """Yield what can be started now: sets of data first, then evaluations, then training."""
        for arm in self._study.plan.arms:
            if arm.mixture and ("freeze", arm.name, 0) not in self._runs:
                yield StudyRun("freeze", arm.name, 0, ""), self._freeze(arm)
        for cell in self._cells:
            if cell.state == "trained":
                yield StudyRun("evaluate", cell.arm, cell.seed, ""), self._evaluate(cell)
        for cell in self._cells:
            if cell.state == "waiting" and cell.release:
                yield StudyRun("train", cell.arm, cell.seed, ""), self._train(cell)

    def _cell(self, arm: StudyArm, seed: int) -> CellProgress:
        cell = CellProgress(arm.name, seed, "waiting", release=arm.release)
        if not arm.release:
            run_id = self._runs.get(("freeze", arm.name, 0), "")
            release = self._hands.release_of(self._store, run_id) if run_id else ""
            if not release:
                return self._at_work(cell, run_id, "freezing")
            cell = msgspec.structs.replace(cell, release=release)
        run_id = self._runs.get(("train", arm.name, seed), "")
        model = self._hands.model_of(self._store, run_id) if run_id else ""
        if not model:
            return self._at_work(cell, run_id, "training")
        cell = msgspec.structs.replace(cell, model=model, state="trained")
        run_id = self._runs.get(("evaluate", arm.name, seed), "")
        if not run_id:
            return cell
        status = self._statuses[run_id]
        number = self._hands.evaluation_of(self._store, run_id)
        if number and status is not None and status.state == "succeeded" and not status.is_moving:
            return msgspec.structs.replace(cell, state="done", evaluation_no=number, run_id=run_id)
        return self._at_work(cell, run_id, "evaluating")

    def _at_work(self, cell: CellProgress, run_id: str, state: CellState) -> CellProgress:
        """Return the cell at a run that has not given what comes next (yet)."""
        if not run_id:
            return cell
        status = self._statuses[run_id]
        if status is None:
            return msgspec.structs.replace(cell, state="lost", run_id=run_id, why="The run was deleted.")
        if status.state in OPEN_STATES or (status.state == "succeeded" and status.is_moving):
            return msgspec.structs.replace(cell, state=state, run_id=run_id)
        if status.state == "succeeded":
            why = "; ".join(status.intake.failed.values()) or "The store has nothing of this run."
            return msgspec.structs.replace(cell, state="failed", run_id=run_id, why=why)
        ended: CellState = "stopped" if status.state == "stopped" else "failed"
        return msgspec.structs.replace(cell, state=ended, run_id=run_id, why=status.what)

    def _freeze(self, arm: StudyArm) -> _Start:
        def start(person: Person, now: datetime) -> str:
            return self._hands.freeze(
                self._store, arm.mixture, version=arm.mixture_version, person=person, now=now
            )

        return start

    def _train(self, cell: CellProgress) -> _Start:
        name = model_name(self._study.study_no, cell.arm, cell.seed)

        def start(person: Person, now: datetime) -> str:
            if there := _run_of_model(self._store, name):
                return there
            settings: dict[str, Any] = {**self._study.plan.training, "release": cell.release}
            settings |= {"seed": cell.seed, "name": name, "note": self._words(cell)}
            return self._hands.train(self._store, read_training_plan(settings), person=person, now=now)

        return start

    def _evaluate(self, cell: CellProgress) -> _Start:
        def start(person: Person, now: datetime) -> str:
            settings = {"asked_as": "template", **self._study.plan.evaluation}
            settings |= {"kept_model": cell.model, "question_set": self._study.plan.question_set}
            return self._hands.evaluate(self._store, read_evaluation_plan(settings), person=person, now=now)

        return start

    def _words(self, cell: CellProgress) -> str:
        return f"Study {self._study.study_no} ({self._study.plan.name}): {cell.arm}, seed {cell.seed}"


def _status(store: Store, run_id: str) -> RunStatus | None:
    try:
        return read_run(store.folder, run_id)
    except NotFoundError:
        return None


def _model(store: Store, run_id: str) -> str:
    found = read_model_of_run(store, run_id)
    return "" if found is None else found.name


def _run_of_model(store: Store, name: str) -> str:
    """Return the run that makes a model already: one that was started and, the program ended, not noted."""
    for status in list_runs(store.folder):
        if status.kind == TRAIN and status.params.get("name") == name:
            return status.run_id
    return ""
