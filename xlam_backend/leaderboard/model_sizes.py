"""How large a model is, where a record, the paper or its name tells."""

from __future__ import annotations

import re

import msgspec

from xlam_backend.leaderboard.paper import paper_table

_MODE = re.compile(r"\s*\((?:FC|Prompt)[^)]*\).*$", re.IGNORECASE)
_SIZE = re.compile(r"(?<![A-Za-z0-9.])(\d{1,4}(?:\.\d+)?)\s?([BM])(?![A-Za-z0-9])", re.IGNORECASE)
# Names that tell the size of one expert, or of what is active: the whole is another number.
_EXPERTS = re.compile(r"\d+x\d|\d+B-\d+E", re.IGNORECASE)
_KNOWN_EXPERTS = {"mixtral-8x7b": 46.7, "mixtral-8x22b": 141.0}


class ModelSize(msgspec.Struct, frozen=True):
    """Parameters in billions, and who says so."""

    billions: float
    words: str


def told_size(name: str) -> ModelSize | None:
    """Return the size that the paper's Table 1 or the model's own name tells.

    >>> told_size("xLAM-8x7b-r (FC)"), told_size("Qwen3-235B-A22B (FC)").billions
    (ModelSize(billions=46.7, words="the paper's Table 1"), 235.0)
    >>> told_size("GPT-4o-2024-05-13 (Prompt)") is None
    True
    """
    plain = _MODE.sub("", name).strip()
    for row in paper_table(1).rows:
        if str(row[0]).lower() == plain.rpartition("/")[2].lower():
            return ModelSize(float(str(row[2]).removesuffix("B")), "the paper's Table 1")
    for stem, billions in _KNOWN_EXPERTS.items():
        if stem in plain.lower():
            return ModelSize(billions, "the model's shape")
    found = None if _EXPERTS.search(plain) else _SIZE.search(plain)
    if not found:
        return None
    billions = float(found.group(1)) / (1000 if found.group(2).upper() == "M" else 1)
    return ModelSize(billions, "the model's name")


def measured_size(parameter_count: int) -> ModelSize:
    """Return the size of a model whose parameters were counted."""
    return ModelSize(parameter_count / 1e9, "counted")
