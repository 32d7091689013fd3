"""The map of a search: alike requests near each other, clusters in colour, a click opens one."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import draw_clickable
from pages.parts.near_duplicate_state import NearView, near_params
from pages.parts.page_head import draw_note
from pages.parts.routes import NEAR_DUPLICATES, TRAJECTORY
from pages.parts.store_cache import read_cached
from xlam_backend.charts.cluster_map import MapPoint as ChartPoint
from xlam_backend.charts.cluster_map import cluster_map
from xlam_backend.dedupe.clusters import MOST_POINTS, map_points
from xlam_backend.domain.near_duplicate import MapPoint

_CLUSTER = "cluster "


def draw_map(view: NearView) -> None:
    """Draw the map; above some thousands of rows a draw of them, and that is said."""
    found = read_cached(
        "near_map", map_points, view.search.search_no, threshold=view.threshold, most=MOST_POINTS
    )
    clusters = len({point.cluster for point in found.points} - {0})
    shown = f"All {found.total:,} rows are shown"
    if len(found.points) < found.total:
        shown = f"{len(found.points):,} of {found.total:,} rows are shown, those in clusters first"
    draw_note(
        f"{shown}; {clusters:,} clusters in colour, grey what has no duplicate at {view.threshold:.2f}. "
        "What lies near is worded alike; the axes mean nothing. A click opens; drag a box to look closer, "
        "double-click to see all."
    )
    draw_clickable(
        cluster_map([_point(point) for point in found.points]), key="near_map", open_key=_open, can_zoom=True
    )


def _point(point: MapPoint) -> ChartPoint:
    key = f"{_CLUSTER}{point.cluster}" if point.cluster else point.trajectory_id
    return ChartPoint(key, point.x, point.y, point.cluster, point.query)


def _open(key: str) -> None:
    if key.startswith(_CLUSTER):
        st.switch_page(
            NEAR_DUPLICATES, query_params=near_params(cluster=key.removeprefix(_CLUSTER), show="clusters")
        )
    st.switch_page(TRAJECTORY, query_params={"id": key})
