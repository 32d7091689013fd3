"""The options that narrow a view: the same ones as on the Explore page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from xlam_backend.checks import ALL_CHECKS
from xlam_backend.cli.options import Function, option_names, with_options
from xlam_backend.domain.filters import (
    ANY_JUDGE,
    FIXED_CHOICES,
    LEVEL_CHOICES,
    MADE_CHOICES,
    OFFER_CHOICES,
    REVIEW_CHOICES,
    Filters,
)
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.errors import UnknownNameError
from xlam_backend.explore.search import read_filter_choices
from xlam_backend.importers import IMPORTERS
from xlam_backend.judges import JUDGES
from xlam_backend.store.connection import Store

FILTER_OPTIONS = (
    click.option("--dataset", default="", metavar="NAME", help="Only this dataset."),
    click.option("--source", default="", metavar="FORMAT", help="Only datasets read as this format."),
    click.option("--check", default="", metavar="NAME", help="Only with a finding of this check."),
    click.option(
        "--level",
        default="",
        type=click.Choice(LEVEL_CHOICES),
        help="Only with a finding of this level; `flagged` is reject or fix, `clean` is neither.",
    ),
    click.option(
        "--code",
        default="",
        type=click.Choice(["", *SPECTOOL_CODES]),
        help="Only with a finding of this SpecTool code.",
    ),
    click.option("--tool", default="", metavar="NAME", help="Only with a call of (or finding at) this tool."),
    click.option("--argument", default="", metavar="POINTER", help="Only with a finding at this argument."),
    click.option(
        "--step",
        type=click.IntRange(min=0),
        metavar="N",
        help="Only with a finding at this step (the first is 0).",
    ),
    click.option("--family", default="", metavar="KEY", help="Only with a finding of this family."),
    click.option("--min-steps", type=click.IntRange(min=0), metavar="N", help="At least this many steps."),
    click.option("--max-steps", type=click.IntRange(min=0), metavar="N", help="At most this many steps."),
    click.option("--text", default="", metavar="TEXT", help="Only with this text in the query."),
    click.option(
        "--fixed",
        default="",
        type=click.Choice(FIXED_CHOICES),
        help="Only those that were fixed, were not, or could be.",
    ),
    click.option(
        "--flagged-by",
        "judge",
        default="",
        metavar="JUDGE",
        help="Only with a place that this judge flagged; `any` for any judge.",
    ),
    click.option(
        "--review",
        default="",
        type=click.Choice(REVIEW_CHOICES),
        help="Only what people decided so, what is undecided, or what stands in a review queue.",
    ),
    click.option(
        "--made",
        default="",
        type=click.Choice(MADE_CHOICES),
        help="Only what was made from another trajectory (augmented, rephrased), or only originals.",
    ),
    click.option("--output-format", default="", metavar="NAME", help="Only told in this output format."),
    click.option("--category", default="", metavar="NAME", help="Only of this category."),
    click.option(
        "--offers",
        default="",
        type=click.Choice(OFFER_CHOICES),
        help="Only with tools, or only with neither tools nor calls: general instructions.",
    ),
    click.option(
        "--min-rating",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="Only rated as a whole by judges, at least this share of the scale on average.",
    ),
    click.option("--ids", default="", metavar="ID,ID", help="Only these trajectories, named between commas."),
)


def with_filters(command: Function) -> Function:
    """Give a command the filter options; they arrive as keyword arguments for `Filters`."""
    return with_options(command, FILTER_OPTIONS)


def read_filters(store: Store, wanted: dict[str, Any]) -> Filters:
    """Return the filters of a command; a name that neither the program nor the store knows is an error.

    An empty list would look like an answer where a name is only mistyped.
    """
    filters = Filters(**wanted)
    choices = read_filter_choices(store)
    _expect("dataset", filters.dataset, choices.datasets)
    _expect("format", filters.source, (importer.name for importer in IMPORTERS))
    _expect("judge", filters.judge, (ANY_JUDGE, *(judge.name for judge in JUDGES)))
    _expect("check", filters.check, {*(check.name for check in ALL_CHECKS), *choices.checks})
    return filters


def take_filters(store: Store, given: dict[str, Any]) -> Filters:
    """Take what the filter options gave out of the arguments of a command, and return it as filters."""
    return read_filters(store, {name: given.pop(name) for name in option_names(FILTER_OPTIONS)})


def _expect(kind: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name and name not in names:
        raise UnknownNameError(kind, name, names)
