"""The kept models: a row each that leads to it, those that were deleted, and what was exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.page_head import draw_note
from pages.parts.run_words import size_words
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.activities.model_export_run import remove_model_export
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.training.exporting import ModelExport
from xlam_backend.training.model_shelf import ModelScore, read_scores
from xlam_backend.training.models import ModelOnDisk
from xlam_backend.training.plan import TINY
from xlam_backend.training.removal import free_model, restore_model

HEADS = ("Model", "How", "Base model", "Parameters", "Size", "Loss", "Right, newest evaluation", "Made")
_KINDS = {"full": "all weights", "lora": "LoRA adapter", "qlora": "QLoRA adapter"}


def draw_models(models: list[ModelOnDisk]) -> None:
    """Draw every model as a row that leads to it."""
    scores = read_cached("model_scores", read_scores)
    st.html(table_html(HEADS, [_row(one, scores.get(one.name, ())) for one in models]))


def how_words(model: ModelOnDisk) -> str:
    """Say how a model was made, in a few words."""
    record = model.record
    if record.method == "merge":
        return "merged adapter"
    return f"{record.method.upper()}, {_KINDS.get(record.tuning, record.tuning)}"


def score_words(score: ModelScore) -> str:
    """Say what an evaluation came to, with its interval and what stands behind it."""
    if score.of_run is None:
        return "nothing scored yet"
    interval = f" [{score.low:.1f}, {score.high:.1f}]" if score.low is not None else ""
    return f"{score.of_run:.1f} %{interval}, {score.correct:,} of {score.total:,}"


def base_words(name: str) -> str:
    """Return the name of a base model; what was built from scratch says so."""
    return "built from scratch" if name == TINY else one_line(name, 80)


def _row(model: ModelOnDisk, scores: tuple[ModelScore, ...]) -> LinkRow:
    record = model.record
    scripted = " · learnt what a scripted model wrote" if record.is_scripted else ""
    return LinkRow(
        model.name,
        (
            how_words(model),
            base_words(record.base_model),
            f"{record.parameter_count:,}",
            size_words(record.byte_count),
            "" if record.loss is None else f"{record.loss:.4g}",
            score_words(scores[0]) if scores else "not evaluated",
            record.made_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        ),
        f"models?{urlencode({'model': model.name})}",
        f"by {one_line(record.person, 40)}{scripted}",
    )


def draw_deleted(models: list[ModelOnDisk]) -> None:
    """Draw the models that were deleted: put one back, or free its space for good."""
    if not models:
        return
    with st.expander(f"Deleted ({len(models):,})"):
        draw_note("Their files are kept until somebody frees the space.")
        for model in models:
            _draw_one_deleted(model)


def _draw_one_deleted(model: ModelOnDisk) -> None:
    name = model.name
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<b>{text_html(name, 80)}</b> {size_words(model.record.byte_count)}")
        person = current_person()
        if may(person, "train") and st.button("Put back", key=f"restore_{name}", icon=":material/undo:"):
            _act(lambda: restore_model(app_store(), name, person=person, now=datetime.now(UTC)))
        if may(person, "remove data"):
            with st.popover("Free the space", icon=":material/delete_forever:"):
                draw_note("The files go for good. What it scored stays.")
                if st.button("Free it", key=f"free_{name}", type="primary"):
                    _act(lambda: free_model(app_store(), name, person=person, now=datetime.now(UTC)))


def draw_exports(exports: list[ModelExport]) -> None:
    """Draw the folders that are ready for the hub, with the command that sends one."""
    if not exports:
        return
    st.html('<h4 class="xs-part">Exported</h4>')
    for export in exports:
        with st.expander(f"{export.name}, {size_words(export.byte_count)}"):
            draw_note(
                "Ready for the hub: weights, tokenizer with its chat template, model card, and the SHA-256 "
                "of every file. Read the card before it goes out, and say under which licence."
            )
            st.code(
                f'hf upload YOUR-NAME/{export.name} "{export.folder}" --repo-type model', language="shell"
            )
            st.code(
                (export.folder / "README.md").read_text(encoding="utf-8"), language="markdown", height=320
            )
            if may(current_person(), "export") and st.button(
                "Remove this folder", key=f"remove_{export.name}", icon=":material/delete:"
            ):
                _remove(export.name)


def _remove(name: str) -> None:
    _act(lambda: remove_model_export(app_store(), name, person=current_person(), now=datetime.now(UTC)))


def _act(act: Callable[[], object]) -> None:
    try:
        act()
    except XlamError as error:
        show_error(error)
    else:
        st.rerun()
