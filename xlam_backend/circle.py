"""Walks the whole circle once with the demo data and a tiny model, on this machine, in minutes.

Demo data -> checks -> fixes -> a frozen mixture -> planted errors -> SFT, DPO -> evaluations -> leaderboard.
Every step is the one that pages and commands take; nothing here knows a shorter way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from xlam_backend.activities.corrupt_run import start_corruptions
from xlam_backend.activities.evaluate_run import start_evaluation
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.activities.train_run import start_training
from xlam_backend.bfcl.categories import CALL_KINDS, Version, category_by_name
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.errors import RunError, StoppedError
from xlam_backend.evaluation.plan import read_plan as read_evaluation_plan
from xlam_backend.flow import SAMPLES_LICENCE, ImportOptions, fill_with_demo_data, import_and_check
from xlam_backend.leaderboard.rows import leaderboard_rows
from xlam_backend.mixture.recipe import Recipe, Rules, Source
from xlam_backend.mixture.recipe_text import write_recipe
from xlam_backend.mixture.recipes import save_recipe
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.repair import apply_family
from xlam_backend.runs.state import RunStatus
from xlam_backend.settings import PRACTICE
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.mcnemar import McNemar, mcnemar
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.evaluations import evaluation_of_run
from xlam_backend.store.family_list import count_families
from xlam_backend.store.models import read_model_names, read_model_of_run
from xlam_backend.store.studies import AnswerVerdict, read_answer_verdicts, read_release_of_run
from xlam_backend.training.plan import TrainingPlan, read_plan, write_plan
from xlam_backend.training.recipe_shelf import recipe_plan

QUESTIONS = "questions_demo"
RECIPE = "tiny"
MIXTURE = "demo-circle"
PRACTICE_SET = "practice"
MOST_TOKENS = 160
PLANTED_IN = 200  # trajectories, drawn by the seed
VERSION: Version = "v4"

# What has tools, mended and without what a check rejects; questions without tools; and more to practise on.
CIRCLE_MIXTURE = Recipe(
    name=MIXTURE,
    description="The demo data, mended, without what a check rejects, and practice: for the tiny model.",
    sources=(
        Source("practice", datasets=(PRACTICE_SET,)),
        Source("with tools", filters=Filters(offers="tools", level="clean")),
        Source("without tools", filters=Filters(offers="no_tools", level="clean")),
    ),
    rules=Rules(licence_unknown="leave out"),
)

Tell = Callable[[str], None]


class CircleStep(msgspec.Struct, frozen=True):
    """One step: its name, what came of it, how long it took."""

    name: str
    words: str
    seconds: float


class CircleScore(msgspec.Struct, frozen=True):
    """What one model reached: calls (the AST score), and irrelevance (right: no call that can be read)."""

    stage: str
    model: str
    evaluation_no: int
    calls: Rate
    irrelevance: Rate


class CircleReport(msgspec.Struct, frozen=True):
    """What came of the walk; gains are of the calls, on the same questions, with the test of McNemar."""

    steps: tuple[CircleStep, ...]
    scores: tuple[CircleScore, ...]
    sft_gain: McNemar
    dpo_gain: McNemar
    leaderboard_row_count: int


def walk_circle(
    store: Store,
    *,
    person: Person,
    tell: Tell = lambda _words: None,
    should_stop: Callable[[], bool] = lambda: False,
    training: dict[str, Any] | None = None,
    evaluation: dict[str, Any] | None = None,
) -> CircleReport:
    """Walk the circle in a store that is empty or holds the demo data.

    `training` and `evaluation` change settings of all trainings and evaluations.

    Raises:
        StoppedError: `should_stop` said so; the run that was at work goes on by itself.
        RunError: a run of it failed.
    """
    walk = _Walk(store, person, tell, should_stop, training or {}, evaluation or {})
    walk.fill()
    walk.mend()
    release = walk.freeze()
    pairs = walk.plant()
    sft = walk.plan("sft", release=release)
    before = walk.train("Untrained", _untrained(sft))
    after_sft = walk.train("SFT", sft)
    after_dpo = walk.train("DPO", walk.plan("dpo", start_from=after_sft)) if pairs else after_sft
    models = {"untrained": before, "after SFT": after_sft, "after DPO": after_dpo}
    scores = tuple(walk.evaluate(stage, model) for stage, model in models.items())
    return walk.report(scores)


def _untrained(plan: TrainingPlan) -> TrainingPlan:
    """Return the plan that leaves the weights as they were drawn: its one step has the learning rate 0."""
    return msgspec.structs.replace(plan, max_steps=1, warmup_steps=100, eval_rows=0)


class _Walk:
    """A walk on its way: the steps so far."""

    def __init__(
        self,
        store: Store,
        person: Person,
        tell: Tell,
        should_stop: Callable[[], bool],
        training: dict[str, Any],
        evaluation: dict[str, Any],
    ) -> None:
        self._store, self._person, self._tell = store, person, tell
        self._should_stop, self._training, self._evaluation = should_stop, training, evaluation
        self._steps: list[CircleStep] = []
        self._verdicts: dict[int, list[AnswerVerdict]] = {}
        self._began = time.monotonic()

    def fill(self) -> None:
        """Import and check the demo data, and what the tiny model practises on."""
        reports = list(fill_with_demo_data(self._store, person=self._person, now=_now()))
        if PRACTICE_SET not in {dataset.name for dataset in list_datasets(self._store)}:
            options = ImportOptions(dataset=PRACTICE_SET, licence=SAMPLES_LICENCE)
            reports.append(
                import_and_check(self._store, PRACTICE, options=options, person=self._person, now=_now())
            )
        kept = sum(report.imported.kept_count for report in reports)
        rejected = sum(report.imported.rejected_count for report in reports)
        found = sum(report.checked.finding_count for report in reports)
        words = f"{kept:,} trajectories kept, {rejected:,} rejected, {found:,} findings"
        self._done("Import and check", words if reports else "the store holds data already")

    def mend(self) -> None:
        """Apply every safe fix, family by family."""
        refused: set[str] = set()
        fixed = 0
        while families := [
            one.family
            for one in count_families(self._store, Filters(), most=1000)
            if one.family not in refused
        ]:
            report = apply_family(self._store, families[0], person=self._person, now=_now())
            fixed += report.fixed_count
            if report.left_out_count or not report.fixed_count:
                refused.add(families[0])
        self._done("Fix", f"{fixed:,} trajectories mended, {len(refused):,} families left as they were")

    def freeze(self) -> str:
        """Freeze the mixture; returns the release."""
        save_recipe(self._store, write_recipe(CIRCLE_MIXTURE), person=self._person, now=_now())
        run_id = start_freeze(self._store, MIXTURE, person=self._person, now=_now())
        status = self._wait(run_id)
        release = read_release_of_run(self._store, run_id)
        self._done("Mix and freeze", f"{status.outcome.get('rows', 0):,} rows, release {release[:12]}")
        return release

    def plant(self) -> int:
        """Plant errors in sound steps; returns how many pairs that gave."""
        plan = CorruptionPlan(filters=Filters(offers="tools", level="clean"), size=PLANTED_IN, seed=1)
        status = self._wait(start_corruptions(self._store, plan, person=self._person, now=_now()))
        pairs = int(status.outcome.get("pairs", 0))
        self._done("Plant errors", f"{pairs:,} preference pairs")
        return pairs

    def plan(self, method: Any, **chosen: Any) -> TrainingPlan:
        """Return the tiny recipe's plan for a method."""
        plan = recipe_plan(self._store, RECIPE, method, **chosen)
        return read_plan({**write_plan(plan), **self._training})

    def train(self, stage: str, plan: TrainingPlan) -> str:
        """Train a model; returns its name."""
        name = self._free_name(f"tiny-{stage.lower()}")
        named = msgspec.structs.replace(plan, name=name, note=f"The circle: {stage}")
        run_id = start_training(self._store, named, person=self._person, now=_now())
        status = self._wait(run_id)
        model = read_model_of_run(self._store, run_id)
        if model is None:
            raise RunError(f"The run {run_id} left no model.", "Its log on the Runs page says more.")
        loss = status.outcome.get("loss")
        words = f"{model.parameter_count:,} parameters, {model.example_count:,} examples, "
        words += f"{model.step_count:,} steps"
        self._done(f"Train: {stage}", words + (f", loss {loss:.3f}" if isinstance(loss, float) else ""))
        return model.name

    def evaluate(self, stage: str, model: str) -> CircleScore:
        """Evaluate a model on the demo questions."""
        settings = {"asked_as": "template", "max_tokens": MOST_TOKENS, "batch_size": 26, **self._evaluation}
        plan = read_evaluation_plan({**settings, "question_set": QUESTIONS, "kept_model": model})
        run_id = start_evaluation(self._store, plan, person=self._person, now=_now())
        self._wait(run_id)
        number = evaluation_of_run(self._store, run_id)
        verdicts = [one for one in read_answer_verdicts(self._store, [number]) if one.is_valid is not None]
        self._verdicts[number] = verdicts
        score = CircleScore(
            stage, model, number, _rate(verdicts, is_calls=True), _rate(verdicts, is_calls=False)
        )
        self._done(f"Evaluate: {stage}", f"{score.calls.hits} of {score.calls.total} calls right")
        return score

    def report(self, scores: tuple[CircleScore, ...]) -> CircleReport:
        """Hold the scores against each other, and find them on the leaderboard."""
        numbers = [score.evaluation_no for score in scores]
        rows = leaderboard_rows(self._store, VERSION)
        before, sft, dpo = (self._right(number) for number in numbers)
        return CircleReport(
            tuple(self._steps),
            scores,
            mcnemar((before[item], sft[item]) for item in before.keys() & sft.keys()),
            mcnemar((sft[item], dpo[item]) for item in sft.keys() & dpo.keys()),
            len(rows),
        )

    def _right(self, number: int) -> dict[str, bool]:
        return {one.item_id: bool(one.is_valid) for one in self._verdicts[number] if _is_call(one)}

    def _free_name(self, wanted: str) -> str:
        taken, number, name = read_model_names(self._store), 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _wait(self, run_id: str) -> RunStatus:
        def tell(status: RunStatus) -> None:
            made = status.progress
            self._tell(
                f"{status.title}: {status.state}" + (f", {made.share:.0%}" if made and made.total else "")
            )

        status = wait_for_run(self._store, run_id, progress=tell, should_stop=self._should_stop)
        if status.is_open:
            raise StoppedError("The walk was stopped.", f"The run {run_id} goes on; walk again for the rest.")
        if status.state != "succeeded":
            raise RunError(f"{status.title}: {status.state}. {status.what}", status.way_out)
        for why in status.intake.failed.values():
            raise RunError(f"{status.title}: it could not be taken in: {why}", "Its page says more.")
        return status

    def _done(self, name: str, words: str) -> None:
        now = time.monotonic()
        self._steps.append(CircleStep(name, words, now - self._began))
        self._began = now
        self._tell(f"{name}: {words}")


def _is_call(verdict: AnswerVerdict) -> bool:
    return category_by_name(verdict.category).kind in CALL_KINDS


def _rate(verdicts: list[AnswerVerdict], *, is_calls: bool) -> Rate:
    counted = [bool(one.is_valid) for one in verdicts if _is_call(one) is is_calls]
    return rate(sum(counted), len(counted))


def _now() -> datetime:
    return datetime.now(UTC)
