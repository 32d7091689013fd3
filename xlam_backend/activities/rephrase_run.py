"""The run in which a model says task instructions in other words; kept is what brings the right calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.asking import asker_of
from xlam_backend.activities.check_run import check_what_came
from xlam_backend.activities.manager import start_run
from xlam_backend.augment.job import draw_parents, made_dataset, read_job, write_job
from xlam_backend.augment.made_parts import read_made
from xlam_backend.augment.rephrase_batch import ChosenSteps, RephraseBatch, eligible_steps
from xlam_backend.augment.rephrase_settings import RephraseSettings
from xlam_backend.augment.rephrase_text import PROMPT, rephrase_messages
from xlam_backend.augment.rephrasing import Means, ReadCalls
from xlam_backend.checks.sound_steps import choose_steps, compile_rules
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import InputError, SettingError
from xlam_backend.llm.client import check_budget
from xlam_backend.llm.endpoint import Endpoint, endpoint_by_name
from xlam_backend.prompts.frozen import FrozenPrompt, freeze, thaw
from xlam_backend.prompts.prompt_file import Message
from xlam_backend.prompts.versions import current_prompt
from xlam_backend.responses.asking import PROMPT as STEP_PROMPT
from xlam_backend.responses.asking import step_messages
from xlam_backend.responses.reply_text import read_step
from xlam_backend.review.queues import create_queue
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTCOME, read_record
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.derivations import HowMade, read_version_tellings, write_derivations
from xlam_backend.store.import_transaction import ImportTransaction
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

KIND = "rephrase"
_SHARD_ROWS = 500
_LOOKED_AT = 300
_CHARACTERS_PER_TOKEN = 4
_ANSWER_TOKENS = 120
_LONGEST_IN_NAME = 60
_GUIDELINE = (
    "The task instruction was said in other words by a model. Does it still say what an agent has to do "
    "here, and are the calls right under it? The trajectory's page leads to what it was made from."
)


class _More(msgspec.Struct, frozen=True):
    """What the input of a run holds beside the trajectories."""

    prompt: FrozenPrompt
    step_prompt: FrozenPrompt
    tellings: dict[int, Telling]


class RephraseEstimate(msgspec.Struct, frozen=True):
    """A run before it starts; of many trajectories some are looked at and the figures scaled up."""

    trajectory_count: int
    looked_at: int
    instruction_count: int
    left_out: dict[str, int]
    most_requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None


def start_rephrasing(store: Store, settings: RephraseSettings, *, person: Person, now: datetime) -> str:
    """Start a run in which a model rephrases task instructions; returns its id.

    Raises:
        InputError: nothing matches.
        SettingError: no model is chosen, or the dataset's name is that of other data.
    """
    require(person, "import")
    params: dict[str, Any] = msgspec.to_builtins(settings.check())
    title = f"Rephrase: {settings.filters.dataset or 'all datasets'}, {settings.model}"
    return start_run(store, KIND, params, title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> RephraseSettings:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a run of rephrasing.
    """
    try:
        return msgspec.convert(params, RephraseSettings)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of rephrasing: {error}.", "Start it from the page."
        ) from error


def _prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    settings = read_params(params).check()
    check_budget(settings.budget, endpoint_by_name(settings.endpoint, store.folder))
    parents = draw_parents(store, settings.filters, "rephrased", size=settings.size, seed=settings.seed)
    dataset = made_dataset(store, settings.dataset_name, "rephrased", settings.filters, parents)
    with store.cursor() as cursor:
        tellings = read_version_tellings(cursor, parents.numbers)
    more = _More(freeze(current_prompt(store, PROMPT)), freeze(current_prompt(store, STEP_PROMPT)), tellings)
    told = msgspec.to_builtins(more, str_keys=True)
    job = write_job(store, folder / INPUT, parents, dataset, shard_rows=_SHARD_ROWS, more=told)
    words = f"{job.trajectory_count:,} trajectories, rephrased by {settings.model}"
    return Prepared(job.trajectory_count, words)


def _work(context: RunContext) -> None:
    """Have the instructions rephrased and tried; a stopped or killed run goes on where it was."""
    settings, job = read_params(context.params), read_job(context.folder / INPUT)
    more = msgspec.convert(job.more, _More, strict=False)
    ask = asker_of(context, settings.client_settings)
    step_prompt = thaw(more.step_prompt)

    def step_asked(trajectory: Trajectory, step: int) -> tuple[Message, ...]:
        return step_messages(trajectory, step, step_prompt, room=settings.room)

    def means(tell: Callable[[], None]) -> Means:
        return Means(settings, thaw(more.prompt), ask, step_asked, _read_calls, tell)

    RephraseBatch(context, job, means, _chooser(settings), more.tellings).carry_out()


