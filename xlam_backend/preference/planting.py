"""Plants one error of a named kind in a step, decided by the generator alone.

Nothing here says that the outcome is worse: `verify.py` does, by the alignment of the calls and by a check.
A planter returns None where its error cannot be planted.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from xlam_backend.domain.json_pointer import join_pointer
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.preference.offered import ArgumentKind, OfferedTool

ValuesOf = Mapping[str, Sequence[str]]  # texts that other trajectories give for an argument of this name

_ISO_DATE = re.compile(r"(\d{4}-\d{2}-)(\d{2})$")
_MOST_TRIES = 12
_SHOWN = 60


class Scene(msgspec.Struct, frozen=True):
    """A correct step, the tools on offer by name, and what other steps give as values."""

    side: PairSide
    tools: Mapping[str, OfferedTool]
    values: ValuesOf = {}


class Planted(msgspec.Struct, frozen=True):
    """A step with one error: at which call, at which argument ("" for the call), and what was done."""

    side: PairSide
    call: int
    pointer: str
    words: str


Planter = Callable[[Scene, int, random.Random], Planted | None]


def plant_wrong_tool(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Call another tool on offer, its arguments taken from the call; the most alike is likeliest."""
    call = scene.side.tool_calls[at]
    others = [name for name in sorted(scene.tools) if name and name != call.name]
    if not others or call.name not in scene.tools:
        return None
    shared = [len(scene.tools[name].arguments.keys() & call.arguments.keys()) for name in others]
    name = rng.choices(others, [1 + 3 * count for count in shared])[0]
    tool = scene.tools[name]
    if tool.arguments == scene.tools[call.name].arguments and _alike(name, call.name):
        return None
    given = _fitted(call.arguments, scene.tools[call.name], tool)
    return _with_call(scene, at, ToolCall(name, given, call.call_id), f"{call.name} became {name}")


