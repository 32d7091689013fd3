"""One call from its first attempt to its last: room in the budget, sending, what failed, waiting."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from openai import AsyncStream, RequestOptions
from openai.types.chat import ChatCompletionChunk

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.llm.chat import (
    ChatRequest,
    ClientSettings,
    Reply,
    ReplyState,
    most_input_tokens,
    spent_reason,
)
from xlam_backend.llm.completion import Completion, read_completion, read_stream
from xlam_backend.llm.endpoint import Endpoint, open_client, without_key
from xlam_backend.llm.failure import CALL_ERRORS, Failure, failure_of
from xlam_backend.llm.ledger import Ledger
from xlam_backend.llm.reply_cache import Charge, ChargeState, Past, ReplyCache, StoredReply, Usage

PATH = "/chat/completions"
STOPPED = "A person stopped the run."
LOST = "The run was killed before the answer came; asked again, it might have been paid twice."


class Call:
    """A request on its way to a reply: what was tried, and what it has taken so far."""

    def __init__(self, request: ChatRequest, asked: str, past: Past) -> None:
        self.request = request
        self.asked = asked  # the hash of the request
        self.used = past.used
        self.unusable = past.unusable
        self.lost = past.lost
        self.charge: Charge | None = None  # the call under way, or one whose answer may still come
        self.is_in_doubt = False  # it may have been billed: no later refusal makes it free
        self.attempts = 0


class Calls:
    """Sends calls to one endpoint, never more at a time and never dearer than the settings allow.

    `ended_because` is set when no further call is to be sent: a person stopped the run, or every
    call would fail the same. Used as an async context, inside one event loop.
    """

    def __init__(self, endpoint: Endpoint, settings: ClientSettings, cache: ReplyCache, run_id: str) -> None:
        self.ledger = Ledger(settings.budget, cache.used(run_id))
        self.ended_because = ""
        self.way_out = ""
        self.budget_spent = ""  # the limit that left no room for some call, in words
        self.is_stopping = False
        self.waiting = 0
        self._endpoint = endpoint
        self._settings = settings
        self._cache = cache
        self._run_id = run_id
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._room_changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._grace_until = 0.0
        self._failures_in_row = 0

    async def __aenter__(self) -> Calls:
        """Open the connections."""
        self._client = open_client(self._endpoint, timeout_seconds=self._settings.timeout_seconds)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.close()

    def stop(self) -> None:
        """Send nothing more; what is under way has a little time left."""
        self.is_stopping = True
        self._grace_until = time.monotonic() + self._settings.stop_grace_seconds
        self._end(STOPPED, "Resume the run to go on where it stopped.")

    def grace_is_over(self) -> bool:
        """Whether what is still under way is to be left."""
        return time.monotonic() > self._grace_until

    def known(self, call: Call, stored: StoredReply) -> Reply:
        """Return the reply that is on disk; it costs only what this run had already paid for it."""
        return self._reply(call, "answered", stored=stored, from_cache=True)

    async def answer(self, call: Call) -> Reply:
        """Ask until there is a usable answer, or none to be had."""
        if call.lost is not None and self._settings.lost_answers == "not judged":
            return self._reply(call, "failed", reason=LOST)
        while True:
            async with self._slots:
                refusal = self._refusal(call)
                if refusal is not None:
                    return refusal
                charge = self._room(call)
                outcome = await self._attempt(call, charge) if charge else None
            if isinstance(outcome, Reply):
                return outcome
            await (self._pause(call, outcome) if outcome else self._room_changed.wait())

    def _refusal(self, call: Call) -> Reply | None:
        """Return the reply to a call that is not to be sent, None when it may be."""
        if self.ended_because:
            return self._reply(call, "not_asked", reason=self.ended_because)
        if call.charge is not None or self._is_counted(call):
            return None
        if limit := self.ledger.over(self.ledger.used + self._most(call.request)):
            reason = self.budget_spent = spent_reason(limit)
            return self._reply(call, "not_asked", reason=reason)
        return None

    def _room(self, call: Call) -> Charge | None:
        """Take room in the budget for a call and write down that it is about to be sent, if there is room."""
        if call.charge is not None:
            return call.charge  # the same call again, under the same idempotency key
        if call.lost is not None and self._is_counted(call):
            self.ledger.take_over(call.lost.usage)
            call.used -= call.lost.usage
            call.charge, call.lost, call.is_in_doubt = call.lost, None, True
            return call.charge
        most = self._most(call.request)
        if self.ledger.reserve(most):
            call.charge = self._cache.begin(self._run_id, call.asked, most)
        return call.charge

    def _is_counted(self, call: Call) -> bool:
        """Whether the answer to a call of an earlier start may be had under its key, at no further price."""
        return call.lost is not None and self._endpoint.honours_idempotency

    async def _attempt(self, call: Call, charge: Charge) -> Reply | Failure:
        """Send a call once; a failure says that it is to be tried again."""
        call.attempts += 1
        began = time.monotonic()
        try:
            completion = await self._send(call)
        except CALL_ERRORS as error:
            failure = failure_of(error, now=datetime.now(UTC))
            self._settle_failure(call, charge, failure)
            return self._given_up(call, failure) or failure
        self._failures_in_row = 0
        return self._answered(call, charge, completion, time.monotonic() - began)

    async def _send(self, call: Call) -> Completion:
        body = _body(call.request, self._endpoint)
        key = content_hash(f"{self._run_id}\n{call.asked}\n{call.unusable}".encode())
        options: RequestOptions = {"headers": {"Idempotency-Key": key}}
        # The package's time limit starts anew with every byte; this one holds for the whole call. Its
        # typed methods would look at every part of the body once more, for as long as all else takes.
        async with asyncio.timeout(self._settings.timeout_seconds):
            if self._settings.stream:
                return await self._send_streaming(body, options)
            content = await self._client.post(PATH, cast_to=bytes, body=body, options=options)
        return read_completion(content, has_tools=call.request.tools is not None)

    async def _send_streaming(self, body: dict[str, Any], options: RequestOptions) -> Completion:
        chunks = await self._client.post(
            PATH,
            cast_to=ChatCompletionChunk,
            body={**body, "stream": True, "stream_options": {"include_usage": True}},
            options=options,
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        async with chunks:
            return await read_stream(chunks)

    def _settle_failure(self, call: Call, charge: Charge, failure: Failure) -> None:
        if failure.billed == "no":
            if not call.is_in_doubt:
                self._settle(call, charge, "free", Usage())
        elif failure.billed == "yes":
            call.unusable += 1
            used = self._usage(charge.usage, failure.input_tokens, failure.output_tokens)
            self._settle(call, charge, "unusable", used)
        elif not self._endpoint.honours_idempotency:
            self._settle(call, charge, "lost", charge.usage)
        else:
            call.is_in_doubt = True  # its answer may still be had under the same key, at the same price

    def _settle(self, call: Call, charge: Charge, state: ChargeState, used: Usage) -> None:
        self._cache.settle(charge, state, used)
        self._settled(call, charge, used)

    def _settled(self, call: Call, charge: Charge, used: Usage) -> None:
        self.ledger.settle(charge.usage, used)
        call.used += used
        call.charge, call.is_in_doubt = None, False
        self._changed()

    def _given_up(self, call: Call, failure: Failure) -> Reply | None:
        """Return the reply to a call that is not tried again, None when it is."""
        reason = without_key(self._endpoint, failure.reason)
        if failure.remedy == "every call":
            self._end(reason, without_key(self._endpoint, failure.way_out))
        elif failure.wait_seconds is not None and failure.wait_seconds > self._settings.longest_wait_seconds:
            self._end(
                f"{reason} It asks to wait {failure.wait_seconds:.0f} seconds.",
                "Resume the run after that time.",
            )
        elif failure.remedy == "retry" and call.attempts <= self._settings.most_retries:
            return None
        else:
            self._count_failure(failure, reason)
        if call.charge is not None:  # its answer will not be waited for any longer
            self._settle(call, call.charge, "lost", call.charge.usage)
        return self._reply(call, "failed", reason=reason)

    def _count_failure(self, failure: Failure, reason: str) -> None:
        if failure.remedy != "retry":
            return
        self._failures_in_row += 1
        if self._failures_in_row >= self._settings.most_failures_in_row:
            self._end(f"{self._failures_in_row} calls in a row failed, the last: {reason}", failure.way_out)

    def _answered(self, call: Call, charge: Charge, completion: Completion, seconds: float) -> Reply:
        used = self._usage(charge.usage, completion.input_tokens, completion.output_tokens)
        stored = StoredReply(
            completion.text,
            completion.model,
            completion.finish_reason,
            completion.is_scripted,
            used.input_tokens,
            used.output_tokens,
            completion.tool_calls,
            seconds,
        )
        self._cache.answer(charge, used, call.asked, stored)
        self._settled(call, charge, used)
        return self._reply(call, "answered", stored=stored)

    async def _pause(self, call: Call, failure: Failure) -> None:
        """Wait before the next attempt, unless the run ends meanwhile."""
        self.waiting += 1
        try:
            async with asyncio.timeout(self._pause_seconds(call, failure)):
                await self._ended.wait()
        except TimeoutError:
            pass
        finally:
            self.waiting -= 1

    def _pause_seconds(self, call: Call, failure: Failure) -> float:
        """Return how long to wait: what the endpoint asks for, else longer each time, never in step."""
        settings = self._settings
        dice = random.Random(f"{settings.seed} {call.asked} {call.attempts}")  # noqa: S311 - no secret
        if failure.wait_seconds is not None:
            return failure.wait_seconds * dice.uniform(1.0, 1.1)
        most = min(settings.longest_wait_seconds, settings.first_wait_seconds * 2.0 ** (call.attempts - 1))
        return most * dice.uniform(0.5, 1.0)

    def _end(self, reason: str, way_out: str) -> None:
        if not self.ended_because:
            self.ended_because, self.way_out = reason, way_out
            self._ended.set()
        self._changed()

    def _changed(self) -> None:
        """Wake everybody who waits for room in the budget."""
        self._room_changed.set()
        self._room_changed.clear()

    def _most(self, request: ChatRequest) -> Usage:
        tokens = most_input_tokens(request)
        cost = self._endpoint.cost(tokens, request.max_tokens) or 0.0
        return Usage(1, tokens, request.max_tokens, cost)

    def _usage(self, most: Usage, input_tokens: int | None, output_tokens: int | None) -> Usage:
        """Return what a call took; what the endpoint does not say is taken as the most it can be."""
        asked = most.input_tokens if input_tokens is None else input_tokens
        answered = most.output_tokens if output_tokens is None else output_tokens
        return Usage(1, asked, answered, self._endpoint.cost(asked, answered) or 0.0)

    def _reply(
        self,
        call: Call,
        state: ReplyState,
        *,
        reason: str = "",
        stored: StoredReply | None = None,
        from_cache: bool = False,
    ) -> Reply:
        used = call.used
        return Reply(
            key=call.request.key,
            state=state,
            text=stored.text if stored else "",
            reason=reason,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost=used.cost if self._endpoint.has_prices else None,
            is_scripted=stored.is_scripted if stored else self._endpoint.is_scripted,
            from_cache=from_cache,
            attempts=call.attempts,
            finish_reason=stored.finish_reason if stored else "",
            model=(stored.model if stored else "") or call.request.model,
            tool_calls=stored.tool_calls if stored else (),
            seconds=stored.seconds if stored else None,
        )


def _body(request: ChatRequest, endpoint: Endpoint) -> dict[str, Any]:
    """Return what is sent; a setting that is not given is left out."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        endpoint.token_limit_field: request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "response_format": request.response_format,
        "tools": [{"type": "function", "function": tool} for tool in request.tools or ()] or None,
    }
    return {name: value for name, value in body.items() if value is not None}
