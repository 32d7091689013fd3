"""Asks an endpoint many things at once: bounded, retried, inside a budget, each answer paid once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import AskSummary, Budget, ChatRequest, ClientSettings, OnReply
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.llm.reply_cache import ReplyCache


def never() -> bool:
    """Nobody asks to stop."""
    return False


def check_budget(budget: Budget, endpoint: Endpoint) -> None:
    """Refuse a budget that an endpoint cannot be kept to.

    Raises:
        SettingError: it limits money, and the endpoint has no prices.
    """
    if budget.money is not None and not endpoint.has_prices:
        raise SettingError(
            f"The endpoint {endpoint.name} has no prices, so money cannot be limited.",
            "Set price_input and price_output (per million tokens), or limit calls or tokens.",
        )


def ask_all(
    requests: Iterable[ChatRequest],
    *,
    endpoint: Endpoint,
    settings: ClientSettings,
    cache_folder: Path,
    run_id: str,
    on_reply: OnReply,
    should_stop: Callable[[], bool] = never,
) -> AskSummary:
    """Ask every request; `on_reply` gets exactly one reply for each, in the order they come in.

    What `on_reply` returns is asked next (a question that depends on an answer); it is called in
    this thread, one reply at a time. A reply is on disk before it is reported. Called again with the
    same `run_id`, whatever was answered before is not asked again, and the budget goes on.

    Raises:
        SettingError: the budget limits money, and the endpoint has no prices.
        StoreError: the file of paid replies cannot be used.
    """
    check_budget(settings.budget, endpoint)
    from xlam_backend.llm.asker import Asker  # brings the openai package, which takes a second to load

    cache = ReplyCache(cache_folder)
    try:
        asker = Asker(requests, endpoint, settings, cache, run_id, on_reply, should_stop)
        return asyncio.run(asker.run())
    finally:
        cache.close()
