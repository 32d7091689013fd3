"""A trajectory as plain data for a reviewer: what was said, what was called, and where each value comes from.

Texts are cut, and steps far from the place in question are given in outline only; `Focus(whole=True)`
gives everything. The view is the same for every person: nothing in it depends on who looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from xlam_backend.domain.evidence import SOURCES, Evidence, evidence_of_call, said_in
from xlam_backend.domain.json_pointer import join_pointer, show_pointer, split_pointer
from xlam_backend.domain.shown_value import content_text, json_text
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import MISSING, Parameter, ToolSchema, schemas_by_name
from xlam_backend.domain.trajectory import Step, ToolCall, Trajectory

MOST_TOOLS = 60  # listed by name; the called ones come first
MOST_INNER_VALUES = 12
_OUTLINE_LETTERS = 160
_NEIGHBOURS = 2
_SHOWN_WHOLE = 10  # a trajectory of so few steps is shown whole
_MOST_EVIDENCE_STEPS = 4

RowLook = Literal["", "place", "missing", "unknown"]


class Limits(msgspec.Struct, frozen=True):
    """After how many characters each kind of text is cut."""

    query: int = 6_000
    thought: int = 3_000
    value: int = 1_500
    observation: int = 3_000
    other: int = 3_000


WIDE = Limits(200_000, 200_000, 100_000, 200_000, 100_000)


class Focus(msgspec.Struct, frozen=True):
    """The place in question, and how much is shown around it.

    `tool` names the tool in question, when it is no call. `before_step`: only what stands before this
    step is shown (-1: everything). `whole`: every step in full, and long texts too.
    """

    step: int = -1
    call: int = -1
    pointer: str = ""
    before_step: int = -1
    whole: bool = False
    tool: str = ""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text as far as it is shown; `cut` characters more are not. `marks` are (start, end, is of the call
    in question): words that support a value.
    """

    text: str
    cut: int = 0
    marks: tuple[tuple[int, int, bool], ...] = ()


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one value comes from, in words; `words` is what was said there.

    `source`, `step`, `observation` and `start` lead to the place; `is_grounded` False: nothing supports it.
    """

    path: str
    where: str
    how: str = ""
    words: str = ""
    source: str = ""
    step: int = -1
    observation: int = -1
    start: int = -1
    is_grounded: bool = True


class ArgumentRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument beside what the tool declares; look "missing": it is declared, but not given."""

    name: str
    value: Said
    declared: str = ""
    described: str = ""
    origins: tuple[Origin, ...] = ()
    more_origins: int = 0
    look: RowLook = ""


class CallView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call. `tool_words` is the description of its tool; `is_focus`: it is the call in question."""

    name: str
    rows: tuple[ArgumentRow, ...] = ()
    is_offered: bool = True
    is_focus: bool = False
    tool_words: str = ""
    unreadable: Said | None = None


class SeenView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One observation, and the tool it names."""

    content: Said
    name: str = ""


class StepView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step; in outline when `is_outline`: then only `outline` is filled."""

    index: int
    outline: str
    is_outline: bool = False
    is_focus: bool = False
    thought: Said | None = None
    calls: tuple[CallView, ...] = ()
    observations: tuple[SeenView, ...] = ()
    user: Said | None = None


class ToolView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool on offer: its name, how often it is called, its parameters in one line each."""

    name: str
    words: str = ""
    parameters: tuple[str, ...] = ()
    call_count: int = 0


class TraceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a reviewer sees of a trajectory."""

    query: Said
    instructions: tuple[tuple[str, Said], ...] = ()
    tools: tuple[ToolView, ...] = ()
    tool_count: int = 0
    tools_stated: bool = True
    steps: tuple[StepView, ...] = ()
    step_count: int = 0


def make_trace(trajectory: Trajectory, focus: Focus) -> TraceView:
    """Return a trajectory as it is shown around a place."""
    return _Drawing(trajectory, focus).trace()


def show_text(text: str, limit: int) -> Said:
    """Return a text as far as it is shown."""
    return Said(text[:limit], max(0, len(text) - limit))


def declared_words(parameter: Parameter) -> str:
    """Return what a tool declares of a parameter on one line: type, required or not, default, choices."""
    parts = [parameter.type.spelling or parameter.type.kind, "required" if parameter.required else "optional"]
    if parameter.default is not MISSING:
        parts.append(f"default {json_text(parameter.default)[:120]}")
    if parameter.enum is not None:
        parts.append("one of " + ", ".join(json_text(value) for value in parameter.enum)[:400])
    return " · ".join(parts)


def show_call(
    call: ToolCall, schema: ToolSchema | None, *, tools_stated: bool, limit: int = 1_500
) -> CallView:
    """Return a call on its own: its arguments beside what the tool declares, without their origins."""
    rows = tuple(_argument_row(name, value, schema, (), "", limit) for name, value in call.arguments.items())
    return CallView(
        call.name,
        rows,
        is_offered=schema is not None or not tools_stated,
        tool_words=schema.tool.description[:600] if schema else "",
        unreadable=show_text(call.unreadable, limit) if call.unreadable else None,
    )


class _Drawing:
    """What is known while one trace is made."""

    def __init__(self, trajectory: Trajectory, focus: Focus) -> None:
        self.trajectory = trajectory
        self.focus = focus
        self.limits = WIDE if focus.whole else Limits()
        self.schemas = schemas_by_name(trajectory.tools)
        self.said = said_in(trajectory)
        end = len(trajectory.steps) if focus.before_step < 0 else focus.before_step
        self.steps = trajectory.steps[:end]
        self.own_evidence = self._evidence(focus.step, focus.call)
        self.full = self._full_steps()
        self.evidence = {
            (index, place): self._evidence(index, place)
            for index in self.full
            for place in range(len(self.steps[index].tool_calls))
        }
        self.marks = _marks(self.evidence, (focus.step, focus.call))

    def trace(self) -> TraceView:
        trajectory, limits = self.trajectory, self.limits
        instructions = (
            ("Task instruction", trajectory.task_instruction),
            ("Format instruction", trajectory.format_instruction),
            (
                "Few-shot examples",
                json_text(list(trajectory.few_shot_examples)) if trajectory.few_shot_examples else "",
            ),
        )
        return TraceView(
            query=self._marked(trajectory.query, ("query", -1, -1), limits.query),
            instructions=tuple(
                (title, show_text(text, limits.other)) for title, text in instructions if text
            ),
            tools=self._tools(),
            tool_count=len(trajectory.tools),
            tools_stated=trajectory.tools_stated,
            steps=tuple(self._step(index, step) for index, step in enumerate(self.steps)),
            step_count=len(self.steps),
        )

    def _full_steps(self) -> list[int]:
        """Return the steps shown in full: those around the place, and those its values come from."""
        count = len(self.steps)
        if self.focus.whole or count <= _SHOWN_WHOLE:
            return list(range(count))
        centre = self.focus.step if 0 <= self.focus.step < count else count - 1
        if self.focus.step < 0 and self.focus.before_step < 0:
            centre = 0  # the trajectory as a whole: from its beginning
        shown = {centre + offset for offset in range(-_NEIGHBOURS, _NEIGHBOURS + 1)} | {count - 1}
        sources = [
            found.step for found in self.own_evidence.values() if found.source in ("observation", "user")
        ]
        shown.update(sources[:_MOST_EVIDENCE_STEPS])
        return sorted(index for index in shown if 0 <= index < count)

    def _evidence(self, step: int, place: int) -> dict[str, Evidence]:
        if not (0 <= step < len(self.trajectory.steps)) or place < 0:
            return {}
        calls = self.trajectory.steps[step].tool_calls
        if place >= len(calls):
            return {}
        call = calls[place]
        before = [text for text in self.said if text.step < step]
        return evidence_of_call(call, self.schemas.get(call.name), before)

    def _marked(self, text: str, place: tuple[str, int, int], limit: int) -> Said:
        marks = tuple(
            (start, end, own)
            for start, (end, own) in sorted(self.marks.get(place, {}).items())
            if end <= min(len(text), limit)
        )
        return Said(text[:limit], max(0, len(text) - limit), _without_overlaps(marks))

    def _step(self, index: int, step: Step) -> StepView:
        is_focus = index == self.focus.step
        if index not in self.full:
            return StepView(index, step_outline(step), is_outline=True, is_focus=is_focus)
        limits = self.limits
        return StepView(
            index,
            step_outline(step),
            is_focus=is_focus,
            thought=show_text(step.thought, limits.thought) if step.thought else None,
            calls=tuple(self._call(index, place, call) for place, call in enumerate(step.tool_calls)),
            observations=tuple(self._observation(index, place) for place in range(len(step.observations))),
            user=self._marked(step.user_input, ("user", index, -1), limits.thought)
            if step.user_input
            else None,
        )

    def _observation(self, step: int, place: int) -> SeenView:
        seen = self.trajectory.steps[step].observations[place]
        text = content_text(seen.content)
        if isinstance(seen.content, str):
            shown = self._marked(text, ("observation", step, place), self.limits.observation)
        else:
            shown = show_text(text, self.limits.observation)
        return SeenView(shown, seen.name[:200])

    def _call(self, step: int, place: int, call: ToolCall) -> CallView:
        is_focus = step == self.focus.step and place == self.focus.call
        schema = self.schemas.get(call.name) if self.trajectory.tools_stated else None
        evidence = self.evidence.get((step, place), {})
        argument = split_pointer(self.focus.pointer)[:1] if is_focus else ()
        rows = [
            _argument_row(
                name,
                value,
                schema,
                _origins(name, evidence),
                "place" if (name,) == argument else "",
                self.limits.value,
            )
            for name, value in call.arguments.items()
        ]
        if argument and argument[0] not in call.arguments and schema and argument[0] in schema.parameters:
            rows.append(_missing_row(schema.parameters[argument[0]]))
        return CallView(
            call.name[:300],
            tuple(rows),
            is_offered=schema is not None or not self.trajectory.tools_stated,
            is_focus=is_focus,
            tool_words=schema.tool.description[:600] if schema and is_focus else "",
            unreadable=show_text(call.unreadable, self.limits.value) if call.unreadable else None,
        )

    def _tools(self) -> tuple[ToolView, ...]:
        counts: dict[str, int] = {}
        for step in self.steps:
            for call in step.tool_calls:
                counts[call.name] = counts.get(call.name, 0) + 1
        asked = self.focus.tool
        order = sorted(self.trajectory.tools, key=lambda tool: (tool.name != asked, tool.name not in counts))
        return tuple(self._tool(tool, counts.get(tool.name, 0)) for tool in order[:MOST_TOOLS])

    def _tool(self, tool: Tool, call_count: int) -> ToolView:
        words = self.limits.other if self.focus.whole else 200
        parameters = tuple(
            f"{name}: {declared_words(parameter)}"[:400]
            for name, parameter in self.schemas[tool.name].parameters.items()
        )
        return ToolView(tool.name[:300], tool.description[:words], parameters[:40], call_count)


def step_outline(step: Step) -> str:
    """Return a step on one line: what it calls, and how its thought begins.

    >>> step_outline(Step(thought="First the weather.", tool_calls=(ToolCall("get_weather"),)))
    'get_weather · First the weather.'
    """
    calls = ", ".join(call.name for call in step.tool_calls[:4])
    more = f" and {len(step.tool_calls) - 4} more" if len(step.tool_calls) > 4 else ""
    thought = " ".join(step.thought[: _OUTLINE_LETTERS * 2].split())[:_OUTLINE_LETTERS]
    said = f"user: {' '.join(step.user_input[:_OUTLINE_LETTERS].split())}" if step.user_input else ""
    return " · ".join(part for part in (calls + more, thought, said) if part) or "nothing"


def origin_of(path: str, found: Evidence) -> Origin:
    """Return in words where a value comes from."""
    places = {
        "user": f"user, step {found.step + 1}",
        "observation": f"observation, step {found.step + 1}",
    }
    where = places.get(found.source, SOURCES[found.source])
    if found.source == "observation" and found.pointer:
        where += f" · {show_pointer(found.pointer)[:60]}"
    return Origin(
        path,
        where,
        found.rule,
        found.text[:200],
        found.source,
        found.step,
        found.observation,
        found.start,
        found.is_grounded,
    )


def _origins(name: str, evidence: Mapping[str, Evidence]) -> tuple[Origin, ...]:
    own = join_pointer([name])
    if own in evidence:
        return (origin_of("", evidence[own]),)
    return tuple(
        origin_of(show_pointer(join_pointer(split_pointer(pointer)[1:])), found)
        for pointer, found in evidence.items()
        if pointer.startswith(own + "/")
    )


def _argument_row(
    name: str,
    value: Any,
    schema: ToolSchema | None,
    origins: Sequence[Origin],
    look: RowLook,
    limit: int,
) -> ArgumentRow:
    parameter = schema.parameters.get(name) if schema else None
    declared = declared_words(parameter) if parameter else ""
    if parameter is None and schema is not None:
        declared = "any further argument is allowed" if schema.open_ended else "not among the parameters"
        look = look or ("" if schema.open_ended else "unknown")
    return ArgumentRow(
        name[:300],
        show_text(json_text(value), limit),
        declared,
        parameter.description[:300] if parameter else "",
        tuple(origins[:MOST_INNER_VALUES]),
        max(0, len(origins) - MOST_INNER_VALUES),
        look,
    )


def _missing_row(parameter: Parameter) -> ArgumentRow:
    return ArgumentRow(
        parameter.name[:300],
        Said(""),
        declared_words(parameter),
        parameter.description[:300],
        look="missing",
    )


def _marks(
    evidence: Mapping[tuple[int, int], Mapping[str, Evidence]], own: tuple[int, int]
) -> dict[tuple[str, int, int], dict[int, tuple[int, bool]]]:
    """Return the spans that support values, by text: {place: {start: (end, is of the call in question)}}."""
    spans: dict[tuple[str, int, int], dict[int, tuple[int, bool]]] = {}
    for place, of_call in evidence.items():
        for found in of_call.values():
            if found.start < 0 or (found.source == "observation" and found.pointer):
                continue
            ends = spans.setdefault((found.source, found.step, found.observation), {})
            end, is_own = ends.get(found.start, (0, False))
            ends[found.start] = (max(end, found.end), is_own or place == own)
    return spans


def _without_overlaps(marks: Iterable[tuple[int, int, bool]]) -> tuple[tuple[int, int, bool], ...]:
    """Keep marks that do not overlap: those of the call in question first, then the earlier ones."""
    kept: list[tuple[int, int, bool]] = []
    for start, end, own in sorted(marks, key=lambda mark: (not mark[2], mark[0])):
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, own))
    return tuple(sorted(kept))
