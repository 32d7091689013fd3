"""A run of the judges without processes and network: a context on a folder, a model that is a function."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from xlam_backend.llm.chat import AskSummary, Reply
from xlam_backend.prompts.fence import read_blocks


class Killed(BaseException):
    """What a killed process looks like from inside: nothing after it runs."""


class FolderContext:
    """What a worker has in hand, on a folder, with nobody watching."""

    def __init__(self, folder, params=None, run_id="run-1"):
        self.run_id = run_id
        self.folder = Path(folder)
        self.params = params or {}
        self.attempt = 1
        self.is_stopped = False
        self.told = []
        self.outcome = {}
        for name in ("input", "output", "state"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def should_stop(self):
        return self.is_stopped

    def progress(self, done, total, words="", **numbers):
        self.told.append((done, total, words, numbers))

    def log(self, text):
        pass

    def has_part(self, name):
        return (self.folder / "output" / name).exists()

    def write_part(self, name, content):
        assert not self.has_part(name), f"{name} is made twice"
        (self.folder / "output" / name).write_bytes(content)

    def set_outcome(self, outcome):
        self.outcome = outcome


class FakeModel:
    """Answers requests in this process. `answer(request)` gives the text, or a whole Reply without its key.

    `asked` is every request it was paid for; `known` replies are given again for nothing, as the cache does.
    """

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.known = {}
        self.kill_after = None

    def __call__(self, requests, on_reply):
        waiting = []
        source = iter(requests)
        count = 0
        while True:
            request = waiting.pop(0) if waiting else next(source, None)
            if request is None:
                break
            count += 1
            waiting.extend(on_reply(self._reply(request)))
        return AskSummary(count, count, 0, 0, 0, len(self.asked), 10 * count, 5 * count, 0.5)

    def _reply(self, request):
        said = (request.model, request.messages)
        if said not in self.known:
            if self.kill_after is not None and len(self.asked) >= self.kill_after:
                raise Killed
            self.asked.append(request)
            self.known[said] = self.answer(request)
        given = self.known[said]
        if isinstance(given, Reply):
            return replace(given, key=request.key)
        return Reply(request.key, "answered", given, input_tokens=10, output_tokens=5, cost=0.25)


def item_of(request):
    """The item that a request is about."""
    user = next(message for message in request.messages if message.role == "user")
    return json.loads(next(block.text for block in read_blocks(user.content) if block.name == "item"))


def verdict_reply(request, verdict, **more):
    """A reply that is right in form."""
    member = {"score": verdict} if isinstance(verdict, int) else {"verdict": verdict}
    return json.dumps({"id": item_of(request)["id"], "rationale": "So it is.", **member, **more})
