"""`leaderboard`: own and published scores side by side, each with its source and date."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from xlam_backend.bfcl.categories import VERSIONS, Version
from xlam_backend.bfcl.columns import MAIN_COLUMNS, columns_of
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioGroup, pass_caller
from xlam_backend.domain.published import PublishedTable
from xlam_backend.errors import SettingError, SourceUnreadableError
from xlam_backend.leaderboard.compare import Comparison, Delta, compare_keys
from xlam_backend.leaderboard.paper import paper_table, read_paper
from xlam_backend.leaderboard.published import (
    ReadIn,
    list_published,
    put_back_published,
    read_in_published,
    remove_published,
)
from xlam_backend.leaderboard.rows import LeaderRow, Origin, leaderboard_rows, usual_version
from xlam_backend.leaderboard.view import LeaderView, arrange, render_rows

VERSION = click.option("--version", type=click.Choice(VERSIONS), help="The version of the leaderboard.")
TABLE = click.argument("table_no", metavar="TABLE", type=click.IntRange(1))


@click.group("leaderboard", cls=StudioGroup)
def leaderboard() -> None:
    """Own and published scores side by side, each with its source and date."""


@leaderboard.command("show")
@VERSION
@click.option("--sort", default="overall", metavar="COLUMN", help="A column, model or date.")
@click.option("--text", default="", metavar="WORDS", help="In the model, organization, licence or source.")
@click.option("--origin", type=click.Choice(get_args(Origin)), default=None, help="Only rows of this kind.")
@click.option("--count", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How many.")
@click.option("--to", "target", type=CALLER_PATH, metavar="FILE", help="Write all of them as CSV.")
@pass_caller
def show(caller: Caller, /, version: Version | None, target: str | None, count: int, **asked: Any) -> None:
    """Show the rows of one version: own evaluations and published rows."""
    wanted = version or usual_version(caller.store)
    if asked["sort"] not in {*columns_of(wanted), "model", "date"}:
        raise click.UsageError(f"{wanted} has the columns {', '.join(columns_of(wanted))}, model and date.")
    rows = arrange(
        leaderboard_rows(caller.store, wanted), LeaderView(**{**asked, "origin": asked["origin"] or ""})
    )
    if target:
        _write(target, render_rows(caller.store, rows, wanted, person=caller.person(), now=caller.now))
        caller.answer({"file": target, "rows": len(rows)}, f"Written: {target}, {len(rows):,} rows")
        return
    names = MAIN_COLUMNS[wanted]
    titles = [columns_of(wanted)[name].title for name in names]
    header = ("row", "model", *titles, "of what was run", "source", "date")
    caller.answer_table(rows[:count], header, [_line(row, names) for row in rows[:count]])


@leaderboard.command("columns", needs_store=False)
@VERSION
@pass_caller
def columns(caller: Caller, version: Version | None) -> None:
    """Say what the columns of a version mean."""
    found = [
        {"name": name, "title": column.title, "how": column.how, "words": column.words}
        for name, column in columns_of(version or "v4").items()
    ]
    rows = [(one["name"], one["title"], one["how"], one["words"]) for one in found]
    caller.answer_table(found, ("column", "title", "how", "what it says"), rows)


@leaderboard.command("compare")
@click.argument("keys", metavar="ROW ROW...", nargs=-1, required=True)
@VERSION
@pass_caller
def compare(caller: Caller, keys: tuple[str, ...], version: Version | None) -> None:
    """Compare up to five rows with the first: differences, intervals, McNemar between own runs."""
    wanted = version or usual_version(caller.store)
    found = compare_keys(caller.store, wanted, keys)
    caller.answer(found, *_comparison_lines(found, wanted))


@leaderboard.command("published")
@click.option("--removed", is_flag=True, help="Those that were removed instead.")
@pass_caller
def published(caller: Caller, removed: bool) -> None:
    """List the published tables that were read in."""
    found = list_published(caller.store, removed=removed)
    rows = [
        (one.table_no, one.version, one.part, one.source, one.source_date, one.row_count, one.file_hash[:12])
        for one in found
    ]
    caller.answer_table(found, ("table", "version", "part", "source", "date", "rows", "SHA-256"), rows)


@leaderboard.command("read")
@click.argument("file", type=CALLER_PATH)
@click.option("--source", required=True, metavar="TEXT", help="Who published it, and where.")
@click.option(
    "--date", "source_date", default="", metavar="DAY", help="As in 2024-08-29; else from the name."
)
@VERSION
@pass_caller
def read(caller: Caller, file: str, source: str, source_date: str, version: Version | None) -> None:
    """Read a published CSV FILE of the leaderboard in: overall, live, non-live, multi-turn or agentic."""
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise SourceUnreadableError(f"{file} cannot be read: {error}.", "Give a CSV file.") from error
    found = read_in_published(
        caller.store,
        content,
        Path(file).name,
        source=source,
        source_date=source_date,
        version=version,
        person=caller.person(),
        now=caller.now,
    )
    caller.answer(found, *_read_lines(found))


@leaderboard.command("remove")
@TABLE
@pass_caller
def remove(caller: Caller, table_no: int) -> None:
    """Take a published TABLE off the leaderboard; it can be put back."""
    table = remove_published(caller.store, table_no, person=caller.person(), now=caller.now)
    caller.answer(
        table,
        f"{_table_words(table)} is off the leaderboard. To put it back: "
        f"python -m xlam_backend leaderboard put-back {table_no}",
    )


@leaderboard.command("put-back")
@TABLE
@pass_caller
def put_back(caller: Caller, table_no: int) -> None:
    """Put a removed TABLE back."""
    table = put_back_published(caller.store, table_no, person=caller.person(), now=caller.now)
    caller.answer(table, f"{_table_words(table)} is on the leaderboard.")


@leaderboard.command("paper", needs_store=False)
@click.argument("number", type=click.IntRange(1, 5), metavar="NUMBER")
@pass_caller
def paper(caller: Caller, number: int) -> None:
    """Print one of the five tables of the xLAM paper."""
    table, source = paper_table(number), read_paper()
    header = table.heads
    if number == 5:
        header = ("Model", *(columns_of("v2")[name].title for name in table.heads[1:]))
    caller.answer_table({"source": source.source, "date": source.date, "table": table}, header, table.rows)
    if not caller.as_json:
        caller.say(f"{source.source}, {source.date}. {table.note}".strip())


def _write(target: str, content: bytes) -> None:
    try:
        Path(target).write_bytes(content)
    except OSError as error:
        raise SettingError(f"{target} cannot be written: {error}.", "Choose another file.") from error


def _line(row: LeaderRow, names: tuple[str, ...]) -> tuple[str, ...]:
    label = " (scripted model, for trying out)" if row.is_scripted else ""
    return (
        row.key,
        row.model + label,
        *(_number(row.values.get(name)) for name in names),
        "" if "overall" in row.values else _number(row.of_what_was_run.get("overall")),
        row.source,
        row.date,
    )


def _number(value: float | None) -> str:
    return "N/A" if value is None else f"{value:.2f}"


def _comparison_lines(found: Comparison, version: Version) -> list[str]:
    lines = [f"Compared with {found.base.model} ({found.base.source}, {found.base.date}):"]
    for other in found.others:
        lines.append(f"{other.row.model} ({other.row.source}, {other.row.date})")
        lines += [
            f"  {column.title}: {_delta_words(other.deltas[name])}"
            for name, column in columns_of(version).items()
            if other.deltas[name].value is not None or name == "overall"
        ]
    return lines


def _delta_words(delta: Delta) -> str:
    if delta.value is None:
        return delta.because
    words = f"{delta.value:+.2f} points"
    if delta.low is not None and delta.high is not None:
        words += f" ({delta.low:+.2f} to {delta.high:+.2f})"
    if delta.categories < delta.of_categories:
        words += f", over {delta.categories} of {delta.of_categories} categories"
    if delta.test is not None:
        test = delta.test
        counts = f"{test.only_second:,} won, {test.only_first:,} lost"
        words += f", {counts}" if test.mid_p is None else f", {counts}, McNemar mid-p = {test.mid_p:.3g}"
    return words


def _read_lines(found: ReadIn) -> list[str]:
    table = found.table
    known = "was read in before: " if found.is_known else ""
    lines = [f"{_table_words(table)} {known}{table.row_count:,} rows, SHA-256 {table.file_hash[:12]}."]
    lines += [f"  line {fault.line}: {fault.words}" for fault in table.faults]
    lines += [
        f"  line {one.line}: {one.column} of {one.model} is {one.published:.2f}, its parts come to "
        f"{one.computed:.2f}"
        for one in found.sum_faults
    ]
    if found.ignored_heads:
        lines.append(f"  not read: {', '.join(found.ignored_heads)}")
    return lines


def _table_words(table: PublishedTable) -> str:
    return f"Table {table.table_no} ({table.version} {table.part}, {table.source}, {table.source_date})"


COMMANDS = (leaderboard,)