def plant_undefined_function(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Misspell, recase or replace the called name."""
    call = scene.side.tool_calls[at]
    names = wrong_function_names(call.name, rng)
    name = names[rng.choice(sorted(names))]
    if not name or name in scene.tools:
        return None
    return _with_call(
        scene,
        at,
        msgspec.structs.replace(call, name=name),
        f"{call.name} became {name}, which is not on offer",
    )


def plant_missing_argument(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Leave out one required argument."""
    call = scene.side.tool_calls[at]
    known = _arguments(scene, call)
    required = sorted(name for name in call.arguments if name in known and known[name].is_required)
    if not required:
        return None
    gone = rng.choice(required)
    kept = {name: value for name, value in call.arguments.items() if name != gone}
    return _with_arguments(scene, at, kept, gone, f"{gone} was left out")


def plant_undefined_argument(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Give one argument a name that the tool does not have: a letter more, another case, another word."""
    call = scene.side.tool_calls[at]
    tool = scene.tools.get(call.name)
    if tool is None or tool.is_open or not call.arguments:
        return None
    name = rng.choice(sorted(call.arguments))
    names = wrong_argument_names(name, rng)
    wrong = names[rng.choice(sorted(names))]
    if wrong in tool.arguments or wrong in call.arguments:
        return None
    renamed = {wrong if key == name else key: value for key, value in call.arguments.items()}
    return _with_arguments(scene, at, renamed, wrong, f"{name} became {wrong}")


def plant_wrong_value(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Give one text or number another value of its kind that other requests would ask for."""
    call = scene.side.tool_calls[at]
    known = _arguments(scene, call)
    free = sorted(
        name
        for name, value in call.arguments.items()
        if isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and name in known
        and not known[name].choices
    )
    if not free:
        return None
    name = rng.choice(free)
    wrong = _other_value(call.arguments[name], scene.values.get(name, ()), rng)
    return None if wrong is None else _with_value(scene, at, name, wrong)


def plant_outside_enum(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Give an argument that has an enum a text that is none of it, or one of it in another case."""
    call = scene.side.tool_calls[at]
    known = _arguments(scene, call)
    listed = sorted(
        name
        for name, value in call.arguments.items()
        if isinstance(value, str) and name in known and value in known[name].choices
    )
    if not listed:
        return None
    name = rng.choice(listed)
    value = call.arguments[name]
    wrong = choice_outside(value, known[name].choices, rng)
    return _with_value(scene, at, name, wrong)


def plant_wrong_type(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Write a number, boolean, list or object as a text, or give an argument a value of another kind."""
    call = scene.side.tool_calls[at]
    known = _arguments(scene, call)
    typed = sorted(name for name in call.arguments if name in known and known[name].kind != "other")
    if not typed:
        return None
    name = rng.choice(typed)
    value = call.arguments[name]
    if not isinstance(value, str) and rng.random() < 0.6:
        return _with_value(scene, at, name, as_text(value, rng))
    return _with_value(scene, at, name, value_of_another_kind(known[name].kind, rng))


def plant_placeholder(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Put a mark in the place of a text that somebody should have filled in."""
    call = scene.side.tool_calls[at]
    known = _arguments(scene, call)
    texts = sorted(
        name
        for name, value in call.arguments.items()
        if isinstance(value, str) and name in known and not known[name].choices
    )
    if not texts:
        return None
    name = rng.choice(texts)
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
    wrong = rng.choice([f"<{plain}>", "{{" + plain + "}}", f"your_{plain}", f"INSERT_{plain.upper()}_HERE"])
    return _with_value(scene, at, name, wrong)


def plant_missing_call(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Leave one of several calls out."""
    del rng
    calls = scene.side.tool_calls
    if len(calls) < 2:
        return None
    kept = (*calls[:at], *calls[at + 1 :])
    return Planted(_with_calls(scene, kept), at, "", f"the call of {calls[at].name} was left out")


def plant_repeated_call(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Make a call a second time."""
    del rng
    calls = scene.side.tool_calls
    again = msgspec.structs.replace(calls[at], call_id="")
    return Planted(
        _with_calls(scene, (*calls, again)), len(calls), "", f"{calls[at].name} is called once more"
    )


def plant_unasked_call(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Add a call of the same tool with a value that nobody asked for."""
    changed = plant_wrong_value(scene, at, rng)
    if changed is None:
        return None
    calls = scene.side.tool_calls
    extra = msgspec.structs.replace(changed.side.tool_calls[at], call_id="")
    words = f"{extra.name} is called once more, though nobody asked for it: {changed.words}"
    return Planted(_with_calls(scene, (*calls, extra)), len(calls), changed.pointer, words)


def plant_unreadable(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Write the arguments of a call so that they are no JSON object."""
    call = scene.side.tool_calls[at]
    if not call.arguments:
        return None
    text = json.dumps(call.arguments, ensure_ascii=False)
    ways = {
        "cut off": text[: rng.randrange(1, len(text))],
        "written as Python would": repr(call.arguments),
        "without its quotes": text.replace('"', ""),
        "with a comma too many": f"{text[:-1]},}}",
    }
    how = rng.choice(sorted(ways))
    if _is_object(ways[how]):
        return None
    damaged = ToolCall(call.name, {}, call.call_id, unreadable=ways[how])
    return _with_call(scene, at, damaged, f"the arguments of {call.name} are {how}")


def plant_call_in_prose(scene: Scene, at: int, rng: random.Random) -> Planted | None:
    """Only talk of the call instead of making it; for steps of a single call."""
    calls = scene.side.tool_calls
    if len(calls) != 1:
        return None
    call = calls[at]
    text = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
    said = rng.choice(["I will call {}", "Action: {}", "Sure! Here is the call:\n{}"]).replace("{}", text)
    return Planted(PairSide(said), at, "", f"{call.name} is only talked of, not called")


def value_of_another_kind(kind: ArgumentKind, rng: random.Random) -> Any:
    """Return a value that no cast makes one of this kind."""
    wrong: dict[ArgumentKind, list[Any]] = {
        "integer": [True, ["one"], {"value": 1}, "several"],
        "number": [True, ["one"], {"value": 1}, "several"],
        "list": [7, {"value": 1}, True],
        "object": [7, ["one"], "several"],
        "boolean": [["one"], "perhaps", {"value": 1}],
    }
    return rng.choice(wrong.get(kind, [7, 2.5, ["one"], {"value": 1}, True]))


def as_text(value: Any, rng: random.Random) -> str:
    """Return a value written as a text, as JSON or as Python would."""
    return json.dumps(value) if rng.random() < 0.5 else repr(value)


def choice_outside(value: str, choices: Sequence[Any], rng: random.Random) -> str:
    """Return a text that is none of the choices: one of them in another case, or with something added."""
    recased = value.swapcase()
    is_recased = rng.random() < 0.5 and recased not in choices
    return recased if is_recased else f"{value} {rng.randrange(100, 1000)}"


def wrong_function_names(name: str, rng: random.Random) -> dict[str, str]:
    """Return ways to get the name of a function wrong, by what is done to it."""
    letter = rng.randrange(len(name)) if name else 0
    return {
        "letter dropped": name[:letter] + name[letter + 1 :],
        "case changed": name.swapcase(),
        "other name": f"get_{rng.choice(['status', 'details', 'report', 'summary'])}_{rng.randrange(1000)}",
    }


def wrong_argument_names(name: str, rng: random.Random) -> dict[str, str]:
    """Return ways to get the name of an argument wrong, by what is done to it."""
    return {
        "letter added": name + rng.choice("sxe"),
        "case changed": name.swapcase(),
        "other name": "extra_option",
    }


def _fitted(given: Mapping[str, Any], own: OfferedTool, other: OfferedTool) -> dict[str, Any]:
    """Return arguments for another tool: those it has as well, then values of the kinds it needs."""
    fitted = {name: value for name, value in given.items() if other.is_open or name in other.arguments}
    spare = {name: value for name, value in given.items() if name not in fitted and name in own.arguments}
    for name, needed in other.arguments.items():
        if needed.is_required and name not in fitted and not needed.choices:
            fitting = next((key for key in spare if own.arguments[key].kind == needed.kind), None)
            if fitting is not None:
                fitted[name] = spare.pop(fitting)
    return fitted


def _arguments(scene: Scene, call: ToolCall) -> Mapping[str, Any]:
    tool = scene.tools.get(call.name)
    return tool.arguments if tool else {}


def _with_calls(scene: Scene, calls: tuple[ToolCall, ...]) -> PairSide:
    return PairSide(scene.side.thought, calls)


def _with_call(scene: Scene, at: int, call: ToolCall, words: str, pointer: str = "") -> Planted:
    calls = scene.side.tool_calls
    return Planted(_with_calls(scene, (*calls[:at], call, *calls[at + 1 :])), at, pointer, words)


def _with_arguments(scene: Scene, at: int, given: dict[str, Any], name: str, words: str) -> Planted:
    call = msgspec.structs.replace(scene.side.tool_calls[at], arguments=given)
    return _with_call(scene, at, call, words, join_pointer([name]))


def _with_value(scene: Scene, at: int, name: str, wrong: Any) -> Planted:
    given = scene.side.tool_calls[at].arguments
    words = f"{name}: {show_value(given[name], _SHOWN)} became {show_value(wrong, _SHOWN)}"
    return _with_arguments(scene, at, {**given, name: wrong}, name, words)


def _other_value(value: str | float, texts: Sequence[str], rng: random.Random) -> str | float | None:
    """Return another value of the same kind; None where nothing plausible is known."""
    if isinstance(value, int):
        return value + rng.choice([-1, 1]) * rng.randrange(1, 2 * abs(value) + 10)
    if isinstance(value, float):
        return round(value * rng.choice([0.1, 0.5, 1.5, 2.0, 10.0]) + rng.randrange(1, 10), 4)
    if date := _ISO_DATE.search(value):
        day = rng.choice([day for day in range(1, 29) if day != int(date[2])])
        return f"{value[: date.start()]}{date[1]}{day:02}"
    for _ in range(_MOST_TRIES if texts else 0):
        other = rng.choice(texts)
        if not _alike(other, value):
            return other
    return None


def _alike(one: str, other: str) -> bool:
    """Tell whether one text holds the other, case and what stands between words aside."""
    first, second = (re.sub(r"\W+", "", text.casefold()) for text in (one, other))
    return first in second or second in first


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
