"""docs/output_formats.md: every format with the instruction a model gets, written from the formats."""

from __future__ import annotations

from collections.abc import Iterable

from xlam_backend.output_formats.answer import MAX_CHARACTERS, MAX_DEPTH
from xlam_backend.output_formats.base import OutputFormat

HEAD = f"""# Output formats

The forms in which a model can be asked to write its answer: a thought, and calls. Each has an
instruction, a writer and a strict reader. What is written is read back to the letter, for any arguments
that JSON can hold (objects and lists up to {MAX_DEPTH} levels deep, {MAX_CHARACTERS:,} characters in
all): the order of keys, 1 and 1.0, 0.0 and -0.0 included. A text that is not written in its format is
refused with line, column and reason; a text that was cut off is never taken for a whole one with fewer
calls. "No call is needed" is always said, never left open. Ids of calls belong to the trajectory, not
to the answer.

`python -m xlam_backend output-formats` lists them, `output-formats show NAME` prints an instruction,
and `output-formats convert FILE --from NAME --to NAME` writes an answer in another format. What models
really write is read by the importers' own, forgiving reader.

A new format is one file in `xlam_backend/output_formats/` that ends in the constant `FORMAT`, and one
line in its `__init__.py`; `pytest tests/properties/test_output_formats.py` then holds it to its word.
"""


def reference_page(formats: Iterable[OutputFormat]) -> str:
    """Return the text of docs/output_formats.md."""
    return "\n".join((HEAD, *(_section(form) for form in formats)))


def _section(form: OutputFormat) -> str:
    order = "The keys name and arguments may come in either order." if form.has_call_keys else ""
    lines = (
        f"## {_escaped(form.title)}",
        "",
        f"`{form.name}`. {order}".rstrip(),
        "",
        "```text",
        form.instruction(always_thinks=True),
        "```",
        "",
    )
    return "\n".join(lines)


def _escaped(title: str) -> str:
    return title.replace("<", "\\<").replace("[", "\\[")
