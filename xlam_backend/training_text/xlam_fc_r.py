"""Style A: xLAM-1b-fc-r and xLAM-7b-fc-r. One request, one answer; the answer is calls and nothing else."""

from __future__ import annotations

from xlam_backend.augment.section_styles import style_by_name
from xlam_backend.domain.telling import Section, Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.training_text.base import (
    Segment,
    TextStyle,
    TrainingText,
    UntellableError,
    chosen_step,
    refuse_examples,
    refuse_unreadable,
)
from xlam_backend.training_text.call_text import call_objects, tools_list

# The models' own texts, to the letter: the blanks at the ends of two lines belong to them.
TASK_INSTRUCTION = (
    "You are an expert in composing functions. You are given a question and a set of possible functions. \n"
    "Based on the question, you will need to make one or more function/tool calls to achieve the purpose. \n"
    "If none of the function can be used, point it out and refuse to answer. \n"
    "If the given question lacks the parameters required by the function, also point it out."
)
FORMAT_INSTRUCTION = """\
The output MUST strictly adhere to the following JSON format, and NO other text MUST be included.
The example format is as follows. Please make sure the parameter type is correct. If no function call is \
needed, please make tool_calls an empty list '[]'
```
{
  "tool_calls": [
    {"name": "func_name1", "arguments": {"argument1": "value1", "argument2": "value2"}},
    ... (more tool calls as required)
  ]
}
```"""
END = "<|EOT|>"


def write(trajectory: Trajectory, step: int, _telling: Telling | None) -> TrainingText:
    """Write the one request and its calls."""
    taken = chosen_step(trajectory, step)
    if step:
        raise UntellableError("style A has no place for steps before this one", "Choose step 1, or style B.")
    refuse_examples(trajectory)
    refuse_unreadable(taken)
    texts: dict[Section, str] = {
        "task instruction": trajectory.task_instruction or TASK_INSTRUCTION,
        "tools": tools_list(trajectory),
        "format instruction": FORMAT_INSTRUCTION,
        "query": trajectory.query,
    }
    target = json_text({"tool_calls": call_objects(taken.tool_calls)}) + END
    left_out = []
    if taken.thought:
        left_out.append("the thought or reply (the style writes calls only)")
    if trajectory.format_instruction:
        left_out.append("its own format instruction (the style has one)")
    return TrainingText(
        (Segment(join_marked("xlam_fc_r", texts)), Segment(target, is_target=True)), tuple(left_out)
    )


def join_marked(style_name: str, texts: dict[Section, str]) -> str:
    """Put the sections between the marks of a style; refused when a mark stands in one of the texts."""
    style = style_by_name(style_name)
    if not style.fits(texts):
        raise UntellableError("a mark of the style stands in one of its texts")
    return style.join(texts)


STYLE = TextStyle(
    "xlam_fc_r",
    "A · xLAM-1b-fc-r, xLAM-7b-fc-r",
    "One request with its tools; the answer is a JSON object of calls, without a thought.",
    write,
    context=4_096,
)
