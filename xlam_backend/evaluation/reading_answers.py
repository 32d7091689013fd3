"""From what a model wrote to what the scorer takes: which decoder reads it, and what our own parsers say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from xlam_backend.bfcl.reading import NATIVE, PROMPTED, Reading
from xlam_backend.domain.evaluation import Output
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.evaluation.plan import AskedAs, EvaluationPlan
from xlam_backend.evaluation.template_answer import read_template_answer
from xlam_backend.llm.chat import CalledTool
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.answer import AnswerTextError
from xlam_backend.output_formats.json_writing import json_text

OWN_PARSER = Reading(decoder="native")
"""Calls that our own parser read; their names stand as the model wrote them, dots included."""

_OWN_FORMATS: dict[AskedAs, str] = {"xlam_fc_r": "json_object", "xlam_r": "json_object"}


class ReadAnswer(msgspec.Struct, frozen=True):
    """What the scorer is given; `fault` says why our own parser could not read calls in it."""

    output: Output
    reading: Reading
    fault: str = ""


def read_answer(output: Output, plan: EvaluationPlan) -> ReadAnswer:
    """Read an answer as a plan asks for it."""
    if plan.mode == "native":
        return ReadAnswer(output, NATIVE)
    if plan.way == "calls" or not isinstance(output, str):
        return ReadAnswer(output, PROMPTED)
    try:
        calls = _calls_in(output, plan)
    except AnswerTextError as error:
        return ReadAnswer(output, OWN_PARSER, error.reason)
    return ReadAnswer(written_calls(calls) if calls else "", OWN_PARSER)


def native_output(text: str, calls: Sequence[CalledTool]) -> Output:
    """Return what came through the interface for tools: the calls, or the words where there are none."""
    return [{call.name: call.arguments} for call in calls] or text


def written_calls(calls: Iterable[ToolCall]) -> Output:
    """Write calls as official result files have them: [{function: JSON text of its arguments}]."""
    return [{call.name: json_text(call.arguments)} for call in calls]


def _calls_in(text: str, plan: EvaluationPlan) -> tuple[ToolCall, ...]:
    if plan.way == "template":
        return read_template_answer(text)
    name = plan.output_format if plan.way == "sections" else _OWN_FORMATS[plan.way]
    return output_format_by_name(name).parse(text.strip()).calls
