"""An item of the desk as one block of inert HTML, for the plain desk."""

from __future__ import annotations

from pages.parts.safe_text import text_html
from xlam_backend.review.item_view import ItemView
from xlam_backend.review.pair_view import AlignedRow, PairView
from xlam_backend.review.samples_view import SamplesView
from xlam_backend.review.trace_view import CallView, Origin, Said, StepView


def item_html(view: ItemView) -> str:
    """Return the question, the record around the place, and what is offered."""
    body = [
        f'<section class="xs-card xs-task"><h4>Request</h4>{_said(view.trace.query)}</section>',
        "".join(_step(step) for step in view.trace.steps),
        _pair(view.pair) if view.pair else "",
    ]
    parts = [
        f'<section class="xs-card"><h4>{text_html(view.guideline.title)}</h4>',
        f"<p><b>{text_html(view.guideline.question)}</b></p>",
        f"<p>{text_html(view.says)}</p>" if view.says else "",
        f'<p class="xs-note">{text_html(view.where)}</p>' if view.where else "",
        "".join(_offered(place, repair.summary) for place, repair in enumerate(view.repairs)),
        "</section>",
        *([_samples(view.samples)] if view.samples else body),
    ]
    return f'<div class="xs-trace">{"".join(parts)}</div>'


def _offered(place: int, summary: str) -> str:
    return f'<p class="xs-note">Repair {place + 1}: {text_html(summary)}</p>'


def _said(said: Said | None) -> str:
    if said is None:
        return ""
    cut = f'<span class="xs-cut">… {said.cut:,} more characters not shown</span>' if said.cut else ""
    return f'<div class="xs-text">{_marked(said)}{cut}</div>'


def _marked(said: Said) -> str:
    shown = []
    done = 0
    for start, end, _ in said.marks:
        shown += [text_html(said.text[done:start]), f"<mark>{text_html(said.text[start:end])}</mark>"]
        done = end
    return "".join([*shown, text_html(said.text[done:])])


def _step(step: StepView) -> str:
    if step.is_outline:
        inside = f'<p class="xs-note">{text_html(step.outline)}</p>'
    else:
        seen = "".join(
            f'<div class="xs-observation"><h4>Observation</h4>{_said(each.content)}</div>'
            for each in step.observations
        )
        user = f"<h4>User</h4>{_said(step.user)}" if step.user else ""
        inside = f"{_said(step.thought)}{''.join(map(_call, step.calls))}{seen}{user}"
    return (
        f'<section class="xs-step"><div class="xs-rail"><b>{step.index + 1}</b></div>'
        f'<div class="xs-body">{inside}</div></section>'
    )


def _call(call: CallView) -> str:
    rows = "".join(
        f'<tr class="{"xs-bad" if row.look else ""}"><td class="xs-arg">{text_html(row.name)}</td>'
        f'<td class="xs-val">{_said(row.value) if row.look != "missing" else "<i>not given</i>"}</td>'
        f'<td class="xs-from">{_origins(row.origins)}</td>'
        f'<td class="xs-declared">{text_html(row.declared)}</td></tr>'
        for row in call.rows
    )
    missing = "" if call.is_offered else ' <span class="xs-chip xs-reject">✖ not on offer</span>'
    name = text_html(call.name or "(no name)")
    return (
        f'<section class="xs-call"><header><code>{name}</code>{missing}</header>'
        f"{_said(call.unreadable)}<table><tbody>{rows}</tbody></table></section>"
    )


def _origins(origins: tuple[Origin, ...]) -> str:
    return "".join(
        f"<div>{text_html(origin.path)} {text_html(origin.where)}</div>"
        if origin.is_grounded
        else '<div class="xs-from xs-none">✖ nothing supports it</div>'
        for origin in origins
    )


def _pair(pair: PairView) -> str:
    rows = "".join(_aligned(row) for row in pair.rows)
    return (
        '<div class="xs-call"><table><thead><tr><th>Left</th><th>Right</th></tr></thead><tbody>'
        f"<tr><td>{_said(pair.left_thought)}</td><td>{_said(pair.right_thought)}</td></tr>{rows}</tbody></table></div>"
    )


def _samples(samples: SamplesView) -> str:
    sides = "".join(
        f"<td>{_said(side.request)}<h4>Tools on offer</h4>{_said(side.tools)}</td>"
        for side in (samples.left, samples.right)
    )
    rows = "".join(_aligned(row) for row in samples.rows)
    return (
        '<div class="xs-call"><table><thead><tr><th>One</th><th>The other</th></tr></thead>'
        f"<tbody><tr>{sides}</tr>{rows}</tbody></table></div>"
    )


def _aligned(row: AlignedRow) -> str:
    left = _call(row.left) if row.left else "no call here"
    right = _call(row.right) if row.right else "no call here"
    return f"<tr><td>{left}</td><td>{right}</td></tr>"
