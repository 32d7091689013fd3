"""What an evaluation is to do: which model answers which questions, how it is asked, within which limits."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from xlam_backend.bfcl.categories import Version
from xlam_backend.domain.evaluation import Evaluation, EvaluationMode
from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import AskSettings
from xlam_backend.output_formats import output_format_by_name

AskedAs = Literal["calls", "sections", "xlam_fc_r", "xlam_r", "template"]
Engine = Literal["auto", "transformers", "vllm"]

ASKED_AS_WORDS: dict[AskedAs, str] = {
    "calls": "Tools as JSON in the system's message; the answer is a list of calls, [name(argument=value)].",
    "sections": "One message between section marks; the answer is in the output format that is chosen.",
    "xlam_fc_r": "As xLAM-1b-fc-r and xLAM-7b-fc-r were trained; the answer is a JSON object of calls.",
    "xlam_r": "As xLAM-7b-r, 8x7b-r and 8x22b-r were trained; the answer is a JSON object with a thought.",
    "template": "The model's own chat template, tools included: how a kept model was trained.",
}
ENGINES: tuple[Engine, ...] = get_args(Engine)
MODE_WORDS: dict[EvaluationMode, str] = {
    "prompt": "The tools stand in the prompt, and calls are read out of the text.",
    "native": "Tools and calls go through the endpoint's own interface for tools.",
}


class EvaluationPlan(AskSettings, frozen=True, kw_only=True):
    """Everything that decides an evaluation, beside the question set itself.

    Who answers: `kept_model` (its name among the kept models), or `model` at `endpoint`. `title` is the
    name it is shown under; "" = the model's. `categories` () = all of the set that can be scored here;
    `most_items` takes so many questions of each, the first ones; 0 = all. `asked_as` "auto" asks a kept
    model through its template and others for "calls". `output_format` counts for "sections". `engine`,
    `batch_size` (transformers) and `devices` (GPUs that vLLM divides the model among) are for kept models.
    `evaluation_no` is an evaluation whose missing answers are asked for once more; 0 makes a new one.
    """

    question_set: str
    kept_model: str = ""
    endpoint: str = ""
    model: str = ""
    title: str = ""
    version: Version = "v4"
    categories: tuple[str, ...] = ()
    most_items: int = 0
    mode: EvaluationMode = "prompt"
    asked_as: AskedAs | Literal["auto"] = "auto"
    output_format: str = "json_object"
    max_tokens: int = 1024
    temperature: float = 0.0
    seed: int = 0
    engine: Engine = "auto"
    batch_size: int = 8
    devices: int = 1
    evaluation_no: int = 0

    @property
    def shown_model(self) -> str:
        """The name under which the model is shown."""
        return self.title.strip() or self.kept_model or self.model

    @property
    def way(self) -> AskedAs:
        """How questions are put in prompt mode."""
        if self.asked_as != "auto":
            return self.asked_as
        return "template" if self.kept_model else "calls"


def read_plan(values: dict[str, Any]) -> EvaluationPlan:
    """Return the plan that these values make; SettingError when they make none."""
    try:
        return msgspec.convert(values, EvaluationPlan)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of an evaluation: {error}.", "Start from the Evaluate page."
        ) from error


def write_plan(plan: EvaluationPlan) -> dict[str, Any]:
    """Return a plan as plain values."""
    made: dict[str, Any] = msgspec.to_builtins(plan)
    return made


def told_settings(plan: EvaluationPlan) -> dict[str, Any]:
    """Return the settings that decide answers and verdicts: what is kept with an evaluation."""
    kept: dict[str, Any] = {"max_tokens": plan.max_tokens, "temperature": plan.temperature, "seed": plan.seed}
    if plan.model:
        kept["model"] = plan.model
    if plan.mode == "prompt":
        kept["asked_as"] = plan.way
        if plan.way == "sections":
            kept["output_format"] = plan.output_format
    if plan.categories:
        kept["categories"] = list(plan.categories)
    if plan.most_items:
        kept["most_items"] = plan.most_items
    return kept


def plan_of(evaluation: Evaluation) -> EvaluationPlan:
    """Return the plan that asks as an evaluation was asked; limits are as they are by default."""
    return read_plan(
        {
            **evaluation.settings,
            "question_set": evaluation.question_set,
            "kept_model": evaluation.kept_model,
            "endpoint": evaluation.endpoint,
            "title": evaluation.model,
            "version": evaluation.version,
            "mode": evaluation.mode,
        }
    )


def check_plan(plan: EvaluationPlan) -> None:
    """Refuse what cannot work, before anything is written.

    Raises:
        SettingError: nobody is to answer, two are, or settings do not fit each other.
    """
    _check_who(plan)
    if plan.way == "sections":
        output_format_by_name(plan.output_format)
    if plan.devices < 1 or plan.max_tokens < 1 or plan.most_items < 0 or not 1 <= plan.batch_size <= 1024:
        raise SettingError(
            "Tokens of an answer, batch and GPUs must be 1 or more, questions of a category 0 or more.",
            "Change these settings.",
        )
    if not 0 <= plan.temperature <= 2:
        raise SettingError("The temperature lies between 0 and 2.", "0 gives the same answers every time.")


def _check_who(plan: EvaluationPlan) -> None:
    if bool(plan.kept_model) == bool(plan.endpoint):
        raise SettingError(
            "Either a kept model answers, or a model at an endpoint.", "Choose one of the two, not both."
        )
    if plan.endpoint and not plan.model:
        raise SettingError(f"No model of the endpoint {plan.endpoint!r} is chosen.", "Choose one.")
    if plan.kept_model and plan.mode == "native":
        raise SettingError(
            "A kept model has no interface for tools: it is asked in prompt mode.",
            "Choose prompt mode, or serve the model yourself and evaluate it as an endpoint.",
        )
    if plan.endpoint and plan.mode == "prompt" and plan.way == "template":
        raise SettingError(
            "An endpoint writes its chat template itself, so tools cannot be put into it from here.",
            "Choose native mode, or another way of asking.",
        )
