"""`releases`: frozen training sets, their rows and where each comes from."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.cli.plain_text import shorten
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.releases.archive import archive_release
from xlam_backend.releases.comparing import Comparison, compare_releases
from xlam_backend.releases.keeping import Verification, verify_release
from xlam_backend.releases.manifest import CARD
from xlam_backend.releases.reading import Release, find_release, find_row, list_releases, read_rows
from xlam_backend.settings import data_dir

RELEASE = click.argument("name", metavar="RELEASE")


@click.group("releases", cls=StudioGroup)
def releases() -> None:
    """Frozen training sets; a RELEASE is named by the beginning of its id, six letters or more."""


@releases.command("list", needs_store=False)
@click.option("--archived", is_flag=True, help="Also those that were put away.")
@pass_caller
def list_all(caller: Caller, archived: bool) -> None:
    """List the releases, the newest first."""
    found = list_releases(data_dir(), with_archived=archived)
    rows = [
        (
            one.release_id[:12],
            one.manifest.name,
            f"{one.manifest.row_count:,}",
            f"{one.manifest.token_count:,}",
            one.frozen.at if one.frozen else "",
            one.frozen.person if one.frozen else "",
            "archived" if one.is_archived else "",
        )
        for one in found
    ]
    header = ("release", "name", "rows", "tokens", "frozen", "by", "state")
    caller.answer_table([_summary(one) for one in found], header, rows)


@releases.command("show", needs_store=False)
@RELEASE
@pass_caller
def show(caller: Caller, name: str) -> None:
    """Show a RELEASE: its card."""
    release = find_release(data_dir(), name)
    card = (release.folder / CARD).read_text(encoding="utf-8")
    caller.answer({**_summary(release), "manifest": release.manifest, "card": card}, *card.splitlines())


@releases.command("verify", needs_store=False)
@RELEASE
@pass_caller
def verify(caller: Caller, name: str) -> int:
    """Hash every file of a RELEASE anew; exit status 1 when one is not what it was."""
    found = verify_release(data_dir(), name)
    caller.answer({**msgspec.structs.asdict(found), "is_whole": found.is_whole}, *_verify_lines(found))
    return 0 if found.is_whole else EXIT_ERROR


@releases.command("rows", needs_store=False)
@RELEASE
@click.option("--first", type=click.IntRange(0), default=0, help="Leave out so many at the beginning.")
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@click.option("--row", "row_id", default="", metavar="ID", help="One row, with where it comes from.")
@pass_caller
def rows(caller: Caller, name: str, first: int, count: int, row_id: str) -> None:
    """List rows of a RELEASE, each with its lineage."""
    release = find_release(data_dir(), name)
    if row_id:
        row = find_row(release, row_id)
        caller.answer(row, *_row_lines(row))
        return
    found = list(islice(read_rows(release.folder, first=first), count))
    caller.answer(found, *(line for row in found for line in _row_lines(row)))


@releases.command("compare", needs_store=False)
@click.argument("left", metavar="RELEASE")
@click.argument("right", metavar="RELEASE")
@pass_caller
def compare(caller: Caller, left: str, right: str) -> None:
    """Compare two releases: figures, rows they share, lines of their recipes."""
    found = compare_releases(data_dir(), left, right)
    caller.answer(found, *_compare_lines(found))


@releases.command("remove")
@RELEASE
@click.option(
    "--yes", "confirmed", default="", metavar="ID", help="The first letters of the id, six or more."
)
@click.option("--because", default="", metavar="TEXT", help="Why; it stands in the log.")
@pass_caller
def remove(caller: Caller, name: str, confirmed: str, because: str) -> None:
    """Put a RELEASE away: its files stay in releases/archived, nothing offers it any more."""
    if not confirmed:
        release = find_release(caller.store.folder, name)
        raise click.UsageError(
            f"This puts {release.manifest.name} ({release.manifest.row_count:,} rows) away. "
            f"To do it: --yes {release.release_id[:12]}"
        )
    person = caller.person()
    release = archive_release(
        caller.store, name, confirmed=confirmed, because=because, person=person, now=caller.now
    )
    caller.answer(_summary(release), f"{release.release_id} lies in {release.folder} now.")


def _summary(release: Release) -> dict[str, Any]:
    return {
        "release_id": release.release_id,
        "folder": str(Path(release.folder)),
        "name": release.manifest.name,
        "row_count": release.manifest.row_count,
        "token_count": release.manifest.token_count,
        "frozen": release.frozen,
        "is_archived": release.is_archived,
    }


def _verify_lines(found: Verification) -> list[str]:
    if found.is_whole:
        return [f"{found.release_id}: all {found.file_count:,} files are what they were."]
    return [f"{found.release_id} is damaged:", *(f"  {one.file} {one.words}" for one in found.damages)]


def _row_lines(row: TrainingRow) -> list[str]:
    return [
        f"{row.row_id}  {row.source}  {row.dataset}  {row.token_count:,} tokens",
        f"  {shorten(row.trajectory.query, 100)}",
        *(f"  {step.kind}: {shorten(step.words, 100)}" for step in row.lineage),
    ]


def _compare_lines(found: Comparison) -> list[str]:
    lines = [
        f"{found.common_rows:,} rows in both, {found.only_left:,} only in {found.left_id[:12]}, "
        f"{found.only_right:,} only in {found.right_id[:12]}"
    ]
    lines += [
        f"  {one.left:>12,} {one.right:>12,}  {one.part}: {one.name or '(none)'}" for one in found.figures
    ]
    return [*lines, *found.recipe_lines]


COMMANDS = (releases,)
