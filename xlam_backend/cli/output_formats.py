"""`output-formats`: the formats in which models are asked to write their answers."""

from __future__ import annotations

from pathlib import Path

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioCommand, StudioGroup, json_option, pass_caller
from xlam_backend.errors import SourceUnreadableError
from xlam_backend.output_formats import OUTPUT_FORMATS, output_format_by_name
from xlam_backend.output_formats.answer import MAX_CHARACTERS

_BYTES_PER_CHARACTER = 4


@click.group("output-formats", cls=StudioGroup, invoke_without_command=True, params=[json_option()])
@click.pass_context
def output_formats(context: click.Context) -> None:
    """List the formats in which models are asked to answer; show one; convert answers between them."""
    if context.invoked_subcommand is not None:
        return
    caller = context.ensure_object(Caller)
    formats = [{"name": form.name, "title": form.title, "instruction": form.words} for form in OUTPUT_FORMATS]
    caller.answer_table(formats, ("name", "title"), [(form.name, form.title) for form in OUTPUT_FORMATS])


@output_formats.command("show", cls=StudioCommand, needs_store=False)
@click.argument("name")
@click.option("--without-thoughts", is_flag=True, help="As for answers that need not hold a thought.")
@pass_caller
def show(caller: Caller, /, name: str, without_thoughts: bool) -> None:
    """Show the instruction that a model gets for a format, with examples."""
    form = output_format_by_name(name)
    instruction = form.instruction(always_thinks=not without_thoughts)
    caller.answer(
        {"name": form.name, "title": form.title, "instruction": instruction}, *instruction.split("\n")
    )


@output_formats.command("convert", cls=StudioCommand, needs_store=False)
@click.argument("file", type=CALLER_PATH)
@click.option("--from", "source", metavar="NAME", required=True, help="The format of the answer in FILE.")
@click.option("--to", "target", metavar="NAME", required=True, help="The format to write it in.")
@pass_caller
def convert(caller: Caller, /, file: str, source: str, target: str) -> None:
    """Read the answer in FILE strictly and write it in another format; `--json` gives the exact text."""
    read_from, write_to = output_format_by_name(source), output_format_by_name(target)
    text = write_to.render(read_from.parse(_read_text(Path(file))))
    caller.answer({"format": write_to.name, "text": text}, *text.split("\n"))


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_CHARACTERS * _BYTES_PER_CHARACTER + 1)
        return raw.decode("utf-8")
    except OSError as error:
        raise SourceUnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SourceUnreadableError(f"{path} is not UTF-8: byte {error.start} is wrong.") from error


COMMANDS = (output_formats,)
