"""`endpoint`: which models can be asked, whether they answer, and the scripted local server."""

from __future__ import annotations

from pathlib import Path

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import CALLER_PATH, StudioGroup, pass_caller
from xlam_backend.errors import JudgeUnavailableError, SettingError
from xlam_backend.llm.endpoint import endpoint_by_name, has_key, list_endpoints
from xlam_backend.llm.endpoint_check import check_endpoint
from xlam_backend.llm.scripted_behaviour import FAULTS, Behaviour, Fault
from xlam_backend.llm.scripted_process import start_scripted_server, stop_scripted_server

HOW_TO_SET = (
    "Set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL, or a table [endpoints.NAME] in "
    ".streamlit/secrets.toml; to try things out: python -m xlam_backend endpoint start-scripted"
)


@click.group("endpoint", cls=StudioGroup)
def endpoint() -> None:
    """Show and test the endpoints that can be asked; run the scripted local server."""


@endpoint.command("list", needs_store=False)
@pass_caller
def show_endpoints(caller: Caller) -> None:
    """List the endpoints: address, models, where they were set, whether a key is set."""
    endpoints = list_endpoints()
    if not endpoints:
        caller.answer([], "No endpoint is set.", HOW_TO_SET)
        return
    rows = [
        (one.name, one.base_url, ", ".join(one.models) or "-", one.origin, "yes" if has_key(one) else "no")
        for one in endpoints
    ]
    caller.answer_table(endpoints, ("name", "address", "models", "set in", "key"), rows)


@endpoint.command("test", needs_store=False)
@click.argument("name")
@pass_caller
def test_endpoint(caller: Caller, name: str) -> None:
    """Ask an endpoint for its models; costs nothing."""
    check = check_endpoint(endpoint_by_name(name))
    if not check.is_reachable:
        raise JudgeUnavailableError(check.what, check.way_out)
    lines = [
        f"It answers, in {check.seconds * 1000:.0f} ms. Models: {', '.join(check.models) or 'none listed'}."
    ]
    if check.missing:
        lines.append(f"It does not list: {', '.join(check.missing)}.")
    caller.answer(check, *lines)


@endpoint.command("start-scripted")
@pass_caller
def start_scripted(caller: Caller) -> None:
    """Start the scripted local server in the background (for trying out; no real judgements)."""
    card = start_scripted_server(caller.store.folder, person=caller.person())
    caller.answer(card, f"The scripted local server answers at {card.base_url}; its endpoint is 'scripted'.")


@endpoint.command("stop-scripted")
@pass_caller
def stop_scripted(caller: Caller) -> None:
    """Stop the scripted local server."""
    was_running = stop_scripted_server(caller.store.folder, person=caller.person())
    caller.answer({"was_running": was_running}, "Stopped." if was_running else "It was not running.")


@endpoint.command("serve-scripted", needs_store=False)
@click.option("--port", type=click.IntRange(0, 65535), default=8077, show_default=True, help="0: a free one.")
@click.option("--card", type=CALLER_PATH, help="File that says where it listens once it does.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides answers and faults.")
@click.option(
    "--latency", type=click.FloatRange(0), default=0.0, show_default=True, help="Seconds for each call."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND=SHARE",
    help=f"Share of calls that go wrong, e.g. rate_limit=0.05. Kinds: {', '.join(FAULTS)}.",
)
@click.option(
    "--retry-after", type=click.FloatRange(0), default=0.2, show_default=True, help="Seconds, with 429."
)
@click.option(
    "--hang", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds of a hanging call."
)
@click.option(
    "--slow", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds of a slow body."
)
@pass_caller
def serve_scripted(
    caller: Caller,
    port: int,
    card: str | None,
    seed: int,
    latency: float,
    faults: tuple[str, ...],
    retry_after: float,
    hang: float,
    slow: float,
) -> None:
    """Run the scripted local server here, until Ctrl-C; it can be told to answer badly."""
    from xlam_backend.llm.scripted_server import serve

    behaviour = Behaviour(
        seed=seed,
        latency_seconds=latency,
        faults=_shares(faults),
        retry_after_seconds=retry_after,
        hang_seconds=hang,
        slow_seconds=slow,
    )
    if port:
        caller.note(f"Serving at http://127.0.0.1:{port}/v1 (scripted answers, no real judgements).")
    serve(behaviour, port=port, card=Path(card) if card else None)


def _shares(given: tuple[str, ...]) -> dict[Fault, float]:
    shares: dict[Fault, float] = {}
    for text in given:
        kind, _, share = text.partition("=")
        try:
            shares[_fault(kind)] = float(share)
        except ValueError as error:
            raise SettingError(f"{text!r} is no kind and share.", "Write it like rate_limit=0.05.") from error
    return shares


def _fault(kind: str) -> Fault:
    for fault in FAULTS:
        if fault == kind:
            return fault
    raise SettingError(f"There is no fault called {kind!r}.", f"Known: {', '.join(FAULTS)}.")


COMMANDS = (endpoint,)
