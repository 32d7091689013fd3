"""Plants one known error in a gold trajectory, seeded, so that recall can be counted.

Each planter looks only at the tool's own text, never at what the checks read from it, so a parameter
the checks misread counts as missed. What is planted is what the product plants for preference pairs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from benchmarks.bfcl_gold import GoldSample
from xlam_backend.domain.json_pointer import join_pointer
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.preference.offered import ArgumentKind
from xlam_backend.preference.planting import (
    as_text,
    choice_outside,
    value_of_another_kind,
    wrong_argument_names,
    wrong_function_names,
)

_NUMBERS = {"integer", "int", "long", "float", "number", "double"}
_LISTS = {"array", "list", "tuple", "arraylist"}
_OBJECTS = {"dict", "object", "hashmap"}


class Planted(msgspec.Struct, frozen=True):
    """A trajectory with one error, where it stands, and what stood there before."""

    sample_id: str
    trajectory: Trajectory
    rule_id: str
    kind: str
    step: int
    call: int
    pointer: str = ""
    gold: Any = None


Planter = Callable[[GoldSample, int, random.Random], Iterator[Planted]]


def plant(planter: Planter, samples: list[GoldSample], seed: int) -> Iterator[Planted]:
    """Plant errors in every call that can bear one."""
    for sample in samples:
        for at in range(len(sample.trajectory.steps[0].tool_calls)):
            yield from planter(sample, at, random.Random(f"{seed}/{sample.id}/{at}"))


def wrong_function_name(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Misspell, recase or replace the called name."""
    call = _call(sample, at)
    changes = wrong_function_names(call.name, rng)
    offered = {tool.name for tool in sample.trajectory.tools}
    kind = rng.choice(sorted(changes))
    if changes[kind] not in offered:
        yield _planted(sample, at, msgspec.structs.replace(call, name=changes[kind]), "C2", kind)


