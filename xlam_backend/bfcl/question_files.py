"""Reads question sets: folders of questions in the leaderboard's own layout, with every fault named.

`BFCL_v4_<category>.json` holds a question a line, `possible_answer/` the same names with the allowed
answers. Files of earlier versions have other names (`gorilla_openfunctions_v1_test_<category>.json`), and
questions as one text; they are read too. Questions that need a simulated world are counted, not read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import CATEGORIES, VERSIONS, Category, Version, category_by_old_name
from xlam_backend.bfcl.json_lines import UnreadableLineError, decode_line, read_lines
from xlam_backend.bfcl.question import Question
from xlam_backend.errors import SourceUnreadableError, UnknownNameError
from xlam_backend.settings import PROJECT_ROOT, named_folder, question_set_folders

SETS_FOLDER = "question_sets"
ANSWERS_FOLDER = "possible_answer"
_NAME = re.compile(r"(?:BFCL_(v[2-4])|gorilla_openfunctions_(v1)_test)_([a-z_]+)\.json")
_OLD_CALL_NUMBER = re.compile(r"_\d+$")
MOST_FAULTS = 1000


class QuestionFault(msgspec.Struct, frozen=True):
    """What is wrong at one line of a file; line 0 means the whole file."""

    file: str
    line: int
    words: str


class QuestionSet(msgspec.Struct, frozen=True):
    """The questions of a folder, by category in the order of the leaderboard.

    `hash` is the SHA-256 over the names and contents of its files. `not_read` counts the questions of
    categories that cannot be asked or scored here. A question with a fault is left out.
    """

    name: str
    folder: str
    hash: str
    version: Version
    questions: dict[str, tuple[Question, ...]]
    not_read: dict[str, int]
    faults: tuple[QuestionFault, ...]

    @property
    def question_count(self) -> int:
        """How many questions were read."""
        return sum(map(len, self.questions.values()))

    def by_id(self) -> dict[str, Question]:
        """Every question by its id."""
        return {question.id: question for some in self.questions.values() for question in some}


class QuestionSetSummary(msgspec.Struct, frozen=True):
    """A folder of questions, unread: lines of each category's file."""

    name: str
    folder: str
    version: Version
    counts: dict[str, int]


class _File(msgspec.Struct, frozen=True):
    path: Path
    version: Version
    category: str  # as the file is called


class _Line(msgspec.Struct):
    id: str
    question: Any = None
    function: Any = None
    ground_truth: Any = None
    execution_result_type: Any = None


_decode_line = msgspec.json.Decoder(_Line).decode


def list_question_sets(data_folder: Path) -> list[QuestionSetSummary]:
    """Return the question sets at hand, by name.

    They lie in `question_sets/` of the data folder, in the folders that XLAM_QUESTION_SETS names, and
    beside the samples of the product.
    """
    found: dict[str, QuestionSetSummary] = {}
    for folder in _set_folders(data_folder):
        files = _files(folder)
        if files and folder.name not in found:
            counts = {name: count for file in files for name, count in _count(file).items()}
            found[folder.name] = QuestionSetSummary(folder.name, str(folder), _version(files), counts)
    return sorted(found.values(), key=lambda one: one.name)


def find_question_set(data_folder: Path, name: str) -> QuestionSet:
    """Return the question set of this name, or of the folder that `name` is the path of.

    Raises:
        UnknownNameError: there is none.
    """
    listed = {folder.name: folder for folder in reversed(list(_set_folders(data_folder))) if _files(folder)}
    if name in listed:
        return read_question_set(listed[name])
    given = named_folder(name)
    if given is not None and given.is_absolute():
        return read_question_set(given)
    raise UnknownNameError("question set", name, sorted(listed))


def read_question_set(folder: Path) -> QuestionSet:
    """Read every question of a folder; a folder that did not change is not read again.

    Raises:
        SourceUnreadableError: it holds no questions in the leaderboard's layout.
    """
    files = _files(folder)
    if not files:
        raise SourceUnreadableError(
            f"{folder} holds no questions of the leaderboard.",
            "It should hold files like BFCL_v4_simple_python.json, and possible_answer/ beside them. "
            "To fetch the official ones: python -m xlam_backend bfcl questions fetch",
        )
    return _read(str(folder.resolve()), _state(files))


@lru_cache(maxsize=4)
def _read(folder: str, state: tuple[tuple[str, int, int], ...]) -> QuestionSet:
    del state  # a part of the key alone: files that changed are read anew
    path = Path(folder)
    files = _files(path)
    faults: list[QuestionFault] = []
    seen: dict[str, str] = {}
    questions: dict[str, tuple[Question, ...]] = {}
    not_read: dict[str, int] = {}
    for file in files:
        category = _category(file)
        if category is None or not category.is_scored_here:
            not_read.update(_count(file))
        elif _wants_answer(category) and not _answer_path(file).is_file():
            name = f"{ANSWERS_FOLDER}/{file.path.name}"
            faults.append(QuestionFault(name, 0, "there is no such file: these questions cannot be scored"))
            not_read.update(_count(file))
        elif read := tuple(_read_file(file, category, seen, faults)):
            questions[category.name] = read
    return QuestionSet(
        path.name,
        folder,
        _hash(path, files),
        _version(files),
        questions,
        not_read,
        tuple(faults[:MOST_FAULTS]),
    )


def _set_folders(data_folder: Path) -> Iterator[Path]:
    kept = data_folder / SETS_FOLDER
    for parent in (kept, *question_set_folders()):
        if parent.is_dir():
            yield parent
            yield from sorted(path for path in parent.iterdir() if path.is_dir())
    yield from sorted((PROJECT_ROOT / "data").glob("questions_*"))


