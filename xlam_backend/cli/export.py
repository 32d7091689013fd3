"""`export`: trajectories as unified JSON Lines, with a data card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, pass_caller
from xlam_backend.cli.filters import read_filters, with_filters
from xlam_backend.explore.export import EXPORT_FORMS, ExportForm, export_trajectories


@click.command("export", cls=StudioCommand)
@click.argument("target", metavar="FILE", type=CALLER_PATH)
@click.option(
    "--form",
    default="unified_1",
    type=click.Choice(list(EXPORT_FORMS)),
    show_default=True,
    help="Which of the two unified formats.",
)
@with_filters
@pass_caller
def export(caller: Caller, /, target: str, form: ExportForm, **wanted: Any) -> None:
    """Write the current versions that match to FILE (.jsonl or .jsonl.gz), with a data card beside it."""
    report = export_trajectories(
        caller.store,
        read_filters(caller.store, wanted),
        Path(target),
        form=form,
        person=caller.person(),
        now=caller.now,
        progress=lambda done, total: caller.progress(f"{done:,} of {total:,} trajectories written"),
        should_stop=caller.should_stop,
    )
    caller.answer(
        report,
        f"{report.trajectory_count:,} trajectories, {report.byte_count:,} bytes: {report.data_file}",
        f"Data card: {report.card_file}",
    )


COMMANDS = (export,)
