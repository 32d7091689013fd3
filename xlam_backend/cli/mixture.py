"""`mixture`: recipes of training sets, what they would give, and freezing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioGroup, pass_caller
from xlam_backend.cli.plain_text import percent, shorten
from xlam_backend.cli.runs import finish_run, progress_words, refuse_not_taken, tell_started
from xlam_backend.errors import SettingError, SourceUnreadableError
from xlam_backend.mixture.left_out import list_left_out, render_left_out
from xlam_backend.mixture.presets import PRESETS, preset_by_name
from xlam_backend.mixture.preview import Preview, preview_mixture
from xlam_backend.mixture.recipe_text import write_recipe
from xlam_backend.mixture.recipes import (
    list_recipes,
    open_recipe,
    read_recipe_versions,
    read_saved_recipe,
    save_recipe,
)

NAME = click.argument("name", metavar="RECIPE")
VERSION = click.option(
    "--version", type=click.IntRange(0), default=0, metavar="N", help="Another version than the latest."
)


@click.group("mixture", cls=StudioGroup)
def mixture() -> None:
    """Training sets: recipes in versions, previews, freezing into releases."""


@mixture.command("presets", needs_store=False)
@click.argument("name", required=False, default="", metavar="[PRESET]")
@pass_caller
def presets(caller: Caller, name: str) -> None:
    """List the paper's recipes; with a PRESET, print its text."""
    if name:
        text = write_recipe(preset_by_name(name).make())
        caller.answer({"name": name, "text": text}, *text.splitlines())
        return
    rows = [{"name": preset.name, "title": preset.title, "words": preset.words} for preset in PRESETS]
    caller.answer_table(rows, ("preset", "what it is"), [(row["name"], row["words"]) for row in rows])


@mixture.command("new")
@click.option("--preset", "preset", default="", metavar="PRESET", help="Begin with a recipe of the paper.")
@click.option("--file", "file", type=CALLER_PATH, default=None, help="A recipe as YAML.")
@click.option("--name", default="", metavar="NAME", help="Call it so, where a preset is taken.")
@click.option("--note", default="", metavar="TEXT", help="Why this version was made.")
@pass_caller
def new(caller: Caller, preset: str, file: str | None, name: str, note: str) -> None:
    """Save a recipe, as the first or the next version of its name."""
    if bool(preset) == bool(file):
        raise click.UsageError("Give either --preset or --file.")
    if name and file:
        raise click.UsageError("The name of a recipe from a file stands in the file.")
    text = _file_text(file) if file else _preset_text(preset, name)
    saved = save_recipe(caller.store, text, person=caller.person(), now=caller.now, note=note)
    caller.answer(
        saved,
        f"{saved.name}, version {saved.version}. To look at what it gives: "
        f'python -m xlam_backend mixture preview "{saved.name}"',
    )


@mixture.command("list")
@pass_caller
def list_all(caller: Caller) -> None:
    """List the recipes, the one saved last first."""
    found = list_recipes(caller.store)
    rows = [(one.name, one.version, one.person, f"{one.made_at:%Y-%m-%d %H:%M}", one.note) for one in found]
    caller.answer_table(found, ("recipe", "version", "by", "when", "note"), rows)


@mixture.command("show")
@NAME
@VERSION
@click.option("--history", is_flag=True, help="List its versions instead of printing one.")
@pass_caller
def show(caller: Caller, name: str, version: int, history: bool) -> None:
    """Print a RECIPE as YAML."""
    if history:
        versions = read_recipe_versions(caller.store, name)
        rows = [(one.version, one.person, f"{one.made_at:%Y-%m-%d %H:%M}", one.note) for one in versions]
        caller.answer_table(versions, ("version", "by", "when", "note"), rows)
        return
    saved = read_saved_recipe(caller.store, name, version)
    caller.answer(saved, *saved.text.splitlines())


@mixture.command("preview")
@NAME
@VERSION
@pass_caller
def preview(caller: Caller, name: str, version: int) -> None:
    """Show what a RECIPE would give: rows, tokens, lengths, what is missing, what is left out and why."""
    found = preview_mixture(caller.store, open_recipe(caller.store, name, version))
    caller.answer(found, *_preview_lines(found))


