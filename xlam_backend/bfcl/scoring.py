"""Scores answers: decodes what a model wrote and judges it, with the verdicts of the official tool."""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.bfcl.verdict import Verdict


class Output(msgspec.Struct, frozen=True):
    """What a model answered to one question: text, or calls of an API."""

    id: str
    output: str | list[Any]


class ScoredItem(msgspec.Struct, frozen=True):
    """The verdict on one question."""

    id: str
    category: str
    verdict: Verdict
