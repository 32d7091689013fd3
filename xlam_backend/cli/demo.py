"""`demo`: the project's own samples."""

from __future__ import annotations

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.import_data import report_lines
from xlam_backend.flow import fill_with_demo_data


@click.command("demo", cls=StudioCommand)
@pass_caller
def fill(caller: Caller) -> None:
    """Fill an empty store with the demo data; a store that holds anything is left alone."""
    reports = fill_with_demo_data(caller.store, person=caller.person(), now=caller.now)
    lines = [line for report in reports for line in report_lines(report)]
    caller.answer(reports, *(lines or ["The store holds data already: nothing was added."]))


COMMANDS = (fill,)
