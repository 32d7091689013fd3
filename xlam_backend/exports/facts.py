"""What a data card says of where rows come from: plain values, for a worker that never opens the store."""

from __future__ import annotations

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.preference.selection import PairSelection
from xlam_backend.releases.reading import Release
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store
from xlam_backend.store.dataset_list import DatasetSummary, list_dataset_files, list_datasets
from xlam_backend.store.lineage import read_set_lineage


class FactsOfDataset(msgspec.Struct, frozen=True):
    """A dataset as a card names it."""

    name: str
    read_as: str
    licence: str
    source: str


class FactsOfFile(msgspec.Struct, frozen=True):
    """A file that a dataset was imported from."""

    dataset: str
    file: str
    byte_count: int
    sha256: str


class SourceFacts(msgspec.Struct, frozen=True):
    """Where rows come from.

    narrowed   which of all there are, in words
    counts     further figures, by what they count
    findings   (check, level, trajectories with such a finding)
    lineage    how the rows came about, where more than their files is known
    """

    narrowed: str
    datasets: tuple[FactsOfDataset, ...] = ()
    files: tuple[FactsOfFile, ...] = ()
    counts: dict[str, int] = {}
    findings: tuple[tuple[str, str, int], ...] | None = None
    lineage: dict[str, str] = {}


def facts_of_view(store: Store, filters: Filters, version_nos: Integers) -> SourceFacts:
    """Return what stands behind these versions."""
    lineage = read_set_lineage(store, version_nos)
    datasets = [each for each in list_datasets(store) if each.name in lineage.datasets]
    return SourceFacts(
        narrowed=words_of_filters(filters),
        datasets=tuple(map(_dataset, datasets)),
        files=tuple(file for each in datasets for file in _files(store, each)),
        counts={"tool calls": lineage.call_count, "of them fixed since import": lineage.fixed_count},
        findings=tuple((check, level, count) for (check, level), count in sorted(lineage.findings.items())),
    )


def facts_of_pairs(store: Store, selection: PairSelection) -> SourceFacts:
    """Return where preference pairs come from; their datasets are counted as they are written."""
    every = list_datasets(store)
    origins = ", ".join(selection.origins) or "any origin"
    rule = f"rule {selection.rule}, margin of at least {selection.least_margin:g}, {origins}"
    filters = "" if selection.filters.is_empty else f", {words_of_filters(selection.filters)}"
    return SourceFacts(
        narrowed=rule + filters,
        datasets=tuple(map(_dataset, every)),
        files=tuple(file for each in every for file in _files(store, each)),
    )


def facts_of_release(release: Release) -> SourceFacts:
    """Return what a release says of itself; its own card says the rest."""
    manifest = release.manifest
    frozen = release.frozen
    lineage = {
        "release": f"{manifest.name} ({release.release_id})",
        "seed": f"{manifest.seed}",
        "rows in the release": f"{manifest.row_count:,}",
        "tokens in the release": f"{manifest.token_count:,} ({manifest.token_rule})",
    }
    if frozen is not None:
        lineage["recipe"] = f"{frozen.recipe_name}, version {frozen.recipe_version}"
        lineage["frozen"] = frozen.at
    return SourceFacts(
        narrowed=f"every row of the release {manifest.name}",
        lineage=lineage,
        counts={f"rows of the source {share.name}": share.row_count for share in manifest.sources},
    )


def words_of_filters(filters: Filters) -> str:
    """Say what a view is narrowed to."""
    chosen = msgspec.to_builtins(filters)
    return ", ".join(f"{name} = {value}" for name, value in chosen.items()) or "nothing: the whole store"


def _dataset(dataset: DatasetSummary) -> FactsOfDataset:
    return FactsOfDataset(
        dataset.name,
        f"{dataset.importer} (version {dataset.importer_version})",
        dataset.licence,
        _source_name(dataset.source),
    )


def _files(store: Store, dataset: DatasetSummary) -> list[FactsOfFile]:
    return [
        FactsOfFile(dataset.name, file.file, file.byte_count, file.sha256)
        for file in list_dataset_files(store, dataset.dataset_no)
    ]


def _source_name(source: str) -> str:
    """Leave out the folders of a local path: they say something about a machine, nothing about the data."""
    return source if source.startswith("hf:") else source.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
