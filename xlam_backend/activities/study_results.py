"""What a study shows: scores of every arm and seed, and what each arm gains on the first, with intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from xlam_backend.activities.studies import CellProgress, StudyProgress, read_progress
from xlam_backend.bfcl.categories import CALL_KINDS, CATEGORIES, category_by_name
from xlam_backend.domain.csv_cell import csv_cell
from xlam_backend.domain.published_ablation import PUBLISHED_EFFECTS, SOURCE, SOURCE_DATE
from xlam_backend.errors import UnknownNameError
from xlam_backend.statistics.crossed import crossed_mean
from xlam_backend.statistics.estimate import Estimate, undefined
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.studies import AnswerVerdict, read_answer_verdicts

CALLS = "calls"
CALLS_WORDS = "questions whose answer is calls"


class SeedScore(msgspec.Struct, frozen=True):
    """What the model of one seed reached."""

    seed: int
    rate: Rate
    model: str
    evaluation_no: int


class ArmResult(msgspec.Struct, frozen=True):
    """One arm: each seed's score, their mean, and what it gains on the first arm (None for that itself).

    Questions that some model was not asked, or did not answer, count for nobody.
    """

    arm: str
    seeds: tuple[SeedScore, ...]
    mean: Estimate
    gain: Estimate | None


class StudyResults(msgspec.Struct, frozen=True):
    """The scores of a study in one measure: "calls", or a category of the question set."""

    measure: str
    measures: tuple[str, ...]
    arms: tuple[ArmResult, ...]
    question_count: int
    left_out_count: int


def read_results(store: Store, study_no: int, measure: str = CALLS) -> StudyResults:
    """Return the scores of what has been evaluated so far.

    Raises:
        UnknownNameError: the question set has no such category.
    """
    return results_of(store, read_progress(store, study_no), measure)


def results_of(store: Store, progress: StudyProgress, measure: str = CALLS) -> StudyResults:
    """Return the scores of a study whose progress is known."""
    return _results(progress, _verdicts(store, progress), measure)


def _verdicts(store: Store, progress: StudyProgress) -> list[AnswerVerdict]:
    done = [cell.evaluation_no for cell in progress.cells if cell.state == "done"]
    return read_answer_verdicts(store, done)


def _results(progress: StudyProgress, verdicts: Sequence[AnswerVerdict], measure: str) -> StudyResults:
    answers = _Answers(progress.cells, verdicts, measure)
    plan = progress.study.plan
    first = plan.arms[0].name
    arms = tuple(
        ArmResult(
            arm.name,
            answers.scores(arm.name),
            answers.mean(arm.name),
            None if arm.name == first else answers.gain(first, arm.name),
        )
        for arm in plan.arms
    )
    return StudyResults(measure, answers.measures, arms, len(answers.questions), answers.left_out_count)


def measures_of(verdicts: Sequence[AnswerVerdict]) -> tuple[str, ...]:
    """Return what scores can be counted over: all questions whose answer is calls, and each category."""
    categories = {verdict.category for verdict in verdicts}
    return (CALLS, *(category.name for category in CATEGORIES if category.name in categories))


class _Answers:
    """Right (1) and wrong (0) of every cell, for the questions that all of them answered."""

    def __init__(
        self, cells: Sequence[CellProgress], verdicts: Sequence[AnswerVerdict], measure: str
    ) -> None:
        self.measures = measures_of(verdicts)
        if measure not in self.measures:
            raise UnknownNameError("measure of this study", measure, self.measures)
        self._done = {(cell.arm, cell.seed): cell for cell in cells if cell.state == "done"}
        wanted = [verdict for verdict in verdicts if _is_of(verdict.category, measure)]
        by_number: dict[int, dict[str, bool]] = {cell.evaluation_no: {} for cell in self._done.values()}
        for verdict in wanted:
            if verdict.is_valid is not None:
                by_number[verdict.evaluation_no][verdict.item_id] = verdict.is_valid
        self._by_cell = {key: by_number[cell.evaluation_no] for key, cell in self._done.items()}
        common = set.intersection(*map(set, self._by_cell.values())) if self._by_cell else set()
        self.questions = sorted(common)
        self.left_out_count = len({verdict.item_id for verdict in wanted}) - len(common)

    def scores(self, arm: str) -> tuple[SeedScore, ...]:
        return tuple(
            SeedScore(seed, rate(int(values.sum()), len(values)), cell.model, cell.evaluation_no)
            for (of_arm, seed), cell in self._done.items()
            if of_arm == arm
            for values in [self._values(arm, seed)]
        )

    def mean(self, arm: str) -> Estimate:
        seeds = self._seeds(arm)
        if not seeds:
            return undefined("no model of it is evaluated yet")
        return crossed_mean(self._table(arm, seeds), lowest=0.0)

    def gain(self, first: str, arm: str) -> Estimate:
        seeds = [seed for seed in self._seeds(first) if seed in self._seeds(arm)]
        if not seeds:
            return undefined("no seed is evaluated in both arms yet")
        return crossed_mean(self._table(arm, seeds) - self._table(first, seeds))

    def _seeds(self, arm: str) -> list[int]:
        return [seed for of_arm, seed in self._done if of_arm == arm]

    def _table(self, arm: str, seeds: Sequence[int]) -> npt.NDArray[np.float64]:
        return np.array([self._values(arm, seed) for seed in seeds], np.float64).reshape(len(seeds), -1)

    def _values(self, arm: str, seed: int) -> npt.NDArray[np.float64]:
        found = self._by_cell[arm, seed]
        return np.array([found[question] for question in self.questions], np.float64)


def _is_of(category: str, measure: str) -> bool:
    if measure == CALLS:
        return category_by_name(category).kind in CALL_KINDS
    return category == measure


def _arm_rows(arm: ArmResult, measure: str) -> Iterator[tuple[object, ...]]:
    name = csv_cell(arm.arm)
    for score in arm.seeds:
        one = score.rate
        yield "score", name, score.seed, measure, one.share, one.low, one.high, one.total, "own"
    for kind, estimate in (("mean", arm.mean), ("gain", arm.gain)):
        if estimate is not None:
            values = (estimate.value, estimate.low, estimate.high, estimate.n)
            yield kind, name, "", measure, *values, "own"


HEADER = ("kind", "name", "seed", "measure", "value", "low", "high", "questions", "source")


def render_results(store: Store, study_no: int) -> bytes:
    """Return what the plots are drawn from as CSV, with the figures that the paper published."""
    progress = read_progress(store, study_no)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(HEADER)
    verdicts = _verdicts(store, progress)
    for measure in measures_of(verdicts):
        for arm in _results(progress, verdicts, measure).arms:
            writer.writerows(_arm_rows(arm, measure))
    for effect in PUBLISHED_EFFECTS:
        name, measure = f"{effect.after} over {effect.before}", f"{effect.benchmark}: {effect.measure}"
        source = f"{SOURCE} ({SOURCE_DATE})"
        writer.writerow(("published gain", name, "", measure, effect.points / 100, "", "", "", source))
    return lines.getvalue().encode()
