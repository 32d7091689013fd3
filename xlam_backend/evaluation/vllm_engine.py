"""Answers of a kept model through a vLLM server of the run's own: prompts go in as tokens, as they are.

The prompt is written here, with the template that the model was trained with, so that both engines put
the very same tokens to the model.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from xlam_backend.errors import JudgeUnavailableError
from xlam_backend.evaluation.engine import VLLM, Prompted, TakeWritten, Written, vllm_program
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.vllm_server import VllmServer
from xlam_backend.runs.base import RunContext
from xlam_backend.runs.folder import STATE
from xlam_backend.settings import data_dir
from xlam_backend.training.models import ModelOnDisk
from xlam_backend.training.start import Start, start_of_model

LOG = "vllm.log"
_POLL_SECONDS = 0.5


class VllmEngine:
    """One server, started at once; it ends with `close`."""

    def __init__(self, kept: ModelOnDisk, plan: EvaluationPlan, context: RunContext) -> None:
        self._plan = plan
        self._name = kept.name
        start = start_of_model(data_dir(), kept)
        self._server = VllmServer(
            lambda port: vllm_command(start, plan, name=kept.name, port=port, program=vllm_program() or VLLM),
            context.folder / STATE / LOG,
        )
        context.progress(0, 0, "the vLLM server starts")
        self._server.start(context.should_stop)
        self.context = asyncio.run(self._read_context())
        context.log(f"The vLLM server is well on port {self._server.port}.")

    def write(self, prompts: Sequence[Prompted], take: TakeWritten, should_stop: Callable[[], bool]) -> None:
        """Write an answer to each prompt, as many at a time as the plan says."""
        asyncio.run(self._write_all(prompts, take, should_stop))

    def close(self) -> None:
        """End the server."""
        self._server.end()

    def _client(self) -> Any:
        import openai

        http_client = openai.DefaultAsyncHttpxClient(trust_env=False)
        return openai.AsyncOpenAI(
            base_url=self._server.base_url,
            api_key="none",
            max_retries=self._plan.most_retries,
            timeout=max(self._plan.timeout_seconds, 600.0),
            http_client=http_client,
        )

    async def _read_context(self) -> int:
        """Return how many tokens the server takes, as it says itself; 0 where it does not."""
        async with self._client() as client:
            listed = await client.models.list()
        return int(getattr(listed.data[0], "max_model_len", 0) or 0) if listed.data else 0

    async def _write_all(
        self, prompts: Sequence[Prompted], take: TakeWritten, should_stop: Callable[[], bool]
    ) -> None:
        waiting = list(reversed(prompts))
        running: dict[asyncio.Task[Written], Prompted] = {}
        async with self._client() as client:
            try:
                while (waiting or running) and not should_stop():
                    while waiting and len(running) < self._plan.concurrency:
                        prompt = waiting.pop()
                        running[asyncio.create_task(self._write_one(client, prompt))] = prompt
                    finished, _ = await asyncio.wait(
                        running, timeout=_POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                    for task in finished:
                        take(running.pop(task), task.result())
            finally:
                for task in running:
                    task.cancel()

    async def _write_one(self, client: Any, prompt: Prompted) -> Written:
        import openai

        room = self.context - len(prompt.tokens) if self.context else self._plan.max_tokens
        began = time.monotonic()
        try:
            reply = await client.completions.create(
                model=self._name,
                prompt=list(prompt.tokens),
                max_tokens=max(1, min(self._plan.max_tokens, room)),
                temperature=self._plan.temperature,
                seed=self._plan.seed,
            )
        except openai.OpenAIError as error:
            dead = "" if self._server.is_alive() else f" It has ended: {self._server.log_tail()}"
            raise JudgeUnavailableError(
                f"The vLLM server did not answer: {str(error)[:300]}.{dead}",
                "Resume the run: what is answered is not asked again.",
            ) from error
        choice = reply.choices[0]
        count = reply.usage.completion_tokens if reply.usage else 0
        return Written(choice.text, count, time.monotonic() - began, is_cut=choice.finish_reason == "length")


def vllm_command(start: Start, plan: EvaluationPlan, *, name: str, port: int, program: str) -> list[str]:
    """Return the command line of the server.

    >>> plan = EvaluationPlan(question_set="q")
    >>> " ".join(vllm_command(Start("/m"), plan, name="x", port=1, program="vllm"))
    'vllm serve /m --host 127.0.0.1 --port 1 --served-model-name x --seed 0'
    """
    # What an adapter stands on is served under another name, so that nobody asks it by mistake.
    served = f"{name}.base" if start.adapter else name
    command = [program, "serve", start.base, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--served-model-name", served, "--seed", str(plan.seed)]
    if start.revision and not start.adapter:
        command += ["--revision", start.revision]
    if start.adapter:
        command += ["--enable-lora", "--max-lora-rank", "256", "--lora-modules", f"{name}={start.adapter}"]
    if plan.devices > 1:
        command += ["--tensor-parallel-size", str(plan.devices)]
    return command
