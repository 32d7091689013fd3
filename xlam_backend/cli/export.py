"""`export` writes rows in a format of one's choice; `exports` lists formats and files, and starts runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from xlam_backend.activities.export_run import files_of_run, start_export_run
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.cli.runs import finish_run, progress_words, tell_started
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.exports import EXPORT_FORMATS, export_format_by_name
from xlam_backend.exports.base import ExportSettings
from xlam_backend.exports.export import ExportReport, export_rows
from xlam_backend.exports.folder import exports_folder, list_exports, remove_export
from xlam_backend.exports.plan import ExportPlan, Origin
from xlam_backend.exports.writing import ending_of
from xlam_backend.preference.selection import COUNT_RULES, PairSelection
from xlam_backend.releases.reading import find_release
from xlam_backend.runs.folder import run_folder
from xlam_backend.store.connection import Store

PLAN_OPTIONS = (
    click.option(
        "--format",
        "--form",
        "format_name",
        default="unified_1",
        metavar="NAME",
        show_default=True,
        help="The format; `exports formats` lists them with what each cannot hold.",
    ),
    click.option("--release", default="", metavar="ID", help="The rows of this release, not of the store."),
    click.option("--pairs", is_flag=True, help="Preference pairs, for the format trl_dpo."),
    click.option(
        "--rule",
        type=click.Choice(COUNT_RULES),
        default="margin",
        show_default=True,
        help="With --pairs: which pairs count.",
    ),
    click.option(
        "--least-margin",
        type=float,
        default=1.0,
        show_default=True,
        help="With --pairs: the least difference of their ratings.",
    ),
    click.option(
        "--tokenizer",
        default="",
        metavar="FOLDER|NAME",
        help="For text_chat_template: whose chat template; a folder, or a name on the hub.",
    ),
)


def with_plan(command: Function) -> Function:
    """Give a command the options of `ExportPlan`."""
    return with_options(command, PLAN_OPTIONS)


@click.command("export", cls=StudioCommand)
@click.argument("target", metavar="FILE", type=CALLER_PATH)
@with_plan
@with_filters
@pass_caller
def export(caller: Caller, /, target: str, **wanted: Any) -> None:
    """Write what matches to FILE (.jsonl, .jsonl.gz or .parquet), with a data card beside it.

    A row that the format cannot hold is not written; each is listed with the reason in a file beside.
    """
    plan = msgspec.structs.replace(_plan(caller.store, wanted), ending=ending_of(Path(target)))
    report = export_rows(
        caller.store,
        plan,
        Path(target),
        person=caller.person(),
        now=caller.now,
        progress=lambda done, total: caller.progress(_progress_words(done, total)),
        should_stop=caller.should_stop,
    )
    caller.answer(report, *_report_lines(report))


@click.group("exports", cls=StudioGroup)
def exports() -> None:
    """The formats that rows can be exported in, and the exports in the data folder."""


@exports.command("formats", needs_store=False)
@click.argument("name", required=False)
@pass_caller
def formats(caller: Caller, /, name: str | None) -> None:
    """List the formats; with NAME, what one holds, cannot hold and leaves out."""
    if name is None:
        rows = [(form.name, form.title, " ".join(form.endings), form.importer) for form in EXPORT_FORMATS]
        records = [_format_record(form.name) for form in EXPORT_FORMATS]
        caller.answer_table(records, ("format", "title", "files", "read back by"), rows)
        return
    record = _format_record(name)
    caller.answer(
        record,
        f"{record['name']}: {record['title']}",
        record["words"],
        f"Files: {', '.join(record['endings'])}",
        f"Read back by: {record['importer'] or 'no importer'}",
        "It cannot hold (such rows are not written, and listed):",
        *(f"  {what}" for what in record["cannot_hold"] or ["nothing is refused"]),
        "It leaves out:",
        *(f"  {what}" for what in record["leaves_out"] or ["nothing"]),
    )


@exports.command("run")
@click.option("--packed/--plain", default=True, help="JSON Lines packed with gzip, or plain.")
@click.option("--parquet", is_flag=True, help="Parquet, where the format allows it.")
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@with_plan
@with_filters
@pass_caller
def run(caller: Caller, /, packed: bool, parquet: bool, detach: bool, **wanted: Any) -> None:
    """Write what matches into the data folder, in a run that goes on when this command is stopped."""
    plan = msgspec.structs.replace(
        _plan(caller.store, wanted), ending=".parquet" if parquet else ".jsonl.gz" if packed else ".jsonl"
    )
    run_id = start_export_run(caller.store, plan, person=caller.person(), now=caller.now)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"export: {progress_words(made)}")
    files = files_of_run(caller.store.folder, run_folder(caller.store.folder, run_id))
    data = str(files.data) if files else ""
    answer = {"run_id": run_id, "state": status.state, "file": data, "outcome": status.outcome}
    caller.answer(answer, data, *(f"{name}: {value}" for name, value in status.outcome.items()))


@exports.command("list")
@pass_caller
def list_files(caller: Caller, /) -> None:
    """List the exports in the data folder, the newest first."""
    found = list_exports(exports_folder(caller.store.folder))
    records = [
        {
            "data": str(one.data),
            "card": str(one.card),
            "not_written": str(one.refused) if one.refused.is_file() else "",
            "byte_count": one.byte_count,
        }
        for one in found
    ]
    caller.answer_table(records, ("file", "bytes"), [(one.name, f"{one.byte_count:,}") for one in found])


@exports.command("remove")
@click.argument("name")
@pass_caller
def remove(caller: Caller, /, name: str) -> None:
    """Remove an export from the data folder, with its card and its list of what was not written."""
    remove_export(caller.store, name, person=caller.person(), now=caller.now)
    caller.answer({"removed": name}, f"{name}: removed")


def _plan(store: Store, given: dict[str, Any]) -> ExportPlan:
    filters = take_filters(store, given)
    origin: Origin = "pairs" if given["pairs"] else "release" if given["release"] else "view"
    if origin == "release":
        if given["pairs"] or not filters.is_empty:
            raise SettingError("A release is exported whole.", "Leave --pairs and the filters out.")
        given["release"] = find_release(store.folder, given["release"]).release_id
    return ExportPlan(
        format_name=given["format_name"],
        origin=origin,
        filters=filters if origin == "view" else Filters(),
        release=given["release"],
        pairs=PairSelection(rule=given["rule"], least_margin=given["least_margin"], filters=filters)
        if origin == "pairs"
        else PairSelection(),
        ending=".jsonl",
        settings=ExportSettings(given["tokenizer"]),
    )


def _format_record(name: str) -> dict[str, Any]:
    form = export_format_by_name(name)
    fields = ("name", "title", "words", "cannot_hold", "leaves_out", "endings", "importer", "subject")
    return {field: getattr(form, field) for field in fields}


def _progress_words(done: int, total: int | None) -> str:
    return f"{done:,} rows written" if total is None else f"{done:,} of {total:,} rows written"


def _report_lines(report: ExportReport) -> list[str]:
    records = f", {report.record_count:,} records" if report.record_count != report.trajectory_count else ""
    lines = [
        f"{report.trajectory_count:,} trajectories{records}, {report.byte_count:,} bytes: {report.data_file}",
        f"Data card: {report.card_file}",
    ]
    if report.refused:
        lines.append(f"Not written: {sum(report.refused.values()):,}, each listed in {report.refused_file}")
        lines += [f"  {count:,}: {reason}" for reason, count in report.refused.items()]
    return lines + [f"Left out of {count:,} rows: {what}" for what, count in report.left_out.items()]


COMMANDS = (export, exports)
