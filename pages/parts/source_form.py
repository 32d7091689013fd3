"""Choosing what to import: an upload, a path, or the name of a public data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.parts.signed_in import current_person
from xlam_backend.errors import InputError
from xlam_backend.importers.hub import PREFIX as HUB_PREFIX
from xlam_backend.importers.hub import parse_hub_name
from xlam_backend.importers.uploads import Upload, keep_uploads
from xlam_backend.owner import app_store
from xlam_backend.settings import named_path

_ROUND = "import_round"
WAYS = ("Upload", "Path on this machine", "Hugging Face")


def choose_source() -> str:
    """Draw the three ways in; returns a path or hub name, "" until one is chosen.

    Raises:
        InputError: what was typed is no source.
    """
    way = st.segmented_control("Where is the data?", WAYS, default=WAYS[0], key="way", required=True)
    if way == WAYS[0]:
        return _choose_upload()
    if way == WAYS[1]:
        return _choose_path()
    return _choose_hub()


def choose_companions() -> tuple[Path, ...]:
    """Draw the upload of files that belong to the data but stand elsewhere."""
    files = st.file_uploader(
        "Files that belong to it but stand elsewhere (a tool list, a schema)",
        accept_multiple_files=True,
        key=_round_key("companions"),
    )
    if not files:
        return ()
    kept = _keep("companions", files)
    return tuple(sorted(kept.iterdir())) if kept.is_dir() else (kept,)


def empty_form() -> None:
    """Make the next drawing of the form an empty one."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _round_key(field: str) -> str:
    return f"{field}_{st.session_state.get(_ROUND, 0)}"


def _choose_upload() -> str:
    files = st.file_uploader(
        "Drop files here, or browse: JSON, JSON Lines, Parquet or CSV, plain or gzipped, or a zip of them",
        accept_multiple_files=True,
        key=_round_key("upload"),
    )
    return str(_keep("upload", files)) if files else ""


def _keep(field: str, files: Sequence[UploadedFile]) -> Path:
    """Write uploads to the disk once, however often the page is drawn."""
    ids = "|".join(file.file_id for file in files)
    known_ids, _, known_path = str(st.session_state.get(f"kept_{field}", "")).partition(" ")
    if known_ids == ids and Path(known_path).exists():
        return Path(known_path)
    kept = keep_uploads(
        app_store().folder, [Upload(file.name, file) for file in files], person=current_person()
    )
    st.session_state[f"kept_{field}"] = f"{ids} {kept}"
    return kept


def _choose_path() -> str:
    given = st.text_input(
        "File or folder, as a path on the machine this app runs on",
        key=_round_key("path"),
        placeholder="/data/colleague/train.jsonl",
    )
    if not given.strip():
        return ""
    path = named_path(given.strip())
    if not path.exists():
        raise InputError(f"There is nothing at {path}.", "Give the path of a file or folder on this machine.")
    return str(path)


def _choose_hub() -> str:
    given = st.text_input(
        "Name of the data set on the Hugging Face hub",
        key=_round_key("hub"),
        placeholder="owner/name, or owner/name:split",
    ).strip()
    if not given:
        return ""
    name = given if given.startswith(HUB_PREFIX) else HUB_PREFIX + given
    parse_hub_name(name)
    return name
