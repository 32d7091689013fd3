"""`check` runs the rules; `checks` says what each looks for, from its own docstring."""

from __future__ import annotations

import click

from xlam_backend.activities.check_run import start_check_run
from xlam_backend.checks import ALL_CHECKS, RUN_CHECKS
from xlam_backend.checks.base import Check
from xlam_backend.checks.explanation import explain
from xlam_backend.checks.run import run_checks
from xlam_backend.cli.caller import Caller, CommandStopped
from xlam_backend.cli.command import StudioCommand, StudioGroup, json_option, pass_caller
from xlam_backend.cli.import_data import check_lines, progress_line
from xlam_backend.cli.runs import follow_run
from xlam_backend.errors import InputError, UnknownNameError
from xlam_backend.flow import check_progress


@click.command("check", cls=StudioCommand)
@click.option("--only", metavar="NAME", multiple=True, help="Only this check; may be repeated.")
@click.option(
    "--processes",
    type=click.IntRange(min=0),
    show_default="by how much there is to check",
    help="Processes that check; 0 checks in the store's own process.",
)
@click.option("--as-run", is_flag=True, help="Check in a run of its own, which goes on without this command.")
@pass_caller
def check(caller: Caller, /, only: tuple[str, ...], processes: int | None, as_run: bool) -> None:
    """Run the checks on whatever they have not seen in their present version."""
    if as_run:
        names = [_rule_by_name(name).name for name in only]
        follow_run(
            caller, start_check_run(caller.store, person=caller.person(), now=caller.now, checks=names)
        )
        return
    report = run_checks(
        caller.store,
        person=caller.person(),
        now=caller.now,
        checks=[_rule_by_name(name) for name in only] or None,
        processes=processes,
        progress=lambda made: caller.progress(progress_line(check_progress(made))),
        should_stop=caller.should_stop,
    )
    caller.answer(report, *check_lines(report))
    if report.is_stopped:
        raise CommandStopped


@click.group("checks", cls=StudioGroup, invoke_without_command=True, params=[json_option()])
@click.pass_context
def show_checks(context: click.Context) -> None:
    """List every check, or explain one: `checks explain NAME`."""
    if context.invoked_subcommand is not None:
        return
    caller = context.ensure_object(Caller)
    checks = [
        {
            "rule_id": check.rule_id,
            "name": check.name,
            "title": check.title,
            "level": check.level,
            "code": check.code,
            "version": check.version,
        }
        for check in ALL_CHECKS
    ]
    rows = [(check.rule_id, check.name, check.level, check.code, check.title) for check in ALL_CHECKS]
    caller.answer_table(checks, ("rule", "name", "level", "code", "what it finds"), rows)


@show_checks.command("explain", needs_store=False)
@click.argument("name")
@pass_caller
def explain_check(caller: Caller, name: str) -> None:
    """Explain one check with a bad and a good example."""
    check = check_by_name(name)
    explanation = explain(check)
    caller.answer(
        {"name": check.name, "title": check.title, "level": check.level, "explanation": explanation},
        f"{check.rule_id} {check.name} ({check.level}): {explanation.summary}",
        *_section("What it sees", explanation.sees),
        *_section("Why it hurts", explanation.hurts),
        *_section("Bad", explanation.bad),
        *_section("Good", explanation.good),
        *_section("Way out", explanation.way_out),
    )


def _rule_by_name(name: str) -> Check:
    check = check_by_name(name)
    if check in RUN_CHECKS:
        raise InputError(
            f"The check {check.name} does not look at records one by one.",
            "Its findings follow the table of licences, or a search: see `licences` and `contamination`.",
        )
    return check


def check_by_name(name: str) -> Check:
    """Return the check of this name or rule id."""
    for check in ALL_CHECKS:
        if name in (check.name, check.rule_id):
            return check
    raise UnknownNameError("check", name, (check.name for check in ALL_CHECKS))


def _section(title: str, text: str) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in text.splitlines())] if text else []


COMMANDS = (check, show_checks)
