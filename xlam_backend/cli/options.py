"""Options that several commands have, given to a command in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])
Option = Callable[[Any], Any]


def with_options(command: Function, options: Iterable[Option]) -> Function:
    """Give a command these options, listed in its help in this order."""
    for option in reversed(list(options)):
        command = option(command)
    return command


def option_names(options: Iterable[Option]) -> frozenset[str]:
    """Return the names under which a command gets the values of these options.

    >>> sorted(option_names([click.option("--model", "models"), click.option("--min-steps")]))
    ['min_steps', 'models']
    """

    def nothing() -> None: ...

    listed: list[click.Parameter] = getattr(with_options(nothing, options), "__click_params__", [])
    return frozenset(str(option.name) for option in listed)
