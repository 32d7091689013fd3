"""`prompts`: what models are asked, drafts of it, rehearsals on labelled sets, and which version counts."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.activities.rehearse_run import start_rehearsal
from xlam_backend.cli.asking import LIMIT_OPTIONS, read_limits
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioGroup, pass_caller
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run
from xlam_backend.domain.labelled import LABEL_ORIGINS, LabelOrigin
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.errors import SourceUnreadableError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.prompts.rehearsal import (
    RehearsalReport,
    RehearsalRow,
    VersionResult,
    list_rehearsals,
    report_rehearsal,
)
from xlam_backend.prompts.versions import (
    current_prompt,
    list_prompts,
    promote,
    read_prompt,
    read_prompt_versions,
    roll_back,
    save_draft,
)
from xlam_backend.review.labelled_sets import count_labels, freeze_set, list_sets
from xlam_backend.runs.state import RunStatus
from xlam_backend.statistics.intervals import show_rate

because_option = click.option("--because", required=True, help="Why; kept with the change.")


def with_limits(command: Function) -> Function:
    """Give a command the options that limit its calls."""
    return with_options(command, LIMIT_OPTIONS)


@click.group("prompts", cls=StudioGroup)
def prompts() -> None:
    """Show what models are asked; write, rehearse and promote new versions."""


@prompts.command("list")
@pass_caller
def show_prompts(caller: Caller) -> None:
    """List the prompts, with the version that counts."""
    found = list_prompts(caller.store)
    rows = [
        (one.form.name, f"{one.current_version}", f"{one.version_count}", one.form.purpose) for one in found
    ]
    caller.answer_table(found, ("prompt", "counts", "versions", "what it does"), rows)


@prompts.command("show")
@click.argument("name")
@click.option("--version", type=click.IntRange(min=1), help="Default: the version that counts.")
@pass_caller
def show_prompt(caller: Caller, name: str, version: int | None) -> None:
    """Print the text of a prompt; all its versions with --json."""
    prompt = read_prompt(caller.store, name, version) if version else current_prompt(caller.store, name)
    record = {"prompt": prompt, "versions": read_prompt_versions(caller.store, name)}
    caller.answer(record, *prompt.text.splitlines())


@prompts.command("save-draft")
@click.argument("name")
@click.argument("file", type=CALLER_PATH)
@click.option("--note", default="", help="What is new.")
@pass_caller
def save(caller: Caller, name: str, file: str, note: str) -> None:
    """Keep a file as a new version; it is not asked before it is promoted."""
    try:
        text = caller.path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(
            f"{file} cannot be read: {error}.", "Give a text file in UTF-8."
        ) from error
    saved = save_draft(caller.store, name, text, note=note, person=caller.person(), now=caller.now)
    caller.answer(
        {"prompt": name, "version": saved.version, "hash": saved.hash},
        f"Kept as version {saved.version} of {name}.",
    )


@prompts.command("promote")
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@because_option
@pass_caller
def make_count(caller: Caller, name: str, version: int, because: str) -> None:
    """Make a version the one that is asked from now on."""
    promote(caller.store, name, version, because=because, person=caller.person(), now=caller.now)
    caller.answer({"prompt": name, "version": version}, f"Version {version} of {name} counts from now on.")


@prompts.command("rollback")
@click.argument("name")
@because_option
@pass_caller
def go_back(caller: Caller, name: str, because: str) -> None:
    """Go back to the version that counted before."""
    version = roll_back(caller.store, name, because=because, person=caller.person(), now=caller.now)
    caller.answer({"prompt": name, "version": version}, f"Version {version} of {name} counts again.")


@prompts.command("sets")
@click.option(
    "--judge", default="", metavar="NAME", help="Only sets of this judge, and what it could draw from."
)
@pass_caller
def show_sets(caller: Caller, judge: str) -> None:
    """List the labelled sets."""
    found = list_sets(caller.store, judge)
    offered = count_labels(caller.store, judge) if judge else []
    rows = [(f"{one.set_no}", one.name, one.judge, f"{one.bad_count}", f"{one.good_count}") for one in found]
    if caller.as_json:
        caller.answer({"sets": found, "to_draw_from": offered})
        return
    caller.answer_table(found, ("set", "name", "judge", "bad", "good"), rows)
    caller.say(*(f"to draw from, {one.origin}: {one.bad:,} bad, {one.good:,} good" for one in offered))


@prompts.command("freeze-set")
@click.argument("judge")
@click.argument("name")
@click.option("--from", "origins", multiple=True, type=click.Choice(LABEL_ORIGINS), help="Default: all.")
@click.option("--size", type=click.IntRange(min=1), default=200, show_default=True, help="Places.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the draw.")
@pass_caller
def freeze(
    caller: Caller, judge: str, name: str, origins: tuple[LabelOrigin, ...], size: int, seed: int
) -> None:
    """Draw places with a known answer for a judge, and keep them for good."""
    set_no = freeze_set(
        caller.store,
        name,
        judge,
        origins=origins or LABEL_ORIGINS,
        size=size,
        seed=seed,
        person=caller.person(),
        now=caller.now,
    )
    caller.answer({"set_no": set_no}, f"Frozen as labelled set {set_no}.")


@prompts.command("rehearse")
@click.argument("set_no", type=int)
@click.argument("version", type=click.IntRange(min=1))
@click.option("--endpoint", required=True, metavar="NAME", help="The endpoint.")
@click.option("--model", required=True, metavar="NAME", help="The model that answers under both versions.")
@with_limits
@pass_caller
def rehearse(caller: Caller, /, set_no: int, version: int, endpoint: str, model: str, **limits: Any) -> None:
    """Ask a version and the one that counts about every place of a labelled set, and compare."""
    settings = JudgeSettings(endpoint=endpoint, models=(model,), **read_limits(limits))
    run_id = start_rehearsal(caller.store, set_no, version, settings, person=caller.person(), now=caller.now)
    finish_run(caller, run_id, _progress_line)
    found = [
        row
        for summary in list_prompts(caller.store)
        for row in list_rehearsals(caller.store, summary.form.name)
        if row.rehearsal.run_id == run_id
    ]
    _answer(caller, found)


@prompts.command("rehearsals")
@click.argument("name")
@pass_caller
def show_rehearsals(caller: Caller, name: str) -> None:
    """Show what the rehearsals of a prompt said, the newest first; place by place with --json."""
    read_prompt_versions(caller.store, name)
    _answer(caller, list_rehearsals(caller.store, name))


def _progress_line(status: RunStatus) -> str:
    return f"rehearse: {status.progress.done if status.progress else 0:,}"


def _answer(caller: Caller, found: list[RehearsalRow]) -> None:
    reports = [report_rehearsal(row.rehearsal.items) for row in found]
    record = [{"rehearsal": row, "report": report} for row, report in zip(found, reports)]
    lines = [line for row, report in zip(found, reports) for line in _lines(row, report)]
    caller.answer(record, *(lines or ["No rehearsal yet."]))


def _lines(row: RehearsalRow, report: RehearsalReport) -> list[str]:
    done = row.rehearsal
    label = f" ({SCRIPTED_LABEL})" if done.is_scripted else ""
    p = "" if report.test.exact_p is None else f"; McNemar exact p = {report.test.exact_p:.3g}"
    return [
        f"rehearsal {row.rehearsal_no}: {done.prompt_name} version {done.draft_version} against "
        f"{done.current_version}, set {done.set_no}, {done.model}{label}",
        f"  version {done.current_version}: {_words(report.current)}",
        f"  version {done.draft_version}: {_words(report.draft)}",
        f"  {len(report.gains):,} gained, {len(report.losses):,} lost of {report.compared:,}{p}",
    ]


def _words(result: VersionResult) -> str:
    cost = "" if result.cost is None else f", cost {result.cost:,.4f}"
    return (
        f"right {show_rate(result.right)}, precision {show_rate(result.precision)}, "
        f"recall {show_rate(result.recall)}, not judged {result.not_judged:,}, "
        f"{result.input_tokens:,} tokens in, {result.output_tokens:,} out{cost}"
    )


COMMANDS = (prompts,)
