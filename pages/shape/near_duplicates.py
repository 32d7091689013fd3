"""Near-duplicates: trajectories that say nearly the same, why a pair stays or goes, and what was decided."""

from __future__ import annotations

from pages.parts.page_head import draw_empty, draw_head

draw_head(
    "Near-duplicates",
    "Trajectories that say nearly the same: see the clusters, and decide what stays and what goes.",
)
draw_empty("Nothing was compared yet.", "Import trajectories first.")
