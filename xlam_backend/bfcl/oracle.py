"""Holds the scorer against an oracle: real outputs of models with the verdicts of the official tool.

An oracle is a folder of `<category>.jsonl.gz` (or `.jsonl`), a row an answer. Of a row are read: `question`,
`functions`, `possible_answer` (and `v4_functions`, `v4_possible_answer` where those of v4 differ),
`raw_output`, `decoder` (the official handler class), `underscore_to_dot`, the verdict of the time
(`official_valid`, `official_error_type`, with `bfcl_version`) and that of v4 (`v4_valid`, `v4_error_type`).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from xlam_backend.bfcl.categories import CATEGORIES
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import DecoderName, Reading
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.errors import InputError, SourceUnreadableError, UnknownNameError

Edition = Literal["v4", "then"]
"""Which verdict is compared: that of v4 on the data of v4, or that of the time with the data of the time."""

# (version, handler) -> decoder; "FC" in a model's name says that a handler of v1 read calls of an API.
_DECODERS: Mapping[tuple[str, str], DecoderName] = {
    ("v1", "ClaudeFCHandler"): "native",
    ("v1", "ClaudePromptingHandler"): "v1_one_space",
    ("v1", "CohereHandler"): "v1_brackets",
    ("v1", "GeminiHandler"): "native",
    ("v1", "GorillaHandler"): "v1_bracketless",
    ("v1", "HermesHandler"): "v1_tool_call_lines",
    ("v1", "LlamaHandler"): "v1_one_line",
    ("v1", "MistralHandler"): "v1_escaped",
    ("v1", "OpenAIHandler"): "v1_list",
    ("v1", "xLAMHandler"): "tool_calls_object",
    ("v3", "LlamaHandler"): "prompted",
    ("v3", "QwenFCHandler"): "tool_call_tags",
    ("v3", "QwenHandler"): "prompted",
    ("v3", "SalesforceLlamaHandler"): "json_calls",
    ("v4", "OpenAICompletionsHandler"): "native",
}
_API_IN_NAME = frozenset({"MistralHandler", "OpenAIHandler"})
# One type has another name since v3.
_NEW_NAMES = {"relevance_error:decoder_success": "irrelevance_error:decoder_success"}


class OracleRow(msgspec.Struct, frozen=True):
    """What is read of a row."""

    bfcl_version: str
    category: str
    id: str
    model: str
    decoder: str
    question: Any
    functions: Any
    raw_output: Any
    possible_answer: Any = None
    underscore_to_dot: bool | None = None
    official_valid: bool | None = None
    official_error_type: str | None = None
    v4_valid: bool | None = None
    v4_error_type: str | None = None
    v4_functions: Any = None
    v4_possible_answer: Any = None
    offline_reproducible: bool | None = None


class Disagreement(msgspec.Struct, frozen=True):
    """An answer on which the scorer and the oracle say different things."""

    edition: Edition
    bfcl_version: str
    category: str
    id: str
    model: str
    expected: str
    found: str
    raw_output: Any


class CategoryAgreement(msgspec.Struct):
    """How many answers of a category were compared, and on how many both say the same."""

    category: str
    edition: Edition
    bfcl_version: str
    compared: int = 0
    agreed: int = 0


class Agreement(msgspec.Struct, frozen=True):
    """The whole comparison; `not_compared` counts, by category, answers whose verdict needs a network."""

    categories: tuple[CategoryAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    not_compared: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether every verdict of v4, and of the executable questions, is met with its error type.

        Verdicts of v1 and v3 on other questions are told, not asked for: v3 read some answers otherwise.
        """
        missed = [
            one for one in self.disagreements if one.edition == "v4" or one.category.startswith("exec_")
        ]
        return bool(self.categories) and not missed


def oracle_files(folder: Path) -> dict[str, Path]:
    """The files of the categories that are scored here, by category, in the leaderboard's order."""
    found: dict[str, Path] = {}
    for category in CATEGORIES:
        for suffix in (".jsonl.gz", ".jsonl"):
            path = folder / f"{category.name}{suffix}"
            if category.is_scored_here and path.is_file():
                found.setdefault(category.name, path)
    if not found:
        raise SourceUnreadableError(
            f"There is no oracle in {folder}.",
            "Give a folder that holds files such as simple_python.jsonl.gz, as docs/bfcl.md says.",
        )
    return found


