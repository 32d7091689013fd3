"""docs/cli.md: every command with its help, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from xlam_backend.cli.command import LazyGroup

# Whatever the terminal it is written in.
WIDTH = 98

HEAD = """# The command line

`python -m xlam_backend VERB` does what the pages do, on the same backend functions. It works whether
or not the app is running: when the app (or another command) holds the store, that process runs the
command and its words come back here. `XLAM_DATA_DIR` says where the store lives.

Every command has `--help` and `--json` (one JSON document; errors as
`{"error": {"what": ..., "way_out": ...}}`). Exit status: 0 done, 1 an error that is explained,
2 wrong usage, 130 stopped.
"""


def reference_page(program: click.Group) -> str:
    """Return the text of docs/cli.md."""
    settings = {**program.context_settings, "terminal_width": WIDTH}
    if isinstance(program, LazyGroup):
        program.load_all()
    root = click.Context(program, info_name="python -m xlam_backend", **settings)
    sections = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _help_texts(program, root, [])]
    return "\n".join([HEAD, *sections])


def _help_texts(group: click.Group, context: click.Context, above: list[str]) -> Iterator[tuple[str, str]]:
    for name, command in sorted(group.commands.items()):
        words = [*above, name]
        # A context below that of the group: it passes its settings on, width and `-h` among them.
        own = click.Context(command, parent=context, info_name=name)
        yield " ".join(words), command.get_help(own)
        if isinstance(command, click.Group):
            yield from _help_texts(command, own, words)
