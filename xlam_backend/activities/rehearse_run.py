"""The run that asks two versions of a judge's prompt about every place of a labelled set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.asking import asker_of, budget_of
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.labelled import LabelledPlace, Rehearsal, RehearsedItem, RehearsedVerdict
from xlam_backend.domain.person import Person
from xlam_backend.errors import JudgeUnavailableError, SettingError, StoppedError
from xlam_backend.judges import judge_by_name
from xlam_backend.judges.answer import Answer, Unreadable, is_flagged
from xlam_backend.judges.asking import Question, first_request, make_question, read_reply, repair_request
from xlam_backend.judges.outcome import UNREADABLE
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import ChatRequest, Reply
from xlam_backend.llm.client import check_budget
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.prompts.prompt_file import Prompt
from xlam_backend.prompts.rehearsal import report_rehearsal
from xlam_backend.prompts.versions import current_prompt, read_prompt
from xlam_backend.runs.base import Prepared, RunContext, RunKind
from xlam_backend.runs.folder import INPUT
from xlam_backend.runs.part_rows import read_rows
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.labelled_sets import read_places, read_set, write_rehearsal
from xlam_backend.store.trajectories import read_trajectories

KIND = "rehearse"
PART = "rehearsal.json"
QUESTIONS = "questions.jsonl"
HEAD = "rehearsal.json"
CHUNK = 200

Side = Literal["current", "draft"]
SIDES: tuple[Side, ...] = ("current", "draft")


class RehearseParams(msgspec.Struct, frozen=True):
    """What is rehearsed: a version of the judge's prompt, on a set, by one model."""

    set_no: int
    draft_version: int
    settings: JudgeSettings


class _Asked(msgspec.Struct, frozen=True):
    """One place with its question under each version."""

    place: int
    labelled: LabelledPlace
    current: Question
    draft: Question


class _Heard(msgspec.Struct, frozen=True):
    """The replies to one question; the second is there where the first could not be read."""

    replies: tuple[Reply, ...] = ()
    read: Answer | Unreadable | None = None


