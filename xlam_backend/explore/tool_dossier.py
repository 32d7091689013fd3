"""What the Tools page shows: the list of tools, and everything known about one of them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from xlam_backend.domain.parameter_type import kind_of
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import ToolSchema, read_schema
from xlam_backend.errors import NotFoundError
from xlam_backend.explore.paging import possible_page
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store import tool_statistics
from xlam_backend.store.connection import Store
from xlam_backend.store.tool_statistics import TOOL_SORTS as TOOL_SORTS
from xlam_backend.store.tool_statistics import ArgumentFindings as ArgumentFindings
from xlam_backend.store.tool_statistics import Sibling, ToolRow, ToolSort
from xlam_backend.store.tool_statistics import ToolFault as ToolFault

PAGE_SIZE = 50
MOST_CALLS_READ = 20_000  # beyond that, values are read from an even sample of the calls
MOST_VALUES = 12
BIN_COUNT = 20
NEAR_NAME = 0.9  # Jaro-Winkler similarity at which names begin to be taken for one another
MOST_SIBLINGS = 12


class ToolLine(msgspec.Struct, frozen=True):
    """One tool of the list."""

    row: ToolRow
    wrong_calls: Rate

    @property
    def is_offered(self) -> bool:
        """Whether any trajectory offers a tool of this name."""
        return self.row.spec_count > 0


class ToolPage(msgspec.Struct, frozen=True):
    """One page of tools, and how many names match."""

    lines: tuple[ToolLine, ...]
    total: int
    page: int
    page_size: int


class ArgumentValues(msgspec.Struct, frozen=True):
    """How one argument is used: in what share of the calls, with which kinds and values.

    `values` are the most frequent ones as JSON text; `bins` (from, to, count) are there when the
    values are numbers; `is_declared` is False for an argument no description has.
    """

    name: str
    is_declared: bool
    is_required: bool
    given: Rate
    kinds: tuple[tuple[str, int], ...]
    values: tuple[tuple[str, int], ...]
    distinct_count: int
    bins: tuple[tuple[float, float, int], ...]


# A description's index among the schemas, and what is said about it.
PlacedFault: TypeAlias = tuple[int, ToolFault]


class ToolDossier(msgspec.Struct, frozen=True):
    """Everything known about one tool. `read_count` calls were read for the values, of all there are.

    `mendable` is what the checks say at level fix: read in other words, or safely mended, so no faults.
    """

    name: str
    wrong_calls: Rate
    read_count: int
    schemas: tuple[ToolSchema, ...]
    faults: tuple[PlacedFault, ...]
    mendable: tuple[PlacedFault, ...]
    argument_findings: tuple[ArgumentFindings, ...]
    arguments: tuple[ArgumentValues, ...]
    siblings: tuple[Sibling, ...]


def list_tools(
    store: Store, *, text: str = "", sort: ToolSort = "calls", page: int = 1, page_size: int = PAGE_SIZE
) -> ToolPage:
    """Return one page (from 1) of the tools whose name contains `text`."""
    page = possible_page(page)
    found = tool_statistics.list_tools(
        store, text=text, sort=sort, first=(page - 1) * page_size, count=page_size
    )
    if not found.rows and page > 1:
        return list_tools(store, text=text, sort=sort, page=1, page_size=page_size)
    lines = tuple(ToolLine(row, rate(row.wrong_count, row.call_count)) for row in found.rows)
    return ToolPage(lines, found.total, page, page_size)


def open_tool(store: Store, name: str) -> ToolDossier:
    """Return everything about one tool; NotFoundError when nobody offers or calls it."""
    calls = tool_statistics.count_calls(store, name)
    specs = tool_statistics.read_specs(store, name)
    if not specs and not calls.total:
        raise NotFoundError(
            f"No trajectory offers or calls a tool named {name!r}.", "Choose one from the list of tools."
        )
    schemas = tuple(read_schema(msgspec.json.decode(spec.spec, type=Tool)) for spec in specs)
    place = {spec.tool_no: index for index, spec in enumerate(specs)}
    said = [(place[number], fault) for number, fault in tool_statistics.read_faults(store, name)]
    made = tool_statistics.sample_arguments(store, name, most=MOST_CALLS_READ)
    return ToolDossier(
        name=name,
        wrong_calls=rate(calls.hits, calls.total),
        read_count=len(made),
        schemas=schemas,
        faults=tuple(one for one in said if one[1].level != "fix"),
        mendable=tuple(one for one in said if one[1].level == "fix"),
        argument_findings=tuple(tool_statistics.count_argument_findings(store, name)),
        arguments=summarise_arguments((msgspec.json.decode(text) for text in made), schemas),
        siblings=tuple(tool_statistics.find_siblings(store, name, least=NEAR_NAME, most=MOST_SIBLINGS)),
    )


def summarise_arguments(calls: Iterable[Any], schemas: tuple[ToolSchema, ...]) -> tuple[ArgumentValues, ...]:
    """Count how each argument is used over the calls; declared ones first, in their order."""
    declared = {
        name: parameter for schema in reversed(schemas) for name, parameter in schema.parameters.items()
    }
    given: dict[str, list[Any]] = {name: [] for name in declared}
    call_count = 0
    for arguments in calls:
        call_count += 1
        for name, value in arguments.items():
            given.setdefault(name, []).append(value)
    return tuple(
        _summarise(
            name, values, call_count, name in declared, any(name in schema.required for schema in schemas)
        )
        for name, values in given.items()
    )


def _summarise(
    name: str, values: list[Any], call_count: int, is_declared: bool, is_required: bool
) -> ArgumentValues:
    # Counted by their whole text: two long values may look the same when they are cut.
    texts = [_whole_text(value) for value in values]
    counts, by_text = Counter(texts), dict(zip(texts, values, strict=True))
    numbers = [float(value) for value in values if _is_countable(value)]
    return ArgumentValues(
        name=name,
        is_declared=is_declared,
        is_required=is_required,
        given=rate(len(values), call_count),
        kinds=tuple(Counter(str(kind_of(value)) for value in values).most_common()),
        values=tuple((show_value(by_text[text]), count) for text, count in counts.most_common(MOST_VALUES)),
        distinct_count=len(counts),
        bins=tuple(bin_numbers(numbers))
        if len(numbers) * 2 > len(values) and len(set(numbers)) > MOST_VALUES
        else (),
    )


def _whole_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        return show_value(value)


def _is_countable(value: Any) -> bool:
    """Tell a number a float can hold from everything else (a whole number may have hundreds of digits)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def bin_numbers(numbers: list[float], bin_count: int = BIN_COUNT) -> list[tuple[float, float, int]]:
    """Count numbers in equal bins between their 1st and 99th percentile, the rest in the outer bins.

    >>> bin_numbers([0.0, 1.0, 2.0, 3.0], bin_count=2)
    [(0.0, 1.5, 2), (1.5, 3.0, 2)]
    """
    ordered = sorted(number for number in numbers if math.isfinite(number))
    if not ordered:
        return []
    low, high = ordered[len(ordered) // 100], ordered[-1 - len(ordered) // 100]
    if low == high:
        return [(low, high, len(ordered))]
    width = (high - low) / bin_count
    counts = [0] * bin_count
    for number in ordered:
        counts[min(max(int((number - low) / width), 0), bin_count - 1)] += 1
    return [(low + index * width, low + (index + 1) * width, count) for index, count in enumerate(counts)]
