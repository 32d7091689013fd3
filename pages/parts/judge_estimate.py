"""What a run of the judges would ask, what the grounding check saves, and what it would cost."""

from __future__ import annotations

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.names import judge_title
from pages.parts.page_head import draw_note
from pages.parts.store_cache import read_cached
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import XlamError
from xlam_backend.judges.estimate import Estimate, GroundingSaving, estimate_run
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.statistics.intervals import show_interval, show_rate, show_share

# Looked at on the page; the command looks at more.
_LOOKED_AT = 400


def draw_estimate(settings: JudgeSettings, filters: Filters, endpoint: Endpoint | None) -> int:
    """Draw the estimate; returns how many places would be asked about."""
    try:
        made = read_cached(
            "judge_estimate", estimate_run, filters, settings, endpoint=endpoint, most=_LOOKED_AT
        )
    except XlamError as error:
        show_error(error)
        return 0
    if not made.trajectory_count:
        draw_note("No trajectory matches these filters.")
        return 0
    _draw_costs(made, endpoint)
    if not made.asked:
        draw_note("Nothing is left to ask: see why below, or change the judges, the records or the settings.")
    _draw_judges(made)
    _draw_savings(made)
    return made.asked


def _draw_costs(made: Estimate, endpoint: Endpoint | None) -> None:
    about = "" if made.is_exact else "about "
    money = "" if made.cost is None else f", about {made.cost:,.2f} in money"
    if endpoint is not None and endpoint.is_scripted:
        money = ", at no cost"
    draw_note(
        f"{made.trajectory_count:,} trajectories · {about}{made.requests:,} requests · about "
        f"{made.input_tokens:,} tokens in and {made.output_tokens:,} out{money}."
    )
    if made.cost is None and made.requests and endpoint is not None:
        draw_note("Money is not known: the endpoint has no prices.")
    if not made.is_exact:
        draw_note(f"Scaled up from {made.looked_at:,} trajectories drawn at random.")


def _draw_judges(made: Estimate) -> None:
    rows = [
        LinkRow(
            judge_title(one.judge),
            (f"{one.asked:,}", f"{sum(one.left_out.values()):,}"),
            words=", ".join(f"{count:,} {reason}" for reason, count in one.left_out.items()),
        )
        for one in made.judges
    ]
    st.html(table_html(("Judge", "Asked", "Left out"), rows))


def _draw_savings(made: Estimate) -> None:
    if not made.savings:
        return
    with st.expander("What the grounding check saves, and what that costs in recall"):
        _draw_savings_table(made)


def _draw_savings_table(made: Estimate) -> None:
    rows = [LinkRow(one.dataset, _saving_cells(one)) for one in made.savings]
    st.html(
        table_html(("Dataset", "Arguments settled", "Calls spared", "Recall, planted", "95 % interval"), rows)
    )
    known = (
        "not known yet: it takes verdicts on ratings that were asked about everything"
        if made.confirmed.total == 0
        else show_rate(made.confirmed)
    )
    draw_note(
        "Recall, planted: an argument that is settled gets the value it has in another record, and the share "
        "that would then be asked about is counted. Choices (true or false, one of a list) always stand in "
        f"what the tool allows, so those are missed. Recall on what people found unsupported: {known}."
    )


def _saving_cells(saving: GroundingSaving) -> tuple[str, ...]:
    recall = saving.recall
    of = f"{show_share(recall)} of {recall.total:,}" if recall.total else "nothing to plant"
    return (
        f"{saving.settled:,} of {saving.arguments:,}",
        f"{saving.spared_calls:,} of {saving.calls:,}",
        of,
        show_interval(recall),
    )
