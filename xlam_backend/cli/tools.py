"""`tools`, `tool`: error rates per tool, and everything known about one."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, pass_caller
from xlam_backend.cli.plain_text import table_lines
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.explore.tool_dossier import PAGE_SIZE, TOOL_SORTS, ToolDossier, list_tools, open_tool
from xlam_backend.statistics.intervals import show_rate


@click.command("tools", cls=StudioCommand)
@click.option("--text", default="", metavar="TEXT", help="Only tools with this text in their name.")
@click.option("--sort", default="calls", type=click.Choice(TOOL_SORTS), show_default=True, help="The order.")
@click.option("--page", default=1, type=click.IntRange(min=1), show_default=True, help="Which page.")
@click.option(
    "--page-size", default=PAGE_SIZE, type=click.IntRange(1, 1000), show_default=True, help="Rows on a page."
)
@pass_caller
def show_tools(caller: Caller, /, text: str, sort: Any, page: int, page_size: int) -> None:
    """List the tools with their calls and the share of wrong ones."""
    found = list_tools(caller.store, text=text, sort=sort, page=page, page_size=page_size)
    rows = [(line.row.name, line.row.spec_count, show_rate(line.wrong_calls)) for line in found.lines]
    caller.answer_table(found, ("tool", "descriptions", "wrong calls"), rows)


@click.command("tool", cls=StudioCommand)
@click.argument("name")
@pass_caller
def show_tool(caller: Caller, name: str) -> None:
    """Show one tool: error rate, arguments, faults of its description, names that are near."""
    dossier = open_tool(caller.store, name)
    caller.answer(dossier, *_dossier_lines(dossier))


def _dossier_lines(dossier: ToolDossier) -> list[str]:
    arguments = [
        (
            argument.name,
            "required" if argument.is_required else "" if argument.is_declared else "not declared",
            show_rate(argument.given),
            ", ".join(f"{value} ({count:,})" for value, count in argument.values[:4]),
        )
        for argument in dossier.arguments
    ]
    findings = [
        f"{found.level}: {found.check}: {found.call_count:,} calls, {show_pointer(found.pointer)}"
        for found in dossier.argument_findings
    ]
    return [
        f"Tool {dossier.name}: wrong calls {show_rate(dossier.wrong_calls)}",
        "",
        *table_lines(("argument", "", "given", "most frequent values"), arguments),
        "",
        *findings,
        *(f"{fault.level}: {fault.check} in the description: {fault.message}" for _, fault in dossier.faults),
        *(f"Near name: {sibling.name}" for sibling in dossier.siblings),
    ]


COMMANDS = (show_tools, show_tool)
