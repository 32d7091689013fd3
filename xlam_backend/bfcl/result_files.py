"""Reads and writes results of the official tool: what a model answered, one file a category.

What is no answer is never scored: a traceback, an error of the endpoint, a line that cannot be read. Every
such line is named, and its question counts as not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from xlam_backend.bfcl.categories import Category, Version
from xlam_backend.bfcl.json_lines import UnreadableLineError, decode_line, read_lines
from xlam_backend.bfcl.official_names import OfficialFile, category_of_id, file_path, find_files, today_id
from xlam_backend.bfcl.question_files import QuestionSet
from xlam_backend.domain.evaluation import Output
from xlam_backend.errors import SettingError

FaultKind = Literal[
    "unreadable line",
    "doubled id",
    "unknown id",
    "wrong category",
    "unknown category",
    "missing",
    "traceback",
    "infrastructure error",
    "no result",
    "old name",
    "cannot be scored here",
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

_TRACEBACK = re.compile(r"\s*(?:Error.{0,1000}?)?Traceback \(most recent call last\):\s+File ", re.DOTALL)
# What clients and the official tool write where an answer should stand. Anchored: models may speak of errors.
_INFRASTRUCTURE = re.compile(
    r"\s*(?:Error during inference: |Error code: \d{3}\b|Internal error occurred\.?\s*$"
    r"|Connection error\.?\s*$|Request timed out\.?\s*$|HTTPS?ConnectionPool\("
    r"|Rate limit (?:reached|exceeded)\b"
    r"|(?:openai|anthropic|httpx|httpcore|requests|urllib3|google\.api_core|botocore)\.[\w.]*(?:Error|Exception)\b)"
)
_LONGEST_WORDS = 200
_MOST = 10**12  # tokens, or seconds: more is no count of them


class ResultFault(msgspec.Struct, frozen=True):
    """What is wrong with a result. `line` 0 means the whole file; `item_id` is "" where it is not known."""

    file: str
    line: int
    kind: FaultKind
    item_id: str
    words: str


class ResultItem(msgspec.Struct, frozen=True):
    """One answer, under its question's id in the question set."""

    id: str
    output: Output
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float | None = None


class ModelResults(msgspec.Struct, frozen=True):
    """What one model's files say. `model` is its folder's name, which may have _ where its name has /.

    `items` holds the answers by category, `not_answered` why there is none, by category and question.
    """

    model: str
    version: Version
    items: dict[str, tuple[ResultItem, ...]]
    not_answered: dict[str, dict[str, str]]
    faults: tuple[ResultFault, ...]

    @property
    def is_native(self) -> bool:
        """Whether answers are calls of an API, and not text."""
        return any(isinstance(item.output, list) for some in self.items.values() for item in some)

    def fault_counts(self) -> dict[FaultKind, int]:
        """How many faults there are of each kind that occurs."""
        counts = {kind: sum(fault.kind == kind for fault in self.faults) for kind in FAULT_KINDS}
        return {kind: count for kind, count in counts.items() if count}


class _Line(msgspec.Struct):
    id: Any = None
    result: Any = None
    traceback: Any = None
    input_token_count: Any = None
    output_token_count: Any = None
    latency: Any = None


_decode_line = msgspec.json.Decoder(_Line).decode


