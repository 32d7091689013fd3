"""Takes requests up and reports replies: as many calls at once as allowed, in one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from xlam_backend.llm.call import Call, Calls
from xlam_backend.llm.chat import (
    AskSummary,
    ChatRequest,
    ClientSettings,
    OnReply,
    Reply,
    request_hash,
    sendable,
)
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.llm.reply_cache import Past, ReplyCache

POLL_SECONDS = 0.2
MORE_BUDGET = "Resume the run with a larger budget."
# Calls that wait to be tried again hold no slot: others are taken up meanwhile, but not without end.
MOST_UNDER_WAY = 4
READY = 4  # so many stand behind those that are being sent, so that no slot is ever idle


class Asker:
    """One asking of many requests, in one event loop."""

    def __init__(
        self,
        requests: Iterable[ChatRequest],
        endpoint: Endpoint,
        settings: ClientSettings,
        cache: ReplyCache,
        run_id: str,
        on_reply: OnReply,
        should_stop: Callable[[], bool],
    ) -> None:
        self._source: Iterator[ChatRequest] = iter(requests)
        self._follow_ups: deque[ChatRequest] = deque()
        self._endpoint = endpoint
        self._settings = settings
        self._cache = cache
        self._salt = "" if settings.use_cache else run_id
        self._on_reply = on_reply
        self._should_stop = should_stop
        self._past = cache.past(run_id)
        self._under_way: dict[str, asyncio.Future[None]] = {}
        self._calls = Calls(endpoint, settings, cache, run_id)
        self._counts = {"answered": 0, "failed": 0, "not_asked": 0}
        self._from_cache = 0

    async def run(self) -> AskSummary:
        """Ask everything, report everything."""
        async with self._calls:
            running: set[asyncio.Task[Reply]] = set()
            try:
                while self._take_up(running) or running:
                    finished, running = await self._wait(running)
                    for task in finished:
                        self._report(task.result())
            finally:
                for task in running:
                    task.cancel()
        used = self._calls.ledger.used + self._calls.ledger.reserved
        return AskSummary(
            requests=sum(self._counts.values()),
            answered=self._counts["answered"],
            failed=self._counts["failed"],
            not_asked=self._counts["not_asked"],
            from_cache=self._from_cache,
            calls=used.calls,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost=used.cost if self._endpoint.has_prices else None,
            ended_because=self._calls.ended_because or self._calls.budget_spent,
            way_out=self._calls.way_out or (MORE_BUDGET if self._calls.budget_spent else ""),
        )

    def _take_up(self, running: set[asyncio.Task[Reply]]) -> bool:
        """Fill up with requests; False when there are none left."""
        while len(running) < self._most_under_way():
            request = self._follow_ups.popleft() if self._follow_ups else next(self._source, None)
            if request is None:
                return False
            running.add(asyncio.create_task(self._answer(request)))
        return True

    def _most_under_way(self) -> int:
        slots = self._settings.concurrency
        return min(slots * MOST_UNDER_WAY, slots + self._calls.waiting) + READY

    async def _wait(
        self, running: set[asyncio.Task[Reply]]
    ) -> tuple[set[asyncio.Task[Reply]], set[asyncio.Task[Reply]]]:
        """Wait for replies, and meanwhile for somebody who wants to stop."""
        finished, running = await asyncio.wait(
            running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if self._calls.is_stopping:
            if self._calls.grace_is_over():
                for task in running:
                    task.cancel()
        elif self._should_stop():
            self._calls.stop()
        return finished, running

    async def _answer(self, request: ChatRequest) -> Reply:
        try:
            return await self._answer_once(request)
        except asyncio.CancelledError:
            return Reply(request.key, "not_asked", reason=self._calls.ended_because)

    async def _answer_once(self, request: ChatRequest) -> Reply:
        request = sendable(request)
        asked = request_hash(self._endpoint.base_url + self._salt, request)
        while asked in self._under_way:  # the very same question: one call is enough for both
            await asyncio.shield(self._under_way[asked])
        done = self._under_way[asked] = asyncio.get_running_loop().create_future()
        try:
            call = Call(request, asked, self._past.pop(asked, Past()))
            stored = self._cache.reply(asked)
            return await self._calls.answer(call) if stored is None else self._calls.known(call, stored)
        finally:
            del self._under_way[asked]
            done.set_result(None)

    def _report(self, reply: Reply) -> None:
        self._counts[reply.state] += 1
        self._from_cache += reply.from_cache
        self._follow_ups.extend(self._on_reply(reply) or ())
