"""What supports each argument of a call: shared by the checks about grounding, computed once per call.

Most values stand word for word in the request, and that is seen at once. Only for the others the
evidence is searched; `weak_arguments` returns those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlam_backend.checks.sample import Sample
from xlam_backend.domain.evidence import Evidence, SaidBefore, evidence_of_argument, said_in
from xlam_backend.domain.parameter_type import MISSING
from xlam_backend.domain.tool_schema import Parameter, ToolSchema
from xlam_backend.domain.trajectory import ToolCall

# Evidence of the values of one argument, by their pointers; arguments by name.
WeakArguments = dict[str, dict[str, Evidence]]
_NONE: WeakArguments = {}


def weak_arguments(sample: Sample, schema: ToolSchema | None, step: int, call: ToolCall) -> WeakArguments:
    """Return the evidence of every argument that is not simply quoted from the request."""
    if sample.memo is not None:
        # The checks that share this look at the same call one after another: the last result is enough.
        last = sample.memo.get("weak")
        if last is not None and last[0] is call:
            found: WeakArguments = last[1]
            return found
    return find_weak_arguments(sample, schema, step, call)


def memo_of(sample: Sample) -> dict[str, Any]:
    """Return where a sample's checks keep what they can share."""
    if sample.memo is None:
        sample.memo = {}
    return sample.memo


def find_weak_arguments(
    sample: Sample, schema: ToolSchema | None, step: int, call: ToolCall
) -> WeakArguments:
    """Look at a call for the first time: do the work of `weak_arguments`."""
    query = sample.trajectory.query
    if are_all_quoted(query, call.arguments.values()):
        return _NONE
    weak: WeakArguments = {}
    for name, value in call.arguments.items():
        if value is None or isinstance(value, bool) or are_all_quoted(query, (value,)):
            continue
        parameter = None if schema is None else schema.parameters.get(name)
        if parameter is not None and isinstance(value, str) and _is_a_choice(value, parameter):
            continue
        weak[name] = _search(sample, schema, step, name, value)
    if weak:
        memo_of(sample)["weak"] = (call, weak)
    return weak


def are_all_quoted(query: str, values: Iterable[Any]) -> bool:
    """Tell whether every value stands in the request word for word, no letter or digit touching it.

    >>> are_all_quoted("Two days in Oslo?", ["Oslo", "Two"]), are_all_quoted("Two days in Oslo?", ["day"])
    (True, False)
    """
    texts = [*map(str, values)]
    padded = query + " "  # also what stands before the first letter: padded[-1]
    for at, text in zip(map(query.find, texts), texts, strict=True):
        if at < 0:
            return False
        if padded[at - 1] not in _GAPS and padded[at - 1].isalnum():
            return False
        after = padded[at + len(text)]
        if after not in _GAPS and after.isalnum():
            return False
    return True


# What stands between words, mostly; other letters that are no part of a word are looked up.
_GAPS = frozenset(" '\"`.,;:!?()[]{}<>/\\|-_=+*&%$#@~^\n\t")


def _is_a_choice(value: str, parameter: Parameter) -> bool:
    """Tell whether a value is one of the allowed ones, and not the default, which nobody need have chosen."""
    return parameter.enum is not None and value in parameter.enum and value != parameter.default


def _search(
    sample: Sample, schema: ToolSchema | None, step: int, name: str, value: Any
) -> dict[str, Evidence]:
    """Search the evidence of every value of one argument."""
    memo = memo_of(sample)
    said: list[SaidBefore] | None = memo.get("said")
    if said is None:
        said = memo["said"] = said_in(sample.trajectory)
    before = [text for text in said if text.step < step]
    return evidence_of_argument(name, value, schema, before)


def is_default(value: Any, parameter: Parameter | None) -> bool:
    """Tell whether a value is its parameter's default."""
    return (
        parameter is not None
        and parameter.default is not MISSING
        and type(value) is type(parameter.default)
        and bool(value == parameter.default)
    )
