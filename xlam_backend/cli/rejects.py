"""`rejects`: the records that gave no trajectory, with their place, bytes and reason."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, pass_caller
from xlam_backend.errors import SettingError
from xlam_backend.explore.rejects import (
    PAGE_SIZE,
    RejectForm,
    RejectRow,
    count_rejects,
    find_rejects,
    render_rejects,
)


@click.command("rejects", cls=StudioCommand)
@click.option("--dataset", default="", metavar="NAME", help="Only those of this dataset.")
@click.option("--page", default=1, type=click.IntRange(min=1), show_default=True, help="Which page.")
@click.option(
    "--page-size", default=PAGE_SIZE, type=click.IntRange(1, 1000), show_default=True, help="Rows on a page."
)
@click.option("--output", metavar="FILE", type=CALLER_PATH, help="Write all of them to this file.")
@click.option(
    "--form",
    default="lines",
    type=click.Choice(get_args(RejectForm)),
    show_default=True,
    help="With --output: the bytes as they were read, or places and reasons with or without them.",
)
@pass_caller
def show_rejects(
    caller: Caller, /, dataset: str, page: int, page_size: int, output: str | None, form: RejectForm
) -> None:
    """List rejected records, or write them to a file to correct and import again."""
    if output is not None:
        written = render_rejects(caller.store, form, person=caller.person(), now=caller.now, dataset=dataset)
        _write(Path(output), written)
        caller.answer(
            {"file": output, "byte_count": len(written)}, f"{len(written):,} bytes written: {output}"
        )
        return
    found = find_rejects(caller.store, dataset, page=page, page_size=page_size)
    total = sum(group.record_count for group in count_rejects(caller.store) if dataset in ("", group.dataset))
    caller.answer({"total": total, "page": found}, *map(_line, found.rows))
    if not caller.as_json:
        caller.note(f"Page {found.page}: {len(found.rows):,} of {total:,} rejects")


def _line(row: RejectRow) -> str:
    place = ", ".join(part for part in (f"{row.file}:{row.line}", row.record_key, row.part) if part)
    return f"{row.dataset}: {place} ({row.byte_count:,} bytes): {row.reason}"


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise SettingError(
            f"{path} cannot be written: {error.strerror}.", "Name a file in a folder you may write to."
        ) from error


COMMANDS = (show_rejects,)
