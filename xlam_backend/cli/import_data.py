"""`import` and `formats`: files into the store, and what can be read."""

from __future__ import annotations

import os
from pathlib import Path

import click

from xlam_backend.checks.run import CheckReport
from xlam_backend.cli.caller import Caller, CommandStopped
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, pass_caller
from xlam_backend.cli.plain_text import percent
from xlam_backend.cli.runs import follow_run
from xlam_backend.flow import FlowProgress, FlowReport, ImportOptions, import_and_check, start_import_run
from xlam_backend.importers import IMPORTERS
from xlam_backend.importers.hub import is_hub_name


@click.command("import", cls=StudioCommand)
@click.argument("source", metavar="PATH")
@click.option("--dataset", metavar="NAME", help="What to call the dataset (default: the name of the file).")
@click.option(
    "--format", "importer", metavar="FORMAT", help="Read it as this format (default: told by the content)."
)
@click.option("--licence", metavar="TEXT", help="The licence of the data (default: not stated).")
@click.option(
    "--with",
    "companions",
    metavar="FILE",
    type=CALLER_PATH,
    multiple=True,
    help="A file that belongs to it but stands elsewhere (a tool list, a schema); may be repeated.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=0),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="Processes that convert records; 0 converts in the store's own process.",
)
@click.option(
    "--as-run", is_flag=True, help="Import and check in runs of their own, which go on without this command."
)
@pass_caller
def import_path(
    caller: Caller,
    /,
    source: str,
    dataset: str | None,
    importer: str | None,
    licence: str | None,
    companions: tuple[str, ...],
    processes: int,
    as_run: bool,
) -> None:
    """Import a file, a folder, a zip file or hf:owner/name, whole or not at all, and check it.

    Importing the same file again changes nothing.
    """
    place = source if is_hub_name(source) else str(caller.path(source))
    options = ImportOptions(dataset, importer, licence, tuple(map(Path, companions)), processes)
    if as_run:
        follow_run(
            caller, start_import_run(caller.store, place, options, person=caller.person(), now=caller.now)
        )
        return
    report = import_and_check(
        caller.store,
        place,
        person=caller.person(),
        now=caller.now,
        options=options,
        progress=lambda made: caller.progress(progress_line(made)),
        should_stop=caller.should_stop,
    )
    caller.answer(report, *report_lines(report))
    if report.checked.is_stopped:
        raise CommandStopped


@click.command("formats", cls=StudioCommand, needs_store=False)
@pass_caller
def show_formats(caller: Caller) -> None:
    """List every format that can be imported, in the order they are tried."""
    formats = [
        {
            "name": importer.name,
            "title": importer.title,
            "version": importer.version,
            "suffixes": importer.suffixes,
            "licence": importer.licence,
        }
        for importer in IMPORTERS
    ]
    rows = [
        (importer.name, importer.title, " ".join(importer.suffixes), importer.licence)
        for importer in IMPORTERS
    ]
    caller.answer_table(formats, ("format", "what it is", "files", "licence"), rows)


def progress_line(made: FlowProgress) -> str:
    """Say how far a stage is, in one line."""
    left = "" if made.seconds_left is None else f", {made.seconds_left:,.0f} s left"
    return f"{made.stage}: {percent(made.done_share)}, {made.words}{left}"


def report_lines(report: FlowReport) -> list[str]:
    """Say what came of an import and its checks."""
    imported = report.imported
    return [
        f"Dataset {imported.dataset}: read as {imported.importer}. {imported.reason}",
        f"{imported.read_count:,} read = {imported.kept_count:,} kept + {imported.rejected_count:,} rejected",
        f"New to the store: {imported.new_count:,}. In this dataset before: {imported.repeated_count:,}.",
        *(f"Left out {skipped.name}: {skipped.reason}" for skipped in imported.skipped),
        *check_lines(report.checked),
    ]


def check_lines(checked: CheckReport) -> list[str]:
    """Say what a run of the checks found."""
    return [
        f"{checked.version_count:,} trajectories checked: {checked.finding_count:,} findings",
        f"{checked.tool_count:,} tools checked: {checked.tool_finding_count:,} findings",
        *(
            [f"{checked.not_checked_count:,} times a check could give no answer; `errors --json` says why"]
            if checked.not_checked_count
            else []
        ),
        *(["Stopped: the rest is checked the next time."] if checked.is_stopped else []),
    ]


COMMANDS = (import_path, show_formats)
