"""What a run of the judges would ask, save and cost, before anything is asked.

Of many trajectories a sample is looked at, drawn by a seed, and the figures are scaled up; the estimate says
so. Tokens are counted as four characters each: a real tokenizer differs by some tens of per cent.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from xlam_backend.domain.filters import Filters
from xlam_backend.judges import argument_hallucination
from xlam_backend.judges.asking import make_question
from xlam_backend.judges.base import LeftOut
from xlam_backend.judges.examples import read_examples
from xlam_backend.judges.grounding import GroundingSaving as GroundingSaving
from xlam_backend.judges.grounding import SavingCount
from xlam_backend.judges.plan import plan_sample
from xlam_backend.judges.sample import Place
from xlam_backend.judges.settings import JudgeSettings, chosen_judges
from xlam_backend.judges.shards import PlannedSample, prompts_of, read_samples
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.ratings import PlaceColumns, confirmed_bad_places
from xlam_backend.store.search import find_all_numbers

LOOKED_AT = 2_000
_MEASURED_QUESTIONS = 40  # of each judge: its questions are about equally long
_CHARACTERS_PER_TOKEN = 4
_ANSWER_TOKENS = 120
_GROUNDED = argument_hallucination.JUDGE.name


class JudgeEstimate(msgspec.Struct, frozen=True):
    """What one judge would ask: places, tokens of its questions, and what is left out, by reason."""

    judge: str
    asked: int
    input_tokens: int
    left_out: dict[str, int]


class Estimate(msgspec.Struct, frozen=True):
    """A run before it starts.

    `savings` are those of the grounding check, by dataset, where argument hallucination is among the
    judges. `confirmed` is its recall on arguments that people found unsupported, none before there are any.
    """

    trajectory_count: int
    looked_at: int
    judges: tuple[JudgeEstimate, ...]
    savings: tuple[GroundingSaving, ...]
    confirmed: Rate
    requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None

    @property
    def is_exact(self) -> bool:
        """Whether every trajectory was looked at."""
        return self.looked_at == self.trajectory_count

    @property
    def asked(self) -> int:
        """How many places would be asked about."""
        return sum(judge.asked for judge in self.judges)


def estimate_run(
    store: Store,
    filters: Filters,
    settings: JudgeSettings,
    *,
    endpoint: Endpoint | None = None,
    seed: int = 0,
    most: int = LOOKED_AT,
) -> Estimate:
    """Return what a run would ask; `endpoint` is asked for its prices, `most` trajectories are looked at."""
    numbers = find_all_numbers(store, filters)
    looked_at = random_part(numbers, most, seed)
    look = _Look(store, settings, seed)
    for planned in read_samples(store, looked_at, settings):
        look.take(planned)
    scale = len(numbers) / len(looked_at) if len(looked_at) else 0.0
    judges = look.judges(scale)
    models = max(1, len(settings.models))
    requests = sum(judge.asked for judge in judges) * models
    input_tokens = sum(judge.input_tokens for judge in judges) * models
    output_tokens = requests * min(settings.max_tokens, _ANSWER_TOKENS)
    return Estimate(
        trajectory_count=len(numbers),
        looked_at=len(looked_at),
        judges=judges,
        savings=look.savings(scale),
        confirmed=confirmed_recall(store, settings),
        requests=requests,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=None if endpoint is None else endpoint.cost(input_tokens, output_tokens),
    )


def confirmed_recall(store: Store, settings: JudgeSettings) -> Rate:
    """Return how many of the arguments that people found unsupported are asked about by default."""
    bad = confirmed_bad_places(store, _GROUNDED)
    places = _places_by_version(bad)
    found = total = 0
    for planned in read_samples(store, np.unique(np.asarray(bad.version_no, np.int64)), settings):
        wanted = places[planned.stored.version_no]
        left = {
            one.place
            for one in argument_hallucination.find(planned.sample, everything=False)
            if isinstance(one, LeftOut)
        }
        total += len(wanted)
        found += len(wanted - left)
    return rate(found, total)


class _Look:
    """What is seen in the trajectories that are looked at."""

    def __init__(self, store: Store, settings: JudgeSettings, seed: int) -> None:
        self._settings = settings
        self._seed = seed
        self._judges = chosen_judges(settings)
        self._prompts = prompts_of(store, settings)
        self._examples = read_examples(store, settings)
        self._asked: Counter[str] = Counter()
        self._measured: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._names = {one.dataset_no: one.name for one in list_datasets(store)}
        self._savings: dict[str, SavingCount] = {}

    def take(self, planned: PlannedSample) -> None:
        """Look at one trajectory."""
        plan = plan_sample(planned.sample, self._judges, self._settings, planned.judged)
        self._left_out.update((judge.name, one.reason) for judge, one in plan.left_out)
        for judge, place in plan.asked:
            self._asked[judge.name] += 1
            if self._measured[judge.name] < _MEASURED_QUESTIONS:
                shown = judge.show(planned.sample, place, self._settings.room)
                prompt, examples = self._prompts[judge.name], self._examples.get(judge.name, ())
                question = make_question(judge, shown, prompt, self._settings, examples)
                self._measured[judge.name] += 1
                self._characters[judge.name] += sum(len(message.content) for message in question.messages)
        if _GROUNDED in self._settings.judges:
            name = self._names.get(planned.stored.dataset_no, "")
            if name not in self._savings:
                self._savings[name] = SavingCount(name, seed=self._seed)
            self._savings[name].add(planned.sample)

    def judges(self, scale: float) -> tuple[JudgeEstimate, ...]:
        """Return what each judge would ask."""
        return tuple(self._judge(judge.name, scale) for judge in self._judges)

    def savings(self, scale: float) -> tuple[GroundingSaving, ...]:
        """Return what grounding saves, by dataset."""
        return tuple(count.result(scale) for _, count in sorted(self._savings.items()))

    def _judge(self, name: str, scale: float) -> JudgeEstimate:
        asked = round(self._asked[name] * scale)
        mean = self._characters[name] / self._measured[name] if self._measured[name] else 0.0
        left_out = {
            reason: round(count * scale)
            for (judge, reason), count in sorted(self._left_out.items())
            if judge == name
        }
        return JudgeEstimate(name, asked, round(asked * mean / _CHARACTERS_PER_TOKEN), left_out)


def _places_by_version(places: PlaceColumns) -> dict[int, set[Place]]:
    found: dict[int, set[Place]] = {}
    for version_no, step, call, pointer in zip(*map(list, _columns(places)), strict=True):
        found.setdefault(int(version_no), set()).add(Place(int(step), int(call), str(pointer)))
    return found


def _columns(places: PlaceColumns) -> tuple[Integers, Integers, Integers, Integers]:
    return places.version_no, places.step, places.call, places.pointer
