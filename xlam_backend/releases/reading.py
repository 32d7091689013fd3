"""Reads releases: which there are, what one says about itself, and its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.errors import NotFoundError
from xlam_backend.releases.manifest import (
    ARCHIVE_FOLDER,
    FROZEN,
    MANIFEST,
    RELEASES_FOLDER,
    Frozen,
    Manifest,
)
from xlam_backend.releases.row_table import iter_rows, place_of_row

_ID_LETTERS = frozenset("0123456789abcdef")
_ID_LENGTH = 32


class Release(msgspec.Struct, frozen=True):
    """A release on disk: its id, its folder, its manifest, and how it came about where that is known."""

    release_id: str
    folder: Path
    manifest: Manifest
    frozen: Frozen | None = None
    is_archived: bool = False


def releases_folder(data_folder: Path) -> Path:
    """Return where the releases of a data folder lie."""
    return data_folder / RELEASES_FOLDER


def list_releases(data_folder: Path, *, with_archived: bool = False) -> list[Release]:
    """Return the releases of a data folder that can be read, the newest first."""
    found = []
    for folder, is_archived in _release_folders(data_folder):
        if with_archived or not is_archived:
            with suppress(NotFoundError):  # one that is damaged must not hide the others
                found.append(open_release(folder, is_archived=is_archived))
    return sorted(found, key=lambda one: (one.frozen.at if one.frozen else "", one.release_id), reverse=True)


def find_release(data_folder: Path, name: str) -> Release:
    """Return the release whose id begins with `name`, archived ones included.

    Raises:
        NotFoundError: there is none, there are several, or it cannot be read.
    """
    found = [
        (folder, is_archived)
        for folder, is_archived in _release_folders(data_folder)
        if len(name) >= 6 and folder.name.startswith(name.lower())
    ]
    if len(found) == 1:
        folder, is_archived = found[0]
        return open_release(folder, is_archived=is_archived)
    if found:
        raise NotFoundError(f"{len(found)} releases begin with {name!r}.", "Give more of the id.")
    raise NotFoundError(f"There is no release {name!r}.", "`releases list` and the Releases page name them.")


def _release_folders(data_folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the folders of releases, and whether each was put away; no id twice."""
    place = releases_folder(data_folder)
    seen = set()
    for parent, is_archived in ((place, False), (place / ARCHIVE_FOLDER, True)):
        for folder in parent.iterdir() if parent.is_dir() else ():
            is_one = is_release_id(folder.name) and (folder / MANIFEST).is_file()
            if is_one and folder.name not in seen:
                seen.add(folder.name)
                yield folder, is_archived


def open_release(folder: Path, *, is_archived: bool = False) -> Release:
    """Return the release in a folder."""
    return Release(folder.name, folder, read_manifest(folder), read_frozen(folder), is_archived)


def read_manifest(folder: Path) -> Manifest:
    """Return what the release in a folder says about itself.

    Raises:
        NotFoundError: the folder holds none, or one that cannot be read.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise NotFoundError(
            f"The release {folder.name} cannot be read: {error}.", "Freeze its recipe again."
        ) from error


def read_frozen(folder: Path) -> Frozen | None:
    """Return how a release came about; None where it does not say."""
    try:
        return msgspec.json.decode((folder / FROZEN).read_bytes(), type=Frozen)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return None


def read_rows(folder: Path, *, first: int = 0) -> Iterator[TrainingRow]:
    """Yield the rows of the release in a folder, in its order, from row number `first` on."""
    for part in read_manifest(folder).parts:
        if first >= part.row_count:
            first -= part.row_count
            continue
        yield from iter_rows(folder / part.name, first=first)
        first = 0


def find_row(release: Release, row_id: str) -> TrainingRow:
    """Return the row of a release that has this id.

    Raises:
        NotFoundError: the release has no such row.
    """
    for part in release.manifest.parts:
        place = place_of_row(release.folder / part.name, row_id)
        if place is not None:
            return next(iter_rows(release.folder / part.name, first=place))
    raise NotFoundError(
        f"The release {release.release_id[:12]} has no row {row_id!r}.", "`releases rows` lists them."
    )


def is_release_id(text: str) -> bool:
    """Tell whether a text can be the name of a release's folder."""
    return len(text) == _ID_LENGTH and set(text) <= _ID_LETTERS
