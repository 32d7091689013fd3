"""What the commands that have models asked share: the endpoint they mean, and the limits of their calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlam_backend.cli.endpoint import HOW_TO_SET
from xlam_backend.cli.options import Option
from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import LOST_ANSWERS, Budget
from xlam_backend.llm.endpoint import Endpoint, endpoint_by_name, list_endpoints

ENDPOINT_OPTION: Option = click.option(
    "--endpoint", default="", metavar="NAME", help="The endpoint; default: the only one there is."
)
LIMIT_OPTIONS: tuple[Option, ...] = (
    click.option("--budget-calls", type=click.IntRange(min=1), metavar="N", help="At most this many calls."),
    click.option(
        "--budget-tokens", type=click.IntRange(min=1), metavar="N", help="At most this many tokens."
    ),
    click.option(
        "--budget-money",
        type=click.FloatRange(min=0),
        metavar="AMOUNT",
        help="At most this much money; needs an endpoint with prices.",
    ),
    click.option("--concurrency", type=click.IntRange(min=1), default=8, help="Calls at a time."),
    click.option("--timeout", type=float, default=60.0, metavar="SECONDS", help="Time limit of one call."),
    click.option(
        "--retries", type=click.IntRange(min=0), default=5, help="Further tries of a call that failed."
    ),
    click.option(
        "--lost-answers",
        type=click.Choice(LOST_ANSWERS),
        default="ask again",
        help="Calls under way when a run is killed: asked again, which an endpoint that knows no "
        "idempotency keys may bill twice, or left not judged.",
    ),
)


def read_limits(given: dict[str, Any]) -> dict[str, Any]:
    """Return what `LIMIT_OPTIONS` gave a command, under the names that the settings of a run have for it."""
    return {
        "concurrency": given["concurrency"],
        "timeout_seconds": given["timeout"],
        "most_retries": given["retries"],
        "lost_answers": given["lost_answers"],
        "budget": Budget(given["budget_calls"], given["budget_tokens"], given["budget_money"]),
    }


def endpoint_meant(name: str, folder: Path, *, is_needed: bool) -> Endpoint | None:
    """Return the endpoint of this name; without a name the only one there is, None when none is needed.

    Raises:
        UnknownNameError: no endpoint has the name.
        SettingError: one is needed, and there is none, or several.
    """
    if name:
        return endpoint_by_name(name, folder)
    endpoints = list_endpoints(folder)
    if len(endpoints) == 1:
        return endpoints[0]
    if not is_needed:
        return None
    if endpoints:
        known = ", ".join(one.name for one in endpoints)
        raise SettingError(f"There are several endpoints: {known}.", "Name one with --endpoint.")
    raise SettingError("No endpoint is set up.", HOW_TO_SET)
