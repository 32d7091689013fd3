"""The datasets of the store: where each came from, what it holds, and how to take one out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.parts.counted import counted
from pages.parts.guard import show_error
from pages.parts.names import source_title
from pages.parts.page_head import draw_empty
from pages.parts.routes import REJECTS, link_to_explore
from pages.parts.safe_text import show_hidden, text_html
from pages.parts.signed_in import current_person
from pages.parts.store_cache import read_cached
from xlam_backend.domain.person import may
from xlam_backend.errors import XlamError
from xlam_backend.explore.datasets import (
    DatasetSummary,
    list_dataset_files,
    list_datasets,
    preview_removal,
    remove_dataset,
)
from xlam_backend.owner import app_store

_MOST_FILES = 500


def draw_datasets() -> None:
    """Draw the list of datasets, and the details of the chosen one."""
    st.subheader("Datasets in the store", anchor=False)
    datasets = read_cached("datasets", list_datasets)
    if not datasets:
        draw_empty(
            "There is no dataset yet.", "Choose a source above: its format is recognised from its content."
        )
        return
    chosen = st.dataframe(
        _columns(datasets),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="datasets",
        column_config={
            "kept": st.column_config.NumberColumn("kept", format="localized"),
            "rejected": st.column_config.NumberColumn("rejected", format="localized"),
            "read": st.column_config.NumberColumn("read", format="localized"),
        },
    )
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(datasets):
        _draw_details(datasets[rows[0]])
    else:
        st.html('<p class="xs-note">Tick a dataset to see its files and what can be done with it.</p>')


def _columns(datasets: Sequence[DatasetSummary]) -> dict[str, list[object]]:
    return {
        "dataset": [show_hidden(one.name) for one in datasets],
        "format": [source_title(one.importer) for one in datasets],
        "read": [one.read_count for one in datasets],
        "kept": [one.kept_count for one in datasets],
        "rejected": [one.rejected_count for one in datasets],
        "licence": [show_hidden(one.licence) for one in datasets],
        "imported": [f"{one.imported_at:%Y-%m-%d %H:%M}" for one in datasets],
    }


def _draw_details(dataset: DatasetSummary) -> None:
    with st.container(border=True):
        rows = (
            ("Given as", dataset.source),
            ("Read as", f"{source_title(dataset.importer)}, importer version {dataset.importer_version}"),
            ("Recognised by", dataset.recognised_by),
            ("Licence", dataset.licence),
            ("Imports", f"{dataset.import_count}, of which {dataset.repeated_count:,} records were repeats"),
        )
        items = "".join(
            f"<li><span>{label}</span><span>{text_html(value, 400)}</span></li>" for label, value in rows
        )
        st.html(f'<b>{text_html(dataset.name, 200)}</b><ul class="xs-list">{items}</ul>')
        with st.container(horizontal=True):
            link_to_explore("Explore", ":material/search:", dataset=dataset.name)
            if dataset.rejected_count:
                st.page_link(
                    REJECTS, label="Rejects", icon=":material/block:", query_params={"dataset": dataset.name}
                )
            if may(current_person(), "remove data") and st.button(
                "Remove …", icon=":material/delete:", key=f"remove_{dataset.dataset_no}"
            ):
                _open_removal(dataset.dataset_no)
        _draw_files(dataset)


def _draw_files(dataset: DatasetSummary) -> None:
    files = read_cached("dataset_files", list_dataset_files, dataset.dataset_no)
    with st.expander(f"{counted(len(files), 'file')} with their hashes"):
        st.dataframe(
            {
                "file": [show_hidden(one.file) for one in files[:_MOST_FILES]],
                "bytes": [one.byte_count for one in files[:_MOST_FILES]],
                "SHA-256": [one.sha256 for one in files[:_MOST_FILES]],
                "imported": [f"{one.imported_at:%Y-%m-%d %H:%M}" for one in files[:_MOST_FILES]],
            },
            hide_index=True,
        )


@st.dialog("Remove a dataset")
def _open_removal(dataset_no: int) -> None:
    """Show what would go before it goes."""
    try:
        removal = preview_removal(app_store(), dataset_no)
        lines = [
            f"{counted(removal.trajectory_count, 'trajectory', 'trajectories')} in no other dataset",
            f"{removal.fixed_version_count:,} mended versions of them",
            counted(removal.finding_count, "finding"),
            f"{removal.reject_count:,} rejects",
            f"{removal.rating_count:,} ratings and {removal.pair_count:,} pairs",
            f"{removal.review_item_count:,} items of review queues (what people answered stays on record)",
        ]
        items = "".join(f"<li><span>{line}</span></li>" for line in lines)
        st.html(
            f"<p>Removing <b>{text_html(removal.name, 200)}</b> takes out of the store:</p>"
            f'<ul class="xs-list">{items}</ul><p class="xs-note">{removal.kept_trajectory_count:,} of its '
            "trajectories stay, because other datasets hold them too. This cannot be undone; the imported "
            "files are not touched.</p>"
        )
        if st.button("Remove it", type="primary", key="removal_confirmed", icon=":material/delete:"):
            remove_dataset(app_store(), dataset_no, person=current_person(), now=datetime.now(UTC))
            st.rerun()
    except XlamError as error:
        show_error(error)