def _files(folder: Path) -> list[_File]:
    """Return the question files of a folder, in the order of the leaderboard's categories."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and path.is_file():
            version = next(known for known in VERSIONS if known in match.groups()[:2])
            found.append(_File(path, version, match.group(3)))
    return sorted(found, key=_place)


def _place(file: _File) -> int:
    category = _category(file)
    return CATEGORIES.index(category) if category else len(CATEGORIES)


def _version(files: Sequence[_File]) -> Version:
    return max(file.version for file in files)


def _category(file: _File) -> Category | None:
    try:
        return category_by_old_name(file.category)
    except UnknownNameError:
        return None


def _count(file: _File) -> dict[str, int]:
    """Return how many lines a file has; of files that several categories share, of each."""
    if file.category == "format_sensitivity":  # names questions of other files
        return {}
    count = sum(1 for _ in read_lines(file.path))
    shared = {
        "memory": ("memory_kv", "memory_vector", "memory_rec_sum"),
        "web_search": ("web_search_base", "web_search_no_snippet"),
    }
    category = _category(file)
    names = shared.get(file.category) or ((category.name,) if category else (file.category,))
    return dict.fromkeys(names, count)


def _state(files: Sequence[_File]) -> tuple[tuple[str, int, int], ...]:
    paths = [path for file in files for path in (file.path, _answer_path(file)) if path.is_file()]
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths)


def _hash(folder: Path, files: Sequence[_File]) -> str:
    found = hashlib.sha256()
    paths = [path for file in files for path in (file.path, _answer_path(file)) if path.is_file()]
    for path in sorted(paths):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _answer_path(file: _File) -> Path:
    return file.path.parent / ANSWERS_FOLDER / file.path.name


def _read_file(
    file: _File, category: Category, seen: dict[str, str], faults: list[QuestionFault]
) -> Iterator[Question]:
    answers = _read_answers(file, faults)
    name = file.path.name
    asked: set[str] = set()
    for number, line in _decoded(file.path, name, faults):
        words = _fault_of(line, category, seen, answers)
        asked.add(line.id)
        if words:
            faults.append(QuestionFault(name, number, words))
            continue
        seen[line.id] = name
        yield _question(line, category, answers.get(line.id))
    answer_file = f"{ANSWERS_FOLDER}/{name}"
    faults.extend(
        QuestionFault(answer_file, 0, f"{item_id!r} answers no question of {name}")
        for item_id in answers
        if item_id not in asked
    )


def _decoded(path: Path, name: str, faults: list[QuestionFault]) -> Iterator[tuple[int, _Line]]:
    for line in read_lines(path):
        try:
            yield line.number, decode_line(line, _decode_line)
        except UnreadableLineError as error:
            faults.append(QuestionFault(name, line.number, f"the line cannot be read: {error}"))


def _read_answers(file: _File, faults: list[QuestionFault]) -> dict[str, _Line]:
    path = _answer_path(file)
    name = f"{ANSWERS_FOLDER}/{file.path.name}"
    if not path.is_file():
        return {}
    found: dict[str, _Line] = {}
    for number, line in _decoded(path, name, faults):
        if line.id in found:
            faults.append(QuestionFault(name, number, f"{line.id!r} stands here again; the first one counts"))
        elif not isinstance(line.ground_truth, list | dict):
            faults.append(QuestionFault(name, number, f"{line.id!r} has no ground_truth"))
        else:
            found[line.id] = line
    return found


def _wants_answer(category: Category) -> bool:
    return category.kind not in {"irrelevance", "relevance"}


def _fault_of(line: _Line, category: Category, seen: dict[str, str], answers: dict[str, _Line]) -> str:
    """Return what is wrong with a question, "" where nothing is."""
    names = (category.name, *category.old_names)
    if line.id in seen:
        return f"the id {line.id!r} stands in {seen[line.id]} already"
    if not any(line.id.startswith(f"{name}_") for name in names):
        return f"the id {line.id!r} belongs to another category than {category.name}"
    if _turns(line.question) is None:
        return f"{line.id!r} has no messages that can be read"
    if not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in _functions(line.function)
    ):
        return f"{line.id!r} offers a function without a name"
    if _wants_answer(category) and line.id not in answers:
        return f"{line.id!r} has no answer in {ANSWERS_FOLDER}/"
    return ""


def _question(line: _Line, category: Category, answer: _Line | None) -> Question:
    functions = tuple(_functions(line.function))
    types = line.execution_result_type or (answer.execution_result_type if answer else None) or ()
    allowed = (answer.ground_truth if answer else None) or line.ground_truth
    return Question(
        line.id,
        category.name,
        _turns(line.question) or (),
        functions,
        _possible_answer(allowed, functions),
        tuple(map(str, types if isinstance(types, list) else ())),
    )


def _turns(question: Any) -> tuple[tuple[dict[str, Any], ...], ...] | None:
    """Return the messages turn by turn; the oldest files hold one text, or one turn."""
    if isinstance(question, str):
        return (({"role": "user", "content": question},),)
    if not isinstance(question, list) or not question:
        return None
    turns = [question] if isinstance(question[0], dict) else question
    if not all(isinstance(turn, list) and all(map(_is_message, turn)) for turn in turns):
        return None
    return tuple(tuple(turn) for turn in turns)


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and "content" in value


def _functions(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _possible_answer(value: Any, functions: Sequence[dict[str, Any]]) -> tuple[Any, ...] | None:
    """Return one entry for each call; the first edition wrote several as one object, numbered."""
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, dict):
        return None
    offered = {function.get("name") for function in functions}
    return tuple(
        {name if name in offered else _OLD_CALL_NUMBER.sub("", name): arguments}
        for name, arguments in value.items()
    )
