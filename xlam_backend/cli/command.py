"""What every command has in common: `--json`, paths seen from the caller's folder, one place for errors."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import click

from xlam_backend.cli.caller import Caller, CommandStopped, ReaderLeft, json_text
from xlam_backend.cli.plain_text import one_line
from xlam_backend.errors import StoppedError, XlamError
from xlam_backend.store.connection import Store

EXIT_ERROR = 1
EXIT_STOPPED = 130
EXIT_READER_LEFT = 141  # what a shell reports for a program that a closed pipe ended

pass_caller = click.make_pass_decorator(Caller)


def _ask_for_json(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.ensure_object(Caller).as_json = True


def json_option() -> click.Option:
    """The `--json` option that every command has."""
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_ask_for_json,
        help="Print one JSON document instead of text.",
    )


class StudioCommand(click.Command):
    """A command with `--json`; one declared with `needs_store` gets the store before it runs."""

    def __init__(self, *args: Any, needs_store: bool = True, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.needs_store = needs_store
        self.params.append(json_option())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command here, or wherever the store is."""
        caller = ctx.find_object(Caller)
        if caller is None or not self.needs_store or caller.lend_store is None:
            return super().invoke(ctx)

        def run_with(store: Store) -> None:
            caller.store_at_hand = store
            super(StudioCommand, self).invoke(ctx)

        return ctx.exit(caller.lend_store(run_with))


class StudioGroup(click.Group):
    """A group of commands."""

    command_class = StudioCommand
    group_class = type


class LazyGroup(StudioGroup):
    """A group whose commands are loaded when they are called or listed, from the modules named.

    Each module ends in COMMANDS; all modules of a verb are loaded before it is called.
    """

    def __init__(self, *args: Any, modules: Mapping[str, Sequence[str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every verb, sorted; nothing is loaded for it."""
        del ctx
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a verb, loaded now if it was not yet."""
        if cmd_name not in self.modules:
            self.load_all()  # the words that tell of an unknown command name those that are like it
        elif cmd_name not in self.commands:
            self._load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def load_all(self) -> None:
        """Load the commands of every verb, for whoever goes through all of them."""
        for verb in self.modules:
            self._load(verb)

    def _load(self, verb: str) -> None:
        # Added when it is whole: another thread, that serves another process, may be asking for it.
        for module in [importlib.import_module(name) for name in self.modules[verb]]:
            for command in module.COMMANDS:
                self.add_command(command)


class CallerPath(click.ParamType[str]):
    """A path, seen from the folder the caller stands in (the command may run in another process)."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the absolute path as text; the command itself says when nothing is there."""
        del param
        caller = ctx.find_object(Caller) if ctx else None
        return str(caller.path(str(value)) if caller else value)


CALLER_PATH = CallerPath()


def run_command(group: click.Group, caller: Caller) -> int:
    """Run the caller's command line and return its exit status; every error is said, none is raised.

    A bug is printed with its traceback: whoever sees it can report it.
    """
    try:
        return _run_and_explain(group, caller)
    except ReaderLeft:
        return EXIT_READER_LEFT


def _run_and_explain(group: click.Group, caller: Caller) -> int:
    try:
        status = group.main(list(caller.argv), "xlam_backend", standalone_mode=False, obj=caller)
    except click.ClickException as error:
        return _say_usage_error(caller, error)
    except StoppedError as error:
        caller.note(str(error))
        return EXIT_STOPPED
    except XlamError as error:
        _say_error(caller, error.what, error.way_out)
        return EXIT_ERROR
    except ReaderLeft:
        raise
    except (CommandStopped, KeyboardInterrupt, click.Abort):
        caller.note("Stopped.")
        return EXIT_STOPPED
    except Exception as error:  # noqa: BLE001 - the border: what is not understood is shown whole
        for line in traceback.format_exc().splitlines():
            caller.write_err(one_line(line) + "\n")
        _say_error(caller, f"This is a bug: {error}", "Please report it with the lines above.")
        return EXIT_ERROR
    return status if isinstance(status, int) else 0


def _say_usage_error(caller: Caller, error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    way_out = f"See: python -m {context.command_path} --help" if context else ""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        caller.write_err(error.format_message() + "\n")
    else:
        _say_error(caller, error.format_message(), way_out)
    return error.exit_code


def _say_error(caller: Caller, what: str, way_out: str) -> None:
    # `--json` may stand behind the word that was not understood: it counts all the same.
    if caller.as_json or "--json" in caller.argv:
        caller.write_out(json_text({"error": {"what": what, "way_out": way_out}}) + "\n")
        return
    caller.note(f"Error: {what}")
    if way_out:
        caller.note(way_out)