def start_rehearsal(
    store: Store, set_no: int, draft_version: int, settings: JudgeSettings, *, person: Person, now: datetime
) -> str:
    """Start a rehearsal; returns the id of its run.

    Raises:
        SettingError: no model is chosen, or the version counts already.
    """
    require(person, "prompt")
    labelled = read_set(store, set_no)
    settings = msgspec.structs.replace(settings, judges=(labelled.judge,), models=settings.models[:1])
    params = msgspec.to_builtins(RehearseParams(set_no, draft_version, settings))
    judge = judge_by_name(labelled.judge)
    title = f"Rehearse {judge.prompt} version {draft_version} on set {set_no}"
    return start_run(store, KIND, params, title=title, person=person, now=now)


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write both questions about every place."""
    wanted = _read_params(params)
    labelled = read_set(store, wanted.set_no)
    judge = judge_by_name(labelled.judge)
    if not wanted.settings.models:
        raise SettingError("No model is chosen.", "Choose an endpoint and one of its models.")
    check_budget(wanted.settings.budget, endpoint_by_name(wanted.settings.endpoint, store.folder))
    current = current_prompt(store, judge.prompt)
    draft = read_prompt(store, judge.prompt, wanted.draft_version)
    if current.hash == draft.hash:
        raise SettingError(f"Version {draft.version} counts already.", "Rehearse another version.")
    places = read_places(store, wanted.set_no)
    head = Rehearsal(
        run_id="",
        set_no=labelled.set_no,
        set_hash=labelled.content_hash,
        prompt_name=judge.prompt,
        draft_version=draft.version,
        current_version=current.version,
        endpoint=wanted.settings.endpoint,
        model=wanted.settings.models[0],
        is_scripted=False,
        rehearsed_at=datetime.now(UTC),
    )
    target = folder / INPUT
    (target / HEAD).write_bytes(msgspec.json.encode(head))
    with (target / QUESTIONS).open("wb") as lines:
        for asked in _questions(store, places, judge.name, current, draft, wanted.settings):
            lines.write(msgspec.json.encode(asked) + b"\n")
    return Prepared(len(places), f"{len(places):,} labelled places, each under two versions")


def work(context: RunContext) -> None:
    """Ask both versions about every place; a stopped or killed run pays nothing twice."""
    if context.has_part(PART):
        return
    settings = _read_params(context.params).settings
    settings = msgspec.structs.replace(settings, budget=budget_of(context, settings.budget))
    head = msgspec.json.decode((context.folder / INPUT / HEAD).read_bytes(), type=Rehearsal)
    asking = _Asking(context, list(read_rows(context.folder / INPUT / QUESTIONS, _Asked)), settings)
    items = asking.ask()
    is_scripted = endpoint_by_name(settings.endpoint).is_scripted or asking.is_scripted
    done = msgspec.structs.replace(head, run_id=context.run_id, items=tuple(items), is_scripted=is_scripted)
    context.write_part(PART, msgspec.json.encode(done))
    report = report_rehearsal(items)
    context.set_outcome(
        {
            "places": len(items),
            "compared": report.compared,
            "gains": len(report.gains),
            "losses": len(report.losses),
            "exact p": report.test.exact_p,
            "scripted": is_scripted,
        }
    )


def take_in(store: Store, cursor: Cursor, part: Path, params: dict[str, Any]) -> int:
    """Keep the rehearsal."""
    del params
    done = msgspec.json.decode(part.read_bytes(), type=Rehearsal)
    write_rehearsal(cursor, store, done)
    return len(done.items)


class _Asking:
    """Asks every question of both versions, and reads the replies as a run of the judge does."""

    def __init__(self, context: RunContext, asked: Sequence[_Asked], settings: JudgeSettings) -> None:
        self._context = context
        self._asked = {one.place: one for one in asked}
        self._settings = settings
        self._heard: dict[tuple[int, Side], _Heard] = {}
        self.is_scripted = False

    def ask(self) -> list[RehearsedItem]:
        """Return every place with both verdicts.

        Raises:
            StoppedError: a person stopped the run.
            JudgeUnavailableError: every further call would have failed the same, or the budget is spent.
        """
        ask = asker_of(self._context, self._settings.client_settings)
        summary = ask(self._settings.endpoint, self._requests(), self._take)
        if summary.not_asked and self._context.should_stop():
            raise StoppedError("The run was stopped; what was answered is kept.", "Resume it to go on.")
        if summary.not_asked:
            raise JudgeUnavailableError(summary.ended_because, summary.way_out)
        return [
            RehearsedItem(one.place, one.labelled, self._verdict(one, "current"), self._verdict(one, "draft"))
            for one in self._asked.values()
        ]

    def _requests(self) -> Iterator[ChatRequest]:
        for one in self._asked.values():
            for side in SIDES:
                question = _question(one, side)
                yield first_request(question, f"{one.place}/{side}", self._settings.models[0], self._settings)

    def _take(self, reply: Reply) -> tuple[ChatRequest, ...]:
        number, _, named = reply.key.partition("/")
        side: Side = "draft" if named == "draft" else "current"
        place = int(number)
        question = _question(self._asked[place], side)
        before = self._heard.get((place, side), _Heard())
        read = read_reply(question, reply) if reply.state == "answered" else None
        self._heard[place, side] = _Heard((*before.replies, reply), read)
        self.is_scripted = self.is_scripted or reply.is_scripted
        self._context.progress(len(self._heard), 2 * len(self._asked), "questions answered")
        if not isinstance(read, Unreadable) or before.replies:
            return ()
        model = self._settings.models[0]
        return (
            repair_request(question, reply.key, model, self._settings, reply=reply.text, reason=read.reason),
        )

    def _verdict(self, one: _Asked, side: Side) -> RehearsedVerdict:
        heard, question = self._heard[one.place, side], _question(one, side)
        costs = [reply.cost for reply in heard.replies if reply.cost is not None]
        used = RehearsedVerdict(
            None,
            input_tokens=sum(reply.input_tokens for reply in heard.replies),
            output_tokens=sum(reply.output_tokens for reply in heard.replies),
            cost=sum(costs) if costs else None,
        )
        if not isinstance(heard.read, Answer):
            reason = f"{UNREADABLE}: {heard.read.reason}" if heard.read else heard.replies[-1].reason
            return msgspec.structs.replace(used, not_judged_reason=reason)
        answer = heard.read
        said = answer.verdict if answer.score is None else str(answer.score)
        flagged = is_flagged(question.form, answer, flag_at_most=self._settings.flag_at_most)
        return msgspec.structs.replace(used, is_flagged=flagged, said=said, rationale=answer.rationale)


def _questions(
    store: Store,
    places: Sequence[LabelledPlace],
    judge_name: str,
    current: Prompt,
    draft: Prompt,
    settings: JudgeSettings,
) -> Iterator[_Asked]:
    judge = judge_by_name(judge_name)
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        stored = read_trajectories(store, sorted({place.version_no for place in chunk}))
        # Without what a source says beside its records: it may hold the label.
        samples = {one.version_no: JudgedSample(one.trajectory) for one in stored}
        for at, labelled in enumerate(chunk, start):
            place = Place(labelled.step, labelled.call, labelled.pointer)
            shown = judge.show(samples[labelled.version_no], place, settings.room)
            yield _Asked(
                at,
                labelled,
                make_question(judge, shown, current, settings),
                make_question(judge, shown, draft, settings),
            )


def _question(one: _Asked, side: Side) -> Question:
    return one.current if side == "current" else one.draft


def _read_params(params: dict[str, Any]) -> RehearseParams:
    try:
        return msgspec.convert(params, RehearseParams)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of a rehearsal: {error}.", "Start from the page."
        ) from error


RUN_KIND = RunKind(
    name=KIND, title="Rehearse a prompt", lane="llm", prepare=prepare, work=work, take_in=take_in
)
