"""Files that came through the browser: kept under harmless names until they are imported, then dropped."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError

LONGEST_NAME = 120
_UPLOADS = "uploads"
_UNSAFE = re.compile(r"[^\w.\-+@ ]+")
_COPY_BLOCK = 4 * 1024 * 1024


class Upload(msgspec.Struct, frozen=True):
    """One uploaded file: the name the browser gave it, and its bytes."""

    name: str
    content: BinaryIO


def safe_file_name(name: str) -> str:
    r"""Return a name that stays in its folder on every system, with its ending kept.

    >>> safe_file_name("../../etc/passwd"), safe_file_name("C:\\data\\a<b>.jsonl.gz"), safe_file_name("..")
    ('passwd', 'a_b_.jsonl.gz', 'upload')
    """
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    cleaned = _UNSAFE.sub("_", last).strip(" .")
    if len(cleaned) > LONGEST_NAME:
        ending = "".join(Path(cleaned).suffixes[-2:])[-20:]
        cleaned = cleaned[: LONGEST_NAME - len(ending)] + ending
    return cleaned or "upload"


def keep_uploads(folder: Path, uploads: Iterable[Upload], *, person: Person) -> Path:
    """Write uploads into a new folder below the store's; returns the file, or the folder of several.

    Raises:
        AccessDeniedError: the person may not import.
    """
    require(person, "import")
    target = folder / _UPLOADS / uuid.uuid4().hex
    target.mkdir(parents=True)
    written = []
    for upload in uploads:
        path = _free_path(target, safe_file_name(upload.name))
        upload.content.seek(0)
        with path.open("wb") as file:
            shutil.copyfileobj(upload.content, file, _COPY_BLOCK)
        written.append(path)
    if not written:
        raise InputError("There is no file to keep.", "Choose one first.")
    return written[0] if len(written) == 1 else target


def is_upload(folder: Path, path: Path) -> bool:
    """Tell whether a path lies among the uploads of a store."""
    return (folder / _UPLOADS).resolve() in path.resolve().parents


def drop_uploads(folder: Path, kept: Path) -> None:
    """Remove what `keep_uploads` wrote; anything that is not an upload is left alone."""
    uploads = (folder / _UPLOADS).resolve()
    path = kept.resolve()
    if uploads in path.parents:
        shutil.rmtree(uploads / path.relative_to(uploads).parts[0], ignore_errors=True)


def drop_all_uploads(folder: Path) -> None:
    """Remove every upload of a store: those of an app that was killed, or that nobody imported."""
    shutil.rmtree(folder / _UPLOADS, ignore_errors=True)


def source_as_told(folder: Path, source: str) -> str:
    """Return how a source is recorded: an upload by its name, for the place it lay in is dropped.

    >>> source_as_told(Path("/store"), "/store/uploads/0a1b/train.jsonl")
    'train.jsonl (uploaded)'
    >>> source_as_told(Path("/store"), "/store/uploads/0a1b"), source_as_told(Path("/store"), "hf:a/b")
    ('several files (uploaded)', 'hf:a/b')
    """
    try:
        parts = Path(source).relative_to(folder / _UPLOADS).parts
    except ValueError:
        return source
    return f"{parts[-1]} (uploaded)" if len(parts) > 1 else "several files (uploaded)"


def _free_path(folder: Path, name: str) -> Path:
    path = folder / name
    number = 2
    while path.exists():
        path = folder / f"{number}-{name}"
        number += 1
    return path