def wrong_argument_name(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Rename one argument: a letter more, another case, or another word."""
    call = _call(sample, at)
    if not call.arguments:
        return
    name = rng.choice(sorted(call.arguments))
    changes = wrong_argument_names(name, rng)
    kind = rng.choice(sorted(changes))
    changed = changes[kind]
    if changed in _specs(sample, call.name):
        return
    arguments = {changed if key == name else key: value for key, value in call.arguments.items()}
    made = msgspec.structs.replace(call, arguments=arguments)
    yield _planted(sample, at, made, "C3", kind, pointer=join_pointer([changed]), gold=name)


def missing_argument(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Leave out one required argument."""
    call = _call(sample, at)
    required = [name for name in _parameters(sample, call.name).get("required", []) if name in call.arguments]
    if not required:
        return
    name = rng.choice(required)
    arguments = {key: value for key, value in call.arguments.items() if key != name}
    made = msgspec.structs.replace(call, arguments=arguments)
    yield _planted(sample, at, made, "C4", "left out", pointer=join_pointer([name]))


def outside_enum(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Give each argument that has an enum a value that is none of it, or one of it in another case."""
    call = _call(sample, at)
    for name, value in call.arguments.items():
        spec = _specs(sample, call.name).get(name)
        allowed = spec.get("enum") if isinstance(spec, dict) else None
        if not allowed or not isinstance(value, str) or value not in allowed:
            continue
        wrong = choice_outside(value, allowed, rng)
        kind = "case changed" if wrong == value.swapcase() else "none of them"
        yield _with_value(sample, at, name, wrong, "C6", kind)


def repeated_call(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Make the same call again: in the same step, or one step later with the same observation."""
    step = sample.trajectory.steps[0]
    call = step.tool_calls[at]
    if rng.random() < 0.5:
        steps = (msgspec.structs.replace(step, tool_calls=(*step.tool_calls, call)),)
        place, kind = (0, len(step.tool_calls)), "same step"
    else:
        seen = (Observation({"ok": True}),)
        steps = (Step(tool_calls=(call,), observations=seen), Step(tool_calls=(call,), observations=seen))
        place, kind = (1, 0), "next step"
    trajectory = msgspec.structs.replace(sample.trajectory, steps=steps)
    yield Planted(sample.id, trajectory, "C8", kind, *place)


def stringified_value(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Write one number, boolean, list or object as a text, as JSON or as Python would."""
    call = _call(sample, at)
    names = [name for name in call.arguments if _is_of_declared_kind(sample, call, name)]
    if names:
        name = rng.choice(sorted(names))
        value = call.arguments[name]
        yield _with_value(sample, at, name, as_text(value, rng), "C5", "written as a text")


def other_type(sample: GoldSample, at: int, rng: random.Random) -> Iterator[Planted]:
    """Give one argument a value of another kind, which no cast brings back."""
    call = _call(sample, at)
    names = [name for name in call.arguments if _declared(sample, call.name, name) not in {"any", ""}]
    if not names:
        return
    name = rng.choice(sorted(names))
    wrong = value_of_another_kind(_kind(_declared(sample, call.name, name)), rng)
    yield _with_value(sample, at, name, wrong, "C5", "another kind")


def _kind(declared: str) -> ArgumentKind:
    if declared in _NUMBERS:
        return "number"
    if declared in _LISTS:
        return "list"
    if declared in _OBJECTS:
        return "object"
    return "boolean" if declared == "boolean" else "text"


def foreign_texts(samples: list[GoldSample], seed: int) -> Iterator[Planted]:
    """Put into each text argument a text that stands in another sample's call."""
    texts = sorted({value for sample in samples for value in _texts(sample) if len(value) > 3})
    for sample in samples:
        for at, call in enumerate(sample.trajectory.steps[0].tool_calls):
            rng = random.Random(f"{seed}/foreign/{sample.id}/{at}")
            names = [
                name
                for name, value in call.arguments.items()
                if isinstance(value, str) and "enum" not in (_specs(sample, call.name).get(name) or {})
            ]
            if names:
                name = rng.choice(sorted(names))
                said = _all_text(sample)
                foreign = next(text for text in rng.sample(texts, 50) if text.lower() not in said)
                yield _with_value(sample, at, name, foreign, "C10", "foreign text")


def _texts(sample: GoldSample) -> Iterator[str]:
    for call in sample.trajectory.steps[0].tool_calls:
        yield from (value for value in call.arguments.values() if isinstance(value, str))


def _all_text(sample: GoldSample) -> str:
    """Return all the sample says in its query and tools."""
    return (sample.trajectory.query + json.dumps(msgspec.to_builtins(sample.trajectory.tools))).lower()


def _call(sample: GoldSample, at: int) -> ToolCall:
    return sample.trajectory.steps[0].tool_calls[at]


def _parameters(sample: GoldSample, name: str) -> dict[str, Any]:
    return next((tool.parameters for tool in sample.trajectory.tools if tool.name == name), {})


def _specs(sample: GoldSample, name: str) -> dict[str, Any]:
    return _parameters(sample, name).get("properties", {})


def _declared(sample: GoldSample, name: str, argument: str) -> str:
    spec = _specs(sample, name).get(argument)
    return str(spec.get("type", "")).lower() if isinstance(spec, dict) else ""


def _is_of_declared_kind(sample: GoldSample, call: ToolCall, name: str) -> bool:
    """Tell whether a value is no text and of the kind its declaration names."""
    declared, value = _declared(sample, call.name, name), call.arguments[name]
    if isinstance(value, bool):
        return declared in {"boolean", "bool"}
    if isinstance(value, (int, float)):
        return declared in _NUMBERS
    return (isinstance(value, list) and declared in _LISTS) or (
        isinstance(value, dict) and declared in _OBJECTS
    )


def _with_value(sample: GoldSample, at: int, name: str, value: Any, rule_id: str, kind: str) -> Planted:
    call = _call(sample, at)
    made = msgspec.structs.replace(call, arguments={**call.arguments, name: value})
    pointer = join_pointer([name])
    return _planted(sample, at, made, rule_id, kind, pointer=pointer, gold=call.arguments[name])


def _planted(
    sample: GoldSample,
    at: int,
    call: ToolCall,
    rule_id: str,
    kind: str,
    *,
    pointer: str = "",
    gold: Any = None,
) -> Planted:
    step = sample.trajectory.steps[0]
    calls = (*step.tool_calls[:at], call, *step.tool_calls[at + 1 :])
    steps = (msgspec.structs.replace(step, tool_calls=calls),)
    trajectory = msgspec.structs.replace(sample.trajectory, steps=steps)
    return Planted(sample.id, trajectory, rule_id, kind, 0, at, pointer, gold)
