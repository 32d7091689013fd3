"""`bfcl questions`, `bfcl results`, `bfcl official`: the leaderboard's files, and the official package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlam_backend.bfcl.official_package import (
    OfficialAgreement,
    Reader,
    fetch_questions,
    install_official,
    judge_officially,
)
from xlam_backend.bfcl.question_files import QuestionSet, find_question_set, list_question_sets
from xlam_backend.bfcl.reading import NATIVE, PROMPTED
from xlam_backend.bfcl.result_files import ModelResults, read_results
from xlam_backend.bfcl.scored_results import score_results
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.cli.plain_text import percent, table_lines
from xlam_backend.settings import data_dir

QUESTIONS = click.option(
    "--questions", required=True, metavar="SET", help="A question set, by name or folder."
)
_MOST_SHOWN = 50


@click.group("questions", cls=StudioGroup)
def questions() -> None:
    """Question sets: the official ones, and folders in their layout."""


@questions.command("list", needs_store=False)
@pass_caller
def list_all(caller: Caller) -> None:
    """List the question sets at hand."""
    found = list_question_sets(data_dir())
    rows = [(one.name, one.version, len(one.counts), sum(one.counts.values()), one.folder) for one in found]
    caller.answer_table(found, ("set", "version", "categories", "questions", "folder"), rows)


@questions.command("show", needs_store=False)
@click.argument("name", metavar="SET")
@pass_caller
def show(caller: Caller, name: str) -> None:
    """Read a SET, by its name or folder, and name every fault in it."""
    found = find_question_set(data_dir(), name)
    caller.answer(_set_record(found), *_set_lines(found))


@questions.command("fetch")
@click.option(
    "--wheel", type=CALLER_PATH, metavar="FILE", help="The wheel, where this machine has no network."
)
@pass_caller
def fetch(caller: Caller, wheel: str | None) -> None:
    """Fetch the official questions of v4 into the data folder, from the published package."""
    caller.progress("Downloading the questions …")
    given = Path(wheel) if wheel else None
    found = fetch_questions(caller.store, person=caller.person(), now=caller.now, wheel=given)
    caller.answer(_set_record(found), *_set_lines(found))


@click.group("results", cls=StudioGroup)
def results() -> None:
    """Result files in the layout of the official tool."""


@results.command("check", needs_store=False)
@click.argument("folder", type=CALLER_PATH)
@QUESTIONS
@pass_caller
def check(caller: Caller, folder: str, questions: str) -> None:
    """Read the results in a FOLDER, and name every fault in them."""
    found = read_results(Path(folder), find_question_set(data_dir(), questions))
    caller.answer(found, *(line for one in found for line in _result_lines(one)))


@click.group("official", cls=StudioGroup)
def official() -> None:
    """The official package, in an environment of its own: do its verdicts and ours agree?"""


@official.command("install", needs_store=False)
@pass_caller
def install(caller: Caller) -> None:
    """Install the official package into the data folder, apart from this program (about 6 GB)."""
    caller.progress("Installing …")
    python = install_official(data_dir())
    caller.answer({"python": str(python)}, f"Installed beside {python}")


@official.command("compare", needs_store=False)
@click.argument("folder", type=CALLER_PATH)
@QUESTIONS
@pass_caller
def compare(caller: Caller, folder: str, questions: str) -> int:
    """Have the results in a FOLDER judged by both; exit status 1 where they disagree."""
    asked = find_question_set(data_dir(), questions)
    found = []
    for one in read_results(Path(folder), asked):
        reader: Reader = "native" if one.is_native else "prompted"
        scored = score_results(one, asked, NATIVE if one.is_native else PROMPTED)
        caller.progress(f"the official tool judges {one.model} …")
        found.append(judge_officially(data_dir(), one, asked, scored, reader=reader))
    caller.answer(found, *(line for one in found for line in _agreement_lines(one)))
    return 0 if all(one.is_complete for one in found) else EXIT_ERROR


def _set_record(found: QuestionSet) -> dict[str, Any]:
    return {
        "name": found.name,
        "folder": found.folder,
        "hash": found.hash,
        "version": found.version,
        "counts": {name: len(some) for name, some in found.questions.items()},
        "not_read": found.not_read,
        "faults": found.faults,
    }


def _set_lines(found: QuestionSet) -> list[str]:
    rows = [(name, len(some)) for name, some in found.questions.items()]
    lines = [
        f"{found.name} ({found.version}): {found.question_count:,} questions in {found.folder}",
        f"SHA-256 of its files: {found.hash}",
        *table_lines(("category", "questions"), rows),
    ]
    if found.not_read:
        names = ", ".join(f"{name} {count:,}" for name, count in found.not_read.items())
        lines.append(f"not asked here: {names}")
    lines += [f"{fault.file}, line {fault.line}: {fault.words}" for fault in found.faults[:_MOST_SHOWN]]
    return lines


def _result_lines(one: ModelResults) -> list[str]:
    answers = sum(map(len, one.items.values()))
    lost = sum(map(len, one.not_answered.values()))
    lines = [f"{one.model} ({one.version}): {answers:,} answers, {lost:,} questions without one"]
    lines += [f"  {count:,} × {kind}" for kind, count in one.fault_counts().items()]
    for fault in one.faults[:_MOST_SHOWN]:
        place = f"{fault.file}, line {fault.line}" if fault.line else fault.file
        lines.append(f"  {place}: {fault.kind} {fault.item_id}: {fault.words}")
    if len(one.faults) > _MOST_SHOWN:
        lines.append(f"  … and {len(one.faults) - _MOST_SHOWN:,} more; --json lists them all")
    return lines


def _agreement_lines(one: OfficialAgreement) -> list[str]:
    rows = [
        (name, count, one.agreed.get(name, 0), percent(one.agreed.get(name, 0) / count))
        for name, count in one.compared.items()
    ]
    lines = [one.model, *table_lines(("category", "answers", "agreed", ""), rows)]
    lines += [
        f"  {each.id}: ours {each.ours or 'correct'}, official {each.official or 'correct'}"
        for each in one.disagreements[:_MOST_SHOWN]
    ]
    return lines


FILE_COMMANDS: tuple[click.Command, ...] = (questions, results, official)
