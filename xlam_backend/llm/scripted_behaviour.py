"""How the scripted server behaves: its speed, its faults on demand, and what it would bill."""

from __future__ import annotations

import random
from collections import Counter
from typing import Literal, get_args

import msgspec

from xlam_backend.errors import SettingError

Fault = Literal[
    "rate_limit", "error", "hang", "broken", "truncated", "slow", "wrong_schema", "prose", "malformed"
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
REFUSALS: tuple[Fault, ...] = ("rate_limit", "error")  # nothing is answered, so nothing is billed


class Behaviour(msgspec.Struct, frozen=True):
    """What a server was started with; `faults` gives the share of calls, 0..1, that go wrong in each way.

    rate_limit    429 with Retry-After
    error         500
    hang          the answer is made, and sent `hang_seconds` later
    broken        the connection breaks in the middle of the body
    truncated     the body ends in the middle of its JSON
    slow          the body comes in pieces over `slow_seconds`
    wrong_schema  JSON, and no chat completion
    prose         the answer stands between words
    malformed     the answer itself is cut in half

    A request that came `most_faults` times is served right from then on; None: it never gets easier.
    """

    seed: int = 0
    latency_seconds: float = 0.0
    faults: dict[Fault, float] = {}
    retry_after_seconds: float = 0.2
    hang_seconds: float = 600.0
    slow_seconds: float = 1.0
    context_tokens: int = 128_000
    most_faults: int | None = None

    def __post_init__(self) -> None:
        """Refuse shares that cannot be."""
        shares = self.faults.values()
        if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1:
            raise SettingError(
                "The shares of faults must lie between 0 and 1, and not exceed 1 together.", "Lower them."
            )

    def fault(self, request: str, time_seen: int) -> Fault | None:
        """Return what goes wrong with a request, None for nothing; the same every time it is asked."""
        if self.most_faults is not None and time_seen > self.most_faults:
            return None
        drawn = random.Random(f"{self.seed} {request} {time_seen}").random()  # noqa: S311 - no secret
        for fault in FAULTS:
            drawn -= self.faults.get(fault, 0.0)
            if drawn < 0:
                return fault
        return None


class Bill:
    """What the server has done so far; a call that comes again with its idempotency key is billed once."""

    def __init__(self) -> None:
        self.requests = 0
        self.faults: Counter[str] = Counter()
        self.repeated = 0
        self.now = 0
        self.most_at_once = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.busy_seconds = 0.0
        self._keys: Counter[str] = Counter()
        self._usable: Counter[str] = Counter()
        self._without_key = 0

    def add(self, key: str, request: str, *, input_tokens: int, output_tokens: int, is_usable: bool) -> None:
        """Bill a call."""
        if key:
            self._keys[key] += 1
        else:
            self._without_key += 1
        self._usable[request] += is_usable
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    def report(self) -> dict[str, object]:
        """Return all counts."""
        return {
            "requests": self.requests,
            "billed_calls": self._keys.total() + self._without_key,
            "distinct_keys": len(self._keys),
            "billed_twice_by_key": sum(1 for count in self._keys.values() if count > 1),
            "answered_twice": sum(1 for count in self._usable.values() if count > 1),
            "repeated_without_bill": self.repeated,
            "faults": dict(self.faults),
            "most_at_once": self.most_at_once,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "busy_seconds": self.busy_seconds,
        }
