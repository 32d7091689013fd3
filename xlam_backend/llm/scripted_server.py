"""A local HTTP server that speaks the chat protocol and answers by simple rules; for demo and tests.

It says what it is in every reply (`system_fingerprint`), and can be told to answer badly: by flags, by
the header X-Scripted-Fault, or by a model's name ("scripted-careful@hang").
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.llm.completion import SCRIPTED_FINGERPRINT
from xlam_backend.llm.scripted_answers import scripted_answer
from xlam_backend.llm.scripted_answers.base import Question, read_question
from xlam_backend.llm.scripted_answers.questions import (
    NO_CALL,
    answer_question,
    answer_with_tools,
    is_question,
)
from xlam_backend.llm.scripted_behaviour import FAULTS, REFUSALS, Behaviour, Bill, Fault
from xlam_backend.llm.scripted_process import SCRIPTED_MODELS, ServerCard, write_card

CHARACTERS_PER_TOKEN = 4
SLOW_PIECES = 10
UNIX_TIME = 1_700_000_000  # the same reply has the same bytes
FAULT_HEADER = "x-scripted-fault"
REFUSED_KEY, FORBIDDEN_KEY = "refused-key", "forbidden-key"


class _Message(msgspec.Struct):
    role: str
    content: str | None = None

    @property
    def text(self) -> str:
        return self.content or ""


class _Function(msgspec.Struct):
    function: dict[str, Any]


class _Asked(msgspec.Struct):
    model: str
    messages: list[_Message]
    max_tokens: int = 1024
    temperature: float | None = None
    seed: int | None = None
    stream: bool = False
    tools: list[_Function] | None = None


class _Answer(msgspec.Struct, frozen=True):
    text: str
    model: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    fault: Fault | None
    is_stream: bool
    calls: tuple[dict[str, Any], ...] = ()


class ScriptedServer:
    """The routes, and what they remember."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.bill = Bill()
        self.identity = secrets.token_hex(16)
        self._seen: Counter[str] = Counter()
        self._answers: dict[str, _Answer] = {}  # by idempotency key
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/health", self._health),
                Route("/stats", self._stats),
            ]
        )

    async def _chat(self, request: Request) -> Response:
        self.bill.requests += 1
        self.bill.now += 1
        self.bill.most_at_once = max(self.bill.most_at_once, self.bill.now)
        began = asyncio.get_running_loop().time()
        try:
            return await self._answered(request)
        finally:
            self.bill.now -= 1
            self.bill.busy_seconds += asyncio.get_running_loop().time() - began

    async def _answered(self, request: Request) -> Response:
        content = await request.body()
        refusal = _refused(request)
        if refusal is not None:
            return refusal
        try:
            asked = msgspec.json.decode(content, type=_Asked)
        except msgspec.DecodeError as error:
            return _error(400, str(error), "invalid_request_error")
        model, _, fault_of_model = asked.model.partition("@")
        if model not in SCRIPTED_MODELS:
            return _error(404, f"There is no model {model[:80]!r} here.", "model_not_found")
        if _input_tokens(asked) > self.behaviour.context_tokens:
            return _error(400, "The prompt is longer than the context.", "context_length_exceeded")
        key = request.headers.get("idempotency-key", "")
        if key in self._answers:
            self.bill.repeated += 1
            return await self._delivered(self._answers[key], is_repeated=True)
        return await self._new_answer(
            asked, model, key, content_hash(content), _wanted(request, fault_of_model)
        )

    async def _new_answer(
        self, asked: _Asked, model: str, key: str, request: str, wanted: Fault | None
    ) -> Response:
        self._seen[request] += 1
        fault = wanted or self.behaviour.fault(request, self._seen[request])
        if fault:
            self.bill.faults[fault] += 1
        if fault in REFUSALS:
            return self._refusal(fault)
        answer = _answer(asked, model, fault, self.behaviour.seed)
        self.bill.add(
            key,
            request,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
            is_usable=fault in {None, "slow", "hang", "prose", "malformed"},
        )
        if key:
            self._answers[key] = answer
        await asyncio.sleep(self.behaviour.latency_seconds)
        return await self._delivered(answer, is_repeated=False)

    def _refusal(self, fault: Fault | None) -> Response:
        if fault == "rate_limit":
            wait = str(self.behaviour.retry_after_seconds)
            return _error(429, "Too many calls at once.", "rate_limit_exceeded", {"Retry-After": wait})
        return _error(500, "The server had an error.", "server_error")

    async def _delivered(self, answer: _Answer, *, is_repeated: bool) -> Response:
        if answer.fault == "hang" and not is_repeated:
            await asyncio.sleep(self.behaviour.hang_seconds)
        if answer.is_stream:
            return StreamingResponse(self._stream(answer), media_type="text/event-stream")
        content = _content(answer)
        if answer.fault == "broken" and not is_repeated:
            # A length that is never reached: the connection ends in the middle of the body.
            half = content[: len(content) // 2]
            headers = {"Content-Length": str(len(content))}
            return StreamingResponse(_pieces([half], 0.0), media_type="application/json", headers=headers)
        if answer.fault == "slow":
            pause = self.behaviour.slow_seconds / SLOW_PIECES
            return StreamingResponse(_pieces(_cut(content), pause), media_type="application/json")
        return Response(content, media_type="application/json")

    async def _stream(self, answer: _Answer) -> AsyncIterator[bytes]:
        pause = self.behaviour.slow_seconds / SLOW_PIECES if answer.fault == "slow" else 0.0
        texts = [piece.decode("utf-8", "ignore") for piece in _cut(answer.text.encode())]
        if answer.fault == "truncated":
            texts = texts[: len(texts) // 2]
        for text in texts:
            await asyncio.sleep(pause)
            yield _event(_chunk(answer, {"content": text}, None))
        if answer.fault == "wrong_schema":
            yield b'data: {"choices": 7}\n\n'
        if answer.fault not in {"truncated", "broken"}:
            yield _event(_chunk(answer, {}, answer.finish_reason))
            yield b"data: [DONE]\n\n"

    async def _models(self, request: Request) -> Response:
        refusal = _refused(request)
        if refusal is not None:
            return refusal
        models = [{"id": name, "object": "model", "owned_by": "xlam-studio"} for name in SCRIPTED_MODELS]
        return JSONResponse({"object": "list", "data": models})

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse(self.identity)

    async def _stats(self, _request: Request) -> Response:
        return JSONResponse(self.bill.report())


def serve(behaviour: Behaviour, *, port: int, card: Path | None) -> None:
    """Serve on loopback until a signal ends it; `port` 0 takes a free one, `card` tells others where."""
    server = ScriptedServer(behaviour)
    with socket.create_server(("127.0.0.1", port), backlog=512) as listener:
        config = uvicorn.Config(
            server.app, log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
        if card is not None:
            write_card(card, ServerCard(os.getpid(), listener.getsockname()[1], server.identity))
        uvicorn.Server(config).run(sockets=[listener])


def _refused(request: Request) -> Response | None:
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key == REFUSED_KEY:
        return _error(401, f"Incorrect API key provided: {key}", "invalid_api_key")
    if key == FORBIDDEN_KEY:
        return _error(403, "This key may not use this model.", "forbidden")
    return None


def _wanted(request: Request, fault_of_model: str) -> Fault | None:
    named = request.headers.get(FAULT_HEADER, fault_of_model)
    return named if named in FAULTS else None


def _input_tokens(asked: _Asked) -> int:
    tools = sum(len(str(tool.function)) for tool in asked.tools or ())
    return (tools + sum(len(message.text) for message in asked.messages)) // CHARACTERS_PER_TOKEN + 1


def _answer(asked: _Asked, model: str, fault: Fault | None, seed: int) -> _Answer:
    messages = [message.text for message in asked.messages if message.role != "assistant"]
    # At temperature 0 every sample is the same, as with a real model.
    varied = f"{seed} {asked.seed}" if asked.temperature else seed
    question = read_question(messages, model=model, seed=varied)
    said_last = next((message.text for message in asked.messages[::-1] if message.role == "user"), "")
    tools = [tool.function for tool in asked.tools or ()]
    # Without tools nothing is drawn: each draw changes what the words will be.
    calls = answer_with_tools(question, tools, said_last) if tools else []
    text = "" if calls else _text(question, said_last, has_tools=asked.tools is not None)
    if fault == "prose":
        text = f"Certainly! Here is my verdict:\n\n```json\n{text}\n```\n\nLet me know if you need more."
    if fault == "malformed":
        text = text[: len(text) // 2]
    most = asked.max_tokens * CHARACTERS_PER_TOKEN
    cut = text[:most]
    return _Answer(
        cut,
        asked.model,
        "stop" if cut == text else "length",
        _input_tokens(asked),
        min(asked.max_tokens, len(cut) // CHARACTERS_PER_TOKEN + 1),
        fault,
        asked.stream,
        tuple(calls),
    )


def _text(question: Question, said_last: str, *, has_tools: bool) -> str:
    if has_tools:
        return NO_CALL
    return answer_question(question, said_last) if is_question(question) else scripted_answer(question)


def _content(answer: _Answer) -> bytes:
    if answer.fault == "wrong_schema":
        return b'{"object": "chat.completion", "choices": {"text": "not a list"}}'
    body = {
        "id": f"chatcmpl-{content_hash(answer.text.encode())[:12]}",
        "object": "chat.completion",
        "created": UNIX_TIME,
        "model": answer.model,
        "system_fingerprint": SCRIPTED_FINGERPRINT,
        "choices": [
            {
                "index": 0,
                "message": _said(answer),
                "finish_reason": answer.finish_reason,
            }
        ],
        "usage": _usage(answer),
    }
    content = json.dumps(body).encode()
    return content[: len(content) // 2] if answer.fault == "truncated" else content


def _said(answer: _Answer) -> dict[str, Any]:
    if not answer.calls:
        return {"role": "assistant", "content": answer.text}
    calls = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])},
        }
        for number, call in enumerate(answer.calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _chunk(answer: _Answer, delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-stream",
        "object": "chat.completion.chunk",
        "created": UNIX_TIME,
        "model": answer.model,
        "system_fingerprint": SCRIPTED_FINGERPRINT,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        "usage": _usage(answer) if finish_reason else None,
    }


def _usage(answer: _Answer) -> dict[str, int]:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
    }


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _cut(content: bytes) -> list[bytes]:
    size = max(1, -(-len(content) // SLOW_PIECES))
    return [content[at : at + size] for at in range(0, len(content), size)]


async def _pieces(pieces: list[bytes], pause: float) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece


def _error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> Response:
    error = {"message": message, "type": code, "param": None, "code": code}
    return JSONResponse({"error": error}, status_code=status, headers=headers)
