"""Few-shot examples: a module of the prompt of its own, written in the format the answer is asked in.

An example that has the keys query and tool_calls, and perhaps thought, is written in any format. Another
one shows an answer in a form we do not know: it stays as it is, and only where the format stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlam_backend.output_formats.answer import Answer, AnswerTextError
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import read_answer_object
from xlam_backend.output_formats.json_writing import json_text


def read_example(example: Any) -> tuple[str, Answer] | None:
    """Return an example's query and answer; None when it is of another form."""
    if not isinstance(example, dict) or not isinstance(example.get("query"), str):
        return None
    try:
        answer = read_answer_object({key: value for key, value in example.items() if key != "query"})
    except AnswerTextError:
        return None
    return example["query"], answer


def write_examples(examples: Sequence[Any], form: OutputFormat | None) -> str:
    """Write examples one after the other; without a format, as they stand in the trajectory."""
    return "\n\n".join(_write_example(example, form) for example in examples)


def _write_example(example: Any, form: OutputFormat | None) -> str:
    read = read_example(example) if form is not None else None
    if read is None or form is None:
        return example if isinstance(example, str) else json_text(example)
    query, answer = read
    return f"Query: {query}\nAnswer:\n{form.render(answer)}"
