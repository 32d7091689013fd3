"""`evaluate` has a model answer a question set, scores the answers, and shows every one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlam_backend.activities.evaluate_run import ask_missing, start_evaluation
from xlam_backend.bfcl.categories import VERSIONS
from xlam_backend.cli.asking import LIMIT_OPTIONS, endpoint_meant, read_limits
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, refuse_not_taken, tell_started
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.domain.shown_value import show_value
from xlam_backend.evaluation.answers import CUT
from xlam_backend.evaluation.item_view import ItemView, read_item_view
from xlam_backend.evaluation.overview import CategoryResult, EvaluationView, list_scored, read_view
from xlam_backend.evaluation.plan import ASKED_AS_WORDS, ENGINES, MODE_WORDS, EvaluationPlan
from xlam_backend.evaluation.reading_in import HowToRead, ReadIn, read_in
from xlam_backend.evaluation.removing import put_back_evaluation, remove_evaluation
from xlam_backend.evaluation.shown import overall_words
from xlam_backend.evaluation.writing_out import write_official
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.store.evaluations import ItemSelection, evaluation_of_run, read_items

OUTCOMES = ("right", "wrong", "not answered")
PLAN_OPTIONS = (
    click.option("--set", "question_set", required=True, metavar="NAME", help="The question set."),
    click.option("--model", "kept_model", default="", metavar="NAME", help="A kept model that answers."),
    click.option(
        "--endpoint", default="", metavar="NAME", help="An endpoint that answers; default: the only one."
    ),
    click.option(
        "--endpoint-model", default="", metavar="NAME", help="Its model; default: the endpoint's first."
    ),
    click.option("--title", default="", help="The name it is shown under; default: the model's."),
    click.option(
        "--mode",
        type=click.Choice(list(MODE_WORDS)),
        default="prompt",
        help="prompt: tools stand in the prompt, calls are read out of the text; native: the endpoint's "
        "own interface for tools.",
    ),
    click.option(
        "--asked-as",
        type=click.Choice(["auto", *ASKED_AS_WORDS]),
        default="auto",
        help="How questions are put in prompt mode; auto: a kept model through its template, others "
        "for a list of calls.",
    ),
    click.option(
        "--format",
        "output_format",
        default="json_object",
        metavar="NAME",
        help="The output format of --asked-as sections.",
    ),
    click.option(
        "--category",
        "categories",
        multiple=True,
        metavar="NAME",
        help="Only this category; may be repeated. Default: all that can be scored here.",
    ),
    click.option(
        "--most",
        "most_items",
        type=click.IntRange(min=0),
        default=0,
        help="The first so many questions of each category; 0: all.",
    ),
    click.option(
        "--version", type=click.Choice(VERSIONS), default="v4", help="The edition of the leaderboard."
    ),
    click.option("--max-tokens", type=click.IntRange(min=1), default=1024, help="Of one answer."),
    click.option(
        "--temperature", type=click.FloatRange(0, 2), default=0.0, help="0: always the same answer."
    ),
    click.option("--seed", type=int, default=0, help="Sent along, where the temperature is above 0."),
    click.option("--engine", type=click.Choice(ENGINES), default="auto", help="What runs a kept model."),
    click.option(
        "--batch",
        "batch_size",
        type=click.IntRange(1, 1024),
        default=8,
        help="Questions at a time (transformers).",
    ),
    click.option(
        "--devices", type=click.IntRange(min=1), default=1, help="GPUs that vLLM divides a kept model among."
    ),
    *LIMIT_OPTIONS,
)


def with_plan(command: Function) -> Function:
    """Give a command the options of `EvaluationPlan`."""
    return with_options(command, PLAN_OPTIONS)


@click.group("evaluate", cls=StudioGroup)
def evaluate() -> None:
    """A model answers a question set, and every answer is scored as the official tool scores it."""


@evaluate.command("run")
@with_plan
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def run(caller: Caller, /, detach: bool, **given: Any) -> None:
    """Have a kept model (--model) or a model at an endpoint answer, and wait for the score."""
    plan = _plan(caller, given)
    run_id = start_evaluation(caller.store, plan, person=caller.person(), now=caller.now)
    _finish(caller, run_id, detach=detach)


@evaluate.command("again")
@click.argument("number", type=int)
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def again(caller: Caller, /, number: int, detach: bool) -> None:
    """Ask once more what evaluation NUMBER has no answer to; what is answered is not asked again."""
    run_id = ask_missing(caller.store, number, person=caller.person(), now=caller.now)
    _finish(caller, run_id, detach=detach, number=number)


@evaluate.command("list")
@click.option("--removed", is_flag=True, help="Those that were removed, instead.")
@pass_caller
def show_list(caller: Caller, /, removed: bool) -> None:
    """List the evaluations, the newest first."""
    found = list_scored(caller.store, removed=removed)
    rows = [
        (
            str(one.evaluation.evaluation_no),
            one.evaluation.model,
            one.evaluation.question_set,
            one.evaluation.version,
            one.evaluation.mode,
            one.evaluation.source,
            overall_words(one.overall),
            f"{one.right.hits:,}/{one.right.total:,}",
            f"{one.not_answered:,}" if one.not_answered else "",
            f"{one.evaluation.made_at:%Y-%m-%d}",
            SCRIPTED_LABEL if one.evaluation.is_scripted else "",
        )
        for one in found
    ]
    header = (
        "no",
        "model",
        "questions",
        "version",
        "mode",
        "source",
        "overall",
        "right",
        "missing",
        "date",
        "",
    )
    caller.answer_table(found, header, rows)


@evaluate.command("show")
@click.argument("number", type=int)
@pass_caller
def show(caller: Caller, /, number: int) -> None:
    """Show evaluation NUMBER: its score, what it is made of, and stricter readings beside it."""
    view = read_view(caller.store, number)
    caller.answer(view, *_view_lines(view))


@evaluate.command("items")
@click.argument("number", type=int)
@click.option("--category", default="", metavar="NAME", help="Only of this category.")
@click.option("--outcome", type=click.Choice(OUTCOMES), default=None, help="Only these.")
@click.option("--error", "error_type", default="", metavar="TYPE", help="Only with this error type.")
@click.option("--words", default="", help="Only with these words in the id or the answer.")
@click.option("--most", type=click.IntRange(1, 100_000), default=20, help="At most this many.")
@pass_caller
def items(
    caller: Caller, /, number: int, category: str, outcome: str | None, error_type: str, words: str, most: int
) -> None:
    """List the items of evaluation NUMBER in the order of its question set."""
    selection = ItemSelection(category=category, outcome=outcome or "", error_type=error_type, words=words)
    found = read_items(caller.store, number, selection, limit=most)
    rows = [
        (
            item.item_id,
            "not answered" if item.is_valid is None else "right" if item.is_valid else "wrong",
            item.error_type or item.reason,
            show_value(item.output, 80),
        )
        for item in found.items
    ]
    caller.answer_table(found, ("item", "outcome", "because", "answer"), rows)


@evaluate.command("item")
@click.argument("number", type=int)
@click.argument("item_id", metavar="ITEM")
@pass_caller
def item(caller: Caller, /, number: int, item_id: str) -> None:
    """Show one ITEM of evaluation NUMBER: prompt, answer, calls, verdict, and what sets them apart."""
    view = read_item_view(caller.store, number, item_id)
    caller.answer(view, *_item_lines(view))


@evaluate.command("read")
@click.argument("folder", metavar="FOLDER")
@click.option("--set", "question_set", required=True, metavar="NAME", help="The questions they answer.")
@click.option("--only", multiple=True, metavar="MODEL", help="Only this model; may be repeated.")
@click.option(
    "--decoder",
    default="auto",
    metavar="NAME",
    help="How answers are read; auto: as most of them can be read.",
)
@click.option(
    "--underscore-to-dot/--dots-stay",
    default=None,
    help="Whether a_b stands for a.b in names; default: only in native mode.",
)
@click.option("--version", type=click.Choice(VERSIONS), default=None, help="Default: that of the files.")
@pass_caller
def read(
    caller: Caller,
    /,
    folder: str,
    question_set: str,
    only: tuple[str, ...],
    decoder: str,
    underscore_to_dot: bool | None,
    version: Any,
) -> None:
    """Read official result files in FOLDER in as evaluations, one for each model."""
    how = HowToRead(decoder=decoder, underscore_to_dot=underscore_to_dot, version=version, only=only)
    place = caller.path(folder)
    found = read_in(caller.store, place, question_set, how, person=caller.person(), now=caller.now)
    caller.answer(found, *[line for one in found for line in _read_lines(one)])


@evaluate.command("write")
@click.argument("number", type=int)
@click.argument("folder", metavar="FOLDER")
@pass_caller
def write(caller: Caller, /, number: int, folder: str) -> None:
    """Write evaluation NUMBER into FOLDER as official result and score files."""
    place = Path(caller.path(folder))
    made = write_official(caller.store, number, place, person=caller.person(), now=caller.now)
    left = f"; {made.left_out:,} were not answered and stand in none" if made.left_out else ""
    caller.answer(made, f"{made.answer_count:,} answers in {len(made.files):,} files{left}.")


@evaluate.command("remove")
@click.argument("number", type=int)
@pass_caller
def remove(caller: Caller, /, number: int) -> None:
    """Take evaluation NUMBER off every list; its rows stay, and put-back undoes it."""
    remove_evaluation(caller.store, number, person=caller.person(), now=caller.now)
    caller.answer(
        {"evaluation": number, "state": "removed"},
        f"Evaluation {number} is removed. To undo: python -m xlam_backend evaluate put-back {number}",
    )


@evaluate.command("put-back")
@click.argument("number", type=int)
@pass_caller
def put_back(caller: Caller, /, number: int) -> None:
    """Put evaluation NUMBER back that was removed."""
    put_back_evaluation(caller.store, number, person=caller.person(), now=caller.now)
    caller.answer({"evaluation": number, "state": "put back"}, f"Evaluation {number} is back.")


def _plan(caller: Caller, given: dict[str, Any]) -> EvaluationPlan:
    limits = read_limits(given)
    fields = {name: value for name, value in given.items() if name in EvaluationPlan.__struct_fields__}
    fields.pop("endpoint")
    if given["kept_model"] and not given["endpoint"]:
        return EvaluationPlan(**{**fields, **limits})
    endpoint = endpoint_meant(given["endpoint"], caller.store.folder, is_needed=True)
    model = given["endpoint_model"] or next(iter(endpoint.models if endpoint else ()), "")
    return EvaluationPlan(
        **{**fields, **limits, "endpoint": endpoint.name if endpoint else "", "model": model}
    )


def _finish(caller: Caller, run_id: str, *, detach: bool, number: int = 0) -> None:
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, _progress_line)
    refuse_not_taken(status)
    made = number or evaluation_of_run(caller.store, run_id)
    view = read_view(caller.store, made)
    cut = status.outcome.get(CUT, 0)
    caller.answer(
        {"run_id": run_id, "state": status.state, "outcome": status.outcome, "evaluation": view},
        *_view_lines(view),
        *([f"{cut:,} answers had not ended at the limit (--max-tokens)"] if cut else []),
    )


def _progress_line(status: RunStatus) -> str:
    made = status.progress
    if made is None:
        return f"evaluate: {status.state}"
    return f"evaluate: {made.done:,} of {made.total:,} questions, {made.words}"


def _view_lines(view: EvaluationView) -> list[str]:
    one = view.evaluation
    label = f" ({SCRIPTED_LABEL})" if one.is_scripted else ""
    lines = [
        f"Evaluation {one.evaluation_no}: {one.model}{label} on {one.question_set}, "
        f"{one.version}, {one.mode}",
        f"  overall {overall_words(view.overall)}; right {show_rate(view.right)}",
    ]
    lines += [_category_line(result) for result in view.categories]
    if view.not_run:
        lines.append(f"  not run: {', '.join(category.name for category in view.not_run)}")
    lines += [f"  not answered, {count:,}: {reason}" for reason, count in view.reasons]
    if view.strict is not None and view.malformed:
        lines.append(
            f"  without {view.malformed:,} malformed calls that count as right: {overall_words(view.strict)}"
        )
    if view.floor is not None:
        lines.append(f"  an answer that is always in words would reach: {overall_words(view.floor)}")
    lines += [f"  {view.set_words}"] if view.set_words else []
    money = "" if view.cost is None else f", cost {view.cost:,.4f}"
    lines.append(f"  {view.input_tokens:,} tokens in, {view.output_tokens:,} out{money}")
    return lines


def _category_line(result: CategoryResult) -> str:
    missing = f", {result.not_answered:,} not answered" if result.not_answered else ""
    return f"  {result.category.name:<24} {show_rate(result.right)}{missing}"


def _item_lines(view: ItemView) -> list[str]:
    item = view.item
    lines = [f"{item.item_id}: {'not answered' if item.is_valid is None else _verdict(view)}"]
    if item.reason:
        lines.append(f"  {item.reason}")
    for message in view.asked.messages if view.asked else ():
        lines += [f"  [{message.role}]", *(f"    {line}" for line in message.content.splitlines())]
    if view.asked_words:
        lines.append(f"  {view.asked_words}")
    if item.is_valid is None:
        return lines
    lines += ["  [answer]", f"    {show_value(item.output, 2000)}"]
    lines.append(
        f"  read as: {show_value(item.decoded, 2000) if item.decoded is not None else item.decode_error}"
    )
    lines += [f"  {error}" for error in item.errors]
    for one in view.differences:
        place = "" if one.call_no is None else f"call {one.call_no + 1}, "
        argument = f" {one.argument}" if one.argument else ""
        allowed = " or ".join(show_value(value, 200) for value in one.allowed)
        lines.append(
            f"  {place}{one.name}{argument}: {one.kind}"
            + (f", got {show_value(one.got, 200)}" if one.got is not None else "")
            + (f", allowed {allowed}" if allowed else "")
        )
    return lines


def _verdict(view: ItemView) -> str:
    if not view.item.is_valid:
        return f"wrong ({view.item.error_type})"
    return "right, for a call that cannot be read counts as none" if view.is_malformed else "right"


def _read_lines(one: ReadIn) -> list[str]:
    read = (
        f"evaluation {one.evaluation_no}, {one.item_count:,} items read as {one.decoder}, "
        f"{one.not_answered_count:,} of them not answered"
    )
    lines = [f"{one.model}: {f'not read in. {one.refused}' if one.refused else read}"]
    lines += [f"  {count:,} {kind}" for kind, count in one.fault_counts.items()]
    lines += [f"    {fault.file}:{fault.line} {fault.item_id} {fault.words}" for fault in one.faults[:10]]
    return lines


COMMANDS = (evaluate,)
