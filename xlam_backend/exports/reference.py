"""docs/exports.md: every export format with an example, what it cannot hold and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory
from xlam_backend.exports.base import ExportFormat, ExportSettings

HEAD = """# Exports

Rows of training data in the forms that trainers and other tools read. They come from a view of the store
(the filters of Explore), from a release, or from preference pairs; the Exports page and
`python -m xlam_backend exports run` write them in a run into the data folder, and
`python -m xlam_backend export FILE --format NAME` writes them at once into a file of your choice.

Each export has a data card beside it (licences, sources, counts, filters, lineage). A row that a format
cannot hold is not written: each is listed with the reason in a file `…not-written.jsonl`, and counted in the
card. What a format leaves out by its nature is counted there too. Files appear whole or not at all. Where an
importer reads a format back, what comes back is equal to what went out, up to what the format leaves out.

JSON Lines is the form for training: as Arrow columns, the arguments and parameters of all rows would be
merged into one structure. Parquet, where a format has it, holds nested values as JSON text.

A new format is one file in `xlam_backend/exports/` that ends in the constant `FORMAT`, and one line in its
`__init__.py`.
"""

_TOOL = Tool(
    "get_weather", "Tells the weather of a city.", {"city": {"type": "str", "description": "Which city."}}
)
_CALLING = Step(
    tool_calls=(ToolCall("get_weather", {"city": "Oslo"}),), observations=(Observation("4 degrees"),)
)
_TALK = Trajectory("What is the weather in Oslo?", (_TOOL,), (_CALLING, Step("It is 4 degrees.")))
_ONE_CALL = msgspec.structs.replace(_TALK, steps=(Step(tool_calls=_CALLING.tool_calls),))


def reference_page(formats: Iterable[ExportFormat]) -> str:
    """Return the text of docs/exports.md."""
    return "\n".join((HEAD, *(_section(form) for form in formats)))


def _section(form: ExportFormat) -> str:
    lines = [
        f"## {form.title}",
        "",
        f"`{form.name}` ({', '.join(form.endings)}). {form.words}",
        "",
        f"Read back by the importer `{form.importer}`." if form.importer else "No importer reads it back.",
        "",
        *_listed("It cannot hold", form.cannot_hold),
        *_listed("It leaves out", form.leaves_out),
        *_example(form),
    ]
    return "\n".join(lines)


def _listed(title: str, words: tuple[str, ...]) -> list[str]:
    return [f"{title}:", "", *(f"- {one}" for one in words), ""] if words else []


def _example(form: ExportFormat) -> list[str]:
    if form.needs_tokenizer:
        return []
    if form.subject == "pair":
        sides = (PairSide("It is 4 degrees."), PairSide("It is warm."))
        row: TrainingRow | PreferenceRow = PreferenceRow("1", _TALK, 1, *sides, "other", 2.0, "generated")
    else:
        row = TrainingRow("1", _TALK, None, "", "", "", "", ())
        if not form.render_all([row], ExportSettings())[0].records:
            row = msgspec.structs.replace(row, trajectory=_ONE_CALL)
    (made,) = form.render_all([row], ExportSettings())
    record = msgspec.json.format(msgspec.json.encode(made.records[0]), indent=2).decode()
    return ["```json", record, "```", ""]
