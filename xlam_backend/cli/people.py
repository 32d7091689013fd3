"""`people`, `audit`, `review-export`: who may do what, what was done, and the files that say so."""

from __future__ import annotations

from pathlib import Path

import click

from xlam_backend.access import list_people, set_role
from xlam_backend.access.audit import PAGE_SIZE, AuditFilters, read_audit
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, StudioGroup, pass_caller
from xlam_backend.domain.person import ROLES, Role
from xlam_backend.review.export import REVIEW_TABLES, ReviewTable, export_review

_OUT = "none"


@click.group("people", cls=StudioGroup)
def people() -> None:
    """Who works here, and in which role."""


@people.command("list")
@pass_caller
def show_people(caller: Caller) -> None:
    """List everybody who worked here or has a role, with the reason for the role."""
    known = list_people(caller.store)
    rows = [(one.name, one.role or "taken out", one.because, one.given_by) for one in known]
    caller.answer_table(known, ("person", "role", "because", "given by"), rows)


@people.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, _OUT]))
@pass_caller
def give_role(caller: Caller, name: str, role: str) -> None:
    """Give NAME a role; `none` takes the person out. For admins."""
    given: Role | None = next((one for one in ROLES if one == role), None)
    set_role(caller.store, name, given, person=caller.person(), now=caller.now)
    said = f"is {given} now" if given else "may not work here any more"
    caller.answer({"name": name, "role": given}, f"{name} {said}.")


@click.command("audit", cls=StudioCommand)
@click.option("--person", "name", default="", metavar="NAME", help="Only what this person did.")
@click.option("--action", default="", metavar="ACTION", help="Only this kind of act.")
@click.option("--text", default="", metavar="TEXT", help="Only where subject or detail hold this text.")
@click.option("--page", default=1, type=click.IntRange(min=1), show_default=True, help="Which page.")
@click.option(
    "--page-size", default=PAGE_SIZE, type=click.IntRange(1, 1000), show_default=True, help="Rows on a page."
)
@pass_caller
def show_audit(caller: Caller, /, name: str, action: str, text: str, page: int, page_size: int) -> None:
    """List what was done, the newest first. For admins."""
    found = read_audit(
        caller.store, AuditFilters(name, action, text), person=caller.person(), page=page, page_size=page_size
    )
    rows = [
        (row.at_time.isoformat(" ", "seconds"), row.person, row.role, row.action, row.subject, row.detail)
        for row in found.rows
    ]
    caller.answer_table(found, ("when", "who", "role", "action", "subject", "detail"), rows)
    if not caller.as_json:
        caller.note(f"Page {page}: {len(found.rows):,} of {found.total:,} entries")


@click.command("review-export", cls=StudioCommand)
@click.argument("table", type=click.Choice(REVIEW_TABLES))
@click.argument("target", metavar="FILE", type=CALLER_PATH)
@click.option("--queue", "queue_no", default=0, metavar="NUMBER", help="Only this queue.", type=int)
@pass_caller
def export_tables(caller: Caller, /, table: ReviewTable, target: str, queue_no: int) -> None:
    """Write verdicts, pairs or the log to FILE (.jsonl, .parquet or .csv)."""
    report = export_review(
        caller.store,
        table,
        Path(target),
        queue_no=queue_no,
        person=caller.person(),
        now=caller.now,
        progress=lambda count: caller.progress(f"{count:,} rows written"),
        should_stop=caller.should_stop,
    )
    caller.answer(report, f"{report.row_count:,} rows, {report.byte_count:,} bytes: {report.file}")


COMMANDS = (people, show_audit, export_tables)
