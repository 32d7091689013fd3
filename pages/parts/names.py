"""Titles of what is registered; a name that is no longer registered is shown as it is stored."""

from __future__ import annotations

from pages.parts.counted import counted
from xlam_backend.augment.section_styles import STYLES
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.explanation import Explanation, explain
from xlam_backend.domain.filters import ANY_JUDGE, split_ids
from xlam_backend.importers import IMPORTERS
from xlam_backend.judges import JUDGES
from xlam_backend.output_formats import OUTPUT_FORMATS

_CHECKS = {check.name: check for check in ALL_CHECKS}
_JUDGES = {judge.name: judge for judge in JUDGES}
JUDGE_NAMES = tuple(_JUDGES)
_SOURCE_TITLES = {importer.name: importer.title for importer in IMPORTERS} | {
    "augmented": "Augmentation",
    "rephrased": "Rephrasing",
}
_FORMAT_TITLES = {form.name: form.title for form in OUTPUT_FORMATS}
FORMAT_NAMES = tuple(_FORMAT_TITLES)
_STYLE_TITLES = {style.name: style.title for style in STYLES}
STYLE_NAMES = tuple(_STYLE_TITLES)


def check_title(name: str) -> str:
    """Return what people call a check."""
    check = _CHECKS.get(name)
    return check.title if check else name


def check_code(name: str) -> str:
    """Return the short id of a check (C5)."""
    check = _CHECKS.get(name)
    return check.rule_id if check else name


def source_title(name: str) -> str:
    """Return what people call a source format."""
    return _SOURCE_TITLES.get(name, name)


def format_title(name: str) -> str:
    """Return what people call an output format; "" is that of the source."""
    return _FORMAT_TITLES.get(name, name) if name else "format as it was"


def style_title(name: str) -> str:
    """Return what people call a section style."""
    return _STYLE_TITLES.get(name, name)


def judge_title(name: str) -> str:
    """Return what people call a judge; any of them when none is named."""
    judge = _JUDGES.get(name)
    return judge.title if judge else "any judge" if name == ANY_JUDGE else name


def machine_title(name: str) -> str:
    """Return what people call a check or a judge."""
    return judge_title(name) if name in _JUDGES else check_title(name)


def item_title(check: str) -> str:
    """Return what a review item is about: a check or a judge, or ("") a call that no check flagged."""
    return machine_title(check) if check else "a call no check flagged"


def filter_title(name: str, value: str) -> str:
    """Return the value of a filter as people say it."""
    if name == "ids":
        return counted(len(split_ids(value)), "chosen trajectory", "chosen trajectories")
    titles = {"check": check_title, "judge": judge_title, "source": source_title}
    return titles[name](value) if name in titles else value


def check_explanation(name: str) -> Explanation | None:
    """Return what a check's own docstring says; None for a check that is no longer registered."""
    check = _CHECKS.get(name)
    return explain(check) if check else None
