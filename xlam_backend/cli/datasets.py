"""`datasets`, `dataset remove`: what was imported, from where, under which licence."""

from __future__ import annotations

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioCommand, StudioGroup, pass_caller
from xlam_backend.errors import UnknownNameError
from xlam_backend.explore.datasets import list_datasets, preview_removal, remove_dataset
from xlam_backend.store.connection import Store


@click.command("datasets", cls=StudioCommand)
@pass_caller
def show_datasets(caller: Caller) -> None:
    """List every dataset with its source, licence and counts."""
    datasets = list_datasets(caller.store)
    rows = [
        (row.name, row.importer, row.read_count, row.kept_count, row.rejected_count, row.licence, row.source)
        for row in datasets
    ]
    header = ("dataset", "format", "read", "kept", "rejected", "licence", "source")
    caller.answer_table(datasets, header, rows)


@click.group("dataset", cls=StudioGroup)
def change_dataset() -> None:
    """Change one dataset."""


@change_dataset.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is shown.")
@pass_caller
def remove(caller: Caller, name: str, yes: bool) -> None:
    """Remove a dataset with everything that only it holds; it cannot be undone."""
    number = dataset_number(caller.store, name)
    if yes:
        removal = remove_dataset(caller.store, number, person=caller.person(), now=caller.now)
    else:
        removal = preview_removal(caller.store, number)
    caller.answer(
        {"removed": yes, "removal": removal},
        f"{'Removed' if yes else 'This would remove'} the dataset {removal.name}:",
        f"  {removal.trajectory_count:,} trajectories and {removal.fixed_version_count:,} fixed versions",
        f"  {removal.finding_count:,} findings and {removal.reject_count:,} rejects",
        f"  {removal.rating_count:,} ratings, {removal.pair_count:,} pairs"
        f" and {removal.review_item_count:,} items of review queues",
        f"  {removal.kept_trajectory_count:,} of its trajectories stay: other datasets hold them too",
    )
    if not yes:
        caller.note("Nothing was removed. To do it, add --yes.")


def dataset_number(store: Store, name: str) -> int:
    """Return the number of the dataset of this name."""
    datasets = list_datasets(store)
    for dataset in datasets:
        if dataset.name == name:
            return dataset.dataset_no
    raise UnknownNameError("dataset", name, (dataset.name for dataset in datasets))


COMMANDS = (show_datasets, change_dataset)
