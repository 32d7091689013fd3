"""A new export: where the rows come from, and in which format; what it cannot hold is said beforehand."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.parts.chosen_records import draw_chosen_records
from pages.parts.guard import show_error
from pages.parts.page_head import draw_note
from pages.parts.preference_choice import draw_choice
from pages.parts.safe_text import one_line
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from pages.parts.url_view import read_view
from pages.parts.url_widgets import url_choice, url_select
from xlam_backend.activities.export_run import start_export_run
from xlam_backend.errors import XlamError
from xlam_backend.explore.search import find_trajectories
from xlam_backend.exports import EXPORT_FORMATS, export_format_by_name
from xlam_backend.exports.base import Ending, ExportFormat, ExportSettings
from xlam_backend.exports.plan import ExportPlan, Origin
from xlam_backend.owner import app_store
from xlam_backend.preference.figures import read_figures
from xlam_backend.releases.reading import Release, list_releases

_ORIGIN_WORDS: dict[Origin, str] = {
    "view": "trajectories of the store",
    "release": "a release",
    "pairs": "preference pairs",
}
_ENDING_WORDS: dict[Ending, str] = {
    ".jsonl.gz": "JSON Lines, packed with gzip",
    ".jsonl": "JSON Lines",
    ".parquet": "Parquet",
}


def draw_new_export() -> None:
    """Draw the form; the address says what is chosen in it, so that other pages can link to it filled in."""
    origin = url_choice("What", "origin", _ORIGIN_WORDS, usual="view")
    plan = _draw_origin(origin)
    forms = {form.name: form for form in EXPORT_FORMATS if (form.subject == "pair") == (origin == "pairs")}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        name = url_choice(
            "Format", "format", {each: form.title for each, form in forms.items()}, usual=next(iter(forms))
        )
    form = export_format_by_name(name)
    ending = right.selectbox(
        "File", form.endings, format_func=_ENDING_WORDS.__getitem__, key=f"export_ending_{form.name}"
    )
    _draw_limits(form)
    tokenizer = _draw_tokenizer() if form.needs_tokenizer else ""
    is_ready = plan is not None and (bool(tokenizer) or not form.needs_tokenizer)
    if st.button(
        "Export", type="primary", icon=":material/play_arrow:", disabled=not is_ready, key="export_start"
    ):
        _start(plan, form, ending, tokenizer)


def _draw_origin(origin: Origin) -> ExportPlan | None:
    """Draw the choice of rows; None while there are none."""
    if origin == "release":
        return _draw_releases()
    if origin == "pairs":
        return _draw_pairs()
    filters = read_view().filters
    draw_chosen_records(filters)
    total = read_cached("find", find_trajectories, filters, page_size=1).total
    draw_note(f"{total:,} match." if total else "None match. Take a filter away, or import data first.")
    return ExportPlan("unified_1", filters=filters) if total else None


def _draw_pairs() -> ExportPlan | None:
    selection = draw_choice()
    figures = read_cached("preference_figures", read_figures, selection)
    draw_note(f"{figures.counting:,} of {figures.total:,} pairs count.")
    return ExportPlan("trl_dpo", "pairs", pairs=selection) if figures.counting else None


def _draw_releases() -> ExportPlan | None:
    releases = {one.release_id: one for one in list_releases(app_store().folder)}
    if not releases:
        draw_note("No release is frozen yet: mix one first.")
        return None
    chosen = url_select(
        "Release",
        "release",
        list(releases),
        show=lambda release_id: _release_words(releases[release_id]),
        only_these=True,
        placeholder="choose one",
    )
    return ExportPlan("unified_1", "release", release=chosen) if chosen in releases else None


def _release_words(release: Release) -> str:
    manifest = release.manifest
    return f"{one_line(manifest.name, 80)} · {manifest.row_count:,} rows · {release.release_id[:12]}"


def _draw_limits(form: ExportFormat) -> None:
    draw_note(form.words)
    with st.expander("What it cannot hold, and what it leaves out", key=f"limits_{form.name}"):
        draw_note(
            "Not written, each listed with the reason: " + "; ".join(form.cannot_hold or ("nothing",)) + "."
        )
        draw_note("In no record: " + "; ".join(form.leaves_out or ("nothing",)) + ".")
        draw_note(
            f"Read back by the importer {form.importer}." if form.importer else "No importer reads it back."
        )


def _draw_tokenizer() -> str:
    return st.text_input(
        "Tokenizer",
        key="export_tokenizer",
        placeholder="a folder on this machine, or a name on the hub",
        help="Whose chat template writes the texts.",
    ).strip()


def _start(plan: ExportPlan | None, form: ExportFormat, ending: Ending, tokenizer: str) -> None:
    if plan is None:
        return
    wanted = ExportPlan(
        form.name,
        plan.origin,
        plan.filters,
        plan.release,
        plan.pairs,
        ending,
        ExportSettings(tokenizer),
    )
    try:
        start_export_run(app_store(), wanted, person=current_person(), now=datetime.now(UTC))
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
