"""A whole trajectory as one block of inert HTML: fast at hundreds of steps, safe whatever the data holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pages.parts.call_view import call_html, declared_html, finding_line
from pages.parts.counted import counted
from pages.parts.evidence_marks import EvidenceMarks
from pages.parts.json_html import content_text, json_text
from pages.parts.rating_words import rating_line
from pages.parts.safe_text import LONGEST_TEXT, text_html
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.domain.trajectory import Observation, Step, Trajectory
from xlam_backend.explore.trajectory_page import StoredFinding, StoredRating, TrajectoryPage


def trajectory_html(page: TrajectoryPage, *, longest: int = LONGEST_TEXT) -> str:
    """Return the task, the tools and every step, with each finding and each value's evidence in its place.

    Texts longer than `longest` are cut and say so.
    """
    marks = EvidenceMarks(page.evidence)
    trajectory = page.trajectory
    parts = [
        _task(trajectory, marks, longest),
        _instructions(trajectory, longest),
        _tools(page),
        "".join(_step(page, index, step, marks, longest) for index, step in enumerate(trajectory.steps)),
        _extra(trajectory, longest),
    ]
    return f'<div class="xs-trace">{"".join(parts)}</div>'


def is_cut(trajectory: Trajectory, longest: int = LONGEST_TEXT) -> bool:
    """Tell whether the view cuts any text of this trajectory."""
    texts = [trajectory.query, trajectory.task_instruction, trajectory.format_instruction]
    for step in trajectory.steps:
        texts += [step.thought, step.user_input, *(call.unreadable for call in step.tool_calls)]
        texts += [content_text(seen.content) for seen in step.observations]
        texts += [content_text(value) for call in step.tool_calls for value in call.arguments.values()]
    return any(len(text) > longest for text in texts)


def call_anchor(step: int, call: int) -> str:
    """Return the id of a call's card, or of its step when `call` is -1."""
    return f"xs-call-{step}-{call}" if call >= 0 else f"xs-step-{step}"


def _task(trajectory: Trajectory, marks: EvidenceMarks, longest: int) -> str:
    query = marks.marked_html(trajectory.query, ("query", -1, -1), longest) or "<i>no request</i>"
    words = f'<h4>Task</h4><div class="xs-text">{query}</div>'
    return f'<section class="xs-card xs-task" id="xs-task">{words}</section>'


def _instructions(trajectory: Trajectory, longest: int) -> str:
    texts = (
        ("Task instruction", trajectory.task_instruction),
        ("Format instruction", trajectory.format_instruction),
        (
            "Few-shot examples",
            json_text(list(trajectory.few_shot_examples)) if trajectory.few_shot_examples else "",
        ),
    )
    return "".join(
        f'<details><summary>{title}</summary><div><pre class="xs-text">{text_html(text, longest)}</pre></div>'
        "</details>"
        for title, text in texts
        if text
    )


def _tools(page: TrajectoryPage) -> str:
    trajectory = page.trajectory
    if not trajectory.tools_stated:
        return '<p class="xs-note xs-gap-below">The source does not say which tools there were.</p>'
    calls = Counter(call.name for step in trajectory.steps for call in step.tool_calls)
    called = sum(1 for tool in trajectory.tools if calls[tool.name])
    faults: dict[str, list[StoredFinding]] = {}
    for found in page.findings.tool_findings:
        faults.setdefault(found.finding.tool, []).append(found)
    listed = "".join(
        _tool(tool, page.schemas[tool.name], calls[tool.name], faults.get(tool.name, []))
        for tool in trajectory.tools
    )
    count = len(trajectory.tools)
    head = f"{counted(count, 'tool')} on offer, {called} called"
    if faults:
        head += f" · {sum(map(len, faults.values()))} remarks on their specifications"
    return f"<details><summary>{head}</summary><div>{listed or 'None.'}</div></details>"


def _tool(tool: Tool, schema: ToolSchema, call_count: int, faults: Sequence[StoredFinding]) -> str:
    rows = "".join(
        f'<tr><td class="xs-arg">{text_html(name, 300)}</td>'
        f'<td class="xs-declared">{declared_html(parameter)}</td></tr>'
        for name, parameter in schema.parameters.items()
    )
    used = f' <span class="xs-chip xs-plain">called {call_count}×</span>' if call_count else ""
    marks = f' <span class="xs-chip xs-plain">{len(faults)} remarks</span>' if faults else ""
    table = (
        f'<div class="xs-call"><table><colgroup><col style="width:26%"><col></colgroup>{rows}</table></div>'
    )
    return (
        f"<details><summary><code>{text_html(tool.name or '(no name)', 300)}</code>{used}{marks}</summary>"
        "<div>"
        f"<p>{text_html(tool.description, 2000)}</p>{table if rows else '<p>No parameters.</p>'}"
        f"{''.join(finding_line(found) for found in faults)}</div></details>"
    )


def _step(page: TrajectoryPage, index: int, step: Step, marks: EvidenceMarks, longest: int) -> str:
    here = [found for found in page.findings.findings if found.finding.step == index]
    about_step = [found for found in here if found.finding.call < 0]
    rated = [one for one in page.ratings if one.rating.step == index and _is_mark(one)]
    parts = []
    if step.thought:
        parts.append(f'<div class="xs-thought">{text_html(step.thought, longest)}</div>')
    parts += [finding_line(found) for found in about_step]
    parts += [rating_line(one) for one in rated if one.rating.call < 0]
    parts += [
        call_html(
            call,
            page.schemas.get(call.name) if page.trajectory.tools_stated else None,
            [found for found in here if found.finding.call == place],
            page.evidence.get((index, place), {}),
            ratings=[one for one in rated if one.rating.call == place],
            anchor=call_anchor(index, place),
            tools_stated=page.trajectory.tools_stated,
            longest=longest,
        )
        for place, call in enumerate(step.tool_calls)
    ]
    parts += [
        _observation(index, place, seen, marks, longest) for place, seen in enumerate(step.observations)
    ]
    if step.user_input:
        said = marks.marked_html(step.user_input, ("user", index, -1), longest)
        parts.append(f'<h4>User</h4><div class="xs-user">{said}</div>')
    bad = any(found.finding.level in ("reject", "fix") for found in here)
    return (
        f'<section class="xs-step" id="{call_anchor(index, -1)}">'
        f'<div class="xs-rail{" xs-bad" if bad else ""}"><b title="step {index + 1}">{index + 1}</b></div>'
        f'<div class="xs-body">{"".join(parts)}</div></section>'
    )


def _is_mark(stored: StoredRating) -> bool:
    """Tell whether a rating marks its place: it flags it, and is not one vote of a committee."""
    return stored.rating.is_flagged and stored.rating.member != "member"


def _observation(step: int, place: int, seen: Observation, marks: EvidenceMarks, longest: int) -> str:
    text = content_text(seen.content)
    if isinstance(seen.content, str):
        shown = marks.marked_html(text, ("observation", step, place), longest)
    else:
        shown = text_html(text, longest)
    name = f" · {text_html(seen.name, 120)}" if seen.name else ""
    return (
        f'<div class="xs-observation" id="xs-seen-{step}-{place}"><h4>Observation{name}</h4>'
        f"<pre>{shown or '(empty)'}</pre></div>"
    )


def _extra(trajectory: Trajectory, longest: int) -> str:
    if not trajectory.extra:
        return ""
    text = text_html(json_text(trajectory.extra), longest)
    return f"<details><summary>What else the source says</summary><div><pre>{text}</pre></div></details>"
