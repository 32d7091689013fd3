"""What a view can be narrowed to: the names that really stand in the store."""

from __future__ import annotations

import msgspec

from xlam_backend.store.connection import Store

MOST_TOOLS = 500


class FilterChoices(msgspec.Struct, frozen=True):
    """Names to choose from, most frequent first for checks and tools (of the tools at most 500)."""

    datasets: tuple[str, ...]
    sources: tuple[str, ...]
    checks: tuple[str, ...]
    tools: tuple[str, ...]
    categories: tuple[str, ...] = ()


def read_filter_choices(store: Store) -> FilterChoices:
    """Return the names that really stand in the store."""
    with store.cursor() as cursor:

        def column(query: str) -> tuple[str, ...]:
            return tuple(row[0] for row in cursor.execute(query).fetchall())

        return FilterChoices(
            datasets=column("SELECT name FROM dataset ORDER BY name"),
            sources=column("SELECT DISTINCT importer FROM dataset ORDER BY importer"),
            checks=column(
                "SELECT check_name FROM (SELECT check_name FROM current_finding UNION ALL"
                " SELECT check_name FROM current_tool_finding)"
                " GROUP BY ALL ORDER BY count(*) DESC, check_name"
            ),
            tools=column(
                f"SELECT name FROM tool_call GROUP BY ALL ORDER BY count(*) DESC, name LIMIT {MOST_TOOLS}"
            ),
            categories=column("SELECT DISTINCT category FROM trajectory_category ORDER BY category"),
        )
