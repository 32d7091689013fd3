"""Puts a release in its place, whole or not at all; checks it; puts it away."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from xlam_backend.errors import NotFoundError, RunError
from xlam_backend.releases.manifest import (
    ARCHIVE_FOLDER,
    CARD,
    FROZEN,
    MANIFEST,
    Frozen,
    Manifest,
    release_id_of,
)
from xlam_backend.releases.reading import Release, find_release, list_releases, releases_folder

MAKING = ".making-"
_READ_ONLY = 0o444


class Damage(msgspec.Struct, frozen=True):
    """A file of a release that is not what it was."""

    file: str
    words: str


class Verification(msgspec.Struct, frozen=True):
    """What came of hashing every file of a release anew."""

    release_id: str
    file_count: int
    byte_count: int
    damages: tuple[Damage, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every file is what it was when the release was frozen."""
        return not self.damages


def keep_release(data_folder: Path, files: Iterable[Path], frozen: Frozen) -> str:
    """Put files (manifest, card and parts) in place as a release; returns its id.

    They are linked or copied aside, written through to the disk, and renamed: whoever is killed meanwhile
    leaves no release, or a whole one. A release that is there already stays as it is.
    """
    place = releases_folder(data_folder)
    making = place / f"{MAKING}{frozen.run_id}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for file in files:
        _take_over(file, making / file.name)
    release_id = release_id_of((making / MANIFEST).read_bytes())
    target = place / release_id
    if (target / MANIFEST).is_file():
        shutil.rmtree(making)
        _take_out_of_archive(place, release_id)
        return release_id
    (making / FROZEN).write_bytes(msgspec.json.format(msgspec.json.encode(frozen), indent=2) + b"\n")
    for file in making.iterdir():
        file.chmod(_READ_ONLY)
        _write_through(file)
    _write_through(making)
    found = _check(making, release_id)
    if found:
        shutil.rmtree(making)
        raise RunError(
            f"The release was damaged on its way: {found[0].file} {found[0].words}.",
            "Check the disk, then freeze again.",
        )
    making.rename(target)
    _write_through(place)
    _take_out_of_archive(place, release_id)
    return release_id


def _take_out_of_archive(place: Path, release_id: str) -> None:
    """Frozen again after it had been put away, a release is offered again, and stands in one place only."""
    shutil.rmtree(place / ARCHIVE_FOLDER / release_id, ignore_errors=True)


def remove_leftovers(data_folder: Path) -> None:
    """Remove what a killed owner had begun to put in place."""
    place = releases_folder(data_folder)
    for left in place.glob(f"{MAKING}*") if place.is_dir() else ():
        shutil.rmtree(left, ignore_errors=True)


def verify_release(data_folder: Path, name: str) -> Verification:
    """Hash every file of a release anew, and hold it against its manifest and its id."""
    release = find_release(data_folder, name)
    files = [*release.manifest.parts, release.manifest.card]
    return Verification(
        release.release_id,
        len(files) + 1,
        sum(file.byte_count for file in files),
        tuple(_check(release.folder, release.release_id)),
    )


def find_whole_release(data_folder: Path, name: str) -> Release:
    """Return a release whose files are what they were; `name` is the beginning of its id.

    Raises:
        NotFoundError: there is none.
        RunError: a file of it was changed or lost.
    """
    release = find_release(data_folder, name)
    for damage in _damages(release.folder, release.release_id):
        raise RunError(
            f"The release {release.release_id[:12]} is damaged: {damage.file} {damage.words}.",
            "Freeze its recipe again; `releases verify` names every file.",
        )
    return release


def move_to_archive(data_folder: Path, release_id: str) -> Release:
    """Put a release away: it keeps its files, and is not offered any more.

    Raises:
        NotFoundError: there is no such release, or it was put away before.
    """
    for release in list_releases(data_folder):
        if release.release_id == release_id:
            archive = releases_folder(data_folder) / ARCHIVE_FOLDER
            archive.mkdir(exist_ok=True)
            target = archive / release_id
            release.folder.rename(target)
            return msgspec.structs.replace(release, folder=target, is_archived=True)
    raise NotFoundError(f"There is no release {release_id!r}.", "It may have been archived before.")


def _take_over(file: Path, target: Path) -> None:
    # Copied, not linked: a release must not change when somebody changes the files of a run.
    shutil.copyfile(file, target)


def _check(folder: Path, release_id: str) -> list[Damage]:
    return [*_damages(folder, release_id)]


def _damages(folder: Path, release_id: str) -> Iterator[Damage]:
    text = (folder / MANIFEST).read_bytes()
    if release_id_of(text) != release_id:
        yield Damage(MANIFEST, "does not give the id of the release")
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError:
        yield Damage(MANIFEST, "cannot be read")
        return
    for file in (*manifest.parts, manifest.card):
        path = folder / file.name
        if not path.is_file():
            yield Damage(file.name, "is missing")
        elif path.stat().st_size != file.byte_count:
            yield Damage(file.name, f"has {path.stat().st_size:,} bytes instead of {file.byte_count:,}")
        elif _sha256(path) != file.sha256:
            yield Damage(file.name, "has other content")
    known = {MANIFEST, FROZEN, CARD, *(part.name for part in manifest.parts)}
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            yield Damage(path.name, "does not belong to the release")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_through(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
