"""What a release says about itself: manifest.json, from whose bytes its id is made."""

from __future__ import annotations

import msgspec

from xlam_backend.domain.content_hash import content_hash

MANIFEST = "manifest.json"
CARD = "README.md"
FROZEN = "frozen.json"  # who made it, and when: the one file that the id does not cover
RELEASES_FOLDER = "releases"
ARCHIVE_FOLDER = "archived"


class ReleaseFile(msgspec.Struct, frozen=True):
    """A file of the release with what it must be like."""

    name: str
    sha256: str
    byte_count: int
    row_count: int = 0


class SourceShare(msgspec.Struct, frozen=True):
    """What a source of the recipe gave."""

    name: str
    row_count: int
    token_count: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A release: its recipe, its rows by kind, what was left out and why, and its files.

    `token_rule` says how tokens were counted. Nothing here depends on when or by whom it was made: the
    same recipe, data and seed give the same manifest.
    """

    form: int = 1
    name: str
    seed: int
    recipe: str
    row_count: int
    token_count: int
    token_rule: str
    context: int = 0
    over_context_count: int = 0
    sources: tuple[SourceShare, ...] = ()
    datasets: dict[str, int] = {}
    categories: dict[str, int] = {}
    formats: dict[str, int] = {}
    licences: dict[str, int] = {}
    left_out: dict[str, int] = {}
    parts: tuple[ReleaseFile, ...] = ()
    card: ReleaseFile = ReleaseFile(CARD, "", 0)


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """How a release came about: by whom, when, from which version of the recipe, in which run."""

    at: str
    person: str
    recipe_name: str
    recipe_version: int
    run_id: str
    program: str = ""


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the manifest as it is written."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def release_id_of(manifest_text: bytes) -> str:
    """Return the id of the release that has these bytes as its manifest."""
    return content_hash(manifest_text)
