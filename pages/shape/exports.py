"""Exports: rows as files that trainers read, with data cards and lists of what could not be written."""

from __future__ import annotations

import streamlit as st

from pages.parts.export_files import draw_export_files
from pages.parts.export_form import draw_new_export
from pages.parts.kind_runs import draw_kind_runs
from pages.parts.page_head import draw_empty, draw_head
from pages.parts.signed_in import may_or_say
from xlam_backend.activities.export_run import KIND
from xlam_backend.exports.folder import exports_folder, list_exports
from xlam_backend.owner import app_store

draw_head(
    "Exports",
    "Rows as files for trainers and other tools, with a data card; what a format cannot hold is listed, "
    "never cut.",
)
if may_or_say("export"):
    is_working = draw_kind_runs(KIND)
    files = list_exports(exports_folder(app_store().folder))
    if files:
        draw_export_files(files)
    elif not is_working:
        draw_empty("Nothing was exported yet.", "Choose rows and a format below.")
    is_wanted = not files or bool(st.query_params)
    with st.expander("New export", icon=":material/add:", expanded=is_wanted, key=f"new_export_{is_wanted}"):
        draw_new_export()
