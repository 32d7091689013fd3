"""Two releases side by side: what each is made of, and which rows they share."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from xlam_backend.releases.manifest import Manifest
from xlam_backend.releases.reading import Release, find_release
from xlam_backend.store.parquet_file import read_parquet

_MOST_NAMED = 20


class Difference(msgspec.Struct, frozen=True):
    """One figure in both releases; `part` says of what: totals, sources, datasets, licences, ..."""

    part: str
    name: str
    left: int
    right: int


class Comparison(msgspec.Struct, frozen=True):
    """Two releases: their figures, the rows they share, some that only one has, and their recipes' lines."""

    left_id: str
    right_id: str
    figures: tuple[Difference, ...]
    common_rows: int
    only_left: int
    only_right: int
    some_only_left: tuple[str, ...]
    some_only_right: tuple[str, ...]
    recipe_lines: tuple[str, ...]


def compare_releases(data_folder: Path, left: str, right: str) -> Comparison:
    """Compare two releases, named by the beginnings of their ids."""
    one, other = find_release(data_folder, left), find_release(data_folder, right)
    own, others = row_ids(one), row_ids(other)
    only_left, only_right = own - others, others - own
    return Comparison(
        one.release_id,
        other.release_id,
        tuple(_figures(one.manifest, other.manifest)),
        len(own & others),
        len(only_left),
        len(only_right),
        tuple(sorted(only_left)[:_MOST_NAMED]),
        tuple(sorted(only_right)[:_MOST_NAMED]),
        tuple(_recipe_lines(one, other)),
    )


def row_ids(release: Release) -> set[str]:
    """Return the ids of a release's rows."""
    return _column(release, "row_id")


def trajectory_ids(release: Release) -> set[str]:
    """Return the permalinks of the trajectories that a release's rows are."""
    return _column(release, "trajectory_id")


def _column(release: Release, name: str) -> set[str]:
    found: set[str] = set()
    for part in release.manifest.parts:
        found.update(read_parquet(release.folder / part.name, columns=[name])[name].to_pylist())
    return found


def _figures(left: Manifest, right: Manifest) -> Iterator[Difference]:
    yield Difference("totals", "rows", left.row_count, right.row_count)
    yield Difference("totals", "tokens", left.token_count, right.token_count)
    yield Difference("totals", "longer than the context", left.over_context_count, right.over_context_count)
    of_sources = [{one.name: one.row_count for one in manifest.sources} for manifest in (left, right)]
    yield from _counts("sources", of_sources[0], of_sources[1])
    for part in ("datasets", "categories", "formats", "licences", "left_out"):
        yield from _counts(part.replace("_", " "), getattr(left, part), getattr(right, part))


def _counts(part: str, left: Mapping[str, int], right: Mapping[str, int]) -> Iterator[Difference]:
    for name in dict.fromkeys((*left, *right)):
        yield Difference(part, name, left.get(name, 0), right.get(name, 0))


def _recipe_lines(left: Release, right: Release) -> Iterator[str]:
    before, after = left.manifest.recipe.splitlines(), right.manifest.recipe.splitlines()
    yield from difflib.unified_diff(
        before, after, left.release_id[:12], right.release_id[:12], lineterm="", n=2
    )
