"""An error that was planted in a correct step, to give the rejected side of a pair."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.domain.pair import Pair

CorruptionKind = Literal[
    "wrong_tool",
    "undefined_function",
    "missing_argument",
    "undefined_argument",
    "wrong_value",
    "outside_enum",
    "wrong_type",
    "placeholder",
    "missing_call",
    "repeated_call",
    "unasked_call",
    "unreadable",
    "call_in_prose",
]
CORRUPTION_KINDS: tuple[CorruptionKind, ...] = get_args(CorruptionKind)


class Corruption(msgspec.Struct, frozen=True):
    """Which error was planted, where, and what shows that the step is worse for it.

    `call` is the call of the chosen side that was changed or, for one that was added, the place it took
    on the rejected side; `pointer` is the argument, "" for the call as a whole. `words` say what was
    done. `flagged_by` is the check that has something against the rejected side there and nothing
    against the chosen one; "" where the calls themselves show it. `finding_count` is how many findings
    of level reject or fix the rejected side has.
    """

    kind: CorruptionKind
    call: int
    pointer: str
    words: str
    flagged_by: str
    finding_count: int
    seed: int


class CorruptedPair(msgspec.Struct, frozen=True):
    """A pair made by planting an error, before or after it is numbered."""

    pair: Pair
    corruption: Corruption
