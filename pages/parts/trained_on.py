"""Forward from a trajectory: the releases that hold it, the runs and models that learnt it, their scores."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.rating_words import scripted_chip
from pages.parts.safe_text import one_line, text_html
from xlam_backend.domain.rating import SCRIPTED_LABEL
from xlam_backend.feedback.trained_on import ModelWith, ReleaseWith, RunWith, TrainedOn, find_trained_on
from xlam_backend.owner import app_store
from xlam_backend.training.model_shelf import ModelScore

_HOW = {"itself": "the record itself", "made from it": "something made from it"}
_MOST_ROWS = 3


def draw_trained_on(trajectory_id: str) -> None:
    """Draw what was made of a trajectory; folded away it costs nothing."""
    box = st.expander(
        "Releases, models and scores it went into",
        icon=":material/conversion_path:",
        expanded=st.query_params.get("learnt", "") == "yes",
        key=f"trained_on_{trajectory_id[:16]}",
        on_change="rerun",
    )
    if box.open:
        with box:
            # Runs and models change without the store: looked at anew each time.
            _draw(find_trained_on(app_store(), trajectory_id))


def _draw(found: TrainedOn) -> None:
    if not found.releases and not found.runs:
        draw_note("No release holds it, and no training run was given a preference pair of it.")
        return
    if found.releases:
        heads = ("Release", "What of it", "Rows", "Source in the recipe", "State")
        st.html(table_html(heads, [_release_row(one) for one in found.releases]))
    if found.runs:
        st.html(table_html(("Training run", "Learns", "State"), [_run_row(one) for one in found.runs]))
    elif not found.models:
        draw_note("No training run has read it yet.")
    for model in found.models:
        _draw_model(model)


def _release_row(one: ReleaseWith) -> LinkRow:
    shown = ", ".join(row_id[:12] for row_id in one.row_ids[:_MOST_ROWS])
    return LinkRow(
        one.name,
        (
            _HOW[one.how],
            f"{len(one.row_ids):,} ({shown}{' …' if len(one.row_ids) > _MOST_ROWS else ''})",
            one_line(", ".join(one.sources), 80),
            "as it is today" if one.is_current or one.how != "itself" else "as it was before it was changed",
        ),
        f"releases?{urlencode({'release': one.release_id})}",
        one.release_id[:12],
    )


def _run_row(one: RunWith) -> LinkRow:
    through = f"release {one.release_id[:12]}" if one.release_id else "preference pairs"
    return LinkRow(
        one.title,
        (f"{one.method.upper()}, {through}: {_HOW[one.how]}", one.state),
        f"training?{urlencode({'run': one.run_id})}",
    )


def _draw_model(one: ModelWith) -> None:
    through = f" · went on from {text_html(one.through, 80)}" if one.through else ""
    chip = f" {scripted_chip()}" if one.model.is_scripted else ""
    st.html(
        f"<h4>{text_html(one.model.name, 80)}{chip}</h4>"
        f'<p class="xs-note">{text_html(one.model.method.upper(), 10)} of '
        f"{text_html(one.model.base_model, 120)}{through}</p>"
    )
    if not one.scores:
        draw_note("It was not evaluated yet.")
        return
    heads = ("Evaluated on", "Overall", "Mean of what was run", "Right answers")
    st.html(table_html(heads, [_score_row(score) for score in one.scores]))


def _score_row(score: ModelScore) -> LinkRow:
    run = "" if score.of_run is None else f"{score.of_run:.2f}"
    if score.of_run is not None and score.low is not None and score.high is not None:
        run += f" ({score.low:.1f} to {score.high:.1f})"
    return LinkRow(
        f"{score.question_set}, {score.version}",
        (
            "not all was run" if score.overall is None else f"{score.overall:.2f}",
            run,
            f"{score.correct:,} of {score.total:,}",
        ),
        f"failures?{urlencode({'evaluation': score.evaluation_no})}",
        f"number {score.evaluation_no}, {score.made_at:%Y-%m-%d %H:%M} UTC"
        + (f", {SCRIPTED_LABEL}" if score.is_scripted else ""),
    )
