"""The prompts, one file each with named blanks, and the versions people made of them."""

from __future__ import annotations

from xlam_backend.prompts.form import PromptForm

# What a judge's prompt must hold: what had been said, what is judged, and the form of the answer.
_JUDGE_BLANKS = ("context", "item", "answer_form")

# Every prompt, in the order people see them: one file `<name>.md` and one entry here.
PROMPT_FORMS: tuple[PromptForm, ...] = (
    PromptForm(
        "judge_argument",
        "Argument hallucination",
        "asks whether the value of one argument follows from what had been said before the call",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_step",
        "Step quality",
        "asks how good one step is: its thought, its choice of tool, its use of observations",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_trajectory",
        "Trajectory quality",
        "asks how good a whole trajectory is: plan, tools, use of observations, end",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_call_count",
        "Number of calls",
        "asks whether the calls serve all that the request lists, and nothing else",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_missing_information",
        "Missing information",
        "asks whether the agent knew enough to make a call",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_no_suitable_tool",
        "No suitable tool",
        "asks whether the called tool can do what was asked",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_swapped_arguments",
        "Swapped arguments",
        "asks whether values of the same type stand in the right places of a call",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_final_answer",
        "Final answer",
        "asks whether the final answer keeps to what the tools returned",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "judge_content",
        "Inappropriate content",
        "asks whether a conversation holds what a model should not be taught",
        _JUDGE_BLANKS,
    ),
    PromptForm(
        "respond_next_step",
        "Take the next step",
        "asks a less powerful model for the next step of a trajectory, for the rejected side of a pair",
        ("task_instruction", "tools", "query", "history", "answer_form"),
    ),
    PromptForm(
        "rephrase_instruction",
        "Rephrase a task instruction",
        "asks a model to say the instruction of a task in other words; what it says is checked afterwards",
        ("task_instruction", "keep", "answer_form"),
    ),
)