class _Reading:
    """One model's files while they are read."""

    def __init__(self, questions: QuestionSet) -> None:
        self.wanted = {name: {one.id for one in some} for name, some in questions.questions.items()}
        self.items: dict[str, dict[str, ResultItem]] = {}
        self.reasons: dict[str, dict[str, str]] = {}
        self.faults: list[ResultFault] = []

    def read(self, file: OfficialFile) -> None:
        category = file.category
        if category is None:
            self._say(
                file, 0, "unknown category", "", f"{file.said_category!r} is no category of the leaderboard"
            )
            return
        if category.name not in self.wanted:
            words = f"the question set has no questions of {category.name}, or they cannot be scored here"
            self._say(file, 0, "cannot be scored here", "", words)
            return
        old_ids = 0
        for number, line in self._lines(file):
            old_ids += self._take(file, category, number, line)
        if old_ids:
            words = (
                f"{old_ids:,} ids are those of an earlier version; they are read under their names of today"
            )
            self._say(file, 0, "old name", "", words)

    def close(self, files: Iterable[OfficialFile]) -> None:
        """Name the questions of the files' categories that no line answers."""
        for file in files:
            name = file.category.name if file.category else ""
            known = self.items.get(name, {}).keys() | self.reasons.get(name, {}).keys()
            for item_id in sorted(self.wanted.get(name, set()) - known):
                self._not_answered(file, name, 0, item_id, "missing", "no line answers this question")

    def _lines(self, file: OfficialFile) -> Iterable[tuple[int, _Line]]:
        for line in read_lines(file.path):
            try:
                yield line.number, decode_line(line, _decode_line)
            except UnreadableLineError as error:
                self._say(file, line.number, "unreadable line", "", f"the line cannot be read: {error}")

    def _take(self, file: OfficialFile, category: Category, number: int, line: _Line) -> bool:
        """Take a line's answer, or say what is wrong with it; returns whether its id was an earlier one."""
        if not isinstance(line.id, str) or not line.id:
            self._say(file, number, "unreadable line", "", "the line has no id")
            return False
        name, wanted = category.name, self.wanted[category.name]
        item_id = next((known for known in today_id(line.id, category) if known in wanted), "")
        if not item_id:
            self._say_unknown(file, category, number, line.id)
            return False
        if item_id in self.items.get(name, {}) or item_id in self.reasons.get(name, {}):
            self._say(
                file, number, "doubled id", item_id, "answered in an earlier line; the first one counts"
            )
            return False
        kind, words = _no_answer(line)
        if kind:
            self._not_answered(file, name, number, item_id, kind, words)
        else:
            self.items.setdefault(name, {})[item_id] = ResultItem(
                item_id,
                line.result,
                _whole(line.input_token_count),
                _whole(line.output_token_count),
                _seconds(line.latency),
            )
        return item_id != line.id

    def _say_unknown(self, file: OfficialFile, category: Category, number: int, item_id: str) -> None:
        said = category_of_id(item_id)
        if said and said not in {category.name, *category.old_names}:
            words = f"the id is one of {said}, the file is one of {category.name}"
            self._say(file, number, "wrong category", item_id, words)
        else:
            self._say(file, number, "unknown id", item_id, "the question set has no such question")

    def _not_answered(
        self, file: OfficialFile, name: str, number: int, item_id: str, kind: FaultKind, words: str
    ) -> None:
        self.reasons.setdefault(name, {})[item_id] = f"{kind}: {words}"
        self._say(file, number, kind, item_id, words)

    def _say(self, file: OfficialFile, line: int, kind: FaultKind, item_id: str, words: str) -> None:
        self.faults.append(ResultFault(file.path.name, line, kind, item_id[:_LONGEST_WORDS], words))


def read_results(place: Path, questions: QuestionSet) -> tuple[ModelResults, ...]:
    """Read the results of every model in a folder, held against the questions they answer.

    Raises:
        SourceUnreadableError: there are no result files.
    """
    by_model: dict[str, list[OfficialFile]] = {}
    for file in find_files(place, "result"):
        by_model.setdefault(file.model, []).append(file)
    return tuple(_read_model(model, files, questions) for model, files in sorted(by_model.items()))


def _read_model(model: str, files: list[OfficialFile], questions: QuestionSet) -> ModelResults:
    reading = _Reading(questions)
    for file in files:
        reading.read(file)
    reading.close(files)
    return ModelResults(
        model,
        max(file.version for file in files),
        {name: tuple(reading.items[name].values()) for name in reading.wanted if name in reading.items},
        {name: reading.reasons[name] for name in reading.wanted if name in reading.reasons},
        tuple(reading.faults),
    )


def _no_answer(line: _Line) -> tuple[FaultKind | None, str]:
    """Return why a line holds no answer that can be scored; (None, "") where it holds one."""
    result = line.result
    if isinstance(result, str):
        if line.traceback or _TRACEBACK.match(result):
            return "traceback", _short(result or str(line.traceback))
        if _INFRASTRUCTURE.match(result):
            return "infrastructure error", _short(result)
        return None, ""
    if line.traceback:
        return "traceback", _short(str(line.traceback))
    if isinstance(result, list) and all(isinstance(call, dict) for call in result):
        return None, ""
    if result is None:
        return "no result", "the line has no result"
    return "no result", "the result is neither text nor a list of calls"


def _short(text: str) -> str:
    flat = " ".join(text[: _LONGEST_WORDS * 4].split())
    return flat if len(flat) <= _LONGEST_WORDS else flat[:_LONGEST_WORDS] + "…"


def _whole(value: Any) -> int:
    """Return a count; 0 where it is none that an answer can have."""
    return int(value) if isinstance(value, int | float) and 0 <= value <= _MOST else 0


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value <= _MOST else None


def write_results(
    root: Path,
    model: str,
    items: Mapping[Category, Iterable[ResultItem]],
    *,
    version: Version = "v4",
) -> tuple[Path, ...]:
    """Write answers as the official tool would, `root`/result/model/...; returns the files.

    Raises:
        SettingError: a file cannot be written, or is there already.
    """
    written = []
    for category, answers in items.items():
        path = file_path(root, "result", model, category, version)
        lines = (msgspec.json.encode(_as_line(item)) for item in answers)
        write_new(path, b"".join(line + b"\n" for line in lines))
        written.append(path)
    return tuple(written)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        SettingError: it is there, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise SettingError(f"{path} is there already.", "Choose an empty folder.") from error
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error}.", "Choose another folder.") from error


def _as_line(item: ResultItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "result": item.output,
        "input_token_count": item.input_tokens,
        "output_token_count": item.output_tokens,
        "latency": item.seconds,
    }
