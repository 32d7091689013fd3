"""How scores are told in words: one notation for the command line and the pages."""

from __future__ import annotations

from xlam_backend.bfcl.overall import Overall


def percent(value: float | None) -> str:
    """Return a score in percent, "N/A" where there is none.

    >>> percent(43.219), percent(None)
    ('43.22 %', 'N/A')
    """
    return "N/A" if value is None else f"{value:.2f} %"


def overall_words(overall: Overall) -> str:
    """Return the overall accuracy; where it is withheld, the same sum over what was run."""
    if overall.value is not None:
        return percent(overall.value)
    if overall.mean_of_run is None:
        return "N/A"
    return f"N/A ({percent(overall.mean_of_run)} of what was run)"
