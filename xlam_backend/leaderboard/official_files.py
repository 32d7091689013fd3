"""Writes an evaluation as the official tool would: result files, and score files beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from xlam_backend.access import require
from xlam_backend.bfcl.categories import Version, category_by_name, version_by_name
from xlam_backend.bfcl.result_files import ResultItem, write_results
from xlam_backend.bfcl.score_files import ScoreFailure, write_scores
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem, Tally
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation, read_items


def write_official_files(
    store: Store, evaluation_no: int, target: Path, *, person: Person, now: datetime
) -> tuple[Path, ...]:
    """Write `target`/result and `target`/score; returns the files. What was not answered stands in neither.

    Raises:
        NotFoundError: there is no such evaluation.
        SettingError: it has no answers, or a file is there already.
        AccessDeniedError: the person may not.
    """
    require(person, "export")
    evaluation = read_evaluation(store, evaluation_no)
    answered = [item for item in read_items(store, evaluation_no).items if item.state == "answered"]
    if not answered:
        raise SettingError(f"Evaluation {evaluation_no} has no answers.", "Ask again, or choose another.")
    by_category: dict[str, list[EvaluationItem]] = {}
    for item in answered:
        by_category.setdefault(item.category, []).append(item)
    files = [file for name, items in by_category.items() for file in _write(evaluation, name, items, target)]
    with store.write() as cursor:
        detail = {"files": len(files), "answers": len(answered)}
        subject = f"evaluation {evaluation_no}"
        write_audit(cursor, store, person, "export", subject, detail, now=now)
    return tuple(files)


def _write(
    evaluation: Evaluation, name: str, items: Sequence[EvaluationItem], target: Path
) -> tuple[Path, ...]:
    category = category_by_name(name)
    version: Version = version_by_name(evaluation.version)
    results = [
        ResultItem(item.item_id, item.output, item.input_tokens, item.output_tokens, item.seconds)
        for item in items
    ]
    scored = [item for item in items if item.is_valid is not None]
    failures = [
        ScoreFailure(item.item_id, item.error_type, item.errors, output=item.output, decoded=item.decoded)
        for item in scored
        if not item.is_valid
    ]
    tally = Tally(len(scored) - len(failures), len(scored))
    return (
        *write_results(target, evaluation.model, {category: results}, version=version),
        write_scores(target, evaluation.model, category, tally, failures, version=version),
    )
