"""Reads and writes score files of the official tool: a line of sums, then a line for each wrong answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Category, Version
from xlam_backend.bfcl.json_lines import Line, UnreadableLineError, decode_line, read_lines
from xlam_backend.bfcl.official_names import OfficialFile, file_path, find_files, today_id
from xlam_backend.bfcl.result_files import write_new
from xlam_backend.domain.evaluation import Tally

# The official tool rounds nothing, but others write percentages by hand.
_SAME_SHARE = 1e-4


class ScoreFailure(msgspec.Struct, frozen=True):
    """A wrong answer: its question, what is wrong in the official words, and what was read in the answer."""

    id: str
    error_type: str
    errors: tuple[str, ...] = ()
    prompt: Any = None
    output: Any = None
    decoded: Any = None
    possible_answer: Any = None


class ScoreFault(msgspec.Struct, frozen=True):
    """What is wrong at one line of a score file; line 0 means the whole file."""

    file: str
    line: int
    words: str


class CategoryScore(msgspec.Struct, frozen=True):
    """What the official tool says of one model in one category."""

    model: str
    category: str
    version: Version
    tally: Tally
    failures: tuple[ScoreFailure, ...]
    faults: tuple[ScoreFault, ...]


class _Head(msgspec.Struct):
    accuracy: float
    correct_count: int
    total_count: int


class _Failure(msgspec.Struct):
    id: Any = None
    valid: Any = None
    error: Any = None
    error_type: Any = None
    prompt: Any = None
    model_result: Any = None
    model_result_raw: Any = None
    model_result_decoded: Any = None
    possible_answer: Any = None


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_failure = msgspec.json.Decoder(_Failure).decode


def read_scores(place: Path) -> tuple[CategoryScore, ...]:
    """Read the score files of a folder; a file whose first line holds no sums is named among the faults.

    Raises:
        SourceUnreadableError: there are no score files.
    """
    return tuple(
        _read_file(file, file.category) for file in find_files(place, "score") if file.category is not None
    )


def write_scores(
    root: Path,
    model: str,
    category: Category,
    tally: Tally,
    failures: Iterable[ScoreFailure],
    *,
    version: Version = "v4",
) -> Path:
    """Write a score file as the official tool would, `root`/score/model/...; returns it.

    Raises:
        SettingError: it cannot be written, or is there already.
    """
    head = {
        "accuracy": tally.correct / tally.total if tally.total else 0.0,
        "correct_count": tally.correct,
        "total_count": tally.total,
    }
    lines = [head, *(_as_line(one, model, category) for one in failures)]
    path = file_path(root, "score", model, category, version)
    write_new(path, b"".join(msgspec.json.encode(line, enc_hook=str) + b"\n" for line in lines))
    return path


def _as_line(failure: ScoreFailure, model: str, category: Category) -> Mapping[str, Any]:
    return {
        "id": failure.id,
        "model_name": model,
        "test_category": category.name,
        "valid": False,
        "error": list(failure.errors),
        "error_type": failure.error_type,
        "prompt": failure.prompt,
        "model_result_raw": failure.output,
        "model_result_decoded": failure.decoded,
        "possible_answer": failure.possible_answer,
    }


def _read_file(file: OfficialFile, category: Category) -> CategoryScore:
    faults: list[ScoreFault] = []
    name = file.path.name
    lines = read_lines(file.path)
    head = _read_head(name, next(lines, Line(1, b"")), faults)
    failures: dict[str, ScoreFailure] = {}
    for line in lines:
        failure = _read_failure(name, line, category, faults)
        if failure and failure.id in failures:
            words = f"{failure.id!r} stands here again; the first one counts"
            faults.append(ScoreFault(name, line.number, words))
        elif failure:
            failures[failure.id] = failure
    if head.total_count - head.correct_count != len(failures) and head.total_count:
        words = (
            f"the first line counts {head.total_count - head.correct_count:,} wrong answers, "
            f"the file holds {len(failures):,}"
        )
        faults.append(ScoreFault(name, 0, words))
    tally = Tally(head.correct_count, head.total_count)
    return CategoryScore(
        file.model, category.name, file.version, tally, tuple(failures.values()), tuple(faults)
    )


def _read_head(name: str, line: Line, faults: list[ScoreFault]) -> _Head:
    try:
        head = decode_line(line, _decode_head)
    except UnreadableLineError as error:
        faults.append(ScoreFault(name, 1, f"the first line holds no sums: {error}"))
        return _Head(0.0, 0, 0)
    if not 0 <= head.correct_count <= head.total_count:
        faults.append(ScoreFault(name, 1, f"{head.correct_count} of {head.total_count} cannot be correct"))
        return _Head(0.0, 0, 0)
    share = head.correct_count / head.total_count if head.total_count else 0.0
    if not math.isclose(head.accuracy, share, abs_tol=_SAME_SHARE):
        words = f"the accuracy is {head.accuracy}, the counts say {share:.6f}; the counts are taken"
        faults.append(ScoreFault(name, 1, words))
    return head


def _read_failure(name: str, line: Line, category: Category, faults: list[ScoreFault]) -> ScoreFailure | None:
    try:
        told = decode_line(line, _decode_failure)
    except UnreadableLineError as error:
        faults.append(ScoreFault(name, line.number, f"the line cannot be read: {error}"))
        return None
    if not isinstance(told.id, str):
        faults.append(ScoreFault(name, line.number, "the line has no id"))
        return None
    if today_id(told.id, category) == (told.id,) and not told.id.startswith(f"{category.name}_"):
        faults.append(ScoreFault(name, line.number, f"{told.id!r} is no id of {category.name}"))
    errors = told.error if isinstance(told.error, list) else [told.error] if told.error else []
    raw = told.model_result_raw if told.model_result_raw is not None else told.model_result
    return ScoreFailure(
        told.id,
        str(told.error_type or ""),
        tuple(map(str, errors)),
        told.prompt,
        raw,
        told.model_result_decoded,
        told.possible_answer,
    )
