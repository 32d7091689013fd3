"""One kept model: what it is, where it comes from, what it scored, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
import streamlit as st

from pages.parts.guard import show_error
from pages.parts.link_table import LinkRow, table_html
from pages.parts.model_list import base_words, how_words, score_words
from pages.parts.page_head import Fact, draw_facts, draw_note
from pages.parts.routes import EVALUATE, MODELS, TRAINING
from pages.parts.run_words import size_words
from pages.parts.safe_text import one_line, text_html
from pages.parts.signed_in import current_person
from pages.parts.train_link import draw_train_link
from pages.parts.training_settings import plan_words, settings_html
from xlam_backend.activities.merge_run import start_merge
from xlam_backend.activities.model_export_run import start_model_export
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.owner import app_store
from xlam_backend.training.exporting import ModelExportPlan
from xlam_backend.training.model_card import plan_of
from xlam_backend.training.model_shelf import ShelfModel, read_shelf_model
from xlam_backend.training.removal import delete_model

_SCRIPTED = '<span class="xs-chip xs-warn">learnt, among others, what a scripted model wrote</span>'


def draw_model(name: str) -> None:
    """Draw the model of this name."""
    st.page_link(MODELS, label="All models", icon=":material/arrow_back:")
    shelf = read_shelf_model(app_store(), name)
    record = shelf.record
    made = record.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    scripted = f"<p>{_SCRIPTED}</p>" if record.is_scripted else ""
    st.html(
        f'<h2>{text_html(record.name, 80)}</h2><p class="xs-note">{text_html(how_words(shelf.model), 80)} · '
        f"made {made} by {text_html(record.person, 80)}</p>{scripted}"
    )
    _draw_facts(shelf)
    _draw_ways(shelf)
    _draw_acts(shelf)
    scores, came, files, settings = st.tabs(
        ["Scores", "Where it comes from", "Files", "Settings"], key="model_tabs"
    )
    with scores:
        _draw_scores(shelf)
    with came:
        _draw_lineage(shelf)
    with files:
        _draw_files(shelf)
    with settings:
        plan = plan_of(record)
        if plan is None:
            st.json(record.plan)
        else:
            draw_note(plan_words(plan))
            st.html(settings_html(plan))


def _draw_facts(shelf: ShelfModel) -> None:
    record = shelf.record
    facts = [
        Fact(_large(record.parameter_count), "parameters", f"{_large(record.trained_count)} of them trained"),
        Fact(size_words(shelf.byte_count), "on disk"),
        Fact(f"{record.example_count:,}", "examples learnt", f"{record.step_count:,} steps"),
    ]
    if record.loss is not None:
        held_out = f"{record.eval_loss:.4g} on held-out rows" if record.eval_loss is not None else ""
        facts.append(Fact(f"{record.loss:.4g}", "loss of the last step", held_out))
    if shelf.scores and shelf.scores[0].of_run is not None:
        score = shelf.scores[0]
        facts.append(Fact(f"{score.of_run:.1f} %", "right", one_line(f"{score.question_set}", 60)))
    draw_facts(facts)


def _large(count: int) -> str:
    for unit, word in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= unit:
            return f"{count / unit:.2f} {word}" if unit == 10**9 else f"{count / unit:.1f} {word}"
    return f"{count:,}"


def _draw_ways(shelf: ShelfModel) -> None:
    name, run_id = shelf.record.name, shelf.record.run_id
    with st.container(horizontal=True):
        if shelf.record.method != "merge":
            st.page_link(
                TRAINING,
                label="How it was trained",
                icon=":material/show_chart:",
                query_params={"run": run_id},
            )
        if may(current_person(), "train"):
            draw_train_link("New run from these weights", start_from=name)
        if may(current_person(), "evaluate"):
            st.page_link(EVALUATE, label="Evaluate it", icon=":material/quiz:", query_params={"model": name})


def _draw_acts(shelf: ShelfModel) -> None:
    person = current_person()
    with st.container(horizontal=True):
        if shelf.record.is_adapter and may(person, "train"):
            with st.popover("Merge …", icon=":material/merge:"):
                _draw_merge(shelf)
        if may(person, "export"):
            with st.popover("Export …", icon=":material/ios_share:"):
                _draw_export(shelf)
        if may(person, "train"):
            with st.popover("Delete …", icon=":material/delete:"):
                _draw_delete(shelf)


def _draw_merge(shelf: ShelfModel) -> None:
    name = shelf.record.name
    draw_note("Puts the adapter into the weights of its base model. The adapter stays as it is.")
    wanted = st.text_input("Name of the whole model", key="merge_name", placeholder=f"{name}-merged")
    if st.button("Merge", type="primary", key="merge_model"):
        _act(
            lambda: start_merge(
                app_store(), name, name=wanted, person=current_person(), now=datetime.now(UTC)
            )
        )


def _draw_export(shelf: ShelfModel) -> None:
    draw_note(
        "Makes a folder that is ready for the hub: safetensors, tokenizer with its chat template, model card "
        "with data, recipe and scores, and the SHA-256 of every file. Nothing is sent anywhere."
    )
    licence = st.text_input(
        "Licence (optional)", key="export_licence", placeholder="apache-2.0", help="As the hub writes it."
    )
    if st.button("Export", type="primary", key="export_model"):
        plan = ModelExportPlan(shelf.record.name, licence.strip())
        _act(lambda: start_model_export(app_store(), plan, person=current_person(), now=datetime.now(UTC)))


def _draw_delete(shelf: ShelfModel) -> None:
    name = shelf.record.name
    if shelf.adapters:
        draw_note(f"It cannot go: {', '.join(shelf.adapters)} cannot be used without it.")
        return
    draw_note("It can be put back until its space is freed. Its evaluations and its run stay.")
    because = st.text_input("Why (optional)", key="delete_because")
    if st.button("Delete", type="primary", key="delete_model"):
        try:
            delete_model(app_store(), name, because=because, person=current_person(), now=datetime.now(UTC))
        except XlamError as error:
            show_error(error)
        else:
            st.switch_page(MODELS)


def _act(act: Callable[[], str]) -> None:
    try:
        act()
    except XlamError as error:
        show_error(error)
    else:
        st.switch_page(MODELS)


def _draw_scores(shelf: ShelfModel) -> None:
    if not shelf.scores:
        draw_note("It has not been evaluated yet.")
        return
    rows = [
        LinkRow(
            score.question_set,
            (
                score.version,
                score.mode,
                "not all categories were run" if score.overall is None else f"{score.overall:.2f}",
                score_words(score),
                score.made_at.astimezone().strftime("%Y-%m-%d"),
            ),
            f"evaluation?{urlencode({'evaluation': score.evaluation_no})}",
            "answered by the scripted model, not a real score" if score.is_scripted else "",
        )
        for score in shelf.scores
    ]
    st.html(table_html(("Questions", "Version", "Mode", "Overall", "Of what was run", "When"), rows))


def _draw_lineage(shelf: ShelfModel) -> None:
    record = shelf.record
    rows = [LinkRow("Base model", (base_words(record.base_model),))]
    rows += [
        LinkRow(f"Weights of {'its' if at == 0 else 'an earlier'} parent", (one_line(name, 80),))
        for at, name in enumerate(shelf.ancestors)
        if name != record.base_model
    ]
    if record.release_id:
        address = f"releases?{urlencode({'release': record.release_id})}"
        rows.append(LinkRow(f"Release {record.release_id[:12]}", ("what it learnt",), address))
    elif record.data_hash:
        rows.append(LinkRow("Preference pairs", (f"SHA-256 of the input {record.data_hash[:16]}",)))
    if record.recipe:
        rows.append(LinkRow("Training recipe", (one_line(record.recipe, 80),)))
    rows += [
        LinkRow(child, ("began with these weights",), f"models?{urlencode({'model': child})}")
        for child in shelf.children
    ]
    st.html(table_html(("", ""), rows))


def _draw_files(shelf: ShelfModel) -> None:
    st.html(
        table_html(
            ("File", "Size"), [LinkRow(file.name, (size_words(file.byte_count),)) for file in shelf.files]
        )
    )
    st.code(str(shelf.model.folder), language=None)
    with st.expander("model.json"):
        st.json(msgspec.to_builtins(shelf.record))
