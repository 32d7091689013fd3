"""Lets a run ask models: the client of the endpoints, bound to the run, its replies on disk and its stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import AskSummary, Budget, ChatRequest, ClientSettings, OnReply
from xlam_backend.llm.client import ask_all
from xlam_backend.llm.endpoint import endpoint_by_name
from xlam_backend.runs.base import RunContext
from xlam_backend.settings import data_dir


class AskOfRun(Protocol):
    """Asks an endpoint, by its name, many things; each gets exactly one reply."""

    def __call__(self, endpoint: str, requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        """Ask all of them."""
        ...


def budget_of(context: RunContext, given: Budget) -> Budget:
    """Return the budget that counts: what a person set when they resumed the run, else what was given.

    Raises:
        SettingError: what they set is no budget.
    """
    changed = context.params.get("budget")
    if changed is None:
        return given
    try:
        return msgspec.convert(changed, Budget)
    except msgspec.ValidationError as error:
        raise SettingError(
            "The budget that was set on resuming is none.",
            'Resume the run with one that reads like {"calls": 1000}, {"tokens": 50000} or {"money": 2.5}.',
        ) from error


def asker_of(context: RunContext, settings: ClientSettings) -> AskOfRun:
    """Return what a run asks with; its budget counts everything that is asked through it."""

    def ask(endpoint: str, requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        return ask_all(
            requests,
            endpoint=endpoint_by_name(endpoint),
            settings=settings,
            cache_folder=data_dir(),
            run_id=context.run_id,
            on_reply=on_reply,
            should_stop=context.should_stop,
        )

    return ask