@mixture.command("left-out")
@NAME
@VERSION
@click.option("--reason", default="", metavar="TEXT", help="Only for this reason, as the preview words it.")
@click.option("--count", type=click.IntRange(1, 1000), default=25, show_default=True, help="How many.")
@click.option("--first", type=click.IntRange(0), default=0, help="Leave out so many at the beginning.")
@click.option("--to", "target", type=CALLER_PATH, metavar="FILE", help="Write all of them as CSV.")
@pass_caller
def left_out(caller: Caller, /, name: str, version: int, target: str | None, **asked: Any) -> None:
    """List the rows that a RECIPE leaves out, each with its reason."""
    recipe = open_recipe(caller.store, name, version)
    if target:
        content = render_left_out(
            caller.store, recipe, person=caller.person(), now=caller.now, reason=asked["reason"]
        )
        _write(target, content)
        caller.answer({"file": target, "bytes": len(content)}, f"Written: {target}")
        return
    page = list_left_out(caller.store, recipe, **asked)
    rows = [(row.trajectory_id, row.source, row.reason, shorten(row.query, 40)) for row in page.rows]
    caller.answer_table(page, ("trajectory", "source", "why it is left out", "query"), rows)


@mixture.command("freeze")
@NAME
@VERSION
@click.option("--detach", is_flag=True, help="Start the run and do not wait for its end.")
@pass_caller
def freeze(caller: Caller, name: str, version: int, detach: bool) -> None:
    """Freeze a RECIPE into a release; refused where its gates or a missing row say so."""
    run_id = start_freeze(caller.store, name, person=caller.person(), now=caller.now, version=version)
    if detach:
        tell_started(caller, run_id)
        return
    status = finish_run(caller, run_id, lambda made: f"freeze: {progress_words(made)}")
    refuse_not_taken(status)
    outcome = status.outcome
    caller.answer(
        {"run_id": run_id, "state": status.state, **outcome},
        f"Release {outcome['release']}: {outcome['rows']:,} rows, {outcome['tokens']:,} tokens.",
        f"To look at it: python -m xlam_backend releases show {str(outcome['release'])[:12]}",
    )


def _write(target: str, content: bytes) -> None:
    try:
        Path(target).write_bytes(content)
    except OSError as error:
        raise SettingError(f"{target} cannot be written: {error}.", "Choose another file.") from error


def _file_text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(f"{file} cannot be read: {error}.", "Give a recipe as YAML.") from error


def _preset_text(preset: str, name: str) -> str:
    recipe = preset_by_name(preset).make()
    return write_recipe(msgspec.structs.replace(recipe, name=name) if name else recipe)


def _preview_lines(found: Preview) -> list[str]:
    lines = [
        f"{found.row_count:,} rows ({found.distinct_count:,} different), {found.token_count:,} tokens",
        f"  tokens are {found.token_rule}",
        f"  {found.over_context_count:,} rows are longer than {found.context:,} tokens; "
        f"the longest has {found.longest_tokens:,}",
    ]
    for one in found.sources:
        share = percent(one.taken / found.row_count) if found.row_count else ""
        lines.append(
            f"  {one.taken:>9,} {share:>7}  {one.name} (of {one.distinct:,} fit, {one.matched:,} match)"
        )
    for title, counts in (
        ("Datasets", found.datasets),
        ("Categories", found.categories),
        ("Output formats", found.formats),
        ("Tools per prompt", found.tools),
        ("Calls per answer", found.calls),
        ("Left out", found.left_out),
    ):
        lines += [f"{title}:"] if counts else []
        lines += [f"  {count.row_count:>9,}  {count.name}" for count in counts]
    lines += ["Licences (commercial use):"]
    lines += [f"  {one.row_count:>9,}  {one.name} ({one.commercial})" for one in found.licences]
    still = found.still_there
    lines.append(
        f"Still in it: {still.near_duplicates:,} near-duplicates ({still.not_searched:,} rows not searched), "
        f"{still.contaminated:,} contaminated ({still.not_compared:,} rows not compared)"
    )
    lines += [f"Note: {note}" for note in found.notes]
    lines += [f"Cannot be frozen: {problem.words} {problem.way_out}" for problem in found.problems]
    return lines


COMMANDS = (mixture,)
