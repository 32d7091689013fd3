"""Holds the sums of a published row against its own parts, with the formulas of its version."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from xlam_backend.bfcl.categories import Version, categories_of
from xlam_backend.bfcl.columns import Column, columns_of
from xlam_backend.bfcl.overall import part_sizes, value_of_column

TOLERANCE = 0.01
_ROUNDING = 1e-9


class SumCheck(msgspec.Struct, frozen=True):
    """A published column beside what its published parts come to, in percentage points.

    `counts_not_run_as_zero` says that the parts reach the published value only where N/A counts as zero.
    """

    column: str
    published: float
    computed: float
    counts_not_run_as_zero: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether the two differ by no more than 0.01."""
        return abs(self.published - self.computed) <= TOLERANCE + _ROUNDING


def check_sums(version: Version, values: Mapping[str, float]) -> tuple[SumCheck, ...]:
    """Recompute every published column whose parts are published too, the overall first.

    >>> values = {"web_search": 60.0, "web_search_base": 50.0, "web_search_no_snippet": 70.0}
    >>> [check] = check_sums("v4", values)
    >>> check.computed, check.is_equal
    (60.0, True)
    """
    found = (_check(column, version, values) for column in columns_of(version).values())
    return tuple(check for check in found if check is not None)


def _check(column: Column, version: Version, values: Mapping[str, float]) -> SumCheck | None:
    published = values.get(column.name)
    if not column.parts or published is None:
        return None
    computed = value_of_column(column, version, values.get, is_given=False)
    if computed is None and column.name == "overall":
        known = _with_derived(version, values)
        computed = value_of_column(column, version, known.get, is_given=False)
    if computed is not None:
        return SumCheck(column.name, published, computed)
    if version != "v4" or column.name != "overall":
        return None
    with_zeros = value_of_column(
        column,
        version,
        lambda name: values.get(name, 0.0 if _is_category(name, version) else None),
        is_given=False,
    )
    return (
        None
        if with_zeros is None
        else SumCheck(column.name, published, with_zeros, counts_not_run_as_zero=True)
    )


def _is_category(name: str, version: Version) -> bool:
    return not columns_of(version)[name].parts


def _with_derived(version: Version, values: Mapping[str, float]) -> dict[str, float]:
    """Add parts that can be told because their sum and all its other parts are published."""
    known = {name: value for name, value in values.items() if name != "overall"}
    counts = {category.name: category.count(version) for category in categories_of(version)}
    for _ in range(2):  # the second round uses what the first has told
        for column in columns_of(version).values():
            if column.parts and column.name in known:
                known.update(_missing_part(column, version, known, counts))
    return known


def _missing_part(
    column: Column, version: Version, known: Mapping[str, float], counts: Mapping[str, int]
) -> dict[str, float]:
    parts = [value_of_column(part, version, known.get) for part in column.parts]
    if sum(value is None for value in parts) != 1:
        return {}
    sizes = part_sizes(column, counts)
    place = parts.index(None)
    others = math.fsum(size * value for size, value in zip(sizes, parts, strict=True) if value is not None)
    return {column.parts[place].name: (known[column.name] * math.fsum(sizes) - others) / sizes[place]}