def read_oracle(path: Path) -> Iterator[OracleRow]:
    """The rows of one file."""
    decoder = msgspec.json.Decoder(OracleRow)
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise SourceUnreadableError(
                    f"{path}:{number} is no row of an oracle: {error}.", "Use the files as they came."
                ) from None


def compare_with_oracle(
    folder: Path, categories: Collection[str] = (), *, on_category: Callable[[str], object] = str
) -> Agreement:
    """Score every answer of the oracle (or of these categories), and compare; says when a category begins."""
    files = oracle_files(folder)
    if unknown := [name for name in categories if name not in files]:
        raise UnknownNameError("category of this oracle", unknown[0], files)

    def rows() -> Iterator[OracleRow]:
        for name, path in files.items():
            if not categories or name in categories:
                on_category(name)
                yield from read_oracle(path)

    return compare_rows(rows())


def compare_rows(rows: Iterable[OracleRow]) -> Agreement:
    """Score these answers, and compare with their verdicts of v4 and of their time."""
    counts: dict[tuple[str, str, str], CategoryAgreement] = {}
    disagreements: list[Disagreement] = []
    not_compared: dict[str, int] = {}
    for row in rows:
        comparisons = list(_comparisons(row))
        if not comparisons:
            not_compared[row.category] = not_compared.get(row.category, 0) + 1
        for edition, expected, found in comparisons:
            version = "v4" if edition == "v4" else row.bfcl_version
            count = counts.setdefault(
                (row.category, edition, version), CategoryAgreement(row.category, edition, version)
            )
            count.compared += 1
            count.agreed += expected == found
            if expected != found:
                disagreements.append(_disagreement(row, edition, expected, found))
    return Agreement(tuple(counts.values()), tuple(disagreements), not_compared)


def reading_of(row: OracleRow) -> Reading:
    """How the official tool read this model's answers."""
    is_api = row.bfcl_version == "v1" and row.decoder in _API_IN_NAME and "FC" in row.model
    name = "native" if is_api else _DECODERS.get((row.bfcl_version, row.decoder))
    if name == "v1_escaped" and row.category.startswith("exec_"):
        name = "v1_escaped_list"
    if name is None:
        raise InputError(
            f"{row.decoder} of {row.bfcl_version} is not a known decoder.",
            "Known are those of the files that docs/bfcl.md names.",
        )
    return Reading(
        decoder=name, underscore_to_dot=bool(row.underscore_to_dot), is_function_calling=name == "native"
    )


def _comparisons(row: OracleRow) -> Iterator[tuple[Edition, str, str]]:
    """(edition, expected, found) of each verdict that the row has and that can be met."""
    reading = reading_of(row)
    if row.v4_valid is not None:
        question = _question(
            row, row.v4_functions or row.functions, row.v4_possible_answer or row.possible_answer
        )
        expected = _words(row.v4_valid, row.v4_error_type)
        yield "v4", expected, _words_of(score_item(question, row.raw_output, reading))
    if row.official_valid is not None and row.offline_reproducible is not False:
        question = _question(row, row.functions, row.possible_answer)
        if row.bfcl_version == "v1":
            reading = msgspec.structs.replace(reading, edition="v1")
        expected = _words(row.official_valid, row.official_error_type)
        yield "then", expected, _words_of(score_item(question, row.raw_output, reading))


def _question(row: OracleRow, functions: Any, answer: Any) -> Question:
    listed = functions if isinstance(functions, list) else [functions]
    return Question(
        id=row.id,
        category=row.category,
        turns=tuple(tuple(turn) for turn in row.question),
        functions=tuple(listed),
        possible_answer=None if answer is None else tuple(answer),
    )


def _words(is_valid: bool, error_type: str | None) -> str:
    return "valid" if is_valid else _NEW_NAMES.get(error_type or "", error_type or "")


def _words_of(verdict: Verdict) -> str:
    return _words(verdict.is_valid, verdict.error_type)


def _disagreement(row: OracleRow, edition: Edition, expected: str, found: str) -> Disagreement:
    return Disagreement(
        edition, row.bfcl_version, row.category, row.id, row.model, expected, found, row.raw_output
    )
