"""General-instruction data at a glance: what there is, and what each filter of it flags."""

from __future__ import annotations

from xlam_backend.store.general_data import FilterCount, GeneralData, read_general_data

__all__ = ["FILTERS", "FilterCount", "GeneralData", "read_general_data"]

# The filters of the xLAM paper's section 3.5 that are checks, in its order: name, what it takes out.
FILTERS: tuple[tuple[str, str], ...] = (
    ("repeated_text", "repeated words and turns"),
    ("inappropriate_content", "inappropriate content"),
    ("licence", "non-commercial or unknown licence"),
    ("contamination", "overlap with an evaluation set"),
)