def _read_calls(text: str, is_cut_off: bool) -> ReadCalls:
    read = read_step(text, is_cut_off=is_cut_off)
    return ReadCalls(read.side.tool_calls, read.reason)


def _chooser(settings: RephraseSettings) -> Callable[[StoredTrajectory], ChosenSteps]:
    rules = compile_rules()

    def choose(stored: StoredTrajectory) -> ChosenSteps:
        chosen = choose_steps(stored.trajectory, settings.steps, rules, stored.tool_nos)
        # Where rules flag one of the steps, no calls can be held to be the right ones.
        return ChosenSteps(() if chosen.left_out else chosen.steps, "".join(chosen.left_out[:1]))

    return choose


def _take_in(store: Store, cursor: Cursor, part: Path, params: dict[str, Any]) -> int:
    """Write what a part holds: new trajectories, what they were made from, and what was not kept."""
    settings = read_params(params)
    run = part.parent.parent
    job, made = read_job(run / INPUT), read_made(part)
    now = datetime.now(UTC)
    transaction = ImportTransaction(cursor, store.numbers, job.dataset, now=now)
    transaction.write(made.chunk)
    transaction.finish(())
    write_derivations(cursor, made.derivations, HowMade("rephrased", settings.seed, params, run.name, now))
    return transaction.counts.new_count


def _follow_up(taking: Taking) -> None:
    """Have what came checked, and a share of it looked at by people."""
    check_what_came(taking)
    settings = read_params(taking.params)
    outcome = read_record(taking.folder / OUTCOME, dict[str, Any]) or {}
    count = round(settings.review_share * int(outcome.get("kept", 0)))
    if count:
        label = ", scripted model" if outcome.get("scripted") else ""
        plan = QueuePlan(
            name=f"{settings.dataset_name[:_LONGEST_IN_NAME]}: {taking.folder.name}{label}",
            kind="finding",
            filters=Filters(dataset=settings.dataset_name, level="clean"),
            size=count,
            unflagged_share=1.0,
            guideline=_GUIDELINE,
            seed=settings.seed,
        )
        with suppress(InputError):  # nothing to draw from, or it was drawn before a crash
            create_queue(taking.store, plan, person=taking.person, now=taking.now)


def estimate_rephrasing(
    store: Store, settings: RephraseSettings, *, endpoint: Endpoint | None = None
) -> RephraseEstimate:
    """Return what a run would ask; `endpoint` is asked for its prices."""
    parents = draw_parents(store, settings.filters, "rephrased", size=settings.size, seed=settings.seed)
    looked_at = random_part(parents.numbers, _LOOKED_AT, settings.seed)
    choose = _chooser(settings)
    prompt, step_prompt = current_prompt(store, PROMPT), current_prompt(store, STEP_PROMPT)
    left_out: Counter[str] = Counter()
    instructions = requests = characters = 0
    for stored in read_trajectories(store, looked_at.tolist()) if len(looked_at) else ():
        chosen = eligible_steps(stored, choose)
        if chosen.reason:
            left_out[chosen.reason] += 1
            continue
        instructions += 1
        requests += 1 + len(chosen.steps)
        characters += _size(rephrase_messages(stored.trajectory, prompt))
        for step in chosen.steps:
            characters += _size(step_messages(stored.trajectory, step, step_prompt, room=settings.room))
    scale = len(parents.numbers) / len(looked_at) if len(looked_at) else 0.0
    times = scale * settings.count
    input_tokens = round(characters * times / _CHARACTERS_PER_TOKEN)
    output_tokens = round(requests * times) * _ANSWER_TOKENS
    return RephraseEstimate(
        len(parents.numbers),
        len(looked_at),
        round(instructions * times),
        {reason: round(count * scale) for reason, count in left_out.most_common()},
        round(requests * times),
        input_tokens,
        output_tokens,
        None if endpoint is None else endpoint.cost(input_tokens, output_tokens),
    )


def _size(messages: tuple[Message, ...]) -> int:
    return sum(len(message.content) for message in messages)


RUN_KIND: RunKind = RunKind(
    KIND, "Rephrasing", "llm", _prepare, _work, _take_in, then=_follow_up, is_import=True
)
