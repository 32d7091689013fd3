"""`overview`, `errors`: what is in the store, and how often what goes wrong."""

from __future__ import annotations

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.plain_text import table_lines
from xlam_backend.explore.error_statistics import GroupRate, read_error_report, write_csv
from xlam_backend.explore.overview import read_overview
from xlam_backend.statistics.intervals import show_rate


@click.command("overview", cls=StudioCommand)
@pass_caller
def show_overview(caller: Caller) -> None:
    """Show what is in the store: the way from read to fixed, and the error rates by source."""
    overview = read_overview(caller.store)
    by_source = [
        (row.source, show_rate(row.flagged), show_rate(row.wrong_calls)) for row in overview.by_source
    ]
    by_check = [
        (count.check, count.level, count.trajectory_count, count.finding_count) for count in overview.by_check
    ]
    caller.answer(
        overview,
        *table_lines(
            ("stage", "count", "meaning"), [(s.name, s.count, s.explanation) for s in overview.funnel]
        ),
        "",
        *table_lines(("source", "flagged trajectories", "wrong calls"), by_source),
        "",
        *table_lines(("check", "level", "trajectories", "findings"), by_check),
    )


@click.command("errors", cls=StudioCommand)
@click.option("--dataset", default="", metavar="NAME", help="Only this dataset.")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print every rate as CSV, the file the Errors page offers."
)
@pass_caller
def show_errors(caller: Caller, /, dataset: str, as_csv: bool) -> None:
    """Show error rates by check, dataset, source, tool and step, with 95 % intervals."""
    report = read_error_report(caller.store, dataset)
    if as_csv:
        caller.write_out(write_csv(report))
        return
    by_check = [
        (found.check, found.level, show_rate(found.trajectories), found.finding_count)
        for found in report.by_check
    ]
    caller.answer(
        report,
        *table_lines(("check", "level", "trajectories", "findings"), by_check),
        *_group_lines("dataset", report.by_dataset),
        *_group_lines("source", report.by_source),
        *_group_lines("tool", report.by_tool),
        *_group_lines("step", report.by_step),
        "",
        *table_lines(
            ("check of tools", "level", "share"),
            [(found.check, found.level or "", show_rate(found.tools)) for found in report.tool_checks],
        ),
    )


def _group_lines(title: str, groups: tuple[GroupRate, ...]) -> list[str]:
    return ["", *table_lines((title, "share"), [(group.name, show_rate(group.rate)) for group in groups])]


COMMANDS = (show_overview, show_errors)
