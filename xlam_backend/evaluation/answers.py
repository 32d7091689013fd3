"""Answers as they come: each is written down at once, so that a run that goes on asks nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from xlam_backend.domain.evaluation import ItemState, Output

ANSWERS = "answers.jsonl"
CUT = "not ended at the limit"  # among the figures of a run: how many answers were cut off


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one question; "not answered" has its `reason`.

    `is_settled`: asking once more would bring the same, such as a question that is longer than the
    model's context. Whatever else was not answered is asked again when the run goes on. `is_cut`: it had not
    ended when the limit was reached.
    """

    item_id: str
    state: ItemState
    reason: str = ""
    output: Output = ""
    seconds: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    is_scripted: bool = False
    is_settled: bool = False
    is_cut: bool = False


class AnswerLog:
    """The answers of a run in a file of lines; a line that was cut off when the run was killed is dropped."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ANSWERS
        self.answers: dict[str, Answer] = {}
        self.missing_count = 0
        for answer in self._read():
            if answer.state == "answered" or answer.is_settled:
                self._note(answer)
        self._write_whole()
        self._file = self._path.open("ab")

    def __enter__(self) -> AnswerLog:
        """Use it until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def add(self, answer: Answer) -> None:
        """Write an answer down."""
        self._note(answer)
        self._file.write(msgspec.json.encode(answer) + b"\n")
        self._file.flush()

    def _note(self, answer: Answer) -> None:
        before = self.answers.get(answer.item_id)
        self.missing_count -= before is not None and before.state == "not answered"
        self.missing_count += answer.state == "not answered"
        self.answers[answer.item_id] = answer

    def _read(self) -> Iterator[Answer]:
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                yield msgspec.json.decode(line, type=Answer)
            except msgspec.DecodeError:
                continue

    def _write_whole(self) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(b"".join(msgspec.json.encode(kept) + b"\n" for kept in self.answers.values()))
        draft.replace(self._path)
